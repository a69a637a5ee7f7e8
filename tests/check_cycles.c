/* SPDX-License-Identifier: MIT */
#include "analysis/cycles.h"

#include <string.h>

#include "check_unsplat.h"

static const stack none;
static struct graph *g;
static struct arena *mem;

static void setup(void)
{
	g = graph_new();
	mem = arena_new();
	ck_assert(g && mem);
}

static void teardown(void)
{
	graph_free(g);
	arena_free(mem);
}

/* Locks are letters, "ab bc" has two edges. */
static void add_edges(const char *edges)
{
	for (const char *p = edges; *p; p += p[2] ? 3 : 2) {
		struct dependency *d = arena_alloc(mem, sizeof(*d));

		ck_assert_ptr_nonnull(d);
		*d = (struct dependency){ .from = { p, 1 }, .to = { p + 1, 1 }, .frames = &none };
		ck_assert_int_eq(graph_add(g, d), 0);
	}
}

static const char *cycles_text(const struct cycles *c)
{
	struct str s = STR("");

	for (size_t i = 0; i < c->list.n; i++) {
		ck_assert_int_eq(arena_printf(mem, &s, STR_FMT "%s", STR_ARG(s), i ? " " : ""), 0);
		for (size_t k = 0; k < c->list.p[i].n; k++)
			ck_assert_int_eq(
				arena_printf(mem, &s, STR_FMT STR_FMT, STR_ARG(s),
					     STR_ARG(graph_name(g, c->list.p[i].locks[k]))),
				0);
	}
	return s.p;
}

static const struct {
	const char *edges, *cut; /* edges that are cut */
	const char *cycles;	 /* each from its lowest lock on */
} cases[] = {
	{ "", "", "" },
	{ "ab", "", "" },
	{ "ab bc ac", "", "" },
	{ "aa", "", "a" },
	{ "ab ba", "", "ab" },
	{ "ab bc ca", "", "abc" },
	{ "ca ab bc", "", "cab" }, /* c came first */
	{ "ab bc ca", "bc", "" },
	{ "ab bc ca ab", "ab", "" },
	{ "ab bc ca ac", "", "abc ac" },
	{ "ab bc ca ac", "ac", "abc" },
	{ "ab bc ca ac", "ca", "" },
	{ "ab ba cd dc bc", "", "ab cd" },
	{ "ab bc cd da bd", "", "abcd abd" },
	{ "ab bc cb ca", "", "abc bc" },
	{ "ab bc ca bb", "", "abc b" },
	{ "ab bc cd db", "", "bcd" }, /* a leads into it only */
	{ "ab bd ac cd da", "", "abd acd" },
	{ "ab ba ac ca bc cb", "", "ab abc ac acb bc" },
	{ "ab ba ac ca bc cb", "ab ba", "ac bc" },
};

START_TEST(find)
{
	struct cycles c;
	bool cut[32] = { false };

	add_edges(cases[_i].edges);
	for (size_t i = 0; i < graph_edges(g); i++) {
		const struct graph_edge *e = graph_edge(g, i);
		char ends[3] = { *graph_name(g, e->from).p, *graph_name(g, e->to).p, '\0' };

		cut[i] = strstr(cases[_i].cut, ends) != NULL;
	}
	ck_assert_int_eq(cycles_find(g, cut, 100, mem, &c), 0);
	ck_assert_str_eq(cycles_text(&c), cases[_i].cycles);
	ck_assert(!c.more);
	if (!*cases[_i].cut) {
		ck_assert_int_eq(cycles_find(g, NULL, 100, mem, &c), 0);
		ck_assert_str_eq(cycles_text(&c), cases[_i].cycles);
	}
}
END_TEST

static void add_clique(char first, size_t n)
{
	for (size_t i = 0; i < n * n; i++) {
		char edge[3] = { (char)(first + (char)(i / n)), (char)(first + (char)(i % n)),
				 '\0' };
		struct str copy;

		if (edge[0] == edge[1])
			continue;
		ck_assert_int_eq(arena_str(mem, (struct str){ edge, 2 }, &copy), 0);
		add_edges(copy.p);
	}
}

/* In a complete graph of n locks, k of them make (k - 1)! cycles. */
static const struct {
	size_t n, cycles;
} cliques[] = { { 2, 1 }, { 3, 5 }, { 4, 20 }, { 5, 84 }, { 6, 409 }, { 7, 2365 } };

START_TEST(clique)
{
	struct cycles c;

	add_clique('a', cliques[_i].n);
	ck_assert_int_eq(cycles_find(g, NULL, 10000, mem, &c), 0);
	ck_assert_uint_eq(c.list.n, cliques[_i].cycles);
	ck_assert(!c.more);
	for (size_t i = 0; i < c.list.n; i++) /* elementary: no lock twice */
		for (size_t k = 0; k < c.list.p[i].n; k++)
			for (size_t j = 0; j < k; j++)
				if (c.list.p[i].locks[j] == c.list.p[i].locks[k])
					ck_abort_msg("a lock is twice in cycle %zu", i);
}
END_TEST

START_TEST(limit)
{
	struct cycles c;

	add_clique('a', 5);
	ck_assert_int_eq(cycles_find(g, NULL, 83, mem, &c), 0);
	ck_assert_uint_eq(c.list.n, 83);
	ck_assert(c.more);
	ck_assert_int_eq(cycles_find(g, NULL, 1, mem, &c), 0);
	ck_assert_uint_eq(c.list.n, 1);
	ck_assert(c.more);
}
END_TEST

/*
 * One short cycle, and from its middle on a maze that never comes back to it: the search would
 * try more paths than a lifetime is long.
 */
START_TEST(steps)
{
	struct cycles c;

	add_edges("12 23 31 2a a2");
	add_clique('a', 20);
	ck_assert_int_eq(cycles_find(g, NULL, SIZE_MAX, mem, &c), 0);
	ck_assert(c.more);
	ck_assert_uint_ge(c.list.n, 1);
	ck_assert_int_eq(*graph_name(g, c.list.p[0].locks[0]).p, '1');
}
END_TEST

static const struct {
	const char *edges, *from, *reached;
} reaches[] = {
	{ "ab bc de", "a", "abc" },	{ "ab bc de", "b", "bc" }, { "ab bc de", "e", "e" },
	{ "ab bc ca cd", "c", "abcd" }, { "aa", "a", "a" },
};

START_TEST(reach)
{
	bool reached[16] = { false };
	lock_id from;

	add_edges(reaches[_i].edges);
	ck_assert_int_eq(graph_lock(g, str_of(reaches[_i].from), &from), 0);
	ck_assert_int_eq(cycles_reach(g, from, reached), 0);
	for (lock_id i = 0; i < graph_locks(g); i++)
		ck_assert_int_eq(reached[i],
				 str_chr(str_of(reaches[_i].reached), *graph_name(g, i).p) >= 0);
}
END_TEST

Suite *cycles_suite(void)
{
	Suite *s = suite_create("cycles");
	TCase *tc = tcase_create("cycles");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_loop_test(tc, find, 0, ARRAY_SIZE(cases));
	tcase_add_loop_test(tc, clique, 0, ARRAY_SIZE(cliques));
	tcase_add_test(tc, limit);
	tcase_add_test(tc, steps);
	tcase_add_loop_test(tc, reach, 0, ARRAY_SIZE(reaches));
	suite_add_tcase(s, tc);
	return s;
}
