# SPDX-License-Identifier: MIT
"""DOT is valid for any name, and what comes out in the picture is the name."""

import json
import os
import re
import subprocess
import xml.etree.ElementTree

from harness import FIXTURES, check, finish, fixtures, report_json, run, short, skip

DOT = os.environ.get("DOT", ":")
SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}title"


def dot(fmt, text):
    p = subprocess.run([DOT, f"-T{fmt}"], input=text, capture_output=True, timeout=100, check=False)
    return p.returncode, p.stdout, p.stderr


def shown(c):
    """A character as the writers show it: what a terminal may act on is escaped."""
    o = ord(c)
    if o < 0x20 or o == 0x7f:
        return f"\\x{o:02x}"
    if (0x80 <= o < 0xa0 or o in (0x61c, 0x200e, 0x200f) or 0x2028 <= o <= 0x202e or 0x2066 <= o <= 0x2069):
        return f"\\u{{{o:x}}}"
    return c


def squeeze(text):
    return re.sub(r"\s+", " ", text).strip()


def check_names(log):
    """Every name in full in a tooltip, and short ones on their node."""
    status, svg, err = dot("svg", run("-f", "dot", "--all", log).stdout)
    if not check(status == 0 and not err, f"{short(log)}: dot says {err[:200]!r}"):
        return
    root = xml.etree.ElementTree.fromstring(svg)
    check(not root.findall(f".//{SVG}script"), f"{short(log)}: a script in the picture")
    texts = {squeeze(t.text or "") for t in root.iter(f"{SVG}text")}
    tips = {squeeze(a.get(XLINK, "")) for a in root.iter(f"{SVG}a")}
    for r in report_json("--all", log)["reports"]:
        for name in {x for e in r["edges"] if e["relation"] for x in (e["from"], e["to"])}:
            if "\ufffd" in name:
                continue  # JSON has U+FFFD where DOT shows the bytes
            want = squeeze("".join(map(shown, name)))
            check(want in tips, f"{short(log)}: no tooltip {want[:80]!r}")
            if len(want.encode()) <= 60:
                check(want in texts, f"{short(log)}: no node {want!r}: {texts}")


def check_graph(log):
    """The graph is that of the report: as many edges, the suggested one red."""
    status, canon, err = dot("json0", run("-f", "dot", log).stdout)
    if not check(status == 0 and not err, f"{short(log)}: dot says {err[:200]!r}"):
        return
    graph = json.loads(canon)
    reports = report_json(log)["reports"]
    solid = [e for e in graph.get("edges", []) if e.get("style") != "dotted"]
    irq = [r for r in reports if any(e["relation"] is None for e in r["edges"])]
    drawn = [[(e["from"], e["to"]) for e in r["edges"] if e["relation"]] for r in reports]
    n = sum(map(len, drawn))
    # The interrupt of a report is a node with edges of its own: one for each use of a lock.
    check(n <= len(solid) <= n + 2 * len(irq), f"{short(log)}: {len(solid)} edges, want {n}")
    best = [tuple(r["suggestions"][0]["edge"][k] for k in ("from", "to")) if r["suggestions"] else None
            for r in reports]
    red = [e for e in solid if e.get("color") == "red3"]
    want = sum(b in d or r in irq for r, b, d in zip(reports, best, drawn))
    check(len(red) == want, f"{short(log)}: {len(red)} red edges, want {want}")


def check_longest():
    """Names as long as a line may be: dot takes no string of more than 16384 bytes."""
    log = (FIXTURES / "kernel" / "x86_64-6.1-circ4_mid.log").read_bytes()
    for name in (b"&" + b"x" * 20000, b"&" + b'\\"<' * 9000):
        text = run("-f", "dot", data=log.replace(b"&zd->map_sem", name)).stdout
        status, _, err = dot("canon", text)
        check(status == 0 and not err and text.count(b" -> ") > 3, f"{name[:8]}...: dot says {err[:200]!r}")


def main():
    if DOT == ":":
        skip("no dot (Graphviz)")
    logs = fixtures()
    for log in logs:
        text = run("-f", "dot", "--all", log).stdout
        check(text == run("-f", "dot", "--all", log).stdout, f"{short(log)}: not the same twice")
        status, _, err = dot("canon", text)
        check(status == 0 and not err, f"{short(log)}: dot says {err[:200]!r}")
        check_graph(log)
    for log in sorted(FIXTURES.glob("hostile-*.log")) + [FIXTURES / "i915-userptr.log"]:
        check_names(log)
    check_longest()
    finish(f"{len(logs)} logs")


if __name__ == "__main__":
    main()
