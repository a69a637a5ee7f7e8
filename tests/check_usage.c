/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"

/* Each state as "h", "s" or "r" (hardirq, softirq, reclaim), capital for readers, and what it says. */
static const struct {
	const char *usage;
	bool old;
	const char *states;
} usages[] = {
	{ "....", false, "h. H. s. S." },
	{ "+.-?", false, "h+ H. s- S?" },
	{ "-.+.", false, "h- H. s+ S." },
	{ "+.+.+.", false, "h+ H. s+ S. r+ R." },
	{ "-.-.?-", false, "h- H. s- S. r? R-" },
	{ "+.+.+.", true, "h+ H. s+ S. r+ R." }, /* six are never of the oldest kernels */
	{ "+-..", true, "h- s+ H. S." },	 /* the other order, the other meaning */
	{ "--..", true, "h+ s+ H. S." },
	{ "..?.", true, "h. s. H? S." },
	/* a renderer of web pages ate some of it */
	{ "", false, "" },
	{ "+", false, "" },
	{ "+.+", false, "" },
	{ "+.+.+", false, "" },
	{ "+.+.+.+", false, "" },
};

static char sign_of(const struct usage_state *s)
{
	return s->used_in && s->enabled ? '?' : s->used_in ? '-' : s->enabled ? '+' : '.';
}

START_TEST(decode)
{
	struct usage_state states[USAGE_STATES_MAX] = { { .context = "untouched" } };
	size_t n = usage_decode(str_of(usages[_i].usage), usages[_i].old, states);
	char text[64] = "";

	for (size_t i = 0; i < n; i++) {
		char c = *states[i].context == 'm' ? 'r' : *states[i].context;
		char one[] = { i ? ' ' : '\0', '\0' };
		char state[] = { states[i].read ? (char)(c - 'a' + 'A') : c, sign_of(&states[i]),
				 '\0' };

		strcat(text, one);
		strcat(text, state);
	}
	ck_assert_str_eq(text, usages[_i].states);
	if (!n)
		ck_assert_str_eq(states[0].context, "untouched");
}
END_TEST

START_TEST(wait_words)
{
	ck_assert_str_eq(wait_word('0', NESTING_ON), "unchecked");
	ck_assert_str_eq(wait_word('1', NESTING_ON), "free");
	ck_assert_str_eq(wait_word('2', NESTING_ON), "spin");
	ck_assert_str_eq(wait_word('3', NESTING_ON), "config");
	ck_assert_str_eq(wait_word('3', NESTING_OFF), "sleep");
	ck_assert_str_eq(wait_word('4', NESTING_ON), "sleep");
	ck_assert_ptr_nonnull(wait_word('3', NESTING_UNKNOWN));
	for (int c = 0; c < 256; c++) /* whatever a damaged log has there */
		ck_assert_ptr_nonnull(wait_word((char)c, NESTING_UNKNOWN));
}
END_TEST

Suite *usage_suite(void)
{
	Suite *s = suite_create("usage");
	TCase *tc = tcase_create("usage");

	tcase_add_loop_test(tc, decode, 0, ARRAY_SIZE(usages));
	tcase_add_test(tc, wait_words);
	suite_add_tcase(s, tc);
	return s;
}
