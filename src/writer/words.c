/* SPDX-License-Identifier: MIT */
#include "words.h"

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

bool has_cycle(const struct report *r)
{
	return r->kind == KIND_CIRCULAR && r->chain.n;
}
