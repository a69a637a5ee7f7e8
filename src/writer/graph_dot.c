/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "graph_writers.h"
#include "unsplat/utf8.h"

/*
 * The picture. Without the cut the graph has no cycle, so dot can lay it out in layers: edges
 * of the cut go back up and do not count for the layers. What is in no cycle is folded away, unless
 * the user asked for a piece. Names are only ever quoted strings; ids are numbers.
 */

#define NAME_MAX_SHOWN 44    /* characters of a name on a node; its tooltip has all of them */
#define TOOLTIP_NAME_MAX 400 /* dot takes strings of up to 16384 bytes */
#define LABELS_MAX 40	     /* edges with a label each: more would hide the graph */
#define WIDE_MIN 60	     /* locks from which on the layers go from left to right */
#define TOOLTIP_FRAMES 20

struct picture {
	FILE *out;
	const struct graph_view *g;
	bool *lock;	 /* that are drawn */
	uint32_t *group; /* per lock: id of its box; UINT32_MAX: none */
	struct str *groups;
	uint32_t n_groups, n_locks, n_edges, n_cut;
	struct arena *mem;
};

/* Which part of the kernel a lock belongs to, as its name tells it. */
static const struct {
	const char *prefix, *part;
} parts[] = {
	{ "&mm->", "memory" },
	{ "fs_reclaim", "memory" },
	{ "&mapping->", "memory" },
	{ "mapping.", "memory" },
	{ "&anon_vma", "memory" },
	{ "ptlock_ptr", "memory" },
	{ "pcpu_", "memory" },
	{ "slab_mutex", "memory" },
	{ "shrinker_", "memory" },
	{ "&vma", "memory" },
	{ "mmu_notifier", "memory" },
	{ "&zone->", "memory" },
	{ "cpu_hotplug", "cpu hotplug" },
	{ "cpuhp_", "cpu hotplug" },
	{ "cpu_add_remove", "cpu hotplug" },
	{ "rtnl_mutex", "network" },
	{ "pernet_ops", "network" },
	{ "sk_lock-", "network" },
	{ "slock-", "network" },
	{ "k-sk_lock-", "network" },
	{ "k-slock-", "network" },
	{ "genl_mutex", "network" },
	{ "cb_lock", "network" },
	{ "&rdev->wiphy", "network" },
	{ "sb_", "file systems" },
	{ "&sb->", "file systems" },
	{ "&type->", "file systems" },
	{ "&inode->", "file systems" },
	{ "jbd2_", "file systems" },
	{ "&p->lock", "file systems" },
	{ "&dentry", "file systems" },
	{ "kn->active", "kernfs" },
	{ "&of->mutex", "kernfs" },
	{ "kernfs_", "kernfs" },
	{ "&root->kernfs", "kernfs" },
	{ "(wq_completion)", "work" },
	{ "(work_completion)", "work" },
	{ "wq_pool", "work" },
	{ "&pool->lock", "work" },
	{ "rcu_", "rcu" },
	{ "&rcu", "rcu" },
	{ "srcu", "rcu" },
	{ "console_", "console" },
	{ "(console_sem)", "console" },
	{ "&port", "console" },
	{ "&rq->", "scheduler" },
	{ "&p->pi_lock", "scheduler" },
	{ "tasklist_lock", "scheduler" },
	{ "&sighand", "scheduler" },
	{ "cgroup_", "cgroup" },
	{ "cpuset_", "cgroup" },
	{ "&q->", "block" },
	{ "&disk->", "block" },
	{ "&lo->", "block" },
	{ "reservation_ww", "graphics" },
	{ "dma_fence", "graphics" },
};

/* The module that took it, else what its name tells. */
static struct str part_of(const struct picture *p, lock_id i)
{
	const struct atlas *a = p->g->atlas;
	struct str base = atlas_lock(a, i)->base, best = { NULL, 0 };
	uint64_t most = 0;

	for (size_t k = 0; k < ARRAY_SIZE(parts); k++)
		if (str_starts(base, str_of(parts[k].prefix)))
			return str_of(parts[k].part);
	for (uint32_t e = 0; e < atlas_edges(a); e++) {
		const struct atlas_edge *x = atlas_edge(a, e);

		if (x->to == i && x->place.module.len && x->count > most) {
			best = x->place.module;
			most = x->count;
		}
	}
	return best;
}

static int find_groups(struct picture *p)
{
	uint32_t n = atlas_locks(p->g->atlas), *size;

	p->group = arena_alloc(p->mem, (n + 1) * sizeof(*p->group));
	p->groups = arena_alloc(p->mem, (n + 1) * sizeof(*p->groups));
	size = arena_alloc(p->mem, (n + 1) * sizeof(*size));
	if (!p->group || !p->groups || !size)
		return -ENOMEM;
	for (lock_id i = 0; i < n; i++) {
		struct str part = p->lock[i] ? part_of(p, i) : STR("");
		uint32_t k = 0;

		p->group[i] = UINT32_MAX;
		if (!part.len)
			continue;
		while (k < p->n_groups && !str_eq(p->groups[k], part))
			k++;
		if (k == p->n_groups)
			p->groups[p->n_groups++] = part;
		p->group[i] = k;
		size[k]++;
	}
	for (lock_id i = 0; i < n; i++) /* a box around one lock says nothing */
		if (p->group[i] != UINT32_MAX && size[p->group[i]] < 2)
			p->group[i] = UINT32_MAX;
	return 0;
}

/* Inside quotes, dot knows \" and, in labels, escapes such as \N: both begin with a backslash. */
static int quoted(struct picture *p, struct str s, size_t limit)
{
	struct str clean;
	size_t shown = 0, all = 0;

	if (clean_str(p->mem, s, &clean) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < clean.len; i++)
		all += ((unsigned char)clean.p[i] & 0xc0) != 0x80;
	for (size_t i = 0; i < clean.len; i++) {
		bool first = ((unsigned char)clean.p[i] & 0xc0) != 0x80;

		shown += first;
		if (limit && all > limit && shown > limit / 2 &&
		    shown <= all - (limit - limit / 2)) {
			if (first && shown == limit / 2 + 1)
				fputs("...", p->out);
			continue;
		}
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			fputc('\\', p->out);
		fputc(clean.p[i], p->out);
	}
	return 0;
}

static int draw_lock(struct picture *p, lock_id i)
{
	const struct atlas_lock *l = atlas_lock(p->g->atlas, i);
	int err;

	fprintf(p->out, "  n%" PRIu32 " [label=\"", i);
	err = quoted(p, l->name, NAME_MAX_SHOWN);
	if (l->stat.contentions)
		fprintf(p->out, "\\ncontended %" PRIu64 " times", l->stat.contentions);
	fputs("\", tooltip=\"", p->out);
	if (!err)
		err = quoted(p, l->name, TOOLTIP_NAME_MAX);
	fprintf(p->out, "\\n%" PRIu64 " report%s\"", l->reports, l->reports == 1 ? "" : "s");
	if (l->anonymous)
		fputs(", fontcolor=gray40", p->out);
	if (l->live && !l->reports)
		fputs(", fillcolor=white", p->out);
	if (l->stat.contentions)
		fprintf(p->out, ", penwidth=%.1f",
			1 + fmin(5, log2(1 + (double)l->stat.contentions) / 3));
	fputs("];\n", p->out);
	return err;
}

static int draw_boxes(struct picture *p)
{
	uint32_t n = atlas_locks(p->g->atlas);
	int err = 0;

	for (uint32_t k = 0; !err && k < p->n_groups; k++) {
		bool open = false;

		for (lock_id i = 0; !err && i < n; i++) {
			if (!p->lock[i] || p->group[i] != k)
				continue;
			if (!open) {
				fprintf(p->out, " subgraph cluster_%" PRIu32 " {\n  label=\"", k);
				err = quoted(p, p->groups[k], NAME_MAX_SHOWN);
				fputs("\";\n", p->out);
				open = true;
			}
			if (!err)
				err = draw_lock(p, i);
		}
		if (open)
			fputs(" }\n", p->out);
	}
	for (lock_id i = 0; !err && i < n; i++)
		if (p->lock[i] && p->group[i] == UINT32_MAX)
			err = draw_lock(p, i);
	return err;
}

static const struct survey_cut *cut_of(const struct picture *p, uint32_t edge)
{
	const struct survey *s = p->g->survey;

	for (size_t i = 0; s->is_cut[edge] && i < s->cut.n; i++)
		if (s->cut.p[i].edge == edge)
			return &s->cut.p[i];
	return NULL;
}

/* Where it was seen: the reports, then the stack, innermost function first. */
static int tooltip(struct picture *p, const struct atlas_edge *e)
{
	const struct atlas *a = p->g->atlas;
	int err = quoted(p, atlas_lock(a, e->from)->name, TOOLTIP_NAME_MAX);

	fputs(" -> ", p->out);
	if (!err)
		err = quoted(p, atlas_lock(a, e->to)->name, TOOLTIP_NAME_MAX);
	fprintf(p->out, "\\nseen %" PRIu64 " time%s in %" PRIu32 " report%s", e->count,
		e->count == 1 ? "" : "s", e->reports.n, e->reports.n == 1 ? "" : "s");
	if (!err && e->reports.n) {
		const struct atlas_report *r = atlas_report(a, e->reports.p[0]);

		fputs(", first in ", p->out);
		err = quoted(p, r->source, TOOLTIP_NAME_MAX);
		fprintf(p->out, ":%" PRIu64, r->line);
	}
	for (uint32_t i = 0; !err && e->n_stacks && i < e->stacks[0].n && i < TOOLTIP_FRAMES; i++) {
		fputs(i ? " < " : "\\n", p->out);
		err = quoted(p, atlas_word(a, e->stacks[0].frames[i].function), TOOLTIP_NAME_MAX);
	}
	return err;
}

static int draw_edge(struct picture *p, uint32_t i)
{
	const struct atlas_edge *e = atlas_edge(p->g->atlas, i);
	const struct survey_cut *cut = cut_of(p, i);
	struct str function = cut && cut->function.len ? cut->function : e->place.function;
	double width = 1 + fmin(5, log2((double)(e->count ? e->count : 1)) * 0.8);
	int err = 0;

	fprintf(p->out, "  n%" PRIu32 " -> n%" PRIu32 " [", e->from, e->to);
	if (p->n_edges <= LABELS_MAX || (cut && p->n_cut <= LABELS_MAX)) {
		fputs(cut ? "label=\" cut: " : "label=\" ", p->out);
		err = quoted(p, function, NAME_MAX_SHOWN);
		fputs(function.len ? "() " : " ", p->out);
		if (cut && cut->breaks)
			fprintf(p->out, "\\n ends %" PRIu64 " of %" PRIu64 " reports ", cut->breaks,
				cut->of);
		fputs("\", ", p->out);
	}
	if (!err) {
		fputs("tooltip=\"", p->out);
		err = tooltip(p, e);
		fputs("\", ", p->out);
	}
	if (cut)
		fprintf(p->out,
			"color=red3, fontcolor=red3, fontsize=12, constraint=false, penwidth=%.1f",
			fmax(p->n_cut <= LABELS_MAX ? 3 : 1.6, width));
	else if (p->g->survey->component[e->from] == UINT32_MAX ||
		 p->g->survey->component[e->from] != p->g->survey->component[e->to])
		fprintf(p->out, "color=gray70, penwidth=%.1f", width);
	else
		fprintf(p->out, "penwidth=%.1f", width);
	if (e->nesting || e->derived)
		fputs(", style=dotted", p->out);
	else if (e->relation != RELATION_HELD)
		fputs(", style=dashed", p->out);
	fputs("];\n", p->out);
	return err;
}

/* HTML of our own: nothing of a log is in it. */
static void draw_legend(struct picture *p)
{
	const struct atlas *a = p->g->atlas;
	uint64_t locks = 0, edges = 0;

	for (lock_id i = 0; i < atlas_locks(a); i++)
		locks += !p->lock[i];
	for (uint32_t i = 0; i < atlas_edges(a); i++)
		edges += !p->lock[atlas_edge(a, i)->from] || !p->lock[atlas_edge(a, i)->to];
	fprintf(p->out,
		"  legend [shape=plain, style=\"\", tooltip=\"legend\", fontsize=%d, label=<\n"
		"   <table border=\"0\" cellborder=\"0\" cellspacing=\"1\" bgcolor=\"gray98\">\n"
		"   <tr><td colspan=\"2\" align=\"left\"><b>a &#8594; b: b is taken with a held"
		"</b></td></tr>\n"
		"   <tr><td><font color=\"red3\"><b>&#9473;&#9473;&#9654;</b></font></td>"
		"<td align=\"left\">cut these, and no cycle is left</td></tr>\n"
		"   <tr><td>&#9473;&#9473;&#9654;</td>"
		"<td align=\"left\">the thicker, the more often it was seen</td></tr>\n"
		"   <tr><td>&#9476;&#9476;&#9654;</td>"
		"<td align=\"left\">dashed: waits for it, or runs there</td></tr>\n"
		"   <tr><td>&#183;&#183;&#183;&#9654;</td>"
		"<td align=\"left\">dotted: known from lists of held locks only</td></tr>\n",
		p->n_locks >= WIDE_MIN ? 28 : 11);
	if (locks || edges)
		fprintf(p->out,
			"   <tr><td colspan=\"2\" align=\"left\">not drawn: %" PRIu64
			" locks and %" PRIu64 " edges%s</td></tr>\n",
			locks, edges, p->g->seen->limited ? "" : " in no cycle (-v draws all)");
	if (p->g->survey->more_cycles)
		fputs("   <tr><td colspan=\"2\" align=\"left\">there are more cycles than were "
		      "listed</td></tr>\n",
		      p->out);
	fputs("   </table>>];\n", p->out);
}

static void draw_head(const struct picture *p)
{
	bool wide = p->n_locks >= WIDE_MIN;

	fprintf(p->out,
		"digraph unsplat {\n"
		"  graph [rankdir=%s, fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, "
		"nodesep=%s, ranksep=%s, color=gray80, fontcolor=gray40, style=\"rounded\", "
		"labeljust=l, remincross=true, outputorder=edgesfirst];\n"
		"  node [shape=box, style=\"rounded,filled\", fillcolor=gray96, color=gray40, "
		"fontname=\"Helvetica,Arial,sans-serif\", fontsize=12, height=0.3, "
		"margin=\"0.1,0.04\"];\n"
		"  edge [color=gray35, fontcolor=gray25, fontname=\"Helvetica,Arial,sans-serif\", "
		"fontsize=10, arrowsize=0.8];\n",
		wide ? "LR" : "TB", wide ? "0.12" : "0.35", wide ? "0.7" : "0.5");
}

static int draw(struct picture *p)
{
	const struct atlas *a = p->g->atlas;
	int err;

	draw_head(p);
	err = draw_boxes(p);
	for (uint32_t i = 0; !err && i < atlas_edges(a); i++)
		if (p->g->seen->edge[i] && p->lock[atlas_edge(a, i)->from] &&
		    p->lock[atlas_edge(a, i)->to])
			err = draw_edge(p, i);
	draw_legend(p);
	fputs("}\n", p->out);
	return err;
}

static int dot_write(FILE *out, const struct graph_view *g, const struct writer_options *opt)
{
	struct picture p = { .out = out, .g = g, .mem = arena_new() };
	bool all = g->seen->limited || opt->verbosity > 0;
	int err;

	p.lock = p.mem ? arena_alloc(p.mem, (size_t)atlas_locks(g->atlas) + 1) : NULL;
	for (lock_id i = 0; p.lock && i < atlas_locks(g->atlas); i++) {
		p.lock[i] = g->seen->lock[i] && (all || g->survey->component[i] != UINT32_MAX);
		p.n_locks += p.lock[i];
	}
	for (uint32_t i = 0; p.lock && i < atlas_edges(g->atlas); i++)
		p.n_edges += g->seen->edge[i] && p.lock[atlas_edge(g->atlas, i)->from] &&
			     p.lock[atlas_edge(g->atlas, i)->to];
	for (size_t i = 0; p.lock && i < g->survey->cut.n; i++)
		p.n_cut += g->seen->edge[g->survey->cut.p[i].edge];
	err = p.lock ? find_groups(&p) : -ENOMEM;
	if (!err)
		err = draw(&p);
	arena_free(p.mem);
	return err;
}

const struct graph_writer graph_writer_dot = {
	.name = "dot",
	.help = "a picture for dot, the cut in red",
	.write = dot_write,
};
