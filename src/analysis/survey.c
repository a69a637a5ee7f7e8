/* SPDX-License-Identifier: MIT */
#include "unsplat/survey.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyst.h"
#include "features.h"
#include "survey.h"

/* Components, what an edge costs, and the cut. */

#define COST_MAX 1000000.0
#define COST_AVERAGE 1000.0
/* An edge that the kernel's known order asks for, or that no report has, is not the one to cut. */
#define COST_NATURAL 20.0
#define COST_UNREPORTED 4.0

static void place_of(const void *ctx, const stack *s, struct place *ret)
{
	struct telling t = telling_make(ctx, s, SIZE_MAX);

	*ret = (struct place){ t.function, t.module, t.boot };
}

static bool is_telling(const void *ctx, struct str function)
{
	return role_of(((const struct analyst *)ctx)->roles, function) == ROLE_CODE;
}

void survey_options(const struct analyst *a, struct atlas_options *ret)
{
	ret->place = place_of;
	ret->is_telling = is_telling;
	ret->ctx = a;
}

void sighting_make(struct report *r, const struct verdict *v, struct sighting *ret)
{
	*ret = (struct sighting){ .r = r,
				  .edges = v->edges,
				  .n_cycle = v->closed ? v->n_chain_edges : 0,
				  .signature = v->signature,
				  .title = v->title };
}

int sighting_restore(struct report *r, struct str signature, struct str title,
		     const dependencies *derived, struct sighting *ret)
{
	struct verdict v = { .signature = signature, .title = title };
	int err = report_dependencies(r, &v.edges);

	v.n_chain_edges = v.edges.n;
	v.closed = !err && signature.len && is_closed(r, &v);
	for (size_t i = 0; !err && i < derived->n; i++) {
		struct dependency *d = vec_push(r->mem, &v.edges);

		if (!d)
			return -ENOMEM;
		*d = derived->p[i];
	}
	if (!err)
		sighting_make(r, &v, ret);
	return err;
}

struct tarjan {
	const struct atlas *a;
	uint32_t *index, *low, *stack, *path, *next, *component;
	uint32_t n_stack, count, components;
};

/* R. E. Tarjan, "Depth-first search and linear graph algorithms", SIAM J. Comput. 1 (1972). */
static void connect(struct tarjan *t, lock_id root)
{
	uint32_t depth = 0;

	t->path[0] = root;
	t->next[0] = atlas_first_edge(t->a, root);
	t->index[root] = t->low[root] = ++t->count;
	t->stack[t->n_stack++] = root;
	while (depth != UINT32_MAX) {
		lock_id v = t->path[depth], to;
		uint32_t edge = t->next[depth];

		if (edge < atlas_first_edge(t->a, v + 1)) {
			t->next[depth]++;
			to = atlas_edge(t->a, edge)->to;
			if (atlas_edge(t->a, edge)->nesting)
				continue;
			if (!t->index[to]) {
				t->path[++depth] = to;
				t->next[depth] = atlas_first_edge(t->a, to);
				t->index[to] = t->low[to] = ++t->count;
				t->stack[t->n_stack++] = to;
			} else if (t->component[to] == UINT32_MAX && t->index[to] < t->low[v]) {
				t->low[v] = t->index[to];
			}
			continue;
		}
		if (t->low[v] == t->index[v]) {
			do
				t->component[t->stack[--t->n_stack]] = t->components;
			while (t->stack[t->n_stack] != v);
			t->components++;
		}
		if (depth && t->low[v] < t->low[t->path[depth - 1]])
			t->low[t->path[depth - 1]] = t->low[v];
		depth--;
	}
}

static int find_components(const struct atlas *a, uint32_t *component, uint32_t *ret)
{
	uint32_t n = atlas_locks(a);
	struct tarjan t = { .a = a, .component = component };
	int err = -ENOMEM;

	t.index = calloc(n + 1, sizeof(*t.index));
	t.low = calloc(n + 1, sizeof(*t.low));
	t.stack = calloc(n + 1, sizeof(*t.stack));
	t.path = calloc(n + 1, sizeof(*t.path));
	t.next = calloc(n + 1, sizeof(*t.next));
	if (t.index && t.low && t.stack && t.path && t.next) {
		for (lock_id i = 0; i < n; i++)
			component[i] = UINT32_MAX;
		for (lock_id i = 0; i < n; i++)
			if (!t.index[i])
				connect(&t, i);
		*ret = t.components;
		err = 0;
	}
	free(t.index);
	free(t.low);
	free(t.stack);
	free(t.path);
	free(t.next);
	return err;
}

static bool is_inside(const struct survey *s, const struct atlas_edge *e)
{
	return !e->nesting && s->component[e->from] != UINT32_MAX &&
	       s->component[e->from] == s->component[e->to];
}

/* Number those that have a cycle, in the order of their first locks; the others have none. */
static int list_components(const struct atlas *a, struct arena *mem, struct survey *s)
{
	uint32_t n = atlas_locks(a), all = 0;
	uint32_t *size, *number;
	int err = find_components(a, s->component, &all);

	size = calloc(all + 1, sizeof(*size));
	number = calloc(all + 1, sizeof(*number));
	if (!size || !number)
		err = -ENOMEM;
	for (uint32_t i = 0; !err && i < atlas_edges(a); i++)
		size[s->component[atlas_edge(a, i)->from]] += is_inside(s, atlas_edge(a, i));
	for (lock_id i = 0; !err && i < n; i++) {
		uint32_t c = s->component[i];
		struct survey_component *x;

		s->component[i] = UINT32_MAX;
		if (!size[c])
			continue;
		if (!number[c]) {
			x = vec_push(mem, &s->components);
			if (!x) {
				err = -ENOMEM;
				break;
			}
			x->edges = size[c];
			number[c] = (uint32_t)s->components.n;
		}
		s->component[i] = number[c] - 1;
		s->components.p[number[c] - 1].locks++;
	}
	free(size);
	free(number);
	return err;
}

struct judge {
	const struct analyst *a;
	const struct atlas *atlas;
	struct survey *s;
	struct arena *mem;
};

/* One edge through the tables of the advice; *sum is its weight in log-odds. */
static int weigh(struct judge *j, uint32_t i, struct arena *scratch, double *sum,
		 struct pattern_hit *hit)
{
	const struct atlas_edge *e = atlas_edge(j->atlas, i);
	struct str from = atlas_lock(j->atlas, e->from)->base;
	struct str to = atlas_lock(j->atlas, e->to)->base;
	stack frames = { NULL, 0, 0 };
	struct edge_view view = { .from = from,
				  .to = to,
				  .frames = &frames,
				  .recursion =
					  e->from == e->to ? RECURSION_UNKNOWN : RECURSION_NONE };
	struct feature_input in = { .order = j->a->order,
				    .from = { from, from },
				    .to = { to, to },
				    .edge = &view,
				    .sufficient = true };
	feature_values values = { NULL, 0, 0 };
	int err = e->n_stacks ? atlas_stack(j->atlas, e, 0, scratch, &frames) : 0;

	if (err)
		return err;
	view.inside = frames.n;
	view.context = context_frames(&frames);
	*hit = patterns_find(j->a->patterns, j->a->roles, &view);
	in.pattern = hit->row;
	*sum = features_weigh(&in, scratch, &values);
	j->s->natural[i] = lock_order_known(j->a->order, &in.from, &in.to) > 0;
	return 0;
}

static int weigh_all(struct judge *j)
{
	int err = 0;

	for (uint32_t i = 0; !err && i < atlas_edges(j->atlas); i++) {
		const struct atlas_edge *e = atlas_edge(j->atlas, i);
		struct arena *scratch = arena_new();
		struct pattern_hit hit;
		double sum = 0, cost;

		err = scratch ? weigh(j, i, scratch, &sum, &hit) : -ENOMEM;
		arena_free(scratch);
		cost = COST_AVERAGE * exp(-2 * sum);
		cost *= j->s->natural[i] ? COST_NATURAL : 1;
		cost *= e->reports.n ? 1 : COST_UNREPORTED;
		cost = round(cost);
		j->s->cost[i] = cost < 1	? 1 :
				cost > COST_MAX ? (uint32_t)COST_MAX :
						  (uint32_t)cost;
	}
	return err;
}

/* The part of the atlas that component @p c is; numbers: edge of the part -> edge of the atlas. */
static int part_init(const struct judge *j, uint32_t c, struct part *p, uint32_t **edges)
{
	const struct survey_component *x = &j->s->components.p[c];
	uint32_t *number = calloc(atlas_locks(j->atlas) + 1, sizeof(*number));

	*p = (struct part){ .n = 0, .m = 0 };
	p->from = calloc(x->edges + 1, sizeof(*p->from));
	p->to = calloc(x->edges + 1, sizeof(*p->to));
	p->cost = calloc(x->edges + 1, sizeof(*p->cost));
	*edges = calloc(x->edges + 1, sizeof(**edges));
	if (!number || !p->from || !p->to || !p->cost || !*edges) {
		free(number);
		return -ENOMEM;
	}
	for (lock_id i = 0; i < atlas_locks(j->atlas); i++)
		if (j->s->component[i] == c)
			number[i] = p->n++;
	for (uint32_t i = 0; i < atlas_edges(j->atlas); i++) {
		const struct atlas_edge *e = atlas_edge(j->atlas, i);

		if (!is_inside(j->s, e) || j->s->component[e->from] != c)
			continue;
		(*edges)[p->m] = i;
		p->from[p->m] = number[e->from];
		p->to[p->m] = number[e->to];
		p->cost[p->m++] = j->s->cost[i];
	}
	free(number);
	return 0;
}

static int cut_component(struct judge *j, uint32_t c)
{
	struct survey_component *x = &j->s->components.p[c];
	struct part p;
	uint32_t *edges = NULL;
	struct part_cut cut = { .cut = calloc(x->edges + 1, sizeof(bool)) };
	int err = part_init(j, c, &p, &edges);

	if (!err)
		err = cut.cut ? cut_find(&p, &cut) : -ENOMEM;
	for (uint32_t i = 0; !err && i < p.m; i++) {
		j->s->is_cut[edges[i]] = cut.cut[i];
		x->cut += cut.cut[i];
	}
	x->exact = cut.exact;
	x->cost = cut.cost;
	x->bound = cut.bound;
	free(p.from);
	free(p.to);
	free(p.cost);
	free(edges);
	free(cut.cut);
	return err;
}

/* The sentence of a pattern; what only a single report knows is said in general. */
static int fill_in(struct judge *j, const char *sentence, const struct atlas_edge *e,
		   struct str function, struct str *ret)
{
	struct str from = atlas_lock(j->atlas, e->from)->name;
	struct str to = atlas_lock(j->atlas, e->to)->name;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	for (const char *p = sentence; *p; p++) {
		if (p[0] != '{' || !p[1] || p[2] != '}') {
			fputc(*p, out);
			continue;
		}
		if (p[1] == 'F' && function.len)
			fprintf(out, STR_FMT "()", STR_ARG(function));
		else if (p[1] == 'F')
			fputs(p == sentence ? "The code" : "the code", out);
		else if (p[1] == 'T')
			fprintf(out, STR_FMT, STR_ARG(to));
		else if (p[1] == 'L')
			fprintf(out, STR_FMT, STR_ARG(from));
		else if (p[1] == 'G')
			fputs("some caller", out);
		else if (!write_holder(out, from))
			fprintf(out, "with " STR_FMT " held", STR_ARG(from));
		p += 2;
	}
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	err = arena_str(j->mem, (struct str){ text, len }, ret);
	free(text);
	return err;
}

static int explain_cut(struct judge *j, uint32_t i, const uint64_t *breaks, uint64_t of)
{
	const struct atlas_edge *e = atlas_edge(j->atlas, i);
	struct survey_cut *c = vec_push(j->mem, &j->s->cut);
	struct arena *scratch = arena_new();
	struct pattern_hit hit;
	double sum;
	int err = c && scratch ? weigh(j, i, scratch, &sum, &hit) : -ENOMEM;

	if (!err) {
		stack frames = { NULL, 0, 0 };
		struct telling t = { 0 };

		if (e->n_stacks)
			err = atlas_stack(j->atlas, e, 0, scratch, &frames);
		if (!err && frames.n)
			t = telling_make(j->a, &frames, hit.call);
		*c = (struct survey_cut){ .edge = i,
					  .component = j->s->component[e->from],
					  .breaks = breaks[i],
					  .of = of,
					  .function = t.function,
					  .module = t.module };
		if (!err)
			err = fill_in(j, hit.row->what, e, t.function, &c->what);
		if (!err)
			err = fill_in(j, hit.row->todo, e, t.function, &c->todo);
	}
	arena_free(scratch);
	return err;
}

static int by_breaks(const void *a, const void *b)
{
	const struct survey_cut *x = a, *y = b;

	if (x->breaks != y->breaks)
		return x->breaks > y->breaks ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

/* Per edge: how many reports have it in a cycle that they show. */
static int count_breaks(struct judge *j, uint64_t *breaks, uint64_t *of)
{
	uint32_t *seen = calloc(atlas_edges(j->atlas) + 1, sizeof(*seen));

	if (!seen)
		return -ENOMEM;
	for (report_id r = 0; r < atlas_reports(j->atlas); r++) {
		const struct ids *cycles = &atlas_report(j->atlas, r)->cycles;

		*of += cycles->n > 0;
		for (uint32_t i = 0; i < cycles->n; i++) {
			const struct ids *c = &atlas_cycle(j->atlas, cycles->p[i])->locks;

			for (uint32_t k = 0; k < c->n; k++) {
				uint32_t e =
					atlas_edge_find(j->atlas, c->p[k], c->p[(k + 1) % c->n]);

				breaks[e] += seen[e] != r + 1;
				seen[e] = r + 1;
			}
		}
	}
	free(seen);
	return 0;
}

static int find_cut(struct judge *j)
{
	uint64_t *breaks = calloc(atlas_edges(j->atlas) + 1, sizeof(*breaks)), of = 0;
	int err = breaks ? count_breaks(j, breaks, &of) : -ENOMEM;

	for (uint32_t c = 0; !err && c < j->s->components.n; c++)
		err = cut_component(j, c);
	for (uint32_t i = 0; !err && i < atlas_edges(j->atlas); i++)
		if (j->s->is_cut[i])
			err = explain_cut(j, i, breaks, of);
	if (!err && j->s->cut.n)
		qsort(j->s->cut.p, j->s->cut.n, sizeof(*j->s->cut.p), by_breaks);
	free(breaks);
	return err;
}

int survey_make(const struct analyst *a, const struct atlas *atlas, struct arena *mem,
		struct survey **ret)
{
	struct survey *s = arena_alloc(mem, sizeof(*s));
	struct judge j = { a, atlas, s, mem };
	size_t locks = (size_t)atlas_locks(atlas) + 1, edges = (size_t)atlas_edges(atlas) + 1;
	int err;

	if (!s)
		return -ENOMEM;
	s->component = arena_alloc(mem, locks * sizeof(*s->component));
	s->cost = arena_alloc(mem, edges * sizeof(*s->cost));
	s->natural = arena_alloc(mem, edges * sizeof(*s->natural));
	s->is_cut = arena_alloc(mem, edges * sizeof(*s->is_cut));
	s->shortest = arena_alloc(mem, edges * sizeof(*s->shortest));
	if (!s->component || !s->cost || !s->natural || !s->is_cut || !s->shortest)
		return -ENOMEM;
	err = list_components(atlas, mem, s);
	if (!err)
		err = weigh_all(&j);
	if (!err)
		err = find_cut(&j);
	if (!err)
		err = survey_cycles(atlas, mem, s);
	if (!err)
		err = survey_relations(atlas, mem, s);
	if (!err)
		*ret = s;
	return err;
}
