/* SPDX-License-Identifier: MIT */
#include "regex.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define MATCH_LIMIT 20000

/*
 * The same names come in every stack, and each meets hundreds of patterns: what was found is
 * kept, by the hash of the name. A slot is one word, so that threads may share it; whichever
 * writes last wins, and no answer depends on it.
 */
#define KEPT 1024 /* a power of two */

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
	_Atomic uint64_t
		*kept; /* hash of the subject, the lowest bit: whether it matches; 0: free */
};

static uint64_t hash_of(struct str s)
{
	const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t hash = s.len * odd, word;

	for (; s.len >= sizeof(word); s.p += sizeof(word), s.len -= sizeof(word)) {
		memcpy(&word, s.p, sizeof(word));
		hash = (hash ^ word) * odd;
		hash ^= hash >> 32;
	}
	word = 0;
	memcpy(&word, s.p, s.len);
	hash = (hash ^ word) * odd;
	hash = (hash ^ hash >> 29) * odd;
	return hash ^ hash >> 32;
}

struct regex *regex_new(const char *pattern)
{
	struct regex *re = calloc(1, sizeof(*re));
	PCRE2_SIZE where;
	int err;

	if (!re)
		return NULL;
	re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
				 PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_AUTO_CAPTURE |
					 PCRE2_DOLLAR_ENDONLY,
				 &err, &where, NULL);
	re->limits = pcre2_match_context_create(NULL);
	re->kept = calloc(KEPT, sizeof(*re->kept));
	if (!re->code || !re->limits || !re->kept) {
		regex_free(re);
		return NULL;
	}
	pcre2_set_match_limit(re->limits, MATCH_LIMIT);
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
	return re;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->limits);
	free(re->kept);
	free(re);
}

static bool match(const struct regex *re, struct str subject)
{
	pcre2_match_data *data;
	int n;

	data = pcre2_match_data_create(1, NULL);
	if (!data)
		return false;
	n = pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.len, 0, 0, data, re->limits);
	pcre2_match_data_free(data);
	return n >= 0;
}

bool regex_match(const struct regex *re, struct str subject)
{
	_Atomic uint64_t *slot;
	uint64_t hash, kept;

	if (!subject.len)
		return false;
	hash = hash_of(subject);
	slot = &re->kept[hash >> 32 & (KEPT - 1)];
	hash = (hash & ~UINT64_C(1)) | 2; /* never that of a free slot */
	kept = atomic_load_explicit(slot, memory_order_relaxed);
	if ((kept & ~UINT64_C(1)) != hash) {
		kept = hash | match(re, subject);
		atomic_store_explicit(slot, kept, memory_order_relaxed);
	}
	return kept & 1;
}
