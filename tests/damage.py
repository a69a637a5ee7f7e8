# SPDX-License-Identifier: MIT
"""A log that is cut, at every line and inside many, or that lost any one line.

Whatever is missing: the output is valid, nothing in it was not in the whole report, and a report
that is called complete is complete.
"""

import json

from harness import FIXTURES, check, finish, run

LOGS = ["x86_64-6.1-circ4_mid", "arm64-6.1-safe_unsafe_hardirq", "x86_64-6.1-recursive_self"]


def read(name, data):
    p = run("-f", "json", "--all", data=data)
    if not check(p.returncode == 0, f"{name}: exit status {p.returncode}, {p.stderr[:200]!r}"):
        return []
    return json.loads(p.stdout)["reports"]


def names(frames):
    return [f["function"] for f in frames]


def subset(name, whole, part):
    """Nothing may be made up from the pieces."""
    edges = {(e["index"], e["from"], e["to"]) for e in whole["edges"]}
    for e in part["edges"]:
        check((e["index"], e["from"], e["to"]) in edges, f"{name}: an edge that is not there: {e}")
    stacks = {e["index"]: names(e["frames"]) for e in whole["chain"]}
    locks = {e["index"]: e["lock"]["name"] for e in whole["chain"]}
    for e in part["chain"]:
        index = e["index"]
        if not check(locks.get(index) == e["lock"]["name"], f"{name}: entry #{index} has another lock"):
            continue
        rest = iter(stacks[index])
        check(all(f in rest for f in names(e["frames"])),
              f"{name}: the stack of #{index} has what it had not: {names(e['frames'])}")
    held = {h["name"] for h in whole["held_locks"]}
    check({h["name"] for h in part["held_locks"]} <= held, f"{name}: a held lock that is not there")


def main():
    runs = 0
    for log in LOGS:
        path = FIXTURES / "kernel" / f"{log}.log"
        data = path.read_bytes()
        whole = read(log, data)[0]
        lines = data.splitlines(keepends=True)
        first, last = whole["line"] - 1, whole["end_line"]
        for i in range(first, last):
            for what, kept in (("cut after", lines[:i + 1]), ("without", lines[:i] + lines[i + 1:]),
                               ("from", lines[i:])):
                name = f"{log} {what} line {i + 1}"
                runs += 1
                for part in read(name, b"".join(kept)):
                    if part["kind"] == whole["kind"]:
                        subset(name, whole, part)
                    if what == "cut after" and i + 1 < last - 3:
                        check(not part["complete"] or part["backtrace"], f"{name}: called complete")
    finish(f"{runs} damaged logs")


if __name__ == "__main__":
    main()
