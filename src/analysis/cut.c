/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"

/*
 * The cheapest edges that break all cycles: a minimum feedback arc set. Locks with one way in
 * and one way out are folded into an edge first, which loses nothing. What is left is solved by
 * dynamic programming over sets of locks when it is small (E. L. Lawler, "A comment on minimum
 * feedback arc sets", 1964). When it is large: by an order that moving a single lock does not
 * improve; the bound is the cost of cycles that have no cost in common (R. Bar-Yehuda, S. Even,
 * "A local-ratio theorem", 1985).
 */

/* Steps in a large component, for each of its two parts: a second or so. */
#define CUT_STEPS 100000000u

/* An edge of the folded graph. */
struct arc {
	uint32_t from, to;
	uint32_t a,
		b; /* what it is made of: arcs; cutting it means to cut both. a == itself: an edge */
	uint64_t cost;
};

struct folded {
	struct arc *arcs;
	uint32_t n_arcs, cap;
	uint32_t *live; /* arcs that are left */
	uint32_t n_live;
	uint32_t *cut; /* arcs that are cut */
	uint32_t n_cut;
	uint32_t n;			 /* locks */
	uint32_t *ins, *outs, *in, *out; /* per lock: how many, and the last one */
};

static void folded_done(struct folded *f)
{
	free(f->arcs);
	free(f->live);
	free(f->cut);
	free(f->ins);
	free(f->outs);
	free(f->in);
	free(f->out);
}

/* Folding an arc takes two away: there are never more than twice the edges. */
static int folded_init(struct folded *f, const struct part *p)
{
	*f = (struct folded){ .n = p->n, .cap = 2 * p->m + 1 };
	f->arcs = calloc(f->cap, sizeof(*f->arcs));
	f->live = calloc(f->cap, sizeof(*f->live));
	f->cut = calloc(f->cap, sizeof(*f->cut));
	f->ins = calloc(p->n + 1, sizeof(*f->ins));
	f->outs = calloc(p->n + 1, sizeof(*f->outs));
	f->in = calloc(p->n + 1, sizeof(*f->in));
	f->out = calloc(p->n + 1, sizeof(*f->out));
	if (!f->arcs || !f->live || !f->cut || !f->ins || !f->outs || !f->in || !f->out) {
		folded_done(f);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < p->m; i++) {
		f->arcs[i] = (struct arc){ p->from[i], p->to[i], i, i, p->cost[i] };
		f->live[i] = i;
	}
	f->n_arcs = f->n_live = p->m;
	return 0;
}

static int by_ends(const void *a, const void *b, void *arcs)
{
	uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
	const struct arc *x = (const struct arc *)arcs + i, *y = (const struct arc *)arcs + j;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (i > j) - (i < j);
}

/* Two arcs from here to there are one that costs both; a loop is cut whatever it costs. */
static void merge_parallel(struct folded *f)
{
	uint32_t kept = 0;

	qsort_r(f->live, f->n_live, sizeof(*f->live), by_ends, f->arcs);
	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];
		const struct arc *y = kept ? &f->arcs[f->live[kept - 1]] : NULL;

		if (x->from == x->to) {
			f->cut[f->n_cut++] = f->live[i];
		} else if (y && y->from == x->from && y->to == x->to) {
			f->arcs[f->n_arcs] = (struct arc){ x->from, x->to, f->live[kept - 1],
							   f->live[i], x->cost + y->cost };
			f->live[kept - 1] = f->n_arcs++;
		} else {
			f->live[kept++] = f->live[i];
		}
	}
	f->n_live = kept;
}

static void count_ways(struct folded *f)
{
	memset(f->ins, 0, f->n * sizeof(*f->ins));
	memset(f->outs, 0, f->n * sizeof(*f->outs));
	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];

		f->outs[x->from]++;
		f->out[x->from] = f->live[i];
		f->ins[x->to]++;
		f->in[x->to] = f->live[i];
	}
}

/* Arcs at a lock without a way in, or out, are in no cycle. @return whether there were any */
static bool trim(struct folded *f)
{
	uint32_t kept = 0, before = f->n_live;

	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];

		if (f->ins[x->from] && f->outs[x->to])
			f->live[kept++] = f->live[i];
	}
	f->n_live = kept;
	return kept < before;
}

/* u -> v -> w becomes u -> w, which is cut where that is cheaper. @return whether there were any */
static bool fold_series(struct folded *f, bool *dead)
{
	uint32_t kept = 0, first = f->n_arcs;

	for (uint32_t v = 0; v < f->n; v++) {
		uint32_t a = f->in[v], b = f->out[v], cheap, id = f->n_arcs;

		if (f->ins[v] != 1 || f->outs[v] != 1 || a == b)
			continue;
		cheap = f->arcs[a].cost <= f->arcs[b].cost ? a : b;
		f->arcs[id] = (struct arc){ f->arcs[a].from, f->arcs[b].to, cheap, cheap,
					    f->arcs[cheap].cost };
		f->n_arcs++;
		dead[a] = dead[b] = true;
		f->out[f->arcs[id].from] = id;
		f->in[f->arcs[id].to] = id;
		f->ins[v] = f->outs[v] = 0;
	}
	if (f->n_arcs == first)
		return false;
	for (uint32_t i = 0; i < f->n_live; i++)
		if (!dead[f->live[i]])
			f->live[kept++] = f->live[i];
	for (uint32_t i = first; i < f->n_arcs; i++)
		if (!dead[i])
			f->live[kept++] = i;
	f->n_live = kept;
	return true;
}

static int fold(struct folded *f)
{
	bool *dead = calloc(f->cap, sizeof(*dead)), more = true;

	if (!dead)
		return -ENOMEM;
	while (more) {
		merge_parallel(f);
		count_ways(f);
		more = trim(f) || fold_series(f, dead);
	}
	free(dead);
	return 0;
}

/* Locks that still have an arc, numbered from 0. @return how many */
static uint32_t number_locks(const struct folded *f, uint32_t *number)
{
	uint32_t n = 0;

	for (uint32_t v = 0; v < f->n; v++)
		number[v] = f->ins[v] ? n++ : UINT32_MAX;
	return n;
}

/* What the arcs from lock @p v into a set cost, as two tables: for its lower and its upper half. */
struct half_sums {
	uint64_t *low, *high; /* [lock << half | set] */
	uint32_t half;
};

static uint64_t cost_into(const struct half_sums *h, uint32_t v, uint32_t set)
{
	uint32_t mask = (UINT32_C(1) << h->half) - 1;

	return h->low[v << h->half | (set & mask)] + h->high[v << h->half | set >> h->half];
}

static int half_sums_init(struct half_sums *h, uint32_t n, const uint64_t *matrix)
{
	size_t size;

	h->half = (n + 1) / 2;
	size = (size_t)n << h->half;
	h->low = calloc(size, sizeof(*h->low));
	h->high = calloc(size, sizeof(*h->high));
	if (!h->low || !h->high)
		return -ENOMEM;
	for (uint32_t v = 0; v < n; v++) {
		for (uint32_t set = 1; set < UINT32_C(1) << h->half; set++) {
			uint32_t bit = (uint32_t)__builtin_ctz(set), rest = set & (set - 1);
			uint32_t upper = bit + h->half;

			h->low[v << h->half | set] =
				h->low[v << h->half | rest] + matrix[v * n + bit];
			h->high[v << h->half | set] = h->high[v << h->half | rest] +
						      (upper < n ? matrix[v * n + upper] : 0);
		}
	}
	return 0;
}

/*
 * The best order of all sets of locks: of a set, the last one pays for its arcs back into it.
 * @param position  filled: the place of each lock in the best order
 */
static int order_exactly(uint32_t n, const uint64_t *matrix, uint32_t *position)
{
	uint32_t all = (UINT32_C(1) << n) - 1;
	uint64_t *best = malloc(((size_t)all + 1) * sizeof(*best));
	unsigned char *last = malloc((size_t)all + 1);
	struct half_sums h = { 0 };
	int err = best && last ? half_sums_init(&h, n, matrix) : -ENOMEM;

	if (!err)
		best[0] = 0;
	for (uint32_t set = 1; !err && set <= all; set++) {
		best[set] = UINT64_MAX;
		for (uint32_t rest = set; rest; rest &= rest - 1) {
			uint32_t v = (uint32_t)__builtin_ctz(rest);
			uint32_t before = set & ~(UINT32_C(1) << v);
			uint64_t cost = best[before] + cost_into(&h, v, before);

			if (cost < best[set]) {
				best[set] = cost;
				last[set] = (unsigned char)v;
			}
		}
	}
	for (uint32_t set = err ? 0 : all, at = n; set;) {
		position[last[set]] = --at;
		set &= ~(UINT32_C(1) << last[set]);
	}
	free(best);
	free(last);
	free(h.low);
	free(h.high);
	return err;
}

/* Arcs by their origin; arc i of lock v is at [begin[v], begin[v + 1]). */
struct ways {
	uint32_t *begin, *arc;
};

static int ways_init(struct ways *w, const struct folded *f, bool backwards)
{
	w->begin = calloc(f->n + 2, sizeof(*w->begin));
	w->arc = calloc(f->n_live + 1, sizeof(*w->arc));
	if (!w->begin || !w->arc)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];

		w->begin[(backwards ? x->to : x->from) + 2]++;
	}
	for (uint32_t v = 2; v < f->n + 2; v++)
		w->begin[v] += w->begin[v - 1];
	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];

		w->arc[w->begin[(backwards ? x->to : x->from) + 1]++] = f->live[i];
	}
	return 0;
}

static void ways_done(struct ways *w)
{
	free(w->begin);
	free(w->arc);
}

struct large {
	const struct folded *f;
	struct ways out, in;
	uint64_t *left; /* per arc: cost that no cycle has taken yet */
	uint32_t *via;	/* per lock: the arc by which the search came */
	uint32_t *queue;
	uint32_t *seen; /* per lock: number of the search */
	uint32_t round;
	uint64_t steps;
};

/* @return the arc that closes a shortest cycle through @p start over arcs with cost left */
static uint32_t search_cycle(struct large *l, uint32_t start)
{
	uint32_t head = 0, tail = 0;

	l->queue[tail++] = start;
	l->seen[start] = ++l->round;
	while (head < tail) {
		uint32_t v = l->queue[head++];

		for (uint32_t i = l->out.begin[v]; i < l->out.begin[v + 1]; i++, l->steps++) {
			uint32_t id = l->out.arc[i], to = l->f->arcs[id].to;

			if (!l->left[id])
				continue;
			if (to == start)
				return id;
			if (l->seen[to] == l->round)
				continue;
			l->seen[to] = l->round;
			l->via[to] = id;
			l->queue[tail++] = to;
		}
	}
	return UINT32_MAX;
}

/* Take cost from cycle after cycle. @return the sum: no cut costs less */
static uint64_t bound_of(struct large *l)
{
	uint64_t sum = 0;

	for (uint32_t v = 0; v < l->f->n; v++) {
		uint32_t close;

		while (l->f->ins[v] && l->steps < CUT_STEPS &&
		       (close = search_cycle(l, v)) != UINT32_MAX) {
			uint64_t least = l->left[close];

			for (uint32_t at = l->f->arcs[close].from; at != v;
			     at = l->f->arcs[l->via[at]].from)
				if (l->left[l->via[at]] < least)
					least = l->left[l->via[at]];
			l->left[close] -= least;
			for (uint32_t at = l->f->arcs[close].from; at != v;
			     at = l->f->arcs[l->via[at]].from)
				l->left[l->via[at]] -= least;
			sum += least;
		}
	}
	return sum;
}

/* An order in which arcs with cost left go forward, as far as that can be (Kahn, CACM 5 (1962)). */
static void first_order(struct large *l, uint32_t *order, uint32_t *position)
{
	uint32_t n = 0, head = 0, *waiting = l->via;

	memset(waiting, 0, l->f->n * sizeof(*waiting));
	for (uint32_t i = 0; i < l->f->n_live; i++)
		waiting[l->f->arcs[l->f->live[i]].to] += l->left[l->f->live[i]] > 0;
	for (uint32_t v = 0; v < l->f->n; v++)
		position[v] = UINT32_MAX;
	for (uint32_t v = 0; v < l->f->n; v++) {
		if (!l->f->ins[v] || waiting[v])
			continue;
		position[v] = n;
		order[n++] = v;
	}
	for (; head < n; head++) {
		uint32_t v = order[head];

		for (uint32_t i = l->out.begin[v]; i < l->out.begin[v + 1]; i++) {
			uint32_t id = l->out.arc[i], to = l->f->arcs[id].to;

			if (!l->left[id] || --waiting[to])
				continue;
			position[to] = n;
			order[n++] = to;
		}
	}
	/* what is left when the steps ran out: in any order */
	for (uint32_t v = 0; v < l->f->n; v++)
		if (l->f->ins[v] && position[v] == UINT32_MAX) {
			position[v] = n;
			order[n++] = v;
		}
}

struct stop {
	uint32_t at;  /* position of a neighbour */
	int64_t gain; /* when the lock moves behind it */
};

static int by_position(const void *a, const void *b)
{
	const struct stop *x = a, *y = b;

	return (x->at > y->at) - (x->at < y->at);
}

/* Where lock @p v stands best. @return the position that it should have */
static uint32_t best_place(struct large *l, uint32_t v, const uint32_t *position,
			   struct stop *stops)
{
	uint32_t n = 0, best = position[v];
	int64_t cost = 0, here = 0, least;

	/* cost of v in front of all: arcs into v go back; behind a neighbour its arcs change sides */
	for (uint32_t i = l->out.begin[v]; i < l->out.begin[v + 1]; i++) {
		const struct arc *x = &l->f->arcs[l->out.arc[i]];

		stops[n++] = (struct stop){ position[x->to], (int64_t)x->cost };
		here += position[x->to] < position[v] ? (int64_t)x->cost : 0;
	}
	for (uint32_t i = l->in.begin[v]; i < l->in.begin[v + 1]; i++) {
		const struct arc *x = &l->f->arcs[l->in.arc[i]];

		stops[n++] = (struct stop){ position[x->from], -(int64_t)x->cost };
		cost += (int64_t)x->cost;
		here += position[x->from] > position[v] ? (int64_t)x->cost : 0;
	}
	l->steps += n;
	qsort(stops, n, sizeof(*stops), by_position);
	least = here;
	if (cost < least) {
		least = cost;
		best = 0;
	}
	for (uint32_t i = 0; i < n; i++) {
		cost += stops[i].gain;
		if ((i + 1 == n || stops[i + 1].at != stops[i].at) && cost < least) {
			least = cost;
			best = stops[i].at + (stops[i].at < position[v] ? 1 : 0);
		}
	}
	return best;
}

/* Move single locks as long as that makes the cut cheaper. */
static int improve(struct large *l, uint32_t *order, uint32_t *position)
{
	uint32_t n = 0;
	bool better = true;
	struct stop *stops = calloc(l->f->n_live + 1, sizeof(*stops));

	if (!stops)
		return -ENOMEM;
	for (uint32_t v = 0; v < l->f->n; v++)
		n += l->f->ins[v] > 0;
	l->steps = 0;
	while (better && l->steps < CUT_STEPS) {
		better = false;
		for (uint32_t v = 0; v < l->f->n && l->steps < CUT_STEPS; v++) {
			uint32_t to, at = position[v];

			if (!l->f->ins[v])
				continue;
			to = best_place(l, v, position, stops);
			if (to == at || to >= n)
				continue;
			better = true;
			for (; at < to; at++, l->steps++) {
				order[at] = order[at + 1];
				position[order[at]] = at;
			}
			for (; at > to; at--, l->steps++) {
				order[at] = order[at - 1];
				position[order[at]] = at;
			}
			order[to] = v;
			position[v] = to;
		}
	}
	free(stops);
	return 0;
}

static int order_roughly(const struct folded *f, uint32_t *position, uint64_t *bound)
{
	struct large l = { .f = f };
	uint32_t *order = calloc(f->n + 1, sizeof(*order));
	int err = -ENOMEM;

	l.left = calloc(f->n_arcs + 1, sizeof(*l.left));
	l.via = calloc(f->n + 1, sizeof(*l.via));
	l.queue = calloc(f->n + 1, sizeof(*l.queue));
	l.seen = calloc(f->n + 1, sizeof(*l.seen));
	if (order && l.left && l.via && l.queue && l.seen && !ways_init(&l.out, f, false) &&
	    !ways_init(&l.in, f, true)) {
		for (uint32_t i = 0; i < f->n_live; i++)
			l.left[f->live[i]] = f->arcs[f->live[i]].cost;
		*bound = bound_of(&l);
		first_order(&l, order, position);
		err = improve(&l, order, position);
	}
	ways_done(&l.out);
	ways_done(&l.in);
	free(l.left);
	free(l.via);
	free(l.queue);
	free(l.seen);
	free(order);
	return err;
}

static int order_small(const struct folded *f, const uint32_t *number, uint32_t n,
		       uint32_t *position)
{
	uint64_t *matrix = calloc((size_t)n * n + 1, sizeof(*matrix));
	uint32_t places[CUT_EXACT_MAX];
	int err;

	if (!matrix)
		return -ENOMEM;
	for (uint32_t i = 0; i < f->n_live; i++) {
		const struct arc *x = &f->arcs[f->live[i]];

		matrix[number[x->from] * n + number[x->to]] = x->cost;
	}
	err = order_exactly(n, matrix, places);
	for (uint32_t v = 0; !err && v < f->n; v++)
		if (number[v] != UINT32_MAX)
			position[v] = places[number[v]];
	free(matrix);
	return err;
}

/* From arcs to the edges that they are made of. */
static void unfold(struct folded *f, bool *cut)
{
	while (f->n_cut) {
		uint32_t id = f->cut[--f->n_cut];
		const struct arc *x = &f->arcs[id];

		if (x->a == id) {
			cut[id] = true;
			continue;
		}
		f->cut[f->n_cut++] = x->a;
		if (x->b != x->a)
			f->cut[f->n_cut++] = x->b;
	}
}

int cut_find(const struct part *p, struct part_cut *ret)
{
	struct folded f;
	uint32_t *number = calloc(p->n + 1, sizeof(*number));
	uint32_t *position = calloc(p->n + 1, sizeof(*position)), n = 0;
	uint64_t bound = 0;
	int err = folded_init(&f, p);

	if (err || !number || !position) {
		if (!err)
			folded_done(&f);
		free(number);
		free(position);
		return -ENOMEM;
	}
	err = fold(&f);
	if (!err) {
		for (uint32_t i = 0; i < f.n_cut; i++)
			ret->bound += f.arcs[f.cut[i]].cost;
		n = number_locks(&f, number);
		ret->exact = n <= CUT_EXACT_MAX;
		err = !n	 ? 0 :
		      ret->exact ? order_small(&f, number, n, position) :
				   order_roughly(&f, position, &bound);
	}
	for (uint32_t i = 0; !err && i < f.n_live; i++) {
		const struct arc *x = &f.arcs[f.live[i]];

		if (position[x->from] > position[x->to])
			f.cut[f.n_cut++] = f.live[i];
	}
	if (!err)
		unfold(&f, ret->cut);
	for (uint32_t i = 0; !err && i < p->m; i++)
		ret->cost += ret->cut[i] ? p->cost[i] : 0;
	ret->bound = ret->exact ? ret->cost : ret->bound + bound;
	folded_done(&f);
	free(number);
	free(position);
	return err;
}
