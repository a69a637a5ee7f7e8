/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "output.h"
#include "say.h"
#include "unsplat/analysis.h"
#include "unsplat/input.h"
#include "unsplat/line.h"
#include "unsplat/splat.h"

#define WIDTH_TEXT 80
#define WIDTH_DIAGRAM 72

/* A report that waits for the end, because others like it may still come. */
struct kept {
	struct report *r;
	struct verdict *v;
	struct source *src;
};

struct run {
	const struct options *o;
	struct analyst *analyst;
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

static int take_report(struct run *run, struct report *r, struct source *src)
{
	struct kept k = { r, NULL, src };
	int err = 0;

	if (run->o->kinds && !(run->o->kinds & UINT32_C(1) << r->kind)) {
		report_free(r);
		return 0;
	}
	run->reports++;
	if (!run->analyst)
		run->analyst = analyst_new();
	err = run->analyst ? verdict_begin(run->analyst, r, &k.v) : -ENOMEM;
	if (!err && keeps_reports(run)) {
		err = grow((void **)&run->kept, &run->cap_kept, run->n_kept, sizeof(*run->kept));
		if (!err)
			err = count_repeated(run, &k);
		if (!err)
			err = verdict_finish(run->analyst, r, k.v);
		if (!err) {
			run->kept[run->n_kept++] = k;
			return 0;
		}
	} else if (!err) {
		err = verdict_finish(run->analyst, r, k.v);
		if (!err)
			err = write_report(run, &k);
	}
	report_free(r);
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

static int read_stream(struct run *run, struct input *in, struct source *src)
{
	struct line_reader *lines = line_reader_new(in);
	struct splat_reader *splats = lines ? splat_reader_new(lines, src) : NULL;
	struct report *r;
	int n = splats ? 1 : -ENOMEM, err = 0;

	while (n > 0 && !err) {
		n = splat_next(splats, &r);
		if (n > 0)
			err = take_report(run, r, src);
	}
	splat_reader_free(splats);
	line_reader_free(lines);
	if (n < 0 && n != -ENOMEM) { /* the world: say so, and go on with the next input */
		src->error = strdup(input_strerror(n));
		run->unreadable = true;
		say("%s: %s; what came before line %" PRIu64 " is reported", src->name,
		    input_strerror(n), src->lines + 1);
		n = src->error ? 0 : -ENOMEM;
	}
	return err ? err : n;
}

/* Whether a kept report still refers to the newest source. */
static bool is_referred_to(const struct run *run, const struct source *src)
{
	return run->n_kept && run->kept[run->n_kept - 1].src == src;
}

static void source_free(struct source *src)
{
	source_done(src);
	free(src);
}

static int read_source(void *ctx, struct input *in, const char *name, int open_err)
{
	struct run *run = ctx;
	const struct writer *w = run->o->writer;
	struct source *src = calloc(1, sizeof(*src));
	int err = 0;

	if (!src)
		return -ENOMEM;
	src->name = strdup(name);
	if (!src->name)
		err = -ENOMEM;
	if (!err && open_err) {
		run->unreadable = true;
		src->error = strdup(input_strerror(open_err));
		err = src->error ? 0 : -ENOMEM;
		say("%s: %s", name, input_strerror(open_err));
	} else if (!err) {
		err = read_stream(run, in, src);
	}
	run->inputs++;
	run->lines += src->lines;
	say_notes(run, src);
	if (!open_err)
		say_transports(run, src);
	if (!err && w->source && !keeps_reports(run))
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

static int read_file(void *ctx, const char *path, int err)
{
	struct run *run = ctx;

	if (err)
		return read_source(run, NULL, path, err);
	return input_open(path, run->o->label, NULL, read_source, run);
}

/* The names in --files-from. @return 0 or -errno of the list itself */
static int read_list(struct run *run)
{
	const struct options *o = run->o;
	FILE *list = strcmp(o->files_from, "-") ? fopen(o->files_from, "re") : stdin;
	char *name = NULL;
	size_t cap = 0;
	ssize_t n;
	int err = 0;

	if (!list)
		return -errno;
	while (!err && (n = getdelim(&name, &cap, o->nul_separated ? '\0' : '\n', list)) > 0) {
		if (name[n - 1] == (o->nul_separated ? '\0' : '\n'))
			name[--n] = '\0';
		if (n)
			err = input_list(name, read_file, run);
	}
	if (!err && ferror(list))
		err = -EIO;
	free(name);
	if (list != stdin)
		fclose(list);
	return err;
}

static int read_all(struct run *run)
{
	const struct options *o = run->o;
	int err = 0;

	if (o->files_from) {
		err = read_list(run);
		if (err && err != -ENOMEM) {
			say("%s: %s", o->files_from, strerror(-err));
			run->unreadable = true;
			err = 0;
		}
	} else if (!o->n_files) {
		err = input_list("-", read_file, run);
	}
	for (size_t i = 0; !err && i < o->n_files; i++)
		err = input_list(o->files[i], read_file, run);
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
	opt->color = o->color == COLOR_ALWAYS ||
		     (o->color == COLOR_AUTO && terminal && !(no_color && *no_color) &&
		      !(term && !strcmp(term, "dumb")));
	opt->width = o->width				 ? o->width :
		     !strcmp(o->writer->name, "diagram") ? WIDTH_DIAGRAM :
		     terminal				 ? terminal_width() :
							   WIDTH_TEXT;
}

static int write_kept(struct run *run)
{
	const struct writer *w = run->o->writer;
	int err = 0;

	for (size_t i = 0; !err && i < run->n_kept; i++)
		err = write_report(run, &run->kept[i]);
	for (size_t i = 0; !err && w->source && keeps_reports(run) && i < run->n_sources; i++)
		err = w->source(run->writer, run->out.stream, run->sources[i]);
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
		err = read_all(run);
	if (!err)
		err = write_kept(run);
	if (!err && w->end)
		err = w->end(run->writer, run->out.stream);
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
	analyst_free(run->analyst);
}

int report_run(const struct options *o)
{
	struct run run = { .o = o };
	const char *name = o->output && strcmp(o->output, "-") ? o->output : "standard output";
	int err, written;

	if (!o->n_files && !o->files_from && isatty(STDIN_FILENO)) {
		options_usage(stderr);
		return 2;
	}
	err = output_open(&run.out, o->output);
	if (err) {
		say("%s: %s", name, strerror(-err));
		return 2;
	}
	err = run_writer(&run);
	written = output_close(&run.out, !err);
	if (err && err != -EIO)
		say("%s", err == -ENOMEM ? "out of memory" : strerror(-err));
	if (written || err == -EIO)
		say("%s: %s", name, strerror(written ? -written : EIO));
	if (!err && !run.reports && !o->quiet && !strcmp(o->writer->name, "text") && run.inputs &&
	    !run.unreadable)
		say("no lockdep report in %" PRIu64 " line%s of %" PRIu64 " input%s", run.lines,
		    run.lines == 1 ? "" : "s", run.inputs, run.inputs == 1 ? "" : "s");
	run_done(&run);
	if (err || written || run.unreadable)
		return 2;
	return o->exit_code && run.reports ? 1 : 0;
}
