/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_ANALYST_H
#define UNSPLAT_ANALYSIS_ANALYST_H

#include <stdio.h>

#include "lock_order.h"
#include "patterns.h"
#include "roles.h"
#include "unsplat/analysis.h"

/* What the parts of the analysis share. */
struct analyst {
	struct roles *roles;
	struct patterns *patterns;
	struct lock_order *order;
};

/** Title that people search for; see title.c. @return 0 or -ENOMEM */
int title_make(const struct report *r, struct str *ret);
/** Signature from the edges and tellings of @p v. @return 0 or -ENOMEM */
int signature_make(const struct analyst *a, struct report *r, const struct verdict *v,
		   struct str *ret);
/** Suggestions, tellings and notes of @p v, from its edges. @return 0 or -ENOMEM */
int advice_make(const struct analyst *a, struct report *r, struct verdict *v);

/**
 * Log-odds, as the scores of the suggestions, become probabilities with the sum @p rest, which
 * leaves room for "none of them: annotate" and for what is lost; best first, ranks set.
 */
void suggestions_rank(struct verdict *v, double rest);
/** Suggestions, uses and notes for reports about interrupts, from the same. @return 0 or -ENOMEM */
int irq_advice_make(const struct analyst *a, struct report *r, struct verdict *v);
/** What is wrong and what to do, in words, for every kind. @return 0 or -ENOMEM */
int explain_make(const struct analyst *a, struct report *r, struct verdict *v);

/**
 * The frame that a maintainer would name, and the one below it.
 * @param call  the frame that betrays a pattern: the patch goes below it; SIZE_MAX: none does
 */
struct telling telling_make(const struct analyst *a, const stack *s, size_t call);
/** Where no frame of the stack is anybody's own, or it is lost: a lock's line says who takes it. */
void telling_name(const struct analyst *a, const struct lock *l, struct telling *t);
/** @return the function that a lock's line names: of the inlined ones the first that is somebody's own */
struct str lock_taker(const struct analyst *a, const struct lock *l);

/** @return whether the chain is whole, so that its edges make the cycle that lockdep found. */
bool is_closed(const struct report *r, const struct verdict *v);
/**
 * What is held at an edge, as a phrase that is true for things that are no locks as well.
 * @return false, and nothing written, for what is simply held.
 */
bool write_holder(FILE *out, struct str name);

#endif
