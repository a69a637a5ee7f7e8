/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "analysis/survey.h"
#include "check_unsplat.h"

/* Small parts against all sets of their edges; what is too large for that against its bound. */

static bool has_cycle(const struct part *p, const bool *cut)
{
	bool gone[64] = { false }, moved = true, left = false;

	while (moved) { /* take away what has no way in */
		moved = false;
		for (uint32_t v = 0; v < p->n; v++) {
			bool in = false;

			for (uint32_t i = 0; i < p->m; i++)
				in |= !cut[i] && p->to[i] == v && !gone[p->from[i]];
			moved |= !in && !gone[v];
			gone[v] |= !in;
		}
	}
	for (uint32_t v = 0; v < p->n; v++)
		left |= !gone[v];
	return left;
}

static uint64_t cost_of(const struct part *p, const bool *cut)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < p->m; i++)
		sum += cut[i] ? p->cost[i] : 0;
	return sum;
}

static uint64_t least_cost(const struct part *p)
{
	uint64_t best = UINT64_MAX;

	for (uint32_t set = 0; set < UINT32_C(1) << p->m; set++) {
		bool cut[32];

		for (uint32_t i = 0; i < p->m; i++)
			cut[i] = set >> i & 1;
		if (cost_of(p, cut) < best && !has_cycle(p, cut))
			best = cost_of(p, cut);
	}
	return best;
}

static uint32_t next(uint64_t *state)
{
	return (uint32_t)(next_random(state) >> 33);
}

/* Different edges between n locks; loops among them. */
static void random_part(uint64_t *state, uint32_t n, uint32_t m, struct part *p)
{
	*p = (struct part){ .n = n };
	p->from = calloc(m, sizeof(*p->from));
	p->to = calloc(m, sizeof(*p->to));
	p->cost = calloc(m, sizeof(*p->cost));
	while (p->m < m) {
		uint32_t from = next(state) % n, to = next(state) % n, i = 0;

		while (i < p->m && (p->from[i] != from || p->to[i] != to))
			i++;
		if (i < p->m)
			continue;
		p->from[p->m] = from;
		p->to[p->m] = to;
		p->cost[p->m++] = 1 + next(state) % 20;
	}
}

static void part_done(struct part *p)
{
	free(p->from);
	free(p->to);
	free(p->cost);
}

START_TEST(least)
{
	uint64_t state = (uint64_t)_i + 1;

	for (int k = 0; k < 40; k++) {
		struct part p;
		bool cut[32] = { false };
		struct part_cut c = { .cut = cut };
		uint32_t n = 2 + next(&state) % 6;

		random_part(&state, n, 1 + next(&state) % (n * n < 12 ? n * n : 12), &p);
		ck_assert_int_eq(cut_find(&p, &c), 0);
		ck_assert(c.exact);
		ck_assert(!has_cycle(&p, cut));
		ck_assert_uint_eq(c.cost, cost_of(&p, cut));
		ck_assert_uint_eq(c.cost, least_cost(&p));
		ck_assert_uint_eq(c.bound, c.cost);
		part_done(&p);
	}
}
END_TEST

/* Chains fold into edges: a ring of any length is exact, and so are two that share an edge. */
START_TEST(rings)
{
	uint32_t from[60], to[60], cost[60];
	bool cut[60] = { false };
	struct part p = { 59, 60, from, to, cost };
	struct part_cut c = { .cut = cut };

	for (uint32_t i = 0; i < 60; i++) {
		from[i] = i % 59;
		to[i] = i < 59 ? (i + 1) % 59 : 30;
		cost[i] = 100 + i;
	}
	cost[40] = 5; /* on both */
	ck_assert_int_eq(cut_find(&p, &c), 0);
	ck_assert(c.exact && cut[40]);
	ck_assert_uint_eq(c.cost, 5);
	cost[40] = 500;
	memset(cut, 0, sizeof(cut));
	c = (struct part_cut){ .cut = cut };
	ck_assert_int_eq(cut_find(&p, &c), 0);
	ck_assert(c.exact && !has_cycle(&p, cut));
	ck_assert_uint_eq(c.cost, 130); /* edge 30, the first that is on both */
}
END_TEST

START_TEST(large)
{
	uint64_t state = (uint64_t)_i + 100;
	bool cut[400] = { false };
	struct part_cut c = { .cut = cut };
	struct part p;

	random_part(&state, 60, 400, &p);
	ck_assert_int_eq(cut_find(&p, &c), 0);
	ck_assert(!c.exact && !has_cycle(&p, cut));
	ck_assert_uint_eq(c.cost, cost_of(&p, cut));
	ck_assert_uint_le(c.bound, c.cost);
	ck_assert_uint_ge(c.bound, 1);
	part_done(&p);
}
END_TEST

Suite *cut_suite(void)
{
	Suite *s = suite_create("cut");
	TCase *tc = tcase_create("cut");

	tcase_add_loop_test(tc, least, 0, 10);
	tcase_add_test(tc, rings);
	tcase_add_loop_test(tc, large, 0, 5);
	suite_add_tcase(s, tc);
	return s;
}
