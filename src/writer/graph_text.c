/* SPDX-License-Identifier: MIT */
#include <inttypes.h>

#include "clean.h"
#include "graph_writers.h"

/* The tree for people: what to cut, then which reports are about what, then the cycles. */

/* Shown of each list without -v; the rest is counted. */
#define SHOWN_MAX 10

struct text {
	FILE *out;
	const struct graph_view *g;
	bool color, all;
};

static void paint(const struct text *t, const char *code)
{
	if (t->color)
		fputs(code, t->out);
}

static void heading(const struct text *t, const char *word)
{
	paint(t, "\033[1m");
	fprintf(t->out, "\n%s\n", word);
	paint(t, "\033[0m");
}

static void lock(const struct text *t, lock_id i)
{
	clean_print(t->out, atlas_lock(t->g->atlas, i)->name);
}

static void edge(const struct text *t, uint32_t i)
{
	lock(t, atlas_edge(t->g->atlas, i)->from);
	fputs(" -> ", t->out);
	lock(t, atlas_edge(t->g->atlas, i)->to);
}

static void plural(const struct text *t, uint64_t n, const char *one, const char *many)
{
	fprintf(t->out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

/* @return whether one more is shown; says how many are not */
static bool is_shown(const struct text *t, size_t i, size_t n)
{
	if (t->all || i < SHOWN_MAX)
		return true;
	if (i == SHOWN_MAX)
		fprintf(t->out, "  ... and %zu more (-v shows all)\n", n - i);
	return false;
}

static void summary(const struct text *t)
{
	const struct survey *s = t->g->survey;
	uint64_t locks = 0, edges = 0, reports = 0, count = 0;
	bool exact = true;

	for (uint32_t i = 0; i < atlas_locks(t->g->atlas); i++)
		locks += t->g->seen->lock[i];
	for (uint32_t i = 0; i < atlas_edges(t->g->atlas); i++)
		edges += t->g->seen->edge[i];
	for (uint32_t i = 0; i < atlas_reports(t->g->atlas); i++) {
		const struct atlas_report *r = atlas_report(t->g->atlas, i);

		reports += !r->table;
		count += r->table ? 0 : r->count;
	}
	for (size_t i = 0; i < s->components.n; i++)
		exact &= s->components.p[i].exact;
	plural(t, locks, "lock", "locks");
	fputs(", ", t->out);
	plural(t, edges, "edge", "edges");
	fputs("; ", t->out);
	plural(t, count, "report", "reports");
	fprintf(t->out, " (%" PRIu64 " different) in ", reports);
	plural(t, s->clusters.n, "cluster", "clusters");
	fputs("; ", t->out);
	plural(t, s->cycles.n, "cycle", "cycles");
	fputs(" in ", t->out);
	plural(t, s->components.n, "component", "components");
	fputs("; cut: ", t->out);
	plural(t, s->cut.n, "edge", "edges");
	fputs(!s->cut.n || exact ? "\n" : " (not known to be the least)\n", t->out);
	if (s->more_cycles)
		fprintf(t->out, "There are more cycles: the search ended at its limit of %d.\n",
			SURVEY_CYCLES_MAX);
}

/* One edge, who takes it, and where it was seen first. */
static void witnessed(const struct text *t, uint32_t i)
{
	const struct atlas_edge *e = atlas_edge(t->g->atlas, i);

	fputs("  ", t->out);
	edge(t, i);
	if (e->place.function.len) {
		fputs("  in ", t->out);
		clean_print(t->out, e->place.function);
		fputs("()", t->out);
	}
	if (e->reports.n) {
		const struct atlas_report *r = atlas_report(t->g->atlas, e->reports.p[0]);

		fputs("  (", t->out);
		clean_print(t->out, r->source);
		fprintf(t->out, ":%" PRIu64 ")", r->line);
	} else if (e->live) {
		fputs("  (/proc/lockdep)", t->out);
	}
	fputc('\n', t->out);
}

/* Of a piece that was asked for: the order, or each edge. */
static void piece(const struct text *t)
{
	const struct survey_selection *x = t->g->seen;
	bool headed = false;

	if (x->n_path)
		heading(t, "ORDER");
	for (uint32_t i = 0; i < x->n_path; i++)
		witnessed(t, x->path[i]);
	if (!x->limited || x->n_path)
		return;
	for (uint32_t i = 0; i < atlas_edges(t->g->atlas); i++) {
		if (!x->edge[i])
			continue;
		if (!headed)
			heading(t, "EDGES  a -> b: b is taken with a held, or waited for");
		headed = true;
		witnessed(t, i);
	}
}

static void cut(const struct text *t)
{
	const struct survey *s = t->g->survey;

	if (s->cut.n)
		heading(t, "CUT  these edges, and no cycle is left");
	for (size_t i = 0; i < s->cut.n; i++) {
		const struct survey_cut *c = &s->cut.p[i];

		if (!t->g->seen->edge[c->edge])
			continue;
		if (!is_shown(t, i, s->cut.n))
			break;
		fputs("  ", t->out);
		paint(t, "\033[1;31m");
		edge(t, c->edge);
		paint(t, "\033[0m");
		if (c->function.len) {
			fputs("  in ", t->out);
			clean_print(t->out, c->function);
			fputs("()", t->out);
		}
		if (c->breaks)
			fprintf(t->out, "  ends %" PRIu64 " of %" PRIu64 " reports", c->breaks,
				c->of);
		fputs("\n      ", t->out);
		clean_print(t->out, c->what);
		fputc(' ', t->out);
		clean_print(t->out, c->todo);
		fputc('\n', t->out);
	}
	for (size_t i = 0; i < s->components.n; i++) {
		const struct survey_component *c = &s->components.p[i];

		if (!c->exact)
			fprintf(t->out,
				"  component of %" PRIu32 " locks, %" PRIu32
				" edges: the cut costs %" PRIu64 ", the least is %" PRIu64
				" or more\n",
				c->locks, c->edges, c->cost, c->bound);
	}
}

static void report(const struct text *t, report_id i, const char *branch)
{
	const struct atlas_report *r = atlas_report(t->g->atlas, i);

	fprintf(t->out, "  %s ", branch);
	clean_print(t->out, r->signature.len ? r->signature : STR("(not all there) "));
	fputs("  ", t->out);
	clean_print(t->out, r->title);
	fputs("  ", t->out);
	clean_print(t->out, r->source);
	fprintf(t->out, ":%" PRIu64, r->line);
	if (r->count > 1)
		fprintf(t->out, "  %" PRIu64 " times", r->count);
	fputc('\n', t->out);
}

static void clusters(const struct text *t)
{
	const struct survey *s = t->g->survey;

	if (s->clusters.n)
		heading(t, "CLUSTERS  reports that share an edge are related");
	for (size_t i = 0; i < s->clusters.n; i++) {
		const struct survey_cluster *c = &s->clusters.p[i];

		if (!is_shown(t, i, s->clusters.n))
			break;
		fprintf(t->out, "  cluster %zu: ", i + 1);
		plural(t, c->reports.n, "report", "reports");
		fputc('\n', t->out);
		for (uint32_t k = 0; k < c->reports.n; k++) {
			bool last = k + 1 == c->reports.n && !c->shared.n;

			if (!t->all && k >= SHOWN_MAX) {
				fprintf(t->out, "  |- ... and %" PRIu32 " more\n",
					c->reports.n - k);
				break;
			}
			report(t, c->reports.p[k], last ? "`-" : "|-");
		}
		for (uint32_t k = 0; k < c->shared.n; k++) {
			if (!t->all && k >= SHOWN_MAX) {
				fprintf(t->out, "     ... and %" PRIu32 " more\n", c->shared.n - k);
				break;
			}
			fputs(k ? "     " : "  `- share ", t->out);
			if (k)
				fputs("     ", t->out);
			edge(t, c->shared.p[k]);
			fprintf(t->out, "  (%" PRIu32 ")\n",
				atlas_edge(t->g->atlas, c->shared.p[k])->reports.n);
		}
	}
}

static void cycle(const struct text *t, const struct survey_cycle *c)
{
	fputs("  ", t->out);
	for (uint32_t k = 0; k < c->n; k++) {
		lock(t, c->locks[k]);
		fputs(" -> ", t->out);
	}
	lock(t, c->locks[0]);
}

static void cycles(const struct text *t)
{
	const struct survey *s = t->g->survey;
	size_t shown = 0;

	if (s->cycles.n)
		heading(t, "CYCLES  that reports show");
	for (size_t i = 0; i < s->cycles.n; i++) {
		const struct survey_cycle *c = &s->cycles.p[i];

		if (!selection_has(t->g->seen, t->g->atlas, c))
			continue;
		if (!is_shown(t, shown++, s->cycles.n))
			break;
		cycle(t, c);
		fprintf(t->out, "  (%" PRIu32 " report%s)\n", c->reports.n,
			c->reports.n == 1 ? "" : "s");
	}
	shown = 0;
	if (s->predictions.n || s->hidden)
		heading(t, "PREDICTIONS  cycles that no report has shown");
	for (size_t i = 0; i < s->predictions.n; i++) {
		if (!selection_has(t->g->seen, t->g->atlas, &s->predictions.p[i].cycle))
			continue;
		if (!is_shown(t, shown++, s->predictions.n))
			break;
		cycle(t, &s->predictions.p[i].cycle);
		fputs("\n      ", t->out);
		clean_print(t->out, s->predictions.p[i].why);
		fputc('\n', t->out);
	}
	if (s->hidden)
		fprintf(t->out, "  %" PRIu64 " more go through names that say nothing\n",
			s->hidden);
}

static void functions(const struct text *t)
{
	const struct survey *s = t->g->survey;

	if (s->functions.n)
		heading(t, "FUNCTIONS  in the stacks of more than one report");
	for (size_t i = 0; i < s->functions.n; i++) {
		if (!is_shown(t, i, s->functions.n))
			break;
		fputs("  ", t->out);
		clean_print(t->out, s->functions.p[i].name);
		fputs("()  ", t->out);
		plural(t, s->functions.p[i].reports, "report", "reports");
		fputs(", ", t->out);
		plural(t, s->functions.p[i].edges, "edge", "edges");
		fputc('\n', t->out);
	}
}

static int text_write(FILE *out, const struct graph_view *g, const struct writer_options *opt)
{
	struct text t = { out, g, opt->color, opt->verbosity > 0 };

	summary(&t);
	piece(&t);
	cut(&t);
	clusters(&t);
	cycles(&t);
	functions(&t);
	return 0;
}

const struct graph_writer graph_writer_text = {
	.name = "text",
	.help = "for people: cut, clusters, cycles",
	.write = text_write,
};
