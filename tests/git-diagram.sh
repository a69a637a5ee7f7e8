#!/bin/sh
# SPDX-License-Identifier: MIT
# A diagram in a commit message survives an editor pass, format-patch, am and interpret-trailers.
set -eu

[ "$GIT" != : ] || { echo "skipped: no git"; exit 77; }

tmp=$abs_top_builddir/test-git-diagram.$$
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$tmp"

# Nothing of the user's git may matter, nor a hook that calls this test.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_PREFIX || :
HOME=$tmp
XDG_CONFIG_HOME=$tmp
GIT_CONFIG_GLOBAL=/dev/null
GIT_CONFIG_SYSTEM=/dev/null
GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=Zoo GIT_AUTHOR_EMAIL=zoo@example.org GIT_AUTHOR_DATE='2026-01-01T00:00:00Z'
GIT_COMMITTER_NAME=Zoo GIT_COMMITTER_EMAIL=zoo@example.org GIT_COMMITTER_DATE=$GIT_AUTHOR_DATE
GIT_EDITOR=: # leaves the message as it is: what git does around an editor is what counts
export HOME XDG_CONFIG_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM GIT_CONFIG_NOSYSTEM GIT_EDITOR \
	GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL GIT_AUTHOR_DATE \
	GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL GIT_COMMITTER_DATE

failed=0
fail() {
	echo "FAIL: $*"
	failed=$((failed + 1))
}
repo() { "$GIT" -C "$tmp/repo" "$@"; }
copy() { "$GIT" -C "$tmp/copy" "$@"; }

for r in repo copy; do
	"$GIT" init -q "$tmp/$r"
	echo zoo >"$tmp/$r/zoo"
	"$GIT" -C "$tmp/$r" add zoo
	"$GIT" -C "$tmp/$r" commit -q -m 'zoo: begin'
done

# message FILE: subject, a diagram, and trailers, as a developer would write it
message() {
	printf 'zoo: do not take the lock twice\n\nlockdep said:\n\n'
	cat "$1"
	printf '\nTake it once.\n\n%s\n' "$trailers"
}
trailers='Fixes: 0123456789ab ("zoo: begin")
Signed-off-by: Zoo <zoo@example.org>'

# shape NAME FILE: what no diagram may have
shape() {
	if LC_ALL=C grep -n '[^ -~]' "$2"; then fail "$1: not plain ASCII"; fi
	if grep -nE '^.{73}' "$2"; then fail "$1: more than 72 columns"; fi
	if grep -nE '^(#|---|diff -|Index:|From |>From )' "$2"; then fail "$1: a line means something to git"; fi
	if grep -nE '^[^ ]+:( |$)' "$2"; then fail "$1: a line could be a trailer"; fi
	if grep -nE ' $' "$2"; then fail "$1: blanks at the end, which git takes away"; fi
}

# survives NAME CLEANUP: $tmp/diagram through commit, format-patch and am
survives() {
	message "$tmp/diagram" >"$tmp/message"
	echo "$1 $2" >>"$tmp/repo/zoo"
	repo commit -q -a --edit --cleanup="$2" -F "$tmp/message"
	repo log -1 --format=%B >"$tmp/got"
	# git log ends with a newline of its own
	sed -e '$d' "$tmp/got" | cmp -s - "$tmp/message" ||
		{ fail "$1: changed by git commit --cleanup=$2"; diff "$tmp/message" "$tmp/got" || :; }

	rm -f "$tmp"/*.patch
	repo format-patch -q -1 -o "$tmp"
	copy am -q "$tmp"/*.patch || { fail "$1: git am fails"; copy am --abort; return; }
	copy log -1 --format=%B >"$tmp/got"
	sed -e '$d' "$tmp/got" | cmp -s - "$tmp/message" ||
		{ fail "$1: changed by format-patch and am"; diff "$tmp/message" "$tmp/got" || :; }
	[ "$(repo rev-parse 'HEAD^{tree}')" = "$(copy rev-parse 'HEAD^{tree}')" ] || fail "$1: another tree after am"

	"$GIT" interpret-trailers --parse <"$tmp/message" >"$tmp/got"
	[ "$(cat "$tmp/got")" = "$trailers" ] || { fail "$1: git finds other trailers:"; cat "$tmp/got"; }
	# at the very end of a message, where trailers are looked for
	{ printf 'zoo: x\n\n'; cat "$tmp/diagram"; } >"$tmp/tail"
	"$GIT" interpret-trailers --parse <"$tmp/tail" >"$tmp/got"
	[ ! -s "$tmp/got" ] || { fail "$1: git takes the diagram for trailers:"; cat "$tmp/got"; }
	"$GIT" interpret-trailers --trailer 'Acked-by: Zoo <zoo@example.org>' <"$tmp/tail" >"$tmp/got"
	{ cat "$tmp/tail"; printf '\nAcked-by: Zoo <zoo@example.org>\n'; } | cmp -s - "$tmp/got" ||
		{ fail "$1: a trailer is added in the wrong place:"; cat "$tmp/got"; }
}

n=0
for log in "$abs_top_srcdir"/fixtures/*.log "$abs_top_srcdir"/fixtures/kernel/*.log; do
	name=${log##*/}
	"$UNSPLAT" -q --all -f diagram "$log" >"$tmp/diagram"
	[ -s "$tmp/diagram" ] || continue
	shape "$name" "$tmp/diagram"
	case $name in
	hostile-* | i915-* | old-*) cleanups='default strip scissors' ;;
	*) cleanups=default ;;
	esac
	for cleanup in $cleanups; do
		survives "$name" "$cleanup"
	done
	n=$((n + 1))
done
[ "$n" -gt 20 ] || fail "only $n logs have a diagram"
echo "$n logs; $failed failed"
[ "$failed" = 0 ]
