/* SPDX-License-Identifier: MIT */
#include "kinds.h"

#include <assert.h>
#include <errno.h>

#include "unsplat/splat.h"

/* Sources: the print_*_bug() functions of kernel/locking/lockdep.c, kernel/rcu/update.c. */
static const struct kind_row kinds[] = {
	[KIND_CIRCULAR] = { "circular",
			    HAS_TASK | HAS_ACQUIRING | HAS_HOLDING | HAS_CHAIN | HAS_HELD |
				    HAS_BACKTRACE,
			    true,
			    { "possible circular locking dependency detected",
			      "possible circular locking deadlock detected" } },
	[KIND_RECURSIVE] = { "recursive",
			     HAS_TASK | HAS_ACQUIRING | HAS_HOLDING | HAS_HELD | HAS_BACKTRACE,
			     true,
			     { "possible recursive locking detected" } },
	[KIND_NESTED_NOT_TAKEN] = { "nested-not-taken",
				    HAS_NEST | HAS_TASK | HAS_ACQUIRING | HAS_HELD | HAS_BACKTRACE,
				    true,
				    { "Nested lock was not taken" } },
	[KIND_SAFE_UNSAFE] = { "safe-unsafe",
			       HAS_STATES | HAS_PATHS | HAS_TASK | HAS_ACQUIRING | HAS_HOLDING |
				       HAS_HELD | HAS_BACKTRACE,
			       true,
			       { "*-unsafe lock order detected" } },
	[KIND_IRQ_INVERSION] = { "irq-inversion",
				 HAS_STATES | HAS_PATHS | HAS_TASK | HAS_ACQUIRING | HAS_HELD |
					 HAS_BACKTRACE,
				 true,
				 { "possible irq lock inversion dependency detected" } },
	[KIND_INCONSISTENT] = { "inconsistent",
				HAS_STATES | HAS_TASK | HAS_ACQUIRING | HAS_HELD | HAS_BACKTRACE,
				true,
				{ "inconsistent lock state" } },
	[KIND_BAD_UNLOCK] = { "bad-unlock",
			      HAS_RELEASED | HAS_TASK | HAS_HELD | HAS_BACKTRACE,
			      true,
			      { "bad unlock balance detected" } },
	[KIND_BAD_CONTENTION] = { "bad-contention",
				  HAS_RELEASED | HAS_TASK | HAS_HELD | HAS_BACKTRACE,
				  true,
				  { "bad contention detected" } },
	[KIND_HELD_FREED] = { "held-freed",
			      HAS_FREED | HAS_TASK | HAS_HELD | HAS_BACKTRACE,
			      true,
			      { "held lock freed" } },
	[KIND_RETURNING_TO_USER] = { "returning-to-user",
				     HAS_TASK | HAS_HELD,
				     true,
				     { "lock held when returning to user space" } },
	[KIND_HELD_AT_EXIT] = { "held-at-exit",
				HAS_TASK | HAS_HELD | HAS_BACKTRACE,
				true,
				{ "lock held at task exit time" } },
	[KIND_STILL_HELD] = { "still-held",
			      HAS_TASK | HAS_HELD | HAS_BACKTRACE,
			      true,
			      { "* still has locks held" } },
	[KIND_INVALID_WAIT] = { "invalid-wait",
				HAS_CONTEXT | HAS_TASK | HAS_ACQUIRING | HAS_HELD | HAS_BACKTRACE,
				true,
				{ "Invalid wait context" } },
	[KIND_SUSPICIOUS_RCU] = { "suspicious-rcu",
				  HAS_RCU | HAS_HELD | HAS_BACKTRACE,
				  false,
				  { "suspicious RCU usage",
				    "suspicious rcu_dereference_check() usage" } },
	[KIND_NON_STATIC_KEY] = { "non-static-key",
				  HAS_BACKTRACE,
				  true,
				  { "trying to register non-static key" } },
	[KIND_ALL_LOCKS_DUMP] = { "all-locks-dump",
				  HAS_END_RULE,
				  false,
				  { "Showing all locks held in the system:" } },
	[KIND_LIMIT] = { "limit",
			 HAS_BACKTRACE,
			 true,
			 { "MAX_* too low", "looking up invalid subclass: *" } },
	[KIND_OTHER] = { "other", HAS_HELD, false, { NULL } },
};
static_assert(ARRAY_SIZE(kinds) == KIND_MAX, "every kind needs a row");

const struct kind_row *kind_row(enum kind kind)
{
	return &kinds[kind];
}

const char *kind_name(enum kind kind)
{
	return kinds[kind].word;
}

int kind_find(struct str word, enum kind *ret)
{
	for (size_t i = 0; i < KIND_MAX; i++) {
		if (!str_eq(word, str_of(kinds[i].word)))
			continue;
		*ret = (enum kind)i;
		return 0;
	}
	return -ENOENT;
}

static bool sentence_matches(struct str s, const char *sentence)
{
	struct str want = str_of(sentence);
	ptrdiff_t star = str_chr(want, '*');

	if (star < 0)
		return str_eq(s, want);
	return s.len >= want.len && str_starts(s, str_head(want, (size_t)star)) &&
	       str_ends(s, str_from(want, (size_t)star + 1));
}

/* "COMM/PID still has locks held": with anything else in front, it is somebody's prose. */
static bool is_about_task(struct str s)
{
	ptrdiff_t end = str_find(s, STR(" still has "));
	struct task ignored;

	return end > 0 && task_parse(str_head(s, (size_t)end), &ignored) == 0;
}

/*
 * "WARNING: ", "INFO: ", "[ BUG: ", and with a word of the vendor: "[ ProveLock INFO: "; "ARNING: "
 * in a log whose first column is lost.
 */
static bool skip_severity(struct str *s, struct banner *b)
{
	static const char *const severities[] = { "WARNING:", "INFO:", "BUG:" };
	struct str t = *s;

	b->bracket = str_skip(&t, STR("["));
	t = str_ltrim(t);
	b->lost_first = !b->bracket && str_skip(&t, STR("ARNING: "));
	if (b->lost_first) {
		b->severity = STR("WARNING");
		*s = str_ltrim(t);
		return true;
	}
	for (int word = 0; word < 2; word++) {
		ptrdiff_t blank = str_chr(t, ' ');
		struct str first = str_head(t, blank < 0 ? 0 : (size_t)blank);

		for (size_t i = 0; i < ARRAY_SIZE(severities); i++) {
			if (!str_is(first, severities[i]))
				continue;
			b->severity = str_head(first, first.len - 1);
			*s = str_ltrim(str_from(t, first.len));
			return true;
		}
		if (!b->bracket || !first.len)
			return false;
		t = str_ltrim(str_from(t, first.len));
	}
	return false;
}

int banner_parse(struct str text, struct banner *ret)
{
	struct banner b = { .sentence = str_trim(text) };
	struct str *s = &b.sentence;

	if (str_eq(*s, str_of(kinds[KIND_ALL_LOCKS_DUMP].sentences[0]))) {
		b.kind = KIND_ALL_LOCKS_DUMP;
		*ret = b;
		return 0;
	}
	if (!skip_severity(s, &b))
		return -ENOENT;
	while (s->len && (is_blank(s->p[s->len - 1]) || s->p[s->len - 1] == ']' ||
			  s->p[s->len - 1] == '!' || s->p[s->len - 1] == '.'))
		s->len--;
	for (size_t k = 0; k < KIND_MAX; k++) {
		for (size_t i = 0; i < ARRAY_SIZE(kinds[k].sentences) && kinds[k].sentences[i];
		     i++) {
			if (k == KIND_ALL_LOCKS_DUMP ||
			    !sentence_matches(*s, kinds[k].sentences[i]) ||
			    (k == KIND_STILL_HELD && !is_about_task(*s)))
				continue;
			b.kind = (enum kind)k;
			*ret = b;
			return 0;
		}
	}
	return -ENOENT;
}

/* "... locking dependency" of "... locking dependency detected"; '*' stands for anything. */
static bool sentence_begins_with(struct str s, const char *sentence)
{
	struct str want = str_of(sentence);
	ptrdiff_t star = str_chr(want, '*');

	if (star < 0)
		return s.len < want.len && str_starts(want, s);
	want = str_from(want, (size_t)star + 1);
	for (size_t n = want.len - 1; n >= 5; n--)
		if (str_ends(s, str_head(want, n)))
			return true;
	return false;
}

bool banner_begins(struct str text)
{
	struct banner b, whole;
	struct str s = str_trim(text);

	if (banner_parse(s, &whole) == 0 || !skip_severity(&s, &b) || s.len < 5)
		return false;
	for (size_t k = 0; k < KIND_MAX; k++)
		for (size_t i = 0; i < ARRAY_SIZE(kinds[k].sentences) && kinds[k].sentences[i]; i++)
			if (sentence_begins_with(s, kinds[k].sentences[i]))
				return true;
	return false;
}
