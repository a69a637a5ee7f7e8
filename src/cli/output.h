/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_OUTPUT_H
#define UNSPLAT_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

/**
 * Where the output goes. A new or regular file is written beside and renamed at the end, so
 * there is never half of one; a device, a FIFO or "-" is written directly.
 */
struct output {
	FILE *stream;
	char *path; /* of the file to be replaced, links resolved; NULL: written directly */
	char *temp;
};

/** @param path NULL or "-": standard output. @return 0 or -errno */
int output_open(struct output *o, const char *path);
/** Finish: flush, and put the file in its place when @p keep. @return 0 or -errno of any write. */
int output_close(struct output *o, bool keep);

#endif
