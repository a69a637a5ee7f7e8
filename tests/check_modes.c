/* SPDX-License-Identifier: MIT */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"
#include "unsplat/writer.h"

/*
 * The scanner passes over lines that cannot begin a report. What comes out must be the same as
 * when every line is cut out and parsed: on the logs as they are, on mixtures of pieces of them,
 * in all transports, and wherever a block of the reader ends.
 */

#define BLOCK_BYTES ((size_t)4 * 65536) /* of src/line/reader.c */

static glob_t logs;

static void find_logs(void)
{
	static const char *const folders[] = { "fixtures", "../shared/kernel-logs",
					       "../shared/corpus", "../shared/fixes" };
	const char *top = getenv("abs_top_srcdir");

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		char pattern[4096];

		snprintf(pattern, sizeof(pattern), "%s/%s/*.log", top ? top : "..", folders[i]);
		(void)glob(pattern, i ? GLOB_APPEND : 0, NULL, &logs);
	}
}

static struct str load(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text = malloc(1 << 20);
	size_t n;

	ck_assert(in && text);
	n = fread(text, 1, 1 << 20, in); /* the rest of a longer log does not matter here */
	fclose(in);
	return (struct str){ text, n };
}

enum way { WAY_FAST, WAY_EVERY_LINE, WAY_SHARED };

/* @return all that a record of @p log says, and the notes and boots, for free() */
static char *told(struct str log, enum way way)
{
	struct source src = { .name = strdup("test") };
	struct input *in = input_from_memory(log);
	struct line_reader *lines = line_reader_new(in);
	struct splat_reader *splats = splat_reader_new(lines, &src);
	const struct writer *w = writer_find(STR("jsonl"));
	struct analyst *analyst = analyst_new(NULL);
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	const struct writer_options opt = { .width = 80 };
	void *state = NULL;
	struct report *r;
	int n;

	if (way == WAY_SHARED && log.len)
		ck_assert(input_share(in));
	ck_assert(splats && out && analyst && w->report);
	if (way == WAY_EVERY_LINE)
		splat_reader_every_line(splats);
	if (w->begin)
		ck_assert_int_eq(w->begin(&state, out, &opt), 0);
	while ((n = splat_next(splats, &r)) > 0) {
		struct verdict *v;

		ck_assert_int_eq(verdict_make(analyst, r, &v), 0);
		ck_assert_int_eq(w->report(state, out, r, v, &src), 0);
		report_free(r);
	}
	ck_assert_int_eq(n, 0);
	for (size_t i = 0; i < src.n_notes; i++)
		fprintf(out, "%llu %s\n", (unsigned long long)src.notes[i].line, src.notes[i].kind);
	for (size_t i = 0; i < src.n_boots; i++)
		fprintf(out, "%llu %llu %s\n", (unsigned long long)src.boots[i].line,
			(unsigned long long)src.boots[i].lockdep_off,
			src.boots[i].kernel ? src.boots[i].kernel : "");
	fprintf(out, "%llu %llu\n", (unsigned long long)src.lines, (unsigned long long)src.bytes);
	if (w->free)
		w->free(state);
	fclose(out);
	splat_reader_free(splats);
	line_reader_free(lines);
	input_free(in);
	analyst_free(analyst);
	source_done(&src);
	return text;
}

static bool is_same_by(struct str log, enum way way)
{
	char *fast = told(log, WAY_FAST), *slow = told(log, way);
	bool same = !strcmp(fast, slow);

	if (!same && getenv("SHOW_DIFFERENCE")) {
		FILE *out = fopen(getenv("SHOW_DIFFERENCE"), "we");

		fwrite(log.p, 1, log.len, out);
		fclose(out);
		fprintf(stderr, "fast: %s\nslow: %s\n", fast, slow);
	}
	free(fast);
	free(slow);
	return same;
}

static bool is_same(struct str log)
{
	return is_same_by(log, WAY_EVERY_LINE);
}

START_TEST(as_they_are)
{
	struct str log = load(logs.gl_pathv[_i]);

	ck_assert_msg(is_same(log), "%s", logs.gl_pathv[_i]);
	free((char *)log.p);
}
END_TEST

/* With a mark before every line, then without, then with one again. */
START_TEST(marked)
{
	static const char *const marks[] = { "+", "-", "# ", ": ", "JD> ", "kern.log:", "12:" };
	struct str log = load(logs.gl_pathv[_i]);

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		ck_assert_ptr_nonnull(out);
		for (int round = 0; round < 3; round++)
			for (struct str s = log; s.len;) {
				ptrdiff_t newline = str_chr(s, '\n');
				size_t n = newline < 0 ? s.len : (size_t)newline + 1;

				fputs(round == 1 ? "" : marks[i], out);
				fwrite(s.p, 1, n, out);
				s = str_from(s, n);
			}
		fclose(out);
		ck_assert_msg(is_same((struct str){ text, len }), "%s, mark %s", logs.gl_pathv[_i],
			      marks[i]);
		free(text);
	}
	free((char *)log.p);
}
END_TEST

/* Lines that say nothing, so that what follows is not looked at for being near. */
static void add_plain(FILE *out, uint64_t *random)
{
	static const char *const plain[] = {
		"[   12.345678] usb 1-1: new high-speed USB device number 2 using xhci_hcd\n",
		"Jan 22 01:50:05 host kernel: clocksource: Switched to clocksource tsc\n",
		"<6>[    0.1] block device autoloading is deprecated\n",
		"\n",
		"text\r\n",
	};
	unsigned int n = next_random(random) % 6;

	while (n--)
		fputs(plain[next_random(random) % ARRAY_SIZE(plain)], out);
}

/* Some lines of some log. */
static void add_piece(FILE *out, uint64_t *random)
{
	struct str log = load(logs.gl_pathv[next_random(random) % logs.gl_pathc]), piece;
	size_t from = log.len ? next_random(random) % log.len : 0;
	ptrdiff_t newline;

	piece = str_from(log, from);
	newline = str_chr(piece, '\n');
	piece = str_from(piece, newline < 0 ? piece.len : (size_t)newline + 1);
	piece = str_head(piece, next_random(random) % 12000);
	fwrite(piece.p ? piece.p : "", 1, piece.len, out);
	if (next_random(random) % 8)
		fputc('\n', out);
	free((char *)log.p);
}

START_TEST(mixtures)
{
	const int rounds = getenv("LONG") ? 4000 : 6;
	uint64_t random = 1000 + (uint64_t)_i;

	for (int round = 0; round < rounds; round++) {
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		ck_assert_ptr_nonnull(out);
		for (int i = 0; i < 5; i++) {
			add_plain(out, &random);
			add_piece(out, &random);
		}
		fclose(out);
		ck_assert_msg(is_same((struct str){ text, len }), "mixture %d, round %d", _i,
			      round);
		free(text);
	}
}
END_TEST

/* Plain lines, so many that the block ends at each byte of the log in turn. */
START_TEST(every_cut)
{
	static const char plain[] =
		"[    1.000000] plain text with no meaning at all, 64 bytes long\n";
	struct str log = load(logs.gl_pathv[0]);
	size_t len = log.len < 6000 ? log.len : 6000, room = 2 * BLOCK_BYTES;
	char *buf = malloc(room + len);

	ck_assert_uint_eq(sizeof(plain) - 1, 64);
	ck_assert_ptr_nonnull(buf);
	for (size_t cut = (size_t)_i; cut <= len; cut += 16) {
		size_t before = BLOCK_BYTES - cut, head = before % 64;
		char *fast, *slow;

		memset(buf, ' ', head);
		if (head)
			buf[head - 1] = '\n';
		for (size_t at = head; at < before; at += 64)
			memcpy(buf + at, plain, 64);
		memcpy(buf + before, log.p, len);
		fast = told((struct str){ buf, before + len }, WAY_FAST);
		ck_assert_ptr_nonnull(strstr(fast, "\"kind\":"));
		if (cut % 512 == 0) {
			slow = told((struct str){ buf, before + len }, WAY_EVERY_LINE);
			ck_assert_str_eq(fast, slow);
			free(slow);
		}
		free(fast);
	}
	free(buf);
	free((char *)log.p);
}
END_TEST

/* Read by two threads: reports, blank lines and lines without an end at all places of the blocks. */
START_TEST(shared)
{
	const int rounds = getenv("LONG") ? 400 : 6;
	uint64_t random = 5000 + (uint64_t)_i;

	for (int round = 0; round < rounds; round++) {
		char *text = NULL;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		ck_assert_ptr_nonnull(out);
		for (int i = 0; i < 30; i++) {
			for (uint64_t n = next_random(&random) % 600; n--;) {
				add_plain(out, &random);
				if (next_random(&random) % 1000 == 0)
					fprintf(out, "\nFrom %d Mon\n", round);
				if (next_random(&random) % 1000 == 0)
					fprintf(out, "%*s", (int)(next_random(&random) % 200000),
						"");
			}
			if (next_random(&random) % 3 == 0)
				add_piece(out, &random);
		}
		fclose(out);
		ck_assert_msg(is_same_by((struct str){ text, len }, WAY_SHARED),
			      "shared %d, round %d", _i, round);
		free(text);
	}
}
END_TEST

/* A mail begins at each byte around the border of two blocks: the blank line before it counts. */
START_TEST(shared_mail)
{
	struct str log = load(logs.gl_pathv[0]);

	for (size_t shift = (size_t)_i; shift < 160; shift += 16) {
		char *text = NULL, *fast, *both;
		size_t len = 0;
		FILE *out = open_memstream(&text, &len);

		ck_assert_ptr_nonnull(out);
		fprintf(out, "From: a@b\n\n");
		for (size_t at = 0; at < 2 * BLOCK_BYTES - 80 + shift;)
			at += (size_t)fprintf(out, "plain text\n");
		fprintf(out,
			"\n%.*sFrom a@b Thu Jan  1 00:00:00 2026\n"
			"Content-Transfer-Encoding: quoted-printable\n\n",
			(int)(shift % 3), "\n\n");
		for (size_t i = 0; i < log.len; i++)
			fputs(log.p[i] == ' ' ? "=20" :
			      log.p[i] == '=' ? "" : /* a rule of "=3D" is a hint, too */
						(char[]){ log.p[i], '\0' },
			      out);
		for (int i = 0; i < 5000; i++)
			fputs("plain text behind it\n", out);
		fclose(out);
		fast = told((struct str){ text, len }, WAY_FAST);
		both = told((struct str){ text, len }, WAY_SHARED);
		ck_assert_ptr_nonnull(strstr(fast, "\"kind\":"));
		ck_assert_msg(!strcmp(fast, both), "a mail at %zu", shift);
		free(fast);
		free(both);
		free(text);
	}
	free((char *)log.p);
}
END_TEST

Suite *modes_suite(void)
{
	Suite *s = suite_create("modes");
	TCase *tc = tcase_create("modes");

	find_logs();
	tcase_set_timeout(tc, getenv("LONG") ? 3000 : 120);
	tcase_add_loop_test(tc, as_they_are, 0, (int)logs.gl_pathc);
	/* each with seven marks: some will do */
	tcase_add_loop_test(tc, marked, 0, logs.gl_pathc < 12 ? (int)logs.gl_pathc : 12);
	if (logs.gl_pathc) {
		tcase_add_loop_test(tc, mixtures, 0, 16);
		tcase_add_loop_test(tc, every_cut, 0, 16);
		tcase_add_loop_test(tc, shared, 0, 16);
		tcase_add_loop_test(tc, shared_mail, 0, 16);
	}
	suite_add_tcase(s, tc);
	return s;
}
