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
	return in->pattern->service && lock_reach(in->order, &in->from) == REACH_SPECIFIC &&
	       follows_order(in) <= 0;
}

static bool has_call(const struct feature_input *in, const char *const *names, size_t n)
{
	const stack *s = in->edge->frames;

	for (size_t i = 0; i < in->edge->context; i++)
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

/* Of the loop driver; to wait for its worker is what it can be blamed for. */
static bool is_loop(const struct feature_input *in)
{
	return str_find(in->from.stable, STR("&lo->")) >= 0 ||
	       str_starts(in->from.stable, STR("(wq_completion)loop")) ||
	       str_starts(in->to.stable, STR("&lo->"));
}

/*
 * What is in many cycles and hardly ever broken: a page fault, the reading of a directory, the loop
 * driver between a file system and the one below.
 */
static double is_bystander(const struct feature_input *in)
{
	static const char *const names[] = { "handle_mm_fault", "__handle_mm_fault",
					     "__do_fault",	"do_user_addr_fault",
					     "do_page_fault",	"iterate_dir" };

	return (is_loop(in) && lock_type(in->to.stable) != LOCK_WORKQUEUE) ||
	       has_call(in, names, ARRAY_SIZE(names));
}

static double is_apart(const struct feature_input *in)
{
	return in->apart;
}

static double holds_socket(const struct feature_input *in)
{
	return str_starts(in->from.stable, STR("sk_lock-"));
}

static double may_be_false(const struct feature_input *in)
{
	return in->edge->recursion == RECURSION_NONE && !strcmp(in->pattern->remedy, "annotate");
}

static double is_insufficient(const struct feature_input *in)
{
	return !in->sufficient;
}

/* The first nine are fitted; the others are too rare in what is known, and set by hand. */
static const struct feature_row {
	const char *name;
	double weight;
	double (*value)(const struct feature_input *in); /* 0: does not apply; at most 1 */
} features[] = {
	{ "closed-the-cycle", 0.45, is_closing }, /* the newest code, more often than not */
	{ "follows-known-order", -1.89, follows_order },
	{ "against-known-order", 1.00, goes_against },
	{ "into-wider-lock", 0.32, reaches_out },    /* a driver's lock held, everybody's wanted */
	{ "into-narrower-lock", -0.14, reaches_in }, /* the natural direction */
	{ "in-shrinker", -1.00, in_shrinker },	     /* blame the allocation instead */
	{ "own-lock-over-service", 0.93, calls_service },
	{ "bystander", -0.88, is_bystander },
	{ "apart-from-closing", -0.65, is_apart },
	{ "socket-lock-held", 0.40, holds_socket },
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
