/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "graph_writers.h"
#include "json_item.h"

/* The graph document: contract section 4. One line per item. */

static cJSON *signatures_json(struct builder *b, const struct atlas *a, const struct ids *reports)
{
	cJSON *list = array(b);

	for (uint32_t i = 0; i < reports->n; i++) {
		const struct atlas_report *r = atlas_report(a, reports->p[i]);

		if (r->signature.len)
			append(b, list, text(b, r->signature));
	}
	return list;
}

static cJSON *locks_json(struct builder *b, const struct atlas *a, const lock_id *locks, uint32_t n)
{
	cJSON *list = array(b);

	for (uint32_t i = 0; i < n; i++)
		append(b, list, text(b, atlas_lock(a, locks[i])->name));
	return list;
}

static void put_ends(struct builder *b, cJSON *o, const struct atlas *a, uint32_t edge)
{
	put(b, o, "from", text(b, atlas_lock(a, atlas_edge(a, edge)->from)->name));
	put(b, o, "to", text(b, atlas_lock(a, atlas_edge(a, edge)->to)->name));
}

static cJSON *ends_json(struct builder *b, const struct atlas *a, uint32_t edge)
{
	cJSON *o = object(b);

	put_ends(b, o, a, edge);
	return o;
}

static cJSON *lock_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct atlas_lock *l = atlas_lock(g->atlas, i);
	uint32_t component = g->survey->component[i];
	cJSON *o = object(b), *stat;

	put(b, o, "name", text(b, l->name));
	put(b, o, "class", text(b, l->base));
	put(b, o, "scope", text_or_null(b, l->scope));
	put(b, o, "reports", number(b, (double)l->reports));
	put(b, o, "anonymous", truth(b, l->anonymous));
	put(b, o, "live", truth(b, l->live));
	put(b, o, "component", component == UINT32_MAX ? null(b) : number(b, component));
	stat = l->stat.acquisitions || l->stat.contentions ? object(b) : null(b);
	if (l->stat.acquisitions || l->stat.contentions) {
		put(b, stat, "contentions", number(b, (double)l->stat.contentions));
		put(b, stat, "acquisitions", number(b, (double)l->stat.acquisitions));
		put(b, stat, "wait_us", number(b, l->stat.wait_us));
	}
	put(b, o, "contention", stat);
	return o;
}

static cJSON *stacks_json(struct builder *b, const struct graph_view *g, const struct atlas_edge *e)
{
	struct arena *mem = arena_new();
	cJSON *list = array(b);
	stack s;

	for (unsigned int i = 0; i < e->n_stacks; i++) {
		if (!mem || atlas_stack(g->atlas, e, i, mem, &s) < 0)
			b->failed = true;
		else
			append(b, list, frames_json(b, &s));
	}
	arena_free(mem);
	return list;
}

static cJSON *names_json(struct builder *b, const struct atlas *a, const struct ids *s,
			 struct str (*name)(const struct atlas *, uint32_t))
{
	cJSON *list = array(b);

	for (uint32_t i = 0; i < s->n; i++)
		append(b, list, text(b, name(a, s->p[i])));
	return list;
}

static cJSON *edge_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct atlas_edge *e = atlas_edge(g->atlas, i);
	const struct survey_cycle *c = &g->survey->shortest[i];
	cJSON *o = object(b);

	put_ends(b, o, g->atlas, i);
	put(b, o, "relation", text(b, str_of(relation_name(e->relation))));
	put(b, o, "derived", truth(b, e->derived));
	put(b, o, "count", number(b, (double)e->count));
	put(b, o, "reports", signatures_json(b, g->atlas, &e->reports));
	put(b, o, "kernels", names_json(b, g->atlas, &e->kernels, atlas_kernel));
	put(b, o, "more_kernels", truth(b, e->more_kernels));
	put(b, o, "sources", names_json(b, g->atlas, &e->sources, atlas_source));
	put(b, o, "more_sources", truth(b, e->more_sources));
	put(b, o, "stacks", stacks_json(b, g, e));
	put(b, o, "function", text_or_null(b, e->place.function));
	put(b, o, "first_seen_at_boot", truth(b, e->boot));
	put(b, o, "table",
	    e->live    ? text(b, STR("lockdep")) :
	    e->nesting ? text(b, STR("lockdep_chains")) :
			 null(b));
	put(b, o, "natural", truth(b, g->survey->natural[i]));
	put(b, o, "cost", number(b, g->survey->cost[i]));
	put(b, o, "cut", truth(b, g->survey->is_cut[i]));
	put(b, o, "shortest_cycle", c->n ? locks_json(b, g->atlas, c->locks, c->n) : null(b));
	return o;
}

static cJSON *cycle_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_cycle *c = &g->survey->cycles.p[i];
	cJSON *o = object(b);

	put(b, o, "locks", locks_json(b, g->atlas, c->locks, c->n));
	put(b, o, "reports", signatures_json(b, g->atlas, &c->reports));
	return o;
}

static cJSON *witness_json(struct builder *b, const struct graph_view *g, uint32_t edge)
{
	const struct atlas_edge *e = atlas_edge(g->atlas, edge);
	cJSON *o = ends_json(b, g->atlas, edge);

	put(b, o, "function", text_or_null(b, e->place.function));
	put(b, o, "reports", signatures_json(b, g->atlas, &e->reports));
	put(b, o, "kernels", names_json(b, g->atlas, &e->kernels, atlas_kernel));
	return o;
}

static cJSON *prediction_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_prediction *p = &g->survey->predictions.p[i];
	cJSON *o = object(b), *edges = array(b);

	for (uint32_t k = 0; k < p->cycle.n; k++)
		append(b, edges,
		       witness_json(b, g,
				    atlas_edge_find(g->atlas, p->cycle.locks[k],
						    p->cycle.locks[(k + 1) % p->cycle.n])));
	put(b, o, "locks", locks_json(b, g->atlas, p->cycle.locks, p->cycle.n));
	put(b, o, "edges", edges);
	put(b, o, "why", text(b, p->why));
	return o;
}

static cJSON *cut_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_cut *c = &g->survey->cut.p[i];
	cJSON *o = ends_json(b, g->atlas, c->edge);
	char *why = NULL;

	put(b, o, "breaks", number(b, (double)c->breaks));
	put(b, o, "of", number(b, (double)c->of));
	put(b, o, "function", text_or_null(b, c->function));
	put(b, o, "cost", number(b, g->survey->cost[c->edge]));
	put(b, o, "component", number(b, c->component));
	if (asprintf(&why, STR_FMT " " STR_FMT, STR_ARG(c->what), STR_ARG(c->todo)) < 0)
		b->failed = true;
	else
		put(b, o, "why", text(b, str_of(why)));
	free(why);
	return o;
}

static cJSON *component_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_component *c = &g->survey->components.p[i];
	cJSON *o = object(b);

	put(b, o, "locks", number(b, c->locks));
	put(b, o, "edges", number(b, c->edges));
	put(b, o, "cut", number(b, c->cut));
	put(b, o, "cost", number(b, (double)c->cost));
	put(b, o, "bound", number(b, (double)c->bound));
	put(b, o, "exact", truth(b, c->exact));
	return o;
}

static cJSON *cluster_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_cluster *c = &g->survey->clusters.p[i];
	cJSON *o = object(b), *shared = array(b);

	for (uint32_t k = 0; k < c->shared.n; k++)
		append(b, shared, ends_json(b, g->atlas, c->shared.p[k]));
	put(b, o, "reports", signatures_json(b, g->atlas, &c->reports));
	put(b, o, "shared_edges", shared);
	return o;
}

static cJSON *report_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct atlas_report *r = atlas_report(g->atlas, i);
	cJSON *o = object(b);

	put(b, o, "signature", text(b, r->signature));
	put(b, o, "kind", text(b, str_of(kind_name(r->kind))));
	put(b, o, "title", text(b, r->title));
	put(b, o, "source", text(b, r->source));
	put(b, o, "line", number(b, (double)r->line));
	put(b, o, "count", number(b, (double)r->count));
	return o;
}

static cJSON *function_json(struct builder *b, const struct graph_view *g, uint32_t i)
{
	const struct survey_function *f = &g->survey->functions.p[i];
	cJSON *o = object(b);

	put(b, o, "function", text(b, f->name));
	put(b, o, "reports", number(b, (double)f->reports));
	put(b, o, "edges", number(b, (double)f->edges));
	return o;
}

static cJSON *source_item(struct builder *b, const struct graph_view *g, uint32_t i)
{
	return source_json(b, g->sources[i]);
}

static bool sees_lock(const struct graph_view *g, uint32_t i)
{
	return g->seen->lock[i];
}

static bool sees_edge(const struct graph_view *g, uint32_t i)
{
	return g->seen->edge[i];
}

static bool sees_cycle(const struct graph_view *g, uint32_t i)
{
	return selection_has(g->seen, g->atlas, &g->survey->cycles.p[i]);
}

static bool sees_prediction(const struct graph_view *g, uint32_t i)
{
	return selection_has(g->seen, g->atlas, &g->survey->predictions.p[i].cycle);
}

static bool sees_cut(const struct graph_view *g, uint32_t i)
{
	return g->seen->edge[g->survey->cut.p[i].edge];
}

static bool sees_cluster(const struct graph_view *g, uint32_t i)
{
	const struct survey_cluster *c = &g->survey->clusters.p[i];

	for (uint32_t k = 0; k < c->reports.n; k++)
		if (atlas_report(g->atlas, c->reports.p[k])->signature.len)
			return true;
	return false;
}

static bool sees_report(const struct graph_view *g, uint32_t i)
{
	return atlas_report(g->atlas, i)->signature.len && atlas_report(g->atlas, i)->edges.n;
}

static int write_list(FILE *out, const struct graph_view *g, const char *key, size_t n,
		      cJSON *(*item)(struct builder *, const struct graph_view *, uint32_t),
		      bool (*sees)(const struct graph_view *, uint32_t))
{
	bool any = false;
	int err = 0;

	fprintf(out, ",\n\"%s\":[", key);
	for (uint32_t i = 0; !err && i < n; i++) {
		struct builder b = { false };

		if (sees && !sees(g, i))
			continue;
		fputs(any ? ",\n" : "\n", out);
		any = true;
		err = print_item(&b, item(&b, g, i), out);
	}
	fputc(']', out);
	return err;
}

static int json_write(FILE *out, const struct graph_view *g, const struct writer_options *opt)
{
	const struct survey *s = g->survey;
	int err;

	(void)opt;
	fprintf(out, "{\"schema\":%d,\"generator\":{\"name\":\"%s\",\"version\":\"%s\"}", SCHEMA,
		PACKAGE_NAME, PACKAGE_VERSION);
	err = write_list(out, g, "sources", g->n_sources, source_item, NULL);
	if (!err)
		err = write_list(out, g, "reports", atlas_reports(g->atlas), report_json,
				 sees_report);
	if (!err)
		err = write_list(out, g, "locks", atlas_locks(g->atlas), lock_json, sees_lock);
	if (!err)
		err = write_list(out, g, "edges", atlas_edges(g->atlas), edge_json, sees_edge);
	if (!err)
		err = write_list(out, g, "cycles", s->cycles.n, cycle_json, sees_cycle);
	if (!err)
		err = write_list(out, g, "predictions", s->predictions.n, prediction_json,
				 sees_prediction);
	if (!err)
		err = write_list(out, g, "cut", s->cut.n, cut_json, sees_cut);
	if (!err)
		err = write_list(out, g, "components", s->components.n, component_json, NULL);
	if (!err)
		err = write_list(out, g, "clusters", s->clusters.n, cluster_json, sees_cluster);
	if (!err)
		err = write_list(out, g, "hot_functions", s->functions.n, function_json, NULL);
	fprintf(out,
		",\n\"more_cycles\":%s,\"hidden_predictions\":%" PRIu64
		",\"dropped_predictions\":%" PRIu64 "}\n",
		s->more_cycles ? "true" : "false", s->hidden, s->dropped);
	return err;
}

const struct graph_writer graph_writer_json = {
	.name = "json",
	.help = "one document for tools",
	.write = json_write,
};
