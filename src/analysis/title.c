/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>

/*
 * Titles are those that the public fuzzing dashboard gives to the same log, so that people
 * find each other's reports: "possible deadlock in FUNC". The rules were read off its titles.
 */

/* Functions that no title names: whatever has one of these words in it. */
static const char *const plumbing[] = {
	/* the validator and what prints */
	"lockdep",
	"lock_acquire",
	"lock_release",
	"lock_class",
	"dump_stack",
	"dump_backtrace",
	"show_stack",
	"show_trace",
	"check_prev",
	"validate_chain",
	"mark_lock",
	"held_locks",
	"trace_hardirqs",
	"print_",
	"printk",
	"__warn",
	"warn_slowpath",
	"report_bug",
	"panic",
	/* lock functions */
	"spin_lock",
	"spin_trylock",
	"spin_unlock",
	"spin_rq_",
	"raw_read_",
	"raw_write_",
	"do_raw_",
	"mutex_lock",
	"mutex_trylock",
	"mutex_unlock",
	"rt_mutex",
	"down_read",
	"down_write",
	"down_trylock",
	"down_killable",
	"down_interruptible",
	"percpu_down",
	"up_read",
	"up_write",
	"rwsem_",
	"osq_lock",
	"dec_and_lock",
	"iput",
	/* what may wait or fault anywhere */
	"might_sleep",
	"might_fault",
	"copy_to_user",
	"copy_from_user",
	"put_user",
	"get_user",
	"__wake_up",
	"complete",
	"refcount_",
	/* waiting for work, timers, threads */
	"process_one_work",
	"flush_work",
	"drain_workqueue",
	"destroy_workqueue",
	"cancel_work",
	"del_timer",
	"timer_delete",
	"kthread_stop",
	"finish_wait",
};

/* And what the checks that are made everywhere are called through. */
static const char *const rcu_plumbing[] = {
	"rcu", "kmem", "slab", "kmalloc", "kzalloc", "vmalloc"
};
static const char *const key_plumbing[] = { "stack", "lock", "IRQ" };

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

/* Where a title takes its function from. */
enum origin {
	FROM_NOTHING,
	FROM_CHAIN,	/* the wanted lock, the held lock, the chain from its highest entry on */
	FROM_WANTED,	/* the wanted lock, whatever its function is */
	FROM_SAFE_SITE, /* the stack under "which became ...-safe at:" */
	FROM_BACKTRACE,
	FROM_SUBJECT, /* what the header says was released or freed */
	FROM_HELD,    /* the first held lock */
};

static const struct title_rule {
	const char *words; /* NULL: with the severity of the banner in front, "WARNING: ..." */
	const char *claim;
	enum origin origin;
	const char *const *more; /* skipped beside the plumbing */
	size_t n_more;
} rules[KIND_MAX] = {
	[KIND_CIRCULAR] = { "possible deadlock", NULL, FROM_CHAIN, NULL, 0 },
	[KIND_RECURSIVE] = { "possible deadlock", NULL, FROM_WANTED, NULL, 0 },
	[KIND_NESTED_NOT_TAKEN] = { NULL, "nested lock was not taken", FROM_WANTED, NULL, 0 },
	[KIND_SAFE_UNSAFE] = { "possible deadlock", NULL, FROM_SAFE_SITE, NULL, 0 },
	[KIND_IRQ_INVERSION] = { "possible deadlock", NULL, FROM_WANTED, NULL, 0 },
	[KIND_INCONSISTENT] = { "inconsistent lock state", NULL, FROM_BACKTRACE, NULL, 0 },
	[KIND_BAD_UNLOCK] = { NULL, "bad unlock balance", FROM_SUBJECT, NULL, 0 },
	[KIND_BAD_CONTENTION] = { NULL, "bad contention", FROM_SUBJECT, NULL, 0 },
	[KIND_HELD_FREED] = { NULL, "held lock freed", FROM_SUBJECT, NULL, 0 },
	[KIND_RETURNING_TO_USER] = { NULL, "lock held when returning to user space", FROM_HELD,
				     NULL, 0 },
	[KIND_HELD_AT_EXIT] = { NULL, "still has locks held", FROM_HELD, NULL, 0 },
	[KIND_STILL_HELD] = { NULL, "still has locks held", FROM_HELD, NULL, 0 },
	[KIND_INVALID_WAIT] = { "WARNING: locking bug", NULL, FROM_BACKTRACE, NULL, 0 },
	[KIND_SUSPICIOUS_RCU] = { NULL, "suspicious RCU usage", FROM_BACKTRACE, rcu_plumbing,
				  ARRAY_SIZE(rcu_plumbing) },
	[KIND_NON_STATIC_KEY] = { NULL, "trying to register non-static key", FROM_BACKTRACE,
				  key_plumbing, ARRAY_SIZE(key_plumbing) },
	[KIND_ALL_LOCKS_DUMP] = { "all locks held in the system", NULL, FROM_NOTHING, NULL, 0 },
	[KIND_LIMIT] = { NULL, "too low", FROM_BACKTRACE, NULL, 0 },
	[KIND_OTHER] = { "locks held", NULL, FROM_HELD, NULL, 0 },
};

static bool has_any(struct str f, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_find(f, str_of(words[i])) >= 0)
			return true;
	return false;
}

static bool is_skipped(const struct title_rule *rule, struct str f)
{
	return has_any(f, plumbing, ARRAY_SIZE(plumbing)) || has_any(f, rule->more, rule->n_more);
}

static struct str plain_function(struct str f)
{
	f = function_name(f);
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++) {
		struct str t = f;

		if (!str_skip(&t, str_of(prefixes[i])))
			continue;
		if (str_starts(t, STR("sys_")))
			return t;
		if (str_find(str_of(prefixes[i]), STR("_sys_")) >= 0)
			return f;
	}
	return f;
}

static struct str first_named(const struct title_rule *rule, const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && s->p[i].function.len && !is_skipped(rule, s->p[i].function))
			return s->p[i].function;
	return (struct str){ NULL, 0 };
}

/* In the old wording the first name stands, whatever it is. */
static struct str chain_function(const struct title_rule *rule, const struct report *r)
{
	struct str f = r->acquiring.at_frame.function;

	if (f.len && (r->old_banner || !is_skipped(rule, f)))
		return f;
	f = r->holding.at_frame.function;
	if (f.len && !is_skipped(rule, f))
		return f;
	for (size_t i = r->chain.n; i-- > 0;) {
		f = first_named(rule, &r->chain.p[i].frames);
		if (f.len)
			return f;
	}
	return r->acquiring.at_frame.function;
}

static struct str safe_site_function(const struct title_rule *rule, const struct report *r)
{
	for (size_t i = 0; i < r->sites.n; i++)
		if (str_ends(r->sites.p[i].state, STR("-safe")))
			return first_named(rule, r->sites.p[i].frames);
	return r->acquiring.at_frame.function;
}

static struct str title_function(const struct title_rule *rule, const struct report *r)
{
	switch (rule->origin) {
	case FROM_CHAIN:
		return chain_function(rule, r);
	case FROM_WANTED:
		return r->acquiring.at_frame.function;
	case FROM_SAFE_SITE:
		return safe_site_function(rule, r);
	case FROM_BACKTRACE:
		if (r->backtrace.n)
			return first_named(rule, &r->backtrace);
		return r->acquiring.at_frame.function;
	case FROM_SUBJECT:
		return r->subject.at_frame.function;
	case FROM_HELD:
		return r->held_locks.n ? r->held_locks.p[0].lock.at_frame.function :
					 (struct str){ NULL, 0 };
	case FROM_NOTHING:
		break;
	}
	return (struct str){ NULL, 0 };
}

int title_make(const struct report *r, struct str *ret)
{
	const struct title_rule *rule = &rules[r->kind];
	struct str f = plain_function(title_function(rule, r)), title;
	struct str severity = r->severity.len ? r->severity : STR("WARNING");
	int err;

	if (str_eq(r->limit, STR("MAX_LOCKDEP_SUBCLASSES")))
		err = arena_str(r->mem, STR("BUG: looking up invalid subclass"), &title);
	else if (rule->words)
		err = arena_str(r->mem, str_of(rule->words), &title);
	else
		err = arena_printf(r->mem, &title, STR_FMT ": " STR_FMT "%s%s", STR_ARG(severity),
				   STR_ARG(r->limit), r->limit.len ? " " : "", rule->claim);
	if (err)
		return err;
	if (!f.len) {
		*ret = title;
		return 0;
	}
	return arena_printf(r->mem, ret, STR_FMT " in " STR_FMT, STR_ARG(title), STR_ARG(f));
}
