/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "attendant.h"
#include "output.h"
#include "reading.h"
#include "say.h"
#include "unsplat/line.h"
#include "unsplat/survey.h"

#define WIDTH_TEXT 80
#define WIDTH_DIAGRAM 72

/* A report that waits for the end, because others like it may still come. */
struct kept {
	struct report *r;
	struct verdict *v;
	const struct source *src;
};

struct run {
	const struct options *o;
	struct input_watch watch;
	struct attendant *attendant; /* held while anything is written */
	struct output out;
	void *writer; /* its state */
	struct kept *kept;
	size_t n_kept, cap_kept;
	void *signatures; /* tsearch() tree of struct report by signature */
	struct source **sources;
	size_t n_sources, cap_sources;
	uint64_t reports, lines, inputs;
	bool unreadable; /* some input could not be read */
};

/* The same bug: same signature. Reports without one are kept apart. */
struct signed_report {
	struct str signature;
	struct report *r;
};

static int by_signature(const void *a, const void *b)
{
	return str_cmp(((const struct signed_report *)a)->signature,
		       ((const struct signed_report *)b)->signature);
}

static int grow(void **array, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap ? *cap * 2 : 16;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = reallocarray(*array, more, size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*cap = more;
	return 0;
}

static bool keeps_reports(const struct run *run)
{
	return !run->o->all && !run->o->writer->every_occurrence;
}

static int write_report(struct run *run, const struct kept *k)
{
	const struct writer *w = run->o->writer;

	return w->report ? w->report(run->writer, run->out.stream, k->r, k->v, k->src) : 0;
}

/* @return 1 when it was counted to one that is kept, 0 when it is the first of its kind, -ENOMEM */
static int count_repeated(struct run *run, const struct kept *k)
{
	struct signed_report *s, **hit;

	if (!k->v->signature.len)
		return 0;
	s = arena_alloc(k->r->mem, sizeof(*s));
	if (!s)
		return -ENOMEM;
	*s = (struct signed_report){ k->v->signature, k->r };
	hit = tsearch(s, &run->signatures, by_signature);
	if (!hit)
		return -ENOMEM;
	if (*hit == s)
		return 0;
	(*hit)->r->count += k->r->count;
	return 1;
}

static int take_report(struct run *run, struct finding *f)
{
	struct kept k = { f->report, f->verdict, f->source };
	int err;

	run->reports++;
	if (keeps_reports(run)) {
		err = grow((void **)&run->kept, &run->cap_kept, run->n_kept, sizeof(*run->kept));
		if (!err)
			err = count_repeated(run, &k);
		if (!err)
			err = verdict_finish(f->analyst, k.r, k.v);
		if (!err) {
			run->kept[run->n_kept++] = k;
			return 0;
		}
	} else {
		k.src = f->so_far;
		err = write_report(run, &k);
	}
	report_free(f->report);
	return err < 0 ? err : 0;
}

/* "limit", "long-line" and the like: what was met and what was done about it. */
static void say_notes(const struct run *run, const struct source *src)
{
	for (size_t i = 0; i < src->n_notes && !run->o->quiet; i++)
		if (src->notes[i].loss)
			say("%s:%" PRIu64 ": %s", src->name, src->notes[i].line,
			    src->notes[i].text);
}

/* With -v: how the source came here, so that one can see why something was or was not found. */
static void say_transports(const struct run *run, const struct source *src)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!run->o->verbosity || run->o->quiet)
		return;
	out = open_memstream(&text, &len);
	if (!out)
		return;
	for (int t = 0; t < TRANSPORT_MAX; t++)
		if (src->transports & UINT32_C(1) << t)
			fprintf(out, "%s%s", ftell(out) > 0 ? ", " : "",
				transport_name((enum transport)t));
	if (fclose(out) == 0)
		say("%s: read as %s", src->name, len ? text : "plain text");
	free(text);
}

/* Whether a kept report still refers to the newest source. */
static bool is_referred_to(const struct run *run, const struct source *src)
{
	return run->n_kept && run->kept[run->n_kept - 1].src == src;
}

/* What came of the input: said once, here. */
static void say_source(struct run *run, const struct finding *f)
{
	const struct source *src = f->source;

	run->unreadable |= f->err != 0;
	if (f->err && f->opened)
		say("%s: %s; what came before line %" PRIu64 " is reported", src->name,
		    input_strerror(f->err), src->lines + 1);
	else if (f->err)
		say("%s: %s", src->name, input_strerror(f->err));
	say_notes(run, src);
	if (f->opened)
		say_transports(run, src);
}

static int take_source(struct run *run, struct finding *f)
{
	const struct writer *w = run->o->writer;
	struct source *src = f->source;
	int err = 0;

	say_source(run, f);
	run->inputs++;
	run->lines += src->lines;
	if (w->source && !keeps_reports(run))
		err = w->source(run->writer, run->out.stream, src);
	if (!err && ((w->source && !w->every_occurrence) || is_referred_to(run, src))) {
		err = grow((void **)&run->sources, &run->cap_sources, run->n_sources,
			   sizeof(*run->sources));
		if (!err) {
			run->sources[run->n_sources++] = src;
			return 0;
		}
	}
	source_free(src);
	return err;
}

/* Whatever is found becomes output at once, or is kept. */
static int take_finding(void *ctx, struct finding *f)
{
	struct run *run = ctx;
	int err = 0;

	attendant_hold(run->attendant);
	switch (f->what) {
	case FINDING_REPORT:
		err = take_report(run, f);
		break;
	case FINDING_SOURCE:
		err = take_source(run, f);
		break;
	case FINDING_LIST:
		say("%s: %s", run->o->files_from, strerror(-f->err));
		run->unreadable = true;
		break;
	}
	if (!err && ferror(run->out.stream))
		err = -EIO;
	attendant_release(run->attendant, run->reports);
	return err;
}

static unsigned int terminal_width(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 40)
		return size.ws_col;
	return WIDTH_TEXT;
}

static void set_writer_options(const struct run *run, struct writer_options *opt)
{
	const struct options *o = run->o;
	bool terminal = run->out.stream == stdout && isatty(STDOUT_FILENO);
	const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

	opt->verbosity = o->verbosity;
	opt->color = o->color == WHEN_ALWAYS ||
		     (o->color == WHEN_AUTO && terminal && !(no_color && *no_color) &&
		      !(term && !strcmp(term, "dumb")));
	opt->width = o->width				 ? o->width :
		     !strcmp(o->writer->name, "diagram") ? WIDTH_DIAGRAM :
		     terminal				 ? terminal_width() :
							   WIDTH_TEXT;
}

/* Lay all reports over one another: an edge that stands in several cycles weighs more. */
static int relate_kept(struct run *run)
{
	struct analyst *analyst = analyst_new(run->o->patterns);
	struct atlas_options opt = { 0 };
	struct atlas *atlas = NULL;
	int err = 0;

	if (analyst) {
		survey_options(analyst, &opt);
		atlas = atlas_new(&opt);
	}
	if (!atlas)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < run->n_kept; i++) {
		struct sighting s;

		sighting_make(run->kept[i].r, run->kept[i].v, &s);
		err = atlas_add(atlas, &s);
	}
	if (!err)
		err = atlas_finish(atlas);
	for (size_t i = 0; !err && i < run->n_kept; i++)
		err = verdict_relate(atlas, run->kept[i].r, run->kept[i].v);
	atlas_free(atlas);
	analyst_free(analyst);
	return err;
}

static int write_kept(struct run *run)
{
	const struct writer *w = run->o->writer;
	int err = w->relates && run->n_kept > 1 ? relate_kept(run) : 0;

	for (size_t i = 0; !err && i < run->n_kept; i++) {
		attendant_hold(run->attendant);
		err = write_report(run, &run->kept[i]);
		attendant_release(run->attendant, run->reports);
	}
	attendant_hold(run->attendant);
	for (size_t i = 0; !err && w->source && keeps_reports(run) && i < run->n_sources; i++)
		err = w->source(run->writer, run->out.stream, run->sources[i]);
	if (!err && w->end)
		err = w->end(run->writer, run->out.stream);
	attendant_release(run->attendant, run->reports);
	return err;
}

static int run_writer(struct run *run)
{
	const struct writer *w = run->o->writer;
	struct writer_options opt = { 0 };
	int err = 0;

	set_writer_options(run, &opt);
	if (w->begin)
		err = w->begin(&run->writer, run->out.stream, &opt);
	if (!err)
		err = reading_run(run->o, &run->watch, keeps_reports(run), take_finding, run);
	if (!err)
		err = write_kept(run);
	return err;
}

static void keep_node(void *node)
{
	(void)node; /* lives in its report */
}

static void run_done(struct run *run)
{
	if (run->o->writer->free)
		run->o->writer->free(run->writer);
	tdestroy(run->signatures, keep_node);
	for (size_t i = 0; i < run->n_kept; i++)
		report_free(run->kept[i].r);
	for (size_t i = 0; i < run->n_sources; i++)
		source_free(run->sources[i]);
	free(run->kept);
	free(run->sources);
}

/* Read, write, and say what went wrong. @return the exit status */
static int run_all(struct run *run, const char *name)
{
	const struct options *o = run->o;
	int err, written;

	attendant_hold(run->attendant);
	err = output_open(&run->out, o->output);
	attendant_release(run->attendant, 0);
	if (err) {
		say("%s: %s", name, strerror(-err));
		return 2;
	}
	err = run_writer(run);
	attendant_hold(run->attendant);
	written = output_close(&run->out, !err);
	if (err && err != -EIO)
		say("%s", err == -ENOMEM ? "out of memory" : strerror(-err));
	if ((written || err == -EIO) && !attendant_pipe_broke())
		say("%s: %s", name, strerror(written ? -written : EIO));
	if (!err && !run->reports && !o->quiet && !strcmp(o->writer->name, "text") && run->inputs &&
	    !run->unreadable)
		say("no lockdep report in %" PRIu64 " line%s of %" PRIu64 " input%s", run->lines,
		    run->lines == 1 ? "" : "s", run->inputs, run->inputs == 1 ? "" : "s");
	attendant_release(run->attendant, run->reports);
	if (err || written || run->unreadable)
		return 2;
	return o->exit_code && run->reports ? 1 : 0;
}

int report_run(const struct options *o)
{
	struct run run = { .o = o };
	int status;

	if (!o->n_files && !o->files_from && isatty(STDIN_FILENO)) {
		options_usage(stderr);
		return 2;
	}
	run.attendant = attendant_new(o, &run.out, &run.watch);
	status = run_all(&run, o->output && strcmp(o->output, "-") ? o->output : "standard output");
	run_done(&run);
	attendant_free(run.attendant);
	return status;
}
