/* SPDX-License-Identifier: MIT */
#include "unsplat/graph.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

struct lock_node {
	struct str name;
	lock_id id;
};

struct graph {
	struct arena *mem;
	void *names; /* tsearch() trees: of struct lock_node by name, of struct graph_edge by ends */
	void *ends;
	VEC(const struct lock_node *) locks;
	VEC(struct graph_edge *) edges;
};

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct lock_node *)a)->name, ((const struct lock_node *)b)->name);
}

static int by_ends(const void *a, const void *b)
{
	const struct graph_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

struct graph *graph_new(void)
{
	struct arena *mem = arena_new();
	struct graph *g = mem ? arena_alloc(mem, sizeof(*g)) : NULL;

	if (!g) {
		arena_free(mem);
		return NULL;
	}
	g->mem = mem;
	return g;
}

static void keep(void *node)
{
	(void)node; /* the arena frees it */
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	tdestroy(g->names, keep);
	tdestroy(g->ends, keep);
	arena_free(g->mem);
}

int graph_lock(struct graph *g, struct str name, lock_id *ret)
{
	struct lock_node key = { .name = name }, *node;
	const struct lock_node **place, *const *hit = tfind(&key, &g->names, by_name);

	if (hit) {
		*ret = (*hit)->id;
		return 0;
	}
	node = arena_alloc(g->mem, sizeof(*node));
	if (!node || arena_str(g->mem, name, &node->name) < 0)
		return -ENOMEM;
	node->id = (lock_id)g->locks.n;
	place = vec_push(g->mem, &g->locks);
	if (!place)
		return -ENOMEM;
	*place = node;
	if (!tsearch(node, &g->names, by_name)) {
		g->locks.n--;
		return -ENOMEM;
	}
	*ret = node->id;
	return 0;
}

static int edge_of(struct graph *g, lock_id from, lock_id to, struct graph_edge **ret)
{
	struct graph_edge key = { .from = from, .to = to }, *edge, **place;
	struct graph_edge *const *hit = tfind(&key, &g->ends, by_ends);

	if (hit) {
		*ret = *hit;
		return 0;
	}
	edge = arena_alloc(g->mem, sizeof(*edge));
	place = vec_push(g->mem, &g->edges);
	if (!edge || !place)
		return -ENOMEM;
	*edge = key;
	*place = edge;
	if (!tsearch(edge, &g->ends, by_ends)) {
		g->edges.n--;
		return -ENOMEM;
	}
	*ret = edge;
	return 0;
}

int graph_add(struct graph *g, const struct dependency *d)
{
	lock_id from, to;
	struct graph_edge *edge;
	const struct dependency **witness;
	int err = graph_lock(g, d->from, &from);

	if (!err)
		err = graph_lock(g, d->to, &to);
	if (!err)
		err = edge_of(g, from, to, &edge);
	if (err)
		return err;
	witness = vec_push(g->mem, &edge->witnesses);
	if (!witness)
		return -ENOMEM;
	*witness = d;
	edge->count++;
	return 0;
}

size_t graph_locks(const struct graph *g)
{
	return g->locks.n;
}

struct str graph_name(const struct graph *g, lock_id id)
{
	return g->locks.p[id]->name;
}

size_t graph_edges(const struct graph *g)
{
	return g->edges.n;
}

const struct graph_edge *graph_edge(const struct graph *g, size_t i)
{
	return g->edges.p[i];
}
