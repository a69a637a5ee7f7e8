/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "check_unsplat.h"

/* A whole report of a cycle of three, &a -> &b -> &c -> &a, to be damaged in every way. */

/** Put @p with in the place of the lines @p from to @p to (NULL: only @p from). */
struct edit {
	const char *from, *to;
	const char *with; /* lines; NULL: none */
};

/** @return the report after all edits, for free(). Fails the test when an edit finds no line. */
char *sample(const struct edit *edits, size_t n);
size_t sample_lines(void);
/** @return lines @p from up to @p to of the report, but for those from @p hole to @p hole_end. */
char *sample_part(size_t from, size_t to, size_t hole, size_t hole_end);
/**
 * Write what a report proves: "0:&c>&a 1:&a>&b", with a 'd' for what the list of held locks
 * proves, '~' instead of '>' where it is a wait and '=' where a completion comes later.
 */
const char *edges_of(struct report *r);

#define SAMPLE_EDGES "0:&c>&a 1:&a>&b 2:&b>&c d:&c>&a"

#endif
