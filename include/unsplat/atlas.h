/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ATLAS_H
#define UNSPLAT_ATLAS_H

#include "unsplat/graph.h"

/*
 * The atlas: one lock graph out of many logs. What is kept grows with what differs (locks, edges,
 * signatures), not with the number of reports. After atlas_finish() all ids follow the order of names:
 * nothing depends on the order in which the reports came.
 *
 * Names of different boots are one lock when lock_common_name() makes them equal; two names of
 * one report (or of one table of the kernel) never are: the second gets a number. A name that says
 * nothing is one lock only where it was taken in the same file system, module or function.
 */

/** Bounds on what is kept of one edge; which ones: the first in a total order. */
#define ATLAS_STACKS_MAX 4
#define ATLAS_FRAMES_MAX 48
#define ATLAS_KERNELS_MAX 32
#define ATLAS_SOURCES_MAX 8

typedef uint32_t report_id;

/** Who took a lock, as a stack tells it. */
struct place {
	struct str function, module; /* empty: not known */
	bool boot;		     /* runs while the kernel boots only */
};

/** What the atlas asks of the stages behind it: which functions tell something. */
struct atlas_options {
	void (*place)(const void *ctx, const stack *s, struct place *ret);
	bool (*is_telling)(const void *ctx, struct str function);
	const void *ctx;
	bool keep_class_index; /* "name#2" is another lock than "name" */
};

/** A report, or a table of the kernel, as it goes in; all is borrowed for the call. */
struct sighting {
	struct report *r;   /* scratch memory comes from its arena */
	dependencies edges; /* those of the chain first */
	size_t n_cycle; /* the first so many close a cycle, each after the one before; 0: none */
	struct str signature; /* empty: none */
	struct str title;
	const struct str *locks; /* names beside those of the edges */
	size_t n_locks;
	bool table;   /* /proc/lockdep: what the kernel has seen and found no fault with */
	bool nesting; /* /proc/lockdep_chains: held together, which a trylock may do */
};

/** An ascending list of ids. */
struct ids {
	uint32_t *p;
	uint32_t n;
};

/** A line of a stack as it is kept: strings are ids for atlas_word(). */
struct kept_frame {
	uint32_t function, module, file, line, offset, size;
	bool has_offset, has_size, inlined;
};

/** A stack as it is kept, without what the unwinder was not sure of. */
struct kept_stack {
	uint64_t path, details; /* hashes: of the functions, and of all */
	struct kept_frame *frames;
	uint32_t n; /* at most ATLAS_FRAMES_MAX */
};

struct atlas_lock {
	struct str name;  /* as it is shown: unique */
	struct str base;  /* the name that kernels share */
	struct str scope; /* of a name that says nothing: where it was taken; else empty */
	uint32_t ordinal; /* 1, or which one of those that have one name in one report */
	uint64_t reports; /* distinct ones */
	bool anonymous;
	bool live; /* stands in a table of the kernel */
	struct {
		uint64_t contentions, acquisitions;
		double wait_us; /* all waiting together */
	} stat;			/* /proc/lock_stat */
};

struct atlas_edge {
	lock_id from, to;
	enum relation relation; /* the first of those that were seen, in the order of the enum */
	bool derived;		/* from lists of held locks only */
	bool boot;		/* all witnesses are of the time of booting */
	bool live;		/* stands in /proc/lockdep */
	bool nesting;		/* only ever seen in /proc/lockdep_chains: proves no dependency */
	uint64_t count;
	struct ids reports; /* distinct ones that show it, without tables */
	struct ids kernels; /* ids for atlas_kernel() */
	struct ids sources; /* ids for atlas_source() */
	bool more_kernels, more_sources;
	bool has_guards;   /* some witness told them */
	struct ids guards; /* locks that were held, and not by readers, whenever it was witnessed */
	struct ids functions; /* ids for atlas_word(): telling ones of all stacks */
	struct kept_stack stacks[ATLAS_STACKS_MAX]; /* most frames first */
	unsigned int n_stacks;
	struct place place; /* of the first stack */
};

struct atlas_report {
	struct str signature; /* empty: none */
	struct str title;
	enum kind kind;
	struct str source; /* of its first occurrence in the order of (source, line) */
	uint64_t line, count;
	struct ids edges, functions, cycles;
	uint64_t identity, content; /* what makes it this report; what was last seen of it */
	uint32_t title_id, source_id;
	bool table; /* no report: a table of the kernel, which is one witness */
};

/** A cycle that some report showed, from its lowest lock on. */
struct atlas_cycle {
	struct ids locks; /* in the order of the cycle, not ascending */
	struct ids reports;
};

struct atlas;
struct atlas *atlas_new(const struct atlas_options *opt); /* NULL: out of memory */
void atlas_free(struct atlas *a);
/** Fold @p s in. @return 0 or -ENOMEM */
int atlas_add(struct atlas *a, const struct sighting *s);
/** /proc/lock_stat: how a lock was fought for; @p name may be cut, as it is there. */
int atlas_add_stat(struct atlas *a, struct str name, uint64_t contentions, uint64_t acquisitions,
		   double wait_us);
/** Put all in order; nothing is added after it. @return 0 or -ENOMEM */
int atlas_finish(struct atlas *a);

/* All that follows: after atlas_finish(). Locks are in the order of names, edges of (from, to),
 * reports of signatures. */
uint32_t atlas_locks(const struct atlas *a);
const struct atlas_lock *atlas_lock(const struct atlas *a, uint32_t i);
uint32_t atlas_edges(const struct atlas *a);
const struct atlas_edge *atlas_edge(const struct atlas *a, uint32_t i);
/** @return the first edge out of @p from; those out of it are [first(from), first(from + 1)). */
uint32_t atlas_first_edge(const struct atlas *a, lock_id from);
/** @return the edge from -> to, or UINT32_MAX */
uint32_t atlas_edge_find(const struct atlas *a, lock_id from, lock_id to);
uint32_t atlas_reports(const struct atlas *a);
const struct atlas_report *atlas_report(const struct atlas *a, report_id i);
uint32_t atlas_cycles(const struct atlas *a);
const struct atlas_cycle *atlas_cycle(const struct atlas *a, uint32_t i);
struct str atlas_kernel(const struct atlas *a, uint32_t id);
struct str atlas_source(const struct atlas *a, uint32_t id);
struct str atlas_word(const struct atlas *a, uint32_t id);
/** Stack @p i of @p e, in @p mem. @return 0 or -ENOMEM */
int atlas_stack(const struct atlas *a, const struct atlas_edge *e, unsigned int i,
		struct arena *mem, stack *ret);
/** The lock that a user calls @p name: as shown, by a kernel's name, or as some kernel prints it. */
bool atlas_lock_find(const struct atlas *a, struct str name, lock_id *ret);
/** The edge of @p s that @p d became, for a report that was folded in. @return UINT32_MAX: none */
uint32_t atlas_edge_of(const struct atlas *a, const struct sighting *s, const struct dependency *d);
/** The report that @p s became. @return UINT32_MAX: none */
report_id atlas_report_of(const struct atlas *a, struct str signature);

#endif
