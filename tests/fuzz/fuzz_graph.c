/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "outputs.h"
#include "unsplat/graph_writer.h"
#include "unsplat/line.h"
#include "unsplat/proc.h"
#include "unsplat/saved.h"
#include "unsplat/splat.h"

/*
 * Bytes -> a log, what an earlier run wrote, or the kernel's own tables -> the atlas -> every
 * format of `unsplat graph`.
 */

static struct analyst *analyst; /* compiled once; the process ends with it */

static void analyst_done(void)
{
	analyst_free(analyst);
}

static void add_log(struct atlas *atlas, struct input *in)
{
	struct source src = { .name = strdup("fuzz \x1b[31m\xff name") };
	struct line_reader *lines = line_reader_new(in);
	struct splat_reader *splats = lines ? splat_reader_new(lines, &src) : NULL;
	struct report *r;
	int n;

	MUST(src.name && splats);
	while ((n = splat_next(splats, &r)) > 0) {
		struct verdict *v;
		struct sighting s;

		MUST(verdict_make(analyst, r, &v) == 0);
		sighting_make(r, v, &s);
		MUST(atlas_add(atlas, &s) == 0);
		report_free(r);
	}
	MUST(n == 0);
	splat_reader_free(splats);
	line_reader_free(lines);
	source_done(&src);
}

static void add_saved_report(struct atlas *atlas, const struct saved_item *item)
{
	struct saved_report saved;
	struct sighting s;
	int err = saved_restore(item, &saved);

	MUST(!err || err == -EBADMSG);
	if (err)
		return;
	MUST(sighting_restore(saved.r, saved.signature, saved.title, &saved.derived, &s) == 0);
	MUST(atlas_add(atlas, &s) == 0);
	report_free(saved.r);
}

static void add_saved(struct atlas *atlas, struct input *in, struct arena *mem)
{
	struct saved_reader *reader = saved_reader_new(in);
	int n;

	MUST(reader);
	do {
		struct saved_item item;
		struct source src = { 0 };

		n = saved_next(reader, &item);
		if (n > 0 && !item.is_source)
			add_saved_report(atlas, &item);
		else if (n > 0 && saved_source(&item, mem, &src) == 0)
			source_done(&src);
	} while (n > 0 || n == -EBADMSG);
	MUST(n == 0 || n == -EPIPE);
	saved_reader_free(reader);
}

static void add_tables(struct atlas *atlas, struct input *in)
{
	struct proc_tables t;
	struct report *r;
	struct sighting s = { .table = true };

	MUST(proc_read(in, &t) == 0);
	r = arena_alloc(t.mem, sizeof(*r));
	MUST(r);
	*r = (struct report){ .mem = t.mem, .kind = KIND_OTHER, .source = "table", .count = 1 };
	s.r = r;
	s.locks = t.classes.p;
	s.n_locks = t.classes.n;
	s.edges = t.edges;
	MUST(atlas_add(atlas, &s) == 0);
	s.edges = t.nestings;
	s.table = false;
	s.nesting = true;
	MUST(atlas_add(atlas, &s) == 0);
	for (size_t i = 0; i < t.stats.n; i++)
		MUST(atlas_add_stat(atlas, t.stats.p[i].name, t.stats.p[i].contentions,
				    t.stats.p[i].acquisitions, t.stats.p[i].wait_us) == 0);
	proc_tables_done(&t);
}

static void write_as(const struct graph_writer *w, const struct graph_view *view, bool all)
{
	struct writer_options opt = { .verbosity = all };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	MUST(out);
	MUST(w->write(out, view, &opt) == 0);
	MUST(fclose(out) == 0);
	if (!strcmp(w->name, "json"))
		must_be_json((struct str){ text, len });
	else
		must_be_clean((struct str){ text, len }, false, true);
	free(text);
}

static void write_all(struct atlas *atlas, struct arena *mem, bool all)
{
	static const struct survey_query query;
	struct survey_selection seen;
	struct graph_view view = { .atlas = atlas, .seen = &seen };
	struct survey *survey;
	const struct graph_writer *w;

	MUST(atlas_finish(atlas) == 0);
	MUST(survey_make(analyst, atlas, mem, &survey) == 0);
	MUST(survey_select(atlas, survey, &query, mem, &seen) == 0);
	view.survey = survey;
	for (size_t i = 0; (w = graph_writer_at(i)); i++)
		write_as(w, &view, all);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str all = { (const char *)data, size };
	struct atlas_options opt = { .keep_class_index = size & 1 };
	struct input *in = input_from_memory(all);
	struct arena *mem = arena_new();
	struct atlas *atlas;

	if (!analyst) {
		analyst = analyst_new(NULL);
		MUST(analyst);
		atexit(analyst_done);
	}
	survey_options(analyst, &opt);
	atlas = atlas_new(&opt);
	MUST(in && mem && atlas);
	if (saved_is(all))
		add_saved(atlas, in, mem);
	else if (proc_is(all))
		add_tables(atlas, in);
	else
		add_log(atlas, in);
	write_all(atlas, mem, size & 2);
	atlas_free(atlas);
	arena_free(mem);
	input_free(in);
	return 0;
}
