/* SPDX-License-Identifier: MIT */
#include "unsplat/graph.h"

#include <assert.h>
#include <errno.h>

static const char *const relations[] = {
	[RELATION_HELD] = "held",
	[RELATION_WAITS_FOR] = "waits-for",
	[RELATION_CROSSRELEASE] = "crossrelease",
};
static_assert(ARRAY_SIZE(relations) == RELATION_MAX, "every relation needs a word");

const char *relation_name(enum relation r)
{
	return relations[r];
}

/* Where a lock class that has no telling name was "acquired": then it is a wait. */
static const char *const waiting_functions[] = {
	"process_one_work",
	"flush_work",
	"__flush_work",
	"start_flush_work",
	"flush_workqueue",
	"__flush_workqueue",
	"drain_workqueue",
	"__cancel_work_timer",
	"__cancel_work_sync",
	"call_timer_fn",
	"del_timer_sync",
	"timer_delete_sync",
	"__timer_delete_sync",
	"try_to_del_timer_sync",
	"wait_for_completion",
	"wait_for_common",
	"cleanup_workqueue_thread",
	"flush_cpu_workqueue",
	"run_workqueue",
	"worker_thread",
	"wait_on_cpu_work",
	"wait_on_work",
};

static bool is_function(struct str f, const char *const *list, size_t n)
{
	ptrdiff_t dot = str_chr(f, '.');

	f = str_head(f, dot < 0 ? f.len : (size_t)dot);
	for (size_t i = 0; i < n; i++)
		if (str_is(f, list[i]))
			return true;
	return false;
}

/* The first function under lockdep's own: which code "acquired" the class. */
static struct str acquiring_function(const stack *s)
{
	static const char *const own[] = { "lock_acquire",	 "__lock_acquire",
					   "check_prev_add",	 "check_prevs_add",
					   "validate_chain",	 "add_lock_to_list",
					   "lock_acquire_on_cpu" };

	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && s->p[i].function.len &&
		    !is_function(s->p[i].function, own, ARRAY_SIZE(own)))
			return s->p[i].function;
	return (struct str){ NULL, 0 };
}

static bool is_wait(struct str to, const stack *frames)
{
	switch (lock_type(to)) {
	case LOCK_WORK:
	case LOCK_WORKQUEUE:
	case LOCK_COMPLETION:
	case LOCK_TIMER:
		return true;
	case LOCK_PLAIN:
		return is_function(acquiring_function(frames), waiting_functions,
				   ARRAY_SIZE(waiting_functions));
	default:
		return false;
	}
}

static enum relation relate(struct str from, struct str to, const stack *frames)
{
	if (is_wait(to, frames))
		return RELATION_WAITS_FOR;
	return lock_type(from) == LOCK_COMPLETION ? RELATION_CROSSRELEASE : RELATION_HELD;
}

enum relation dependency_relation(const struct dependency *d)
{
	return relate(d->from, d->to, d->frames);
}

static int add(struct report *r, dependencies *ret, struct dependency d)
{
	struct dependency *place = vec_push(r->mem, ret);

	if (!place)
		return -ENOMEM;
	d.relation = relate(d.from, d.to, d.frames);
	*place = d;
	return 0;
}

/* "C0 --> C(N-1) --> CN" names the lock that is held when the header is lost. */
static struct str last_of_exists(const struct report *r, struct str first)
{
	struct str s = r->exists;
	ptrdiff_t arrow = str_rfind(s, STR(" --> "));

	if (!str_skip(&s, first) || !str_starts(s, STR(" --> ")) || arrow < 0)
		return (struct str){ NULL, 0 };
	return str_from(r->exists, (size_t)arrow + 5);
}

/*
 * Nothing of the chain is lost at its top: the entry that lockdep prints first stands right behind
 * the sentence that announces it, and all below it are there. Its lock is the one that is held.
 */
static bool is_whole_chain(const struct report *r)
{
	const struct chain_entry *c = r->chain.p, *top = &c[r->chain.n - 1];

	if (!r->chain_line || r->chain.n < 2 || top->place || top->line <= r->chain_line ||
	    top->line - r->chain_line > 2 || top->index != r->chain.n - 1)
		return false;
	for (size_t i = 0; i < r->chain.n; i++)
		if (c[i].index != i)
			return false;
	return true;
}

struct str report_wanted(const struct report *r)
{
	if (r->has_acquiring)
		return r->acquiring.name;
	return r->chain.n && !r->chain.p[0].index ? r->chain.p[0].lock.name :
						    (struct str){ NULL, 0 };
}

/* The lock of the entry before #e (in the cycle: the last one before #0); empty when it is lost. */
static struct str predecessor(const struct report *r, size_t e)
{
	const struct chain_entry *c = r->chain.p;
	struct str exists;

	if (c[e].index > 0) {
		if (e && c[e - 1].index == c[e].index - 1)
			return c[e - 1].lock.name;
		if (c[e].index == 1 && r->has_acquiring)
			return r->acquiring.name;
		return (struct str){ NULL, 0 };
	}
	exists = last_of_exists(r, c[0].lock.name);
	if (!r->has_holding)
		return exists.len || !is_whole_chain(r) ? exists : c[r->chain.n - 1].lock.name;
	/* With the last entry lost, the head alone names it: it may be another report's. */
	if (exists.len && !str_eq(exists, r->holding.name) &&
	    !str_eq(c[r->chain.n - 1].lock.name, r->holding.name))
		return (struct str){ NULL, 0 };
	return r->holding.name;
}

static int chain_dependencies(struct report *r, dependencies *ret)
{
	for (size_t i = 0; i < r->chain.n; i++) {
		struct chain_entry *e = &r->chain.p[i];
		struct str from = predecessor(r, i);
		int err;

		if (!from.len || !e->lock.name.len)
			continue;
		err = add(r, ret,
			  (struct dependency){ .index = (int64_t)e->index,
					       .held = -1,
					       .from = from,
					       .to = e->lock.name,
					       .frames = &e->frames });
		if (err)
			return err;
	}
	return 0;
}

/* Entered by an interrupt: what was held below is of another context. */
static const char *const irq_entries[] = {
	"do_IRQ",
	"common_interrupt",
	"asm_common_interrupt",
	"handle_irq",
	"handle_IRQ",
	"generic_handle_irq",
	"__handle_domain_irq",
	"gic_handle_irq",
	"el1_irq",
	"el1_interrupt",
	"el1h_64_irq_handler",
	"__irq_svc",
	"smp_apic_timer_interrupt",
	"apic_timer_interrupt",
	"sysvec_apic_timer_interrupt",
	"asm_sysvec_apic_timer_interrupt",
	"__sysvec_apic_timer_interrupt",
	"irq_exit",
	"irq_exit_rcu",
	"__irq_exit_rcu",
	"invoke_softirq",
	"__do_softirq",
	"do_softirq",
	"do_softirq_own_stack",
	"handle_softirqs",
	"call_softirq",
	"__run_hrtimer",
	"timer_interrupt",
	"do_nmi",
	"nmi",
	"exc_nmi",
	"asm_exc_nmi",
	"call_do_irq",
	"__do_irq",
	"do_IRQ_own_stack",
	"ret_from_irq",
	"handle_riscv_irq",
	"do_ext_irq",
	"ext_int_handler",
	"do_irq_async",
};

size_t context_frames(const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].irq_entry ||
		    (s->p[i].reliable &&
		     is_function(s->p[i].function, irq_entries, ARRAY_SIZE(irq_entries))))
			return i;
	return s->n;
}

static bool has_function(const stack *s, size_t n, struct str f)
{
	for (size_t i = 0; i < n; i++)
		if (str_eq(s->p[i].function, f))
			return true;
	return false;
}

/* The stack of the acquisition that the report is about: that of #0, or the backtrace. */
static const stack *wanting_stack(const struct report *r)
{
	if (r->chain.n && r->chain.p[0].index == 0 && r->chain.p[0].frames.n)
		return &r->chain.p[0].frames;
	return &r->backtrace;
}

/* Whether a held lock was taken in the interrupt (or task) that wants the lock. */
static bool same_context(const struct report *r, const struct held_lock *h)
{
	const stack *s[] = { wanting_stack(r), &r->backtrace };

	for (size_t i = 0; i < ARRAY_SIZE(s); i++) {
		size_t n = context_frames(s[i]);

		if (n < s[i]->n) /* in an interrupt: only what is seen to be taken there */
			return has_function(s[i], n, h->lock.at_frame.function);
	}
	return true; /* a task, from the system call or the thread's start on */
}

static bool is_recursive_reader(const struct lock *l)
{
	static const char *const readers[] = { "rcu_lock_acquire",  "rcu_read_lock",
					       "rcu_read_lock_bh",  "rcu_read_lock_sched",
					       "srcu_read_lock",    "srcu_lock_acquire",
					       "_raw_read_lock",    "_raw_read_lock_irqsave",
					       "_raw_read_lock_bh", "_raw_read_lock_irq",
					       "read_lock" };

	return lock_type(l->name) == LOCK_RCU_READER ||
	       is_function(l->at_frame.function, readers, ARRAY_SIZE(readers));
}

enum held_proof held_lock_proof(const struct report *r, size_t held)
{
	const struct held_lock *h = &r->held_locks.p[held];

	if (h->released || !h->lock.name.len || str_eq(h->lock.name, report_wanted(r)))
		return HELD_IS_WANTED;
	if (is_recursive_reader(&h->lock))
		return HELD_IS_READER;
	return same_context(r, h) ? HELD_PROVES : HELD_OTHER_CONTEXT;
}

/* The task holds all of its list and wants one more. */
static int held_dependencies(struct report *r, dependencies *ret)
{
	for (size_t i = 0; i < r->held_locks.n; i++) {
		enum held_proof proof = held_lock_proof(r, i);
		int err;

		if (proof == HELD_IS_WANTED && r->kind == KIND_INCONSISTENT)
			break; /* its state changed while it was held: later ones came after it */
		if (proof != HELD_PROVES)
			continue;
		err = add(r, ret,
			  (struct dependency){ .index = -1,
					       .held = (int64_t)i,
					       .from = r->held_locks.p[i].lock.name,
					       .to = report_wanted(r),
					       .derived = true,
					       .frames = wanting_stack(r) });
		if (err)
			return err;
	}
	return 0;
}

/* Of a path as it is printed: block @p b, its neighbour that is printed next, its stack. */
static int path_edge(struct report *r, dependencies *ret, struct str from, struct str to,
		     const stack *frames)
{
	if (!from.len || !to.len || !frames || !frames->n)
		return 0;
	return add(r, ret,
		   (struct dependency){
			   .index = -1, .held = -1, .from = from, .to = to, .frames = frames });
}

/*
 * "... acquired at:" means another acquisition in each section, and in one of them it changed
 * in 5.13: since then the first class has none, before the stack stood one class earlier.
 */
static int path_dependencies(struct report *r, const struct path_section *s, dependencies *ret)
{
	bool forwards = s->path == PATH_WANTED_TO_UNSAFE ||
			(s->path == PATH_SHORTEST && r->direction == DIRECTION_FORWARDS);
	bool shifted = s->path == PATH_SAFE_TO_HELD && s->blocks.n && !s->blocks.p[0].acquired;

	if (s->path == PATH_TREE || (s->path == PATH_SHORTEST && !r->direction))
		return 0;
	for (size_t i = 0; i + 1 < s->blocks.n; i++) {
		const struct class_block *b = &s->blocks.p[i], *next = &b[1];
		struct str here = b->lock.name, there = next->lock.name;
		int err = forwards ? path_edge(r, ret, there, here, b->acquired) :
				     path_edge(r, ret, here, there,
					       shifted ? next->acquired : b->acquired);

		if (err)
			return err;
	}
	return 0;
}

/* The new dependency of a safe-unsafe report, and the paths that it connects. */
static int irq_dependencies(struct report *r, dependencies *ret)
{
	int err = 0;

	/* The report says so in words: it stands even when the stack is lost. */
	if (r->kind == KIND_SAFE_UNSAFE && r->has_acquiring && r->has_holding &&
	    r->holding.name.len && r->acquiring.name.len)
		err = add(r, ret,
			  (struct dependency){ .index = -1,
					       .held = -1,
					       .from = r->holding.name,
					       .to = r->acquiring.name,
					       .frames = &r->backtrace });
	for (size_t i = 0; !err && i < r->sections.n; i++)
		err = path_dependencies(r, &r->sections.p[i], ret);
	return err;
}

int report_dependencies(struct report *r, dependencies *ret)
{
	int err = 0;

	if (r->mixed)
		return 0;
	switch (r->kind) {
	case KIND_CIRCULAR:
		err = chain_dependencies(r, ret);
		break;
	case KIND_RECURSIVE:
		if (!r->has_acquiring || !r->has_holding)
			return 0;
		return add(r, ret,
			   (struct dependency){ .index = -1,
						.held = -1,
						.from = r->holding.name,
						.to = r->acquiring.name,
						.frames = &r->backtrace });
	case KIND_SAFE_UNSAFE:
		err = irq_dependencies(r, ret);
		break;
	case KIND_IRQ_INVERSION: /* the lock may have been taken long ago: no word on what it wants */
		return irq_dependencies(r, ret);
	default:
		break;
	}
	/* With a crosslock the named task is the one that completes: it wants nothing. */
	if (!err && report_wanted(r).len && !r->crosslock && r->sure_task)
		err = held_dependencies(r, ret);
	return err;
}
