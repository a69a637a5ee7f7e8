/* SPDX-License-Identifier: MIT */
#include "line/scan.h"

#include <stdio.h>
#include <string.h>

#include "check_unsplat.h"
#include "splat/kinds.h"
#include "splat/neighbour.h"

static const struct scanner *scanner;

static void setup(void)
{
	scanner = scanner_get();
}

/* All searches, which must agree. @return offset of the first hint */
static size_t find(const char *p, size_t n)
{
	uint64_t newlines, way_newlines, naive = 0;
	size_t at = scan_hint(scanner, p, n, &newlines);

	for (int way = 0; way < SCAN_WAYS; way++) {
		ck_assert_uint_eq(scan_hint_by(way, scanner, p, n, &way_newlines), at);
		ck_assert_uint_eq(newlines, way_newlines);
	}
	for (size_t i = 0; i < at; i++)
		naive += p[i] == '\n';
	ck_assert_uint_eq(newlines, naive);
	return at;
}

static bool is_seen(struct str line)
{
	char buf[512];
	int n = snprintf(buf, sizeof(buf), STR_FMT "\n", STR_ARG(line));

	return find(buf, (size_t)n) < (size_t)n;
}

/* What begins something, and what changes how later lines are read, as transports carry it. */
static const struct str hints[] = {
	STR("a/1 is trying to acquire lock:"),
	STR("loop0/2986 is"), /* a mailer wrapped it */
	STR("a/1 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:"),
	STR("loop0/2986\xc2\xa0is trying"),
	STR("loop0/2986&nbsp;is trying"),
	STR("-> #3 (a){....}:"),
	STR("->#3 (a){....}:"),
	STR("->  #3 (a){....}:"),
	STR("->"),
	STR("-> "),
	STR("->\r"),
	STR("-&gt; #3 (a){....}:"),
	STR("-&amp;gt; #3 (a){....}:"),
	STR("-\\u003e #3 (a){....}:"),
	STR("-> [#3](https://host/a/b/pull/3) (a)"),
	STR("-> https://host/a/b/pull/3 (a)"),
	STR("-> <a href=\"x\">#3</a> (a)"),
	STR("{\"log\":\"->\\n\"}"),
	STR("1 lock held by a/1:"),
	STR("2 locks held by a/1:"),
	STR("locks held by a/1: 4, last CPU#0:"),
	STR("\033[1mheld\033[0m by a/1:"),
	STR("Linux version 6.1.0"),
	STR("Linux\xa0version 6.1.0"),
	STR("Linux \033[0mversion 6.1.0"),
	STR("INFO: lockdep is turned off."),
	STR("WARNING:&nbsp;possible circular"),
	STR("[ ProveLock INFO: possible"),
	STR("ARNING: possible circular"), /* the first column is lost */
	STR("+WARNING: possible"),	  /* with marks, labels, times of other tools */
	STR("-[ INFO: possible"),
	STR("JD> WARNING: possible"),
	STR("kern.log:12:BUG: possible"),
	STR("kern.log-a/1 is trying"),
	STR("vm_1  | a/1 is trying"),
	STR("job\tstep\t2024-01-01T10:00:00Z 2 locks held by a/1:"),
	STR("6.6.7,4,1,2,-,ncfrag=0/9;text"),
	STR("[<    0.000010>] -> #3 (a){....}:"),
	STR("x[   45.871305] WARNING: possible"),
	STR("DEBUG_LOCKS_WARN_ON(1)"),
	STR("a =3D=3D=3D=3D"),
	STR("see https://host/a/b/issues/12"),
	STR("__CURSOR=s=1"),
	STR("6,1,2,-,ncfrag=0/9;text"),
	STR("W\0ARNING: text"),
	STR("W\0\0\0ARNING: text"),
	STR("W\rARNING: text"),
	STR("W\r\0ARNING: text"),
	STR("WX\bARNING: text"),
	STR("W\033[31mARNING: text"),
	STR("W\033[31m\033[1mARNING: text"),
	STR("W^[[31mARNING: text"),
	STR("W\xe2\x80\x8b"
	    "ARNING: text"),
	STR("W\xef\xbb\xbf"
	    "ARNING: text"),
	STR("W<b>ARNING: text"),
	STR("<b>W</b>ARNING: text"),
	STR("W&#65;RNING: text"),
	STR("W&#x41;RNING: text"),
	STR("W&amp;#65;RNING: text"),
	STR("W\\u0041RNING: text"),
	STR("W\\u001b[0mARNING: text"),
	STR("W\\x41RNING: text"),
	STR("W#012ARNING: text"),
	STR("{\"MESSAGE\":[87,65,82]}"),
	STR("{\"MESSAGE\" : [ 87, 65, 82 ]}"),
	STR("{\"MESSAGE\": [87, 65, 82]}"),
	STR("<!DOCTYPE html>"),
	STR("<html>"),
	STR(" <pre>"),
	STR("a <br>"),
	STR(" </span>"),
	STR("(</a>"),
};

/* Near to one, and common. */
static const char *const no_hints[] = {
	"DEBUG: text",
	"INFO:root:text",
	"BUGS: text",
	"CPU0 is up",
	"1/2 isolated",
	"123 is up",
	"field",
	"a -> b",
	"a->b",
	"Linux agpgart",
	"clock blocked, unlock",
	"https://host/a",
	"[<ffffffff81000000>] ? f+0x1/0x2",
	" <TASK>",
	" </IRQ>",
	"\r",
	"text\r",
	"text \033[0;32m OK \033[0m text",
	"\033[32m[    0.000000] \033[0m\033[33musb: \033[0mtext",
	"{\"dt\": \"2024\", \"lvl\": \"target\", \"n\": 1, \"l\": []}",
	"#0 text",
	"CPU#1",
	"a &amp; b &lt; c",
	"\\n \\t \\\\",
	"From here on",
};

START_TEST(seen)
{
	struct str hint = hints[_i];
	char buf[300];

	/* everywhere in a buffer of several of the blocks that the scanner works on */
	for (size_t at = 1; at + hint.len + 1 <= sizeof(buf); at++) {
		memset(buf, '.', sizeof(buf));
		buf[at - 1] = '\n';
		memcpy(buf + at, hint.p, hint.len);
		buf[at + hint.len] = '\n';
		ck_assert_msg(find(buf, sizeof(buf)) >= at && find(buf, sizeof(buf)) < sizeof(buf),
			      "no hint in '" STR_FMT "' at %zu", STR_ARG(hint), at);
		ck_assert_uint_lt(find(buf + at, hint.len + 1), hint.len + 1);
	}
}
END_TEST

START_TEST(not_seen)
{
	ck_assert_msg(!is_seen(str_of(no_hints[_i])), "a hint in '%s'", no_hints[_i]);
}
END_TEST

/* The next mail of a mailbox: the hint is in the blank line before it. */
START_TEST(mailbox)
{
	static const struct str two[] = { STR("text\n\nFrom a@b Mon\n"),
					  STR("text\r\n\r\nFrom a@b Mon\r\n"),
					  STR("\nFrom a@b\n") };
	static const size_t blank[] = { 5, 7, 0 };

	ck_assert_uint_eq(find(two[_i].p, two[_i].len), blank[_i]);
}
END_TEST

START_TEST(random_data)
{
	static const char letters[] = "lockheld BUGINFO:WARN-> #is/12Linux<&\\\"u0\033\0\r=3D=\n";
	uint64_t random = 42 + (uint64_t)_i;
	char buf[512];

	for (int round = 0; round < 500; round++) {
		size_t n = next_random(&random) % sizeof(buf),
		       from = next_random(&random) % (n + 1);

		for (size_t i = 0; i < n; i++)
			buf[i] = letters[next_random(&random) % (sizeof(letters) - 1)];
		for (size_t i = 0; i + 40 < n; i += 97)
			if (next_random(&random) % 8 == 0) {
				struct str h = hints[next_random(&random) % ARRAY_SIZE(hints)];

				memcpy(buf + i, h.p, h.len < 40 ? h.len : 40);
			}
		find(buf + from, n - from);
	}
}
END_TEST

START_TEST(newlines)
{
	char buf[300];

	for (size_t n = 0; n <= sizeof(buf); n++) {
		memset(buf, '\n', sizeof(buf));
		ck_assert_uint_eq(find(buf, n), n);
		memset(buf, 'n', sizeof(buf));
		ck_assert_uint_eq(find(buf, n), n);
	}
}
END_TEST

/* Each kind's sentences, as a kernel prints them. A kind without a fingerprint fails here. */
START_TEST(banners)
{
	static const char *const severities[] = { "WARNING: ", "[ INFO: ", "[ BUG: ", "BUG: " };
	const struct kind_row *row = kind_row((enum kind)_i);

	for (size_t i = 0; i < ARRAY_SIZE(row->sentences) && row->sentences[i]; i++) {
		struct str s = str_of(row->sentences[i]), line;
		char text[128];
		int n;

		for (size_t k = 0; k < ARRAY_SIZE(severities); k++) {
			bool bare = _i == KIND_ALL_LOCKS_DUMP;

			n = snprintf(text, sizeof(text), "%s" STR_FMT, bare ? "" : severities[k],
				     STR_ARG(s));
			line = (struct str){ text, (size_t)n };
			ck_assert_msg(is_seen(line), "no hint in '%s'", text);
			/* and of each piece that a mailer may make of it */
			for (size_t cut = 0; cut < line.len; cut++)
				ck_assert_msg(!banner_begins(str_head(line, cut)) ||
						      is_seen(str_head(line, cut)),
					      "no hint in the first %zu bytes of '%s'", cut, text);
		}
	}
}
END_TEST

START_TEST(neighbours)
{
	const struct neighbour *row;
	size_t n = 0;

	for (; (row = neighbour_row(n)); n++) {
		char text[128];

		snprintf(text, sizeof(text), "%s%s", row->begins, row->has ? row->has : "");
		ck_assert_ptr_nonnull(neighbour_find(str_of(text)));
		ck_assert_msg(is_seen(str_of(text)), "no hint in '%s'", text);
	}
	ck_assert_uint_gt(n, 5);
}
END_TEST

/* "COMM/PID is trying to acquire lock:" begins a report by itself, also when it is wrapped. */
START_TEST(wrapped_task)
{
	struct str line = STR("kworker/u4:2/2986 is trying to acquire lock:");

	for (size_t cut = strlen("kworker/u4:2/2986 is"); cut <= line.len; cut++)
		ck_assert_msg(is_seen(str_head(line, cut)), "%zu", cut);
}
END_TEST

Suite *scan_suite(void)
{
	Suite *s = suite_create("scan");
	TCase *tc = tcase_create("scan");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, seen, 0, ARRAY_SIZE(hints));
	tcase_add_loop_test(tc, not_seen, 0, ARRAY_SIZE(no_hints));
	tcase_add_loop_test(tc, mailbox, 0, 3);
	tcase_add_loop_test(tc, random_data, 0, 8);
	tcase_add_test(tc, newlines);
	tcase_add_loop_test(tc, banners, 0, KIND_MAX);
	tcase_add_test(tc, neighbours);
	tcase_add_test(tc, wrapped_task);
	suite_add_tcase(s, tc);
	return s;
}
