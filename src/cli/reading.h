/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_READING_H
#define UNSPLAT_CLI_READING_H

#include <pthread.h>

#include "options.h"
#include "unsplat/analysis.h"
#include "unsplat/input.h"

/*
 * All inputs that the command line names become one sequence of findings, in the order of the
 * inputs, whatever the number of jobs is.
 */

enum finding_what {
	FINDING_REPORT, /* a report and its verdict */
	FINDING_SOURCE, /* an input was read to its end; its reports came before */
	FINDING_LIST,	/* the list of --files-from cannot be read (on) */
};

struct finding {
	enum finding_what what;
	struct report *report;	 /* the receiver frees it */
	struct verdict *verdict; /* lives in the report; begun only, when that was asked for */
	const struct analyst *analyst; /* to finish it with */
	/*
	 * The input. Of a report: not to be looked into before its own finding comes, and alive
	 * until then; of itself: the receiver frees it, with source_free().
	 */
	struct source *source;
	const struct source
		*so_far; /* of a report: what was known when it was complete; lives in it */
	int err;	 /* of a source: 0, or why it was not read to its end; of a list: why */
	bool opened;	 /* of a source: some of it was read */
};

/** Takes what is in @p f. @return 0, or what reading_run() shall return */
typedef int finding_fn(void *ctx, struct finding *f);

/**
 * Read all inputs of @p o, with as many threads as it says, and call @p fn in this thread.
 * @param begin  verdict_finish() is left to the caller, who may not need it for all reports
 * @param watch  set watch->stop to end it from elsewhere
 * @return what the last @p fn returned, -ECANCELED or -ENOMEM
 */
int reading_run(const struct options *o, struct input_watch *watch, bool begin, finding_fn *fn,
		void *ctx);

/**
 * Call @p fn for each stream that the command line names, one after another in this thread, and
 * @p list when the list of --files-from cannot be read (on).
 * @param watch  may be NULL
 * @param list   NULL: @p fn hears of that, too, as of an input that cannot be opened
 * @return what the last of them returned, or -ENOMEM
 */
int reading_streams(const struct options *o, struct input_watch *watch, input_fn *fn,
		    input_name_fn *list, void *ctx);

void source_free(struct source *src);
/** Free what @p f owns. */
void finding_done(struct finding *f);

/* What the threads of jobs.c share with the plain way. */

struct reading {
	const struct options *o;
	struct input_watch *watch;
	bool begin;
	pthread_mutex_t lock;	 /* for the analyst */
	struct analyst *analyst; /* made for the first report */
};

/** Read one stream, or tell why it could not be opened, and call @p fn for what is found. */
int reading_stream(struct reading *rd, struct input *in, const char *name, int open_err,
		   finding_fn *fn, void *ctx);
/**
 * Call @p fn for each file that the command line names, and @p list when the list of them cannot
 * be read. @return what the last call returned
 */
int reading_names(const struct options *o, input_name_fn *fn, input_name_fn *list, void *ctx);

#endif
