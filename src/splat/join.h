/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_JOIN_H
#define UNSPLAT_SPLAT_JOIN_H

#include "unsplat/line.h"

/*
 * Lines that mailers wrapped, and records that 4.9 and busy consoles broke into pieces, are
 * put together again: only where the first piece is provably incomplete ("... at:", "(name",
 * "-> #3", half a sentence), and only when the whole makes a line that lockdep prints.
 * What does not fit is given on as it was. Memory: one line.
 */

#define JOIN_PIECES 10 /* " #0: ", "(", "name", "#2", "/1", "){+.+.}", "-{3:3}", ", at: ", symbol */
#define JOIN_BYTES 4096 /* of all of them; a longer line is not put together */

struct joiner {
	struct line piece[JOIN_PIECES]; /* as they came, texts in `raw` */
	size_t n, given;		/* given: of those that are given back */
	size_t passed;			/* foreign lines since the last piece */
	size_t len, raw_len;
	char raw[JOIN_BYTES];
	char text[JOIN_BYTES];
	char caller[16];
};

enum join_result {
	JOIN_PASS,  /* the line goes on as it is */
	JOIN_KEPT,  /* it waits for the rest */
	JOIN_WHOLE, /* *ret is the whole line */
	JOIN_APART, /* no whole came of it: take joiner_piece() until it is empty, then this line */
};

/** @param in_report  whether a report is open: outside, only its first lines are looked for */
enum join_result joiner_feed(struct joiner *j, const struct line *line, bool in_report,
			     struct line *ret);
/** Give back the next piece of what did not fit, or at the end. @return false: none is left */
bool joiner_piece(struct joiner *j, struct line *ret);
/** @return whether something waits for its rest. */
bool joiner_waits(const struct joiner *j);

#endif
