/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_FEATURES_H
#define UNSPLAT_ANALYSIS_FEATURES_H

#include "lock_order.h"
#include "patterns.h"
#include "unsplat/analysis.h"

/*
 * What speaks for or against breaking an edge: a sum of named features with weights. The
 * weights are log-odds, fitted on reports whose fix is known (see CONTRIBUTING.md); the
 * probabilities of the edges of a cycle are their softmax.
 */

struct feature_input {
	const struct lock_order *order;
	struct lock_names from, to;
	const struct edge_view *edge;
	const struct pattern_row *pattern;
	bool closing;	 /* it closed the cycle */
	bool apart;	 /* it has no lock in common with the edge that did */
	bool sufficient; /* without it, no cycle is left */
};

/** The same for reports about interrupts: "keep the interrupt off", or one edge of a path. */
struct irq_feature_input {
	bool keeps_off;	   /* else: breaks an edge of the path */
	bool core;	   /* the unsafe lock belongs to code that many use */
	size_t path_edges; /* on that path */
};
double irq_features_weigh(const struct irq_feature_input *in, struct arena *mem,
			  feature_values *ret);

/** @return the sum; those that are not zero are appended to *ret in @p mem. */
double features_weigh(const struct feature_input *in, struct arena *mem, feature_values *ret);

#endif
