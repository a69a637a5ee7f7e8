/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "outputs.h"
#include "unsplat/analysis.h"
#include "unsplat/line.h"
#include "unsplat/splat.h"
#include "unsplat/writer.h"

/*
 * Bytes -> reports -> verdicts -> every format. Beside not crashing: what a report says of itself
 * holds, and nothing that a format must not have gets out.
 */

/* More make no new paths, only slow runs. */
#define REPORTS_MAX 24

struct batch {
	struct analyst *analyst;
	struct source src;
	struct report *reports[REPORTS_MAX];
	struct verdict *verdicts[REPORTS_MAX];
	size_t n;
};

static void check_report(const struct report *r, const struct source *src)
{
	MUST(r->line && r->line <= r->end_line);
	MUST(r->boot < src->n_boots && r->count == 1);
	MUST(r->complete || r->problems.n);
	MUST(!r->has_acquiring || r->acquiring.line);
	for (size_t i = 0; i < r->chain.n; i++) {
		MUST(!i || r->chain.p[i - 1].index < r->chain.p[i].index);
		MUST(r->chain.p[i].line >= r->line && r->chain.p[i].line <= r->end_line);
	}
	for (size_t i = 0; i < r->problems.n; i++)
		MUST(r->problems.p[i].kind && r->problems.p[i].text.len);
}

/* No edge is guessed: its ends stand in the report, one after the other. */
static void check_edge(const struct report *r, const struct dependency *d)
{
	const struct chain_entry *e = NULL, *before = NULL;

	MUST(d->frames && d->from.len && d->to.len);
	if (d->derived) {
		MUST((size_t)d->held < r->held_locks.n);
		MUST(str_eq(d->from, r->held_locks.p[d->held].lock.name));
		MUST(str_eq(d->to, report_wanted(r)));
		return;
	}
	if (r->kind != KIND_CIRCULAR)
		return;
	for (size_t i = 0; i < r->chain.n; i++) {
		if ((int64_t)r->chain.p[i].index == d->index - 1)
			before = &r->chain.p[i];
		if ((int64_t)r->chain.p[i].index == d->index)
			e = &r->chain.p[i];
	}
	MUST(e && str_eq(d->to, e->lock.name) && d->frames == &e->frames);
	MUST(d->index == 0 || !before || str_eq(d->from, before->lock.name));
	MUST(before || (d->index == 1 && str_eq(d->from, r->acquiring.name)) ||
	     (d->index == 0 &&
	      (str_eq(d->from, r->holding.name) || str_ends(r->exists, d->from) ||
	       (r->chain_line && str_eq(d->from, r->chain.p[r->chain.n - 1].lock.name)))));
}

static void check_verdict(const struct report *r, const struct verdict *v)
{
	double sum = 0;

	MUST(v->title.len && v->n_chain_edges <= v->edges.n);
	MUST(!v->signature.len || v->signature.len == 16);
	for (size_t i = 0; i < v->edges.n; i++)
		check_edge(r, &v->edges.p[i]);
	for (size_t i = 0; i < v->suggestions.n; i++) {
		const struct suggestion *s = &v->suggestions.p[i];

		MUST(s->rank == i + 1 && s->edge && s->pattern && s->remedy && s->held.len);
		MUST(!i || s[-1].score >= s->score);
		sum += s->score;
	}
	MUST(sum <= 1.5); /* each is rounded to two digits */
}

static void read_batch(struct batch *b, struct str data)
{
	struct input *in = input_from_memory(data);
	struct line_reader *lines = in ? line_reader_new(in) : NULL;
	struct splat_reader *splats = lines ? splat_reader_new(lines, &b->src) : NULL;
	struct report *r;
	uint64_t last = 0;
	int n;

	MUST(splats);
	while ((n = splat_next(splats, &r)) > 0) {
		check_report(r, &b->src);
		MUST(r->line >= last); /* a line of a page may hold several */
		last = r->line; /* one may end inside another, of another processor */
		MUST(r->end_line <= line_count(lines));
		if (b->n == REPORTS_MAX) {
			report_free(r);
			continue;
		}
		b->reports[b->n] = r;
		MUST(verdict_make(b->analyst, r, &b->verdicts[b->n]) == 0);
		check_verdict(r, b->verdicts[b->n++]);
	}
	MUST(n == 0);
	MUST(b->src.bytes == data.len);
	splat_reader_free(splats);
	line_reader_free(lines);
	input_free(in);
}

static void check_output(const struct writer *w, struct str text, const struct writer_options *opt)
{
	if (!strcmp(w->name, "json") || !strcmp(w->name, "jsonl"))
		must_be_json(text);
	else
		must_be_clean(text, opt->color && !strcmp(w->name, "text"), !strcmp(w->name, "dot"));
	if (!strcmp(w->name, "diagram"))
		must_be_diagram(text, opt->width);
}

static void write_as(const struct batch *b, const struct writer *w,
		     const struct writer_options *opt)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	void *state = NULL;
	int err = 0;

	MUST(out);
	if (w->begin)
		err = w->begin(&state, out, opt);
	for (size_t i = 0; !err && w->report && i < b->n; i++)
		err = w->report(state, out, b->reports[i], b->verdicts[i], &b->src);
	if (!err && w->source)
		err = w->source(state, out, &b->src);
	if (!err && w->end)
		err = w->end(state, out);
	MUST(!err);
	if (w->free)
		w->free(state);
	MUST(fclose(out) == 0);
	check_output(w, (struct str){ text, len }, opt);
	free(text);
}

static struct analyst *analyst; /* compiled once; the process ends with it */

static void analyst_done(void)
{
	analyst_free(analyst);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int widths[] = { 40, 72, 80, 200 };
	struct writer_options opt = { .width = widths[size % ARRAY_SIZE(widths)],
				      .color = size & 4,
				      .verbosity = size & 8 ? 1 : 0 };
	struct batch b = { 0 };
	const struct writer *w;

	if (!analyst) {
		analyst = analyst_new(NULL);
		MUST(analyst);
		atexit(analyst_done);
	}
	b.analyst = analyst;
	b.src.name = strdup("fuzz \x1b[31m\xff name"); /* names of files are anything, too */
	MUST(b.src.name);
	read_batch(&b, (struct str){ (const char *)data, size });
	for (size_t i = 0; (w = writer_at(i)); i++)
		write_as(&b, w, &opt);
	for (size_t i = 0; i < b.n; i++)
		report_free(b.reports[i]);
	source_done(&b.src);
	return 0;
}
