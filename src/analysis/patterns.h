/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_PATTERNS_H
#define UNSPLAT_ANALYSIS_PATTERNS_H

#include "roles.h"
#include "unsplat/graph.h"

/*
 * The knowledge of the advice, as two tables: remedy patterns (what happens at an edge, and
 * what is done about it) and signs (what else speaks for or against breaking it there).
 */

/** Whether both ends of an edge are one class, and then one lock. */
enum recursion {
	RECURSION_NONE,
	RECURSION_SAME_LOCK,
	RECURSION_OTHER_LOCK,
	RECURSION_UNKNOWN, /* kernels before 4.17 do not print the lock's address */
};

/** One remedy pattern. Regular expressions match a whole name; NULL matches anything. */
struct pattern_row {
	const char *name;	  /* word for scripts: "workqueue-allocation" */
	const char *remedy;	  /* word of the contract */
	const char *from;	  /* name of the lock that is held */
	const char *to;		  /* name of the lock that is acquired */
	const char *call;	  /* a function of the stack that betrays it */
	const char *unless;	  /* a function that rules it out */
	bool service;		  /* the call enters a service that has locks of its own */
	enum recursion recursion; /* only edges of this sort */
	/*
	 * Sentences for people. {F} the function to patch, {T} the lock that is taken, {H} what is
	 * held there, as a phrase ("with &a held", "by a work item"), {L} the lock that should not
	 * be held there, {G} where a recursive one was taken.
	 */
	const char *what, *todo;
};

/** What a reader of the report should know of an edge beside its pattern. */
struct sign_row {
	const char *from, *to, *call;
	bool top_only;	  /* the call must be the first own function of the stack */
	const char *kind; /* of the note, NULL: no note */
	const char *text; /* of the note */
};

/** One edge, seen through the tables. */
struct edge_view {
	struct str from, to; /* common names */
	const stack *frames;
	enum recursion recursion;
	size_t inside; /* so many frames from the top run with `from` held; the rest may not */
};

struct patterns;
struct patterns *patterns_new(void);
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

/** Row @p i of a table, for the test that wants one example of each. @return NULL past the last. */
const struct pattern_row *patterns_row(size_t i);
const struct sign_row *signs_row(size_t i);

/** How many frames from the top on belong to the code in question: up to the entry of the thread. */
size_t own_frames(const struct roles *t, const stack *s);

#endif
