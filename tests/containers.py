# SPDX-License-Identifier: MIT
"""Compressed logs and archives: whole, nested, damaged, hostile."""

import bz2
import gzip
import io
import json
import lzma
import os
import shutil
import struct
import subprocess
import tarfile
import threading
import zipfile
import zlib

from harness import FIXTURES, check, finish, run, scratch

LOG = (FIXTURES / "i915-userptr.log").read_bytes()
TITLE = "possible deadlock in apply_workqueue_attrs"


def tool(*command):
    """A compressor that Python does not have; None when it is not there either."""
    if not shutil.which(command[0]):
        print(f"not tested: there is no {command[0]}")
        return None
    return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout


COMPRESSORS = {name: pack for name, pack in {
    "gz": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "zst": tool("zstd", "-q", "-c"),
    "lz4": tool("lz4", "-q", "-c"),
}.items() if pack}


def tar(members, **kw):
    """`members`: (name, bytes) or a finished TarInfo with its bytes."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", **kw) as t:
        for name, data in members:
            info = name if isinstance(name, tarfile.TarInfo) else tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members, method=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as z:
        for name, data in members:
            z.writestr(name, data)
    return out.getvalue()


def read(data, args=(), damaged=False, **kw):
    """Sources as [name, lines, error, number of reports], the exit status, standard error."""
    p = run("-f", "jsonl", "--label=in", *args, data=data, **kw)
    sources, reports = [], 0
    for line in p.stdout.decode().splitlines():
        o = json.loads(line)
        if "title" not in o:
            s = o["source"]
            sources.append([s["name"], s["lines"], s["error"], reports])
            reports = 0
        else:
            check(damaged or o["title"] == TITLE, f"title {o['title']}")
            reports += 1
    check(p.returncode in (0, 1, 2), f"exit {p.returncode}: {p.stderr[-2000:]!r}")
    for line in p.stderr.splitlines():
        check(line.startswith(b"unsplat: "), f"on standard error: {line!r}")
    return sources, p.returncode, p.stderr.decode()


LINES = LOG.count(b"\n")
done = 0


def expect(what, data, want, status=0, **kw):
    global done
    done += 1
    sources, got, err = read(data, **kw)
    check(sources == want and got == status, f"{what}: {sources}, exit {got}, {err!r}")
    check(bool(err) == bool(status), f"{what}: said {err!r}")
    return err


def whole():
    one = ["in", LINES, None, 1]
    expect("plain", LOG, [one])
    for name, pack in COMPRESSORS.items():
        expect(name, pack(LOG), [one])
        expect(f"two {name}", pack(LOG) + pack(LOG), [["in", 2 * LINES, None, 2]])
        expect(f"empty {name}", pack(b""), [["in", 0, None, 0]])
        expect(f"empty {name}, then one", pack(b"") + pack(LOG), [one])
        for other, around in COMPRESSORS.items():
            expect(f"{name} in {other}", around(pack(LOG)), [one])
    thrice = COMPRESSORS["gz"](COMPRESSORS["gz"](COMPRESSORS["gz"](LOG)))
    expect("gz in gz in gz", thrice, [
        ["in", 0, "packed too often, one inside the other: unpack it first", 0]], 2)


def archives():
    members = [("a.log", LOG), ("empty", b""), ("sub/b.log", b"nothing\n")]
    want = [["in!a.log", LINES, None, 1], ["in!empty", 0, None, 0], ["in!sub/b.log", 1, None, 0]]
    packed = [(f"a.{name}", pack(LOG)) for name, pack in COMPRESSORS.items()]
    want_packed = [[f"in!{name}", LINES, None, 1] for name, _ in packed]
    kinds = {
        "ustar": lambda m: tar(m, format=tarfile.USTAR_FORMAT),
        "gnu": lambda m: tar(m, format=tarfile.GNU_FORMAT),
        "pax": lambda m: tar(m, format=tarfile.PAX_FORMAT),
        "zip": zipped,
        "zip, stored": lambda m: zipped(m, zipfile.ZIP_STORED),
        "zip, bzip2": lambda m: zipped(m, zipfile.ZIP_BZIP2),
    }
    for kind, make in kinds.items():
        expect(kind, make(members), want)
        expect(f"{kind} of compressed logs", make(packed), want_packed)
        for name, pack in COMPRESSORS.items():
            expect(f"{kind}.{name}", pack(make(members)), want)
        for other, around in kinds.items():
            nested = around([("x", COMPRESSORS["gz"](make(members))), ("y", LOG)])
            expect(f"{kind}.gz in {other}", nested, [
                [name.replace("in!", "in!x!"), *rest] for name, *rest in want
            ] + [["in!y", LINES, None, 1]])
    deep = tar([("x", tar([("y", tar([("z", LOG)])), ("b.log", LOG)]))])
    expect("tar in tar in tar", deep, [
        ["in!x!y", 0, "packed too often, one inside the other: unpack it first", 0],
        ["in!x!b.log", LINES, None, 1]], 2)
    expect("no member: zip", zipped([]), [])


def zip_to_a_pipe():
    """Sizes behind the data, as zip writes them when it cannot seek."""
    class Pipe(io.RawIOBase):
        def __init__(self):
            self.data = bytearray()

        def writable(self):
            return True

        def write(self, b):
            self.data += b
            return len(b)

    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        out = Pipe()
        with zipfile.ZipFile(out, "w", method) as z:
            z.writestr("a", LOG)
            z.writestr("b", LOG)
        expect(f"zip to a pipe, method {method}", bytes(out.data),
               [["in!a", LINES, None, 1], ["in!b", LINES, None, 1]])


def files_that_are_no_logs():
    links = []
    for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE,
                 tarfile.CHRTYPE):
        info = tarfile.TarInfo("other")
        info.type, info.linkname = kind, "/etc/passwd"
        links.append((info, b""))
    expect("links and devices in a tar", tar([*links, ("a", LOG)]), [["in!a", LINES, None, 1]])


def refused():
    expect("7z", b"7z\xbc\xaf\x27\x1c\0\4" + bytes(100),
           [["in", 0, "packed in a way that is not read here: unpack it first", 0]], 2)
    expect("zip, lzma", zipped([("a", LOG)], zipfile.ZIP_LZMA), [
        ["in!a", 0, "compressed in a way that is not read here: unpack it first", 0]], 2)
    if shutil.which("zip"):
        with scratch() as tmp:
            (tmp / "a.log").write_bytes(LOG)
            subprocess.run(["zip", "-q", "-P", "secret", "x.zip", "a.log"], cwd=tmp, check=True)
            expect("encrypted zip", (tmp / "x.zip").read_bytes(),
                   [["in!a.log", 0, "encrypted", 0]], 2)
    window = lzma.compress(LOG, filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 28}])
    expect("xz with a window of 256 MiB", window, [
        ["in", 0, "needs more than 128 MiB of memory to unpack, the limit", 0]], 2)
    if shutil.which("zstd"):
        window = subprocess.run(["zstd", "-q", "-c", "--long=28"], input=LOG, check=True,
                                capture_output=True).stdout
        expect("zstd with a window of 256 MiB", window, [
            ["in", 0, "needs more than 128 MiB of memory to unpack, the limit", 0]], 2)


def names():
    """Whatever a member is called, it is a name: no file is made, no terminal is steered."""
    odd = ["../../../../tmp/x", "/etc/passwd", "-o", "a\nb", "\x1b[31mred", "a!b", "bad\udcff\udcfe",
           "\u00e4\u00f6", "x" * 300, " ", "a\\b", "CON", "\u202egol.a"]
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        data = tar([(name, LOG) for name in odd], format=form, encoding="utf-8",
                   errors="surrogateescape")
        sources, status, _ = read(data)
        want = ["in!" + n.encode(errors="surrogateescape").decode(errors="replace") for n in odd]
        check(status == 0 and [s[0] for s in sources] == want, f"names in a tar: {sources}")
    odd = [n for n in odd if "\udcff" not in n and "\\" not in n]
    sources, status, _ = read(zipped([(n, LOG) for n in odd]))
    check([s[0] for s in sources] == ["in!" + n for n in odd],
          f"names in a zip: {sources}")
    p = run("--all", data=data)
    check(b"\x1b" not in p.stdout and b"\x1b" not in p.stderr, "an escape came through")
    p = run("--all", data=tar([("\x1b[31mred", COMPRESSORS["gz"](LOG)[:-20])]))
    check(b"\x1b" not in p.stderr and p.returncode == 2, f"an escape came through: {p.stderr!r}")


NOISE = b"".join(b"[%6d.%06d] %s\n" % (i, i * 7919 % 1000000,
                                      zlib.crc32(b"%d" % i).to_bytes(4, "big").hex().encode())
                 for i in range(6000))


def truncated():
    """What came before the damage is reported, and that there is damage is said."""
    log = LOG + NOISE + LOG + NOISE
    packed = {**{name: pack(log) for name, pack in COMPRESSORS.items()},
              "tar": tar([("a", LOG + NOISE), ("b", LOG + NOISE)]),
              "zip": zipped([("a", LOG + NOISE), ("b", LOG + NOISE)])}
    packed["tar.gz"] = COMPRESSORS["gz"](packed["tar"])
    for kind, data in packed.items():
        most = 0
        step = max(1, len(data) // 40)
        cuts = sorted({*range(7, len(data), step), *range(len(data) - 30, len(data), 3)})
        for cut in cuts:
            global done
            done += 1
            sources, status, err = read(data[:cut], damaged=True)
            reports = sum(s[3] for s in sources)
            check(reports >= most, f"{kind} cut at {cut}: {reports} reports, fewer than before")
            most = max(most, reports)
            if cut > 600 and kind not in ("tar", "zip"):
                check(status == 2 and err.count("\n") == 1, f"{kind} cut at {cut}: {err!r}")
            check(err.count("\n") <= 1, f"{kind} cut at {cut}: said twice: {err!r}")
        check(most == 2 or kind == "bz2", f"{kind}: {most} reports before the cut")
    # In a tar, the end of one member may be the end of all.
    sources, status, err = read(packed["tar"][:3000])
    check(status == 2 and "ends too early" in err and len(sources) == 1, f"tar: {sources} {err}")


def damaged():
    """Nothing crashes, nothing hangs, and all is said in lines of our own."""
    log = LOG + NOISE + LOG
    packed = {**{name: pack(log) for name, pack in COMPRESSORS.items()},
              "tar": tar([("a", log), ("b", LOG)]), "zip": zipped([("a", log), ("b", LOG)])}
    for kind, data in packed.items():
        for i in range(0, len(data), max(1, len(data) // 60)):
            global done
            done += 1
            bad = bytearray(data)
            bad[i] ^= 0x55
            _, status, err = read(bytes(bad), damaged=True, timeout=20)
            check(bool(err) == (status == 2), f"{kind}, byte {i}: exit {status}, said {err!r}")
    bad = bytearray(packed["zip"])
    bad[14] ^= 1  # the checksum of the first member
    sources, status, err = read(bytes(bad))
    check(status == 2 and sources[0][3] == 2 and sources[1:] == [["in!b", LINES, None, 1]],
          f"a bad checksum in a zip: {sources}, {err!r}")
    gz = COMPRESSORS["gz"](LOG)
    expect("gzip, zeros behind it", gz + bytes(1000), [["in", LINES, None, 1]])
    expect("gzip, rubbish behind it", gz + b"rubbish, and more of it",
           [["in", LINES, "the packed data is damaged", 1]], 2)
    bad = gz[:-8] + bytes([gz[-8] ^ 1]) + gz[-7:]
    expect("gzip with a bad checksum", bad, [["in", LINES, "the packed data is damaged", 1]], 2)


def stored_gzip(size, fill=b"x"):
    """A member whose compressed form has exactly `size` bytes."""
    body = size - 10 - 5 - 8
    data = (fill * 79 + b"\n") * (body // 80 + 1)
    blocks, left = b"", body
    out = b""
    while left >= 0:
        n = min(left, 65535)
        last = left - n - 5 < 0 or left == n
        blocks += struct.pack("<BHH", last, n, n ^ 0xffff) + data[:n]
        out += data[:n]
        left -= n + 5
        if last:
            break
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    return head + blocks + struct.pack("<II", zlib.crc32(out), len(out)), out


def gzip_members():
    """Members that end at every offset around the end of a block that is read."""
    for end in range(131072 - 24, 131072 + 24):
        first, text = stored_gzip(end)
        data = first + COMPRESSORS["gz"](LOG) * 2
        lines = gzip.decompress(data).count(b"\n")
        expect(f"gzip member of {len(first)} bytes", data, [["in", lines, None, 2]])
    many = b"".join(gzip.compress(line, 1, mtime=0) for line in LOG.splitlines(True))
    expect("a gzip member for each line", many, [["in", LINES, None, 1]])


def slowly():
    """A pipe that gives a byte at a time."""
    for kind in ("gz", "xz"):
        data = COMPRESSORS[kind](LOG)[:-20]
        with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as cat:
            p = None
            try:
                def feed():
                    for i in range(len(data)):
                        os.write(cat.stdin.fileno(), data[i:i + 1])
                    cat.stdin.close()
                t = threading.Thread(target=feed)
                t.start()
                p = run("-f", "title", stdin=cat.stdout)
                t.join()
            finally:
                check(p and p.returncode == 2 and b"too early" in p.stderr, f"slow {kind}: {p}")


def bombs():
    """A stop at the limit that is told; the memory is that of any other input."""
    mib = bytes(1 << 20)

    def gz(n):
        c = zlib.compressobj(9, zlib.DEFLATED, 31)
        return b"".join(c.compress(mib) for _ in range(n)) + c.flush()
    limit = "unpacks to more than 1000 times its size, the limit past 256 MiB"
    one = gz(400)
    # A tar adds 10 KiB to what went in.
    small = {"gz": one, "gz in gz": gzip.compress(one, 9), "gz in tar": tar([("a", gz(900))]),
             "gz in zip": zipped([("a", one)])}
    block = bz2.compress(mib * 16)
    small["bz2"] = block * 20
    block = lzma.compress(mib * 100)
    small["xz"] = block * 3
    if "zst" in COMPRESSORS:
        small["zst"] = COMPRESSORS["zst"](mib * 16) * 20
    many = COMPRESSORS["gz"](mib * 16)
    small["many gz in a zip in a gz"] = gzip.compress(zipped([(f"m{i}", many) for i in range(20)]))
    for kind, data in small.items():
        sources, status, err = read(data, timeout=300)
        said = [line for line in err.splitlines() if "a line is longer than" not in line]
        check(status == 2 and limit in err and len(said) <= 2, f"bomb, {kind}: {err!r}")
        check(sum(s[1] for s in sources) < 30 and len(sources) < 30, f"bomb, {kind}: {sources}")


def sparse():
    """A header of tar may promise anything."""
    info = tarfile.TarInfo("./GNUSparseFile.0/x")
    info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.minor": "1", "GNU.sparse.name": "x",
                        "GNU.sparse.size": str(1 << 50), "GNU.sparse.numblocks": "1",
                        "GNU.sparse.map": f"{(1 << 50) - 5},5"}
    info.size = 5
    data = tar([(info, b"abcde")], format=tarfile.PAX_FORMAT)
    _, status, err = read(data, timeout=300)
    check(status == 2 and "1000 times" in err, f"a sparse file: {err!r}")
    long = io.BytesIO()
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 1 << 33
    long.write(header.tobuf(tarfile.GNU_FORMAT) + bytes(1 << 23))
    _, status, err = read(long.getvalue())
    check(status == 2, f"a long name: {err!r}")


whole()
archives()
zip_to_a_pipe()
files_that_are_no_logs()
refused()
names()
truncated()
damaged()
gzip_members()
slowly()
bombs()
sparse()
finish(f"{done} containers")
