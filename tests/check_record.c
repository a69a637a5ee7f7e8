/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/line.h"

/* Transports whose lines are more, or less, than one line of the kernel: what comes out. */
static const struct {
	const char *log;
	const char *text[5]; /* lines that have text, in order */
	uint64_t number[5];  /* 0: not looked at */
	const char *caller;  /* of the first */
	enum transport transport;
} cases[] = {
	/* /dev/kmsg and netconsole */
	{ "6,1234,123456789,-,caller=T1;one\n SUBSYSTEM=usb\n4,1235,123456790,-;two\n",
	  { "one", "two" },
	  { 1, 3 },
	  "T1",
	  TRANSPORT_KMSG },
	{ "6,1234,123456789,-;one\\x0atwo\n", { "one", "two" }, { 1, 1 }, "", TRANSPORT_KMSG },
	{ "6,1234,123456789;no record\n",
	  { "6,1234,123456789;no record" },
	  { 1 },
	  "",
	  TRANSPORT_MAX },
	{ "6,1234,x,-;no record\n", { "6,1234,x,-;no record" }, { 1 }, "", TRANSPORT_MAX },
	{ "6,9,1,-,ncfrag=0/8;hell\n6,9,1,-,ncfrag=4/8;o ab\n",
	  { "hello ab" },
	  { 0 },
	  "",
	  TRANSPORT_KMSG },
	/* netconsole with the release in front */
	{ "6.6.7,4,1000,123,-,caller=T1;one\n6.12.0-rc1-00012-g0123456789ab+,4,1001,124,-;two\n",
	  { "one", "two" },
	  { 1, 2 },
	  "T1",
	  TRANSPORT_KMSG },
	{ "6.6.7,6,9,1,-,ncfrag=0/8;hell\n6.6.7,6,9,1,-,ncfrag=4/8;o ab\n",
	  { "hello ab" },
	  { 0 },
	  "",
	  TRANSPORT_KMSG },
	{ "6.6 7,4,1000,123,-;one\n", { "6.6 7,4,1000,123,-;one" }, { 1 }, "", TRANSPORT_MAX },
	/* rsyslog writes newlines in octal */
	{ "Jan 22 01:50:05 host kernel: #012-> #2 (a){....}:\n",
	  { "-> #2 (a){....}:" },
	  { 1 },
	  "",
	  TRANSPORT_ESCAPES },
	{ "*** DEADLOCK ***#012\n", { "*** DEADLOCK ***" }, { 1 }, "", TRANSPORT_ESCAPES },
	{ "lock#2 and #9\n", { "lock#2 and #9" }, { 1 }, "", TRANSPORT_MAX },
	{ "[    1.234567][   T7] one#012two\n",
	  { "one", "two" },
	  { 1, 1 },
	  "T7",
	  TRANSPORT_ESCAPES },
	/* JSON lines */
	{ "{\"MESSAGE\":\"one\\ntwo\",\"_TRANSPORT\":\"kernel\"}\n{\"MESSAGE\":\"not of the "
	  "kernel\",\"_TRANSPORT\":\"audit\"}\n",
	  { "one", "two" },
	  { 1, 1 },
	  "",
	  TRANSPORT_JSON },
	{ "- {\"dt\": \"2025-07-16T10:30:00\", \"lvl\": \"target\", \"msg\": \"[    1.234567] one\"}\n",
	  { "one" },
	  { 1 },
	  "",
	  TRANSPORT_JSON },
	{ "{\"MESSAGE\":[111,110,101]}\n", { "one" }, { 1 }, "", TRANSPORT_JSON },
	{ "{\"MESSAGE\":\n", { "{\"MESSAGE\":" }, { 1 }, "", TRANSPORT_MAX },
	/* the journal's export format */
	{ "__CURSOR=s=1\nPRIORITY=4\nMESSAGE=one\n\n__CURSOR=s=2\nMESSAGE=two\n",
	  { "one", "two" },
	  { 3, 6 },
	  "",
	  TRANSPORT_EXPORT },
	/* between reports, only its lines with hints are seen */
	{ "MESSAGE=one\nPRIORITY=4\n\n__CURSOR=s=2\nMESSAGE={....} two\n_PID=1\n\nMESSAGE=three\n",
	  { "one", "{....} two", "three" },
	  { 1, 5, 8 },
	  "",
	  TRANSPORT_EXPORT },
	/* HTML of trackers and archives */
	{ "<html><pre>\n-&gt; #1 (&amp;a){....}:<br>f+0x1/0x2\n</pre>\n",
	  { "-> #1 (&a){....}:", "f+0x1/0x2" },
	  { 2, 2 },
	  "",
	  TRANSPORT_HTML },
	{ " <IRQ>\n[<c0123456>] f+0x1/0x2\n#0: <RELEASED>\n",
	  { " <IRQ>", "[<c0123456>] f+0x1/0x2", "#0: <RELEASED>" },
	  { 1, 2, 3 },
	  "",
	  TRANSPORT_MAX },
	{ "-> https://github.com/o/r/pull/3 (a){....}:\n",
	  { "-> #3 (a){....}:" },
	  { 1 },
	  "",
	  TRANSPORT_LINKS },
	{ "-> [#3](https://github.com/o/r/pull/3) (a[#1]){....}:\n",
	  { "-> #3 (a[#1]){....}:" },
	  { 1 },
	  "",
	  TRANSPORT_LINKS },
	/* two records on a line: the time stamp of the second one is inside */
	{ "[   45.871300] f+0x9b/0xb10[   45.871305][   T7] tc_dump: x\n"
	  "[   45.871300] a [   45.871305] b[   45.871306] c\n",
	  { "f+0x9b/0xb10", "tc_dump: x", "a", "b", "c" },
	  { 1, 1, 2, 2, 2 },
	  "",
	  TRANSPORT_PRINTK_TIME },
	{ "f+0x9b/0xb10[   45.871305] tc_dump: x\nat [   45.871305] x\na[45.871305]\n",
	  { "f+0x9b/0xb10", "tc_dump: x", "at [   45.871305] x", "a[45.871305]" },
	  { 1, 1, 2, 3 },
	  "",
	  TRANSPORT_PRINTK_TIME },
	/* what people put before every line, known by the banner */
	{ "+WARNING: possible\n+-> #2 (a){....}:\n+\n+ [<1>] f+0x1/0x2\n f+0x1/0x2\n",
	  { "WARNING: possible", "-> #2 (a){....}:", " [<1>] f+0x1/0x2", " f+0x1/0x2" },
	  { 1, 2, 4, 5 },
	  "",
	  TRANSPORT_DIFF },
	{ "-[    1.234567] WARNING: possible\n-[    1.234567] -> #2 (a){....}:\n--> #1\n-\n--> #0\n",
	  { "WARNING: possible", "-> #2 (a){....}:", "-> #1", "-> #0" },
	  { 1, 2, 3, 5 },
	  "",
	  TRANSPORT_DIFF },
	{ "JD> [ INFO: possible ]\nJD>\nJD>  #0: a\nINFO: other\nJD> text\n",
	  { "[ INFO: possible ]", " #0: a", "INFO: other", "JD> text" },
	  { 1, 3, 4, 5 },
	  "",
	  TRANSPORT_QUOTE },
	{ "# WARNING: possible\n#  #0: a\n #0: a\n# text\n",
	  { "WARNING: possible", " #0: a", " #0: a", "text" },
	  { 1, 2, 3, 4 },
	  "",
	  TRANSPORT_QUOTE },
	{ "watchdog: BUG: soft lockup\nwatchdog: text\nkern.log:12:WARNING: a\nkern.log-13- b\n",
	  { "watchdog: BUG: soft lockup", "watchdog: text", "WARNING: a", " b" },
	  { 1, 2, 3, 4 },
	  "",
	  TRANSPORT_LABEL },
	{ "-> #2 (a){....}:\n: f+0x1/0x2\n# text\nJD> text\n",
	  { "-> #2 (a){....}:", ": f+0x1/0x2", "# text", "JD> text" },
	  { 1, 2, 3, 4 },
	  "",
	  TRANSPORT_MAX },
	{ "see https://github.com/o/r/blob/3\n",
	  { "see https://github.com/o/r/blob/3" },
	  { 1 },
	  "",
	  TRANSPORT_MAX },
};

/* Lines that a stack is read from: a blank one between them would end it. */
static const struct {
	const char *log;
	size_t lines;
} unbroken[] = {
	{ "<html><pre>\n<br>f+0x1/0x2<br/>\n<div>g+0x1/0x2</div>\n", 3 },
	{ "{\"msg\":\"one\"}\n{\"lvl\":\"info\",\"msg\":\"\"}\n{\"msg\":\"two\"}\n", 2 },
	{ "__CURSOR=s=1\nMESSAGE=one\n_PID=1\n\n__CURSOR=s=2\nMESSAGE=two\n", 2 },
	{ "4,1,1,-;one\n SUBSYSTEM=usb\n4,2,2,-;two\n", 2 },
};

START_TEST(no_blank_lines)
{
	struct input *in = input_from_memory(str_of(unbroken[_i].log));
	struct line_reader *lr = line_reader_new(in);
	struct line line;
	size_t n = 0;

	ck_assert_ptr_nonnull(lr);
	while (line_next(lr, LINE_ALL, &line) == 1)
		n++;
	ck_assert_uint_eq(n, unbroken[_i].lines);
	line_reader_free(lr);
	input_free(in);
}
END_TEST

static void check_log(struct str log, size_t k)
{
	struct input *in = input_from_memory(log);
	struct line_reader *lr = line_reader_new(in);
	struct line line;
	size_t i = 0;

	ck_assert_ptr_nonnull(lr);
	while (line_next(lr, LINE_ALL, &line) == 1) {
		if (!line.text.len)
			continue;
		ck_assert_msg(i < ARRAY_SIZE(cases->text) && cases[k].text[i],
			      "more: '" STR_FMT "'", STR_ARG(line.text));
		ck_assert_view(line.text, cases[k].text[i]);
		if (cases[k].number[i])
			ck_assert_uint_eq(line.number, cases[k].number[i]);
		if (!i)
			ck_assert_view(line.caller, cases[k].caller);
		i++;
	}
	ck_assert_msg(i == ARRAY_SIZE(cases->text) || !cases[k].text[i], "less: no '%s'",
		      cases[k].text[i]);
	ck_assert_uint_eq(line_bytes(lr), log.len);
	if (cases[k].transport != TRANSPORT_MAX)
		ck_assert(line_transports(lr) & UINT32_C(1) << cases[k].transport);
	line_reader_free(lr);
	input_free(in);
}

START_TEST(record)
{
	check_log(str_of(cases[_i].log), (size_t)_i);
}
END_TEST

static const struct {
	const char *log, *text;
	uint64_t number;
} mails[] = {
	{ "From: a@b\nSubject: x\n\nWARNING: inconsistent lock state\n",
	  "WARNING: inconsistent lock state", 4 },
	{ "From: a@b\nContent-Transfer-Encoding: quoted-printable\n\n(a){-.-=\n.}:=20\n",
	  "(a){-.-.}:", 4 },
	{ "From: a@b\nContent-Transfer-Encoding: base64\n\nV0FSTklORzogaW5jb25zaXN0ZW50IGxvY2sgc3RhdGUK\n",
	  "WARNING: inconsistent lock state", 4 },
	{ "=3D=3D=3D=3D=3D=3D\n-> #0 (a){....}=3A\n", "-> #0 (a){....}:", 2 },
	/* the second mail of a folder; only lines with hints are asked for */
	{ "From a@b Mon\nFrom: a@b\n\nHello\n\nFrom c@d Mon\n"
	  "Content-Transfer-Encoding: base64\n\n"
	  "V0FSTklORzogaW5jb25zaXN0ZW50IGxvY2sgc3RhdGUK\n",
	  "WARNING: inconsistent lock state", 9 },
};

START_TEST(mail)
{
	struct input *in = input_from_memory(str_of(mails[_i].log));
	struct line_reader *lr = line_reader_new(in);
	struct line line;
	bool found = false;

	ck_assert_ptr_nonnull(lr);
	while (line_next(lr, found ? LINE_ALL : LINE_HINTS, &line) == 1) {
		if (!str_eq(line.text, str_of(mails[_i].text)))
			continue;
		ck_assert_uint_eq(line.number, mails[_i].number);
		found = true;
	}
	ck_assert(found);
	line_reader_free(lr);
	input_free(in);
}
END_TEST

/* What terminal programs of Windows save, in both byte orders. */
START_TEST(utf16)
{
	static const char text[] = "[    1.234567] WARNING: x\r\n-> #0 (\xc3\xa9){....}:\r\n";
	char wide[2 * sizeof(text) + 2];
	size_t n = 2;
	struct input *in;
	struct line_reader *lr;
	struct line line;

	memcpy(wide, _i ? "\xfe\xff" : "\xff\xfe", 2);
	for (const char *p = text; *p; p++) {
		bool two = *p == '\xc3'; /* the one letter that is not ASCII */

		wide[n + !_i] = '\0';
		wide[n + (_i ? 1 : 0)] = two ? '\xe9' : *p;
		p += two;
		n += 2;
	}
	in = input_from_memory((struct str){ wide, n });
	lr = line_reader_new(in);
	ck_assert_ptr_nonnull(lr);
	ck_assert_int_eq(line_next(lr, LINE_ALL, &line), 1);
	ck_assert_view(line.text, "WARNING: x");
	ck_assert_int_eq(line_next(lr, LINE_ALL, &line), 1);
	ck_assert_view(line.text, "-> #0 (\xc3\xa9){....}:");
	ck_assert_uint_eq(line.number, 2);
	ck_assert_int_eq(line_next(lr, LINE_ALL, &line), 0);
	ck_assert(line_transports(lr) & UINT32_C(1) << TRANSPORT_UTF16);
	ck_assert_uint_eq(line_bytes(lr), n);
	line_reader_free(lr);
	input_free(in);
}
END_TEST

START_TEST(names)
{
	for (int t = 0; t < TRANSPORT_MAX; t++) {
		ck_assert_ptr_nonnull(transport_name((enum transport)t));
		for (int u = 0; u < t; u++)
			ck_assert_str_ne(transport_name((enum transport)t),
					 transport_name((enum transport)u));
	}
}
END_TEST

Suite *record_suite(void)
{
	Suite *s = suite_create("record");
	TCase *tc = tcase_create("record");

	tcase_add_loop_test(tc, record, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, no_blank_lines, 0, ARRAY_SIZE(unbroken));
	tcase_add_loop_test(tc, mail, 0, ARRAY_SIZE(mails));
	tcase_add_loop_test(tc, utf16, 0, 2);
	tcase_add_test(tc, names);
	suite_add_tcase(s, tc);
	return s;
}
