/* SPDX-License-Identifier: MIT */
#include "features.h"

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
	{ "closed-the-cycle", 0.61, is_closing }, /* the newest code, more often than not */
	{ "follows-known-order", -0.95, follows_order },
	{ "against-known-order", 0.68, goes_against },
	{ "into-wider-lock", 0.52, reaches_out },    /* a driver's lock held, everybody's wanted */
	{ "into-narrower-lock", -0.21, reaches_in }, /* the natural direction */
	{ "in-shrinker", -0.94, in_shrinker },	     /* blame the allocation instead */
	{ "own-lock-over-service", 0.57, calls_service },
	{ "at-boot", -0.30, at_boot }, /* only the first witness */
	{ "in-callback", -0.30, in_callback },
	{ "not-sufficient", -0.40, is_insufficient },
};

double features_weigh(const struct feature_input *in, struct arena *mem, feature_values *ret)
{
	double sum = 0;

	for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
		double value = features[i].value(in);
		struct feature_value *f;

		if (value <= 0)
			continue;
		sum += value * features[i].weight;
		f = vec_push(mem, ret);
		if (f)
			*f = (struct feature_value){ features[i].name, value, features[i].weight };
	}
	return sum;
}
