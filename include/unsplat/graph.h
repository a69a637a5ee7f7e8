/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_GRAPH_H
#define UNSPLAT_GRAPH_H

#include "unsplat/report.h"

/** How `to` depends on `from`. The words of all reports follow it. */
enum relation {
	RELATION_HELD,	       /* `to` was acquired while `from` was held */
	RELATION_WAITS_FOR,    /* `to` is waited for with `from` held, or runs on `from` */
	RELATION_CROSSRELEASE, /* `to` was taken before the completion `from` was completed */
	RELATION_MAX,
};

const char *relation_name(enum relation r); /* the word of the contract */

/** What a lock class stands for; most are locks, some are waits that lockdep tracks as locks. */
enum lock_type {
	LOCK_PLAIN,
	LOCK_WORK,	    /* (work_completion)... : acquired by the worker around the function */
	LOCK_WORKQUEUE,	    /* (wq_completion)... */
	LOCK_COMPLETION,    /* (complete)..., (completion)... : 4.14, 4.15-rc */
	LOCK_TIMER,	    /* (&x->timer) : acquired around the callback */
	LOCK_RECLAIM,	    /* fs_reclaim */
	LOCK_RCU_READER,    /* rcu_read_lock* : recursive readers that block no reader */
	LOCK_HOTPLUG,	    /* cpu_hotplug_lock */
	LOCK_HOTPLUG_STATE, /* cpuhp_state*: held around the callbacks */
	LOCK_ACTIVE_REF, /* kn->active, s_active: held by users of an attribute, waited for at removal */
	LOCK_RTNL,
	LOCK_MMAP,
	LOCK_CONSOLE,
	LOCK_QUEUE,  /* q_usage_counter: requests in flight, waited for by a freeze */
	LOCK_FREEZE, /* sb_writers, sb_internal ...: write access to a file system */
};

/** @return what @p name stands for, by its spelling alone. */
enum lock_type lock_type(struct str name);
/** @return @p name without the number of its class ("#5"), which differs from boot to boot; "/1" stays. */
int lock_stable_name(struct arena *mem, struct str name, struct str *ret);
/**
 * One spelling for names that changed between kernels (mmap_sem, mmap_lock; "&(&x)->rlock",
 * "&x" ...: a table), without the class number. @return 0 with *ret in @p mem, or -ENOMEM.
 */
int lock_common_name(struct arena *mem, struct str name, struct str *ret);
/** @return whether @p name says nothing by itself ("key", "&priv->lock"; a table). */
bool lock_is_anonymous(struct str name);

/** One dependency that a report shows. */
struct dependency {
	int64_t index; /* N of the "-> #N" whose stack witnesses it; -1: no chain entry does */
	int64_t held;  /* index into held_locks for a derived one, else -1 */
	struct str from, to;
	enum relation relation;
	bool derived;	     /* from the list of held locks */
	bool pseudo;	     /* `from` is "irqs-on": `to` is taken with interrupts enabled */
	const stack *frames; /* how `to` was acquired; never NULL, may be empty */
};
typedef VEC(struct dependency) dependencies;

/**
 * All dependencies that a report proves: one per chain entry whose neighbour is known, the
 * closing one, those of the paths in reports about interrupts, and one from every held lock
 * of the same interrupt context to the wanted lock (derived ones come last).
 * No edge is guessed: a missing neighbour or stack means no edge.
 * @param ret  appended to, in the report's arena
 * @return 0 or -ENOMEM
 * Source: print_circular_bug(), check_noncircular(); formats as in lockdep.c since 2.6.18.
 */
int report_dependencies(struct report *r, dependencies *ret);

/** @return how `to` of @p d depends on its `from`, by their names and its stack. */
enum relation dependency_relation(const struct dependency *d);
/** @return the lock that the task wants: the header says so, or entry #0; empty: not known */
struct str report_wanted(const struct report *r);

/**
 * How many frames from the top on run in one context: what an interrupt interrupted, further out,
 * is another. Frames that are not reliable do not tell.
 */
size_t context_frames(const stack *s);

/** Why a held lock proves nothing. */
enum held_proof {
	HELD_PROVES,
	HELD_IS_READER,	    /* a recursive reader blocks nobody by itself */
	HELD_OTHER_CONTEXT, /* taken by what an interrupt interrupted, or not known to be ours */
	HELD_IS_WANTED,	    /* it is the wanted lock: waiters are listed as holders */
};
enum held_proof held_lock_proof(const struct report *r, size_t held);

/**
 * Lock graph merged from any number of reports.
 * An edge from -> to says "to was acquired while from was held" (see enum relation). Ids are
 * dense from 0 and never change, so analysis keeps its own arrays indexed by id. Names are
 * copied in; what is handed out is borrowed and lives as long as the graph. Witnesses are
 * borrowed: the reports must outlive the graph.
 */
struct graph;
typedef uint32_t lock_id;

struct graph_edge {
	lock_id from, to;
	uint64_t count; /* how often it was witnessed */
	VEC(const struct dependency *) witnesses;
};

struct graph *graph_new(void); /* NULL: out of memory */
void graph_free(struct graph *g);
/** Find or add a lock by name. @return 0 with *ret set, or -ENOMEM and *ret untouched. */
int graph_lock(struct graph *g, struct str name, lock_id *ret);
/** Add an edge, or a witness to one that is there. @return 0 or -ENOMEM. */
int graph_add(struct graph *g, const struct dependency *d);
size_t graph_locks(const struct graph *g);
struct str graph_name(const struct graph *g, lock_id id);
size_t graph_edges(const struct graph *g);
const struct graph_edge *graph_edge(const struct graph *g, size_t i);

#endif
