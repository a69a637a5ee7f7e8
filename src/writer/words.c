/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <errno.h>
#include <string.h>

const char *relation_words(const struct dependency *d)
{
	switch (d->relation) {
	case RELATION_CROSSRELEASE:
		return "taken before that completes";
	case RELATION_WAITS_FOR:
		if (lock_type(d->from) == LOCK_WORKQUEUE && lock_type(d->to) == LOCK_WORK)
			return "runs on that queue";
		return "waits for it";
	default:
		break;
	}
	switch (lock_type(d->from)) {
	case LOCK_WORK:
	case LOCK_WORKQUEUE:
		return "taken by that work";
	case LOCK_TIMER:
		return "taken by that callback";
	case LOCK_RECLAIM:
		return "taken by reclaim";
	case LOCK_HOTPLUG_STATE:
		return "in that callback";
	default:
		return "";
	}
}

const struct dependency *edge_of_entry(const struct verdict *v, uint64_t index,
				       const struct telling **ret)
{
	for (size_t i = 0; i < v->n_chain_edges; i++) {
		if (v->edges.p[i].index != (int64_t)index)
			continue;
		*ret = &v->tellings[i];
		return &v->edges.p[i];
	}
	return NULL;
}

static const struct {
	const char *context;
	bool read;
	const char *used_in, *enabled;
} usages[] = {
	{ "hardirq", false, "used in hardirq context", "taken with hardirqs enabled" },
	{ "hardirq", true, "read in hardirq context", "read with hardirqs enabled" },
	{ "softirq", false, "used in softirq context", "taken with softirqs enabled" },
	{ "softirq", true, "read in softirq context", "read with softirqs enabled" },
	{ "memory reclaim", false, "used in memory reclaim",
	  "held over allocations that may reclaim" },
	{ "memory reclaim", true, "read in memory reclaim",
	  "read over allocations that may reclaim" },
};

int usage_words(const struct report *r, const struct lock *l, const char **ret, size_t *n)
{
	struct usage_state states[USAGE_STATES_MAX];
	/* Banners in brackets and four characters: before 2.6.30. One kind has kept its brackets. */
	bool old = r->old_banner && r->kind != KIND_INVALID_WAIT;
	size_t known = usage_decode(l->usage, old, states), said = 0;

	if (!known)
		return -ENOENT;
	for (size_t i = 0; i < known; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(usages); k++) {
			if (strcmp(states[i].context, usages[k].context) != 0 ||
			    states[i].read != usages[k].read)
				continue;
			if (states[i].used_in)
				ret[said++] = usages[k].used_in;
			if (states[i].enabled)
				ret[said++] = usages[k].enabled;
		}
	}
	*n = said;
	return 0;
}

int use_words(struct arena *mem, const struct lock_use *u, struct str *ret)
{
	bool reclaim = !strcmp(u->context, "memory reclaim"), nmi = !strcmp(u->context, "NMI");

	if (reclaim)
		return arena_printf(mem, ret, "%s%s", u->read ? "read " : "",
				    u->inside ? "in memory reclaim" : "over an allocation");
	if (nmi)
		return arena_printf(mem, ret, "%s", u->inside ? "in an NMI" : "elsewhere");
	return arena_printf(mem, ret, u->inside ? "%sin %s context" : "%swith %ss enabled",
			    u->read ? "read " : "", u->context);
}

bool has_cycle(const struct report *r)
{
	return r->kind == KIND_CIRCULAR && r->chain.n;
}
