/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_H
#define UNSPLAT_ANALYSIS_H

#include "unsplat/graph.h"
#include "unsplat/patterns.h"
#include "unsplat/report.h"

/*
 * What follows from a report: its dependencies, the cycles they make, where to break them,
 * and the names under which the same bug is found again. Pure: same report, same verdict.
 */

/** Cycles and suggestions are worked out up to these; what is over is said in a note. */
#define CYCLES_MAX 64
#define SUGGESTIONS_MAX 64

/** A cycle as names, in the order in which each is acquired after the one before it. */
struct lock_cycle {
	const struct str *locks;
	size_t n;
};
typedef VEC(struct lock_cycle) lock_cycles;

/** One reason for a score: it counts value * weight, in log-odds. */
struct feature_value {
	const char *name; /* static */
	double value, weight;
};
typedef VEC(struct feature_value) feature_values;

struct suggestion {
	unsigned int rank; /* 1 is best */
	const struct dependency *edge;
	struct str held; /* outermost lock held there from which the cycle could still be closed */
	double score;	 /* probability that the fix breaks this edge; sums to less than 1 */
	const char *pattern; /* row of the table, or "lock-order" */
	const char *remedy;  /* word of the contract */
	struct str function; /* where a patch would go; empty when the stack does not tell */
	struct str module;   /* of that function */
	struct str what;     /* one sentence: what happens there */
	struct str todo;     /* one sentence: what to do instead */
	struct str but;	 /* one sentence when cutting the edge alone is not enough, else empty */
	bool sufficient; /* not holding `held`, nor any lock taken after it, leaves no cycle */
	feature_values features; /* why the score is what it is; empty where there is no cycle */
	lock_cycles leaves;	 /* what stays when only the edge itself is cut */
};

struct note {
	const char *kind; /* word */
	int64_t edge;	  /* N of "-> #N", -1: of no edge */
	struct str text;  /* a sentence without its full stop; what it is about is not in it */
};

/** How the stack of an edge is told in a few words. */
struct telling {
	struct str function; /* the frame that a maintainer would name; empty: none */
	struct str caller;   /* and the one below it, where that helps */
	struct str module;
	bool boot; /* witnessed during boot only */
};

/** Where a lock was used in a way that matters to an interrupt. */
struct lock_use {
	struct str lock;
	const char *context; /* "hardirq", "softirq", "memory reclaim", "NMI" */
	bool inside;	     /* taken in that context; else with it enabled */
	bool read;
	bool now; /* by the acquisition that the report is about */
	struct telling telling;
};

/** The verdict in words, for kinds with and without a cycle. */
struct explanation {
	struct str function, module; /* where it went wrong; empty when the log does not tell */
	struct str what, todo;	     /* sentences */
};

struct verdict {
	struct str title;
	struct str signature;	  /* 16 hex digits; empty when the cycle is not all there */
	dependencies edges;	  /* of the chain first, then the derived ones */
	size_t n_chain_edges;	  /* that are not derived */
	struct telling *tellings; /* one per edge */
	VEC(struct suggestion) suggestions; /* best first */
	VEC(struct note) notes;
	VEC(struct lock_use) uses; /* reports about interrupts */
	struct explanation explanation;
	bool closed; /* the edges make a cycle through the whole chain */
};

/** The compiled tables. Answers never change after analyst_new(): may be shared by threads. */
struct analyst;
/** @param more  remedy patterns of a user; NULL: none; borrowed. @return NULL: out of memory */
struct analyst *analyst_new(const struct pattern_file *more);
void analyst_free(struct analyst *a);

/**
 * Judge a report. The verdict lives in the report's arena and ends with it.
 * @return 0 with *ret set, or -ENOMEM
 */
int verdict_make(const struct analyst *a, struct report *r, struct verdict **ret);
/**
 * The same in two steps, for who counts repeated reports and throws them away: after the first,
 * title, signature and edges are there; after the second, all else. @return 0 or -ENOMEM
 */
int verdict_begin(const struct analyst *a, struct report *r, struct verdict **ret);
int verdict_finish(const struct analyst *a, struct report *r, struct verdict *v);

#endif
