/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_INPUT_H
#define UNSPLAT_INPUT_H

#include <sys/types.h>

#include "unsplat/str.h"

/**
 * A FILE argument becomes named streams of bytes. One stream is open at a time; what
 * follows this stage never sees a file descriptor.
 */
struct input;

/**
 * Called for each stream that a FILE argument stands for.
 * @param in   the open stream, NULL when it could not be opened
 * @param name of the stream, as it is to be shown; borrowed for the call
 * @param err  0, or -errno when @p in is NULL: -EISDIR never, -EMEDIUMTYPE for a
 *             container that this build cannot read
 * @return 0 to go on; anything else stops the walk and is its result
 */
typedef int input_fn(void *ctx, struct input *in, const char *name, int err);

/**
 * Open @p path and call @p fn for its stream; a directory is walked in sorted order
 * (byte order of names), its regular files one call each. "-" is standard input.
 * @param label  the name that standard input gets; NULL: "stdin"
 * @return what the last @p fn returned, or -ENOMEM
 */
int input_walk(const char *path, const char *label, input_fn *fn, void *ctx);

/** @return bytes read into @p buf, 0 at the end, or -errno. Interrupted reads are repeated. */
ssize_t input_read(struct input *in, void *buf, size_t size);

/** A stream over memory, for tests and fuzzers; @p s is borrowed. Free with input_free(). */
struct input *input_from_memory(struct str s);
void input_free(struct input *in);

#endif
