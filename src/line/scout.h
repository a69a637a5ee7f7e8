/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_SCOUT_H
#define UNSPLAT_LINE_SCOUT_H

#include "scan.h"
#include "unsplat/input.h"

/*
 * A long plain file, read and scanned by two threads: the caller's and one beside it, each a
 * block in turn. What is found is the same: a block only says that some of its lines have no hint,
 * so that the reader need not look at them again when it gets there.
 */
#define SCOUT_BYTES (256u << 10)

/** The next piece of the file. */
struct scouted {
	const char *p;
	ssize_t n; /* 0 at the end, or -errno */
	/*
	 * Bytes from @head to @tail are whole lines without a hint, and the lines before both are not
	 * blank (see the mailbox in hint.h); equal: nothing is known.
	 */
	size_t head, tail;
	uint64_t newlines; /* from head to tail */
};

struct scout;
/**
 * @param in  a shared stream, borrowed; nobody else reads it until the scout is freed
 * @param at  where to begin
 * @return NULL when there is no thread or no memory for it
 */
struct scout *scout_new(struct input *in, int64_t at);
void scout_free(struct scout *s);
/** The block behind the one before, which is gone then. */
void scout_next(struct scout *s, struct scouted *ret);

/** @return where in whole lines the first one begins that is longer than LINE_MAX_BYTES, or n */
size_t find_long_line(const char *p, size_t n);

#endif
