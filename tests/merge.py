# SPDX-License-Identifier: MIT
"""unsplat merge: the same bytes for every grouping and order, on one machine or on many."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile

from harness import SHARED, UNSPLAT, check, finish, fixtures, run

# All of it takes minutes: MERGE_ROUNDS=1000 make check
ROUNDS = int(os.environ.get("MERGE_ROUNDS", "40"))
LOGS = 50


def some_logs():
    logs = fixtures() + sorted((SHARED / "kernel-logs").glob("*.log"))
    return [l for l in logs if l.stat().st_size < 200000][:LOGS]


def merge(*files, **kw):
    p = run("merge", *files, **kw)
    check(p.returncode == 0 and not p.stderr, f"merge: exit {p.returncode}: {p.stderr[:300]!r}")
    return p.stdout


def grouped(rnd, files, folder, depth=0):
    """Merge random groups of random groups, some files twice."""
    files = rnd.sample(files, len(files)) + rnd.sample(files, min(len(files), rnd.randint(0, 2)))
    if len(files) < 4 or depth > 2 or rnd.random() < 0.2:
        return files
    out = []
    while files:
        n = rnd.randint(1, len(files))
        part, files = files[:n], files[n:]
        path = folder / f"{depth}-{len(out)}-{rnd.getrandbits(32):08x}"
        path.write_bytes(merge(*grouped(rnd, part, folder, depth + 1),
                               *(["-f", "json"] if rnd.random() < 0.3 else [])))
        out.append(path)
    return out


with tempfile.TemporaryDirectory() as tmp:
    tmp = pathlib.Path(tmp)
    logs, files = some_logs(), []
    for i, log in enumerate(logs):
        files.append(tmp / f"{i}.jsonl")
        files[-1].write_bytes(run("-q", "-f", "jsonl", log).stdout)
    want = merge(*files)
    whole = run("-q", "-f", "jsonl", *logs).stdout
    check(merge(data=whole) == want, "one run over all logs")
    check(merge(data=want) == want, "what is merged stays as it is")
    check(sorted(want.splitlines()) == sorted(whole.splitlines()), "nothing is lost or made up")
    items = [json.loads(l) for l in want.splitlines()]
    sources = [x["source"]["name"] for x in items if isinstance(x["source"], dict)]
    check(sources == sorted(sources, key=str.encode), "sources are in the order of their names")
    places = [(x["source"].encode(), x["line"]) for x in items if isinstance(x["source"], str)]
    check(places == sorted(places), "reports are in the order of (source, line)")
    document = json.loads(merge("-f", "json", *files))
    check([{"source": s} for s in document["sources"]] + document["reports"] == items,
          "json and jsonl say the same")
    pretty = json.dumps(document, indent=2, ensure_ascii=False).encode()
    check([json.loads(l) for l in merge(data=pretty).splitlines()] == items, "printed anew")
    for n in range(ROUNDS):
        folder = tmp / str(n)
        folder.mkdir()
        got = merge(*grouped(random.Random(n), files, folder))
        if not check(got == want, f"grouping {n}"):
            break
        shutil.rmtree(folder)
    graph = run("graph", "-q", "-f", "json", *logs).stdout
    check(run("graph", "-q", "-f", "json", *files).stdout == graph, "the graph of the parts")
    check(run("graph", "-q", "-f", "json", data=want).stdout == graph, "the graph of the whole")

    # a task that was killed: half a file, its repetition, and what does not belong here
    first = files[0].read_bytes()
    half = tmp / "half"
    half.write_bytes(first[: len(first) // 2])
    p = run("merge", half, *files)
    check(p.returncode == 2 and p.stdout == want and b"middle of a report" in p.stderr,
          f"half a file: {p.returncode} {p.stderr[:200]!r}")
    p = run("merge", logs[0])
    check(p.returncode == 2 and b"no output of unsplat" in p.stderr, "a log is not merged")
    check(run("merge", tmp / "none").returncode == 2, "a file that is not there")
    check(merge(data=b"") == b"", "nothing gives nothing")
    check(run("merge", "-f", "text", files[0]).returncode == 2, "a format of report only")

    parallel = shutil.which("parallel")
    if not parallel or b"GNU" not in subprocess.run([parallel, "--version"], capture_output=True,
                                                    check=False).stdout:
        print("note: no GNU parallel, the example of the manual was not run")
    else:
        names = tmp / "names"
        names.write_bytes(b"".join(bytes(l) + b"\0" for l in logs))
        p = subprocess.run(f"parallel --will-cite -0 -j2 '{UNSPLAT}' -q -f jsonl {{}} < '{names}' | "
                           f"'{UNSPLAT}' merge", shell=True, capture_output=True, check=False)
        check(p.returncode == 0 and p.stdout == want, f"GNU parallel: {p.stderr[:300]!r}")

finish(f"{len(files)} logs in {ROUNDS} groupings")
