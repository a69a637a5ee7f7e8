/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_MARK_H
#define UNSPLAT_LINE_MARK_H

#include "unsplat/line.h"

/*
 * Marks that people put before every line of a log that they cite: "+" and "-" of a diff, "# ",
 * ": ", "% ", "John> ". The text of the kernel begins with such bytes as well ("-> #2", ":" of a
 * line in pieces), so they are known by the banner of a report that has one before it, and are
 * taken off as long as lines have them.
 */

#define MARK_MAX_BYTES 20

struct mark {
	char text[MARK_MAX_BYTES]; /* with its blank, if it has one */
	size_t len;		   /* 0: lines have none */
	uint64_t number;	   /* of the last line that had it */
};

/**
 * @param line  as line_undecorate() left it, with its number
 * @param ret   what stands behind the mark: to be undecorated once more
 * @return whether there is one
 */
bool mark_take(struct mark *m, const struct line *line, struct str *ret);
/** @return which transport such a mark is */
enum transport mark_transport(const struct mark *m);

#endif
