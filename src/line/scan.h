/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_SCAN_H
#define UNSPLAT_LINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

#include "hint.h"

/*
 * The search in front of the line stage: most logs have no splat, so lines that cannot begin
 * one are never cut out. One pass at the speed of memory looks for the fingerprints of hint.h
 * and counts newlines; where a fingerprint is, hint.h looks closer.
 */

/** The fingerprints as the search needs them. */
struct scanner {
	/* bit per bucket: which of them a byte may belong to, at each place of a fingerprint */
	uint8_t whole[HINT_BYTES][256];
	/* the same by halves of the byte, for vector instructions that look up in 16 bytes */
	uint8_t low[HINT_BYTES][16], high[HINT_BYTES][16];
	/* the same by its lower seven bits, where 128 bytes can be looked up in at once */
	uint8_t seven[HINT_BYTES][128];
};
/** @return the one scanner, made by the first caller; threads share it. */
const struct scanner *scanner_get(void);

/**
 * Find the first hint.
 * @param p         the begin of a line
 * @param newlines  set to the number of '\n' before the result
 * @return offset of a byte of the line (or of the blank line before it) that has to be cut
 *         out, or @p n when there is none
 */
size_t scan_hint(const struct scanner *s, const char *p, size_t n, uint64_t *newlines);
/** With which instructions; all find the same. For tests: scan_hint() takes the fastest. */
enum scan_way { SCAN_PLAIN, SCAN_AVX2, SCAN_VBMI, SCAN_NEON, SCAN_WAYS };
/** @param way  SCAN_PLAIN is done instead, where the processor has no such instructions */
size_t scan_hint_by(enum scan_way way, const struct scanner *s, const char *p, size_t n,
		    uint64_t *newlines);

#endif
