/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>

#include "check_unsplat.h"
#include "unsplat/saved.h"

/* What a stream is cut into: "S" for a source, "R" for a report, "x" for what is not ours, "|" for
 * an end in the middle. */
static const struct {
	const char *text, *items;
} cases[] = {
	{ "", "" },
	{ "\n\n", "" },
	{ "{\"source\":{\"name\":\"a\"}}\n", "S" },
	{ "{\"kind\":\"circular\",\"source\":\"a\",\"line\":3,\"chain\":[]}\n"
	  "{\"source\":{\"name\":\"a\"}}\n",
	  "RS" },
	{ "{\"schema\":1,\"reports\":[{\"source\":\"a\",\"chain\":[]},\n{\"source\":\"a\",\"chain\":[]}],"
	  "\"sources\":[{\"name\":\"a\"}]}",
	  "RRS" },
	{ "{ \"sources\" : [ ] , \"reports\" : [ ] }", "" },
	{ "{\"schema\":1,\"reports\":[]}{\"source\":{\"name\":\"a\"}}", "S" },
	/* brackets, quotes and keys inside strings */
	{ "{\"source\":\"}]\\\"[{\",\"chain\":[{\"reports\":[1,[2]]}],\"x\":\"\\\\\"}", "R" },
	{ "{\"source\":\"a\"}\n", "x" }, /* a report has a chain */
	{ "{\"source\":{\"name\":\"a\"},\"more\":1}\n", "x" },
	{ "[1]\n{\"source\":{\"name\":\"a\"}}\n", "xS" },
	{ "}\n{\"source\":{\"name\":\"a\"}}\n", "xS" },
	{ "{]\n", "x" },
	{ "{\"source\":nonsense}\n{\"source\":{\"name\":\"a\"}}\n", "xS" },
	{ "{\"source\":{\"name\":\"a\"}", "|" },
	{ "{\"reports\":[{\"source\":\"a\",\"chain\":[]},{\"sou", "R|" },
};

START_TEST(pieces)
{
	struct input *in = input_from_memory(str_of(cases[_i].text));
	struct saved_reader *r = saved_reader_new(in);
	struct saved_item item;
	char got[32];
	size_t n = 0;
	int err;

	do {
		err = saved_next(r, &item);
		ck_assert_uint_lt(n, sizeof(got) - 1);
		if (err)
			got[n++] = err == -EBADMSG ? 'x' :
				   err == -EPIPE   ? '|' :
				   item.is_source  ? 'S' :
						     'R';
	} while (err > 0 || err == -EBADMSG);
	got[n] = '\0';
	ck_assert_str_eq(got, cases[_i].items);
	saved_reader_free(r);
	input_free(in);
}
END_TEST

/* The JSON of an item is without white space; strings keep theirs. */
START_TEST(text)
{
	static const char pretty[] =
		"{ \"source\" : {\n\t\"name\": \"a b\",\r\n \"lines\": 7 } }\n";
	struct input *in = input_from_memory(STR(pretty));
	struct saved_reader *r = saved_reader_new(in);
	struct saved_item item;

	ck_assert_int_eq(saved_next(r, &item), 1);
	ck_assert_view(item.text, "{\"name\":\"a b\",\"lines\":7}");
	ck_assert_view(item.source, "a b");
	ck_assert_uint_eq(item.line, 7);
	saved_reader_free(r);
	input_free(in);
}
END_TEST

START_TEST(restored)
{
	static const char line[] =
		"{\"kind\":\"circular\",\"signature\":\"00000000000000aa\",\"title\":\"t\",\"source\":\"s\","
		"\"line\":5,\"count\":3,\"kernel\":{\"release\":\"6.1\"},\"acquiring\":{\"name\":\"a\"},"
		"\"holding\":null,\"direction\":null,\"paths\":[],\"backtrace\":[],"
		"\"edges\":[{\"index\":0,\"from\":\"b\",\"to\":\"a\"}],"
		"\"chain\":[{\"index\":0,\"lock\":{\"name\":\"a\"},\"frames\":[{\"function\":\"f\","
		"\"offset\":1,\"size\":null,\"reliable\":true}]}],"
		"\"held_locks\":[{\"index\":0,\"name\":\"h\",\"at\":\"g+0x1/0x2 [m]\"}],"
		"\"derived_edges\":[{\"held\":0,\"from\":\"h\",\"to\":\"a\"}]}";
	struct input *in = input_from_memory(STR(line));
	struct saved_reader *r = saved_reader_new(in);
	struct saved_item item;
	struct saved_report s;

	ck_assert_int_eq(saved_next(r, &item), 1);
	ck_assert_int_eq(saved_restore(&item, &s), 0);
	ck_assert_view(s.signature, "00000000000000aa");
	ck_assert_uint_eq(s.r->count, 3);
	ck_assert_view(s.r->kernel.release, "6.1");
	ck_assert_view(s.r->holding.name, "b"); /* only the edge knows */
	ck_assert(s.r->chain.p[0].frames.p[0].has_offset);
	ck_assert(!s.r->chain.p[0].frames.p[0].has_size);
	ck_assert_view(s.r->held_locks.p[0].lock.at_frame.function, "g");
	ck_assert_uint_eq(s.derived.n, 1);
	ck_assert(s.derived.p[0].frames == &s.r->chain.p[0].frames);
	report_free(s.r);
	saved_reader_free(r);
	input_free(in);
}
END_TEST

Suite *saved_suite(void)
{
	Suite *s = suite_create("saved");
	TCase *tc = tcase_create("saved");

	tcase_add_loop_test(tc, pieces, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, text);
	tcase_add_test(tc, restored);
	suite_add_tcase(s, tc);
	return s;
}
