/* SPDX-License-Identifier: MIT */
#include "unsplat/writer.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "unsplat/utf8.h"

static struct analyst *analyst;

static void setup(void)
{
	analyst = analyst_new(NULL);
	ck_assert_ptr_nonnull(analyst);
}

static void teardown(void)
{
	analyst_free(analyst);
}

/* @return all of what @p w writes about @p log, for free() */
static char *written(const char *format, const char *log, const struct writer_options *opt)
{
	const struct writer *w = writer_find(str_of(format));
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct verdict *v[ARRAY_SIZE(((struct reading *)0)->r)];
	struct reading rd;
	void *state = NULL;

	ck_assert(w && out);
	reading_of(str_of(log), &rd);
	if (w->begin)
		ck_assert_int_eq(w->begin(&state, out, opt), 0);
	for (size_t i = 0; i < rd.n; i++) {
		ck_assert_int_eq(verdict_make(analyst, rd.r[i], &v[i]), 0);
		if (w->report)
			ck_assert_int_eq(w->report(state, out, rd.r[i], v[i], &rd.src), 0);
	}
	if (w->source)
		ck_assert_int_eq(w->source(state, out, &rd.src), 0);
	if (w->end)
		ck_assert_int_eq(w->end(state, out), 0);
	if (w->free)
		w->free(state);
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(text), len); /* no NUL in between */
	reading_done(&rd);
	return text;
}

static const struct writer_options plain = { .width = 80 };

START_TEST(table)
{
	static const char *const names[] = { "text", "json", "jsonl", "dot", "title", "diagram" };
	const struct writer *w;
	size_t n = 0;

	for (; (w = writer_at(n)); n++) {
		ck_assert(w->name && w->help);
		ck_assert_ptr_eq(writer_find(str_of(w->name)), w);
	}
	ck_assert_uint_eq(n, ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_ptr_nonnull(writer_find(str_of(names[i])));
	ck_assert_ptr_null(writer_at(n));
	ck_assert_ptr_null(writer_at(SIZE_MAX));
	ck_assert_ptr_null(writer_find(STR("")));
	ck_assert_ptr_null(writer_find(STR("tex")));
	ck_assert_ptr_null(writer_find(STR("texts")));
}
END_TEST

/* Names that try to get at the terminal, at git, at Graphviz and at JSON. */
#define HOSTILE                                                                        \
	"WARNING: possible circular locking dependency detected\n"                     \
	"\x01%s\"\\\xe2\x80\xae/42 is trying to acquire lock:\n"                       \
	"(a\x07\\N\"<b>\xff){+.+.}, at: take\xc2\x9b"                                  \
	"a+0x10/0x20\n"                                                                \
	"but task is already holding lock:\n(Signed-off-by: c){+.+.}, at: f+0x1/0x2\n" \
	"-> #1 (Signed-off-by: c){+.+.}:\n f+0x1/0x2\n"                                \
	"-> #0 (a\x07\\N\"<b>\xff){+.+.}:\n g+0x1/0x2\n h+0x1/0x2 [m\x08]\n"           \
	"Chain exists of:\n  a --> \x7f --> c\n"                                       \
	"1 lock held by \x01%s\"\\\xe2\x80\xae/42:\n #0: (Signed-off-by: c){+.+.}, at: f+0x1/0x2\n"

static const char *const logs[] = {
	"",
	"nothing\n",
	HOSTILE,
	HOSTILE HOSTILE,
	"WARNING: possible recursive locking detected\na/1 is trying to acquire lock:\n"
	"(&x){+.+.}, at: inner+0x1/0x2\nbut task is already holding lock:\n"
	"(&x){+.+.}, at: outer+0x1/0x2\n",
	"WARNING: suspicious RCU usage\n",
	"-> #3 (&b){+.+.}:\n       f+0x1/0x2\n-> #1 (&a){+.+.}:\n       g+0x1/0x2\n",
	"WARNING: possible circular locking dependency detected\n",
	"Showing all locks held in the system:\n1 lock held by a/1:\n #0: (&a){+.+.}, at: f\n",
};

/* Nothing that a terminal acts on, and only whole characters. */
START_TEST(harmless)
{
	static const unsigned int widths[] = { 40, 72, 80, 200 };
	const struct writer *w;

	for (size_t k = 0; (w = writer_at(k)); k++) {
		struct writer_options opt = { .width = widths[k % 4], .verbosity = 1 };
		char *text = written(w->name, logs[_i], &opt);

		for (struct str s = str_of(text); s.len;) {
			uint32_t c = 0;
			size_t n = utf8_next(s, &c);

			ck_assert_msg(n, "%s: no UTF-8 at '" STR_FMT "'", w->name, STR_ARG(s));
			ck_assert_msg(!utf8_is_control(c) || c == '\n' ||
					      (c == '\t' && !strcmp(w->name, "dot")) ||
					      (c > 0xff && w->name[0] == 'j'),
				      "%s: %#x at '" STR_FMT "'", w->name, c, STR_ARG(s));
			s = str_from(s, n);
		}
		ck_assert(!*text || text[strlen(text) - 1] == '\n');
		free(text);
	}
}
END_TEST

START_TEST(diagram_lines)
{
	for (unsigned int width = 40; width <= 80; width++) {
		struct writer_options opt = { .width = width };
		char *text = written("diagram", logs[_i], &opt);

		for (struct str s = str_of(text); s.len;) {
			ptrdiff_t nl = str_chr(s, '\n');

			ck_assert_int_ge(nl, 0);
			ck_assert_msg((size_t)nl <= width, "%u: " STR_FMT, width,
				      STR_ARG(str_head(s, (size_t)nl)));
			ck_assert(!nl || *s.p == ' '); /* git acts on what begins a line */
			for (ptrdiff_t i = 0; i < nl; i++)
				ck_assert(s.p[i] >= ' ' && s.p[i] < 0x7f);
			s = str_from(s, (size_t)nl + 1);
		}
		free(text);
	}
}
END_TEST

/* The part of contract section 3 that must always be there. */
static const char *const report_fields[] = {
	"kind",	   "title",    "signature", "source",	  "boot",      "line",	      "end_line",
	"count",   "complete", "problems",  "kernel",	  "task",      "cpu",	      "acquiring",
	"holding", "chain",    "edges",	    "held_locks", "backtrace", "suggestions", "notes",
};

START_TEST(json)
{
	char *text = written("json", logs[_i], &plain);
	cJSON *document = cJSON_Parse(text), *report;

	ck_assert_ptr_nonnull(document);
	ck_assert_int_eq(cJSON_GetObjectItem(document, "schema")->valueint, 1);
	ck_assert_str_eq(cJSON_GetObjectItem(cJSON_GetObjectItem(document, "generator"), "name")
				 ->valuestring,
			 "unsplat");
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(document, "sources")), 1);
	cJSON_ArrayForEach(report,
			   cJSON_GetObjectItem(document,
					       "reports")) for (size_t i = 0;
								i < ARRAY_SIZE(report_fields); i++)
		ck_assert_msg(cJSON_HasObjectItem(report, report_fields[i]), "no '%s'",
			      report_fields[i]);
	cJSON_Delete(document);
	free(text);
}
END_TEST

static const char *string_at(cJSON *o, const char *a, const char *b)
{
	o = cJSON_GetObjectItem(o, a);
	if (b)
		o = cJSON_GetObjectItem(o, b);
	ck_assert_msg(cJSON_IsString(o), "no string at %s", a);
	return o->valuestring;
}

START_TEST(json_values)
{
	char *log = sample(NULL, 0), *text = written("json", log, &plain);
	cJSON *document = cJSON_Parse(text), *edges, *frame;
	cJSON *r = cJSON_GetArrayItem(cJSON_GetObjectItem(document, "reports"), 0);

	ck_assert_ptr_nonnull(r);
	ck_assert_str_eq(string_at(r, "kind", NULL), "circular");
	ck_assert_str_eq(string_at(r, "title", NULL), "possible deadlock in take_a");
	ck_assert_str_eq(string_at(r, "source", NULL), "test");
	ck_assert_str_eq(string_at(r, "acquiring", "name"), "&a");
	ck_assert_str_eq(string_at(r, "holding", "at"), "take_c+0x10/0x20 [mod]");
	ck_assert_str_eq(string_at(r, "kernel", "release"), "6.1.0");
	ck_assert_int_eq(cJSON_GetObjectItem(r, "line")->valueint, 2);
	ck_assert(cJSON_IsTrue(cJSON_GetObjectItem(r, "complete")));
	edges = cJSON_GetObjectItem(r, "edges");
	ck_assert_int_eq(cJSON_GetArraySize(edges), 3);
	ck_assert_str_eq(string_at(cJSON_GetArrayItem(edges, 1), "from", NULL), "&a");
	ck_assert_str_eq(string_at(cJSON_GetArrayItem(edges, 1), "to", NULL), "&b");
	ck_assert_str_eq(string_at(cJSON_GetArrayItem(edges, 1), "relation", NULL), "held");
	ck_assert_int_eq(cJSON_GetArraySize(cJSON_GetObjectItem(r, "chain")), 3);
	frame = cJSON_GetArrayItem(cJSON_GetObjectItem(r, "backtrace"), 1);
	ck_assert_str_eq(string_at(frame, "function", NULL), "print_circular_bug");
	ck_assert(cJSON_IsFalse(cJSON_GetObjectItem(frame, "reliable")));
	ck_assert_int_eq(cJSON_GetObjectItem(frame, "offset")->valueint, 0x10);
	ck_assert(cJSON_IsNull(cJSON_GetObjectItem(frame, "module")));
	cJSON_Delete(document);
	free(text);
	free(log);
}
END_TEST

/* One document a line, the report and then its source or the other way round. */
START_TEST(jsonl)
{
	char *log = sample(NULL, 0), *text = written("jsonl", log, &plain), *rest = text, *line;
	size_t reports = 0, sources = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		cJSON *document = cJSON_Parse(line);

		ck_assert_ptr_nonnull(document);
		sources += cJSON_IsObject(cJSON_GetObjectItem(document, "source"));
		reports += cJSON_HasObjectItem(document, "chain") ||
			   cJSON_HasObjectItem(document, "report");
		cJSON_Delete(document);
	}
	ck_assert_uint_eq(reports, 1);
	ck_assert_uint_eq(sources, 1);
	free(text);
	free(log);
}
END_TEST

START_TEST(titles)
{
	char *log = sample(NULL, 0), *text = written("title", log, &plain);

	ck_assert_str_eq(text, "possible deadlock in take_a\n");
	free(text);
	free(log);
}
END_TEST

START_TEST(colours)
{
	char *log = sample(NULL, 0);
	struct writer_options opt = { .width = 80, .color = true };
	char *with = written("text", log, &opt), *without = written("text", log, &plain);

	ck_assert_ptr_nonnull(strchr(with, '\033'));
	ck_assert_ptr_null(strchr(without, '\033'));
	free(with);
	free(without);
	free(log);
}
END_TEST

Suite *writer_suite(void)
{
	Suite *s = suite_create("writer");
	TCase *tc = tcase_create("writer");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, table);
	tcase_add_loop_test(tc, harmless, 0, ARRAY_SIZE(logs));
	tcase_add_loop_test(tc, diagram_lines, 0, ARRAY_SIZE(logs));
	tcase_add_loop_test(tc, json, 0, ARRAY_SIZE(logs));
	tcase_add_test(tc, json_values);
	tcase_add_test(tc, jsonl);
	tcase_add_test(tc, titles);
	tcase_add_test(tc, colours);
	suite_add_tcase(s, tc);
	return s;
}
