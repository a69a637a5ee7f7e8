/* SPDX-License-Identifier: MIT */
#include "unsplat/utf8.h"

#include "check_unsplat.h"

#define NONE 0x7777 /* stays when there is no character */

static const struct {
	const char *bytes;
	size_t len;
	uint32_t c;
} cases[] = {
	{ "a", 1, 'a' },
	{ "\x7f", 1, 0x7f },
	{ "\xc2\x80", 2, 0x80 },
	{ "\xdf\xbf", 2, 0x7ff },
	{ "\xe0\xa0\x80", 3, 0x800 },
	{ "\xed\x9f\xbf", 3, 0xd7ff },
	{ "\xee\x80\x80", 3, 0xe000 },
	{ "\xef\xbf\xbf", 3, 0xffff },
	{ "\xf0\x90\x80\x80", 4, 0x10000 },
	{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
	{ "\xc2\x80x", 2, 0x80 },
	/* bytes that begin nothing */
	{ "\x80", 0, NONE },
	{ "\xbf", 0, NONE },
	{ "\xf8\x88\x80\x80\x80", 0, NONE },
	{ "\xff", 0, NONE },
	/* longer than need be */
	{ "\xc0\x80", 0, NONE },
	{ "\xc1\xbf", 0, NONE },
	{ "\xe0\x9f\xbf", 0, NONE },
	{ "\xf0\x8f\xbf\xbf", 0, NONE },
	/* surrogates, and past the last character */
	{ "\xed\xa0\x80", 0, NONE },
	{ "\xed\xbf\xbf", 0, NONE },
	{ "\xf4\x90\x80\x80", 0, NONE },
	{ "\xf5\x80\x80\x80", 0, NONE },
	/* cut, or with another byte inside */
	{ "\xc2", 0, NONE },
	{ "\xe2\x80", 0, NONE },
	{ "\xf0\x90\x80", 0, NONE },
	{ "\xc2g", 0, NONE },
	{ "\xe2\x80g", 0, NONE },
	{ "\xf0\x90\x80\xc0", 0, NONE },
};

START_TEST(next)
{
	uint32_t c = NONE;

	ck_assert_uint_eq(utf8_next(str_of(cases[_i].bytes), &c), cases[_i].len);
	ck_assert_uint_eq(c, cases[_i].c);
}
END_TEST

START_TEST(next_nul)
{
	uint32_t c = NONE;

	ck_assert_uint_eq(utf8_next((struct str){ "\0", 1 }, &c), 1);
	ck_assert_uint_eq(c, 0);
}
END_TEST

static const struct {
	uint32_t c;
	bool control;
} controls[] = {
	{ 0, true },	   { '\t', true },     { '\n', true },	  { 0x1b, true },
	{ 0x1f, true },	   { ' ', false },     { '~', false },	  { 0x7f, true },
	{ 0x80, true },	   { 0x9b, true },     { 0x9f, true },	  { 0xa0, false },
	{ 0x61b, false },  { 0x61c, true },    { 0x61d, false },  { 0x200d, false },
	{ 0x200e, true },  { 0x200f, true },   { 0x2010, false }, { 0x2027, false },
	{ 0x2028, true },  { 0x202a, true },   { 0x202e, true },  { 0x202f, false },
	{ 0x2065, false }, { 0x2066, true },   { 0x2069, true },  { 0x206a, false },
	{ 0xe9, false },   { 0x1f600, false },
};

START_TEST(control)
{
	ck_assert_int_eq(utf8_is_control(controls[_i].c), controls[_i].control);
}
END_TEST

Suite *utf8_suite(void)
{
	Suite *s = suite_create("utf8");
	TCase *tc = tcase_create("utf8");

	tcase_add_loop_test(tc, next, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, next_nul);
	tcase_add_loop_test(tc, control, 0, ARRAY_SIZE(controls));
	suite_add_tcase(s, tc);
	return s;
}
