# SPDX-License-Identifier: MIT
"""Two logs line by line in one: what two processors print at the same time.

With caller ids both come out as they are alone. Without, nothing may go into the graph that
neither of them has, and what was damaged is said.
"""

import itertools
import json
import os
import random
import re

from harness import FIXTURES, check, finish, run

STAMPED = re.compile(rb"(\[ *\d+\.\d+\]) ?(.*)")
MIXED = re.compile(r"chatter|caller|crlf|notime|boots|cut|headless|6\.12")


def stamped(log):
    return [m.groups() for m in map(STAMPED.fullmatch, log.read_bytes().split(b"\n")) if m]


def reports(lines):
    p = run("--all", "-f", "json", data=b"\n".join(lines) + b"\n")
    check(p.returncode == 0, f"exit {p.returncode}: {p.stderr!r}")
    return json.loads(p.stdout)["reports"]


def essence(report):
    """All of a report that does not depend on where its lines stand."""
    same = ("kind", "title", "signature", "task", "acquiring", "holding", "chain", "edges", "held_locks",
            "complete", "sites", "backtrace")
    return json.dumps({k: report[k] for k in same}, sort_keys=True)


def together(a, b):
    return [x for pair in itertools.zip_longest(a, b) for x in pair if x is not None]


def first_rule(lines):
    return next((i for i, (_, text) in enumerate(lines) if text.startswith(b"=====")), 0)


def edges(found):
    return {(e["from"], e["to"]) for r in found for e in r["edges"]}


def main():
    logs = {p.stem: stamped(p) for p in sorted((FIXTURES / "kernel").glob("*.log")) if not MIXED.search(p.stem)}
    alone = {name: reports([t + b" " + x for t, x in lines]) for name, lines in logs.items()}
    pairs = list(itertools.combinations(logs, 2))
    if not os.environ.get("LONG"):
        random.Random(7).shuffle(pairs)
        pairs = pairs[:60]
    for a, b in pairs:
        lines = together([t + b"[  T111] " + x for t, x in logs[a]], [t + b"[  T222] " + x for t, x in logs[b]])
        got = sorted(map(essence, reports(lines)))
        check(got == sorted(map(essence, alone[a] + alone[b])), f"{a} and {b} with caller ids are not both")
        true = edges(alone[a]) | edges(alone[b])
        at_a, at_b = first_rule(logs[a]), first_rule(logs[b])
        for late in (0, 1, 7):
            one = [t + b" " + x for t, x in logs[a][at_a:]]
            two = [None] * late + [t + b" " + x for t, x in logs[b][at_b:]]
            found = reports(together(one, two))
            check(edges(found) <= true, f"{a} and {b}, {late} lines later: {edges(found) - true}")
    finish(f"{len(pairs)} pairs of {len(logs)} logs")


if __name__ == "__main__":
    main()
