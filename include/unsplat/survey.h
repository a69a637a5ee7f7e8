/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SURVEY_H
#define UNSPLAT_SURVEY_H

#include "unsplat/analysis.h"
#include "unsplat/atlas.h"

/*
 * What follows from the atlas: where its cycles are, which few edges end all of them, which
 * reports are about the same thing. Pure: same atlas, same survey. Nesting edges (chains of the
 * kernel's table alone) take no part in cycles.
 */

/** Cycles that are looked for beside those of the reports, shortest first. */
#define SURVEY_CYCLES_MAX 1000
/** The cut of a component with so many locks, not counting those with one way in and one out, is exact. */
#define CUT_EXACT_MAX 18
#define SURVEY_FUNCTIONS_MAX 100
/** Witnesses from kernels that so many releases lie between do not meet. */
#define SURVEY_RELEASES_MAX 10

struct survey_cycle {
	const lock_id *locks; /* from the lowest on */
	uint32_t n;
	struct ids reports; /* that show all of its edges; empty: a prediction, or of a table */
};

struct survey_prediction {
	struct survey_cycle cycle;
	struct str why;
};

/** Locks that can all reach one another. */
struct survey_component {
	uint32_t locks, edges, cut; /* how many */
	bool exact;		    /* the cut is a smallest one */
	uint64_t cost, bound;	    /* of the cut; no cut costs less than the bound */
};

struct survey_cut {
	uint32_t edge;
	uint32_t component;
	uint64_t breaks, of; /* reports with this edge in their cycle; reports with a cycle */
	struct str function, module, what, todo; /* function may be empty */
};

/** Reports that share an edge which is no known order, or an edge of the cut. */
struct survey_cluster {
	struct ids reports, shared; /* shared: edges */
};

struct survey_function {
	struct str name;
	uint64_t reports, edges;
	bool takes; /* it is the one that a maintainer would name for some edge; these come first */
};

struct survey {
	uint32_t *component;	       /* per lock; UINT32_MAX: in no cycle */
	uint32_t *cost;		       /* per edge: what cutting it costs, 1 to 1,000,000 */
	bool *natural;		       /* per edge: follows a known order of the kernel's locks */
	bool *is_cut;		       /* per edge */
	struct survey_cycle *shortest; /* per edge: a shortest cycle through it; n is 0: none */
	VEC(struct survey_component) components;
	VEC(struct survey_cycle) cycles; /* that reports show: by length, then by locks */
	VEC(struct survey_prediction) predictions;
	uint64_t hidden,
		dropped;  /* predictions that are not listed: a name says nothing; no meeting */
	bool more_cycles; /* a limit was hit: there are others */
	VEC(struct survey_cut) cut;
	VEC(struct survey_cluster) clusters; /* largest first */
	VEC(struct survey_function) functions;
};

/** What a user wants to see of the atlas; NULL: no wish. */
struct survey_query {
	const char *from, *to; /* the shortest order from one to the other */
	const char *around;    /* what lies within `within` edges of it */
	unsigned int within;
	const char *lock; /* regular expression: cycles and edges through such locks */
};

/** What is seen: all of it when there was no query. */
struct survey_selection {
	bool limited;
	bool *lock, *edge;    /* per lock, per edge */
	const uint32_t *path; /* edges of the order that was asked for; n_path is 0: none */
	uint32_t n_path;
	const char *unknown; /* a name of the query that is no lock of the atlas */
	const char *bad_regex;
};
/** @return 0 (also with `unknown` or `bad_regex` set) or -ENOMEM; *ret is in @p mem */
int survey_select(const struct atlas *a, const struct survey *s, const struct survey_query *q,
		  struct arena *mem, struct survey_selection *ret);
/** @return whether all edges of a cycle are seen. */
bool selection_has(const struct survey_selection *x, const struct atlas *a,
		   const struct survey_cycle *c);

/** The analyst's half of the atlas options: who took a lock, which functions tell something. */
void survey_options(const struct analyst *a, struct atlas_options *ret);
/**
 * @param mem  what *ret is made in
 * @return 0 or -ENOMEM
 */
int survey_make(const struct analyst *a, const struct atlas *atlas, struct arena *mem,
		struct survey **ret);
/** A sighting of a report that has been judged. */
void sighting_make(struct report *r, const struct verdict *v, struct sighting *ret);
/**
 * The same for a report without a verdict, which another run wrote down.
 * @return 0 or -ENOMEM
 */
int sighting_restore(struct report *r, struct str signature, struct str title,
		     const dependencies *derived, struct sighting *ret);
/**
 * Let @p v know of the other reports of its run: an edge that stands in several different
 * cycles weighs more, and a note says in which. @p atlas is finished. @return 0 or -ENOMEM
 */
int verdict_relate(const struct atlas *atlas, struct report *r, struct verdict *v);

#endif
