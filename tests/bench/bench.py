#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""./dev bench: unsplat and what else reads such files, in turn, in one run.

What counts are the ratios, of time and of processor time: machines differ, and are noisy.
Nothing fails by being slow.
"""
import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import inputs
from inputs import MIB

FRAME = r"\w+\+0x[0-9a-f]+/0x[0-9a-f]+"
OUT = None
HEADLINES = [
    "possible circular locking dependency detected", "possible recursive locking detected",
    "Nested lock was not taken", "-unsafe lock order detected", "possible irq lock inversion",
    "inconsistent lock state", "bad unlock balance detected", "bad contention detected",
    "held lock freed", "lock held when returning", "lock held at task exit", "still has locks held",
    "Invalid wait context", "suspicious RCU usage", "trying to register non-static key",
    "Showing all locks held", "too low!",
]


def run(command):
    """@return seconds, peak memory in KiB and processor seconds of a shell command or a list.

    The peak cannot be less than what this program has itself, about 11 MiB.
    """
    # grep stops at the first hit when it writes to /dev/null; what it writes here is a number.
    to_file = command[0] in ("grep", "rg")
    with open(OUT if to_file else os.devnull, "wb") as out:
        start = time.monotonic()
        p = subprocess.Popen(command, shell=isinstance(command, str), stdin=subprocess.DEVNULL,
                             stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(p.pid, 0)
    p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode not in (0, 1):
        sys.exit(f"bench: {command}: exit {p.returncode}")
    return time.monotonic() - start, usage.ru_maxrss, usage.ru_utime + usage.ru_stime


def made(make, *args):
    """Make an input in another process, so that this one stays small. @return its path"""
    pid = os.fork()
    if not pid:
        make(*args)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        sys.exit("bench: an input cannot be made")
    return args[0]


class Bench:
    def __init__(self, rounds):
        self.rounds = rounds
        print(f"{'work':28} {'unsplat':>9} {'rival':>9}  {'ratio':>6} {'cpu':>6}  {'peak':>8}  rival, bar",
              flush=True)

    def against(self, what, ours, rivals):
        """@param rivals  (name, command, bar)"""
        run(ours)
        for name, rival, bar in rivals:
            run(rival)
            pairs = [(run(ours), run(rival)) for _ in range(self.rounds)]
            mine = statistics.median(a[0] for a, _ in pairs)
            other = statistics.median(b[0] for _, b in pairs)
            ratio = statistics.median(a[0] / b[0] for a, b in pairs)
            cpu = statistics.median(a[2] / max(b[2], 1e-3) for a, b in pairs)
            peak = max(a[1] for a, _ in pairs) / 1024
            print(f"{what:28} {mine:8.3f}s {other:8.3f}s  {ratio:6.2f} {cpu:6.2f}  {peak:5.1f}MiB  {name}{bar}",
                  flush=True)

    def series(self, what, command, made_of):
        """The same command over inputs of n reports each. @param made_of  n -> its path"""
        for n, path in made_of.items():
            runs = [run([*command, path]) for _ in range(3 if n < 100_000 else 1)]
            seconds = statistics.median(r[0] for r in runs)
            print(f"{what + f', {n} reports':36} {seconds:8.3f}s  {seconds / n * 1e6:7.1f} us a report  "
                  f"{max(r[1] for r in runs) / 1024:6.1f}MiB  (bar: linear, 512 MiB)", flush=True)

    def growth(self, what, small, big):
        """Of 16 times the input."""
        run(big)
        pairs = [(run(small), run(big)) for _ in range(self.rounds)]
        ratio = statistics.median(b[0] / a[0] for a, b in pairs)
        cpu = statistics.median(b[2] / max(a[2], 1e-3) for a, b in pairs)
        peaks = [max(p[i][1] for p in pairs) / 1024 for i in (0, 1)]
        print(f"{what:28} {pairs[0][0][0]:8.3f}s {pairs[0][1][0]:8.3f}s  {ratio:6.2f} {cpu:6.2f}  "
              f"{peaks[1]:5.1f}MiB  1x to 16x (bar 17), {peaks[0]:.1f} MiB at 1x", flush=True)


def rivals_of(path, bar):
    found = [("cat", ["cat", path], ""), ("wc -l", ["wc", "-l", path], bar),
             ("grep -c, one headline", ["grep", "-c", HEADLINES[0], path], "")]
    if shutil.which("rg"):
        every = [x for h in HEADLINES for x in ("-e", h)]
        found += [("rg -c, one headline", ["rg", "-cF", HEADLINES[0], path], ""),
                  ("rg -c, all headlines", ["rg", "-cF", *every, path], "")]
    return found


def main():
    global OUT
    ap = argparse.ArgumentParser(prog="dev bench", description=__doc__.splitlines()[0])
    ap.add_argument("--unsplat", required=True, help=argparse.SUPPRESS)
    ap.add_argument("--folder", required=True, type=pathlib.Path,
                    help="where the inputs are made and kept (default: build/bench)")
    ap.add_argument("--scale", type=float, default=1.0, metavar="X",
                    help="inputs X times as large: 0.02 for a quick look (default: 1, needs 9 GiB)")
    ap.add_argument("--rounds", type=int, default=5, metavar="N", help="pairs per row (default: 5)")
    ap.add_argument("--only", default="", metavar="WORD", help="rows that have this word")
    o = ap.parse_args()
    folder = o.folder / f"{o.scale:g}"
    folder.mkdir(parents=True, exist_ok=True)
    OUT = folder / "out"
    unsplat = [o.unsplat, "-q", "-j1"]
    if subprocess.run([*unsplat, "/dev/null"], capture_output=True).returncode:
        unsplat = [o.unsplat, "-q"]  # a build without -j
    b = Bench(o.rounds)
    size = int(2048 * MIB * o.scale)

    def wanted(word):
        return o.only in word

    if wanted("clean") or wanted("growth"):
        clean = made(inputs.clean, folder / "clean.log", size)
    if wanted("clean"):
        b.against("clean, no splat", [*unsplat, clean], rivals_of(clean, " (bar 1.5)"))
    if wanted("mixed") or wanted("pipe") or wanted("packed"):
        mixed = made(inputs.mixed, folder / "mixed.log", size)
    if wanted("mixed"):
        b.against("mixed, a splat in 4 MiB", [*unsplat, mixed], rivals_of(mixed, " (bar 1.5)"))
    if wanted("pipe"):
        b.against("mixed, from a pipe", f"cat {mixed} | {' '.join(unsplat)}",
                  [("cat | wc -l", f"cat {mixed} | wc -l", " (bar 1.5)")])
    if wanted("splats") or wanted("growth"):
        splats = made(inputs.splats, folder / "splats.log", size // 8)
    if wanted("splats"):
        grep = [("grep -cP, a frame", ["grep", "-cP", FRAME, splats], " (bar 0.25)")]
        b.against("splats only, text", [*unsplat, splats], grep)
        b.against("splats only, text, --all", [*unsplat, "--all", splats], grep)
        b.against("splats only, jsonl", [*unsplat, "-f", "jsonl", splats], grep)
    if wanted("jobs"):
        mixed = made(inputs.mixed, folder / "mixed.log", size)
        both = [*unsplat[:-1], "-j2", mixed, mixed] if "-j1" in unsplat else None
        if both:
            b.against("two mixed logs, -j2", both, [("wc -l", ["wc", "-l", mixed, mixed], " (bar 1)")])
    if wanted("files"):
        files = made(inputs.tree, folder / "files", int(20000 * o.scale), 100_000)
        if shutil.which("rg"):
            b.against("small files, -j1", [*unsplat, files],
                      [("rg -j1 -c, one headline", ["rg", "-j1", "-cF", HEADLINES[0], files], " (bar 1.5)")])
            b.against("small files, -j2", [*unsplat, "-j2", files],
                      [("rg -j2 -c, one headline", ["rg", "-j2", "-cF", HEADLINES[0], files], " (bar 1.5)")])
        else:
            b.against("small files", [*unsplat, files],
                      [("grep -rc, one headline", ["grep", "-rcF", HEADLINES[0], files], "")])
    for tool, suffix in (("gzip", ".gz"), ("zstd", ".zst")):
        packed = inputs.compressed(mixed, tool, suffix) if wanted("packed") else None
        if packed and subprocess.run([*unsplat, packed], capture_output=True).returncode == 0:
            fastest = "igzip" if tool == "gzip" and shutil.which("igzip") else tool
            b.against(f"packed by {tool}", [*unsplat, packed],
                      [(f"{fastest} -dc", [fastest, "-dc", packed], " (bar 1.1)")])
    if wanted("growth"):
        part = made(inputs.clean, folder / "clean-16th.log", size // 16)
        b.growth("growth, clean", [*unsplat, part], [*unsplat, clean])
        part = made(inputs.splats, folder / "splats-16th.log", size // 128)
        b.growth("growth, splats", [*unsplat, part], [*unsplat, splats])
    if wanted("graph"):
        counts = [n for n in (1000, 10_000, 100_000, 1_000_000) if n <= 1_000_000 * o.scale or n == 1000]
        b.series("graph -f json", [o.unsplat, "graph", "-q", "-f", "json"],
                 {n: made(inputs.reports, folder / f"reports-{n}.log", n) for n in counts})
    if wanted("cycles"):
        for locks in (2, 4, 8, 16, 32, 48):
            path = folder / f"cycle-{locks}.log"
            path.write_bytes(b"".join(inputs.one_splat(k, locks) for k in range(20)))
            b.against(f"20 cycles of {locks} locks", [*unsplat, path], [("cat", ["cat", path], "")])


if __name__ == "__main__":
    main()
