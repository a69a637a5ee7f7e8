/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_ANALYST_H
#define UNSPLAT_ANALYSIS_ANALYST_H

#include "patterns.h"
#include "roles.h"
#include "unsplat/analysis.h"

/* What the parts of the analysis share. */
struct analyst {
	struct roles *roles;
	struct patterns *patterns;
};

/** Title that people search for; see title.c. @return 0 or -ENOMEM */
int title_make(const struct analyst *a, const struct report *r, struct str *ret);
/** Signature from the edges and tellings of @p v. @return 0 or -ENOMEM */
int signature_make(struct report *r, const struct verdict *v, struct str *ret);
/** Suggestions, tellings and notes of @p v, from its edges. @return 0 or -ENOMEM */
int advice_make(const struct analyst *a, struct report *r, struct verdict *v);

/** @return index of the first frame from @p from on that is somebody's own code, or s->n. */
size_t code_frame(const struct roles *t, const stack *s, size_t from);

#endif
