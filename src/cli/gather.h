/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_GATHER_H
#define UNSPLAT_CLI_GATHER_H

#include <stdio.h>

#include "options.h"
#include "unsplat/input.h"

/** A command that reads all inputs first and writes then. */
struct gathering {
	int (*begin)(void *ctx); /* @return 0 or -errno */
	input_fn *take;		 /* of each stream that the command line names */
	int (*write)(void *ctx, FILE *out); /* @return 0, -errno, or -EINVAL after saying why */
};

/**
 * Run @p g with @p ctx: open the output, read, write, and attend to signals, so that none
 * leaves half of a file. Says what went wrong with the output.
 * @return 0, or 2: the exit status
 */
int gather_run(const struct options *o, const struct gathering *g, void *ctx);

#endif
