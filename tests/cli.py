# SPDX-License-Identifier: MIT
"""The command line: what goes where, exit status, and one clear line for every error."""

import contextlib
import fcntl
import json
import os
import pty
import re
import resource
import shutil
import signal
import stat
import struct
import subprocess
import tempfile
import termios
import threading

from harness import FIXTURES, FORMATS, UNSPLAT, check, finish, run, scratch

LOG = FIXTURES / "i915-userptr.log"
OTHER = FIXTURES / "kernel/x86_64-6.1-recursive_self.log"
NONE = FIXTURES / "mention.log"
TITLE = "possible deadlock in apply_workqueue_attrs"
OTHER_TITLES = subprocess.run([UNSPLAT, "-f", "title", OTHER], capture_output=True, text=True,
                              check=True).stdout
NOBODY = 65534
ENV = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM")}

# name, arguments, standard input, exit status, standard output, lines of standard error.
# Outputs are regular expressions for the whole of it (a line); None stands for anything.
ROWS = [
    ("a file", [LOG], b"", 0, f"{TITLE}\n(?s:.*)\nBREAK .*(?s:.*)", []),
    ("the command named", ["report", "-f", "title", LOG], b"", 0, f"{TITLE}\n", []),
    ("options behind files", [LOG, "-f", "title"], b"", 0, f"{TITLE}\n", []),
    ("standard input", ["-f", "title"], LOG, 0, f"{TITLE}\n", []),
    ("standard input by name", ["-f", "title", "-"], LOG, 0, f"{TITLE}\n", []),
    ("standard input among files", ["-f", "title", OTHER, "-"], LOG, 0, f"(?s:.*){TITLE}\n", []),
    ("double dash", ["-f", "title", "--", LOG], b"", 0, f"{TITLE}\n", []),
    ("bundled options", ["-qvf", "title", LOG], b"", 0, f"{TITLE}\n", []),
    ("empty input", [], b"", 0, "", ["no lockdep report in 0 lines of 1 input"]),
    ("empty input, quiet", ["-q"], b"", 0, "", []),
    ("empty input, json", ["-f", "json"], b"", 0, r'\{"schema":1,(?s:.*)"reports":\[\](?s:.*)', []),
    ("empty input, dot", ["-f", "dot"], b"", 0, r"digraph (?s:.*)\}\n", []),
    ("empty input, title", ["-f", "title"], b"", 0, "", []),
    ("no report", [NONE], b"", 0, "", ["no lockdep report in 4 lines of 1 input"]),
    ("binary input", [], bytes(range(256)) * 40, 0, "", ["no lockdep report in .*"]),
    ("NULs", [], b"\0" * 100_000, 0, "",
     ["stdin:1: a line is longer than 65536 bytes; .*", "no lockdep report in 1 line of 1 input"]),
    ("long lines", [], b"text\n" * 9 + (b"x" * 300_000 + b"\n") * 3, 0, "",
     ["stdin:10: a line is longer than 65536 bytes; .*", "no lockdep report in 12 lines of .*"]),
    ("a missing file", ["-q", "missing"], b"", 2, "", ["missing: No such file or directory"]),
    ("a missing file first", ["-f", "title", "missing", LOG], b"", 2, f"{TITLE}\n",
     ["missing: No such file or directory"]),
    ("a name that would paint", ["-q", "\x1b[1m\n"], b"", 2, "", [r"\\x1b\[1m\\x0a: No such .*"]),
    ("an empty name", ["-q", ""], b"", 2, "", [": No such file or directory"]),
    ("a file as a folder", ["-q", f"{LOG}/x"], b"", 2, "", [".*: Not a directory"]),
    ("exit code", ["--exit-code", "-f", "title", LOG], b"", 1, f"{TITLE}\n", []),
    ("exit code, no report", ["--exit-code", "-q", NONE], b"", 0, "", []),
    ("exit code, error wins", ["--exit-code", "-f", "title", LOG, "missing"], b"", 2, f"{TITLE}\n",
     ["missing: .*"]),
    ("exit code, another kind", ["--exit-code", "-qf", "title", "--kind=recursive", LOG], b"", 0, "", []),
    ("kind", ["-f", "title", "--kind=circular", LOG, OTHER], b"", 0, f"{TITLE}\n", []),
    ("kinds", ["-f", "title", "--kind=circular,recursive,all-locks-dump,other", LOG, OTHER], b"", 0,
     re.escape(f"{TITLE}\n{OTHER_TITLES}"), []),
    ("equal reports once", ["-f", "title", LOG, LOG], b"", 0, f"{TITLE}\n", []),
    ("every occurrence", ["-f", "title", "--all", LOG, LOG], b"", 0, f"{TITLE}\n{TITLE}\n", []),
    ("label", ["-f", "json", "--label=zoo", "-"], LOG, 0, r'(?s:.*)"source":"zoo"(?s:.*)"name":"zoo"(?s:.*)', []),
    ("no label", ["-f", "jsonl", "-"], LOG, 0, r'(?s:.*)"source":\{"name":"stdin"(?s:.*)', []),
    ("standard output by name", ["-f", "title", "-o", "-", LOG], b"", 0, f"{TITLE}\n", []),
    ("output thrown away", ["-o", "/dev/null", LOG], b"", 0, "", []),
    ("output full", ["-o", "/dev/full", LOG], b"", 2, "", ["/dev/full: No space left on device"]),
    ("output without folder", ["-o", "missing/out", LOG], b"", 2, "", ["missing/out: No such file .*"]),
    ("output is a folder", ["-o", ".", LOG], b"", 2, "", [r"\.: Is a directory"]),
    ("help", ["--help"], b"", 0, r"usage: unsplat (?s:.*)--format(?s:.*)", []),
    ("help, short", ["-h"], b"", 0, r"usage: unsplat (?s:.*)", []),
    ("help, command", ["help"], b"", 0, r"usage: unsplat (?s:.*)", []),
    ("help of a command", ["help", "report"], b"", 0, r"usage: unsplat (?s:.*)", []),
    ("version", ["--version"], b"", 0, r"unsplat \d+\.\d+(\.\d+)?\n", []),
    ("version, short", ["-V"], b"", 0, r"unsplat \d.*\n", []),
    ("unknown option", ["--formt=json"], b"", 2, "", ["unknown option '--formt'; did you mean '--format'?"]),
    ("unknown letter", ["-x"], b"", 2, "", ["unknown option '-x'; see unsplat --help"]),
    ("far from all options", ["--zzzzzz"], b"", 2, "", ["unknown option '--zzzzzz'; see unsplat --help"]),
    ("option without argument", ["-f"], b"", 2, "", ["option '-f' wants an argument"]),
    ("switch with argument", ["--all=1"], b"", 2, "", ["option '--all' takes no argument"]),
    ("unknown format", ["-f", "jsno"], b"", 2, "", ["unknown format 'jsno'; did you mean 'jsonl?'?"]),
    ("unknown format, far", ["-f", "powerpoint"], b"", 2, "", ["unknown format 'powerpoint'; there are text, json, .*"]),
    ("unknown format, short", ["-f", "yaml"], b"", 2, "", [r"unknown format 'yaml'; there are (\w+, )+\w+"]),
    ("unknown kind", ["--kind=circualr"], b"", 2, "", ["unknown kind 'circualr'; did you mean 'circular'?"]),
    ("unknown kind in a list", ["--kind=circular,recursif"], b"", 2, "",
     ["unknown kind 'recursif'; did you mean 'recursive'?"]),
    ("unknown color", ["--color=alway"], b"", 2, "", ["unknown color 'alway'; did you mean 'always'?"]),
    ("unknown color, far", ["--color=x"], b"", 2, "", ["unknown color 'x'; there are auto, always, never"]),
    ("unknown progress, empty", ["--progress="], b"", 2, "", ["unknown progress ''; there are auto, always, never"]),
    ("unknown kind, far", ["--kind=all"], b"", 2, "",
     [r"unknown kind 'all'; there are circular, recursive, .*, limit, other"]),
    ("an empty label", ["--label=", "-f", "json", "-"], LOG, 2, "", ["--label wants a name that is not empty"]),
    ("width no number", ["--width=wide"], b"", 2, "", ["--width wants a number from 40 to 1000, not 'wide'"]),
    ("width too small", ["--width=39"], b"", 2, "", ["--width wants .*"]),
    ("width too large", ["--width=99999999999999999999"], b"", 2, "", ["--width wants .*"]),
    ("a list that is missing", ["-q", "--files-from=missing"], b"", 2, "", ["missing: No such .*"]),
    ("an empty list", ["--files-from=-"], b"", 0, "", []),
    ("patterns that are missing", ["--patterns=missing", LOG], b"", 2, "", ["missing: No such .*"]),
    ("patterns that are none", [f"--patterns={LOG}", LOG], b"", 2, "",
     [r".*\.log:1: a pattern file is an array of rows, .*; nothing was read"]),
    ("all patterns", ["--list-patterns"], b"", 0, r'\[\n\{"name":"unreferenced-inode",(?s:.*)\n\]\n', []),
    ("patterns are not for merge", ["merge", "--patterns=x"], b"", 2, "", [".*not for the command 'merge'"]),
    ("colours on request", ["--color=always", LOG], b"", 0, "(?s:.*)\x1b\\[(?s:.*)", []),
    ("no colours in a pipe", [LOG], b"", 0, "[^\x1b]*", []),
]


def matches(pattern, text):
    return pattern is None or re.fullmatch(pattern, text)


def check_row(tmp, row):
    name, args, stdin, status, out, err = row
    source = {"data": stdin} if isinstance(stdin, bytes) else {"stdin": open(stdin, "rb")}
    with contextlib.ExitStack() as stack:
        if "stdin" in source:
            stack.enter_context(source["stdin"])
        p = run(*args, cwd=tmp, timeout=60, **source)
    check(p.returncode == status, f"{name}: exit status {p.returncode}, want {status}")
    check(matches(out, p.stdout.decode()), f"{name}: output {p.stdout[:300]!r}, want {out!r}")
    lines = p.stderr.decode().split("\n")
    check(lines.pop() == "", f"{name}: the last line of the errors is not complete")
    fits = len(lines) == len(err) and all(
        re.fullmatch("unsplat: " + (w if "\\" in w or "*" in w else re.escape(w).replace(r"jsonl\?", "jsonl?")), got)
        for w, got in zip(err, lines))
    check(fits, f"{name}: errors {lines}, want {err}")


def shell(script, tmp):
    env = {**ENV, "U": UNSPLAT, "LOG": str(LOG), "FIXTURES": str(FIXTURES)}
    return subprocess.run(["sh", "-c", script], cwd=tmp, env=env, capture_output=True, timeout=120, check=False)


def check_pipelines(tmp):
    """As people type them."""
    dot, jq = os.environ.get("DOT", ":"), shutil.which("jq")
    rows = [
        ("cat $LOG | $U", 0, b"BREAK"),
        ("$U < $LOG", 0, b"BREAK"),
        ("$U -f json $FIXTURES | head -c 10", 0, b'{"schema":'),
        ("$U -f jsonl $FIXTURES | head -n 1", 0, b'{"source":'),
        ("$U -q --all $FIXTURES | true", 0, b""),
    ]
    if jq:
        rows.append(("cat $LOG | $U -f json | jq -r '.reports[0].suggestions[0].held'", 0, b"&mm->mmap_sem\n"))
        rows.append(("cat $LOG | $U -f jsonl | jq -r '.kind // .source.lines'", 0, b"circular\n161\n"))
    if dot != ":":
        rows.append((f"$U $LOG -f dot | {dot} -Tsvg", 0, b"</svg>"))
    for script, status, out in rows:
        p = shell(script, tmp)
        check(p.returncode == status, f"{script}: exit status {p.returncode}")
        check(out in p.stdout, f"{script}: output {p.stdout[:200]!r}, want {out!r} in it")
        check(p.stderr == b"", f"{script}: errors {p.stderr[:200]!r}")
    p = shell("$U $LOG > /dev/full", tmp)
    check((p.returncode, p.stderr) == (2, b"unsplat: standard output: No space left on device\n"),
          f"standard output full: exit status {p.returncode}, {p.stderr!r}")
    for args in ("--help", "--version"):
        p = shell(f"$U {args} > /dev/full", tmp)
        check(p.returncode == 2 and p.stderr.count(b"\n") == 1, f"{args} > /dev/full: {p}")
    p = shell("$U $LOG >&-", tmp)
    check(p.returncode == 2 and p.stderr.count(b"\n") == 1, f"standard output closed: {p}")
    p = shell("$U <&-", tmp)
    check(p.returncode == 2 and p.stderr.startswith(b"unsplat: "), f"standard input closed: {p}")


def check_patterns(tmp):
    """A row of a user gives the words for an edge that no built-in row knows."""
    row = {"name": "own", "remedy": "finer-lock", "to": ".*", "call": "\\w+", "what": "{F} meets {T}.",
           "todo": "Do \x1b[1m not."}
    own = tmp / "own.json"
    own.write_text(json.dumps([row]))
    out = subprocess.run([UNSPLAT, "-f", "json", f"--patterns={own}", LOG], stdout=subprocess.PIPE, check=True).stdout
    plain = subprocess.run([UNSPLAT, "-f", "json", LOG], stdout=subprocess.PIPE, check=True).stdout
    ranked, ranked_before = (json.loads(x)["reports"][0]["suggestions"] for x in (out, plain))
    check([s["score"] for s in ranked] == [s["score"] for s in ranked_before], "--patterns: scores changed")
    told = {s["edge"]["index"]: s for s in ranked}
    before = {s["edge"]["index"]: s for s in ranked_before}
    changed = [i for i in told if told[i]["pattern"] == "own"]
    check(changed and all(before[i]["pattern"] == "lock-order" for i in changed),
          f"--patterns: own rows told {changed}")
    check(all(told[i]["remedy"] == "finer-lock" and " meets " in told[i]["why"] for i in changed),
          "--patterns: the words are not those of the row")
    for suggestion in (*told.values(), *before.values()):
        suggestion.pop("rank")  # of edges that are as likely, those with a pattern come first
    check(all(told[i] == before[i] for i in told if i not in changed), "--patterns: other edges changed")
    text = subprocess.run([UNSPLAT, "-v", "--color=never", f"--patterns={own}", LOG], stdout=subprocess.PIPE,
                          check=True).stdout
    check(b" meets " in text and b"\x1b" not in text, "--patterns: a row paints")
    listed = subprocess.run([UNSPLAT, f"--patterns={own}", "--list-patterns"], stdout=subprocess.PIPE,
                            check=True).stdout
    rows = json.loads(listed)
    check(rows[-5] == row and rows[-1]["name"] == "lock-order", "--list-patterns: a row came back changed")
    subprocess.run([UNSPLAT, "--list-patterns", f"--patterns={own}", "-o", tmp / "list"], check=True)
    check((tmp / "list").read_bytes() == listed, "--list-patterns -o")
    graph = subprocess.run([UNSPLAT, "graph", "-f", "json", f"--patterns={own}", LOG], stdout=subprocess.PIPE,
                           check=True).stdout
    check(b" meets " in graph or b'"cut":[' in graph, "graph --patterns")


def check_broken_pipe():
    """Ended by the signal, as cat is, and silent."""
    for fmt in FORMATS:
        with tempfile.TemporaryFile() as errors:  # not a pipe, which would fill
            with subprocess.Popen([UNSPLAT, "--all", "-qf", fmt, *[FIXTURES] * 9],
                                  stdout=subprocess.PIPE, stderr=errors) as p:
                p.stdout.read(1)
                p.stdout.close()
            errors.seek(0)
            err = errors.read()
        check(p.returncode == -signal.SIGPIPE or (p.returncode == 0 and fmt == "title"),
              f"broken pipe, {fmt}: exit status {p.returncode}")
        check(err == b"", f"broken pipe, {fmt}: {err[:200]!r}")


def as_nobody():
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def check_permissions(tmp):
    """Root may read everything, so the test becomes somebody else where it can."""
    folder = tmp / "closed"
    folder.mkdir()
    shutil.copy(LOG, folder / "a.log")
    shutil.copy(LOG, tmp / "open.log")
    shutil.copy(LOG, tmp / "closed.log")
    (tmp / "closed.log").chmod(0)
    folder.chmod(0)
    tmp.chmod(0o755)
    root = os.geteuid() == 0
    if root:
        p = run("-f", "title", "closed", cwd=tmp)
        check(p.returncode == 0 and p.stdout.decode() == f"{TITLE}\n", f"root and a closed folder: {p}")
    try:
        p = subprocess.run([UNSPLAT, "-f", "title", "closed", "closed.log", "open.log"], cwd=tmp,
                           capture_output=True, preexec_fn=as_nobody if root else None, check=False)
    except (PermissionError, subprocess.SubprocessError):
        print("note: nobody else may run the program here, closed folders were seen as root only")
    else:
        want = b"unsplat: closed: Permission denied\nunsplat: closed.log: Permission denied\n"
        check((p.returncode, p.stderr) == (2, want), f"closed folder: {p}")
        check(p.stdout.decode() == f"{TITLE}\n", f"what can be read is reported: {p.stdout!r}")
    folder.chmod(0o700)


def check_output(tmp):
    out = tmp / "out"
    want = run(LOG).stdout

    def wrote(what, path, *args):
        p = run("-o", path, LOG, *args, cwd=tmp)
        check((p.returncode, p.stdout, p.stderr) == (0, b"", b""), f"{what}: {p}")

    wrote("new file", out)
    check(out.read_bytes() == want, "new file: other bytes")
    mask = os.umask(0)
    os.umask(mask)
    check(stat.S_IMODE(out.stat().st_mode) == 0o666 & ~mask, f"new file: mode {out.stat().st_mode:o}")
    out.write_text("old and longer\n" * 1000, encoding="ascii")
    out.chmod(0o640)
    inode = out.stat().st_ino
    wrote("old file", out)
    check(out.read_bytes() == want, "old file: other bytes")
    check(stat.S_IMODE(out.stat().st_mode) == 0o640, f"old file: mode {out.stat().st_mode:o}")
    check(out.stat().st_ino != inode, "old file: written in place, readers may see half of it")
    link = tmp / "link"
    link.symlink_to("out")
    out.write_bytes(b"")
    wrote("link", link)
    check(link.is_symlink() and out.read_bytes() == want, "link: not followed")
    (tmp / "sub").mkdir()
    dangling = tmp / "sub/dangling"
    dangling.symlink_to("target")
    wrote("link to nothing", "sub/dangling")
    check((tmp / "sub/target").read_bytes() == want, "link to nothing: not followed")
    fifo = tmp / "fifo"
    os.mkfifo(fifo)
    got = []
    reader = threading.Thread(target=lambda: got.append(fifo.read_bytes()), daemon=True)
    reader.start()
    wrote("FIFO", fifo)
    reader.join(20)
    check(got == [want], "FIFO: other bytes")
    check(stat.S_ISFIFO(fifo.stat().st_mode), "FIFO: replaced by a file")
    shutil.copy(LOG, tmp / "same.log")
    p = run("-o", "same.log", "same.log", cwd=tmp)
    check(p.returncode == 0 and TITLE.encode() in (tmp / "same.log").read_bytes(), f"input as output: {p}")

    def small_files():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    out.write_bytes(b"old\n")
    p = subprocess.run([UNSPLAT, "-o", "out", LOG], cwd=tmp, capture_output=True, preexec_fn=small_files,
                       check=False)
    check((p.returncode, p.stderr) == (2, b"unsplat: out: File too large\n"), f"failed write: {p}")
    check(out.read_bytes() == b"old\n", "failed write: the old file is gone")
    expected = {"out", "link", "sub", "fifo", "same.log"}
    check({x.name for x in tmp.iterdir()} == expected, f"left behind: {sorted(tmp.iterdir())}")


def sources(*args, **kw):
    p = run("-qf", "jsonl", "--all", *args, **kw)
    lines = [json.loads(x) for x in p.stdout.decode("utf-8", "surrogateescape").split("\n")[:-1]]
    return p.returncode, [x["source"]["name"] for x in lines if isinstance(x["source"], dict)]


def check_inputs(tmp):
    for name in ("graph", "merge", "help", "b.log", "a.log", "B.log", "folder/c.log", "folder/.hidden", "new\nline"):
        path = tmp / name
        path.parent.mkdir(exist_ok=True)
        shutil.copy(LOG, path)
    for name in ("graph", "merge", "help"):
        p = run("-f", "title", f"./{name}", cwd=tmp)
        check(p.stdout.decode() == f"{TITLE}\n", f"a file called {name}: {p}")
        p = run("report", "-f", "title", name, cwd=tmp)
        check(p.stdout.decode() == f"{TITLE}\n", f"a file called {name} behind the command: {p}")
    for name in ("graph", "merge", "triage"):
        p = run(name, cwd=tmp)
        check(p.returncode in (0, 2) and p.stderr.count(b"\n") <= 1, f"the command {name}: {p}")
    (tmp / "folder/loop").symlink_to("..")
    (tmp / "folder/gone").symlink_to("nothing")
    os.mkfifo(tmp / "folder/fifo")
    (tmp / "empty").mkdir()
    status, names = sources("folder", "empty", cwd=tmp)
    check(names == ["folder/.hidden", "folder/c.log"], f"folder: {names}")
    check(status == 0, f"a link in a folder that leads nowhere: {status}")
    status, names = sources(".", cwd=tmp)
    check(names == sorted(names) and len(names) == 9, f"folder is not walked in sorted order: {names}")
    (tmp / "lines").write_text("b.log\n\na.log\n", encoding="ascii")
    status, names = sources("--files-from=lines", "B.log", cwd=tmp)
    check((status, names) == (0, ["b.log", "a.log", "B.log"]), f"--files-from: {status}, {names}")
    status, names = sources("--files-from=-", cwd=tmp, data=b"a.log\nb.log")
    check((status, names) == (0, ["a.log", "b.log"]), f"--files-from=-: {status}, {names}")
    status, names = sources("-0", "--files-from=-", cwd=tmp, data=b"new\nline\0a.log\0")
    check((status, names) == (0, ["new\nline", "a.log"]), f"-0: {status}, {names}")
    status, names = sources("--files-from=-", cwd=tmp, data=b"missing\na.log\n")
    check(status == 2 and "a.log" in names, f"--files-from with a missing file: {status}, {names}")


def on_terminal(args, env, columns=100, feed=None):
    """Run with a terminal for all three; give exit status and what was shown."""
    pid, fd = pty.fork()
    if pid == 0:
        signal.alarm(20)  # a program that waits for more ends here
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
        os.execve(UNSPLAT, [UNSPLAT, *map(str, args)], {**ENV, "TERM": "xterm", **env})
    if feed:
        os.write(fd, feed)
    shown = b""
    with contextlib.suppress(OSError):
        while data := os.read(fd, 65536):
            shown += data
    os.close(fd)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode().replace("\r\n", "\n")


def check_terminal(tmp):
    try:
        for fd in pty.openpty():
            os.close(fd)
    except OSError as e:
        print(f"skipped: what needs a terminal: {e}")
        return
    status, shown = on_terminal([], {})
    check(status == 2 and shown.startswith("usage: unsplat"), f"no FILE on a terminal: {status}, {shown!r}")
    check(shown.count("\n") <= 5, "no FILE on a terminal: the usage is not short")
    status, shown = on_terminal(["-f", "title", "-"], {}, feed=b"\x04")
    check((status, shown.replace("^D\b\b", "")) == (0, ""), f"- on a terminal: {status}, {shown!r}")
    status, shown = on_terminal([LOG], {})
    check("\x1b[" in shown, "no colours on a terminal")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    check(plain == run(LOG, "--width=100").stdout.decode(), "colours change more than the colour, or the width is not the terminal's")
    for args, env in ((["--color=never"], {}), ([], {"NO_COLOR": "1"}), ([], {"TERM": "dumb"})):
        status, shown = on_terminal([LOG, *args], env)
        check("\x1b" not in shown, f"colours in spite of {args} {env}")
    for args, env in ((["--color=always"], {"NO_COLOR": "1"}), (["--color=auto"], {"NO_COLOR": ""})):
        status, shown = on_terminal([LOG, *args], env)
        check("\x1b[" in shown, f"no colours with {args} {env}")
    for fmt in ("json", "jsonl", "dot", "title", "diagram"):
        status, shown = on_terminal([LOG, "-f", fmt], {})
        check("\x1b" not in shown, f"colours in {fmt}")
    on_terminal([LOG, "-o", tmp / "coloured"], {})
    check(b"\x1b" not in (tmp / "coloured").read_bytes(), "colours in a file")


def main():
    with scratch() as tmp:
        for row in ROWS:
            check_row(tmp, row)
        check_pipelines(tmp)
    check_broken_pipe()
    for part in (check_patterns, check_permissions, check_output, check_inputs, check_terminal):
        with scratch() as tmp:
            part(tmp)
    finish(f"{len(ROWS)} command lines, and files, pipes and terminals")


if __name__ == "__main__":
    main()
