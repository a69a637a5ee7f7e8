# SPDX-License-Identifier: MIT
"""Every JSON output against the installed JSON Schema, by a real validator; then what no schema can say."""

import json
import re

from harness import SHARED, SOURCE, check, finish, fixtures, run, scratch, shared_logs, short, skip

try:
    import jsonschema
except ImportError:
    skip("this Python has no jsonschema")
if not hasattr(jsonschema, "Draft202012Validator"):
    skip("this jsonschema does not know draft 2020-12 (version 4.0 does)")

CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def validator(schema, ref=None):
    if ref:
        schema = {"$schema": schema["$schema"], "$ref": ref, "$defs": schema["$defs"]}
    return jsonschema.Draft202012Validator(schema)


def complain(name, valid, document):
    for e in list(valid.iter_errors(document))[:5]:
        while e.context:
            e = min(e.context, key=lambda c: -len(c.absolute_path))
        check(False, f"{name}: {e.json_path}: {e.message[:300]}")


def check_report(name, r):
    """What holds inside one report."""
    edges = [(e["index"], e["from"], e["to"]) for e in r["edges"]]
    check(r["line"] <= r["end_line"], f"{name}: ends before it begins")
    check([e["index"] for e in r["chain"]] == sorted({e["index"] for e in r["chain"]}),
          f"{name}: the chain does not run upwards")
    check([s["rank"] for s in r["suggestions"]] == list(range(1, len(r["suggestions"]) + 1)),
          f"{name}: ranks are not 1, 2, 3 ...")
    scores = [s["score"] for s in r["suggestions"]]
    check(scores == sorted(scores, reverse=True), f"{name}: scores do not fall: {scores}")
    check(sum(scores) <= 1.0 + 1e-9, f"{name}: scores sum to {sum(scores)}")
    for s in r["suggestions"]:
        edge = tuple(s["edge"][k] for k in ("index", "from", "to"))
        if s["pattern"] == "irq-path-lost":  # from end to end: its edges are not in the log
            edges.append(edge)
        check(edge in edges, f"{name}: suggestion {s['rank']} is of no edge: {edge}")
    if r["kind"] == "circular" and r["complete"]:
        suggested = {s["edge"]["index"] for s in r["suggestions"]}
        check({e[0] for e in edges} <= suggested, f"{name}: an edge has no suggestion")
        names = [e["lock"]["name"] for e in r["chain"]]
        want = {(i, names[i - 1], names[i]) for i in range(len(names))}
        check(want <= set(edges), f"{name}: the edges are not those of the chain")
        check(r["signature"], f"{name}: complete, but without a signature")
    locks = {x for e in edges for x in e[1:]} | {h["name"] for h in r["held_locks"]}
    for s in r["suggestions"]:
        check(all(x in locks for cycle in s["leaves"] for x in cycle), f"{name}: unknown lock left")


def check_document(name, document):
    sources = {s["name"]: s for s in document["sources"]}
    order = list(sources)
    places = [(order.index(r["source"]), r["line"]) for r in document["reports"]]
    check(places == sorted(places), f"{name}: reports are not in the order of the input")
    signatures = [r["signature"] for r in document["reports"] if r["signature"]]
    check(len(signatures) == len(set(signatures)), f"{name}: a signature stands twice")
    for r in document["reports"]:
        check_report(f"{name}:{r['line']}", r)
        source = sources[r["source"]]
        check(r["end_line"] <= source["lines"], f"{name}: report ends behind the source")
        check(r["boot"] < len(source["boots"]), f"{name}: no boot {r['boot']}")


def check_text(name, text):
    found = CONTROL.search(text.decode("utf-8"))
    check(not found, f"{name}: a control character stands unescaped: {found!r}")


def validate(name, valid, valid_line, *args, data=None, status=0):
    p = run("-f", "json", *args, data=data)
    check(p.returncode == status, f"{name}: exit status {p.returncode}, {p.stderr[:200]!r}")
    check_text(name, p.stdout)
    document = json.loads(p.stdout)
    complain(name, valid, document)
    if status == 0:
        check_document(name, document)
    p = run("-f", "jsonl", *args, data=data)
    check(p.returncode == status, f"{name}: jsonl: exit status {p.returncode}")
    check_text(name, p.stdout)
    lines = p.stdout.decode("utf-8").split("\n")[:-1]
    for i, line in enumerate(lines):
        complain(f"{name}: jsonl line {i + 1}", valid_line, json.loads(line))
    sources = [json.loads(line)["source"] for line in lines if line.startswith('{"source"')]
    check(sources == document["sources"], f"{name}: jsonl and json differ about the sources")
    counted = sum(r["count"] for r in document["reports"])
    check(len(lines) - len(sources) == counted, f"{name}: jsonl and json count reports differently")
    return document


def check_schema_is_strict(valid):
    """A validator that accepts everything would pass all of the above."""
    good = json.loads(run("-f", "json", SOURCE / "fixtures/i915-userptr.log").stdout)
    complain("good", valid, good)
    spoilt = [
        ("a field more", lambda d: d["reports"][0].update(extra=1)),
        ("a field less", lambda d: d["reports"][0].pop("title")),
        ("unknown kind", lambda d: d["reports"][0].update(kind="circle")),
        ("unknown remedy", lambda d: d["reports"][0]["suggestions"][0].update(remedy="hope")),
        ("unknown relation", lambda d: d["reports"][0]["edges"][0].update(relation="likes")),
        ("address as number", lambda d: d["reports"][0]["backtrace"][0].update(address=1)),
        ("a report without reasons", lambda d: d["reports"][0].update(complete=False)),
        ("other schema", lambda d: d.update(schema=2)),
    ]
    for what, spoil in spoilt:
        document = json.loads(json.dumps(good))
        spoil(document)
        check(not valid.is_valid(document), f"the schema accepts {what}")


def undescribed(node, path="#"):
    for key, sub in node.get("properties", {}).items():
        described = "description" in sub or "$ref" in sub or "const" in sub
        if not described:
            yield f"{path}/{key}"
        yield from undescribed(sub, f"{path}/{key}")
    for key, sub in node.get("$defs", {}).items():
        if "description" not in sub:
            yield f"{path}/$defs/{key}"
        yield from undescribed(sub, f"{path}/$defs/{key}")


def main():
    with open(SOURCE / "src/writer/unsplat.schema.json", encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    for place in undescribed(schema):
        check(False, f"{place}: no description")
    valid, valid_line = validator(schema), validator(schema, "#/$defs/jsonl_line")
    valid_graph = validator(schema, "#/$defs/graph_document")
    check_schema_is_strict(valid)
    logs = fixtures() + shared_logs()
    for log in logs:
        validate(short(log), valid, valid_line, log)
    tables = sorted((SHARED / "kernel-logs/proc").glob("x86_64-6.1/lock*"))
    for what, inputs in (("fixtures", [SOURCE / "fixtures"]), ("logs", shared_logs()),
                         ("tables", tables), ("nothing", ["/dev/null"])):
        p = run("graph", "-q", "-f", "json", *inputs)
        check_text(f"graph: {what}", p.stdout)
        complain(f"graph: {what}", valid_graph, json.loads(p.stdout))
    validate("empty input", valid, valid_line, data=b"")
    binary = bytes((i * i + i // 7) % 256 for i in range(100_000))
    validate("binary input", valid, valid_line, data=binary)
    validate("all fixtures", valid, valid_line, SOURCE / "fixtures")
    with scratch() as tmp:
        validate("a missing file", valid, valid_line, tmp / "missing", SOURCE / "fixtures/mention.log",
                 status=2)
        bad = tmp / "bad\udcff\x1b[1mname.log"
        bad.write_bytes((SOURCE / "fixtures/i915-userptr.log").read_bytes())
        validate("a file name that is no UTF-8", valid, valid_line, bad)
    finish(f"{len(logs)} logs validated")


if __name__ == "__main__":
    main()
