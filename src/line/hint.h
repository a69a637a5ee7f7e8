/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_HINT_H
#define UNSPLAT_LINE_HINT_H

#include <stdbool.h>
#include <stddef.h>

#include "unsplat/str.h"

/*
 * Necessary properties of the lines that the stages behind must see, whatever transport carries
 * them: those that may begin a report, a boot or a note (src/splat/splat.c), and those that
 * change how later lines are to be read (mail.c, unpack.c, html.c). Each is a word, because what
 * stands between words differs (blanks, entities, colours), or a byte that could hide one:
 *
 *   WARNING: INFO: BUG:     all banners but one, most notes, and their first halves when wrapped
 *   held                    "2 locks held by", "Showing all locks held in the system:"
 *   COMM/PID is             "... is trying to acquire lock:" without its banner, also wrapped
 *   -> #                    a chain without its banner; "->" at the end of a line
 *   Linux version           a boot
 *   debugging, S_WARN       "Disabling lock debugging due to", "DEBUG_LOCKS_WARN_ON("
 *   =3D=                    a mail in quoted-printable that has lost its headers
 *   From                    behind a blank line: the next mail of a mailbox
 *   __CURSOR=, ncfrag=      the journal's export, records in pieces
 *   <pre>, </a> ...         a page begins; x<b>: a tag inside a word
 *   :// ... /pull/          a link that stands for a number (also /issues/)
 *   \u0041, \x41, #012,     escaped characters, entities by number, control characters and
 *   &#65;, ^[[, NUL ...     zero-width blanks inside a word, JSON with text as a list of bytes
 */

/** Three neighbouring bytes, each as a set in brackets' notation ("A-Za-z/"); len 0: any. */
struct hint_print {
	unsigned char bucket; /* below HINT_BUCKETS: prints that share one blur into each other */
	struct str byte[3];
};
#define HINT_BUCKETS 8
#define HINT_BYTES 3

/** @return row @p i of the table of fingerprints, NULL behind the last one. */
const struct hint_print *hint_print(size_t i);
/**
 * Look closer, where a fingerprint is.
 * @param begin  of the text, which is the begin of a line; nothing before it is read
 * @param at     where the fingerprint begins; at + HINT_BYTES <= end
 * @return whether the line must be cut out and given on
 */
bool hint_is_real(const char *begin, const char *at, const char *end);

#endif
