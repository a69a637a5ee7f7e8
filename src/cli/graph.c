/* SPDX-License-Identifier: MIT */
#include "graph.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gather.h"
#include "say.h"
#include "unsplat/line.h"
#include "unsplat/proc.h"
#include "unsplat/saved.h"
#include "unsplat/splat.h"
#include "unsplat/survey.h"
#include "unsplat/table.h"

/* Lines of a source that were counted last: what comes again is a repetition. */
#define RECENT_MAX 16
#define HEAD_BYTES 1024

/* A source that was met; a repeated one, of a task that ran twice, counts once. */
struct met {
	struct source src;
	uint64_t input;	  /* number of the input that brought it first */
	uint64_t *recent; /* ascending */
	uint32_t n_recent;
	bool told; /* src is filled in */
};

struct run {
	const struct options *o;
	struct analyst *analyst;
	struct atlas *atlas;
	struct arena *mem;
	struct intern *names; /* of sources */
	struct met *met;
	size_t n_met, cap_met;
	uint64_t inputs, reports;
	bool unreadable;
};

static int meet(struct run *run, struct str name, struct met **ret)
{
	uint32_t id;

	if (intern_add(run->names, name, &id))
		return -ENOMEM;
	if (id == run->n_met) {
		if (run->n_met == run->cap_met) {
			size_t more = run->cap_met ? run->cap_met * 2 : 64;
			struct met *bigger = reallocarray(run->met, more, sizeof(*bigger));

			if (!bigger)
				return -ENOMEM;
			run->met = bigger;
			run->cap_met = more;
		}
		run->met[run->n_met++] = (struct met){ .input = run->inputs };
	}
	*ret = &run->met[id];
	return 0;
}

/*
 * Whether a report at @p line was counted before: reports of a source come in the order of their
 * lines, or nearly so when two of them are mixed.
 */
static int is_repeated(struct met *m, uint64_t line)
{
	uint64_t *bigger;
	uint32_t at = m->n_recent;

	while (at && m->recent[at - 1] > line)
		at--;
	if (at && m->recent[at - 1] == line)
		return 1;
	if (!at && m->n_recent == RECENT_MAX)
		return 1;
	if (m->n_recent == RECENT_MAX) {
		memmove(m->recent, m->recent + 1, (at - 1) * sizeof(*m->recent));
		m->recent[at - 1] = line;
		return 0;
	}
	if (!(m->n_recent & (m->n_recent - 1))) {
		bigger =
			reallocarray(m->recent, m->n_recent ? m->n_recent * 2 : 1, sizeof(*bigger));
		if (!bigger)
			return -ENOMEM;
		m->recent = bigger;
	}
	memmove(m->recent + at + 1, m->recent + at, (m->n_recent - at) * sizeof(*m->recent));
	m->recent[at] = line;
	m->n_recent++;
	return 0;
}

static bool is_wanted(const struct run *run, const struct report *r)
{
	return !run->o->kinds || run->o->kinds & UINT32_C(1) << r->kind;
}

static int read_log(struct run *run, struct input *in, struct source *src)
{
	struct line_reader *lines = line_reader_new(in);
	struct splat_reader *splats = lines ? splat_reader_new(lines, src) : NULL;
	int n = splats ? 1 : -ENOMEM, err = 0;

	while (n > 0 && !err) {
		struct report *r = NULL;
		struct verdict *v;
		struct sighting s;

		n = splat_next(splats, &r);
		if (n > 0 && is_wanted(run, r)) {
			run->reports++;
			err = verdict_make(run->analyst, r, &v);
			if (!err) {
				sighting_make(r, v, &s);
				err = atlas_add(run->atlas, &s);
			}
		}
		if (n > 0)
			report_free(r);
	}
	splat_reader_free(splats);
	line_reader_free(lines);
	for (size_t i = 0; i < src->n_notes && !run->o->quiet; i++)
		if (src->notes[i].loss)
			say("%s:%" PRIu64 ": %s", src->name, src->notes[i].line,
			    src->notes[i].text);
	return err ? err : n;
}

static int take_saved_report(struct run *run, const struct saved_item *item)
{
	struct saved_report saved;
	struct sighting s;
	struct met *m;
	int err = meet(run, item->source, &m);

	if (!err)
		err = is_repeated(m, item->line);
	if (err)
		return err < 0 ? err : 0;
	err = saved_restore(item, &saved);
	if (err)
		return err;
	if (is_wanted(run, saved.r)) {
		run->reports++;
		err = sighting_restore(saved.r, saved.signature, saved.title, &saved.derived, &s);
		if (!err)
			err = atlas_add(run->atlas, &s);
	}
	report_free(saved.r);
	return err;
}

static int take_saved_source(struct run *run, const struct saved_item *item)
{
	struct met *m;
	int err = meet(run, item->source, &m);

	if (err || m->told)
		return err;
	err = saved_source(item, run->mem, &m->src);
	m->told = !err;
	return err;
}

static int read_saved(struct run *run, struct input *in, const char *name)
{
	struct saved_reader *reader = saved_reader_new(in);
	int n = reader ? 1 : -ENOMEM;
	bool said = false;

	while (n > 0 || n == -EBADMSG) {
		struct saved_item item;

		n = saved_next(reader, &item);
		if (n > 0) {
			int err = item.is_source ? take_saved_source(run, &item) :
						   take_saved_report(run, &item);

			n = err ? err : 1;
		}
		if (n == -EBADMSG && !said) {
			say("%s:%" PRIu64 ": no output of unsplat report -f jsonl", name,
			    saved_line(reader));
			run->unreadable = said = true;
		}
	}
	if (n == -EPIPE) {
		say("%s:%" PRIu64 ": ends in the middle of a report", name, saved_line(reader));
		run->unreadable = true;
		n = 0;
	}
	saved_reader_free(reader);
	return n;
}

/* A table is one witness, like a report: its names are names of one boot. */
static int take_tables(struct run *run, const struct proc_tables *t, const char *name)
{
	struct report *r = arena_alloc(t->mem, sizeof(*r));
	struct sighting s = { .r = r, .locks = t->classes.p, .n_locks = t->classes.n };
	int err = 0;

	if (!r)
		return -ENOMEM;
	*r = (struct report){ .mem = t->mem, .kind = KIND_OTHER, .source = name, .count = 1 };
	s.edges = t->edges;
	s.table = true;
	if (t->classes.n)
		err = atlas_add(run->atlas, &s);
	s.edges = t->nestings;
	s.table = false;
	s.nesting = true;
	if (!err && t->nestings.n)
		err = atlas_add(run->atlas, &s);
	for (size_t i = 0; !err && i < t->stats.n; i++)
		err = atlas_add_stat(run->atlas, t->stats.p[i].name, t->stats.p[i].contentions,
				     t->stats.p[i].acquisitions, t->stats.p[i].wait_us);
	return err;
}

static int read_tables(struct run *run, struct input *in, struct source *src)
{
	struct proc_tables t;
	int err = proc_read(in, &t), took = t.mem ? take_tables(run, &t, src->name) : 0;

	src->bytes = t.bytes;
	src->lines = t.lines;
	if (t.full)
		say("%s: too long for a table of the kernel: the rest was left out", src->name);
	if (t.odd && !run->o->quiet)
		say("%s: %" PRIu64 " line%s of no table", src->name, t.odd, t.odd == 1 ? "" : "s");
	proc_tables_done(&t);
	return err ? err : took;
}

static int read_named(struct run *run, struct input *in, const char *name, struct str head)
{
	struct source src = { .name = strdup(name) };
	struct met *m;
	int err = src.name ? 0 : -ENOMEM;

	if (!err)
		err = proc_is(head) ? read_tables(run, in, &src) : read_log(run, in, &src);
	if (err && err != -ENOMEM) {
		run->unreadable = true;
		src.error = strdup(input_strerror(err));
		say("%s: %s; what came before line %" PRIu64 " is in the graph", name,
		    input_strerror(err), src.lines + 1);
		err = 0;
	}
	if (!err)
		err = meet(run, str_of(name), &m);
	if (err || m->told) {
		source_done(&src);
		return err;
	}
	m->src = src;
	m->told = true;
	return 0;
}

static int read_input(void *ctx, struct input *in, const char *name, int open_err)
{
	struct run *run = ctx;
	struct str head;
	struct met *m;
	int err;

	run->inputs++;
	if (open_err) {
		run->unreadable = true;
		say("%s: %s", name, input_strerror(open_err));
		return 0;
	}
	err = input_peek(in, HEAD_BYTES, &head);
	if (err && err != -ENOMEM) {
		run->unreadable = true;
		say("%s: %s", name, input_strerror(err));
		return 0;
	}
	if (!err && saved_is(head)) {
		err = read_saved(run, in, name);
		if (err && err != -ENOMEM) {
			run->unreadable = true;
			say("%s: %s", name, input_strerror(err));
			err = 0;
		}
		return err;
	}
	if (!err)
		err = meet(run, str_of(name), &m);
	if (!err && m->input != run->inputs) /* it was read already */
		return 0;
	return err ? err : read_named(run, in, name, head);
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct source *const *)a)->name,
		      (*(const struct source *const *)b)->name);
}

static int write_graph(void *ctx, FILE *out)
{
	struct run *run = ctx;
	const struct options *o = run->o;
	struct survey_selection seen;
	const struct source **sources = calloc(run->n_met + 1, sizeof(*sources));
	struct graph_view view = { .atlas = run->atlas, .seen = &seen };
	const char *no_color = getenv("NO_COLOR");
	struct writer_options opt = {
		.verbosity = o->verbosity,
		.color = o->color == WHEN_ALWAYS ||
			 (o->color == WHEN_AUTO && out == stdout && isatty(STDOUT_FILENO) &&
			  !(no_color && *no_color)),
	};
	struct survey *survey;
	int err = sources ? atlas_finish(run->atlas) : -ENOMEM;

	if (!err)
		err = survey_make(run->analyst, run->atlas, run->mem, &survey);
	if (!err)
		err = survey_select(run->atlas, survey, &o->query, run->mem, &seen);
	if (!err && (seen.unknown || seen.bad_regex)) {
		if (seen.unknown)
			say("no lock is called '%s'", seen.unknown);
		else
			say("--lock: '%s' is no regular expression", seen.bad_regex);
		err = -EINVAL;
	}
	if (!err && o->query.from && !seen.n_path && !o->quiet)
		say("no order from %s to %s", o->query.from, o->query.to);
	if (!err) {
		view.survey = survey;
		for (size_t i = 0; i < run->n_met; i++)
			if (run->met[i].told)
				sources[view.n_sources++] = &run->met[i].src;
		if (view.n_sources)
			qsort(sources, view.n_sources, sizeof(*sources), by_name);
		view.sources = sources;
		err = o->graph_writer->write(out, &view, &opt);
	}
	free(sources);
	return err;
}

static int run_init(void *ctx)
{
	struct run *run = ctx;
	struct atlas_options opt = { .keep_class_index = run->o->keep_class_index };

	run->analyst = analyst_new(run->o->patterns);
	run->mem = arena_new();
	run->names = intern_new();
	if (!run->analyst || !run->mem || !run->names)
		return -ENOMEM;
	survey_options(run->analyst, &opt);
	run->atlas = atlas_new(&opt);
	return run->atlas ? 0 : -ENOMEM;
}

static void run_done(struct run *run)
{
	for (size_t i = 0; i < run->n_met; i++) {
		if (run->met[i].told)
			source_done(&run->met[i].src);
		free(run->met[i].recent);
	}
	free(run->met);
	intern_free(run->names);
	atlas_free(run->atlas);
	arena_free(run->mem);
	analyst_free(run->analyst);
}

int graph_run(const struct options *o)
{
	static const struct gathering gathering = { run_init, read_input, write_graph };
	struct run run = { .o = o };
	int status = gather_run(o, &gathering, &run);

	run_done(&run);
	if (status || run.unreadable)
		return 2;
	return o->exit_code && run.reports ? 1 : 0;
}
