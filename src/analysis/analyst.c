/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>
#include <stdlib.h>

struct analyst *analyst_new(const struct pattern_file *more)
{
	struct analyst *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->roles = roles_new();
	a->patterns = patterns_new(more);
	a->order = lock_order_new();
	if (a->roles && a->patterns && a->order)
		return a;
	analyst_free(a);
	return NULL;
}

void analyst_free(struct analyst *a)
{
	if (!a)
		return;
	roles_free(a->roles);
	patterns_free(a->patterns);
	lock_order_free(a->order);
	free(a);
}

bool is_closed(const struct report *r, const struct verdict *v)
{
	const struct chain_entry *c = r->chain.p;

	if (r->kind == KIND_RECURSIVE)
		return v->n_chain_edges == 1;
	if (r->kind != KIND_CIRCULAR || r->chain.n < 2 || v->n_chain_edges != r->chain.n ||
	    c[0].index)
		return false;
	for (size_t i = 1; i < r->chain.n; i++)
		if (c[i].index != i)
			return false;
	return str_eq(v->edges.p[0].from, c[r->chain.n - 1].lock.name);
}

/* Whether the edges alone tell which bug it is (signature.c). */
static bool is_cycle(const struct report *r)
{
	return r->kind == KIND_CIRCULAR || r->kind == KIND_RECURSIVE;
}

static int judge(const struct analyst *a, struct report *r, struct verdict *v)
{
	int err = advice_make(a, r, v);

	if (!err)
		err = irq_advice_make(a, r, v);
	return err ? err : explain_make(a, r, v);
}

int verdict_begin(const struct analyst *a, struct report *r, struct verdict **ret)
{
	struct verdict *v = arena_alloc(r->mem, sizeof(*v));
	int err;

	if (!v)
		return -ENOMEM;
	err = report_dependencies(r, &v->edges);
	while (!err && v->n_chain_edges < v->edges.n && !v->edges.p[v->n_chain_edges].derived)
		v->n_chain_edges++;
	if (!err)
		v->closed = is_closed(r, v);
	if (!err)
		err = title_make(r, &v->title);
	if (!err && !is_cycle(r))
		err = judge(a, r, v);
	if (!err)
		err = signature_make(a, r, v, &v->signature);
	if (!err)
		*ret = v;
	return err;
}

int verdict_finish(const struct analyst *a, struct report *r, struct verdict *v)
{
	return is_cycle(r) ? judge(a, r, v) : 0;
}

int verdict_make(const struct analyst *a, struct report *r, struct verdict **ret)
{
	struct verdict *v;
	int err = verdict_begin(a, r, &v);

	if (!err)
		err = verdict_finish(a, r, v);
	if (!err)
		*ret = v;
	return err;
}
