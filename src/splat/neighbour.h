/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_NEIGHBOUR_H
#define UNSPLAT_SPLAT_NEIGHBOUR_H

#include "unsplat/str.h"

/** A line that is no report but tells something about lockdep or about held locks. */
struct neighbour {
	const char *begins; /* what the line begins with */
	const char *has;    /* and has behind it; NULL: nothing more */
	const char *kind;   /* word of the note; NULL: the line only switches lockdep off */
	const char *text;   /* sentence of the note */
	bool turns_off;	    /* lockdep is off from this line on */
};

/** @return the row that @p text (without indent) is, or NULL. */
const struct neighbour *neighbour_find(struct str text);
/** @return row @p i of the table, NULL behind the last one. */
const struct neighbour *neighbour_row(size_t i);

#endif
