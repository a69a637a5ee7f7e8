/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_PROC_H
#define UNSPLAT_PROC_H

#include "unsplat/graph.h"
#include "unsplat/input.h"

/*
 * The kernel's own tables: /proc/lockdep, /proc/lockdep_chains, /proc/lock_stat. A stream may
 * have several of them behind one another.
 */

/** Rows of one stream that are kept; the kernel's tables have some 10,000. */
#define PROC_MAX_ROWS ((size_t)4 << 20)

/** One row of lock_stat: both modes of a lock are rows of their own. */
struct proc_stat {
	struct str name; /* without "-W" and "-R"; cut by the kernel when it is long */
	uint64_t contentions, acquisitions;
	double wait_us;
};

/** What the tables say; all is in `mem`. Edges have no stack, locks are as printed. */
struct proc_tables {
	struct arena *mem;
	VEC(struct str) classes; /* of /proc/lockdep */
	dependencies edges;	 /* its direct dependencies */
	dependencies nestings;	 /* of lockdep_chains: taken one after the other */
	VEC(struct proc_stat) stats;
	uint64_t bytes, lines, chains;
	uint64_t odd; /* lines that no table has */
	bool full;    /* PROC_MAX_ROWS was hit: the rest is not read */
};

/** @return whether a stream that begins with @p head is such a table. */
bool proc_is(struct str head);
/** Read all of @p in. @return 0 or -errno; what was read until then is in *ret in any case */
int proc_read(struct input *in, struct proc_tables *ret);
void proc_tables_done(struct proc_tables *t);

#endif
