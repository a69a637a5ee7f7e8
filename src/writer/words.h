/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_WORDS_H
#define UNSPLAT_WRITER_WORDS_H

#include "unsplat/analysis.h"
#include "unsplat/splat.h"

/*
 * How an edge is said in words: the same in all formats for people. Never "while held" where
 * nothing is held.
 */

/** @return "" for a plain acquisition, else "waits for it", "runs there" ...: what the lock at the end of @p d is. */
const char *relation_words(const struct dependency *d);
/** @return the edge of @p v whose stack stands under "-> #index", or NULL; with its telling in *ret. */
const struct dependency *edge_of_entry(const struct verdict *v, uint64_t index,
				       const struct telling **ret);
#define USAGE_WORDS_MAX (2 * USAGE_STATES_MAX)
/**
 * What the usage string of @p l says: "used in hardirq context", "taken with softirqs enabled".
 * @param ret  room for USAGE_WORDS_MAX; the strings are static
 * @return 0 with *n set, or -ENOENT when there is none or it is damaged
 */
int usage_words(const struct report *r, const struct lock *l, const char **ret, size_t *n);
/** "in hardirq context", "with softirqs enabled": how a lock was used. @return 0 or -ENOMEM */
int use_words(struct arena *mem, const struct lock_use *u, struct str *ret);
/** @return whether the report shows a cycle that can be drawn. */
bool has_cycle(const struct report *r);

#endif
