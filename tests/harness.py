# SPDX-License-Identifier: MIT
"""What the tests of the whole program share: where things are, how to run it, how to fail."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ.get("abs_top_srcdir", pathlib.Path(__file__).parents[1])).resolve()
BUILD = pathlib.Path(os.environ.get("abs_top_builddir", SOURCE / "build")).resolve()
UNSPLAT = os.environ.get("UNSPLAT", str(BUILD / "unsplat"))
FIXTURES = SOURCE / "fixtures"
SHARED = SOURCE.parent / "shared"  # logs that are not part of the project; may be missing

FORMATS = ["text", "json", "jsonl", "dot", "title", "diagram"]

failures = []


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def check(ok, what):
    """Remember what went wrong and go on, so that one run shows all of it."""
    if not ok:
        failures.append(what)
        print(f"FAIL: {what}")
    return bool(ok)


def finish(done):
    print(f"{done}; {len(failures)} failed")
    sys.exit(1 if failures else 0)


def run(*args, stdin=subprocess.DEVNULL, data=None, env=None, cwd=None, timeout=120):
    """Run unsplat. `data` is written to its standard input. Returns a CompletedProcess of bytes."""
    source = {"input": data} if data is not None else {"stdin": stdin}
    return subprocess.run([UNSPLAT, *map(str, args)], capture_output=True, timeout=timeout,
                          env={**os.environ, **(env or {})}, cwd=cwd, check=False, **source)


def report_json(*args, **kw):
    p = run("-f", "json", *args, **kw)
    if p.returncode != 0:
        raise AssertionError(f"unsplat -f json {args}: exit {p.returncode}: {p.stderr!r}")
    return json.loads(p.stdout)


def fixtures():
    """Every log of fixtures/, sorted."""
    return sorted(FIXTURES.glob("**/*.log"))


def shared_logs():
    return sorted(log for folder in ("kernel-logs", "corpus", "fixes")
                  for log in (SHARED / folder).glob("*.log"))


def short(path):
    for top in (SOURCE, SOURCE.parent):
        with contextlib.suppress(ValueError):
            return str(pathlib.Path(path).relative_to(top))
    return str(path)


@contextlib.contextmanager
def scratch():
    """A folder in the build tree that is gone afterwards."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="test-", dir=BUILD))
    try:
        yield path
    finally:
        for sub in path.glob("**/*"):
            if sub.is_dir() and not sub.is_symlink():
                sub.chmod(0o700)
        shutil.rmtree(path, ignore_errors=True)
