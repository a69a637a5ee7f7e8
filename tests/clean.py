# SPDX-License-Identifier: MIT
"""No byte of a log that a terminal acts on reaches an output, in any format, nor an error message."""

import re

from harness import FIXTURES, FORMATS, check, finish, fixtures, run, scratch, short

RAW = re.compile(rb"[\x00-\x09\x0b-\x1f\x7f]")
# C1, marks and overrides of the writing direction, separators of lines and paragraphs
UNICODE = re.compile("[\x80-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
CONTRACT = re.compile("[\x80-\x9f]")  # what JSON has to escape
COLOUR = re.compile(rb"\x1b\[[0-9;]*m")


def check_clean(name, fmt, data):
    if fmt == "dot":  # the layout of libcgraph: tabs at the begin of lines and before attributes
        data = re.sub(rb"(?m)^\t+|\t(?=\[)", b"", data)
    if fmt == "text, colours":
        data = COLOUR.sub(b"", data)
    raw = RAW.search(data)
    check(not raw, f"{name}, {fmt}: control byte {raw}")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as e:
        check(False, f"{name}, {fmt}: {e}")
        return
    pattern = CONTRACT if fmt.startswith("json") else UNICODE
    found = pattern.search(text)
    check(not found, f"{name}, {fmt}: control character {found}")


def main():
    assert RAW.search((FIXTURES / "hostile-control.log").read_bytes())
    logs = fixtures()
    for log in logs:
        for fmt in FORMATS:
            p = run("--all", "-v", "-f", fmt, log)
            check_clean(short(log), fmt, p.stdout)
            check_clean(short(log), "errors", p.stderr)
        check_clean(short(log), "text, colours", run("--all", "-v", "--color=always", log).stdout)
    hostile = (FIXTURES / "hostile-control.log").read_bytes()
    for fmt in FORMATS:
        p = run("--all", "-f", fmt, "--label=\x1b[31m\u202elog", data=hostile)
        check_clean("a hostile label", fmt, p.stdout)
        check_clean("a hostile label", "errors", p.stderr)
    with scratch() as tmp:
        name = b"\x1b]0;pwned\x07\xff\n.log"
        (tmp / "sub").mkdir()
        with open(bytes(tmp / "sub") + b"/" + name, "wb") as f:
            f.write(hostile)
        for fmt in FORMATS:
            p = run("--all", "-f", fmt, "sub", "\x1b[31mmissing", cwd=tmp)
            check_clean("a hostile file name", fmt, p.stdout)
            check_clean("a hostile file name", "errors", p.stderr)
    for args in (["--\x1b[31mx"], ["-f", "\x1b[31m"], ["--kind=\x9b31m"], ["--width=\x1b"], ["-\x07"]):
        p = run(*args)
        check(p.returncode == 2, f"{args}: exit status {p.returncode}")
        check_clean(str(args), "errors", p.stderr)
    finish(f"{len(logs)} logs in {len(FORMATS)} formats")


if __name__ == "__main__":
    main()
