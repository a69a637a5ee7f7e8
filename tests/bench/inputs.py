# SPDX-License-Identifier: MIT
"""Makes the inputs of the benchmark: the same bytes everywhere, whatever the size."""
import random
import shutil
import subprocess

MIB = 1 << 20
BLOCK = 4 * MIB

PLAIN = """\
usb {a}-{b}: new high-speed USB device number {c} using xhci_hcd
usb {a}-{b}: New USB device found, idVendor=0{d}, idProduct=0{d}, bcdDevice= 1.00
pci 0000:0{a}:1{b}.0: BAR {a}: assigned [mem 0xfe{d}000-0xfe{d}fff 64bit pref]
pci 0000:00:0{a}.{b}: PCI bridge to [bus 0{b}]
ACPI: PCI: Interrupt link LNK{a} configured for IRQ {c}
e1000e 0000:00:19.0 eth{a}: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx
EXT4-fs (sda{a}): mounted filesystem with ordered data mode. Quota mode: none.
audit: type=1400 audit({d}.{c}:{a}): apparmor="STATUS" operation="profile_load" name="p{c}"
systemd[1]: Started Journal Service.
systemd[1]: Condition check resulted in Rebuild Hardware Database being skipped.
clocksource: tsc: mask: 0xffffffffffffffff max_cycles: 0x{d}, max_idle_ns: 440795{d} ns
scsi host{a}: ahci
ata{a}: SATA link up 6.0 Gbps (SStatus 133 SControl 300)
sd {a}:0:0:0: [sd{b}] {d} 512-byte logical blocks: (120 GB/112 GiB)
Block layer SCSI generic (bsg) driver version 0.4 loaded (major {c})
rcu: Adjusting geometry for rcu_fanout_leaf=16, nr_cpu_ids={c}
random: crng init done
NET: Registered PF_INET{a} protocol family
input: AT Translated Set 2 keyboard as /devices/platform/i8042/serio{a}/input/input{c}
i915 0000:00:02.0: [drm] Finished loading DMC firmware i915/kbl_dmc_ver1_0{a}.bin (v1.{b})
xfs: loop{a}: test generic/{c} starts, scratch device is help{b}
run fstests generic/{c} at 2026-01-0{a} 12:0{b}:{c}
device veth{c} entered promiscuous mode, address is 52:54:00:{a}{b}:{a}{b}:01
TCP: request_sock_TCP: Possible SYN flooding on port {d}. Sending cookies.
perf: interrupt took too long ({d} > {d}), lowering kernel.perf_event_max_sample_rate to {d}
CPU{a}: Package temperature/speed normal, field {c} should be ignored
kselftest: ok {c} - selftests: timers: posix_timers
""".splitlines()

CODE = ["open", "release", "ioctl", "probe", "remove", "suspend", "resume", "write", "flush", "evict",
        "map", "unmap", "notify", "queue", "drain", "start", "stop", "update", "commit", "reset"]
ENTRY = ["do_vfs_ioctl+0x94/0x670", "__x64_sys_ioctl+0x41/0x70", "do_syscall_64+0x5c/0x90",
         "entry_SYSCALL_64_after_hwframe+0x72/0xdc"]


class Log:
    """Lines with printk's time and caller."""

    def __init__(self, rand):
        self.rand, self.time, self.lines, self.size = rand, 0, [], 0

    def add(self, text):
        self.time += self.rand.randrange(2000)
        line = f"[{self.time // 1000000:5}.{self.time % 1000000:06}][  T321] {text}\n"
        self.lines.append(line)
        self.size += len(line)

    def plain(self, size):
        r = self.rand
        while self.size < size:
            self.add(r.choice(PLAIN).format(a=r.randrange(1, 9), b=r.randrange(1, 9),
                                            c=r.randrange(10, 999), d=r.randrange(1000, 99999)))

    def stack(self, bug, k, indent=7):
        r = random.Random(bug * 100 + k)  # of a bug, the stacks are always the same
        calls = [f"drv{bug}_{r.choice(CODE)}_{r.choice(CODE)}" for _ in range(r.randrange(3, 9))]
        for name in ["lock_acquire", "__mutex_lock", "mutex_lock_nested"] + calls:
            self.add(f"{' ' * indent}{name}+0x{r.randrange(16, 4096):x}/0x{r.randrange(4096, 9999):x}")
        for entry in ENTRY:
            self.add(" " * indent + entry)

    def circular(self, bug, locks):
        """One report of a cycle through that many locks, as 6.x prints it."""
        name = [f"(&drv{bug}_{k}->lock)" for k in range(locks)]
        state = "{+.+.}-{3:3}"
        self.add("")
        self.add("=" * 54)
        self.add("WARNING: possible circular locking dependency detected")
        self.add("6.12.0-bench #1 Not tainted")
        self.add("-" * 54)
        self.add("worker/321 is trying to acquire lock:")
        self.add(f"ffff888004c4d4a8 {name[0]}{state}, at: drv{bug}_a+0x29/0x70")
        self.add("")
        self.add("but task is already holding lock:")
        self.add(f"ffff888004c4d5a8 {name[-1]}{state}, at: drv{bug}_b+0x19/0x70")
        self.add("")
        self.add("which lock already depends on the new lock.")
        self.add("")
        self.add("the existing dependency chain (in reverse order) is:")
        for k in reversed(range(locks)):
            self.add("")
            self.add(f"-> #{k} {name[k]}{state}:")
            self.stack(bug, k)
        self.add("")
        self.add("other info that might help us debug this:")
        self.add("")
        self.add(" *** DEADLOCK ***")
        self.add("")
        self.add("1 lock held by worker/321:")
        self.add(f" #0: ffff888004c4d5a8 {name[-1]}{state}, at: drv{bug}_b+0x19/0x70")
        self.add("")
        self.add("stack backtrace:")
        self.add("CPU: 0 PID: 321 Comm: worker Not tainted 6.12.0-bench #1")
        self.add("Call Trace:")
        self.add(" <TASK>")
        self.stack(bug, 99, 1)
        self.add(" </TASK>")

    def bytes(self):
        return "".join(self.lines).encode("ascii")


def plain_block(size):
    log = Log(random.Random(1))
    log.plain(size)
    return log.bytes()


def one_splat(bug, locks=4):
    log = Log(random.Random(2))
    log.circular(bug, locks)
    return log.bytes()


def splat_block(size, bugs=64):
    log = Log(random.Random(3))
    while log.size < size:
        log.circular(log.rand.randrange(bugs), log.rand.randrange(2, 6))
    return log.bytes()


def repeat(path, size, *parts):
    """A file of @p size bytes or a little more, of these parts again and again."""
    part = b"".join(parts)
    with path.open("wb") as out:
        while out.tell() < size:
            out.write(part)


def clean(path, size):
    if not path.exists():
        repeat(path, size, plain_block(BLOCK))


def mixed(path, size):
    if not path.exists():
        repeat(path, size, plain_block(BLOCK), one_splat(1))


def splats(path, size):
    if not path.exists():
        repeat(path, size, splat_block(BLOCK))


def tree(folder, files, size):
    """Folders of 100 files; one of 50 files has a splat."""
    if (folder / "done").exists():
        return
    block, splat = plain_block(size), one_splat(1)
    for i in range(files):
        sub = folder / f"{i // 100:04}"
        sub.mkdir(parents=True, exist_ok=True)
        (sub / f"{i % 100:02}.log").write_bytes(block + (splat if i % 50 == 0 else b""))
    (folder / "done").touch()


def compressed(path, tool, suffix):
    """@return the file packed by @p tool, None where that is not installed."""
    packed = path.with_name(path.name + suffix)
    if not shutil.which(tool):
        return None
    if not packed.exists():
        with packed.open("wb") as out:
            subprocess.run([tool, "-c", path], stdout=out, check=True)
    return packed


SHORT = """\
======================================================
WARNING: possible circular locking dependency detected
6.12.0-bench #1 Not tainted
------------------------------------------------------
worker/321 is trying to acquire lock:
ffff888004c4d4a8 ({a}){{+.+.}}-{{3:3}}, at: {f}_take_first+0x29/0x70

but task is already holding lock:
ffff888004c4d5a8 ({b}){{+.+.}}-{{3:3}}, at: {f}_take_second+0x19/0x70

which lock already depends on the new lock.

the existing dependency chain (in reverse order) is:

-> #1 ({b}){{+.+.}}-{{3:3}}:
       __mutex_lock+0xa5/0xc70
       {f}_forwards+0x16/0x30

-> #0 ({a}){{+.+.}}-{{3:3}}:
       lock_acquire+0xa8/0x260
       __mutex_lock+0xa5/0xc70
       {f}_take_first+0x29/0x70

other info that might help us debug this:

 *** DEADLOCK ***

1 lock held by worker/321:
 #0: ffff888004c4d5a8 ({b}){{+.+.}}-{{3:3}}, at: {f}_take_second+0x19/0x70

stack backtrace:
Call Trace:
 dump_stack+0x1b/0x20
"""


def reports(path, n):
    """As many reports of 10,000 bugs, which have 20,000 edges: clusters of ten locks."""
    if path.exists():
        return
    with path.open("w", encoding="ascii") as out:
        for i in range(n):
            group, k = divmod(i % 10_000, 10)
            out.write(SHORT.format(a=f"&drv{group}->lock_{k}", b=f"&drv{group}->lock_{(k + 1) % 10}",
                                   f=f"drv{group}_{k}"))
