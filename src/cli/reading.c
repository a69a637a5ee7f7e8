/* SPDX-License-Identifier: MIT */
#include "reading.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs.h"
#include "unsplat/line.h"
#include "unsplat/splat.h"

void source_free(struct source *src)
{
	if (!src)
		return;
	source_done(src);
	free(src);
}

void finding_done(struct finding *f)
{
	if (f->what == FINDING_REPORT)
		report_free(f->report);
	else
		source_free(f->source);
}

/* @return the analyst, made by whoever is the first to need it; NULL: out of memory */
static const struct analyst *analyst_of(struct reading *rd)
{
	const struct analyst *a;

	pthread_mutex_lock(&rd->lock);
	if (!rd->analyst)
		rd->analyst = analyst_new(rd->o->patterns);
	a = rd->analyst;
	pthread_mutex_unlock(&rd->lock);
	return a;
}

/* What is known of a source by now: its name and its boots. The strings stay where they are. */
static int copy_so_far(const struct source *src, struct arena *mem, const struct source **ret)
{
	struct source *copy = arena_alloc(mem, sizeof(*copy));
	struct boot *boots = arena_alloc(mem, (src->n_boots + 1) * sizeof(*boots));

	if (!copy || !boots)
		return -ENOMEM;
	if (src->n_boots)
		memcpy(boots, src->boots, src->n_boots * sizeof(*boots));
	copy->name = src->name;
	copy->boots = boots;
	copy->n_boots = src->n_boots;
	*ret = copy;
	return 0;
}

static int take_report(struct reading *rd, struct report *r, struct source *src, finding_fn *fn,
		       void *ctx)
{
	struct finding f = { .what = FINDING_REPORT, .report = r, .source = src };
	int err;

	if (rd->o->kinds && !(rd->o->kinds & UINT32_C(1) << r->kind)) {
		report_free(r);
		return 0;
	}
	f.analyst = analyst_of(rd);
	err = f.analyst ? verdict_begin(f.analyst, r, &f.verdict) : -ENOMEM;
	if (!err && !rd->begin)
		err = verdict_finish(f.analyst, r, f.verdict);
	if (!err)
		err = copy_so_far(src, r->mem, &f.so_far);
	if (err) {
		report_free(r);
		return err;
	}
	return fn(ctx, &f);
}

/* @return 0 with *ret set to what ended reading, or what @p fn returned */
static int read_reports(struct reading *rd, struct input *in, struct source *src, finding_fn *fn,
			void *ctx, int *ret)
{
	struct line_reader *lines = line_reader_new(in);
	struct splat_reader *splats = lines ? splat_reader_new(lines, src) : NULL;
	struct report *r;
	int n = splats ? 1 : -ENOMEM, err = 0;

	while (n > 0 && !err) {
		n = splat_next(splats, &r);
		if (n > 0)
			err = take_report(rd, r, src, fn, ctx);
	}
	splat_reader_free(splats);
	line_reader_free(lines);
	if (err || n == -ENOMEM || n == -ECANCELED)
		return err ? err : n;
	*ret = n < 0 ? n : 0;
	return 0;
}

int reading_stream(struct reading *rd, struct input *in, const char *name, int open_err,
		   finding_fn *fn, void *ctx)
{
	struct source *src = calloc(1, sizeof(*src));
	struct finding f = { .what = FINDING_SOURCE, .source = src, .err = open_err, .opened = in };
	int err = src ? 0 : -ENOMEM;

	if (open_err == -ECANCELED)
		err = open_err;
	if (!err) {
		src->name = strdup(name);
		err = src->name ? 0 : -ENOMEM;
	}
	if (!err && in)
		err = read_reports(rd, in, src, fn, ctx, &f.err);
	if (!err && f.err) {
		src->error = strdup(input_strerror(f.err));
		err = src->error ? 0 : -ENOMEM;
	}
	if (err) {
		source_free(src);
		return err;
	}
	return fn(ctx, &f);
}

/* The names in --files-from. @return what the last @p fn or @p failed returned */
static int read_list(const struct options *o, input_name_fn *fn, input_name_fn *failed, void *ctx)
{
	FILE *list = strcmp(o->files_from, "-") ? fopen(o->files_from, "re") : stdin;
	int end = o->nul_separated ? '\0' : '\n', err = 0;
	char *name = NULL;
	size_t cap = 0;
	ssize_t n;

	if (!list)
		return failed(ctx, o->files_from, -errno);
	while (!err && (n = getdelim(&name, &cap, end, list)) > 0) {
		if (name[n - 1] == end)
			name[--n] = '\0';
		if (n)
			err = input_list(name, fn, ctx);
	}
	if (!err && ferror(list))
		err = failed(ctx, o->files_from, -errno);
	free(name);
	if (list != stdin)
		fclose(list);
	return err;
}

int reading_names(const struct options *o, input_name_fn *fn, input_name_fn *list, void *ctx)
{
	int err = 0;

	if (o->files_from)
		err = read_list(o, fn, list, ctx);
	else if (!o->n_files)
		err = input_list("-", fn, ctx);
	for (size_t i = 0; !err && i < o->n_files; i++)
		err = input_list(o->files[i], fn, ctx);
	return err;
}

/* One stream after another. */
struct streams {
	const struct options *o;
	struct input_watch *watch;
	input_fn *fn;
	void *ctx;
	input_name_fn *list;
};

static int open_name(void *ctx, const char *path, int err)
{
	struct streams *s = ctx;

	if (err)
		return s->fn(s->ctx, NULL, path, err);
	return input_open(path, s->o->label, s->watch, s->fn, s->ctx);
}

static int fail_list(void *ctx, const char *path, int err)
{
	struct streams *s = ctx;

	return s->list ? s->list(s->ctx, path, err) : s->fn(s->ctx, NULL, path, err);
}

int reading_streams(const struct options *o, struct input_watch *watch, input_fn *fn,
		    input_name_fn *list, void *ctx)
{
	struct streams s = { o, watch, fn, ctx, list };

	return reading_names(o, open_name, fail_list, &s);
}

/* One job: everything in this thread. */
struct plainly {
	struct reading *rd;
	finding_fn *fn;
	void *ctx;
};

static int stream_plainly(void *ctx, struct input *in, const char *name, int err)
{
	struct plainly *p = ctx;

	return reading_stream(p->rd, in, name, err, p->fn, p->ctx);
}

static int list_plainly(void *ctx, const char *path, int err)
{
	struct plainly *p = ctx;
	struct finding f = { .what = FINDING_LIST, .err = err };

	(void)path;
	return p->fn(p->ctx, &f);
}

int reading_run(const struct options *o, struct input_watch *watch, bool begin, finding_fn *fn,
		void *ctx)
{
	struct reading rd = { .o = o, .watch = watch, .begin = begin };
	struct plainly p = { &rd, fn, ctx };
	int err;

	pthread_mutex_init(&rd.lock, NULL);
	err = o->jobs == 1 ? reading_streams(o, watch, stream_plainly, list_plainly, &p) :
			     jobs_run(&rd, fn, ctx);
	pthread_mutex_destroy(&rd.lock);
	analyst_free(rd.analyst);
	return err;
}
