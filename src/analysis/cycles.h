/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_CYCLES_H
#define UNSPLAT_ANALYSIS_CYCLES_H

#include "unsplat/graph.h"

/** One elementary cycle: n different locks, each with an edge to the next, the last to the first. */
struct id_cycle {
	const lock_id *locks;
	size_t n;
};

struct cycles {
	VEC(struct id_cycle) list; /* in order of their first lock, then as found: deterministic */
	bool more;		   /* the limit was hit */
};

/**
 * Elementary cycles of a graph without some of its edges.
 * @param cut    one bool per edge of @p g; NULL: none is cut
 * @param limit  how many to list; the search is bounded as well
 * @param ret    its memory comes from @p mem
 * @return 0 or -ENOMEM
 * Source of the method: D. B. Johnson, "Finding all the elementary circuits of a directed
 * graph", SIAM J. Comput. 4 (1975); the search is iterative.
 */
int cycles_find(const struct graph *g, const bool *cut, size_t limit, struct arena *mem,
		struct cycles *ret);

/** Mark what @p from leads to: @p ret has one bool per lock, all false before. @return 0 or -ENOMEM. */
int cycles_reach(const struct graph *g, lock_id from, bool *ret);

#endif
