/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_UTF16_H
#define UNSPLAT_LINE_UTF16_H

#include <stdbool.h>
#include <stddef.h>

/* Terminal programs of Windows save logs so. Told by the byte order mark, and only by it. */
struct utf16 {
	bool big;	    /* byte order */
	unsigned char half; /* the first byte of a unit whose second is not there yet */
	bool has_half;
	unsigned int high; /* a high surrogate that waits for its low one, 0: none */
};

/** @return whether @p p begins with a byte order mark of UTF-16; then *u is set. */
bool utf16_begins(const char *p, size_t n, struct utf16 *u);
/**
 * @param in   @p n bytes
 * @param out  room for n / 2 * 3 + 3 bytes
 * @return bytes of UTF-8 that were written
 */
size_t utf16_decode(struct utf16 *u, const char *in, size_t n, char *out);

#endif
