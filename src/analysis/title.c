/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>

#include "../splat/kinds.h"

/*
 * Titles are those that the public fuzzing dashboard gives to the same log, so that people
 * find each other's reports: "possible deadlock in FUNC".
 */

/* Functions that such a title never names: all that begin so, underscores aside. */
static const char *const skipped[] = {
	"process_one_work", "flush_workqueue", "drain_workqueue", "destroy_workqueue",
	"lock_acquire",	    "check_prev",      "validate_chain",  "mutex_lock",
	"mutex_trylock",    "ww_mutex_lock",   "rt_mutex",	  "down_read",
	"down_write",	    "down_trylock",    "down_killable",	  "up_read",
	"up_write",	    "rwsem_",	       "percpu_down",	  "raw_spin_",
	"raw_read_",	    "raw_write_",      "spin_lock",	  "do_raw_",
};

/* System calls have many names; the last part is the one people know. */
static const char *const prefixes[] = {
	"__x64_compat_sys_",
	"__ia32_compat_sys_",
	"__se_compat_sys_",
	"__do_compat_sys_",
	"__x64_",
	"__ia32_",
	"__arm64_",
	"__se_",
	"__do_",
};

static bool is_skipped(struct str f)
{
	while (str_skip(&f, STR("_")))
		;
	for (size_t i = 0; i < ARRAY_SIZE(skipped); i++)
		if (str_starts(f, str_of(skipped[i])))
			return true;
	return false;
}

static struct str plain_function(struct str f)
{
	f = function_name(f);
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct str t = f;

		if (!str_skip(&t, str_of(prefixes[i])))
			continue;
		if (str_starts(t, STR("sys_")) || str_find(str_of(prefixes[i]), STR("_sys_")) >= 0)
			return str_starts(t, STR("sys_")) ? t : f;
	}
	return f;
}

static struct str first_named(const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && s->p[i].function.len && !is_skipped(s->p[i].function))
			return s->p[i].function;
	return (struct str){ NULL, 0 };
}

static struct str circular_function(const struct report *r)
{
	struct str f = r->acquiring.at_frame.function;

	if (f.len && !is_skipped(f))
		return f;
	f = r->holding.at_frame.function;
	if (f.len && !is_skipped(f))
		return f;
	for (size_t i = r->chain.n; i-- > 0;) {
		f = first_named(&r->chain.p[i].frames);
		if (f.len)
			return f;
	}
	return r->acquiring.at_frame.function;
}

/* The first frame of the backtrace that is neither lockdep nor a lock function. */
static struct str backtrace_function(const struct analyst *a, const struct report *r)
{
	for (size_t i = 0; i < r->backtrace.n; i++) {
		const struct frame *f = &r->backtrace.p[i];
		enum role role = f->reliable ? role_of(a->roles, f->function) : ROLE_LOCKDEP;

		if (f->function.len && role != ROLE_LOCKDEP && role != ROLE_PRIMITIVE)
			return f->function;
	}
	return (struct str){ NULL, 0 };
}

static struct str title_function(const struct analyst *a, const struct report *r)
{
	switch (r->kind) {
	case KIND_CIRCULAR:
		return circular_function(r);
	case KIND_RECURSIVE:
		return r->acquiring.at_frame.function;
	case KIND_HELD_FREED:
	case KIND_RETURNING_TO_USER:
	case KIND_STILL_HELD:
	case KIND_HELD_AT_EXIT:
	case KIND_OTHER:
		return r->held_locks.n ? r->held_locks.p[0].lock.at_frame.function :
					 (struct str){ NULL, 0 };
	case KIND_ALL_LOCKS_DUMP:
		return (struct str){ NULL, 0 };
	default:
		return backtrace_function(a, r);
	}
}

int title_make(const struct analyst *a, const struct report *r, struct str *ret)
{
	struct str f = plain_function(title_function(a, r));
	const char *title = kind_row(r->kind)->title;

	if (!f.len)
		return arena_printf(r->mem, ret, "%s", title);
	return arena_printf(r->mem, ret, "%s in " STR_FMT, title, STR_ARG(f));
}
