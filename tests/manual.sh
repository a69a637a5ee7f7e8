#!/bin/sh
# SPDX-License-Identifier: MIT
# The manual knows what --help knows, and mandoc has no complaint about it.
set -eu

man=$abs_top_srcdir/man/unsplat.1
[ -e "$man" ] || { echo "skipped: no man/unsplat.1 yet"; exit 77; }
failed=0
fail() {
	echo "FAIL: $*"
	failed=$((failed + 1))
}

# Without font changes and with "\-" as "-": what a reader sees.
text=$(sed -e 's/\\f[BIRP]//g; s/\\-/-/g; s/^\.[BIR]* *//; s/"//g' "$man")
has() {
	printf '%s\n' "$text" | grep -qE -e "(^|[^a-z-])$1([^a-z-]|\$)"
}

help=$("$UNSPLAT" --help)
options=$(printf '%s\n' "$help" | sed -n 's/^ *\(-[a-zA-Z0-9],\)\{0,1\} *\(--[a-z-]*\).*/\2/p')
letters=$(printf '%s\n' "$help" | sed -n 's/^ *\(-[a-zA-Z0-9]\), --.*/\1/p')
formats=$(printf '%s\n' "$help" | sed -n '/^formats:/,/^$/s/^  \([a-z]*\) .*/\1/p')
kinds=$(sed -n '/"kind": {/,/]/p' "$abs_top_srcdir/src/writer/unsplat.schema.json" | sed -n '/"enum"/,/]/s/^[[:space:]]*"\([a-z-]*\)",\{0,1\}$/\1/p')

[ "$(echo "$options" | wc -l)" -ge 14 ] || fail "only these options in --help: $options"
[ "$(echo "$formats" | wc -l)" -ge 6 ] || fail "only these formats in --help: $formats"
[ "$(echo "$kinds" | wc -l)" -ge 18 ] || fail "only these kinds in the schema: $kinds"
for word in $options $letters $formats $kinds; do
	has "$word" || fail "man/unsplat.1 does not know $word"
done
# And the other way round: no option that the program does not take.
for word in $(printf '%s\n' "$text" | grep -oE -e '(^|[ (,])--[a-z][a-z-]+' | tr -d ' (,' | sort -u); do
	case $word in
	--force-prefix | --time-format | --follow) continue ;; # of dmesg
	--sshloginfile | --transferfile) continue ;; # of parallel
	esac
	printf '%s\n' "$options" | grep -qxe "$word" || fail "man/unsplat.1 has $word, --help has not"
done
# The other page has each feature with its weight, each key, and each remedy of a row; its example is one.
patterns=$abs_top_srcdir/man/unsplat-patterns.5
sed -n 's/^\t{ "\([a-z-]*\)", \(-\{0,1\}[0-9.]*\), [a-z_]* },.*/\1 \2/p' "$abs_top_srcdir/src/analysis/features.c" |
	while read -r name weight; do
		printf '.BR %s " (%.2f)"\n' "$name" "$weight" | sed 's/-/\\-/g' | grep -qxFf - "$patterns" ||
			echo "$name $weight"
	done >features.missing
[ ! -s features.missing ] || fail "man/unsplat-patterns.5 does not have $(cat features.missing)"
rm features.missing
for word in $("$UNSPLAT" --list-patterns | grep -oE '"[a-z]+":' | tr -d '":' | sort -u); do
	grep -qE "^\.BR? (.*[ \"])?$word\\b" "$patterns" || fail "man/unsplat-patterns.5 does not have the key $word"
done
for word in $("$UNSPLAT" --list-patterns | grep -oE '"remedy":"[a-z-]+"' | cut -d'"' -f4 | sort -u); do
	sed 's/\\-/-/g' "$patterns" | grep -qE "^\.BR? $word " || fail "man/unsplat-patterns.5 does not have the remedy $word"
done
sed -n '/^\.EX/,/^\.EE/p' "$patterns" | sed -e '/^\./d; s/\\->/->/g; s/\\e/\\/g' | sed '/^$/q; /^unsplat/d' >example.json
"$UNSPLAT" -q --patterns=example.json /dev/null || fail "the example of man/unsplat-patterns.5 is no pattern file"
rm example.json
# Every kind of the schema is one that the program takes, and the other way round.
for word in $kinds; do
	"$UNSPLAT" -q --kind="$word" /dev/null || fail "--kind=$word is refused"
done
# Every word of --help is short enough to be read in a terminal of 100 columns.
if printf '%s\n' "$help" | grep -E '^.{101}'; then fail "--help is wider than 100 columns"; fi

if [ "$MANDOC" = : ]; then
	echo "note: no mandoc, the page was not checked"
elif ! "$MANDOC" -T lint -W warning "$man" "$patterns"; then
	fail "mandoc complains"
fi
echo "$(echo "$options" | wc -l) options, $(echo "$kinds" | wc -l) kinds; $failed failed"
[ "$failed" = 0 ]
