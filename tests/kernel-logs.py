# SPDX-License-Identifier: MIT
"""Reports against the truth files that stand beside the logs: fixtures/, and ../shared when there.

Everything that a truth file says of a report is compared but `mistake_edge`, which no log can
show. A log in DIFFERS is known not to agree; the test fails when it starts to.
"""

import json

from harness import FIXTURES, SHARED, check, finish, report_json, short

# name of the log: why it differs
DIFFERS = {}

KINDS = {"lockdep-limit": "limit"}


def below_lock_acquire(frames):
    """Reliable functions below the last `lock_acquire` of a stack, or all of them."""
    names = [f["function"] for f in frames if f["reliable"]]
    for i in reversed(range(len(names))):
        if names[i] == "lock_acquire":
            return names[i + 1:]
    return names


def visible(want):
    """What of the truth about a circular report can be seen: a cut log has not all entries."""
    n = len(want["chain"])
    shown = want.get("visible_chain", list(range(n)))
    cut = want.get("incomplete_entry")
    names = set(shown)
    if "without its banner" not in want.get("note", ""):
        names |= {0, n - 1}  # the header names #0 and the last
    edges = [want["edges"][(i - 1) % n] for i in shown if (i - 1) % n in names]
    return ([want["chain"][i] for i in shown], edges,
            None if cut is None else want["edges"][(cut - 1) % n])


def differences(want, got):
    def field(name, expected, actual):
        if expected != actual:
            yield f"{name}: want {expected}, got {actual}"

    yield from field("kind", KINDS.get(want["kind"], want["kind"]), got["kind"])
    yield from field("line", want["line"], got["line"])
    yield from field("task", want["task"], got["task"])
    if "chain" in want:
        chain, edges, cut = visible(want)
        yield from field("chain", chain, [e["lock"]["name"] for e in got["chain"]])
        stacks = {e["index"]: e["frames"] for e in got["chain"]}
        have = {(e["from"], e["to"]): e["index"] for e in got["edges"]}
        sure = {(e["from"], e["to"]) for e in edges}
        true = {(e["from"], e["to"]) for e in want["edges"]}
        # A list of held locks may prove an edge whose neighbour is lost.
        if not sure <= set(have) <= true:
            yield f"edges: want {sorted(sure)}, got {sorted(have)}"
        for e in want["edges"]:
            if (e["from"], e["to"]) not in sure | set(have):
                continue
            index = have.get((e["from"], e["to"]))
            top = below_lock_acquire(stacks[index])[:6] if index is not None else []
            functions = e["top_functions"]
            if e is cut:  # what is there must be right, and only the rest may be missing
                functions = functions[:min(len(top), len(functions))]
            yield from field(f"stack of {e['from']} -> {e['to']}", functions, top)
    if "held_locks" in want:
        yield from field("held locks", want["held_locks"], [h["name"] for h in got["held_locks"]])
    if "held_locks_not_in_log" in want:
        yield from field("held locks", [], [h["name"] for h in got["held_locks"]])
    if "tasks" in want:  # those of the module; others may hold locks too
        lists = {t["comm"]: [got["held_locks"][i]["name"] for i in t["locks"]] for t in got["tasks"]}
        for task, locks in want["tasks"].items():
            yield from field(f"locks of {task}", locks, lists.get(task))
    for key in ("acquiring", "lock", "safe_lock", "unsafe_lock", "other_lock"):
        if key in want:
            yield from field(key, want[key], (got[key] or {}).get("name"))
    for key in ("irq", "direction", "usage", "not_holding", "context", "limit"):
        if key in want:
            yield from field(key, want[key], got[key])
    if "boot" in want:  # counted from 1, as people do
        yield from field("boot", want["boot"], got["boot"] + 1)


def compare(log):
    with open(log.with_suffix(".truth.json"), encoding="utf-8") as f:
        truth = json.load(f)
    wanted = truth["reports"]
    # `other` is a list of held locks outside all kinds: the truth has it among the neighbours.
    doc = report_json("--all", log)
    got = [r for r in doc["reports"] if r["kind"] != "other"]
    found = []
    notes = {(n["kind"], n["line"]) for src in doc["sources"] for n in src["notes"]}
    for n in truth.get("neighbours", []):
        if (n["kind"], n["line"]) not in notes:
            found.append(f"no note {n['kind']} of line {n['line']}")
    if len(got) != len(wanted):
        found.append(f"{len(wanted)} reports wanted, got {[(r['kind'], r['line']) for r in got]}")
    for i, (want, have) in enumerate(zip(wanted, got)):
        found += [f"report {i + 1}: {d}" for d in differences(want, have)]
    return found


def logs():
    for folder in (FIXTURES / "kernel", SHARED / "kernel-logs"):
        yield from sorted(folder.glob("*.log"))
    yield from sorted(p for p in FIXTURES.glob("*.log") if p.with_suffix(".truth.json").exists())


def main():
    n = 0
    for log in logs():
        found = compare(log)
        n += 1
        if log.stem in DIFFERS:
            check(found, f"{short(log)} agrees now: take it out of the known differences")
        else:
            check(not found, f"{short(log)}:\n    " + "\n    ".join(found))
    if not (SHARED / "kernel-logs").is_dir():
        print("note: ../shared/kernel-logs is not there, only the fixtures were compared")
    finish(f"{n} logs compared, {len(DIFFERS)} known to differ")


if __name__ == "__main__":
    main()
