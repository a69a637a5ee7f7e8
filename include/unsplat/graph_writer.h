/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_GRAPH_WRITER_H
#define UNSPLAT_GRAPH_WRITER_H

#include <stdio.h>

#include "unsplat/survey.h"
#include "unsplat/writer.h"

/** All that a format of `unsplat graph` may show; borrowed. */
struct graph_view {
	const struct atlas *atlas; /* finished */
	const struct survey *survey;
	const struct survey_selection *seen;
	const struct source *const *sources; /* in the order of their names */
	size_t n_sources;
};

/** One output format of `unsplat graph`. write() returns 0 or -errno. */
struct graph_writer {
	const char *name, *help;
	int (*write)(FILE *out, const struct graph_view *g, const struct writer_options *opt);
};

/** @return the format called @p name, or NULL. */
const struct graph_writer *graph_writer_find(struct str name);
/** @return format @p i in the order of --help, the default first; NULL behind the last. */
const struct graph_writer *graph_writer_at(size_t i);

#endif
