/* SPDX-License-Identifier: MIT */
#include "split.h"

#include <string.h>

/* What begins a line of a report, wherever it stands. */
static const char *const beginnings[] = {
	" WARNING: ",
	" [ INFO: ",
	" [ BUG: ",
	" but task is already holding lock",
	" which lock already depends on the new lock",
	" the existing dependency chain",
	" -> #",
	" other info that might help us debug this",
	" Chain exists of:",
	" Possible unsafe locking scenario",
	" *** DEADLOCK ***",
	" stack backtrace:",
	" Call Trace:",
};

/* What ends one. */
static const char *const endings[] = {
	" dependency detected ", " locking detected ", " acquire lock: ", " holding lock: ",
	" new lock. ",		 " order) is: ",       " Not tainted ",	  " debug this: ",
};

#define RULE_MIN_BYTES 12
#define WINDOW_BYTES ((size_t)256)
#define LONGEST_BYTES 64 /* no beginning and no ending is longer */

/* A run of '=' or '-' is a rule of its own line. @return its length at the start of @p s, or 0 */
static size_t rule_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && (*s.p == '=' || *s.p == '-') && s.p[n] == *s.p)
		n++;
	return n >= RULE_MIN_BYTES ? n : 0;
}

static size_t nearer(size_t best, ptrdiff_t found)
{
	return found > 0 && (size_t)found < best ? (size_t)found : best;
}

/* The end of the first part of @p s, or its length. */
static size_t part_end(struct str s)
{
	bool cpu = str_starts(s, STR("CPU: ")); /* goes on with the kernel */
	size_t best = s.len;

	for (size_t i = 0; i < ARRAY_SIZE(beginnings); i++)
		best = nearer(best, str_find(str_from(s, 1), str_of(beginnings[i])) + 1);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		ptrdiff_t at = str_find(s, str_of(endings[i]));

		if (cpu && str_eq(str_of(endings[i]), STR(" Not tainted ")))
			continue;
		best = nearer(best, at < 0 ? -1 : at + (ptrdiff_t)strlen(endings[i]));
	}
	for (size_t i = 1; i < best; i++)
		if (s.p[i - 1] == ' ' && rule_len(str_from(s, i)))
			best = i;
	return best;
}

size_t split_first(struct str s)
{
	size_t rule = rule_len(s), end;

	if (rule)
		return rule;
	/* Only as far as is needed: a line may have thousands of parts. */
	for (size_t n = WINDOW_BYTES; n < s.len; n *= 2) {
		end = part_end(str_head(s, n));
		if (end + LONGEST_BYTES <= n)
			return end;
	}
	return part_end(s);
}
