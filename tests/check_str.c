/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "check_unsplat.h"

static const struct {
	const char *text, *rest;
	uint64_t value;
	int err;
} uints[] = {
	{ "12 rest", " rest", 12, 0 },
	{ "0", "", 0, 0 },
	{ "9223372036854775807x", "x", INT64_MAX, 0 },
	{ "9223372036854775808", "9223372036854775808", 7, -EOVERFLOW },
	{ "99999999999999999999", "99999999999999999999", 7, -EOVERFLOW },
	{ "x1", "x1", 7, -ENOENT },
	{ "", "", 7, -ENOENT },
};

START_TEST(skip_uint)
{
	struct str s = str_of(uints[_i].text);
	uint64_t value = 7; /* stays when there is no number */

	ck_assert_int_eq(str_skip_uint(&s, &value), uints[_i].err);
	ck_assert_uint_eq(value, uints[_i].value);
	ck_assert_view(s, uints[_i].rest);
}
END_TEST

Suite *str_suite(void)
{
	Suite *s = suite_create("str");
	TCase *tc = tcase_create("numbers");

	tcase_add_loop_test(tc, skip_uint, 0, ARRAY_SIZE(uints));
	suite_add_tcase(s, tc);
	return s;
}
