/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_SURVEY_H
#define UNSPLAT_ANALYSIS_SURVEY_H

#include "unsplat/survey.h"

/* What the files of the survey share. */

/** A part of the atlas on its own: edges between locks 0 to n - 1. */
struct part {
	uint32_t n, m;
	uint32_t *from, *to, *cost; /* per edge */
};

struct part_cut {
	bool *cut; /* per edge; room is the caller's, all false before */
	uint64_t cost, bound;
	bool exact;
};

/** The edges of least cost without which @p p has no cycle. @return 0 or -ENOMEM */
int cut_find(const struct part *p, struct part_cut *ret);

/** Fill cycles, shortest and predictions. @return 0 or -ENOMEM */
int survey_cycles(const struct atlas *a, struct arena *mem, struct survey *s);
/** Fill clusters and functions. @return 0 or -ENOMEM */
int survey_relations(const struct atlas *a, struct arena *mem, struct survey *s);

#endif
