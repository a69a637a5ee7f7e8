# SPDX-License-Identifier: MIT
"""A large log streams through a pipe in little memory. LONG=1: 2 GiB of it, as promised."""

import os
import select
import subprocess
import time

from harness import FIXTURES, UNSPLAT, check, finish

MIB = 1 << 20
PEAK = 32 * MIB
SIZE = 2048 * MIB if os.environ.get("LONG") else 64 * MIB
PLAIN = b"".join(b"[%12.6f] usb 3-1: new high-speed USB device number %d using xhci_hcd\n"
                 % (i * 0.0137, i % 127) for i in range(20_000))
NEAR = b"".join(b"[%12.6f] zoo: lock %d is held by zoo/%d, at: zoo_open+0x%x/0x200 -> waits\n"
                % (i * 0.0137, i, i % 999, i % 512) for i in range(20_000))  # words of reports
BINARY = bytes((i * i * 31 + i // 3) % 256 for i in range(MIB))
SPLAT = (FIXTURES / "i915-userptr.log").read_bytes()


def sanitized():
    """Sanitizers keep shadows of all memory: then only the output is looked at."""
    with open(UNSPLAT, "rb") as f:
        return b"__asan_init" in f.read()


def peak_of(pid):
    """Bytes. The kernel's figure for a child that has ended counts this Python, before exec, too."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return next(int(line.split()[1]) * 1024 for line in f if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        return None


def stream(what, block, fmt, reports):
    """`reports` copies of a report, spread over SIZE bytes of `block`."""
    begun = time.monotonic()
    written, due = 0, 0
    with subprocess.Popen([UNSPLAT, "-f", fmt, "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        while written < SIZE:
            if due < reports and written >= due * SIZE // reports:
                p.stdin.write(SPLAT)
                due += 1
            p.stdin.write(block)
            written += len(block)
        p.stdin.flush()
        early = peak_of(p.pid)
        p.stdin.close()
        out = p.stdout.read()
        usage = os.wait4(p.pid, 0)
        p.returncode = os.waitstatus_to_exitcode(usage[1])
    seconds = time.monotonic() - begun
    check(p.returncode == 0, f"{what}: exit status {p.returncode}")
    late = usage[2].ru_maxrss * 1024
    print(f"{what}: {written // MIB} MiB in {seconds:.1f} s, peak {(early or late) / MIB:.1f} MiB")
    if not sanitized():
        check(late < PEAK, f"{what}: {late / MIB:.1f} MiB")
    return out


def check_at_once():
    """jsonl is written while the input goes on, as `dmesg --follow` does."""
    with subprocess.Popen([UNSPLAT, "-f", "jsonl", "-q"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as p:
        p.stdin.write(SPLAT + PLAIN)
        p.stdin.flush()
        ready, _, _ = select.select([p.stdout], [], [], 60)
        if check(ready, "jsonl: nothing is written while the input is open"):
            check(p.stdout.readline().startswith(b'{"kind":"circular"'), "jsonl: no report first")
        p.stdin.close()
        check(p.stdout.read().startswith(b'{"source":'), "jsonl: no source last")


def main():
    title = b"possible deadlock in apply_workqueue_attrs\n"
    check(stream("plain log", PLAIN, "title", 0) == b"", "a report out of nothing")
    check(stream("a thousand equal reports", PLAIN, "title", 1000) == title, "not the one report")
    out = stream("lines with words of reports", NEAR, "title", 1)
    check(out == title, f"not the one report: {out[:200]!r}")
    stream("binary", BINARY, "title", 0)
    stream("one endless line", b"-> #0 (a" * 100_000, "title", 0)
    stream("NULs", b"\0" * MIB, "title", 0)
    out = stream("json", PLAIN, "json", 3)
    check(b'"count":3' in out, "json: three reports are not counted")
    check_at_once()
    finish(f"{SIZE // MIB} MiB each")


if __name__ == "__main__":
    main()
