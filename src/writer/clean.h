/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_CLEAN_H
#define UNSPLAT_WRITER_CLEAN_H

#include <stdio.h>

#include "unsplat/arena.h"

/*
 * Logs come from the web: nothing of them reaches a terminal or a file format as it is.
 * Control characters, what turns the writing direction, and bytes that are no UTF-8 become
 * "\xNN" (or "\u{NNNN}"), which no terminal acts on.
 */

/** @return 0 with a cleaned copy of @p s in *ret (in @p mem, NUL-terminated), or -ENOMEM. */
int clean_str(struct arena *mem, struct str s, struct str *ret);
void clean_print(FILE *out, struct str s);
/** The same, nothing but ASCII: for commit messages. */
void clean_print_ascii(FILE *out, struct str s);
/** Columns that clean_print() takes (one per character). */
size_t clean_width(struct str s);

#endif
