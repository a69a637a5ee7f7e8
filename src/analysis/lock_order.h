/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_LOCK_ORDER_H
#define UNSPLAT_ANALYSIS_LOCK_ORDER_H

#include "unsplat/str.h"

/*
 * What is known of the order of the kernel's locks, independent of any report: rows of
 * lock_order.inc, and how widely a lock is used. An edge that follows a known order is rarely
 * the one to break; one that goes against it nearly always is.
 */
struct lock_order;
struct lock_order *lock_order_new(void); /* NULL: out of memory */
void lock_order_free(struct lock_order *o);

/** A lock under its names: as printed without the class number, and as all kernels call it. */
struct lock_names {
	struct str stable, common;
};

/** "&a/1" is "&a": which comes first among locks of one class is no matter of what they are. */
struct str lock_without_subclass(struct str name);

/** @return how sure it is that @p outer is taken before @p inner: 1, 0.5 ("usual"), 0: unknown */
double lock_order_known(const struct lock_order *o, const struct lock_names *outer,
			const struct lock_names *inner);

enum lock_reach {
	REACH_LEAF,	/* taken by all, and nothing is to be taken inside */
	REACH_SPECIFIC, /* of one driver or subsystem */
	REACH_CORE,	/* of a service that many use */
	REACH_WORLD,	/* entered by nearly everything: fs_reclaim, rtnl_mutex, a workqueue ... */
};
enum lock_reach lock_reach(const struct lock_order *o, const struct lock_names *lock);

#endif
