/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "regex.h"
#include "unsplat/survey.h"

/* A readable piece of a large atlas. */

/* Breadth first from @p start, over edges forwards, and backwards too when @p both. */
static void walk(const struct atlas *a, lock_id start, uint32_t farthest, bool both,
		 uint32_t *distance, uint32_t *queue, uint32_t *via)
{
	uint32_t head = 0, tail = 0;

	for (lock_id i = 0; i < atlas_locks(a); i++)
		distance[i] = UINT32_MAX;
	distance[start] = 0;
	queue[tail++] = start;
	while (head < tail) {
		lock_id v = queue[head++];

		if (distance[v] == farthest)
			continue;
		/* backwards, all edges are looked at: a neighbourhood is a few steps wide */
		for (uint32_t i = both ? 0 : atlas_first_edge(a, v);
		     i < (both ? atlas_edges(a) : atlas_first_edge(a, v + 1)); i++) {
			const struct atlas_edge *e = atlas_edge(a, i);
			lock_id to = e->from == v ? e->to : e->from;

			if ((e->from != v && e->to != v) || (!both && e->nesting) ||
			    distance[to] != UINT32_MAX)
				continue;
			distance[to] = distance[v] + 1;
			via[to] = i;
			queue[tail++] = to;
		}
	}
}

static int select_path(const struct atlas *a, lock_id from, lock_id to, struct arena *mem,
		       const uint32_t *distance, const uint32_t *via, struct survey_selection *ret)
{
	uint32_t n = distance[to], *path;

	ret->lock[from] = ret->lock[to] = true;
	if (n == UINT32_MAX || !n)
		return 0;
	path = arena_alloc(mem, n * sizeof(*path));
	if (!path)
		return -ENOMEM;
	for (uint32_t i = n; i; i--) {
		path[i - 1] = via[to];
		ret->edge[via[to]] = true;
		to = atlas_edge(a, via[to])->from;
		ret->lock[to] = true;
	}
	ret->path = path;
	ret->n_path = n;
	return 0;
}

static void add_between(const struct atlas *a, struct survey_selection *ret)
{
	for (uint32_t i = 0; i < atlas_edges(a); i++)
		if (ret->lock[atlas_edge(a, i)->from] && ret->lock[atlas_edge(a, i)->to])
			ret->edge[i] = true;
}

static int select_by_walk(const struct atlas *a, const struct survey_query *q, struct arena *mem,
			  struct survey_selection *ret)
{
	size_t n = (size_t)atlas_locks(a) + 1;
	uint32_t *distance = arena_alloc(mem, n * sizeof(*distance));
	uint32_t *queue = arena_alloc(mem, n * sizeof(*queue));
	uint32_t *via = arena_alloc(mem, n * sizeof(*via));
	lock_id from, to;

	if (!distance || !queue || !via)
		return -ENOMEM;
	if (q->around) {
		if (!atlas_lock_find(a, str_of(q->around), &from)) {
			ret->unknown = q->around;
			return 0;
		}
		walk(a, from, q->within, true, distance, queue, via);
		for (lock_id i = 0; i < atlas_locks(a); i++)
			ret->lock[i] |= distance[i] != UINT32_MAX;
		add_between(a, ret);
	}
	if (!q->from)
		return 0;
	if (!atlas_lock_find(a, str_of(q->from), &from)) {
		ret->unknown = q->from;
		return 0;
	}
	if (!atlas_lock_find(a, str_of(q->to), &to)) {
		ret->unknown = q->to;
		return 0;
	}
	walk(a, from, UINT32_MAX, false, distance, queue, via);
	return select_path(a, from, to, mem, distance, via, ret);
}

static void select_edge(const struct atlas *a, uint32_t i, struct survey_selection *ret)
{
	ret->edge[i] = true;
	ret->lock[atlas_edge(a, i)->from] = true;
	ret->lock[atlas_edge(a, i)->to] = true;
}

static int select_by_name(const struct atlas *a, const struct survey *s,
			  const struct survey_query *q, struct arena *mem,
			  struct survey_selection *ret)
{
	struct str pattern;
	struct regex *re;
	bool *hit = arena_alloc(mem, (size_t)atlas_locks(a) + 1);

	if (!hit || arena_printf(mem, &pattern, "(?s:.*)(?:%s)(?s:.*)", q->lock))
		return -ENOMEM;
	re = regex_new(pattern.p);
	if (!re) {
		ret->bad_regex = q->lock;
		return 0;
	}
	for (lock_id i = 0; i < atlas_locks(a); i++)
		hit[i] = regex_match(re, atlas_lock(a, i)->name);
	regex_free(re);
	for (uint32_t i = 0; i < atlas_edges(a); i++)
		if (hit[atlas_edge(a, i)->from] || hit[atlas_edge(a, i)->to])
			select_edge(a, i, ret);
	for (size_t i = 0; i < s->cycles.n; i++) {
		const struct survey_cycle *c = &s->cycles.p[i];
		bool through = false;

		for (uint32_t k = 0; k < c->n; k++)
			through |= hit[c->locks[k]];
		for (uint32_t k = 0; through && k < c->n; k++)
			select_edge(a, atlas_edge_find(a, c->locks[k], c->locks[(k + 1) % c->n]),
				    ret);
	}
	return 0;
}

int survey_select(const struct atlas *a, const struct survey *s, const struct survey_query *q,
		  struct arena *mem, struct survey_selection *ret)
{
	int err = 0;

	*ret = (struct survey_selection){ .limited = q->from || q->around || q->lock };
	ret->lock = arena_alloc(mem, (size_t)atlas_locks(a) + 1);
	ret->edge = arena_alloc(mem, (size_t)atlas_edges(a) + 1);
	if (!ret->lock || !ret->edge)
		return -ENOMEM;
	if (q->from || q->around)
		err = select_by_walk(a, q, mem, ret);
	if (!err && q->lock)
		err = select_by_name(a, s, q, mem, ret);
	for (uint32_t i = 0; !ret->limited && i < atlas_locks(a); i++)
		ret->lock[i] = true;
	for (uint32_t i = 0; !ret->limited && i < atlas_edges(a); i++)
		ret->edge[i] = true;
	return err;
}

bool selection_has(const struct survey_selection *x, const struct atlas *a,
		   const struct survey_cycle *c)
{
	for (uint32_t k = 0; k < c->n; k++)
		if (!x->edge[atlas_edge_find(a, c->locks[k], c->locks[(k + 1) % c->n])])
			return false;
	return true;
}
