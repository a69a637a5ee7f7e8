/* SPDX-License-Identifier: MIT */
#include "writer/clean.h"

#include <stdlib.h>

#include "check_unsplat.h"

static const struct {
	const char *dirty, *clean, *ascii; /* ascii NULL: the same */
	size_t width;
} cases[] = {
	{ "", "", NULL, 0 },
	{ "plain text 1~", "plain text 1~", NULL, 13 },
	{ "a\tb\n", "a\\x09b\\x0a", NULL, 10 },
	{ "\x1b[31mred", "\\x1b[31mred", NULL, 11 },
	{ "\x7f", "\\x7f", NULL, 4 },
	{ "caf\xc3\xa9", "caf\xc3\xa9", "caf\\u{e9}", 4 },
	{ "\xc2\x9b"
	  "31m",
	  "\\u{9b}31m", NULL, 9 }, /* CSI as one character */
	{ "\x9b"
	  "31m",
	  "\\x9b31m", NULL, 7 }, /* and as a byte */
	{ "a\xe2\x80\xae"
	  "b",
	  "a\\u{202e}b", NULL, 10 }, /* turns the direction */
	{ "\xe2\x81\xa6", "\\u{2066}", NULL, 8 },
	{ "\xd8\x9c", "\\u{61c}", NULL, 7 },
	{ "\xe2\x80\xa8", "\\u{2028}", NULL, 8 }, /* a new line to some */
	{ "\xff\xfe", "\\xff\\xfe", NULL, 8 },
	{ "\xe2\x80", "\\xe2\\x80", NULL, 8 },		 /* cut */
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", NULL, 12 }, /* a surrogate */
	{ "\xc0\x8a", "\\xc0\\x8a", NULL, 8 },		 /* a newline in too many bytes */
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\u{1f600}", 1 },
	{ "back\\slash", "back\\slash", NULL, 10 },
};

static void check_print(void (*print)(FILE *, struct str), struct str dirty, const char *want)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	print(out, dirty);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_view(((struct str){ text, len }), want);
	free(text);
}

START_TEST(clean)
{
	struct str dirty = str_of(cases[_i].dirty), got;
	struct arena *mem = arena_new();

	check_print(clean_print, dirty, cases[_i].clean);
	check_print(clean_print_ascii, dirty, cases[_i].ascii ? cases[_i].ascii : cases[_i].clean);
	ck_assert_int_eq(clean_str(mem, dirty, &got), 0);
	ck_assert_view(got, cases[_i].clean);
	ck_assert_int_eq(got.p[got.len], '\0');
	ck_assert_uint_eq(clean_width(dirty), cases[_i].width);
	arena_free(mem);
}
END_TEST

/* The empty string has no bytes, and maybe no address. */
START_TEST(null)
{
	check_print(clean_print, (struct str){ NULL, 0 }, "");
	check_print(clean_print, (struct str){ "a\0b", 3 }, "a\\x00b");
	ck_assert_uint_eq(clean_width((struct str){ NULL, 0 }), 0);
}
END_TEST

/* Every byte, alone: ASCII comes out, and nothing a terminal acts on. */
START_TEST(bytes)
{
	char byte = (char)_i, *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	clean_print_ascii(out, (struct str){ &byte, 1 });
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(len, clean_width((struct str){ &byte, 1 }));
	for (size_t i = 0; i < len; i++)
		ck_assert(text[i] >= ' ' && text[i] < 0x7f);
	free(text);
}
END_TEST

Suite *clean_suite(void)
{
	Suite *s = suite_create("clean");
	TCase *tc = tcase_create("clean");

	tcase_add_loop_test(tc, clean, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, null);
	tcase_add_loop_test(tc, bytes, 0, 256);
	suite_add_tcase(s, tc);
	return s;
}
