/* SPDX-License-Identifier: MIT */
#include "analyst.h"

/* Which frame of a stack a maintainer would name. */

static size_t code_frame(const struct roles *t, const stack *s, size_t from)
{
	for (size_t i = from; i < s->n; i++)
		if (s->p[i].reliable && s->p[i].function.len &&
		    role_of(t, s->p[i].function) == ROLE_CODE)
			return i;
	return s->n;
}

/* Where no frame is anybody's own: the outermost service that was called, below lock functions. */
static size_t service_frame(const struct roles *t, const stack *s)
{
	size_t own = own_frames(t, s), best = s->n;

	for (size_t i = 0; i < own; i++) {
		enum role role = s->p[i].reliable ? role_of(t, s->p[i].function) : ROLE_LOCKDEP;

		if (s->p[i].function.len &&
		    (role == ROLE_CORE || (role == ROLE_PRIMITIVE && best == s->n)))
			best = i;
	}
	return best;
}

/* The frame that a patch would change: the nearest own code below what betrays the pattern. */
static size_t patch_frame(const struct analyst *a, const stack *s, size_t call)
{
	size_t own = own_frames(a->roles, s);
	size_t i = code_frame(a->roles, s, call == SIZE_MAX ? 0 : call + 1);

	if (i >= own && call != SIZE_MAX)
		i = code_frame(a->roles, s, 0);
	if (i >= own)
		i = service_frame(a->roles, s);
	/* A system call or a worker's loop that takes the lock itself, rather than the lock function. */
	if (i < own && role_of(a->roles, s->p[i].function) == ROLE_PRIMITIVE)
		i = own;
	for (size_t k = 0; i >= s->n && k < s->n; k++) { /* better a worker's loop than nothing */
		enum role role = role_of(a->roles, s->p[k].function);

		if (s->p[k].reliable && s->p[k].function.len && role != ROLE_LOCKDEP &&
		    role != ROLE_PRIMITIVE)
			i = k;
	}
	return i;
}

struct telling telling_make(const struct analyst *a, const stack *s, size_t call)
{
	struct telling t = { 0 };
	size_t i = patch_frame(a, s, call), own = own_frames(a->roles, s), next;

	for (size_t k = 0; k < s->n; k++)
		t.boot |= role_of(a->roles, s->p[k].function) == ROLE_BOOT &&
			  (str_eq(s->p[k].function, STR("start_kernel")) ||
			   str_eq(s->p[k].function, STR("kernel_init_freeable")));
	if (i >= s->n)
		return t;
	t.function = function_name(s->p[i].function);
	t.module = s->p[i].module;
	next = code_frame(a->roles, s, i + 1);
	if (next < own)
		t.caller = function_name(s->p[next].function);
	return t;
}

struct str lock_taker(const struct analyst *a, const struct lock *l)
{
	for (size_t i = 0; i < AT_INLINED_MAX && l->at_inlined[i].len; i++)
		if (role_of(a->roles, l->at_inlined[i]) == ROLE_CODE)
			return function_name(l->at_inlined[i]);
	return function_name(l->at_frame.function);
}

void telling_name(const struct analyst *a, const struct lock *l, struct telling *t)
{
	struct str taker = lock_taker(a, l);

	if (t->function.len || !taker.len || role_of(a->roles, taker) != ROLE_CODE)
		return;
	t->function = taker;
	t->module = l->at_frame.module;
}
