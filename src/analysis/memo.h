/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_MEMO_H
#define UNSPLAT_ANALYSIS_MEMO_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include <xxhash.h>

#include "unsplat/str.h"

/*
 * The same names come in every stack, and each meets hundreds of patterns: what was found is
 * kept by the hash of the name. A slot is one word, so that threads may share it; whichever
 * writes last wins, and no answer depends on it.
 */
#define MEMO_SLOTS 1024 /* a power of two */
#define MEMO_VALUES 8	/* answers are below that */

struct memo {
	_Atomic uint64_t slot[MEMO_SLOTS]; /* hash, then MEMO_VALUES + answer; 0: free */
	uint64_t key;
};

/** @return an empty memo, for free(); NULL: no memory */
static inline struct memo *memo_new(void)
{
	struct memo *m = calloc(1, sizeof(*m));
	/* Random bytes of each process (getauxval(3)). */
	const void *random = (const void *)(uintptr_t)getauxval(AT_RANDOM);

	if (m && random)
		memcpy(&m->key, random, sizeof(m->key));
	return m;
}

/* With a key of this process: nobody can make two names that meet in a slot. */
static inline uint64_t memo_hash(const struct memo *m, struct str s)
{
	return XXH3_64bits_withSeed(s.p, s.len, m->key);
}

/** @return the answer that was kept, or -1 */
static inline int memo_find(const struct memo *m, uint64_t hash)
{
	uint64_t kept =
		atomic_load_explicit(&m->slot[hash >> 32 & (MEMO_SLOTS - 1)], memory_order_relaxed);

	return kept && !((kept ^ hash) >> 4) ? (int)(kept & (MEMO_VALUES - 1)) : -1;
}

static inline void memo_keep(struct memo *m, uint64_t hash, unsigned int answer)
{
	atomic_store_explicit(&m->slot[hash >> 32 & (MEMO_SLOTS - 1)],
			      (hash & ~UINT64_C(15)) | MEMO_VALUES | answer, memory_order_relaxed);
}

#endif
