/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "analyst.h"
#include "unsplat/splat.h"

/*
 * What is wrong and who has to change what, in words, a function per kind. Each says only
 * what the report shows; where something of it is lost, the sentence goes on without it.
 */

struct explainer {
	const struct analyst *a;
	struct report *r;
	struct verdict *v;
	struct explanation *e;
	struct str task; /* "comm/pid", "a task" */
	struct str f;	 /* "f()" of the present stack, "the code" */
};

static const struct lock *first_held(const struct report *r)
{
	return r->held_locks.n ? &r->held_locks.p[0].lock : NULL;
}

/* ", taken in f()" for a lock whose line says where; empty else. */
static int taken_in(struct explainer *x, const struct lock *l, struct str *ret)
{
	*ret = STR("");
	if (!l->at_frame.function.len)
		return 0;
	return arena_printf(x->r->mem, ret, ", taken in " STR_FMT "()",
			    STR_ARG(lock_taker(x->a, l)));
}

/* A lock function did nothing wrong: who called it stays blamed. */
static void blame(struct explainer *x, const struct lock *l)
{
	struct str taker = lock_taker(x->a, l);
	enum role role = taker.len ? role_of(x->a->roles, taker) : ROLE_LOCKDEP;

	if (role == ROLE_LOCKDEP || role == ROLE_PRIMITIVE)
		return;
	x->e->function = taker;
	x->e->module = l->at_frame.module;
}

/* The function that the rest of a sentence is about: the one that was blamed. */
static int function_words(struct explainer *x, const char *otherwise, struct str *ret)
{
	if (!x->e->function.len)
		return arena_str(x->r->mem, str_of(otherwise), ret);
	return arena_printf(x->r->mem, ret, STR_FMT "()", STR_ARG(x->e->function));
}

#define SAY(x, what, ...) arena_printf((x)->r->mem, &(x)->e->what, __VA_ARGS__)

static int explain_suggestion(struct explainer *x)
{
	const struct suggestion *s = x->v->suggestions.n ? &x->v->suggestions.p[0] : NULL;

	if (x->r->mixed)
		return arena_str(
			x->r->mem,
			STR("Two reports are mixed here; which lock belongs to which is not "
			    "sure."),
			&x->e->what);
	if (!s)
		return arena_str(x->r->mem, STR("Too much of the report is lost to say more."),
				 &x->e->what);
	*x->e = (struct explanation){
		.function = s->function, .module = s->module, .what = s->what, .todo = s->todo
	};
	return 0;
}

static int explain_nested(struct explainer *x)
{
	struct str name = x->r->not_holding.len ? x->r->not_holding : STR("the lock it names");

	if (SAY(x, what,
		STR_FMT " takes " STR_FMT " and says that " STR_FMT
			" keeps others away (nest_lock), but does not hold that.",
		STR_ARG(x->f), STR_ARG(x->r->acquiring.name), STR_ARG(name)) < 0)
		return -ENOMEM;
	return SAY(x, todo, "Take " STR_FMT " first, or name the lock that is really held.",
		   STR_ARG(name));
}

static int explain_bad_unlock(struct explainer *x)
{
	const struct lock *l = &x->r->subject;
	struct str f;

	blame(x, l);
	if (function_words(x, "The code", &f) < 0 ||
	    SAY(x, what, STR_FMT " releases " STR_FMT ", which " STR_FMT " does not hold.",
		STR_ARG(f), STR_ARG(l->name), STR_ARG(x->task)) < 0)
		return -ENOMEM;
	return SAY(x, todo,
		   "Look for a way to " STR_FMT
		   " on which it was never taken, or released before: an "
		   "error path, most often.",
		   STR_ARG(f));
}

static int explain_bad_contention(struct explainer *x)
{
	const struct lock *l = &x->r->subject;
	struct str f;

	blame(x, l);
	if (function_words(x, "The code", &f) < 0 ||
	    SAY(x, what,
		STR_FMT " waits for " STR_FMT ", but lockdep was not told that " STR_FMT
			" wants it.",
		STR_ARG(f), STR_ARG(l->name), STR_ARG(x->task)) < 0)
		return -ENOMEM;
	return SAY(x, todo,
		   "Find the lock_acquire() that is missing before lock_contended() in " STR_FMT
		   ".",
		   STR_ARG(f));
}

static int explain_held_freed(struct explainer *x)
{
	const struct lock *l = &x->r->subject;
	struct str where;

	if (taken_in(x, l, &where) < 0 ||
	    SAY(x, what,
		STR_FMT " frees memory in which " STR_FMT " lies" STR_FMT
			"; it is still held there, by " STR_FMT ".",
		STR_ARG(x->f), STR_ARG(l->name), STR_ARG(where), STR_ARG(x->task)) < 0)
		return -ENOMEM;
	return SAY(x, todo,
		   "Release the lock before the memory is freed; if somebody else still uses "
		   "it, that needs a reference.");
}

/* Three kinds differ only in the moment at which the task holds what it must not. */
static int explain_held_at(struct explainer *x, const char *moment, const char *todo)
{
	const struct lock *l = first_held(x->r);
	struct str where = STR(""), more = STR("");

	if (!l)
		return SAY(x, what, STR_FMT " %s with locks held.", STR_ARG(x->task), moment);
	blame(x, l);
	if (taken_in(x, l, &where) < 0)
		return -ENOMEM;
	if (x->r->held_locks.n > 1 &&
	    arena_printf(x->r->mem, &more, " (and %zu more)", x->r->held_locks.n - 1) < 0)
		return -ENOMEM;
	if (SAY(x, what, STR_FMT " %s with " STR_FMT STR_FMT STR_FMT ".", STR_ARG(x->task), moment,
		STR_ARG(l->name), STR_ARG(where), STR_ARG(more)) < 0)
		return -ENOMEM;
	return SAY(x, todo, "%s", todo);
}

static int explain_returning(struct explainer *x)
{
	return explain_held_at(x, "returns to user space",
			       "Release it on every way out of that system call.");
}

static int explain_exit(struct explainer *x)
{
	return explain_held_at(x, "exits",
			       "Release it on every way out of that thread or system call.");
}

static int explain_still_held(struct explainer *x)
{
	return explain_held_at(x, "is to be frozen, or ends,",
			       "Release it before the task may freeze or sleep for long.");
}

/* "raw spinlock": what a wait type means to somebody who writes code. */
static const char *lock_sort(struct str wait, enum nesting_check check)
{
	const char *word = wait.len == 3 ? wait_word(wait.p[2], check) : "unknown";

	if (!str_cmp(str_of(word), STR("spin")))
		return "raw spinlock ";
	if (!str_cmp(str_of(word), STR("config")))
		return "spinlock ";
	if (!str_cmp(str_of(word), STR("sleep")))
		return "sleeping lock ";
	return "";
}

/* The innermost held lock that allows less than the wanted one needs. */
static const struct lock *forbidding(const struct report *r)
{
	struct str want = r->acquiring.wait;

	for (size_t i = r->held_locks.n; i-- > 0 && want.len == 3;) {
		struct str wait = r->held_locks.p[i].lock.wait;

		if (wait.len == 3 && wait.p[2] != '0' && wait.p[2] < want.p[0])
			return &r->held_locks.p[i].lock;
	}
	return NULL;
}

static int explain_invalid_wait(struct explainer *x)
{
	struct report *r = x->r;
	enum nesting_check check = nesting_check(r);
	const struct lock *l = forbidding(r);
	const char *sort = lock_sort(r->acquiring.wait, check), *the = *sort ? "the " : "";
	struct str inside = STR("in a context that does not allow it");
	struct suggestion *s;
	struct dependency *d;

	if (l && arena_printf(r->mem, &inside, "with %s%s" STR_FMT " held",
			      *lock_sort(l->wait, check) ? "the " : "", lock_sort(l->wait, check),
			      STR_ARG(l->name)) < 0)
		return -ENOMEM;
	if (!l && str_starts(r->context, STR("2")))
		inside = STR("in hard interrupt context");
	else if (!l && str_starts(r->context, STR("3")))
		inside = STR("in softirq or threaded interrupt context");
	if (SAY(x, what, STR_FMT " takes %s%s" STR_FMT " " STR_FMT "%s.", STR_ARG(x->f), the, sort,
		STR_ARG(r->acquiring.name), STR_ARG(inside),
		!str_cmp(str_of(sort), STR("spinlock ")) ? "; with PREEMPT_RT a spinlock sleeps" :
							   "") < 0)
		return -ENOMEM;
	if (l ? SAY(x, todo, "Take " STR_FMT " before " STR_FMT ", or %s.",
		    STR_ARG(r->acquiring.name), STR_ARG(l->name),
		    !strcmp(sort, "sleeping lock ") ?
			    "use a lock that may sleep for the outer one" :
			    "make both raw_spinlock_t, if the outer one has to be") :
		SAY(x, todo,
		    "Move it to a context that may wait, or make the lock a raw_spinlock_t if "
		    "its sections are short."))
		return -ENOMEM;
	if (!l || r->mixed)
		return 0;
	d = arena_alloc(r->mem, sizeof(*d));
	s = vec_push(r->mem, &x->v->suggestions);
	if (!d || !s)
		return -ENOMEM;
	*d = (struct dependency){ .index = -1,
				  .held = -1,
				  .from = l->name,
				  .to = r->acquiring.name,
				  .frames = &r->backtrace };
	*s = (struct suggestion){ .rank = 1,
				  .edge = d,
				  .held = d->from,
				  .score = 0.9,
				  .pattern = "wait-context",
				  .remedy = "reorder-acquisition",
				  .function = x->e->function,
				  .module = x->e->module,
				  .what = x->e->what,
				  .todo = x->e->todo,
				  .sufficient = true };
	return 0;
}

/* What the texts of lockdep_rcu_suspicious() come down to. */
static const struct {
	const char *has; /* in the text; the first that fits */
	const char *what, *todo;
	bool unwatched;
} rcu_texts[] = {
	{ "Illegal context switch", "may sleep inside an RCU read-side critical section",
	  "Leave the critical section before it, or use SRCU.", false },
	{ "RCU-list traversed", "walks an RCU-protected list outside a read-side critical section",
	  "Put rcu_read_lock() around the walk, or pass the condition that protects it.", false },
	{ "suspicious rcu_dereference_protected",
	  "uses a pointer that only a lock protects, without it",
	  "Hold the lock that the condition names, or read under rcu_read_lock() with rcu_dereference().",
	  false },
	{ "rcu_dereference", "reads an RCU-protected pointer without protection",
	  "Put rcu_read_lock() around it, or name the lock that protects it with rcu_dereference_check().",
	  false },
	{ "Illegal synchronize", "waits for RCU inside a read-side critical section",
	  "Leave the critical section first.", false },
	{ "used illegally while idle", "uses RCU",
	  "Do it where RCU watches: not in the idle path, before a processor is offline and after it is online; in "
	  "an exception, tell RCU first (ct_irq_enter(), rcu_irq_enter()).",
	  true },
	{ "", "uses RCU in a way that a check calls wrong", "See the check in the named line.",
	  false },
};

static int explain_rcu(struct explainer *x)
{
	const struct report *r = x->r;
	struct str where = STR("");
	const char *unwatched =
		r->rcu.offline	? " on a processor that is offline, which RCU does not watch" :
		r->rcu.idle	? " on an idle processor, which RCU does not watch" :
		r->rcu.extended ? " where RCU does not watch" :
				  "";

	if (r->rcu.file.len &&
	    arena_printf(x->r->mem, &where, " (" STR_FMT ":%" PRIu64 ": " STR_FMT ")",
			 STR_ARG(r->rcu.file), r->rcu.line, STR_ARG(r->rcu.text)) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(rcu_texts); i++) {
		/* On a processor that RCU does not watch, the check fails whatever is held. */
		if (*unwatched ? !rcu_texts[i].unwatched :
				 str_find(r->rcu.text, str_of(rcu_texts[i].has)) < 0)
			continue;
		if (SAY(x, what, STR_FMT " %s%s" STR_FMT ".", STR_ARG(x->f), rcu_texts[i].what,
			unwatched, STR_ARG(where)) < 0)
			return -ENOMEM;
		return SAY(x, todo, "%s", rcu_texts[i].todo);
	}
	return 0;
}

static int explain_non_static_key(struct explainer *x)
{
	if (SAY(x, what,
		STR_FMT " uses a lock that was never initialised, or whose key is not static.",
		STR_ARG(x->f)) < 0)
		return -ENOMEM;
	return SAY(x, todo,
		   "Call spin_lock_init(), mutex_init() or its like before the first use, on "
		   "every path; keys in dynamic memory need lockdep_register_key().");
}

/* Tasks of a dump that are compared with one another; more are only listed. */
#define WAITERS_MAX 1000

/* Who of the others holds the lock instance that this one has last, before their own last one. */
static const struct task_locks *holder_of(const struct report *r, const struct task_locks *waiter)
{
	const struct lock *wanted = &r->held_locks.p[waiter->first + waiter->n - 1].lock;

	if (!wanted->address.len || *wanted->address.p == '(')
		return NULL;
	for (size_t i = 0; i < r->tasks.n; i++) {
		const struct task_locks *t = &r->tasks.p[i];

		/* the last of several may be wanted as well: it proves nothing */
		for (size_t k = 0; t != waiter && k < t->n - (t->n > 1); k++)
			if (str_eq(r->held_locks.p[t->first + k].lock.address, wanted->address))
				return t;
	}
	return NULL;
}

/*
 * Kernels since 4.17 print the address of each lock, and a task that waits has the lock that it
 * wants at the end of its list: so a dump tells who waits for whom.
 */
static int note_waits(struct explainer *x)
{
	const struct report *r = x->r;

	for (size_t i = 0; i < r->tasks.n && r->tasks.n <= WAITERS_MAX; i++) {
		const struct task_locks *t = &r->tasks.p[i],
					*holder = t->n ? holder_of(r, t) : NULL;
		struct note *n;

		if (!holder || (holder->n == 1 && holder->first > t->first))
			continue; /* of two that have only this one, the first is taken to hold it */
		n = vec_push(r->mem, &x->v->notes);
		if (!n)
			return -ENOMEM;
		*n = (struct note){ .kind = "waits-for", .edge = -1 };
		if (arena_printf(r->mem, &n->text,
				 STR_FMT "/%" PRId64 " waits for " STR_FMT ", which " STR_FMT
					 "/%" PRId64 " has (unless both only read it)",
				 STR_ARG(t->task.comm), t->task.pid,
				 STR_ARG(r->held_locks.p[t->first + t->n - 1].lock.name),
				 STR_ARG(holder->task.comm), holder->task.pid) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* Waiters are listed as holders. */
static int explain_dump(struct explainer *x)
{
	if (SAY(x, what,
		"%zu task%s or wait%s for %zu lock%s; a task that waits is listed as holding.",
		x->r->tasks.n, x->r->tasks.n == 1 ? " holds" : "s hold",
		x->r->tasks.n == 1 ? "s" : "", x->r->held_locks.n,
		x->r->held_locks.n == 1 ? "" : "s") < 0)
		return -ENOMEM;
	for (size_t i = 0; i < x->r->tasks.n; i++) {
		const struct task_locks *t = &x->r->tasks.p[i];
		struct note *n = vec_push(x->r->mem, &x->v->notes);

		if (!n)
			return -ENOMEM;
		*n = (struct note){ .kind = "task", .edge = -1 };
		if (arena_printf(x->r->mem, &n->text,
				 STR_FMT "/%" PRId64 " holds or waits for %" PRIu64 " lock%s%s",
				 STR_ARG(t->task.comm), t->task.pid, t->announced,
				 t->announced == 1 ? "" : "s",
				 t->n < t->announced ? "; it was running, not all are printed" :
						       "") < 0)
			return -ENOMEM;
	}
	return note_waits(x);
}

static const struct {
	const char *limit, *what, *todo;
} limits[] = {
	{ "MAX_LOCKDEP_KEYS", "There are more lock classes than lockdep can hold",
	  "See /proc/lockdep for classes that come in great numbers: keys made anew for each object, or "
	  "a module loaded again and again." },
	{ "MAX_LOCKDEP_ENTRIES", "There are more dependencies than lockdep can hold",
	  "Raise CONFIG_LOCKDEP_BITS, or find the classes with the most dependencies in /proc/lockdep." },
	{ "MAX_LOCKDEP_CHAINS", "There are more sequences of held locks than lockdep can hold",
	  "Raise CONFIG_LOCKDEP_CHAINS_BITS, or find what takes locks in ever new orders." },
	{ "MAX_LOCKDEP_CHAIN_HLOCKS",
	  "The sequences of held locks are longer than lockdep can hold",
	  "Raise CONFIG_LOCKDEP_CHAINS_BITS." },
	{ "MAX_STACK_TRACE_ENTRIES", "There are more stack traces than lockdep can hold",
	  "Raise CONFIG_LOCKDEP_STACK_TRACE_BITS." },
	{ "MAX_LOCK_DEPTH", "A task takes more locks at once than lockdep can follow",
	  "Do not hold so many locks of a kind: one that covers all of them, or one after the other." },
	{ "MAX_LOCKDEP_SUBCLASSES", "A subclass is out of range (there are eight)",
	  "Look at the subclass that the caller of the *_nested() function computes." },
};

static int explain_limit(struct explainer *x)
{
	struct str f;

	if (function_words(x, "the code", &f) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		if (!str_eq(x->r->limit, str_of(limits[i].limit)))
			continue;
		if (SAY(x, what, "%s; lockdep switched itself off in " STR_FMT ".", limits[i].what,
			STR_ARG(f)) < 0)
			return -ENOMEM;
		return SAY(x, todo, "%s", limits[i].todo);
	}
	return SAY(x, what, "A table of lockdep is full (" STR_FMT "); it switched itself off.",
		   STR_ARG(x->r->limit));
}

static int explain_other(struct explainer *x)
{
	const struct report *r = x->r;

	if (r->beside.text)
		return SAY(x, what, STR_FMT " held these locks when, in line %" PRIu64 ", %s.",
			   STR_ARG(x->task), r->beside.line, r->beside.text);
	return SAY(x, what,
		   STR_FMT " held these locks when something else was reported; see the log above "
			   "line %" PRIu64 ".",
		   STR_ARG(x->task), r->line);
}

static int (*const explainers[KIND_MAX])(struct explainer *x) = {
	[KIND_CIRCULAR] = explain_suggestion,
	[KIND_RECURSIVE] = explain_suggestion,
	[KIND_NESTED_NOT_TAKEN] = explain_nested,
	[KIND_SAFE_UNSAFE] = explain_suggestion,
	[KIND_IRQ_INVERSION] = explain_suggestion,
	[KIND_INCONSISTENT] = explain_suggestion,
	[KIND_BAD_UNLOCK] = explain_bad_unlock,
	[KIND_BAD_CONTENTION] = explain_bad_contention,
	[KIND_HELD_FREED] = explain_held_freed,
	[KIND_RETURNING_TO_USER] = explain_returning,
	[KIND_HELD_AT_EXIT] = explain_exit,
	[KIND_STILL_HELD] = explain_still_held,
	[KIND_INVALID_WAIT] = explain_invalid_wait,
	[KIND_SUSPICIOUS_RCU] = explain_rcu,
	[KIND_NON_STATIC_KEY] = explain_non_static_key,
	[KIND_ALL_LOCKS_DUMP] = explain_dump,
	[KIND_LIMIT] = explain_limit,
	[KIND_OTHER] = explain_other,
};

int explain_make(const struct analyst *a, struct report *r, struct verdict *v)
{
	struct explainer x = {
		.a = a, .r = r, .v = v, .e = &v->explanation, .task = STR("a task")
	};
	struct telling t = telling_make(a, &r->backtrace, SIZE_MAX);
	struct str taker = lock_taker(a, &r->acquiring);
	enum role role = taker.len ? role_of(a->roles, taker) : ROLE_LOCKDEP;

	x.e->function = t.function;
	x.e->module = t.module;
	/* Who takes the lock is better than a caller further out, if it is no mere lock function. */
	if (role == ROLE_CODE || role == ROLE_CORE)
		blame(&x, &r->acquiring);
	if (function_words(&x, "The code", &x.f) < 0)
		return -ENOMEM;
	if (r->task.known && arena_printf(r->mem, &x.task, STR_FMT "/%" PRId64,
					  STR_ARG(r->task.comm), r->task.pid) < 0)
		return -ENOMEM;
	return explainers[r->kind](&x);
}
