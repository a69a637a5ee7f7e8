/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/graph.h"

static struct graph *g;

static void setup(void)
{
	g = graph_new();
	ck_assert_ptr_nonnull(g);
}

static void teardown(void)
{
	graph_free(g);
}

START_TEST(locks)
{
	static const char *const names[] = { "a", "b", "", "&a", "a#2", "A", "ab" };
	lock_id id = 77;

	for (int again = 0; again < 2; again++)
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			ck_assert_int_eq(graph_lock(g, str_of(names[i]), &id), 0);
			ck_assert_uint_eq(id, i); /* dense, and the same for the same name */
		}
	ck_assert_uint_eq(graph_locks(g), ARRAY_SIZE(names));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		ck_assert_view(graph_name(g, (lock_id)i), names[i]);
}
END_TEST

/* Names are copied in, and bytes after a NUL count. */
START_TEST(names_are_copied)
{
	char name[] = "a\0b";
	lock_id first, second;

	ck_assert_int_eq(graph_lock(g, (struct str){ name, 3 }, &first), 0);
	name[2] = 'c';
	ck_assert_int_eq(graph_lock(g, (struct str){ name, 3 }, &second), 0);
	ck_assert_uint_ne(first, second);
	ck_assert(!memcmp(graph_name(g, first).p, "a\0b", 3));
	ck_assert_uint_eq(graph_name(g, first).len, 3);
}
END_TEST

START_TEST(edges)
{
	const stack none = { 0 };
	const struct dependency d[] = {
		{ .from = STR("a"), .to = STR("b"), .frames = &none },
		{ .from = STR("b"), .to = STR("a"), .frames = &none },
		{ .from = STR("a"), .to = STR("a"), .frames = &none },
		{ .from = STR("a"), .to = STR("b"), .frames = &none, .derived = true },
	};
	const struct graph_edge *e;

	for (size_t i = 0; i < ARRAY_SIZE(d); i++)
		ck_assert_int_eq(graph_add(g, &d[i]), 0);
	ck_assert_uint_eq(graph_locks(g), 2);
	ck_assert_uint_eq(graph_edges(g), 3);
	e = graph_edge(g, 0);
	ck_assert(e->from == 0 && e->to == 1 && e->count == 2 && e->witnesses.n == 2);
	ck_assert(e->witnesses.p[0] == &d[0] && e->witnesses.p[1] == &d[3]);
	e = graph_edge(g, 1);
	ck_assert(e->from == 1 && e->to == 0 && e->count == 1);
	e = graph_edge(g, 2);
	ck_assert(e->from == 0 && e->to == 0 && e->count == 1);
}
END_TEST

START_TEST(many)
{
	const stack none = { 0 };
	static char text[2000][8];
	static struct dependency d[2000];
	uint64_t random = 7;

	for (size_t i = 0; i < ARRAY_SIZE(d); i++) {
		for (size_t k = 0; k < 7; k++)
			text[i][k] = (char)('a' + next_random(&random) % 26);
		d[i] = (struct dependency){ .from = str_of(text[i]),
					    .to = str_of(text[i / 2]),
					    .frames = &none };
		ck_assert_int_eq(graph_add(g, &d[i]), 0);
	}
	ck_assert_uint_eq(graph_locks(g), ARRAY_SIZE(d));
	ck_assert_uint_eq(graph_edges(g), ARRAY_SIZE(d));
	for (size_t i = 0; i < ARRAY_SIZE(d); i++) {
		const struct graph_edge *e = graph_edge(g, i);

		ck_assert(str_eq(graph_name(g, e->from), d[i].from));
		ck_assert(str_eq(graph_name(g, e->to), d[i].to));
	}
}
END_TEST

START_TEST(free_null)
{
	graph_free(NULL);
}
END_TEST

Suite *graph_suite(void)
{
	Suite *s = suite_create("graph");
	TCase *tc = tcase_create("graph");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, locks);
	tcase_add_test(tc, names_are_copied);
	tcase_add_test(tc, edges);
	tcase_add_test(tc, many);
	tcase_add_test(tc, free_null);
	suite_add_tcase(s, tc);
	return s;
}
