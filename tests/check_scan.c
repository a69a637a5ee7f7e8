/* SPDX-License-Identifier: MIT */
#include "line/scan.h"

#include <stdio.h>
#include <string.h>

#include "check_unsplat.h"
#include "splat/kinds.h"

static const char *const hints[] = { "lock", "tent", "d wa", "spic", "c ke", "low!",
				     "x ve", "BUG:", "S_WA", "NG: ", "=3D=", "-> #" };

static size_t naive_hint(const char *p, size_t n)
{
	for (size_t i = 0; i + 4 <= n; i++)
		for (size_t h = 0; h < ARRAY_SIZE(hints); h++)
			if (!memcmp(p + i, hints[h], 4))
				return i;
	return n;
}

static uint64_t naive_newlines(const char *p, size_t n)
{
	uint64_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += p[i] == '\n';
	return count;
}

/* Everywhere in a buffer of more than two of the chunks that the scanner works on. */
START_TEST(every_place)
{
	const char *hint = hints[_i];
	char buf[200];

	for (size_t at = 0; at + 4 <= sizeof(buf); at++) {
		memset(buf, 'k', sizeof(buf));
		memcpy(buf + at, hint, 4);
		ck_assert_uint_eq(scan_hint(buf, sizeof(buf)), at);
		ck_assert_uint_eq(scan_hint(buf + at, sizeof(buf) - at), 0);
		/* a hint that the end cuts is none, and no byte behind the end counts */
		ck_assert_uint_eq(scan_hint(buf, at + 3), at + 3);
		ck_assert_uint_eq(scan_hint(buf, at), at);
		for (size_t i = 0; i < 4; i++) { /* all four bytes count */
			buf[at + i] ^= 1;
			ck_assert_uint_eq(scan_hint(buf, sizeof(buf)), sizeof(buf));
			buf[at + i] ^= 1;
		}
	}
}
END_TEST

START_TEST(first_of_two)
{
	char buf[200];

	for (size_t at = 4; at + 4 <= sizeof(buf); at++) {
		memset(buf, '.', sizeof(buf));
		memcpy(buf + at, "spic", 4);
		memcpy(buf + at / 2, "lock", 4);
		ck_assert_uint_eq(scan_hint(buf, sizeof(buf)), naive_hint(buf, sizeof(buf)));
	}
}
END_TEST

START_TEST(random_data)
{
	static const char letters[] = "lockten dwaspi!xveBUGS_WAN:=3D-> #\n";
	uint64_t random = 42 + (uint64_t)_i;
	char buf[512];
	size_t found = 0;

	for (int round = 0; round < 200; round++) {
		size_t n = next_random(&random) % sizeof(buf),
		       from = next_random(&random) % (n + 1);

		for (size_t i = 0; i < n; i++)
			buf[i] = letters[next_random(&random) % (sizeof(letters) - 1)];
		for (size_t i = 0; i + 4 < n; i += 97) /* by chance alone it would be none */
			if (next_random(&random) % 8 == 0)
				memcpy(buf + i, hints[next_random(&random) % ARRAY_SIZE(hints)], 4);
		ck_assert_uint_eq(scan_hint(buf + from, n - from),
				  naive_hint(buf + from, n - from));
		ck_assert_uint_eq(scan_newlines(buf + from, n - from),
				  naive_newlines(buf + from, n - from));
		found += naive_hint(buf, n) < n;
	}
	ck_assert_uint_gt(found, 20);
	ck_assert_uint_lt(found, 180);
}
END_TEST

START_TEST(newlines)
{
	char buf[300];

	for (size_t n = 0; n <= sizeof(buf); n++) {
		memset(buf, '\n', sizeof(buf));
		ck_assert_uint_eq(scan_newlines(buf, n), n);
		memset(buf, 'n', sizeof(buf));
		ck_assert_uint_eq(scan_newlines(buf, n), 0);
		if (n < sizeof(buf)) {
			buf[n] = '\n';
			ck_assert_uint_eq(scan_newlines(buf, n), 0);
			ck_assert_uint_eq(scan_newlines(buf, n + 1), 1);
		}
	}
}
END_TEST

/* Lines of the kinds' table as a kernel prints them: the scanner must see each of them. */
START_TEST(banners)
{
	const struct kind_row *row = kind_row((enum kind)_i);
	bool limit = _i == KIND_LIMIT; /* always "BUG: ...!", without brackets */

	for (size_t i = 0; i < ARRAY_SIZE(row->sentences) && row->sentences[i]; i++) {
		struct str s = str_of(row->sentences[i]);
		ptrdiff_t star = str_chr(s, '*');
		char line[128];
		int n = snprintf(line, sizeof(line), "%s" STR_FMT "%s" STR_FMT "%s",
				 limit ? "BUG: " : "",
				 STR_ARG(str_head(s, star < 0 ? s.len : (size_t)star)),
				 star < 0 ? "" : "X",
				 STR_ARG(star < 0 ? STR("") : str_from(s, (size_t)star + 1)),
				 limit ? "!" : "");

		ck_assert_msg(scan_hint(line, (size_t)n) < (size_t)n, "no hint in '%s'", line);
	}
}
END_TEST

/* What else begins a report or a boot, or switches lockdep off (src/splat/splat.c). */
static const char *const beginnings[] = {
	"a/1 is trying to acquire lock:",
	"-> #3 (a){....}:",
	"1 lock held by a/1:",
	"2 locks held by a/1:",
	"Linux version 6.1.0",
	"INFO: lockdep is turned off.",
	"Disabling lock debugging due to kernel taint",
};

START_TEST(other_beginnings)
{
	size_t n = strlen(beginnings[_i]);

	ck_assert_uint_lt(scan_hint(beginnings[_i], n), n);
}
END_TEST

Suite *scan_suite(void)
{
	Suite *s = suite_create("scan");
	TCase *tc = tcase_create("scan");

	tcase_add_loop_test(tc, every_place, 0, ARRAY_SIZE(hints));
	tcase_add_test(tc, first_of_two);
	tcase_add_loop_test(tc, random_data, 0, 8);
	tcase_add_test(tc, newlines);
	tcase_add_loop_test(tc, banners, 0, KIND_MAX);
	tcase_add_loop_test(tc, other_beginnings, 0, ARRAY_SIZE(beginnings));
	suite_add_tcase(s, tc);
	return s;
}
