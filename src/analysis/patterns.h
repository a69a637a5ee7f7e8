/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_PATTERNS_H
#define UNSPLAT_ANALYSIS_PATTERNS_H

#include "roles.h"
#include "unsplat/graph.h"
#include "unsplat/patterns.h"

/*
 * The knowledge of the advice, as two tables: remedy patterns (what happens at an edge, and
 * what is done about it) and signs (what else speaks for or against breaking it there).
 */

/** What a reader of the report should know of an edge beside its pattern. */
struct sign_row {
	const char *from, *to, *call;
	const char *unless; /* a function that rules it out */
	bool named;	    /* the text goes on after the name of the held lock */
	bool top_only;	    /* the call must be the first own function of the stack */
	bool whole;	    /* what an interrupt interrupted counts as well */
	const char *kind;   /* of the note, NULL: no note */
	const char *text;   /* of the note */
};

/** One edge, seen through the tables. */
struct edge_view {
	struct str from, to; /* common names */
	const stack *frames;
	enum recursion recursion;
	bool own;	/* `from` is a lock of one driver or subsystem */
	size_t inside;	/* so many frames from the top run with `from` held; the rest may not */
	size_t context; /* so many run in one context, see context_frames() */
};

struct patterns;
/** @param more  rows of a user, looked at before the last of the table; NULL: none; borrowed */
struct patterns *patterns_new(const struct pattern_file *more);
void patterns_free(struct patterns *p);

struct pattern_hit {
	const struct pattern_row *row;
	size_t call; /* index of the outermost frame that betrays it; SIZE_MAX: the locks alone do */
};

/** @return the first row that matches; the last row of the table matches everything. */
struct pattern_hit patterns_find(const struct patterns *p, const struct roles *t,
				 const struct edge_view *e);
/** Call @p fn for each sign of the edge. */
void signs_find(const struct patterns *p, const struct roles *t, const struct edge_view *e,
		void (*fn)(void *ctx, const struct sign_row *), void *ctx);

/** Sign @p i, for the test that wants one example of each. @return NULL past the last. */
const struct sign_row *signs_row(size_t i);

/** How many frames from the top on belong to the code in question: up to the entry of the thread. */
size_t own_frames(const struct roles *t, const stack *s);

#endif
