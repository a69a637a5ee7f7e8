/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_H
#define UNSPLAT_WRITER_H

#include <stdio.h>

#include "unsplat/analysis.h"
#include "unsplat/report.h"

struct writer_options {
	unsigned int width; /* columns for text and diagram */
	bool color;	    /* text only */
	int verbosity;	    /* 1: with the stacks */
};

/**
 * One output format. The caller opens and closes @p out; a writer only fills it.
 * Order of calls: begin; then report once per report in input order, and source once per input
 * after the reports of that input; end. NULL means "nothing to do". Each returns 0 or -errno; after
 * a failure nothing more is called but free(). Errors of @p out itself are seen by the caller
 * (ferror()). Reports and sources outlive the call of end.
 */
struct writer {
	const char *name, *help; /* the word after --format, and its line in --help */
	bool every_occurrence; /* needs no memory of what went before: no merging of equal reports */
	bool relates;	       /* says what a report has in common with others of the run */
	int (*begin)(void **state, FILE *out, const struct writer_options *opt);
	int (*report)(void *state, FILE *out, const struct report *r, const struct verdict *v,
		      const struct source *src);
	int (*source)(void *state, FILE *out, const struct source *src);
	int (*end)(void *state, FILE *out);
	void (*free)(void *state);
};

/** @return the writer called @p name, or NULL. */
const struct writer *writer_find(struct str name);
/** @return writer @p i in the order of --help, NULL behind the last. */
const struct writer *writer_at(size_t i);

#endif
