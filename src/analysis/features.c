/* SPDX-License-Identifier: MIT */
#include "features.h"

#include <math.h>
#include <string.h>

static double is_closing(const struct feature_input *in)
{
	return in->closing;
}

static double follows_order(const struct feature_input *in)
{
	return lock_order_known(in->order, &in->from, &in->to);
}

static double goes_against(const struct feature_input *in)
{
	return lock_order_known(in->order, &in->to, &in->from);
}

static double reaches_out(const struct feature_input *in)
{
	return lock_reach(in->order, &in->to) > lock_reach(in->order, &in->from);
}

static double reaches_in(const struct feature_input *in)
{
	return lock_reach(in->order, &in->to) < lock_reach(in->order, &in->from);
}

static double calls_service(const struct feature_input *in)
{
	return in->pattern->service && lock_reach(in->order, &in->from) == REACH_SPECIFIC;
}

static bool has_call(const struct feature_input *in, const char *const *names, size_t n)
{
	const stack *s = in->edge->frames;

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < n; k++)
			if (s->p[i].reliable &&
			    str_starts(function_name(s->p[i].function), str_of(names[k])))
				return true;
	return false;
}

static double in_shrinker(const struct feature_input *in)
{
	static const char *const names[] = { "shrink_slab",	  "do_shrink_slab",
					     "balance_pgdat",	  "kswapd",
					     "shrink_node",	  "shrink_one",
					     "try_to_free_pages", "super_cache_scan" };

	return has_call(in, names, ARRAY_SIZE(names));
}

static double at_boot(const struct feature_input *in)
{
	static const char *const names[] = { "start_kernel", "kernel_init_freeable",
					     "x86_64_start_kernel", "i386_start_kernel" };

	return has_call(in, names, ARRAY_SIZE(names));
}

static double in_callback(const struct feature_input *in)
{
	switch (lock_type(in->from.stable)) {
	case LOCK_WORK:
	case LOCK_WORKQUEUE:
	case LOCK_TIMER:
	case LOCK_COMPLETION:
		return 1;
	default:
		return 0;
	}
}

static double may_be_false(const struct feature_input *in)
{
	return in->edge->recursion == RECURSION_NONE && !strcmp(in->pattern->remedy, "annotate");
}

static double is_insufficient(const struct feature_input *in)
{
	return !in->sufficient;
}

/* The first seven are fitted; the others are too rare in what is known, and set by hand. */
static const struct feature_row {
	const char *name;
	double weight;
	double (*value)(const struct feature_input *in); /* 0: does not apply; at most 1 */
} features[] = {
	{ "closed-the-cycle", 0.50, is_closing }, /* the newest code, more often than not */
	{ "follows-known-order", -1.14, follows_order },
	{ "against-known-order", 1.07, goes_against },
	{ "into-wider-lock", 0.34, reaches_out },    /* a driver's lock held, everybody's wanted */
	{ "into-narrower-lock", -0.08, reaches_in }, /* the natural direction */
	{ "in-shrinker", -1.19, in_shrinker },	     /* blame the allocation instead */
	{ "own-lock-over-service", 0.80, calls_service },
	{ "at-boot", -0.15, at_boot }, /* only the first witness */
	{ "in-callback", -0.30, in_callback },
	{ "not-sufficient", -0.40, is_insufficient },
	{ "false-positive", 4.0,
	  may_be_false }, /* the pattern is one of locks that only look the same */
};

static double keeps_off(const struct irq_feature_input *in)
{
	return in->keeps_off;
}

static double keeps_off_in_core(const struct irq_feature_input *in)
{
	return in->keeps_off && in->core;
}

static double is_one_of_path(const struct irq_feature_input *in)
{
	return in->keeps_off ? 0 : log((double)in->path_edges);
}

/* Two in three are mended where the unsafe lock is taken; not when that is everybody's. */
static const struct irq_feature_row {
	const char *name;
	double weight;
	double (*value)(const struct irq_feature_input *in);
} irq_features[] = {
	{ "interrupts-off-at-use", 0.96, keeps_off },
	{ "unsafe-lock-is-core", -2.0, keeps_off_in_core },
	{ "one-edge-of-the-path", -1.0, is_one_of_path },
};

/* Note a value and its weight, when it counts. @return what it adds */
static double note_value(const char *name, double value, double weight, struct arena *mem,
			 feature_values *ret)
{
	struct feature_value *f;

	if (value <= 0)
		return 0;
	f = vec_push(mem, ret);
	if (f)
		*f = (struct feature_value){ name, value, weight };
	return value * weight;
}

double irq_features_weigh(const struct irq_feature_input *in, struct arena *mem,
			  feature_values *ret)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(irq_features); i++)
		sum += note_value(irq_features[i].name, irq_features[i].value(in),
				  irq_features[i].weight, mem, ret);
	return sum;
}

double features_weigh(const struct feature_input *in, struct arena *mem, feature_values *ret)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		sum += note_value(features[i].name, features[i].value(in), features[i].weight, mem,
				  ret);
	return sum;
}
