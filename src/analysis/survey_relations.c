/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "survey.h"
#include "unsplat/table.h"

/* Which reports are about the same thing, and which functions keep turning up. */

/* Other reports that a note names; more are counted. */
#define ALSO_IN_NAMED 3
/* What an edge gains for standing in other cycles too, in log-odds per doubling of their number. */
#define ALSO_IN_WEIGHT 0.35

static uint32_t root_of(uint32_t *parent, uint32_t i)
{
	while (parent[i] != i) {
		parent[i] = parent[parent[i]];
		i = parent[i];
	}
	return i;
}

/* An order that everybody keeps relates nothing. Neither does a list of held locks. */
static bool relates(const struct atlas *a, const struct survey *s, uint32_t edge)
{
	const struct atlas_edge *e = atlas_edge(a, edge);

	return e->reports.n && (s->is_cut[edge] || (!s->natural[edge] && !e->derived));
}

static int cluster_order(const void *a, const void *b)
{
	const struct survey_cluster *x = a, *y = b;

	if (x->reports.n != y->reports.n)
		return x->reports.n > y->reports.n ? -1 : 1;
	return (x->reports.p[0] > y->reports.p[0]) - (x->reports.p[0] < y->reports.p[0]);
}

static int list_clusters(const struct atlas *a, struct arena *mem, struct survey *s,
			 uint32_t *parent, uint32_t *number)
{
	uint32_t n = atlas_reports(a), *size;

	for (report_id i = 0; i < n; i++) { /* number them, and count */
		uint32_t root = root_of(parent, i);
		struct survey_cluster *c;

		if (atlas_report(a, i)->table || !atlas_report(a, i)->edges.n)
			continue;
		if (!number[root]) {
			if (!vec_push(mem, &s->clusters))
				return -ENOMEM;
			number[root] = (uint32_t)s->clusters.n;
		}
		c = &s->clusters.p[number[root] - 1];
		c->reports.n++;
	}
	size = calloc(s->clusters.n + 1, sizeof(*size));
	if (!size)
		return -ENOMEM;
	for (uint32_t e = 0; e < atlas_edges(a); e++)
		if (relates(a, s, e) && atlas_edge(a, e)->reports.n > 1)
			size[number[root_of(parent, atlas_edge(a, e)->reports.p[0])] - 1]++;
	for (size_t i = 0; i < s->clusters.n; i++) {
		struct survey_cluster *c = &s->clusters.p[i];

		c->reports.p = arena_alloc(mem, (c->reports.n + 1) * sizeof(*c->reports.p));
		c->shared.p = arena_alloc(mem, (size[i] + 1) * sizeof(*c->shared.p));
		c->reports.n = 0;
		if (!c->reports.p || !c->shared.p) {
			free(size);
			return -ENOMEM;
		}
	}
	free(size);
	for (report_id i = 0; i < n; i++) {
		uint32_t k = number[root_of(parent, i)];

		if (k && !atlas_report(a, i)->table && atlas_report(a, i)->edges.n)
			s->clusters.p[k - 1].reports.p[s->clusters.p[k - 1].reports.n++] = i;
	}
	for (uint32_t e = 0; e < atlas_edges(a); e++) {
		struct survey_cluster *c;

		if (!relates(a, s, e) || atlas_edge(a, e)->reports.n < 2)
			continue;
		c = &s->clusters.p[number[root_of(parent, atlas_edge(a, e)->reports.p[0])] - 1];
		c->shared.p[c->shared.n++] = e;
	}
	if (s->clusters.n)
		qsort(s->clusters.p, s->clusters.n, sizeof(*s->clusters.p), cluster_order);
	return 0;
}

static int find_clusters(const struct atlas *a, struct arena *mem, struct survey *s)
{
	uint32_t n = atlas_reports(a);
	uint32_t *parent = calloc(n + 1, sizeof(*parent));
	uint32_t *number = calloc(n + 1, sizeof(*number));
	int err = -ENOMEM;

	if (parent && number) {
		for (report_id i = 0; i < n; i++)
			parent[i] = i;
		for (uint32_t e = 0; e < atlas_edges(a); e++) {
			const struct ids *in = &atlas_edge(a, e)->reports;

			for (uint32_t k = 1; relates(a, s, e) && k < in->n; k++) {
				uint32_t x = root_of(parent, in->p[0]);
				uint32_t y = root_of(parent, in->p[k]);

				parent[x > y ? x : y] = x > y ? y : x;
			}
		}
		err = list_clusters(a, mem, s, parent, number);
	}
	free(parent);
	free(number);
	return err;
}

static int by_reports(const void *a, const void *b)
{
	const struct survey_function *x = a, *y = b;

	if (x->takes != y->takes)
		return x->takes ? -1 : 1;
	if (x->reports != y->reports)
		return x->reports > y->reports ? -1 : 1;
	if (x->edges != y->edges)
		return x->edges > y->edges ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static uint32_t highest_word(const struct atlas *a)
{
	uint32_t n = 0;

	for (report_id i = 0; i < atlas_reports(a); i++) {
		const struct ids *f = &atlas_report(a, i)->functions;

		if (f->n && f->p[f->n - 1] >= n)
			n = f->p[f->n - 1] + 1;
	}
	return n;
}

/* Functions that a maintainer would name for some edge. */
static struct intern *named_places(const struct atlas *a)
{
	struct intern *t = intern_new();
	uint32_t id;

	for (uint32_t i = 0; t && i < atlas_edges(a); i++) {
		if (intern_add(t, atlas_edge(a, i)->place.function, &id) == 0)
			continue;
		intern_free(t);
		return NULL;
	}
	return t;
}

static int find_functions(const struct atlas *a, struct arena *mem, struct survey *s)
{
	uint32_t n = highest_word(a), kept = 0, id;
	struct survey_function *all = calloc((size_t)n + 1, sizeof(*all)), *f;
	struct intern *places = named_places(a);
	int err = all && places ? 0 : -ENOMEM;

	for (report_id i = 0; !err && i < atlas_reports(a); i++)
		for (uint32_t k = 0; k < atlas_report(a, i)->functions.n; k++)
			all[atlas_report(a, i)->functions.p[k]].reports++;
	for (uint32_t i = 0; !err && i < atlas_edges(a); i++)
		for (uint32_t k = 0; k < atlas_edge(a, i)->functions.n; k++)
			all[atlas_edge(a, i)->functions.p[k]].edges++;
	for (uint32_t i = 0; !err && i < n; i++) {
		if (all[i].reports < 2)
			continue;
		all[i].name = atlas_word(a, i);
		all[i].takes = intern_find(places, all[i].name, &id);
		all[kept++] = all[i];
	}
	if (kept)
		qsort(all, kept, sizeof(*all), by_reports);
	for (uint32_t i = 0; !err && i < kept && i < SURVEY_FUNCTIONS_MAX; i++) {
		f = vec_push(mem, &s->functions);
		if (f)
			*f = all[i];
		else
			err = -ENOMEM;
	}
	free(all);
	intern_free(places);
	return err;
}

int survey_relations(const struct atlas *a, struct arena *mem, struct survey *s)
{
	int err = find_clusters(a, mem, s);

	return err ? err : find_functions(a, mem, s);
}

/* Another report that shows a cycle, and another one: not what is left of the same. */
static bool is_other(const struct atlas *a, report_id self, report_id other)
{
	const struct ids *mine = &atlas_report(a, self)->cycles;
	const struct ids *theirs = &atlas_report(a, other)->cycles;

	for (uint32_t i = 0; i < mine->n; i++)
		for (uint32_t k = 0; k < theirs->n; k++)
			if (mine->p[i] == theirs->p[k])
				return false;
	return other != self && theirs->n;
}

static uint32_t count_others(const struct atlas *a, const struct atlas_edge *e, report_id self)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < e->reports.n; i++)
		n += is_other(a, self, e->reports.p[i]);
	return n;
}

/* "also in 4 other reports: possible deadlock in f (a.log:12), ..." */
static int say_also(const struct atlas *a, const struct atlas_edge *e, report_id self,
		    uint32_t others, struct arena *mem, struct str *ret)
{
	uint32_t named = 0;
	int err = arena_printf(mem, ret, "also in %" PRIu32 " other report%s: ", others,
			       others == 1 ? "" : "s");

	for (uint32_t i = 0; !err && i < e->reports.n && named < ALSO_IN_NAMED; i++) {
		const struct atlas_report *r = atlas_report(a, e->reports.p[i]);

		if (!is_other(a, self, e->reports.p[i]))
			continue;
		err = arena_printf(mem, ret, STR_FMT "%s" STR_FMT " (" STR_FMT ":%" PRIu64 ")",
				   STR_ARG(*ret), named ? ", " : "", STR_ARG(r->title),
				   STR_ARG(r->source), r->line);
		named++;
	}
	if (!err && named < others)
		err = arena_printf(mem, ret, STR_FMT " and %" PRIu32 " more", STR_ARG(*ret),
				   others - named);
	return err;
}

static int by_score(const void *a, const void *b)
{
	const struct suggestion *x = a, *y = b;

	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Weigh anew: the sum stays what it was. */
static void rank_again(struct verdict *v, const double *gain)
{
	double before = 0, after = 0;

	for (size_t i = 0; i < v->suggestions.n; i++) {
		before += v->suggestions.p[i].score;
		after += v->suggestions.p[i].score * exp(gain[i]);
	}
	for (size_t i = 0; after > 0 && i < v->suggestions.n; i++) {
		struct suggestion *s = &v->suggestions.p[i];

		s->score = floor(s->score * exp(gain[i]) / after * before * 100 + 0.5) / 100;
	}
	qsort(v->suggestions.p, v->suggestions.n, sizeof(*v->suggestions.p), by_score);
	for (size_t i = 0; i < v->suggestions.n; i++)
		v->suggestions.p[i].rank = (unsigned int)i + 1;
}

int verdict_relate(const struct atlas *atlas, struct report *r, struct verdict *v)
{
	report_id self = atlas_report_of(atlas, v->signature);
	struct sighting s;
	double *gain = calloc(v->suggestions.n + 1, sizeof(*gain));
	bool any = false;
	int err = gain ? 0 : -ENOMEM;

	sighting_make(r, v, &s);
	for (size_t i = 0; !err && self != UINT32_MAX && i < v->suggestions.n; i++) {
		struct suggestion *g = &v->suggestions.p[i];
		uint32_t edge = g->edge->pseudo ? UINT32_MAX : atlas_edge_of(atlas, &s, g->edge);
		const struct atlas_edge *e = edge == UINT32_MAX ? NULL : atlas_edge(atlas, edge);
		uint32_t others = e ? count_others(atlas, e, self) : 0;
		struct feature_value *f;
		struct note *n;

		if (!others)
			continue;
		n = vec_push(r->mem, &v->notes);
		f = vec_push(r->mem, &g->features);
		if (!n || !f) {
			err = -ENOMEM;
			break;
		}
		*n = (struct note){ .kind = "also-in", .edge = g->edge->index };
		*f = (struct feature_value){ "in-other-cycles", log2(1 + others), ALSO_IN_WEIGHT };
		gain[i] = f->value * f->weight;
		any = true;
		err = say_also(atlas, e, self, others, r->mem, &n->text);
	}
	if (!err && any)
		rank_again(v, gain);
	free(gain);
	return err;
}
