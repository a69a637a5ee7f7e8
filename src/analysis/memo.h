/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_MEMO_H
#define UNSPLAT_ANALYSIS_MEMO_H

#include <stdatomic.h>
#include <string.h>

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
};

static inline uint64_t memo_hash(struct str s)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = s.len * odd, word;

	for (; s.len >= sizeof(word); s.p += sizeof(word), s.len -= sizeof(word)) {
		memcpy(&word, s.p, sizeof(word));
		hash = (hash ^ word) * odd;
		hash ^= hash >> 32;
	}
	word = 0;
	if (s.len)
		memcpy(&word, s.p, s.len);
	hash = (hash ^ word) * odd;
	hash = (hash ^ hash >> 29) * odd;
	return hash ^ hash >> 32;
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
