/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"
#include "unsplat/table.h"

/*
 * Cycles of the atlas: those that reports show, and those that only the whole shows. Searched by
 * length, shortest first, each from its lowest lock; what is too far from the start to come
 * back in time is not entered.
 */

#define SEARCH_STEPS 50000000u

struct search {
	const struct atlas *a;
	struct arena *mem;
	struct survey *s;
	struct map known; /* hashes of cycles that are listed */
	uint32_t n;
	uint32_t *in_begin, *in_edge; /* edges that end in a lock */
	uint32_t *distance;	      /* to the start of the search */
	uint32_t *queue, *path, *next, *seen, *via;
	bool *on_path;
	uint32_t round;
	uint64_t steps, found;
};

static bool takes_part(const struct search *x, uint32_t edge)
{
	const struct atlas_edge *e = atlas_edge(x->a, edge);

	return !e->nesting && x->s->component[e->from] != UINT32_MAX &&
	       x->s->component[e->from] == x->s->component[e->to];
}

static void search_done(struct search *x)
{
	map_done(&x->known);
	free(x->in_begin);
	free(x->in_edge);
	free(x->distance);
	free(x->queue);
	free(x->path);
	free(x->next);
	free(x->seen);
	free(x->via);
	free(x->on_path);
}

static int search_init(struct search *x, const struct atlas *a, struct arena *mem, struct survey *s)
{
	size_t n = (size_t)atlas_locks(a) + 2;

	*x = (struct search){ .a = a, .mem = mem, .s = s, .n = atlas_locks(a) };
	x->in_begin = calloc(n + 1, sizeof(*x->in_begin));
	x->in_edge = calloc((size_t)atlas_edges(a) + 1, sizeof(*x->in_edge));
	x->distance = calloc(n, sizeof(*x->distance));
	x->queue = calloc(n, sizeof(*x->queue));
	x->path = calloc(n, sizeof(*x->path));
	x->next = calloc(n, sizeof(*x->next));
	x->seen = calloc(n, sizeof(*x->seen));
	x->via = calloc(n, sizeof(*x->via));
	x->on_path = calloc(n, sizeof(*x->on_path));
	if (!x->in_begin || !x->in_edge || !x->distance || !x->queue || !x->path || !x->next ||
	    !x->seen || !x->via || !x->on_path)
		return -ENOMEM;
	for (uint32_t i = 0; i < atlas_edges(a); i++)
		if (takes_part(x, i))
			x->in_begin[atlas_edge(a, i)->to + 2]++;
	for (size_t i = 2; i < n + 1; i++)
		x->in_begin[i] += x->in_begin[i - 1];
	for (uint32_t i = 0; i < atlas_edges(a); i++)
		if (takes_part(x, i))
			x->in_edge[x->in_begin[atlas_edge(a, i)->to + 1]++] = i;
	return 0;
}

/* Reports that show all edges of a cycle: start from the rarest one. @return -ENOMEM or 0 */
static int common_reports(struct search *x, const lock_id *locks, uint32_t n, struct ids *ret)
{
	const struct atlas_edge *rarest = NULL;
	struct ids kept = { 0 };

	for (uint32_t i = 0; i < n; i++) {
		uint32_t id = atlas_edge_find(x->a, locks[i], locks[(i + 1) % n]);
		const struct atlas_edge *e = atlas_edge(x->a, id);

		if (!rarest || e->reports.n < rarest->reports.n)
			rarest = e;
	}
	kept.p = arena_alloc(x->mem, ((size_t)rarest->reports.n + 1) * sizeof(*kept.p));
	if (!kept.p)
		return -ENOMEM;
	for (uint32_t k = 0; k < rarest->reports.n; k++) {
		const struct ids *edges = &atlas_report(x->a, rarest->reports.p[k])->edges;
		bool all = true;

		for (uint32_t i = 0; all && i < n; i++) {
			uint32_t id = atlas_edge_find(x->a, locks[i], locks[(i + 1) % n]);
			uint32_t low = 0, high = edges->n;

			while (low < high) {
				uint32_t mid = low + (high - low) / 2;

				if (edges->p[mid] < id)
					low = mid + 1;
				else
					high = mid;
			}
			all = low < edges->n && edges->p[low] == id;
		}
		x->steps += n;
		if (all)
			kept.p[kept.n++] = rarest->reports.p[k];
	}
	*ret = kept;
	return 0;
}

/* Whether a table of the kernel has all of it: lockdep saw it and found no fault. */
static bool is_accepted(const struct search *x, const lock_id *locks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (!atlas_edge(x->a, atlas_edge_find(x->a, locks[i], locks[(i + 1) % n]))->live)
			return false;
	return true;
}

static bool is_vague(const struct search *x, const lock_id *locks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		if (atlas_lock(x->a, locks[i])->anonymous)
			return true;
	return false;
}

/* "4.14.0-rc1" is release 74: 2.6.x counts from 0, 3.x from 40, 4.x from 60, 5.x from 81 ... */
static int release_number(struct str s)
{
	static const int first[] = { 0, 0, 0, 40, 60, 81, 101 };
	uint64_t major, minor;

	if (str_skip_uint(&s, &major) < 0 || !str_skip(&s, STR(".")) ||
	    str_skip_uint(&s, &minor) < 0 || minor > 999 || major < 2 || major > 99)
		return -1;
	if (major == 2 && (!str_skip(&s, STR(".")) || str_skip_uint(&s, &minor) < 0 || minor > 39))
		return -1;
	return (major < ARRAY_SIZE(first) ? first[major] : 101 + 20 * (int)(major - 6)) +
	       (int)minor;
}

struct releases {
	int low, high; /* low > high: not known */
};

static struct releases releases_of(const struct search *x, const struct atlas_edge *e)
{
	struct releases r = { 1, 0 };

	for (uint32_t i = 0; i < e->kernels.n; i++) {
		int n = release_number(atlas_kernel(x->a, e->kernels.p[i]));

		if (n < 0)
			continue;
		r = r.low > r.high ?
			    (struct releases){ n, n } :
			    (struct releases){ n < r.low ? n : r.low, n > r.high ? n : r.high };
	}
	return r;
}

static bool is_on(const lock_id *locks, uint32_t n, lock_id lock)
{
	for (uint32_t i = 0; i < n; i++)
		if (locks[i] == lock)
			return true;
	return false;
}

/* A lock outside the cycle that was held at both, so that one waits for the other to be over. */
static bool share_guard(const struct atlas_edge *e, const struct atlas_edge *f,
			const lock_id *locks, uint32_t n)
{
	for (uint32_t i = 0; i < e->guards.n; i++)
		for (uint32_t k = 0; k < f->guards.n; k++)
			if (e->guards.p[i] == f->guards.p[k] && !is_on(locks, n, e->guards.p[i]))
				return true;
	return false;
}

static bool can_meet(const struct search *x, const lock_id *locks, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		const struct atlas_edge *e =
			atlas_edge(x->a, atlas_edge_find(x->a, locks[i], locks[(i + 1) % n]));
		struct releases r = releases_of(x, e);

		if (e->boot && e->n_stacks) /* nothing else runs then */
			return false;
		for (uint32_t k = 0; k < i; k++) {
			const struct atlas_edge *f = atlas_edge(
				x->a, atlas_edge_find(x->a, locks[k], locks[(k + 1) % n]));
			struct releases q = releases_of(x, f);

			if (share_guard(e, f, locks, n))
				return false;
			if (r.low <= r.high && q.low <= q.high &&
			    (r.low > q.high + SURVEY_RELEASES_MAX ||
			     q.low > r.high + SURVEY_RELEASES_MAX))
				return false;
		}
	}
	return true;
}

/* "a -> b in f() (report 0123..., 6.1.0), b -> a in g() (...): no report shows all of it" */
static int say_why(const struct search *x, const lock_id *locks, uint32_t n, struct str *ret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const struct atlas_edge *e =
			atlas_edge(x->a, atlas_edge_find(x->a, locks[i], locks[(i + 1) % n]));
		const struct atlas_report *r =
			e->reports.n ? atlas_report(x->a, e->reports.p[0]) : NULL;

		fprintf(out, "%s" STR_FMT " -> " STR_FMT, i ? ", " : "",
			STR_ARG(atlas_lock(x->a, e->from)->name),
			STR_ARG(atlas_lock(x->a, e->to)->name));
		if (e->place.function.len)
			fprintf(out, " in " STR_FMT "()", STR_ARG(e->place.function));
		if (r)
			fprintf(out, " (" STR_FMT ":%" PRIu64 "%s" STR_FMT ")", STR_ARG(r->source),
				r->line, e->kernels.n ? ", " : "",
				STR_ARG(e->kernels.n ? atlas_kernel(x->a, e->kernels.p[0]) :
						       STR("")));
		else if (e->live)
			fputs(" (/proc/lockdep)", out);
	}
	fputs("; no report shows all of it", out);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	err = arena_str(x->mem, (struct str){ text, len }, ret);
	free(text);
	return err;
}

static uint64_t cycle_hash(const lock_id *locks, uint32_t n)
{
	uint64_t h = n;

	for (uint32_t i = 0; i < n; i++)
		h = hash_mix(h, locks[i]);
	return h;
}

/* A cycle that was found, from its lowest lock on. */
static int take_cycle(struct search *x, const lock_id *locks, uint32_t n)
{
	struct survey_cycle c = { .n = n };
	lock_id *copy;
	uint32_t place, before = (uint32_t)x->known.n;

	if (map_add(&x->known, cycle_hash(locks, n), 0, &place))
		return -ENOMEM;
	if (x->known.n == before)
		return 0;
	x->found++;
	if (common_reports(x, locks, n, &c.reports))
		return -ENOMEM;
	copy = arena_alloc(x->mem, n * sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	memcpy(copy, locks, n * sizeof(*copy));
	c.locks = copy;
	if (c.reports.n) {
		struct survey_cycle *listed = vec_push(x->mem, &x->s->cycles);

		if (!listed)
			return -ENOMEM;
		*listed = c;
	} else if (is_accepted(x, locks, n)) {
		x->s->dropped++;
	} else if (!can_meet(x, locks, n)) {
		x->s->dropped++;
	} else if (is_vague(x, locks, n)) {
		x->s->hidden++;
	} else {
		struct survey_prediction *p = vec_push(x->mem, &x->s->predictions);

		if (!p)
			return -ENOMEM;
		p->cycle = c;
		return say_why(x, locks, n, &p->why);
	}
	return 0;
}

/* The cycles that reports have shown as such. */
static int take_shown(struct search *x)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < atlas_cycles(x->a); i++) {
		const struct atlas_cycle *c = atlas_cycle(x->a, i);

		err = take_cycle(x, c->locks.p, c->locks.n);
	}
	x->found = 0;
	return err;
}

/* How far it is from each lock of the component that is not lower than @p start to it. */
static void measure(struct search *x, lock_id start)
{
	uint32_t head = 0, tail = 0;

	x->round++;
	x->seen[start] = x->round;
	x->distance[start] = 0;
	x->queue[tail++] = start;
	while (head < tail) {
		lock_id v = x->queue[head++];

		for (uint32_t i = x->in_begin[v]; i < x->in_begin[v + 1]; i++, x->steps++) {
			lock_id from = atlas_edge(x->a, x->in_edge[i])->from;

			if (from < start || x->seen[from] == x->round)
				continue;
			x->seen[from] = x->round;
			x->distance[from] = x->distance[v] + 1;
			x->queue[tail++] = from;
		}
	}
}

/* All cycles of @p length from @p start, its lowest lock. */
static int search_from(struct search *x, lock_id start, uint32_t length, bool *longer)
{
	uint32_t depth = 0;
	int err = 0;

	measure(x, start);
	x->path[0] = start;
	x->next[0] = atlas_first_edge(x->a, start);
	x->on_path[start] = true;
	while (!err && depth != UINT32_MAX) {
		lock_id v = x->path[depth], to;
		uint32_t edge;

		if (x->next[depth] == atlas_first_edge(x->a, v + 1) || x->steps >= SEARCH_STEPS ||
		    x->found >= SURVEY_CYCLES_MAX) {
			x->on_path[v] = false;
			depth--;
			continue;
		}
		edge = x->next[depth]++;
		x->steps++;
		to = atlas_edge(x->a, edge)->to;
		if (to < start || x->seen[to] != x->round || !takes_part(x, edge))
			continue;
		if (to == start) {
			if (depth + 1 == length)
				err = take_cycle(x, x->path, length);
		} else if (!x->on_path[to]) {
			if (depth + 1 + x->distance[to] > length) {
				*longer = true;
				continue;
			}
			x->path[++depth] = to;
			x->next[depth] = atlas_first_edge(x->a, to);
			x->on_path[to] = true;
		}
	}
	while (depth != UINT32_MAX)
		x->on_path[x->path[depth--]] = false;
	return err;
}

static int search_all(struct search *x)
{
	bool longer = true;
	int err = 0;

	for (uint32_t length = 1; !err && longer && length <= x->n; length++) {
		longer = length < 3;
		for (lock_id start = 0; !err && start < x->n; start++) {
			if (x->s->component[start] == UINT32_MAX)
				continue;
			if (x->steps >= SEARCH_STEPS || x->found >= SURVEY_CYCLES_MAX) {
				x->s->more_cycles = true;
				return 0;
			}
			err = search_from(x, start, length, &longer);
		}
	}
	x->s->more_cycles |= x->steps >= SEARCH_STEPS || x->found >= SURVEY_CYCLES_MAX;
	return err;
}

/* A shortest cycle through each edge into @p start: one search from it serves all. */
static int shortest_from(struct search *x, lock_id start)
{
	uint32_t head = 0, tail = 0;

	x->round++;
	x->seen[start] = x->round;
	x->distance[start] = 0;
	x->queue[tail++] = start;
	while (head < tail) {
		lock_id v = x->queue[head++];

		for (uint32_t i = atlas_first_edge(x->a, v); i < atlas_first_edge(x->a, v + 1);
		     i++, x->steps++) {
			lock_id to = atlas_edge(x->a, i)->to;

			if (!takes_part(x, i) || x->seen[to] == x->round)
				continue;
			x->seen[to] = x->round;
			x->distance[to] = x->distance[v] + 1;
			x->via[to] = v;
			x->queue[tail++] = to;
		}
	}
	for (uint32_t i = x->in_begin[start]; i < x->in_begin[start + 1]; i++) {
		lock_id v = atlas_edge(x->a, x->in_edge[i])->from;
		struct survey_cycle *c = &x->s->shortest[x->in_edge[i]];
		lock_id *locks = arena_alloc(x->mem, (x->distance[v] + 1) * sizeof(*locks));

		if (!locks)
			return -ENOMEM;
		*c = (struct survey_cycle){ .locks = locks, .n = x->distance[v] + 1 };
		for (uint32_t k = c->n; k; k--) {
			locks[k - 1] = v;
			v = x->via[v];
		}
	}
	return 0;
}

/* Reports may show the same cycle as the search: sorted by length, then by locks. */
static int by_length(const void *a, const void *b)
{
	const struct survey_cycle *x = a, *y = b;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (uint32_t i = 0; i < x->n; i++)
		if (x->locks[i] != y->locks[i])
			return x->locks[i] < y->locks[i] ? -1 : 1;
	return 0;
}

static int predictions_by_length(const void *a, const void *b)
{
	return by_length(&((const struct survey_prediction *)a)->cycle,
			 &((const struct survey_prediction *)b)->cycle);
}

int survey_cycles(const struct atlas *a, struct arena *mem, struct survey *s)
{
	struct search x;
	int err = search_init(&x, a, mem, s);

	if (!err)
		err = take_shown(&x);
	x.steps = 0;
	if (!err)
		err = search_all(&x);
	x.steps = 0;
	for (lock_id i = 0; !err && i < x.n && x.steps < SEARCH_STEPS; i++)
		if (s->component[i] != UINT32_MAX)
			err = shortest_from(&x, i);
	search_done(&x);
	if (s->cycles.n)
		qsort(s->cycles.p, s->cycles.n, sizeof(*s->cycles.p), by_length);
	if (s->predictions.n)
		qsort(s->predictions.p, s->predictions.n, sizeof(*s->predictions.p),
		      predictions_by_length);
	return err;
}
