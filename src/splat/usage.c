/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <errno.h>

/*
 * What the characters of "{+.-.}" and the digits of "-{3:3}" say.
 * Sources: get_usage_chars() of 2.6.18, 2.6.30, 4.14; enum lockdep_wait_type of 5.7.
 */

/* Contexts by position, for each length and age of the string. */
static const struct usage_layout {
	size_t len;
	bool old;
	struct {
		const char *context;
		bool read;
	} position[USAGE_STATES_MAX];
} layouts[] = {
	{ 4,
	  true, /* 2.6.18 to 2.6.29 */
	  { { "hardirq", false },
	    { "softirq", false },
	    { "hardirq", true },
	    { "softirq", true } } },
	{ 4,
	  false, /* 4.14 and later */
	  { { "hardirq", false },
	    { "hardirq", true },
	    { "softirq", false },
	    { "softirq", true } } },
	{ 6,
	  false, /* 2.6.30 to 4.13 */
	  { { "hardirq", false },
	    { "hardirq", true },
	    { "softirq", false },
	    { "softirq", true },
	    { "memory reclaim", false },
	    { "memory reclaim", true } } },
};

size_t usage_decode(struct str usage, bool old, struct usage_state *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		const struct usage_layout *l = &layouts[i];

		if (l->len != usage.len || (l->old != old && usage.len == 4))
			continue;
		for (size_t k = 0; k < l->len; k++) {
			/* The old strings had '+' for "used in the context", the new have '-'. */
			char in = l->old ? '+' : '-', on = l->old ? '-' : '+', c = usage.p[k];

			ret[k] = (struct usage_state){ .context = l->position[k].context,
						       .read = l->position[k].read,
						       .used_in = c == in || c == '?',
						       .enabled = c == on || c == '?' };
		}
		return l->len;
	}
	return 0; /* a renderer of web pages ate some of it */
}

const char *wait_word(char digit, enum nesting_check check)
{
	switch (digit) {
	case '0':
		return "unchecked";
	case '1':
		return "free";
	case '2':
		return check == NESTING_OFF ? "spin-or-config" : "spin";
	case '3':
		return check == NESTING_ON  ? "config" :
		       check == NESTING_OFF ? "sleep" :
					      "config-or-sleep";
	case '4':
		return "sleep";
	default:
		return "unknown";
	}
}

static void see_wait(struct str wait, bool *four)
{
	for (size_t i = 0; i < wait.len; i++)
		*four |= wait.p[i] == '4' || wait.p[i] == '5';
}

enum nesting_check nesting_check(const struct report *r)
{
	bool four = false;

	see_wait(r->acquiring.wait, &four);
	see_wait(r->holding.wait, &four);
	for (size_t i = 0; i < r->chain.n; i++)
		see_wait(r->chain.p[i].lock.wait, &four);
	for (size_t i = 0; i < r->held_locks.n; i++)
		see_wait(r->held_locks.p[i].lock.wait, &four);
	if (four || str_eq(r->context, STR("5:5")))
		return NESTING_ON;
	return str_eq(r->context, STR("4:4")) ? NESTING_OFF : NESTING_UNKNOWN;
}
