#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write src/analysis/lock_seen.inc: the orders in which running kernels were seen to take locks.

usage: tests/advice/seen.py [--unsplat PROGRAM] RELEASE=DUMP... > src/analysis/lock_seen.inc

Each DUMP is /proc/lockdep of a kernel that reported nothing. Its direct dependencies are facts: that
kernel does take one lock with the other held, and had no cycle by it. Run by hand.
"""
import argparse
import json
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
# Names that many unrelated classes share, and locks of the module that makes test logs.
SHARED = re.compile(r"lock|key|wait|.*____s->seqcount|\(work_completion\)\(work\)|.*(zoo_|zd->|dyn(\[a\]\.|->)|obj->lock|session->lock|step[.-]|many\[).*")
HEAD = """/* SPDX-License-Identifier: MIT */
/*
 * Lock orders that running kernels were seen to use, outer lock first: direct dependencies of
 * /proc/lockdep after a boot without a report. Written by tests/advice/seen.py.
 */
"""


def plain(name):
    """Without class number and subclass, as lock_order.c looks names up."""
    return re.sub(r"(#\d+)?(/\d+)?( \(\d+\))?$", "", name)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--unsplat", default=os.path.join(TOP, "build", "unsplat"))
    ap.add_argument("dumps", nargs="+", metavar="RELEASE=DUMP")
    a = ap.parse_args()
    seen = {}
    for dump in a.dumps:
        release, path = dump.split("=", 1)
        out = subprocess.run([a.unsplat, "graph", "-f", "json", path], stdout=subprocess.PIPE, check=False).stdout
        for e in json.loads(out)["edges"]:
            pair = plain(e["from"]), plain(e["to"])
            if pair[0] != pair[1] and not any(SHARED.fullmatch(x) for x in pair):
                seen.setdefault(pair, set()).add(release)
    print(HEAD, end="")
    for (outer, inner), releases in sorted(seen.items()):
        if (inner, outer) not in seen:
            print(f'ORDER({json.dumps(outer)}, {json.dumps(inner)}, SEEN, "{", ".join(sorted(releases))}")')


if __name__ == "__main__":
    main()
