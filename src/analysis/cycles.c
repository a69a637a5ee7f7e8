/* SPDX-License-Identifier: MIT */
#include "cycles.h"

#include <errno.h>
#include <stdlib.h>

/* Steps of one search: far more than real reports need, a moment for made-up ones. */
#define SEARCH_STEPS 1000000u

/* Edges by their origin, and by their end: neighbours of i are at [begin[i], begin[i + 1]). */
struct adjacency {
	size_t *begin;
	lock_id *to;
};

struct search {
	size_t n;
	struct adjacency out, in;
	bool *useful; /* can reach the start within the locks that are not done */
	bool *on_path;
	lock_id *path, *queue;
	size_t *next; /* per path element: the next neighbour to try */
	unsigned int steps;
};

static void adjacency_done(struct adjacency *a)
{
	free(a->begin);
	free(a->to);
}

static int adjacency_init(struct adjacency *a, const struct graph *g, const bool *cut,
			  bool backwards)
{
	size_t n = graph_locks(g), m = graph_edges(g);

	a->begin = calloc(n + 2, sizeof(*a->begin));
	a->to = calloc(m + 1, sizeof(*a->to));
	if (!a->begin || !a->to)
		return -ENOMEM;
	for (size_t i = 0; i < m; i++) {
		const struct graph_edge *e = graph_edge(g, i);

		if (!cut || !cut[i])
			a->begin[(backwards ? e->to : e->from) + 2]++;
	}
	for (size_t i = 2; i < n + 2; i++)
		a->begin[i] += a->begin[i - 1];
	for (size_t i = 0; i < m; i++) { /* begin[x + 1] moves from the begin of x to its end */
		const struct graph_edge *e = graph_edge(g, i);
		lock_id x = backwards ? e->to : e->from, y = backwards ? e->from : e->to;

		if (!cut || !cut[i])
			a->to[a->begin[x + 1]++] = y;
	}
	return 0;
}

static void search_done(struct search *s)
{
	adjacency_done(&s->out);
	adjacency_done(&s->in);
	free(s->useful);
	free(s->on_path);
	free(s->path);
	free(s->queue);
	free(s->next);
}

static int search_init(struct search *s, const struct graph *g, const bool *cut)
{
	size_t n = graph_locks(g) + 1;

	*s = (struct search){ .n = graph_locks(g) };
	s->useful = calloc(n, sizeof(*s->useful));
	s->on_path = calloc(n, sizeof(*s->on_path));
	s->path = calloc(n, sizeof(*s->path));
	s->queue = calloc(n, sizeof(*s->queue));
	s->next = calloc(n, sizeof(*s->next));
	if (!s->useful || !s->on_path || !s->path || !s->queue || !s->next ||
	    adjacency_init(&s->out, g, cut, false) < 0 ||
	    adjacency_init(&s->in, g, cut, true) < 0) {
		search_done(s);
		return -ENOMEM;
	}
	return 0;
}

/* Mark what reaches @p start through locks that are not lower. Marked ones are in the queue. */
static size_t mark_useful(struct search *s, lock_id start)
{
	size_t head = 0, tail = 0;

	s->queue[tail++] = start;
	s->useful[start] = true;
	while (head < tail && s->steps < SEARCH_STEPS) {
		lock_id x = s->queue[head++];

		for (size_t i = s->in.begin[x]; i < s->in.begin[x + 1]; i++, s->steps++) {
			lock_id y = s->in.to[i];

			if (y < start || s->useful[y])
				continue;
			s->useful[y] = true;
			s->queue[tail++] = y;
		}
	}
	return tail;
}

static int add_cycle(struct search *s, size_t len, struct arena *mem, struct cycles *ret)
{
	struct id_cycle *c = vec_push(mem, &ret->list);
	lock_id *locks = arena_alloc(mem, len * sizeof(*locks));

	if (!c || !locks)
		return -ENOMEM;
	for (size_t i = 0; i < len; i++)
		locks[i] = s->path[i];
	*c = (struct id_cycle){ locks, len };
	return 0;
}

/* All cycles whose lowest lock is @p start. */
static int search_from(struct search *s, lock_id start, size_t limit, struct arena *mem,
		       struct cycles *ret)
{
	size_t depth = 0;

	s->path[0] = start;
	s->next[0] = s->out.begin[start];
	s->on_path[start] = true;
	for (;;) {
		lock_id x = s->path[depth], y;

		if (s->next[depth] == s->out.begin[x + 1]) {
			s->on_path[x] = false;
			if (!depth--)
				return 0;
			continue;
		}
		y = s->out.to[s->next[depth]++];
		if (++s->steps >= SEARCH_STEPS || ret->list.n == limit) {
			ret->more = true;
			while (depth + 1)
				s->on_path[s->path[depth--]] = false;
			return 0;
		}
		if (y == start) {
			if (add_cycle(s, depth + 1, mem, ret) < 0)
				return -ENOMEM;
		} else if (s->useful[y] && !s->on_path[y]) {
			s->path[++depth] = y;
			s->next[depth] = s->out.begin[y];
			s->on_path[y] = true;
		}
	}
}

int cycles_find(const struct graph *g, const bool *cut, size_t limit, struct arena *mem,
		struct cycles *ret)
{
	struct search s;
	int err = search_init(&s, g, cut);

	if (err)
		return err;
	*ret = (struct cycles){ 0 };
	for (lock_id start = 0; !err && !ret->more && start < s.n; start++) {
		size_t marked = mark_useful(&s, start);

		err = search_from(&s, start, limit, mem, ret);
		while (marked)
			s.useful[s.queue[--marked]] = false;
		ret->more |= s.steps >= SEARCH_STEPS;
	}
	search_done(&s);
	return err;
}

int cycles_reach(const struct graph *g, lock_id from, bool *ret)
{
	struct search s;
	size_t head = 0, tail = 0;
	int err = search_init(&s, g, NULL);

	if (err)
		return err;
	s.queue[tail++] = from;
	ret[from] = true;
	while (head < tail) {
		lock_id x = s.queue[head++];

		for (size_t i = s.out.begin[x]; i < s.out.begin[x + 1]; i++) {
			if (ret[s.out.to[i]])
				continue;
			ret[s.out.to[i]] = true;
			s.queue[tail++] = s.out.to[i];
		}
	}
	search_done(&s);
	return 0;
}
