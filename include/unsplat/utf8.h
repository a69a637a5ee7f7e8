/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_UTF8_H
#define UNSPLAT_UTF8_H

#include "unsplat/str.h"

/**
 * Decode one character.
 * @param s    not empty
 * @param ret  the character; untouched when it is none
 * @return its bytes (1 to 4), or 0 when @p s begins with no valid UTF-8 (RFC 3629)
 */
size_t utf8_next(struct str s, uint32_t *ret);
/** @return whether a terminal may act on @p c: C0, DEL, C1, and what turns the writing direction. */
bool utf8_is_control(uint32_t c);

#endif
