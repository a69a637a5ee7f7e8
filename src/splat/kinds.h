/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_KINDS_H
#define UNSPLAT_SPLAT_KINDS_H

#include "unsplat/report.h"

/** What every report of a kind has when nothing of it is lost. */
enum kind_has {
	HAS_TASK = 1u << 0,
	HAS_ACQUIRING = 1u << 1,
	HAS_HOLDING = 1u << 2,
	HAS_CHAIN = 1u << 3,
	HAS_HELD = 1u << 4, /* a list of held locks, or "no locks held by" */
	HAS_BACKTRACE = 1u << 5,
	HAS_END_RULE = 1u << 6, /* ends with a rule of '=' */
	HAS_RELEASED = 1u << 7, /* says what is released or contended */
	HAS_FREED = 1u << 8,	/* says what is freed */
	HAS_STATES = 1u << 9,	/* usage states, and where they came from */
	HAS_PATHS = 1u << 10,	/* paths with class blocks */
	HAS_NEST = 1u << 11,	/* names the lock that is not held */
	HAS_CONTEXT = 1u << 12, /* "context-{n:n}" */
	HAS_RCU = 1u << 13,	/* RCU's own lines */
};

struct kind_row {
	const char *word; /* of the contract */
	unsigned int has; /* enum kind_has */
	bool turns_off;	  /* lockdep is off after it */
	/* The kind sentences, without what stands around them ("WARNING: ", "[ INFO: ", " ]");
	 * '*' matches anything, once. */
	const char *sentences[3];
};

/** @return whether @p text is a banner whose end is missing: at least its severity is there. */
bool banner_begins(struct str text);

/** @return the row of @p kind; never NULL. */
const struct kind_row *kind_row(enum kind kind);

#endif
