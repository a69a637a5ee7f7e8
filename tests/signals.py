# SPDX-License-Identifier: MIT
"""Signals, broken pipes, lists of very many names, and the line of progress."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import time

from harness import FIXTURES, UNSPLAT, check, finish, scratch, run

LOG = (FIXTURES / "i915-userptr.log").read_bytes()
# Whoever runs the tests may ignore some (nohup, a shell's "&"), and a program inherits that.
for sig in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(sig, signal.SIG_DFL)
SANITIZED = b"__asan_init" in open(UNSPLAT, "rb").read()


def start(*args, **kw):
    return subprocess.Popen([UNSPLAT, *args], stdin=subprocess.PIPE, stderr=subprocess.PIPE,
                            bufsize=0, **kw)


def ended_by(sig):
    for jobs in ("-j1", "-j4"):
        # A stream that does not end: what was written is whole lines.
        with start(jobs, "-f", "jsonl", stdout=subprocess.PIPE) as p:
            p.stdin.write(LOG * 3 + b"\n" * 100)
            line = p.stdout.readline()
            p.send_signal(sig)
            rest = p.stdout.read()
            p.wait(timeout=20)
        what = f"{jobs}, {signal.Signals(sig).name}"
        check(p.returncode == -sig, f"{what}: exit {p.returncode}")
        for text in (line + rest).splitlines(True):
            check(text.endswith(b"\n") and json.loads(text), f"{what}: half a line {text!r}")
        # A file that is being written: the old one stays, the temporary one goes.
        with scratch() as tmp:
            (tmp / "out").write_bytes(b"old\n")
            with start(jobs, "--all", "-o", "out", cwd=tmp) as p:
                p.stdin.write(LOG * 50)
                time.sleep(0.3)
                check(len(list(tmp.iterdir())) == 2, f"{what}: no temporary file to look at")
                p.send_signal(sig)
                err = p.stderr.read()
                p.wait(timeout=20)
            check(p.returncode == -sig and not err, f"{what}, -o: exit {p.returncode}, {err!r}")
            check([f.name for f in tmp.iterdir()] == ["out"], f"{what}: {list(tmp.iterdir())}")
            check((tmp / "out").read_bytes() == b"old\n", f"{what}: the old file is gone")


def at_any_time():
    """Whenever it comes: nothing is left behind, and lines are whole."""
    with scratch() as tmp:
        (tmp / "in").write_bytes(LOG * (50 if SANITIZED else 400))
        for i in range(30):
            with start("-j2", "-f", "jsonl", "-o", "out", "in", "in", cwd=tmp) as p:
                time.sleep(i * 0.004)
                p.send_signal(signal.SIGTERM)
                p.wait(timeout=30)
            left = sorted(f.name for f in tmp.iterdir())
            check(left in (["in"], ["in", "out"]), f"left after SIGTERM: {left}")
            check(p.returncode in (-signal.SIGTERM, 0), f"exit {p.returncode}")
            if "out" in left:
                os.unlink(tmp / "out")
        for i in range(30):
            with open(tmp / "lines", "wb") as out, start("-f", "jsonl", "in", "in", cwd=tmp,
                                                         stdout=out) as p:
                time.sleep(i * 0.004)
                p.send_signal(signal.SIGTERM)
                p.wait(timeout=30)
            data = (tmp / "lines").read_bytes()
            check(not data or data.endswith(b"\n"), "SIGTERM: half a line")
            for line in data.splitlines():
                json.loads(line)


def ignored():
    """What was ignored from the start stays so, as under nohup."""
    with subprocess.Popen(["sh", "-c", 'trap "" INT HUP; exec "$0" -f title', UNSPLAT],
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        p.stdin.write(LOG)
        p.stdin.flush()
        time.sleep(0.3)
        p.send_signal(signal.SIGINT)
        p.send_signal(signal.SIGHUP)
        time.sleep(0.2)
        out, _ = p.communicate(timeout=30)
        check(p.returncode == 0 and out.count(b"\n") == 1, f"ignored: exit {p.returncode}")


def broken_pipe():
    for args in (["-f", "jsonl"], ["--all"], ["-f", "text"], ["-f", "json"], ["-f", "title"]):
        for jobs in ("-j1", "-j4"):
            with scratch() as tmp:
                (tmp / "in").write_bytes(LOG * 200)
                with start(jobs, *args, *["in"] * 3, cwd=tmp, stdout=subprocess.PIPE,
                           preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL)) as p:
                    p.stdout.close()
                    err = p.stderr.read()
                    p.wait(timeout=60)
                check(p.returncode == -signal.SIGPIPE and not err,
                      f"broken pipe, {jobs} {args}: exit {p.returncode}, {err!r}")
    # It ends at once, though its input does not.
    for jobs in ("-j1", "-j4"):
        with start(jobs, "-f", "jsonl", stdout=subprocess.PIPE,
                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL)) as p:
            p.stdout.close()
            end = time.monotonic() + 30
            try:
                while time.monotonic() < end and p.poll() is None:
                    p.stdin.write(LOG)
                    time.sleep(0.01)
            except BrokenPipeError:
                pass
            p.wait(timeout=10)
        check(p.returncode == -signal.SIGPIPE, f"{jobs}: endless input, exit {p.returncode}")
    # Who ignores SIGPIPE is told.
    with scratch() as tmp:
        (tmp / "in").write_bytes(LOG * 20)
        with start("-f", "jsonl", "in", cwd=tmp, stdout=subprocess.PIPE,
                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_IGN)) as p:
            p.stdout.close()
            err = p.stderr.read()
            p.wait(timeout=60)
        check(p.returncode == 2 and err.count(b"\n") == 1, f"SIGPIPE ignored: {p.returncode} {err!r}")
    # A message that nobody reads leaves no temporary file.
    with scratch() as tmp:
        (tmp / "in").write_bytes(LOG)
        with start("-o", "out", *["gone"] * 3, "in", cwd=tmp,
                   preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL)) as p:
            p.stderr.close()
            p.wait(timeout=60)
        check([f.name for f in sorted(tmp.iterdir())] == ["in", "out"], "stderr closed")


def full_disk():
    p = run("-f", "jsonl", *[FIXTURES / "i915-userptr.log"] * 3, stdin=None)
    check(p.returncode == 0, "to begin with")
    with open("/dev/full", "wb") as full:
        for jobs in ("-j1", "-j4"):
            p = subprocess.run([UNSPLAT, jobs, "-f", "jsonl", FIXTURES / "i915-userptr.log"],
                               stdout=full, stderr=subprocess.PIPE, check=False, timeout=60)
            check(p.returncode == 2 and p.stderr.count(b"\n") == 1, f"full: {p.stderr!r}")


def peak(args, data_file, cwd):
    with open(data_file, "rb") as names, open(os.devnull, "wb") as null:
        p = subprocess.Popen([UNSPLAT, *args], stdin=names, stdout=null, stderr=null, cwd=cwd)
        _, status, usage = os.wait4(p.pid, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss


def many_names():
    """The list is read as it comes: memory does not grow with it."""
    few, many = (500, 5000) if SANITIZED else (10000, 200000)
    with scratch() as tmp:
        (tmp / "a.log").write_bytes(b"nothing\n")
        (tmp / "few").write_bytes(b"a.log\n" * few)
        (tmp / "many").write_bytes(b"a.log\n" * many)
        for jobs in ("-j1", "-j2"):
            for form in ("jsonl", "title"):
                status, small = peak([jobs, "-f", form, "--files-from=-"], tmp / "few", tmp)
                status2, large = peak([jobs, "-f", form, "--files-from=-"], tmp / "many", tmp)
                check(status == status2 == 0, f"{jobs} {form}: exit {status}, {status2}")
                check(SANITIZED or large < small + 8192,
                      f"{jobs} {form}: {few} names {small} KiB, {many} names {large} KiB")
        odd = ["a\nb", " ", "\x1b[1m", "-", "--all", "ä"]
        for name in odd:
            (tmp / name).write_bytes(LOG)
        names = "\0".join("./" + n for n in odd) + "\0"
        p = run("-0", "-f", "jsonl", "--files-from=-", data=names.encode(), cwd=tmp)
        got = [json.loads(s)["source"]["name"] for s in p.stdout.splitlines()
               if b'"title"' not in s]
        check(got == ["./" + n for n in odd] and p.returncode == 0, f"-0: {got} {p.stderr!r}")
        names = "".join(f"gone{i}\n" for i in range(200)) + "a.log\n"
        for jobs in ("-j1", "-j8"):
            p = run(jobs, "--files-from=-", data=names.encode(), cwd=tmp)
            check(p.returncode == 2 and p.stderr.decode().splitlines() == [
                f"unsplat: gone{i}: No such file or directory" for i in range(200)],
                f"{jobs}: missing files: {p.stderr[:300]!r}")


def on_terminal(args, seconds, feed=True):
    """What a terminal shows, while standard input is fed for some seconds."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([UNSPLAT, *args], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=theirs, env={**os.environ, "TERM": "xterm"}) as p:
        os.close(theirs)
        shown, end = b"", time.monotonic() + seconds
        while True:
            if feed and time.monotonic() < end:
                p.stdin.write(LOG)
                p.stdin.flush()
            elif not p.stdin.closed:
                p.stdin.close()
            try:
                if select.select([ours], [], [], 0.02)[0]:
                    shown += os.read(ours, 4096)
            except OSError:
                break
            if p.poll() is not None and not select.select([ours], [], [], 0.1)[0]:
                break
    os.close(ours)
    return shown.decode()


def progress():
    line = re.compile(r"unsplat: [0-9.]+ [KMG]?i?B, [0-9.]+ [KMG]?i?B/s, \d+ reports?")
    shown = on_terminal(["-f", "jsonl"], 2.5)
    check(line.search(shown), f"progress on a terminal: {shown!r}")
    check(shown.endswith("\r\x1b[K"), f"the line is not gone: {shown[-80:]!r}")
    check("left" not in shown, f"time left of a pipe: {shown!r}")
    check(on_terminal(["-f", "jsonl"], 0.1) == "", "progress of short work")
    for args in (["--progress=never"], ["-q"]):
        shown = on_terminal(["-f", "jsonl", *args], 1.6)
        check(shown == "", f"{args}: {shown!r}")
    p = run("--progress=sometimes", data=b"")
    check(p.returncode == 2 and p.stderr.count(b"\n") == 1, f"--progress=sometimes: {p.stderr!r}")
    # Never in a pipe, unless it is asked for.
    for args, want in ((["--progress=auto"], False), (["--progress=always"], True)):
        with start("-f", "jsonl", *args, stdout=subprocess.DEVNULL) as p:
            p.stdin.write(LOG)
            time.sleep(1.8)
            p.stdin.close()
            err = p.stderr.read().decode()
        check(bool(line.search(err)) == want, f"{args} in a pipe: {err!r}")
    # With the size of all inputs, the time left; messages do not run into the line.
    with scratch() as tmp:
        (tmp / "in").write_bytes(LOG * 500)
        shown = ""
        while " left" not in shown and (tmp / "in").stat().st_size < 1 << 30:  # as fast as it is here
            with open(tmp / "in", "ab") as f:
                f.write((tmp / "in").read_bytes())
            shown = on_terminal(["-j1", "-f", "jsonl", *[str(tmp / "in")] * 2], 0, feed=False)
        check(" of " in shown and " left" in shown, f"time left: {shown[:300]!r}")
        shown = on_terminal(["-j1", "-f", "jsonl", "-", str(tmp / "gone")], 2.5)
        check(re.search(r"\r\x1b\[Kunsplat: [^\r\n]*gone: No such file", shown),
              f"a message in the line: {shown!r}")


for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    ended_by(s)
at_any_time()
ignored()
broken_pipe()
full_disk()
many_names()
progress()
finish("signals, pipes, names, progress")
