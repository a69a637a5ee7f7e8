/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"
#include "line/scan.h"
#include "unsplat/line.h"

#define BLOCK (4 * LINE_MAX_BYTES) /* what the reader asks its input for */

static struct input *in;
static struct line_reader *lr;

static void open_log(struct str log)
{
	in = input_from_memory(log);
	ck_assert_ptr_nonnull(in);
	lr = line_reader_new(in);
	ck_assert_ptr_nonnull(lr);
}

static void close_log(void)
{
	line_reader_free(lr);
	input_free(in);
}

/* Whether the scanner stops at a line of this text. */
static bool has_hint(struct str text)
{
	static char line[LINE_MAX_BYTES + 1];
	const struct scanner *scanner;
	uint64_t ignored;

	if (text.len)
		memcpy(line, text.p, text.len);
	line[text.len] = '\n';
	scanner = scanner_get();
	return scan_hint(scanner, line, text.len + 1, &ignored) <= text.len;
}

/* The next line; with LINE_HINTS, lines without a hint may come or not: they are passed over. */
static int next_line(enum line_mode mode, struct line *ret)
{
	int n;

	do
		n = line_next(lr, mode, ret);
	while (n == 1 && mode == LINE_HINTS && !has_hint(ret->text));
	return n;
}

static void expect(enum line_mode mode, uint64_t number, const char *text)
{
	struct line line;

	ck_assert_int_eq(next_line(mode, &line), 1);
	ck_assert_uint_eq(line.number, number);
	ck_assert_view(line.text, text);
	ck_assert_uint_eq(line.flags & LINE_CUT, 0);
}

static void expect_end(enum line_mode mode, uint64_t lines, uint64_t bytes)
{
	struct line line;

	if (mode == LINE_HINTS)
		ck_assert_int_eq(next_line(mode, &line), 0);
	line.number = 77;
	line.text = UNTOUCHED;
	ck_assert_int_eq(line_next(lr, mode, &line), 0);
	ck_assert_int_eq(line_next(lr, mode, &line), 0); /* and it stays the end */
	ck_assert_uint_eq(line.number, 77);
	ck_assert_view(line.text, "untouched");
	ck_assert_uint_eq(line_count(lr), lines);
	ck_assert_uint_eq(line_bytes(lr), bytes);
}

static const struct {
	const char *log;
	const char *lines[5]; /* all of them */
	int hints[4];	      /* numbers of those that LINE_HINTS gives */
} logs[] = {
	{ "", { NULL }, { 0 } },
	{ "\n", { "" }, { 0 } },
	{ "\n\n", { "", "" }, { 0 } },
	{ "a\nb\n", { "a", "b" }, { 0 } },
	{ "a\nheld\n", { "a", "held" }, { 2 } },
	{ "held\na\n", { "held", "a" }, { 1 } },
	{ "a\nb\nheld\nc\nheld\n", { "a", "b", "held", "c", "held" }, { 3, 5 } },
	{ "a\r\nheld\r\n\r\n", { "a", "held", "" }, { 2 } },
	{ "held\nheld\nheld", { "held", "held", "held" }, { 1, 2, 3 } },
	{ "a\nheld", { "a", "held" }, { 2 } },
	{ "\n\nheld\n", { "", "", "held" }, { 3 } },
	{ "lo\nck\n", { "lo", "ck" }, { 0 } }, /* two lines make no word */
	{ "\nheld", { "", "held" }, { 2 } },
};

START_TEST(all_lines)
{
	uint64_t n = 0;

	open_log(str_of(logs[_i].log));
	for (; n < ARRAY_SIZE(logs->lines) && logs[_i].lines[n]; n++)
		expect(LINE_ALL, n + 1, logs[_i].lines[n]);
	expect_end(LINE_ALL, n, strlen(logs[_i].log));
	close_log();
}
END_TEST

START_TEST(hint_lines)
{
	uint64_t n = 0;
	struct line line;
	size_t i = 0;

	while (n < ARRAY_SIZE(logs->lines) && logs[_i].lines[n])
		n++;
	open_log(str_of(logs[_i].log));
	while (next_line(LINE_HINTS, &line) == 1) {
		ck_assert_uint_lt(i, ARRAY_SIZE(logs->hints));
		ck_assert_uint_eq(line.number, (uint64_t)logs[_i].hints[i++]);
		ck_assert_view(line.text, logs[_i].lines[line.number - 1]);
	}
	ck_assert(i == ARRAY_SIZE(logs->hints) || !logs[_i].hints[i]);
	expect_end(LINE_HINTS, n, strlen(logs[_i].log));
	close_log();
}
END_TEST

/* The modes may change from line to line, as the splat stage does it. */
START_TEST(mixed_modes)
{
	open_log(STR("a\nheld 2\nb\nc\nd\nheld 6\ne\n"));
	expect(LINE_HINTS, 2, "held 2");
	expect(LINE_ALL, 3, "b");
	expect(LINE_HINTS, 6, "held 6");
	expect(LINE_ALL, 7, "e");
	expect_end(LINE_HINTS, 7, 24);
	close_log();
}
END_TEST

START_TEST(nul_bytes)
{
	open_log((struct str){ "a\0b\n\0\nheld\0\n", 12 });
	expect(LINE_ALL, 1, "ab");
	expect(LINE_ALL, 2, "");
	expect(LINE_HINTS, 3, "held");
	expect_end(LINE_ALL, 3, 12);
	close_log();
}
END_TEST

/* Lines of exactly the limit, and around it. */
static const struct {
	size_t len;
	unsigned int flags;
} lengths[] = {
	{ LINE_MAX_BYTES - 1, 0 },	  { LINE_MAX_BYTES, 0 },
	{ LINE_MAX_BYTES + 1, LINE_CUT }, { 2 * LINE_MAX_BYTES, LINE_CUT },
	{ BLOCK - 1, LINE_CUT },	  { BLOCK, LINE_CUT },
	{ BLOCK + 1, LINE_CUT },	  { BLOCK + LINE_MAX_BYTES, LINE_CUT },
	{ 3 * BLOCK, LINE_CUT },
};

static void long_line(size_t len, unsigned int flags, enum line_mode mode)
{
	size_t n = 2 + len + 1 + 5 + 5;
	char *log = malloc(n);
	struct line line;

	ck_assert_ptr_nonnull(log);
	memcpy(log, "a\n", 2);
	memset(log + 2, 'x', len);
	memcpy(log + 2, "held", 4);
	memcpy(log + 2 + len, "\nheld\nheld\n", 11);
	open_log((struct str){ log, n });
	if (mode == LINE_ALL)
		expect(LINE_ALL, 1, "a");
	ck_assert_int_eq(next_line(mode, &line), 1);
	ck_assert_uint_eq(line.number, 2);
	ck_assert_uint_eq(line.text.len, len > LINE_MAX_BYTES ? LINE_MAX_BYTES : len);
	ck_assert_uint_eq(line.flags & LINE_CUT, flags);
	expect(mode, 3, "held");
	expect(mode, 4, "held");
	expect_end(mode, 4, n);
	close_log();
	free(log);
}

START_TEST(long_lines)
{
	long_line(lengths[_i].len, lengths[_i].flags, LINE_ALL);
	long_line(lengths[_i].len, lengths[_i].flags, LINE_HINTS);
}
END_TEST

START_TEST(long_last_line)
{
	size_t n = BLOCK + 77;
	char *log = malloc(n);
	struct line line;

	ck_assert_ptr_nonnull(log);
	memset(log, 'x', n);
	open_log((struct str){ log, n });
	ck_assert_int_eq(line_next(lr, LINE_ALL, &line), 1);
	ck_assert_uint_eq(line.flags & LINE_CUT, LINE_CUT);
	expect_end(LINE_ALL, 1, n);
	close_log();
	free(log);
}
END_TEST

/*
 * The same few lines, once for each place at which the end of a block can cut them: @p before bytes
 * of short lines stand in front.
 */
static void across_block(size_t before, enum line_mode mode)
{
	static const char tail[] = "no hint\n-> #0 (a){....}:\r\n\nlocks held\nend\nlast held";
	static const char *const lines[] = { "no hint", "-> #0 (a){....}:", "", "locks held",
					     "end",	"last held" };
	static const bool hints[] = { false, true, false, true, false, true };
	size_t n = before + sizeof(tail) - 1;
	char *log = malloc(n);
	uint64_t number = 0;
	struct line line;

	ck_assert_ptr_nonnull(log);
	for (size_t i = 0; i < before; i++) {
		log[i] = i % 61 == 60 || i + 1 == before ? '\n' : '.';
		number += log[i] == '\n';
	}
	memcpy(log + before, tail, sizeof(tail) - 1);
	open_log((struct str){ log, n });
	while (mode == LINE_ALL && line_count(lr) < number && line_next(lr, mode, &line) == 1)
		;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (mode == LINE_ALL || hints[i])
			expect(mode, number + i + 1, lines[i]);
	expect_end(mode, number + ARRAY_SIZE(lines), n);
	close_log();
	free(log);
}

START_TEST(block_boundary)
{
	across_block((size_t)BLOCK - (size_t)_i, LINE_ALL);
	across_block((size_t)BLOCK - (size_t)_i, LINE_HINTS);
}
END_TEST

/* With hints only, no line that has one may be lost, and no number may be wrong. */
START_TEST(hints_are_enough)
{
	static const char *const words[] = {
		"held",	  "loc",  "k", "BUG: ", "-> #",		  "->", "#",
		"INFO: ", "tent", " ", ".",	"Linux version ", "x"
	};
	uint64_t random = 20260101, given = 0, lost = 0;
	size_t n = 0, cap = 3 * (size_t)BLOCK;
	char *log = malloc(cap + 64);
	struct line all, hint;
	struct line_reader *hints;
	struct input *again;

	ck_assert_ptr_nonnull(log);
	while (n < cap) {
		uint64_t pick = next_random(&random) % 4096;
		const char *word = pick < 26 ? words[pick / 2] : pick % 3 ? "......" : "\n";

		n += (size_t)sprintf(log + n, "%s", word);
	}
	open_log((struct str){ log, n });
	again = input_from_memory((struct str){ log, n });
	hints = line_reader_new(again);
	ck_assert_ptr_nonnull(hints);
	while (line_next(hints, LINE_HINTS, &hint) == 1) {
		while (line_next(lr, LINE_ALL, &all) == 1 && all.number < hint.number)
			lost += has_hint(all.text);
		ck_assert_uint_eq(all.number, hint.number);
		ck_assert_uint_eq(lost, 0);
		given++;
		ck_assert(str_eq(all.text, hint.text));
	}
	while (line_next(lr, LINE_ALL, &all) == 1)
		ck_assert(!has_hint(all.text));
	ck_assert_uint_gt(given, 100);
	ck_assert_uint_eq(line_count(lr), line_count(hints));
	line_reader_free(hints);
	input_free(again);
	close_log();
	free(log);
}
END_TEST

Suite *reader_suite(void)
{
	Suite *s = suite_create("reader");
	TCase *tc = tcase_create("lines");

	tcase_add_loop_test(tc, all_lines, 0, ARRAY_SIZE(logs));
	tcase_add_loop_test(tc, hint_lines, 0, ARRAY_SIZE(logs));
	tcase_add_test(tc, mixed_modes);
	tcase_add_test(tc, nul_bytes);
	suite_add_tcase(s, tc);
	tc = tcase_create("limits");
	tcase_set_timeout(tc, 30); /* under valgrind */
	tcase_add_loop_test(tc, long_lines, 0, ARRAY_SIZE(lengths));
	tcase_add_test(tc, long_last_line);
	tcase_add_loop_test(tc, block_boundary, 0, 60);
	tcase_add_test(tc, hints_are_enough);
	suite_add_tcase(s, tc);
	return s;
}
