# SPDX-License-Identifier: MIT
"""unsplat graph: the document against its logs, the cut against a search that shares no code
with it, the same bytes whatever the order, and the kernel's own tables against their lines."""

import collections
import itertools
import json
import random
import re
import subprocess
import os

from harness import FIXTURES, SHARED, check, finish, fixtures, run


def graph(*args, **kw):
    p = run("graph", "-q", "-f", "json", *args, **kw)
    check(p.returncode == 0, f"graph {args[:3]}: exit {p.returncode}: {p.stderr[:300]!r}")
    return json.loads(p.stdout)


def has_cycle(edges):
    """Whether a list of pairs has a cycle: take away what has no way in, until nothing moves."""
    edges = set(edges)
    while edges:
        targets = {b for _, b in edges}
        left = {(a, b) for a, b in edges if a in targets}
        if left == edges:
            return True
        edges = left
    return False


def cheapest_cut(edges, cost, limit):
    """The cost of the cheapest cut: a search for hitting sets of cycles, by increasing cost."""
    def some_cycle(left):
        out = collections.defaultdict(list)
        for a, b in left:
            out[a].append(b)
        best = None
        for start in sorted(out):
            via, queue = {start: None}, collections.deque([start])
            while queue:
                v = queue.popleft()
                if best and len(best) <= 2:
                    break
                for w in out[v]:
                    if w == start:
                        path = [v]
                        while via[path[-1]] is not None:
                            path.append(via[path[-1]])
                        path.reverse()
                        if not best or len(path) < len(best):
                            best = path
                        queue.clear()
                        break
                    if w not in via:
                        via[w] = v
                        queue.append(w)
        return best and [(best[i], best[(i + 1) % len(best)]) for i in range(len(best))]

    best = limit + 1
    stack = [(frozenset(), frozenset(), 0)]
    steps = 0
    while stack:
        cut, kept, spent = stack.pop()
        steps += 1
        if steps > 200000:
            return None
        if spent >= best:
            continue
        cycle = some_cycle([e for e in edges if e not in cut])
        if not cycle:
            best = spent
            continue
        # branch on the first edge of the cycle that is cut; those before it are kept
        before = set()
        for e in sorted(cycle, key=lambda e: cost[e]):
            if e not in kept:
                stack.append((cut | {e}, kept | frozenset(before), spent + cost[e]))
                before.add(e)
    return best


def test_document(doc, what):
    """The cut breaks all cycles; it is the cheapest where it claims to be."""
    name = {l["name"]: l for l in doc["locks"]}
    check(len(name) == len(doc["locks"]), f"{what}: names of locks are unique")
    edges = {(e["from"], e["to"]): e for e in doc["edges"]}
    check(len(edges) == len(doc["edges"]), f"{what}: edges are unique")
    proven = [k for k, e in edges.items() if e["table"] != "lockdep_chains"]
    cut = {(c["from"], c["to"]) for c in doc["cut"]}
    check(not has_cycle([k for k in proven if k not in cut]), f"{what}: the cut leaves a cycle")
    check(cut == {k for k, e in edges.items() if e["cut"]}, f"{what}: cut of edges and list")
    for c in doc["cut"]:
        check(0 <= c["breaks"] <= c["of"], f"{what}: breaks {c['breaks']} of {c['of']}")
    for e in doc["edges"]:
        cycle = e["shortest_cycle"]
        if cycle:
            pairs = list(zip(cycle, cycle[1:] + cycle[:1]))
            check((e["from"], e["to"]) in pairs and all(p in edges for p in pairs),
                  f"{what}: shortest cycle of {e['from']} -> {e['to']}")
    for c in doc["cycles"] + doc["predictions"]:
        pairs = list(zip(c["locks"], c["locks"][1:] + c["locks"][:1]))
        check(all(p in edges for p in pairs), f"{what}: a cycle without an edge: {c['locks']}")
        common = set.intersection(*(set(edges[p]["reports"]) for p in pairs))
        check(common == set(c.get("reports", [])), f"{what}: who shows {c['locks']}")
    exact = 0
    for i, comp in enumerate(doc["components"]):
        inside = [k for k in proven
                  if name[k[0]]["component"] == i and name[k[1]]["component"] == i]
        cost = {k: edges[k]["cost"] for k in inside}
        check(len(inside) == comp["edges"], f"{what}: edges of component {i}")
        check(sum(cost[k] for k in cut if k in cost) == comp["cost"], f"{what}: cost of {i}")
        check(comp["bound"] <= comp["cost"], f"{what}: bound of {i}")
        if comp["exact"]:
            least = cheapest_cut(inside, cost, comp["cost"])
            check(least in (comp["cost"], None), f"{what}: {i} costs {comp['cost']}, not {least}")
            exact += least is not None
    return exact


def saved(*cycles):
    """A stream of reports as `report -f jsonl` writes them, each a cycle of locks."""
    lines = []
    for n, cycle in enumerate(cycles):
        chain = [{"index": i, "lock": {"name": lock},
                  "frames": [{"function": f, "offset": 1, "size": 2, "module": None,
                              "reliable": True, "address": None, "file": None, "line": None,
                              "inlined": False} for f in ("mutex_lock", f"take_{lock}")]}
                 for i, lock in enumerate(cycle)]
        lines.append({"kind": "circular", "title": f"t{n}", "signature": f"{n + 1:016x}",
                      "source": "made", "line": n + 1, "end_line": n + 1, "count": 1,
                      "kernel": None, "acquiring": {"name": cycle[0]},
                      "holding": {"name": cycle[-1]}, "chain": chain, "edges": [{"index": 0}],
                      "held_locks": [], "backtrace": [], "paths": []})
    return "".join(json.dumps(l) + "\n" for l in lines).encode()


def test_made():
    """Random graphs whose cut is known from the search above."""
    rnd = random.Random(6)
    exact = 0
    for n in range(60):
        locks = [f"lock_{i}" for i in range(rnd.randint(2, 12))]
        cycles = [rnd.sample(locks, rnd.randint(1, min(5, len(locks))))
                  for _ in range(rnd.randint(1, 10))]
        exact += test_document(graph(data=saved(*cycles)), f"made {n}")
    # a large one, of which only the bound is known
    locks = [f"lock_{i}" for i in range(150)]
    doc = graph(data=saved(*[rnd.sample(locks, rnd.randint(2, 4)) for _ in range(800)]))
    test_document(doc, "large")
    check(any(not c["exact"] for c in doc["components"]), "a large component is not exact")
    return exact


def test_order(logs):
    """Logs in any order, and what was saved of them, make the same document."""
    want = run("graph", "-q", "-f", "json", *logs).stdout
    rnd = random.Random(7)
    for _ in range(3):
        shuffled = rnd.sample(logs, len(logs))
        for f in ("json", "text", "dot"):
            a, b = (run("graph", "-q", "-f", f, *x).stdout for x in (logs, shuffled))
            check(a == b, f"graph -f {f}: the order of inputs shows")
    lines = run("-q", "-f", "jsonl", *logs).stdout
    check(run("graph", "-q", "-f", "json", data=lines).stdout == want,
          "graph of jsonl is not the graph of the logs")
    check(run("graph", "-q", "-f", "json", data=lines + lines).stdout == want,
          "a source that comes twice counts twice")
    check(run("graph", "-q", "-f", "json", *logs, *logs).stdout == want,
          "a log that is named twice counts twice")


def test_tables():
    """/proc/lockdep and its neighbours against their own lines."""
    folder = SHARED / "kernel-logs" / "proc"
    if not folder.is_dir():
        print(f"note: {folder} is not there, the kernel's tables were not read")
        return
    known = [("&zd->reg_sem", "&zd->cfg_lock"), ("&zd->cfg_lock", "&zd->io_lock"),
             ("&zd->reg_sem", "&zd->io_lock"), ("&zd->table_lock", "&zd->list_lock"),
             ("&zd->list_lock", "&zd->tx_lock")]
    zoo = [f"zoo_{x}_mutex" for x in "bus slot port link path pool page sg ring irqtab".split()]
    known += list(zip(zoo, zoo[1:]))
    for boot in sorted(folder.iterdir()):
        table = boot / "lockdep"
        lines = table.read_text().splitlines()
        doc = graph(table)
        check(len(doc["locks"]) == sum(1 for l in lines if re.match(r"\S+ .*[+.?-]{4}: ", l)),
              f"{boot.name}: classes")
        check(len(doc["edges"]) == sum(1 for l in lines if l.startswith(" -> [")),
              f"{boot.name}: edges")
        edges = {(e["from"], e["to"]) for e in doc["edges"]}
        for e in known:
            check(e in edges, f"{boot.name}: no edge {e}")
        check(not doc["cycles"] and not doc["cut"], f"{boot.name}: a healthy boot has a cycle")
        chains = graph(boot / "lockdep_chains")
        pairs, prev = set(), None
        for l in (boot / "lockdep_chains").read_text().splitlines():
            m = re.match(r"\[\S+\] (.*)", l)
            if m and prev and prev != m[1]:
                pairs.add((prev, m[1]))
            prev = m and m[1]
        check(len(chains["edges"]) == len(pairs), f"{boot.name}: pairs of chains")
        both = graph(table, boot / "lockdep_chains", boot / "lock_stat")
        check(not both["cut"], f"{boot.name}: what a trylock may do counts as proof")
        check(sum(1 for l in both["locks"] if l["contention"]) > 200, f"{boot.name}: lock_stat")
        p = run("graph", "-f", "text", f"--from={zoo[0]}", f"--to={zoo[-1]}", table)
        check(p.stdout.count(b"(/proc/lockdep)") >= 1, f"{boot.name}: an order that is there")
        around = graph("--around=&zd->reg_sem=1", table)
        check(3 <= len(around["locks"]) < 40, f"{boot.name}: --around: {len(around['locks'])}")
    log = SHARED / "kernel-logs" / "x86_64-6.1-circ4_mid.log"
    doc = graph(folder / "x86_64-6.1" / "lockdep", log)
    edges = {(e["from"], e["to"]): e for e in doc["edges"]}
    check(len(doc["cycles"]) == 1 and len(doc["locks"]) > 500, "a splat inside the live graph")
    check(any(e["table"] and e["reports"] for e in edges.values()), "an edge of both")


def test_options(logs):
    doc = graph(logs[0])
    check(doc["locks"], "locks of the first log")
    lock = doc["locks"][0]["name"]
    p = run("graph", "--lock=(", logs[0])
    check(p.returncode == 2 and b"regular expression" in p.stderr, "--lock wants an expression")
    p = run("graph", "--around=no such lock", logs[0])
    check(p.returncode == 2 and b"no lock" in p.stderr, "--around wants a lock")
    p = run("graph", f"--from={lock}", logs[0])
    check(p.returncode == 2 and b"--to" in p.stderr, "--from goes with --to")
    p = run("--around=x", logs[0])
    check(p.returncode == 2 and b"report" in p.stderr, "--around is not for report")
    p = run("graph", "-f", "diagram", logs[0])
    check(p.returncode == 2 and b"format" in p.stderr, "a format of report only")
    part = graph("--lock=" + re.escape(lock), logs[0])
    check(all(lock in (e["from"], e["to"]) or e["shortest_cycle"] for e in part["edges"]),
          "--lock shows edges through it")


def test_dot(logs):
    dot = os.environ.get("DOT", ":")
    if dot == ":":
        print("note: no dot, pictures were not drawn")
        return
    some = {"five": [FIXTURES / "i915-userptr.log"], "all": logs}
    for what, inputs in some.items():
        for more in ([], ["-v"]):
            text = run("graph", "-q", *more, *inputs).stdout
            p = subprocess.run([dot, "-Tsvg"], input=text, capture_output=True, timeout=120)
            check(p.returncode == 0 and not p.stderr, f"dot: {what}: {p.stderr[:200]!r}")
    hostile = saved(['a"b\\', "c\\N<x>\\\\", "\u202e]\\\"; }", "&\x1b[31m"])
    text = run("graph", "-q", data=hostile).stdout
    p = subprocess.run([dot, "-Tsvg"], input=text, capture_output=True, timeout=60)
    check(p.returncode == 0 and not p.stderr, f"dot: hostile names: {p.stderr[:200]!r}")
    check(b"\x1b" not in text, "an escape reaches the picture")


def test_predictions():
    two = saved(["a_lock", "b_lock"], ["b_lock", "c_lock"], ["c_lock", "a_lock"])
    doc = graph(data=two)
    check([sorted(p["locks"]) for p in doc["predictions"]] == [["a_lock", "b_lock", "c_lock"]] * 2,
          f"predictions: {doc['predictions']}")
    check(all("no report shows all of it" in p["why"] for p in doc["predictions"]), "why")
    doc = graph(data=saved(["a_lock", "&priv->lock"], ["b_lock", "a_lock"],
                           ["&priv->lock", "b_lock"]))
    check(not doc["predictions"] and doc["hidden_predictions"] == 2, "a name that says nothing")
    far = two.replace(b'"kernel": null', b'"kernel": {"release": "3.10.0"}', 1)
    far = far.replace(b'"kernel": null', b'"kernel": {"release": "6.9.0"}')
    check(not graph(data=far)["predictions"], "kernels that never met")


def test_broken():
    good = saved(["a", "b"])
    for what, data in (("cut", good[:-20]), ("no json", good + b"{]\n" + good), ("list", b'{"kind":[1]}\n'),
                       ("deep", b'{"kind":' + b"[" * 100000 + b"\n" + good)):
        p = run("graph", "-f", "json", data=data)
        check(p.returncode == 2 and p.stderr.startswith(b"unsplat: "), f"{what}: {p}")
        json.loads(p.stdout)


logs = fixtures()
exact = test_made()
test_order(logs)
test_predictions()
test_options([FIXTURES / "i915-userptr.log"])
test_broken()
test_dot(logs)
exact += test_document(graph(*logs), "fixtures")
for folder in ("corpus", "fixes", "kernel-logs"):
    more = sorted((SHARED / folder).glob("*.log"))
    if more:
        exact += test_document(graph("--kind=circular", *more), folder)
test_tables()
finish(f"{exact} components whose cut was searched for in another way")
