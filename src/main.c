/* SPDX-License-Identifier: MIT */
/*
 * unsplat: what lockdep said, understood. A map of the sources, in the order in which data
 * flows; each folder includes headers of those before it, never of those behind it:
 *
 *   base/      strings, arenas, UTF-8: know nothing about locks
 *   input/     a FILE argument -> named streams of bytes
 *   line/      a stream -> numbered lines without log decoration; the scanner in front of it
 *   splat/     lines -> reports: kinds.c what there is, token.c one line, parse.c one report,
 *              check.c what is missing, splat.c where reports begin and end
 *   proc/      the kernel's own tables -> classes and dependencies
 *   saved/     what an earlier run wrote as JSON -> reports
 *   graph/     reports -> dependencies, the lock graph; atlas.c: one graph out of many logs
 *   analysis/  graph -> cycles, suggestions, title, signature: one verdict per report;
 *              survey.c: what follows from an atlas
 *   writer/    reports and verdicts -> one format per file
 *   cli/       options, commands; only these use standard error and exit statuses
 *
 * The contract of each stage is include/unsplat/NAME.h.
 */
#include <stdio.h>
#include <string.h>

#include "cli/graph.h"
#include "cli/merge.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/report.h"
#include "cli/say.h"
#include "unsplat/patterns.h"

static int list_patterns(const struct options *o)
{
	struct output out;
	int err = output_open(&out, o->output);

	if (!err) {
		err = patterns_write(out.stream, o->patterns);
		if (err)
			(void)output_close(&out, false);
		else
			err = output_close(&out, true);
	}
	if (err)
		say("%s: %s", o->output ? o->output : "standard output", strerror(-err));
	return err ? 2 : 0;
}

int main(int argc, char **argv)
{
	struct options o;
	int status = 0;

	if (options_parse(&o, argc, argv) < 0) {
		options_done(&o);
		return 2;
	}
	switch (o.command) {
	case COMMAND_HELP:
		options_help(stdout);
		break;
	case COMMAND_VERSION:
		printf("%s %s\n", PACKAGE_NAME, PACKAGE_VERSION);
		break;
	case COMMAND_PATTERNS:
		status = list_patterns(&o);
		break;
	case COMMAND_REPORT:
		status = report_run(&o);
		break;
	case COMMAND_GRAPH:
		status = graph_run(&o);
		break;
	case COMMAND_MERGE:
		status = merge_run(&o);
		break;
	}
	options_done(&o);
	if (fflush(stdout) != 0) {
		say("standard output: failed write");
		return 2;
	}
	return status;
}
