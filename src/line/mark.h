/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_MARK_H
#define UNSPLAT_LINE_MARK_H

#include "unsplat/line.h"

/*
 * Marks that people and tools put before every line of a log: "+" and "-" of a diff, "# ", ": ",
 * "% ", "John> "; the name of the file and the number of the line, as grep has them. The text of
 * the kernel begins with such bytes as well ("-> #2", "lockdep.c:4810 which ..."), so they are
 * known by a banner that has one before it, and are taken off where lines have them, up to a banner
 * without: the scanner never passes over a banner, so both modes of reading agree.
 */

#define MARK_MAX_BYTES 256

struct mark {
	char text[MARK_MAX_BYTES]; /* without a blank behind it; MARK_GREP: the name */
	size_t len;
	enum { MARK_NONE, MARK_SIGN, MARK_DIFF, MARK_GREP } kind;
	bool numbered; /* MARK_GREP: a number behind the name */
};

/**
 * @param line  as line_undecorate() left it
 * @param ret   what stands behind the mark: to be undecorated once more
 * @return whether there is one
 */
bool mark_take(struct mark *m, const struct line *line, struct str *ret);
/** @return which transport such a mark is */
enum transport mark_transport(const struct mark *m);

#endif
