/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_WORDS_H
#define UNSPLAT_WRITER_WORDS_H

#include "unsplat/analysis.h"

/*
 * How an edge is said in words: the same in all formats for people. Never "while held" where
 * nothing is held.
 */

/** @return "" for a plain acquisition, else "waits for it", "runs there" ...: what the lock at the end of @p d is. */
const char *relation_words(const struct dependency *d);
/** @return the edge of @p v whose stack stands under "-> #index", or NULL; with its telling in *ret. */
const struct dependency *edge_of_entry(const struct verdict *v, uint64_t index,
				       const struct telling **ret);
/** @return whether the report shows a cycle that can be drawn. */
bool has_cycle(const struct report *r);

#endif
