/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>
#include <inttypes.h>
#include <xxhash.h>

#include "../splat/kinds.h"

/*
 * The same bug gives the same text here, whichever edge closed the cycle: the locks of the
 * cycle under the names that all kernels share, from the smallest on. A name that says nothing
 * counts together with the function that took it.
 */

static int lock_words(struct report *r, const struct dependency *d, const struct telling *t,
		      struct str *ret)
{
	struct str name;

	if (lock_common_name(r->mem, d->to, &name) < 0)
		return -ENOMEM;
	if (!lock_is_anonymous(d->to))
		return arena_printf(r->mem, ret, STR_FMT "\n", STR_ARG(name));
	return arena_printf(r->mem, ret, STR_FMT " in " STR_FMT "\n", STR_ARG(name),
			    STR_ARG(t->function));
}

/* @return whether the words rotated by @p i are smaller than those rotated by @p j. */
static bool rotation_is_less(const struct str *words, size_t n, size_t i, size_t j)
{
	for (size_t k = 0; k < n; k++) {
		int d = str_cmp(words[(i + k) % n], words[(j + k) % n]);

		if (d)
			return d < 0;
	}
	return false;
}

static int hash_words(struct report *r, const struct str *words, size_t n, size_t first,
		      struct str *ret)
{
	XXH64_state_t *state = XXH64_createState();
	uint64_t hash;

	if (!state)
		return -ENOMEM;
	XXH64_reset(state, 0);
	XXH64_update(state, kind_name(r->kind), str_of(kind_name(r->kind)).len + 1);
	for (size_t i = 0; i < n; i++) {
		struct str w = words[(first + i) % n];

		XXH64_update(state, w.p, w.len);
	}
	hash = XXH64_digest(state);
	XXH64_freeState(state);
	return arena_printf(r->mem, ret, "%016" PRIx64, hash);
}

static int cycle_signature(struct report *r, const struct verdict *v, struct str *ret)
{
	size_t n = v->n_chain_edges, first = 0;
	struct str *words = arena_alloc(r->mem, n * sizeof(*words));

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (lock_words(r, &v->edges.p[i], &v->tellings[i], &words[i]) < 0)
			return -ENOMEM;
	for (size_t i = 1; i < n; i++)
		if (rotation_is_less(words, n, i, first))
			first = i;
	return hash_words(r, words, n, first, ret);
}

int signature_make(struct report *r, const struct verdict *v, struct str *ret)
{
	struct str words[2] = { v->title, { NULL, 0 } };

	if (r->kind == KIND_CIRCULAR || r->kind == KIND_RECURSIVE)
		return v->closed ? cycle_signature(r, v, ret) : 0;
	if (str_eq(v->title, str_of(kind_row(r->kind)->title)))
		return 0; /* nothing that would tell it from others of its kind */
	if (r->has_acquiring && lock_common_name(r->mem, r->acquiring.name, &words[1]) < 0)
		return -ENOMEM;
	return hash_words(r, words, ARRAY_SIZE(words), 0, ret);
}
