# SPDX-License-Identifier: MIT
"""The example of README.md is what the program prints."""

import difflib
import re

from harness import SOURCE, check, finish, run, skip

COMMAND = "$ ./dev run fixtures/i915-userptr.log"


def example(text):
    """The lines behind the command, up to the end of its block; None: there is no such block."""
    lines = text.split("\n")
    for i, line in enumerate(lines):
        if line.strip() != COMMAND:
            continue
        indent = re.match(" *", line)[0]
        fenced = i and lines[i - 1].startswith("```")
        block = []
        for below in lines[i + 1:]:
            if below.startswith("```") if fenced else below.strip() and not below.startswith(indent):
                break
            block.append(below[len(indent):])
        while block and not block[-1]:
            block.pop()
        return block
    return None


def main():
    readme = SOURCE / "README.md"
    if not readme.exists():
        skip("no README.md yet")
    want = example(readme.read_text(encoding="utf-8"))
    if check(want is not None, f"README.md has no block that begins with {COMMAND!r}"):
        p = run("fixtures/i915-userptr.log", cwd=SOURCE)
        got = p.stdout.decode().rstrip("\n").split("\n")
        check(p.returncode == 0 and not p.stderr, f"exit status {p.returncode}, {p.stderr!r}")
        check(got == want, "README.md shows something else:\n" +
              "\n".join(difflib.unified_diff(want, got, "README.md", "unsplat", lineterm="")))
    finish("one example")


if __name__ == "__main__":
    main()
