/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_OPTIONS_H
#define UNSPLAT_CLI_OPTIONS_H

#include "unsplat/graph_writer.h"
#include "unsplat/report.h"
#include "unsplat/writer.h"

enum command {
	COMMAND_REPORT,
	COMMAND_GRAPH,
	COMMAND_MERGE,
	COMMAND_HELP,
	COMMAND_VERSION,
	COMMAND_PATTERNS
};

enum when { WHEN_AUTO, WHEN_ALWAYS, WHEN_NEVER };

struct options {
	enum command command;
	const struct writer *writer;		 /* report; merge: json or jsonl */
	const struct graph_writer *graph_writer; /* graph */
	struct survey_query query;		 /* graph: what is seen */
	char *around;				 /* the name in --around=NAME=N, owned */
	struct pattern_file *patterns;		 /* of --patterns, owned; NULL: none */
	bool keep_class_index;			 /* graph */
	const char *output;			 /* NULL or "-": standard output */
	const char *label;			 /* of standard input */
	const char *files_from;			 /* NULL: none */
	bool nul_separated;
	enum when color, progress;
	unsigned int jobs;  /* threads that read, 1 at least */
	unsigned int width; /* 0: not given */
	uint32_t kinds;	    /* bit per kind; 0: all */
	bool all, exit_code, quiet;
	int verbosity;
	char **files; /* borrowed from argv */
	size_t n_files;
};

/**
 * Parse the command line. Says on standard error what is wrong, with the nearest valid word.
 * @return 0, or -EINVAL after saying why
 */
int options_parse(struct options *o, int argc, char **argv);
void options_done(struct options *o);
/** The text of --help, made from the same table that options_parse() works from. */
void options_help(FILE *out);
/** The lines that a user gets who gave nothing to read. */
void options_usage(FILE *out);
/** Row @p i of the table, for the test that holds it against the manual. @return NULL behind the last. */
const char *options_name(size_t i);

#endif
