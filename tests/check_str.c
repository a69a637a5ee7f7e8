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
	{ "007", "", 7, 0 },
	{ "9223372036854775807x", "x", INT64_MAX, 0 },
	{ "9223372036854775808", "9223372036854775808", 77, -EOVERFLOW },
	{ "99999999999999999999", "99999999999999999999", 77, -EOVERFLOW },
	{ "x1", "x1", 77, -ENOENT },
	{ "-1", "-1", 77, -ENOENT },
	{ "+1", "+1", 77, -ENOENT },
	{ " 1", " 1", 77, -ENOENT },
	{ "", "", 77, -ENOENT },
};

START_TEST(skip_uint)
{
	struct str s = str_of(uints[_i].text);
	uint64_t value = 77; /* stays when there is no number */

	ck_assert_int_eq(str_skip_uint(&s, &value), uints[_i].err);
	ck_assert_uint_eq(value, uints[_i].value);
	ck_assert_view(s, uints[_i].rest);
}
END_TEST

static const struct {
	const char *text, *rest;
	uint64_t value;
	int err;
} hexes[] = {
	{ "d1/0x2f0", "/0x2f0", 0xd1, 0 },
	{ "0", "", 0, 0 },
	{ "aAfF09", "", 0xaaff09, 0 },
	{ "ffffffffffffffff", "", UINT64_MAX, 0 },
	{ "0000000000000001", "", 1, 0 },
	{ "00000000000000001", "00000000000000001", 77, -EOVERFLOW },
	{ "0x1", "x1", 0, 0 }, /* the prefix is the caller's affair */
	{ "g", "g", 77, -ENOENT },
	{ "`", "`", 77, -ENOENT }, /* the byte before 'a' */
	{ "@", "@", 77, -ENOENT }, /* the byte before 'A' */
	{ "", "", 77, -ENOENT },
};

START_TEST(skip_hex)
{
	struct str s = str_of(hexes[_i].text);
	uint64_t value = 77;

	ck_assert_int_eq(str_skip_hex(&s, &value), hexes[_i].err);
	ck_assert_uint_eq(value, hexes[_i].value);
	ck_assert_view(s, hexes[_i].rest);
}
END_TEST

static const struct {
	const char *a, *b;
	int sign;
} pairs[] = {
	{ "", "", 0 },	   { NULL, "", 0 },  { "a", "a", 0 }, { "a", "b", -1 },	  { "b", "a", 1 },
	{ "a", "ab", -1 }, { "ab", "a", 1 }, { "", "a", -1 }, { "\xff", "a", 1 }, { "Z", "a", -1 },
};

START_TEST(compare)
{
	struct str a = str_of(pairs[_i].a), b = str_of(pairs[_i].b);
	int d = str_cmp(a, b);

	ck_assert_int_eq((d > 0) - (d < 0), pairs[_i].sign);
	ck_assert_int_eq(str_eq(a, b), pairs[_i].sign == 0);
}
END_TEST

static const struct {
	const char *s, *needle;
	int first, last;
	bool starts, ends;
} searches[] = {
	{ "a/b/c", "/", 1, 3, false, false },	 { "abab", "ab", 0, 2, true, true },
	{ "aaa", "aa", 0, 1, true, true },	 { "abc", "abc", 0, 0, true, true },
	{ "abc", "abcd", -1, -1, false, false }, { "abc", "x", -1, -1, false, false },
	{ "abc", "", 0, 3, true, true },	 { "", "", 0, 0, true, true },
	{ "", "a", -1, -1, false, false },	 { NULL, "a", -1, -1, false, false },
	{ "ab", "b", 1, 1, false, true },
};

START_TEST(search)
{
	struct str s = str_of(searches[_i].s), needle = str_of(searches[_i].needle);

	ck_assert_int_eq(str_find(s, needle), searches[_i].first);
	ck_assert_int_eq(str_rfind(s, needle), searches[_i].last);
	ck_assert_int_eq(str_starts(s, needle), searches[_i].starts);
	ck_assert_int_eq(str_ends(s, needle), searches[_i].ends);
	if (needle.len == 1)
		ck_assert_int_eq(str_chr(s, *needle.p), searches[_i].first);
}
END_TEST

START_TEST(cut)
{
	struct str s = STR("abc");

	ck_assert_view(str_from(s, 0), "abc");
	ck_assert_view(str_from(s, 2), "c");
	ck_assert_view(str_from(s, 3), "");
	ck_assert_view(str_from(s, SIZE_MAX), "");
	ck_assert_view(str_head(s, 0), "");
	ck_assert_view(str_head(s, 2), "ab");
	ck_assert_view(str_head(s, SIZE_MAX), "abc");
}
END_TEST

static const struct {
	const char *s, *trimmed, *ltrimmed;
} blanks[] = {
	{ "  a b\t ", "a b", "a b\t " },
	{ "a", "a", "a" },
	{ " \t ", "", "" },
	{ "", "", "" },
	{ NULL, "", "" },
	{ "\na\n", "\na\n", "\na\n" }, /* a blank is a space or a tab */
};

START_TEST(trim)
{
	ck_assert_view(str_trim(str_of(blanks[_i].s)), blanks[_i].trimmed);
	ck_assert_view(str_ltrim(str_of(blanks[_i].s)), blanks[_i].ltrimmed);
}
END_TEST

START_TEST(skip)
{
	struct str s = STR("at: f");

	ck_assert(!str_skip(&s, STR("at: f+")));
	ck_assert(!str_skip(&s, STR("t:")));
	ck_assert_view(s, "at: f");
	ck_assert(str_skip(&s, STR("at: ")));
	ck_assert_view(s, "f");
	ck_assert(str_skip(&s, STR("f")));
	ck_assert_uint_eq(s.len, 0);
	ck_assert(str_skip(&s, STR("")));
}
END_TEST

Suite *str_suite(void)
{
	Suite *s = suite_create("str");
	TCase *tc = tcase_create("numbers");

	tcase_add_loop_test(tc, skip_uint, 0, ARRAY_SIZE(uints));
	tcase_add_loop_test(tc, skip_hex, 0, ARRAY_SIZE(hexes));
	suite_add_tcase(s, tc);
	tc = tcase_create("views");
	tcase_add_loop_test(tc, compare, 0, ARRAY_SIZE(pairs));
	tcase_add_loop_test(tc, search, 0, ARRAY_SIZE(searches));
	tcase_add_loop_test(tc, trim, 0, ARRAY_SIZE(blanks));
	tcase_add_test(tc, cut);
	tcase_add_test(tc, skip);
	suite_add_tcase(s, tc);
	return s;
}
