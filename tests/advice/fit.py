#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fit the weights of src/analysis/features.c to reports whose fix is known, and measure the advice.

usage: tests/advice/fit.py [--unsplat PROGRAM] [--fixes DIR] [--more DIR] [--logs DIR] [--misses]

DIR of --fixes has pairs ID.log, ID.json: a report, and the edges that its fix broke. DIR of --more
has a report ID.log for each row of more.json beside this script, which says what its fix broke and
which mail has it. DIR of --logs has logs with truth files. Run by hand: the figures go into
tests/advice/README.md, the weights into the table. Needs nothing but Python.

The model is a conditional logit: the probability that the fix breaks edge i of a cycle is
exp(w.x_i) / sum over k of exp(w.x_k). Where a fix broke several edges, any of them is right. An L2
penalty keeps weights small, since pairs are few. "Cross-validated" leaves out one subsystem
after the other and judges its pairs with weights that were fitted on the others.
"""
import argparse
import glob
import json
import math
import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
PENALTY = 1.0
# Too rare in what is known to be fitted: set by hand, and left as they are.
BY_HAND = {"socket-lock-held", "not-sufficient", "false-positive"}
ORDERS = {"follows-known-order", "against-known-order"}
REACH = ORDERS | {"into-wider-lock", "into-narrower-lock"}


def squeeze(name):
    return re.sub(r"\s+", "", name or "")


def loose(name):
    return re.sub(r"(#\d+)?(/\d+)?$", "", squeeze(name))


def bare(function):
    """Without what the compiler adds, and a system call by the name that its definition has."""
    name = (function or "").split(".")[0]
    return re.sub(r"^(__(do|se|x64|ia32|arm64|s390x?|riscv)_(compat_)?sys_|SYSC_|SyS_)(?=\w)", "", name)


def labels(edges, wanted):
    """Which edges the fix broke; class numbers are ignored when nothing fits with them."""
    for form in (squeeze, loose):
        found = [any((form(e["from"]), form(e["to"])) == (form(w["from"]), form(w["to"]))
                     for w in wanted) for e in edges]
        if any(found):
            return found
    return [False] * len(edges)


def told(program, log):
    out = subprocess.run([program, "-f", "json", log], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, check=False).stdout
    reports = json.loads(out)["reports"]
    return reports[0] if reports else None


class Pair:
    """One report: a row of feature values for each edge, and which edges the fix broke."""

    def __init__(self, truth, report, more=False):
        suggestions = report["suggestions"] if report else []
        edges = [s["edge"] for s in suggestions]
        self.id, self.kind, self.subsystem = truth["id"], truth["kind"], truth["subsystem"]
        self.annotation = bool(truth.get("annotation"))
        self.more = more
        self.n = len(truth["cycle"])
        self.rows = [{f["name"]: f["value"] for f in s["features"]} for s in suggestions]
        self.broken = labels(edges, truth["fix"].get("edges") or [])
        self.scores = [s["score"] for s in suggestions]
        self.index = [e["index"] for e in edges]
        self.remedy = suggestions[0]["remedy"] if suggestions else None
        self.function = self.near_function(truth, report, suggestions)
        self.subject = truth["fix"].get("subject", "")
        self.general = [s["pattern"] == "lock-order" for s in suggestions]
        self.names = [f"{e['from']} -> {e['to']}" for e in edges]

    @staticmethod
    def near_function(truth, report, suggestions):
        """Whether the function of the first suggestion is changed by the fix, or next to one that is."""
        changed = {bare(f) for f in truth["fix"].get("functions") or []}
        if not suggestions or not changed:
            return None
        name = bare(suggestions[0]["function"])
        if name in changed:
            return True
        stacks = [[bare(f["function"]) for f in c["frames"]] for c in report["chain"]]
        stacks.append([bare(f["function"]) for f in report["backtrace"]])
        for stack in stacks:
            for a, b in zip(stack, stack[1:]):
                if (a == name and b in changed) or (b == name and a in changed):
                    return True
        return False


def solve(a, b):
    """Gauss, with pivots."""
    n = len(b)
    m = [row[:] + [b[i]] for i, row in enumerate(a)]
    for i in range(n):
        p = max(range(i, n), key=lambda r: abs(m[r][i]))
        m[i], m[p] = m[p], m[i]
        for r in range(n):
            if r != i and m[r][i]:
                k = m[r][i] / m[i][i]
                m[r] = [x - k * y for x, y in zip(m[r], m[i])]
    return [m[i][n] / m[i][i] for i in range(n)]


def weigh(row, weights):
    return sum(v * weights.get(k, 0.0) for k, v in row.items())


def softmax(scores):
    top = max(scores)
    e = [math.exp(s - top) for s in scores]
    return [x / sum(e) for x in e]


def fit(pairs, names, fixed, start=None):
    """Newton's method on the penalized log-likelihood, from the weights @start."""
    w = dict(fixed, **{k: (start or {}).get(k, 0.0) for k in names})
    for _ in range(60):
        g = [-PENALTY * w[k] for k in names]
        h = [[PENALTY * (i == j) for j in range(len(names))] for i in range(len(names))]
        for p in pairs:
            if not any(p.broken):
                continue
            probability = softmax([weigh(r, w) for r in p.rows])
            x = [[r.get(k, 0.0) for k in names] for r in p.rows]
            right = [q if b else 0.0 for q, b in zip(probability, p.broken)]
            right = [q / sum(right) for q in right]
            mean = [sum(q * v[i] for q, v in zip(probability, x)) for i in range(len(names))]
            for i in range(len(names)):
                g[i] += sum(q * v[i] for q, v in zip(right, x)) - mean[i]
                for j in range(len(names)):
                    h[i][j] += sum(q * v[i] * v[j] for q, v in zip(probability, x)) - mean[i] * mean[j]
        step = solve(h, g)
        for k, s in zip(names, step):
            w[k] += s
        if max(abs(s) for s in step) < 1e-4:
            break
    return w


def order(p, w):
    """Edges, best first; equal ones as the program sorts them."""
    s = [round(weigh(r, w), 6) for r in p.rows]
    return sorted(range(len(s)), key=lambda i: (-s[i], p.general[i], p.index[i]))


def judge(judged):
    """Shares: top-1, top-2, top-2 of length 3 and more, means over subsystems."""
    by = {}
    for p, ranked in judged:
        one = bool(ranked) and p.broken[ranked[0]]
        two = any(p.broken[i] for i in ranked[:2])
        by.setdefault(p.subsystem, []).append((one, two))
    flat = [x for v in by.values() for x in v]
    long = [any(p.broken[i] for i in ranked[:2]) for p, ranked in judged if p.n > 2]
    mean = [sum(sum(x[k] for x in v) / len(v) for v in by.values()) / len(by) for k in (0, 1)]
    return (sum(x[0] for x in flat) / len(flat), sum(x[1] for x in flat) / len(flat),
            sum(long) / len(long), mean[0], mean[1])


def cross_validate(pairs, names, fixed):
    judged, weights = [], {}
    start = fit(pairs, names, fixed)
    for s in sorted({p.subsystem for p in pairs}):
        weights[s] = fit([p for p in pairs if p.subsystem != s], names, fixed, start)
    for p in pairs:
        judged.append((p, order(p, weights[p.subsystem])))
    return judged, weights


def line(name, judged):
    """All five figures of the pairs of --fixes, the first three of the others."""
    figures = judge([x for x in judged if not x[0].more])
    more = [x for x in judged if x[0].more]
    if more:
        figures += judge(more)[:3]
    print(f"| {name} | " + " | ".join(f"{x:.3f}" for x in figures) + " |")


def calibration(pairs, weights):
    """Of all edges that were given a probability in a range, how many the fix broke."""
    bins = {}
    for p in pairs:
        for q, broken in zip(softmax([weigh(r, weights[p.subsystem]) for r in p.rows]), p.broken):
            bins.setdefault(min(int(q * 0.94 * 5), 4), []).append((q * 0.94, broken))
    print("\n| said | edges | mean of what was said | broken by the fix |\n|---|---|---|---|")
    for b in sorted(bins):
        v = bins[b]
        print(f"| {b * 20} to {b * 20 + 20} % | {len(v)} | {100 * sum(q for q, _ in v) / len(v):.0f} % "
              f"| {100 * sum(x for _, x in v) / len(v):.0f} % |")


def mistakes(program, folder):
    """Cycles of three and more whose wrong edge is known from the code: one share per scenario."""
    seen = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.truth.json"))):
        truth = json.load(open(path))
        log = path.replace(".truth.json", ".log")
        out = subprocess.run([program, "--all", "-f", "json", log], stdout=subprocess.PIPE,
                             stderr=subprocess.DEVNULL, check=False).stdout
        by_line = {r["line"]: r for r in json.loads(out)["reports"]}
        for t in truth["reports"]:
            r = by_line.get(t["line"])
            if t["kind"] != "circular" or not t.get("mistake_edge") or len(t["chain"]) < 3 or not r:
                continue
            got = labels([s["edge"] for s in r["suggestions"]], [t["mistake_edge"]])
            place = got.index(True) if any(got) else len(got)
            seen.setdefault(truth["scenario"].split("+")[0].split("-")[-1], []).append(place)
    print("\n| scenario | logs | first | in the first two |\n|---|---|---|---|")
    for s, v in sorted(seen.items()):
        print(f"| {s} | {len(v)} | {sum(x == 0 for x in v)} | {sum(x < 2 for x in v)} |")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--unsplat", default=os.path.join(TOP, "build", "unsplat"))
    ap.add_argument("--fixes", default=os.path.join(TOP, "..", "shared", "fixes"))
    ap.add_argument("--more", help="a folder with the reports of more.json")
    ap.add_argument("--logs", default=os.path.join(TOP, "..", "shared", "kernel-logs"))
    ap.add_argument("--misses", action="store_true", help="list the pairs that miss")
    a = ap.parse_args()
    pairs = []
    for path in sorted(glob.glob(os.path.join(a.fixes, "*.json"))):
        pairs.append(Pair(json.load(open(path)), told(a.unsplat, path[:-5] + ".log")))
    if not pairs:
        raise SystemExit(f"skipped: no pairs in {a.fixes}")
    for truth in json.load(open(os.path.join(HERE, "more.json"))) if a.more else ():
        path = os.path.join(a.more, truth["id"] + ".log")
        if os.path.exists(path):
            pairs.append(Pair(truth, told(a.unsplat, path), True))
    circular = [p for p in pairs if p.kind == "circular" and not p.annotation]
    table = {}
    rows = open(os.path.join(TOP, "src", "analysis", "features.c")).read()
    for name, weight in re.findall(r'\{ "([a-z-]+)", (-?[0-9.]+), \w+ \}', rows.split("irq_features[]")[0]):
        table[name] = float(weight)
    fixed = {k: v for k, v in table.items() if k in BY_HAND}
    names = [k for k in table if k not in BY_HAND]

    w = fit(circular, names, fixed)
    print("| feature | edges | of them broken | by chance | fitted | in the table |\n|---|---|---|---|---|---|")
    for k in table:
        on = [(b, sum(p.broken) / max(len(p.rows), 1)) for p in circular
              for r, b in zip(p.rows, p.broken) if r.get(k)]
        n = max(len(on), 1)
        print(f"| {k} | {len(on)} | {100 * sum(b for b, _ in on) / n:.0f} % "
              f"| {100 * sum(c for _, c in on) / n:.0f} % | "
              f"{'by hand' if k in BY_HAND else format(w[k], '.2f')} | {table[k]:.2f} |")

    more = any(p.more for p in circular)
    print("\n| circular pairs | top-1 | top-2 | top-2 of 3+ | mean top-1 | mean top-2 |"
          + (" more: top-1 | top-2 | top-2 of 3+ |" if more else "") + "\n" + "|---" * (9 if more else 6) + "|")
    line("always #0, then #1", [(p, sorted(range(len(p.rows)), key=lambda i: p.index[i])) for p in circular])
    line("the table", [(p, order(p, table)) for p in circular])
    judged, weights = cross_validate(circular, names, fixed)
    line("cross-validated", judged)
    for k in table:
        rest = {x: v for x, v in fixed.items() if x != k}
        line(f"without {k}", cross_validate(circular, [x for x in names if x != k], rest)[0])
    line("without the known orders", cross_validate(circular, [x for x in names if x not in ORDERS], fixed)[0])
    line("without orders and reach", cross_validate(circular, [x for x in names if x not in REACH], fixed)[0])
    calibration(circular, weights)

    print("\n| other pairs | pairs | first |\n|---|---|---|")
    irq = [p for p in pairs if p.kind != "circular"]
    for kind in sorted({p.kind for p in irq}):
        v = [p for p in irq if p.kind == kind]
        print(f"| {kind} | {len(v)} | {sum(bool(p.broken) and p.broken[0] for p in v)} |")
    notes = [p for p in pairs if p.annotation]
    print(f"| annotation only: annotate is said | {len(notes)} | {sum(p.remedy == 'annotate' for p in notes)} |")
    print(f"| a change of code: annotate is said | {len(pairs) - len(notes)} "
          f"| {sum(p.remedy == 'annotate' for p in pairs if not p.annotation)} |")
    for group, of in (False, ""), (True, " (more)"):
        known = [p.function for p in pairs if p.function is not None and p.more == group]
        if known:
            print(f"| `function` is changed, or next to what is{of} | {len(known)} | {sum(known)} |")
    if os.path.isdir(a.logs):
        mistakes(a.unsplat, a.logs)
    if a.misses:
        print()
        for p, ranked in judged:
            if not (ranked and p.broken[ranked[0]]):
                place = next((i for i, k in enumerate(ranked) if p.broken[k]), None)
                right = "; ".join(n for n, b in zip(p.names, p.broken) if b) or "not among the edges"
                print(f"{p.id} ({p.subsystem}, {p.n} locks): place {place + 1 if place is not None else '-'}; "
                      f"first: {p.names[ranked[0]] if ranked else '-'}; fix: {right}: {p.subject}")


if __name__ == "__main__":
    main()
