# SPDX-License-Identifier: MIT
"""-j changes nothing but the time: output, messages and exit status over files of all sorts."""

import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import tarfile
import threading
import time
import zipfile

from harness import FORMATS, UNSPLAT, check, finish, fixtures, run, scratch

LOGS = [p.read_bytes() for p in fixtures()]
NOISE = b"".join(b"[%5d.%06d] noise %d\n" % (i, i, i * i) for i in range(3000))
FILES = 300


def log(dice):
    return b"".join(dice.choice([*LOGS, NOISE]) for _ in range(dice.choice([0, 1, 1, 1, 2])))


def archive(dice, n, depth=0):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as t:
        for i in range(n):
            data, kind = log(dice), dice.random()
            if kind < .2:
                data = gzip.compress(data)
            elif kind < .25:
                data = data * 8 + NOISE * 8  # too large to be handed to somebody else
            elif kind < .35 and not depth:
                data = archive(dice, 6, 1)
            elif kind < .4:
                data = gzip.compress(data)[:-30]
            info = tarfile.TarInfo(f"m{i}")
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(dice, n):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as z:
        for i in range(n):
            z.writestr(f"m{i}", log(dice))
    return out.getvalue()


def tree(top):
    dice = random.Random(7)
    for i in range(FILES):
        folder = top / f"d{i % 23}"
        folder.mkdir(exist_ok=True)
        kind, data = dice.random(), b""
        if kind < .60:
            data = log(dice)
        elif kind < .70:
            data = gzip.compress(log(dice))
        elif kind < .75:
            data = bz2.compress(log(dice))
        elif kind < .80:
            data = lzma.compress(log(dice))
        elif kind < .84:
            data = gzip.compress(log(dice))[:-40]
        elif kind < .91:
            data = gzip.compress(archive(dice, dice.randint(0, 8)), 1)
        elif kind < .94:
            data = archive(dice, 8)[:-3000]
        else:
            data = zipped(dice, dice.randint(0, 8))
        (folder / f"f{i}").write_bytes(data)


def same_whatever_n(tmp):
    tree(tmp / "tree")
    (tmp / "list").write_text("gone\ntree/d1\nalso gone\ntree/d2/f2\n")
    inputs = [["tree"], ["--files-from=list", "tree/d3", "gone", "tree/d4"]]
    options = [["-f", f] for f in FORMATS] + [["--all"], ["--kind=recursive", "-f", "jsonl"]]
    for names in inputs:
        for opts in options if names == inputs[0] else options[:3]:
            want = run("-j1", *opts, *names, cwd=tmp)
            check(want.returncode == 2 and want.stderr, f"{opts} {names}: {want.returncode}")
            for n in (2, 3, 8, 64) if opts == ["-f", "jsonl"] else (2, 8):
                got = run(f"-j{n}", *opts, *names, cwd=tmp)
                for what in ("stdout", "stderr", "returncode"):
                    check(getattr(got, what) == getattr(want, what),
                          f"-j{n} {opts} {names}: {what} is not the same")


def one_that_is_long(tmp):
    """Two threads read a plain file of this size, from a name and from standard input."""
    dice = random.Random(11)
    with open(tmp / "long", "wb") as out:
        while out.tell() < 48 << 20:
            out.write(dice.choice([NOISE * 8, NOISE[:dice.randrange(len(NOISE))], dice.choice(LOGS)]))
        out.write(b"the end, without a newline")
    want = run("-j1", "-f", "jsonl", "--all", "long", cwd=tmp)
    check(want.stdout.count(b"\n") > 20, "a long file has no reports")
    got = run("-j2", "-f", "jsonl", "--all", "long", cwd=tmp)
    check(got.stdout == want.stdout and got.returncode == want.returncode, "a long file: -j2 is not the same")
    with open(tmp / "long", "rb") as log:
        skipped = log.read(1 << 20)
        rest = {}
        for n in ("-j1", "-j2"):
            log.seek(len(skipped))
            os.lseek(log.fileno(), len(skipped), os.SEEK_SET)
            rest[n] = subprocess.run([UNSPLAT, n, "-f", "jsonl", "--all"], stdin=log, capture_output=True,
                                     check=True).stdout
    check(rest["-j1"] == rest["-j2"] != want.stdout, "the rest of a long file: -j2 is not the same")


def one_that_is_slow(tmp):
    """The first input takes its time; what the others have found meanwhile is bounded."""
    os.mkfifo(tmp / "slow")
    big = b"".join(LOGS) * 3
    (tmp / "many").mkdir()
    for i in range(60):
        (tmp / f"many/{i:03}").write_bytes(big)
    command = [UNSPLAT, "-j4", "-f", "jsonl", "slow", "many"]
    with open(tmp / "out", "wb") as out, subprocess.Popen(command, cwd=tmp, stdout=out) as p:
        with open(tmp / "slow", "wb") as slow:
            slow.write(LOGS[0])
            time.sleep(3)
            status = (tmp / "/proc" / str(p.pid) / "status").read_text()
            peak = int(status.split("VmHWM:")[1].split()[0])
            early = (tmp / "out").read_bytes()
        p.wait(timeout=300)
    if b"__asan_init" not in open(UNSPLAT, "rb").read():
        check(peak < 64 << 10, f"{peak} KiB wait behind a slow input")
    check(b"many/" not in early, "a later input came before an earlier one")
    want = run("-j1", "-f", "jsonl", "many", cwd=tmp).stdout
    check((tmp / "out").read_bytes().endswith(want), "after a slow input: not the same")


def one_after_the_other(tmp):
    """A list that comes slowly, with -f jsonl: what is complete is told before the next name."""
    (tmp / "a.log").write_bytes(LOGS[0])
    for n in ("-j1", "-j2"):
        with subprocess.Popen([UNSPLAT, n, "-f", "jsonl", "--files-from=-"], cwd=tmp, bufsize=0,
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
            killer = threading.Timer(60, p.kill)
            killer.start()
            for _ in range(3):
                p.stdin.write(b"a.log\n")
                while True:
                    line = p.stdout.readline()
                    if not line or b'{"source":{' in line.replace(b" ", b""):
                        break
                check(line, f"{n}: nothing came before the list was complete")
            p.stdin.close()
            check(p.wait() == 0, f"{n}: exit {p.returncode}")
            killer.cancel()


def told_while_others_wait(tmp):
    """With -f jsonl an input that is over is told, whoever waits for what."""
    (tmp / "a.log").write_bytes(LOGS[0])
    for name in ("slow", "slower"):
        os.mkfifo(tmp / name)
    for _ in range(8):
        with subprocess.Popen([UNSPLAT, "-j2", "-f", "jsonl", "a.log", "slow", "slower"], cwd=tmp, bufsize=0,
                              stdout=subprocess.PIPE) as p:
            killer = threading.Timer(60, p.kill)
            killer.start()
            with open(tmp / "slow", "wb"), open(tmp / "slower", "wb"):
                while True:
                    line = p.stdout.readline()
                    if not line or b'{"source":{' in line.replace(b" ", b""):
                        break
            check(line, "an input that was over was not told while others waited")
            p.stdout.read()
            check(p.wait() == 0, f"FIFOs: exit {p.returncode}")
            killer.cancel()


def bad_numbers():
    for n in ("0", "-1", "257", "x", "", "2x"):
        p = run(f"--jobs={n}", "/dev/null")
        check(p.returncode == 2 and p.stderr.count(b"\n") == 1, f"--jobs={n}: {p.stderr!r}")


with scratch() as folder:
    (folder / "tree").mkdir()
    same_whatever_n(folder)
with scratch() as folder:
    one_that_is_long(folder)
with scratch() as folder:
    one_that_is_slow(folder)
with scratch() as folder:
    one_after_the_other(folder)
with scratch() as folder:
    told_while_others_wait(folder)
bad_numbers()
finish(f"{FILES} files")
