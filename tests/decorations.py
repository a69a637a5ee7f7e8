# SPDX-License-Identifier: MIT
"""The same splat in every decoration that transports add is read as the same report.

The decorations are made here, from one log of a console: lines with the same time stamp are one
record of printk, with newlines inside, and transports differ in what they make of those.
"""

import base64
import html
import json
import quopri
import re

from harness import FIXTURES, check, finish, run

LOGS = ["x86_64-6.1-circ4_mid", "x86_64-6.1-flush_work", "x86_64-6.1-timer_sync", "arm64-6.1-circ3"]
STAMPED = re.compile(r"\[ *(\d+\.\d+)\] ?(.*)")


def records(log):
    """[(time, [line, ...]), ...] of the kernel's lines."""
    out = []
    for line in log.read_text(encoding="utf-8").split("\n"):
        m = STAMPED.fullmatch(line)
        if not m:
            continue
        if out and out[-1][0] == m[1] and out[-1][1][-1] == "":
            out[-1][1].append(m[2])
        elif out and out[-1][0] == m[1] and m[2] == "":
            out[-1][1].append("")
        else:
            out.append((m[1], [m[2]]))
    return out


def every_line(prefix):
    """A transport that puts its prefix before every line of a record."""
    return lambda recs: "".join(f"{prefix(t)}{line}\n" for t, lines in recs for line in lines)


def first_line(prefix, indent=None):
    """One that puts it before the first line only, and indents the others below it."""
    def write(recs):
        out = ""
        for t, lines in recs:
            p = prefix(t)
            rest = " " * (len(p) if indent is None else indent)
            out += p + lines[0] + "\n" + "".join((rest + x if x else "") + "\n" for x in lines[1:])
        return out
    return write


def stamp(t):
    return f"[{float(t):12.6f}] "


def clock(t):
    return f"10:20:{int(float(t)) % 60:02d}"


console = every_line(stamp)


def over_console(change):
    return lambda recs: "".join(change(line) + "\n" for line in console(recs).split("\n")[:-1])


def rsyslog(recs):
    return "".join(f"Jan 22 {clock(t)} zoo kernel: {stamp(t)}" + "#012".join(lines).rstrip("#012") + "\n"
                   if len(lines) > 1 else f"Jan 22 {clock(t)} zoo kernel: {stamp(t)}{lines[0]}\n"
                   for t, lines in recs)


def kmsg(recs, release=""):
    out = ""
    for i, (t, lines) in enumerate(recs):
        text = "\\x0a".join(x.replace("\\", "\\x5c") for x in lines)
        out += f"{release}4,{i},{int(float(t) * 1e6)},-;{text}\n"
    return out


def netconsole_pieces(recs):
    """Records in pieces, with the release in front."""
    out = ""
    for i, (t, lines) in enumerate(recs):
        text = "\\x0a".join(lines)
        head = f"6.6.7,4,{i},{int(float(t) * 1e6)},-"
        if len(text) < 40:
            out += f"{head};{text}\n"
        for at in range(0, len(text) if len(text) >= 40 else 0, 30):
            out += f"{head},ncfrag={at}/{len(text)};{text[at:at + 30]}\n"
    return out


def lava(recs):
    return "".join("- " + json.dumps({"dt": "2025-07-16T10:30:00.123456", "lvl": "target", "msg": m}) + "\n"
                   for m in console(recs).split("\n")[:-1])


def journal_bytes(recs):
    """The journal's JSON for what is no UTF-8, among lines that are."""
    plain = json.dumps({"_TRANSPORT": "kernel", "MESSAGE": "usb 1-1: new device"}) + "\n"
    text = "".join(json.dumps({"_TRANSPORT": "kernel", "MESSAGE": list("\n".join(lines).encode())}) + "\n"
                   for _, lines in recs)
    return plain * 200 + text + plain * 200


def collapsed(line):
    return re.sub(" +", " ", line).strip()


def bare(recs):
    return "".join(f"{line}\n" for _, lines in recs for line in lines)


def mail_headers(body):
    return ("From: Zoo <zoo@example.org>\nSubject: a report\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\n"
            "Content-Transfer-Encoding: quoted-printable\n\n" + body)


def quoted_printable(recs):
    return mail_headers(quopri.encodestring(console(recs).encode()).decode())


def pstore(recs):
    """The last part first, each with its head; the parts cut the report."""
    lines = [f"<4>{x}" for x in console(recs).split("\n")[:-1]]
    size = len(lines) // 3 + 1
    parts = [lines[i:i + size] for i in range(0, len(lines), size)][::-1]
    return "".join(f"Panic#1 Part{i + 1}\n" + "".join(x + "\n" for x in part) for i, part in enumerate(parts))


DECORATIONS = {
    "pstore": pstore,
    "console": console,
    "no time stamps": bare,
    "no time stamps, indented": lambda r: "".join("    " + x + "\n" for x in bare(r).split("\n")),
    "caller": every_line(lambda t: stamp(t).rstrip() + "[   T45] "),
    "caller, no time": every_line(lambda t: "[   T45] "),
    "level": every_line(lambda t: "<4>" + stamp(t)),
    "facility and level": every_line(lambda t: "<12>" + stamp(t)),
    "graphics CI": first_line(lambda t: f"<4> [{float(t):.6f}] ", indent=0),
    "dmesg": first_line(stamp),
    "dmesg -T": first_line(lambda t: f"[Mon Nov 22 {clock(t)} 2026] "),
    "dmesg -x": first_line(lambda t: "kern  :warn  : " + stamp(t)),
    "dmesg -x with caller": first_line(lambda t: "kern  :warn  : " + stamp(t) + "[    T399] "),
    "dmesg --time-format=iso": first_line(lambda t: f"2026-11-22T{clock(t)},123456+01:00 "),
    "dmesg -d": first_line(lambda t: "[  +0.000113] "),
    "journalctl": first_line(lambda t: f"Jan 22 {clock(t)} zoo kernel: "),
    "journalctl -o short-iso": first_line(lambda t: f"2026-11-22T{clock(t)}+0200 zoo kernel: "),
    "journalctl -o short-monotonic": first_line(lambda t: stamp(t) + "zoo kernel: "),
    "journalctl -o cat": bare,
    "rsyslog, newlines as #012": rsyslog,
    "syslog, every line": every_line(lambda t: f"Jan  2 {clock(t)} zoo kernel: {stamp(t)}"),
    "syslog, ISO time": every_line(lambda t: f"2016-03-26T{clock(t)}.526357+00:00 zoo kernel: "),
    "syslog without date": every_line(lambda t: "kernel: "),
    "/dev/kmsg": kmsg,
    "netconsole with the release": lambda r: kmsg(r, "6.6.7,"),
    "netconsole with the release, in pieces": netconsole_pieces,
    "CI time stamps": every_line(lambda t: f"2024-01-01T{clock(t)}.1234567Z {stamp(t)}"),
    "CI time stamps in brackets": every_line(lambda t: f"[2024-01-01T{clock(t)}.123Z] {stamp(t)}"),
    "LAVA": lava,
    "journal's JSON with lists of bytes": journal_bytes,
    "mail quote": over_console(lambda x: "> " + x),
    "mail quote without blank": over_console(lambda x: ">" + x),
    "mail quote of a quote": over_console(lambda x: "> > " + x),
    "pipe quote": over_console(lambda x: "|" + x),
    "quoted-printable": quoted_printable,
    "collapsed blanks": over_console(collapsed),
    "HTML entities": over_console(lambda x: html.escape(x, quote=False)),
    "ts": every_line(lambda t: f"May 01 {clock(t)} " + stamp(t)),
    "ts, no time stamps": every_line(lambda t: f"May 01 {clock(t)} "),
    "dmesg -d -t": every_line(lambda t: "[<    0.000010>] "),
    "docker compose": every_line(lambda t: "vm_1  | " + stamp(t)),
    "docker compose, no time stamps": every_line(lambda t: "vm_1  | "),
    "syslog, number behind the ident": every_line(lambda t: f"Jan  2 {clock(t)} zoo kernel[123]: {stamp(t)}"),
    "MediaTek, name of the file's module": every_line(lambda t: "[name:lockdep&]"),
    "MediaTek, behind the time stamp": every_line(lambda t: stamp(t).rstrip() + " (3)[2031:kworker/3:1][name:lockdep&]"),
    "MediaTek, thread's name behind its number": every_line(lambda t: stamp(t) + "[T1501146] kworker/u8:1: "),
    "Qualcomm": every_line(lambda t: stamp(t) + "c0   4711 "),
    "gh run view --log": every_line(lambda t: f"build (x86, 1)\tRun tests\t2024-01-01T{clock(t)}.1234567Z {stamp(t)}"),
    "cat -n": lambda r: "".join(f"{i:6}\t{x}\n" for i, x in enumerate(bare(r).split("\n")[:-1], 1)),
    "grep -H": over_console(lambda x: "var/log/kern.log:" + x),
    "grep -H, no time stamps": lambda r: lines_of(bare(r), lambda x: "kern.log:" + x),
    "grep -Hn": lambda r: "".join(f"kern.log:{i}:{x}\n" for i, x in enumerate(bare(r).split("\n")[:-1], 1)),
    "grep -n": lambda r: "".join(f"{i}:{x}\n" for i, x in enumerate(bare(r).split("\n")[:-1], 1)),
    "grep -C": lambda r: lines_of(bare(r), lambda x: "kern.log" + (":" if "WARNING" in x else "-") + x),
    "diff, added": over_console(lambda x: "+" + x),
    "diff, removed": over_console(lambda x: "-" + x),
    "diff, added, no time stamps": lambda r: lines_of(bare(r), lambda x: "+" + x),
    "diff, removed, no time stamps": lambda r: lines_of(bare(r), lambda x: "-" + x),
    "diff in a mail": over_console(lambda x: "> +" + x),
    "quote mark #": lambda r: lines_of(bare(r), lambda x: "# " + x),
    "quote mark :": lambda r: lines_of(bare(r), lambda x: ": " + x),
    "quote mark %": over_console(lambda x: "% " + x),
    "quote mark % and no blanks at ends": over_console(lambda x: ("% " + x).rstrip()),
    "a name as quote mark": lambda r: lines_of(bare(r), lambda x: "John> " + x),
    "initials as quote mark": over_console(lambda x: "JD> " + x),
    "CR LF": over_console(lambda x: x + "\r"),
    "CR CR LF": over_console(lambda x: x + "\r\r"),
    "visible carriage returns": over_console(lambda x: x + "^M"),
    "terminal colours": over_console(
        lambda x: re.sub(r"^(\[[^]]*\]) ?(.*)$", "\x1b[32m\\1\x1b[0m \x1b[33m\\2\x1b[0m", x)),
    "terminal queries": over_console(lambda x: "\x1b[?25l" + x + "\x1b[0K"),
    "trailing blanks": over_console(lambda x: x + "   "),
    "byte order mark": lambda r: "\ufeff" + console(r),
    "mail quote of syslog": lambda r: "".join(
        "> " + x + "\n" for x in every_line(lambda t: f"Jan  2 {clock(t)} zoo kernel: {stamp(t)}")(r)
        .split("\n")[:-1]),
}

# decoration: why it is not read yet
DIFFERS = {}


def lines_of(text, change):
    return "".join(change(x) + "\n" for x in text.split("\n")[:-1])


def base64_mail(text):
    body = base64.encodebytes(text.encode()).decode()
    return ("From: Zoo <zoo@example.org>\nMIME-Version: 1.0\n"
            "Content-Type: multipart/mixed; boundary=\"zoo\"\n\n--zoo\n"
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n"
            + body + "--zoo--\n")


# What may be laid over each of these, too: (transport, over it) in all pairs.
OVER = {
    "mail quote": lambda t: lines_of(t, lambda x: "> " + x),
    "deep mail quote": lambda t: lines_of(t, lambda x: "> > > " + x),
    "CR LF": lambda t: lines_of(t, lambda x: x + "\r"),
    "visible carriage returns": lambda t: lines_of(t, lambda x: x + "^M"),
    "HTML entities": lambda t: lines_of(t, lambda x: html.escape(x, quote=False)),
    "HTML page": lambda t: "<!DOCTYPE html>\n<html><body><pre>\n" + lines_of(t, html.escape) + "</pre></body></html>\n",
    "quoted-printable": lambda t: mail_headers(quopri.encodestring(t.encode()).decode()),
    "base64": base64_mail,
    "trailing blanks": lambda t: lines_of(t, lambda x: x + "  "),
    "colours": lambda t: lines_of(t, lambda x: "\x1b[33m" + x + "\x1b[0m"),
    "JSON lines": lambda t: lines_of(t, lambda x: json.dumps({"log": x + "\n", "stream": "stdout"})),
    "author's indent": lambda t: lines_of(t, lambda x: "  " + x),
}
UNDER = ["console", "caller", "level", "dmesg", "dmesg -T", "dmesg -x", "journalctl",
         "journalctl -o short-iso", "rsyslog, newlines as #012", "syslog, every line", "/dev/kmsg",
         "CI time stamps", "LAVA", "no time stamps"]


def essence(text):
    p = run("-f", "json", data=text.encode("utf-8", "surrogateescape"))
    if p.returncode:
        return {"status": p.returncode}
    reports = json.loads(p.stdout)["reports"]
    if len(reports) != 1:
        return {"reports": [(r["kind"], r["line"]) for r in reports]}
    r = reports[0]
    return {
        "kind": r["kind"], "title": r["title"], "signature": r["signature"], "task": r["task"],
        "release": (r["kernel"] or {}).get("release"), "complete": r["complete"],
        "problems": [p["text"] for p in r["problems"]],
        "acquiring": r["acquiring"], "holding": r["holding"],
        "chain": [(e["index"], e["lock"]["name"], e["lock"]["usage"]) for e in r["chain"]],
        "stacks": [[(f["function"], f["offset"], f["module"]) for f in e["frames"]] for e in r["chain"]],
        "edges": [(e["from"], e["to"], e["relation"]) for e in r["edges"]],
        "held locks": [(h["index"], h["name"], h["at"]) for h in r["held_locks"]],
        "backtrace": [(f["function"], f["reliable"]) for f in r["backtrace"]],
        "suggestions": [(s["edge"]["index"], s["score"], s["function"]) for s in r["suggestions"]],
    }


def main():
    differed = set()
    for name in LOGS:
        log = FIXTURES / "kernel" / f"{name}.log"
        recs = records(log)
        check(any(len(lines) > 1 for _, lines in recs), f"{name} has no record of several lines")
        want = essence(console(recs))
        check("signature" in want and want["complete"] and not want["problems"], f"{name}: {want}")
        for what, decorate in DECORATIONS.items():
            got = essence(decorate(recs))
            wrong = [k for k in want if got.get(k) != want[k]]
            if wrong and what in DIFFERS:
                differed.add(what)
                continue
            first = wrong[0] if wrong else None
            check(not wrong, f"{name}, {what}: {wrong}: {first}: want {want.get(first)}, "
                             f"got {got.get(first, got)}")
    pairs = 0
    for name in LOGS[:2]:
        recs = records(FIXTURES / "kernel" / f"{name}.log")
        want = essence(console(recs))
        for under in UNDER:
            for over, lay in OVER.items():
                got = essence(lay(DECORATIONS[under](recs)))
                wrong = [k for k in want if got.get(k) != want[k]]
                pairs += 1
                check(not wrong, f"{name}, {under} under {over}: {wrong}: want "
                                 f"{wrong and want[wrong[0]]}, got {wrong and got.get(wrong[0], got)}")
    for what in set(DIFFERS) - differed:
        check(False, f"{what} is read now: take it out of the known differences")
    finish(f"{len(LOGS)} logs in {len(DECORATIONS)} decorations and {pairs} pairs, "
           f"{len(DIFFERS)} known to differ")


if __name__ == "__main__":
    main()
