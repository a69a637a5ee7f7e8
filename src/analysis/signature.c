/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>
#include <inttypes.h>
#include <xxhash.h>

/*
 * The same bug gives the same text here, whichever edge closed the cycle: the locks of the
 * cycle under the names that all kernels share, from the smallest on. A name that says nothing
 * counts together with the function that took it.
 */

static int lock_words(const struct analyst *a, struct report *r, const struct dependency *d,
		      struct str *ret)
{
	struct telling t;
	struct str name;

	if (lock_common_name(r->mem, d->to, &name) < 0)
		return -ENOMEM;
	if (!lock_is_anonymous(d->to))
		return arena_printf(r->mem, ret, STR_FMT "\n", STR_ARG(name));
	t = telling_make(a, d->frames,
			 SIZE_MAX); /* of this stack alone, whichever edge closed it */
	return arena_printf(r->mem, ret, STR_FMT " in " STR_FMT "\n", STR_ARG(name),
			    STR_ARG(t.function));
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

static int hash_words(struct report *r, const char *kind, const struct str *words, size_t n,
		      size_t first, struct str *ret)
{
	XXH64_state_t *state = XXH64_createState();
	uint64_t hash;

	if (!state)
		return -ENOMEM;
	XXH64_reset(state, 0);
	XXH64_update(state, kind, str_of(kind).len + 1);
	for (size_t i = 0; i < n; i++) {
		struct str w = words[(first + i) % n];

		XXH64_update(state, w.p, w.len);
	}
	hash = XXH64_digest(state);
	XXH64_freeState(state);
	return arena_printf(r->mem, ret, "%016" PRIx64, hash);
}

static int cycle_signature(const struct analyst *a, struct report *r, const struct verdict *v,
			   struct str *ret)
{
	size_t n = v->n_chain_edges, first = 0;
	struct str *words = arena_alloc(r->mem, n * sizeof(*words));

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		if (lock_words(a, r, &v->edges.p[i], &words[i]) < 0)
			return -ENOMEM;
	for (size_t i = 1; i < n; i++)
		if (rotation_is_less(words, n, i, first))
			first = i;
	return hash_words(r, kind_name(r->kind), words, n, first, ret);
}

/* A line of its own for each word, so that no two lists run into one another. */
static int add_word(struct report *r, struct str name, bool is_lock, struct str *ret)
{
	struct str common = name;

	if (is_lock && name.len && lock_common_name(r->mem, name, &common) < 0)
		return -ENOMEM;
	return arena_printf(r->mem, ret, STR_FMT "\n", STR_ARG(common));
}

/* safe-unsafe and irq-inversion are one bug, found by one event or another. */
static int irq_signature(struct report *r, const struct verdict *v, struct str *ret)
{
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	bool one = r->kind == KIND_INCONSISTENT;
	struct str words[3];

	if (add_word(r, str_of(inside->context), false, &words[0]) < 0 ||
	    add_word(r, inside->lock, true, &words[1]) < 0 ||
	    add_word(r, one ? enabled->telling.function : enabled->lock, !one, &words[2]) < 0)
		return -ENOMEM;
	return hash_words(r, one ? "inconsistent" : "irq-order", words, ARRAY_SIZE(words), 0, ret);
}

int signature_make(const struct analyst *a, struct report *r, const struct verdict *v,
		   struct str *ret)
{
	struct str lock = r->has_acquiring    ? r->acquiring.name :
			  r->subject.name.len ? r->subject.name :
			  r->held_locks.n     ? r->held_locks.p[0].lock.name :
						STR("");
	struct str words[3];

	if (r->kind == KIND_CIRCULAR || r->kind == KIND_RECURSIVE)
		return v->closed ? cycle_signature(a, r, v, ret) : 0;
	if (v->uses.n)
		return irq_signature(r, v, ret);
	if (r->kind == KIND_ALL_LOCKS_DUMP || !v->explanation.function.len)
		return 0; /* nothing that would tell it from others of its kind */
	if (add_word(r, v->explanation.function, false, &words[0]) < 0 ||
	    add_word(r, lock, true, &words[1]) < 0 ||
	    (r->limit.len && add_word(r, r->limit, false, &words[2]) < 0))
		return -ENOMEM;
	return hash_words(r, kind_name(r->kind), words, r->limit.len ? 3 : 2, 0, ret);
}
