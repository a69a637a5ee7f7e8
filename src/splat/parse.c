/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include <assert.h>
#include <errno.h>

#include "kinds.h"
#include "token.h"
#include "unsplat/splat.h"

/* Lines of others that a report may have in the middle, and at its end between stack lines. */
#define FOREIGN_MAX 256
#define FOREIGN_MAX_IN_BACKTRACE 64
#define FOREIGN_MAX_BEHIND_BACKTRACE 8
/* Numbers of lines in a row that may have the text of none between. */
#define NUMBERS_MAX 512

void parser_init(struct parser *p, struct report *r)
{
	*p = (struct parser){ .r = r, .section = SECTION_HEAD, .ident_wanted = r->has_banner };
}

/* "4.14.0-rc1+ #1 Tainted: G     U". Source: print_kernel_ident(), since 2.6.19. */
static int ident_parse(struct str s, struct report *r)
{
	ptrdiff_t blank;
	uint64_t ignored;
	struct str release, build;

	(void)str_skip(&s, STR("[ ")); /* an RT tree of 2.6.2x prints half of its brackets */
	blank = str_chr(s, ' ');
	if (blank <= 0)
		return -ENOENT;
	release = str_head(s, (size_t)blank);
	s = build = str_ltrim(str_from(s, (size_t)blank));
	if (!str_skip(&s, STR("#")) || str_skip_uint(&s, &ignored) < 0 ||
	    (s.len && !is_blank(*s.p)))
		return -ENOENT;
	build = str_head(build, build.len - s.len);
	s = str_trim(s);
	if (str_skip(&s, STR("Tainted:")))
		r->kernel.taint = str_trim(s);
	else if (s.len && !str_eq(s, STR("Not tainted")))
		return -ENOENT;
	r->kernel.release = release;
	r->kernel.build = build;
	r->kernel.known = true;
	return 0;
}

static bool backtrace_begun(const struct parser *p)
{
	return p->section == SECTION_BACKTRACE && p->r->backtrace.n;
}

static void enter(struct parser *p, enum section section)
{
	p->section = section;
	p->open = NULL;
	p->entry_open = false;
	p->exists_next = false;
	p->stack_over = false;
}

static bool is_our_task(const struct parser *p, const struct task *t)
{
	return !p->r->task.known ||
	       (p->r->task.pid == t->pid && str_starts(p->r->task.comm, t->comm));
}

/* Half a name at the end of a cut line, between frames that have all of theirs. */
static bool is_half(const stack *s, const struct frame *f)
{
	const struct frame *last = s->n ? &s->p[s->n - 1] : NULL;

	return last && last->has_size && !f->has_offset && !f->file.len && !f->inlined &&
	       f->function.len && !f->address.len;
}

static int add_frame(struct parser *p, stack *to, const struct token *t)
{
	struct frame *f;

	if (is_half(to, &t->frame))
		return FEED_FOREIGN;
	f = vec_push(p->r->mem, to);
	if (!f)
		return -ENOMEM;
	*f = t->frame;
	p->last_frame = f;
	f->irq_entry = p->leaves_irq || t->leaves_irq;
	p->leaves_irq = false;
	return FEED_TAKEN;
}

/* "[<addr>] f+0x1/0x2 [module]" as it stands in `at`: without the address. */
static struct str frame_text(struct str s)
{
	ptrdiff_t close = str_starts(s, STR("[")) ? str_find(s, STR("]")) : -1;

	return close < 0 ? s : str_ltrim(str_from(s, (size_t)close + 1));
}

/* The lock whose line broke off before the symbol: "(name){....}, at:", "(name){....}". */
static struct lock *broken_lock(struct parser *p)
{
	struct report *r = p->r;
	struct lock *last = NULL;

	if (p->section == SECTION_HEAD)
		last = r->has_holding ? &r->holding : r->has_acquiring ? &r->acquiring : NULL;
	else if (p->section == SECTION_HELD && r->held_locks.n && !p->other_list)
		last = &r->held_locks.p[r->held_locks.n - 1].lock;
	return last && !last->at.len ? last : NULL;
}

/* Whether @p t is the other piece of such a line. */
static bool completes_lock(struct parser *p, const struct token *t, uint64_t line)
{
	struct lock *broken = broken_lock(p), whole;
	struct str s = t->text;

	if (!broken)
		return false;
	if (t->type == TOKEN_FRAME) {
		broken->at = frame_text(t->text);
		broken->at_frame = t->frame;
	} else {
		if (!str_starts(s, STR(", at:")) && !str_starts(s, STR("at:")))
			return false;
		(void)at_parse(s, &whole);
		broken->at = whole.at;
		broken->at_frame = whole.at_frame;
		if (!broken->at.len)
			return true; /* ", at:": the symbol is a piece of its own */
	}
	p->joined = p->joined ? p->joined : line;
	p->joined_lines++;
	return true;
}

int parser_open_stack(struct parser *p, stack **ret)
{
	stack *s = arena_alloc(p->r->mem, sizeof(*s));

	if (!s)
		return -ENOMEM;
	enter(p, SECTION_STACKS);
	p->open = *ret = s;
	return 0;
}

/* Nothing calls these: a stack that goes on is another one. */
static bool is_outermost(struct str f)
{
	static const char *const names[] = {
		"ret_from_fork",
		"ret_from_fork_asm",
		"kernel_thread_helper",
		"ret_from_kernel_thread",
		"ret_from_kernel_user_thread",
		"kernel_thread_starter",
		"ret_fast_syscall",
		"system_call_fastpath",
		"entry_SYSCALL_64_fastpath",
		"entry_SYSCALL_64_after_hwframe",
		"entry_SYSENTER_compat_after_hwframe",
		"secondary_startup_64_no_verify",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_is(f, names[i]))
			return true;
	return false;
}

static bool is_below_all(const stack *s, const struct token *t)
{
	return s->n && is_outermost(s->p[s->n - 1].function) && t->frame.function.len &&
	       !is_outermost(t->frame.function); /* "ret_from_fork", "ret_from_fork_asm" */
}

/* Where the stack of an acquisition begins. */
static bool is_top(struct str f)
{
	static const char *const tops[] = { "__lock_acquire", "lock_acquire",  "__mutex_lock",
					    "mutex_lock",     "down_",	       "_raw_",
					    "rt_mutex_",      "__might_",      "fs_reclaim_acquire",
					    "check_prev",     "validate_chain" };

	for (size_t i = 0; i < ARRAY_SIZE(tops); i++)
		if (str_begins(f, tops[i]))
			return true;
	return false;
}

/*
 * What lock_acquire() may have called, or what may have come in between: parts of the validator,
 * sanitizers, tracers, what prints, and the entries of interrupts, exceptions and faults on all
 * architectures. Parts of names; too many cost nothing but a stack that is not told apart.
 */
static bool may_be_above_acquire(struct str f)
{
	static const char *const parts[] = {
		"lock",	    "check",	"chain",  "mark_",     "valid",	  "usage",    "graph",
		"bfs",	    "print",	"dump",	  "stack",     "trace",	  "save_",    "unwind",
		"warn",	    "bug",	"BUG",	  "panic",     "console", "kasan",    "kcsan",
		"kmsan",    "asan",	"ubsan",  "perf_",     "probe",	  "rcu",      "irq",
		"IRQ",	    "intr",	"int_",	  "interrupt", "vector",  "fault",    "except",
		"exc_",	    "trap",	"asm_",	  "entry",     "nmi",	  "NMI",      "el1",
		"abt_",	    "_abort",	"und_",	  "_common",   "mcck",	  "ret_from", "softirq",
		"handle",   "idtentry", "error_", "watchdog",  "hash",	  "debug",    "sysvec",
		"callback", "Abort",	"tl0_",	  "tl1_",
	};

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
		if (str_find(f, str_of(parts[i])) >= 0)
			return true;
	return !f.len;
}

/* System calls, and what runs threads and workers: no lock function calls these. */
static bool is_near_bottom(struct str f)
{
	static const char *const calls[] = { "SyS_",	     "__x64_sys_",   "__ia32_sys_",
					     "__arm64_sys_", "__s390x_sys_", "__se_sys_",
					     "__do_sys_" };
	static const char *const names[] = { "do_syscall_64", "x64_sys_call", "worker_thread",
					     "kthread" };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (str_starts(f, str_of(calls[i])))
			return true;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(f, str_of(names[i])))
			return true;
	return false;
}

/*
 * lock_acquire() right below the frame of code that it never calls, in a stack that has its own
 * acquisition: the line of another entry and the end of the stack above are both lost.
 */
static bool begins_amid(const stack *s, const struct token *t)
{
	size_t last = s->n;

	if (!t->frame.reliable || t->frame.inlined || !is_top(t->frame.function))
		return false;
	while (last && !s->p[last - 1].reliable)
		last--;
	if (last && is_near_bottom(s->p[last - 1].function))
		return true;
	if (!str_eq(t->frame.function, STR("lock_acquire")) &&
	    !str_eq(t->frame.function, STR("__lock_acquire")))
		return false;
	if (!last || may_be_above_acquire(s->p[last - 1].function))
		return false;
	for (size_t i = 0; i < last; i++)
		if (s->p[i].reliable && is_top(s->p[i].function))
			return true;
	return false;
}

/*
 * Behind a blank line, where another entry should begin, a lock function begins another stack
 * all the same.
 */
static bool begins_stack(const struct parser *p, const stack *s, const struct token *t)
{
	return is_below_all(s, t) ||
	       (p->blank_before && !p->spaced && s->n >= 2 && is_top(t->frame.function));
}

static int feed_frame(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	if (p->at_wanted) {
		p->at_wanted->at = frame_text(t->text);
		p->at_wanted->at_frame = t->frame;
		p->at_wanted = NULL;
		return FEED_TAKEN;
	}
	if (completes_lock(p, t, line))
		return FEED_TAKEN;
	switch (p->section) {
	case SECTION_CHAIN:
		if (p->entry_open && begins_stack(p, &r->chain.p[r->chain.n - 1].frames, t))
			p->entry_open = false; /* of an entry whose own line is lost */
		if (p->entry_open && !p->leaves_irq && !t->leaves_irq &&
		    begins_amid(&r->chain.p[r->chain.n - 1].frames, t)) {
			p->entry_open = false;
			p->two_stacks = p->two_stacks ? p->two_stacks : line;
		}
		if (!p->entry_open)
			return FEED_FOREIGN;
		p->spaced |= p->blank_before && r->chain.p[r->chain.n - 1].frames.n == 1;
		return add_frame(p, &r->chain.p[r->chain.n - 1].frames, t);
	case SECTION_BACKTRACE:
		if (p->no_frame) {
			p->no_frame = false;
			return FEED_TAKEN;
		}
		return p->stack_over ? FEED_FOREIGN : add_frame(p, &r->backtrace, t);
	case SECTION_STACKS:
		return p->open ? add_frame(p, p->open, t) : FEED_TAKEN;
	case SECTION_HEAD:
		return FEED_TAKEN;
	default:
		return FEED_FOREIGN;
	}
}

static int feed_chain(struct parser *p, const struct token *t, uint64_t line)
{
	struct chain_entry *e;

	if (backtrace_begun(p))
		return FEED_END;
	if (!(kind_row(p->r->kind)->has & HAS_CHAIN)) {
		p->r->mixed = true;
		return FEED_FOREIGN;
	}
	e = vec_push(p->r->mem, &p->r->chain);
	if (!e)
		return -ENOMEM;
	e->index = t->number;
	e->lock = t->lock;
	e->line = e->lock.line = line;
	e->place = p->entries++;
	enter(p, SECTION_CHAIN);
	p->entry_open = true;
	p->spaced = false;
	p->expect = NULL;
	return FEED_TAKEN;
}

/* A symbolizer prints a lock once for each inlined function; the last one has the offset. */
static bool repeats_inlined(const struct lock *before, const struct lock *now)
{
	return before->at_frame.inlined && str_eq(before->name, now->name);
}

/* The name of an inlined function is kept, and what comes with the last one replaces the rest. */
static void replace_inlined(struct lock *lock, const struct lock *now)
{
	struct lock before = *lock;

	*lock = *now;
	memcpy(lock->at_inlined, before.at_inlined, sizeof(lock->at_inlined));
	for (size_t i = 0; i < AT_INLINED_MAX; i++)
		if (!lock->at_inlined[i].len) {
			lock->at_inlined[i] = before.at_frame.function;
			break;
		}
}

static int add_held(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;
	struct held_lock *h = r->held_locks.n ? &r->held_locks.p[r->held_locks.n - 1] : NULL;

	if (p->other_list)
		return FEED_FOREIGN;
	if (r->tasks.n && h && r->tasks.p[r->tasks.n - 1].first == r->held_locks.n)
		h = NULL; /* the last lock of another task */
	if (h && h->index == t->number && repeats_inlined(&h->lock, &t->lock)) {
		replace_inlined(&h->lock, &t->lock);
	} else {
		h = vec_push(r->mem, &r->held_locks);
		if (!h)
			return -ENOMEM;
		h->lock = t->lock;
	}
	if (r->tasks.n)
		r->tasks.p[r->tasks.n - 1].n = r->held_locks.n - r->tasks.p[r->tasks.n - 1].first;
	h->index = t->number;
	h->lock.line = line;
	p->last_lock = &h->lock;
	h->released = t->type == TOKEN_RELEASED;
	if (p->section != SECTION_HELD)
		enter(p, SECTION_HELD);
	if (r->kind == KIND_OTHER && r->held_locks.n == p->announced)
		p->done = !h->lock.at_frame.inlined;
	return FEED_TAKEN;
}

/* The lock that the sentence before this line announced. */
static void expected_lock(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	*p->expect = t->lock;
	p->expect->line = line;
	p->last_lock = p->expect;
	r->has_acquiring |= p->expect == &r->acquiring;
	r->has_holding |= p->expect == &r->holding;
	p->expect = NULL;
}

static int feed_class(struct parser *p, const struct token *t, uint64_t line)
{
	if (backtrace_begun(p) || p->section == SECTION_CHAIN)
		return FEED_FOREIGN;
	if (t->opens && p->r->sections.n)
		return irq_block(p, t, line);
	if (p->expect)
		expected_lock(p, t, line);
	return FEED_TAKEN;
}

static int feed_held(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	if (backtrace_begun(p)) /* s390 prints the list again after the stack */
		return p->own_cpu_line ? FEED_TAKEN : FEED_FOREIGN;
	if (t->indexed)
		return add_held(p, t, line);
	if (p->expect) {
		expected_lock(p, t, line);
		return FEED_TAKEN;
	}
	if (p->section != SECTION_HEAD)
		return FEED_FOREIGN;
	if (r->has_holding && repeats_inlined(&r->holding, &t->lock))
		replace_inlined(&r->holding, &t->lock);
	else if (!r->has_holding && r->has_acquiring && repeats_inlined(&r->acquiring, &t->lock))
		replace_inlined(&r->acquiring, &t->lock);
	return FEED_TAKEN;
}

/* One list of many: the locks that follow are those of this task. */
static int feed_dump_list(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;
	struct task_locks *list = vec_push(r->mem, &r->tasks);

	if (!list)
		return -ENOMEM;
	*list = (struct task_locks){
		.task = t->task, .announced = t->number, .first = r->held_locks.n, .line = line
	};
	enter(p, SECTION_HELD);
	return FEED_TAKEN;
}

static int feed_list(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	if (r->kind == KIND_ALL_LOCKS_DUMP)
		return feed_dump_list(p, t, line);
	if (r->kind == KIND_OTHER && r->has_held_list)
		return FEED_END;
	if (backtrace_begun(p))
		return p->own_cpu_line && is_our_task(p, &t->task) ? FEED_TAKEN : FEED_END;
	if (!is_our_task(p, &t->task)) {
		r->mixed |= !r->sure_task; /* which of the two is the task? */
		p->other_list = true;
		return FEED_FOREIGN;
	}
	p->other_list = false;
	if (!r->task.known)
		r->task = t->task;
	r->has_held_list = true;
	p->announced += t->number;
	enter(p, SECTION_HELD);
	return FEED_TAKEN;
}

static int says_trying(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;

	(void)line;
	if (p->section != SECTION_HEAD)
		return FEED_END;
	if (r->has_acquiring || p->expect == &r->acquiring || r->has_held_list) {
		r->mixed = true; /* another processor's header in the middle of this one */
		return FEED_TAKEN;
	}
	r->task = said->task;
	r->sure_task = true;
	(void)irq_state_parse(said->irq_state, &r->irq_state);
	p->ident_wanted = false;
	p->expect = &r->acquiring;
	return FEED_TAKEN;
}

static int says_task(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	p->r->task = said->task;
	p->r->sure_task = true;
	p->ident_wanted = false;
	return FEED_TAKEN;
}

static int says_holding(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	p->r->crosslock |= said->sentence == SAYS_CROSSLOCK;
	p->r->mixed |= p->r->has_holding || p->expect == &p->r->holding;
	p->expect = &p->r->holding;
	return FEED_TAKEN;
}

static int says_chain(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	p->r->chain_line = line;
	enter(p, SECTION_CHAIN);
	return FEED_TAKEN;
}

static int says_info(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	p->marks += said->sentence != SAYS_OTHER_INFO;
	enter(p, SECTION_INFO);
	p->exists_next = said->sentence == SAYS_EXISTS;
	return FEED_TAKEN;
}

static int says_backtrace(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	(void)line;
	enter(p, SECTION_BACKTRACE);
	return FEED_TAKEN;
}

/* A lone "..." in front of a stack; kernels before record-based printk glue the first frame to it. */
static int says_ellipsis(struct parser *p, const struct said *said, uint64_t line)
{
	struct token t = { .type = TOKEN_FRAME, .text = str_trim(said->rest) };

	if (p->section != SECTION_STACKS || frame_parse(t.text, FRAME_IN_STACK, &t.frame) < 0)
		return FEED_TAKEN;
	return feed_frame(p, &t, line);
}

static int says_nothing(struct parser *p, const struct said *said, uint64_t line)
{
	(void)p;
	(void)said;
	(void)line;
	return FEED_TAKEN;
}

/* What each sentence does; a kind that never says it has another report's lines in it. */
static const struct {
	said_fn *take;
	unsigned int needs; /* enum kind_has: one of these; 0: any kind may say it */
} handlers[] = {
	[SAYS_TRYING] = { says_trying, HAS_HOLDING },
	[SAYS_TRYING_LOCK] = { says_trying, HAS_NEST | HAS_CONTEXT },
	[SAYS_TAKES] = { says_trying, HAS_STATES },
	[SAYS_TASK] = { says_task, 0 },
	[SAYS_RELEASING] = { claim_releasing, HAS_RELEASED },
	[SAYS_FREEING] = { claim_freeing, HAS_FREED },
	[SAYS_HOLDING] = { says_holding, HAS_HOLDING },
	[SAYS_CROSSLOCK] = { says_holding, HAS_HOLDING },
	[SAYS_CHAIN] = { says_chain, HAS_CHAIN },
	[SAYS_OTHER_INFO] = { says_info, 0 },
	[SAYS_EXISTS] = { says_info, 0 },
	[SAYS_SCENARIO] = { says_info, 0 },
	[SAYS_DEADLOCK] = { says_info, 0 },
	[SAYS_BACKTRACE] = { says_backtrace, 0 },
	[SAYS_TRANSITION] = { irq_transition, HAS_STATES },
	[SAYS_REGISTERED] = { irq_registered, HAS_STATES },
	[SAYS_IRQ_STAMP] = { irq_stamp, 0 },
	[SAYS_IRQ_EVENT] = { irq_event, 0 },
	[SAYS_CONNECTS_SAFE] = { irq_connects_safe, HAS_PATHS },
	[SAYS_TO_UNSAFE] = { irq_to_unsafe, HAS_PATHS },
	[SAYS_BECAME] = { irq_became, HAS_PATHS },
	[SAYS_TOOK_OTHER] = { irq_took_other, HAS_PATHS },
	[SAYS_TAKEN_BY_OTHER] = { irq_taken_by_other, HAS_PATHS },
	[SAYS_PATH] = { irq_path, HAS_PATHS },
	[SAYS_TREE] = { irq_tree, HAS_PATHS },
	[SAYS_BLOCK_USAGE] = { irq_block_usage, 0 },
	[SAYS_BLOCK_KEY] = { irq_block_key, 0 },
	[SAYS_BLOCK_ACQUIRED] = { irq_block_acquired, 0 },
	[SAYS_ELLIPSIS] = { says_ellipsis, 0 },
	[SAYS_NOT_HOLDING] = { claim_not_holding, HAS_NEST },
	[SAYS_CONTEXT] = { claim_context, HAS_CONTEXT },
	[SAYS_RCU_ACTIVE] = { claim_rcu_active, HAS_RCU },
	[SAYS_RCU_ILLEGAL] = { claim_rcu_illegal, HAS_RCU },
	[SAYS_NOTHING] = { says_nothing, 0 },
};
static_assert(ARRAY_SIZE(handlers) == SAYS_MAX, "every sentence needs a handler");

static int feed_sentence(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	if (backtrace_begun(p) && handlers[t->said.sentence].take != says_trying) {
		if (t->said.sentence != SAYS_OTHER_INFO || r->kind != KIND_NESTED_NOT_TAKEN)
			return FEED_FOREIGN;
		r->backtrace.n = 0; /* this kind prints its stack twice, the list between */
	}
	if (handlers[t->said.sentence].needs &&
	    !(handlers[t->said.sentence].needs & kind_row(r->kind)->has)) {
		r->mixed = true;
		return FEED_FOREIGN;
	}
	if (handlers[t->said.sentence].take != says_trying &&
	    handlers[t->said.sentence].take != says_holding) {
		p->expect = NULL; /* what was announced before is lost */
		p->at_wanted = NULL;
		p->name_wanted = false;
	}
	return handlers[t->said.sentence].take(p, &t->said, line);
}

static int feed_cpu(struct parser *p, const struct token *t)
{
	struct report *r = p->r;
	bool ours = is_our_task(p, &t->task);

	if (backtrace_begun(p))
		return FEED_END;
	p->own_cpu_line = ours && (r->task.known || p->section != SECTION_LOST);
	if (!ours && !r->sure_task)
		r->mixed = true;
	if (p->section != SECTION_BACKTRACE) {
		if (!ours || p->section == SECTION_LOST)
			return FEED_FOREIGN;
		enter(p,
		      SECTION_BACKTRACE); /* the sentence before it is lost, or this kind has none */
	}
	if (ours && t->number != UINT64_MAX)
		r->cpu = (int64_t)t->number;
	if (!r->task.known)
		r->task = t->task;
	r->sure_task |= ours;
	return FEED_TAKEN;
}

static int feed_trace(struct parser *p)
{
	if (backtrace_begun(p))
		return FEED_END;
	if (p->section == SECTION_BACKTRACE)
		return FEED_TAKEN;
	if (p->section == SECTION_LOST && !p->own_cpu_line)
		return FEED_FOREIGN;
	if (p->own_cpu_line || p->section == SECTION_HELD || p->section == SECTION_INFO ||
	    (p->r->kind != KIND_CIRCULAR && p->r->kind != KIND_RECURSIVE)) {
		enter(p, SECTION_BACKTRACE);
		return FEED_TAKEN;
	}
	enter(p, SECTION_LOST); /* the stack of something else must not become that of an entry */
	return FEED_FOREIGN;
}

static int feed_dump(struct parser *p, const struct token *t)
{
	struct str s = t->text;

	if (p->section != SECTION_BACKTRACE)
		return FEED_FOREIGN;
	if (str_skip(&s, STR("Workqueue:")) && !p->r->workqueue.len)
		p->r->workqueue = str_trim(s);
	p->no_frame = str_starts(s, STR("Last Breaking-Event-Address:"));
	return FEED_TAKEN;
}

static int feed_rule(struct parser *p, const struct token *t)
{
	if (p->r->kind == KIND_ALL_LOCKS_DUMP && *t->text.p == '=') {
		p->done = true;
		return FEED_TAKEN;
	}
	return p->section == SECTION_HEAD ? FEED_TAKEN : FEED_FOREIGN;
}

/* "[i915]" alone: the end of the frame or lock before it, which a mailer wrapped. */
static bool completes_module(struct parser *p, struct frame *frame, struct lock *lock, struct str s,
			     uint64_t line)
{
	struct frame f;
	struct str text;

	if (lock && lock->at_frame.function.len)
		frame = &lock->at_frame;
	if (!frame || frame->module.len || !frame->has_size || s.len < 3 || *s.p != '[' ||
	    !str_ends(s, STR("]")) ||
	    arena_printf(p->r->mem, &text, "f+0x0/0x1 " STR_FMT, STR_ARG(s)) < 0 ||
	    frame_parse(text, FRAME_IN_STACK, &f) < 0 || !f.module.len)
		return false;
	frame->module = f.module;
	if (lock)
		(void)arena_printf(p->r->mem, &lock->at, STR_FMT " " STR_FMT, STR_ARG(lock->at),
				   STR_ARG(s));
	p->joined = p->joined ? p->joined : line;
	p->joined_lines++;
	return true;
}

static int feed_unknown(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;

	if (completes_lock(p, t, line))
		return FEED_TAKEN;
	if (p->name_wanted) {
		p->name_wanted = false;
		r->not_holding = t->text;
		return FEED_TAKEN;
	}
	if (r->kind == KIND_SUSPICIOUS_RCU && !r->rcu.text.len && p->section == SECTION_HEAD &&
	    claim_rcu_parse(t->text, r) == 0)
		return FEED_TAKEN;
	if (r->kind == KIND_LIMIT && claim_is_depth(t->text))
		return FEED_TAKEN;
	if (p->ident_wanted && ident_parse(t->text, r) == 0) {
		p->ident_wanted = false;
		return FEED_TAKEN;
	}
	if (p->exists_next && str_find(t->text, STR(" --> ")) >= 0) {
		p->exists_next = false;
		p->exists_last = true;
		r->exists = t->text;
		return FEED_TAKEN;
	}
	/* "** 12 printk messages dropped **": the stack that goes on may be of another entry. */
	if (str_find(t->text, STR("printk messages dropped")) >= 0)
		p->entry_open = false;
	return FEED_FOREIGN;
}

static int feed_token(struct parser *p, const struct token *t, uint64_t line)
{
	switch (t->type) {
	case TOKEN_BLANK:
		return FEED_TAKEN;
	case TOKEN_BANNER:
		if (p->r->has_banner && !p->lines) {
			claim_banner(p->r, &t->banner);
			p->lost_column = t->banner.lost_first ||
					 (!t->banner.bracket && str_ends(t->text, STR("]")));
			return FEED_TAKEN;
		}
		__attribute__((fallthrough));
	case TOKEN_BOOT:
		p->cut |= !p->r->backtrace.n;
		return FEED_END;
	case TOKEN_RULE:
		return feed_rule(p, t);
	case TOKEN_CHAIN:
		return feed_chain(p, t, line);
	case TOKEN_HELD:
	case TOKEN_RELEASED:
		return feed_held(p, t, line);
	case TOKEN_CLASS:
		return feed_class(p, t, line);
	case TOKEN_ARROW:
		return p->section == SECTION_HEAD ? FEED_TAKEN : FEED_FOREIGN;
	case TOKEN_LIST:
		return feed_list(p, t, line);
	case TOKEN_SENTENCE:
		return feed_sentence(p, t, line);
	case TOKEN_FRAME:
		return feed_frame(p, t, line);
	case TOKEN_MARKER:
		p->leaves_irq |= t->leaves_irq;
		p->stack_over = str_eq(t->text, STR("</TASK>"));
		return p->section == SECTION_BACKTRACE ? FEED_TAKEN : FEED_FOREIGN;
	case TOKEN_TRACE:
		return feed_trace(p);
	case TOKEN_CPU:
		return feed_cpu(p, t);
	case TOKEN_DUMP:
		return feed_dump(p, t);
	case TOKEN_SCENARIO:
		return p->section == SECTION_INFO ? FEED_TAKEN : FEED_FOREIGN;
	case TOKEN_TROUBLE:
		p->name_wanted = false; /* printing it crashed: its memory is gone */
		if (backtrace_begun(p))
			return FEED_END;
		enter(p, SECTION_LOST);
		return FEED_FOREIGN;
	case TOKEN_LOCKDEP_OFF: /* a full table prints it in the place of all locks */
		return p->r->kind == KIND_LIMIT && !backtrace_begun(p) ? FEED_TAKEN : FEED_FOREIGN;
	case TOKEN_UNKNOWN:
		return feed_unknown(p, t, line);
	}
	return FEED_FOREIGN;
}

/* Where stacks end: the entry from user space, the start of a thread or of a processor. */
static bool is_bottom(const stack *s)
{
	static const char *const bottoms[] = {
		"ret_from_",
		"entry_",
		"system_call",
		"secondary_startup",
		"start_secondary",
		"verify_cpu",
		"el0",
		"ret_fast",
		"sysenter_",
		"tracesys",
		"kthread",
		"kernel_thread_",
		"x86_64_start_",
		"cpu_startup_entry",
		"start_kernel",
		"asm_",
		"stub_",
		"child_rip",
		"ret_slow",
	};
	const struct frame *f = &s->p[s->n - 1];

	for (size_t i = 0; f->function.len && i < ARRAY_SIZE(bottoms); i++)
		if (str_starts(f->function, str_of(bottoms[i])))
			return true;
	return !f->function.len;
}

/* The number of a line, in a cell of its own: as good as a blank line. */
static bool is_line_number(const struct parser *p, const struct token *t)
{
	struct str s = t->text;
	uint64_t ignored;

	return t->type == TOKEN_UNKNOWN && !p->name_wanted && str_skip_uint(&s, &ignored) == 0 &&
	       !s.len;
}

static int count_number(struct parser *p, uint64_t line)
{
	if (!p->number_run++)
		p->number_run_first = line;
	if (p->number_run <= NUMBERS_MAX)
		return FEED_FOREIGN;
	p->cut |= !p->r->backtrace.n;
	return FEED_END;
}

static int count_foreign(struct parser *p, uint64_t line)
{
	uint64_t most = !backtrace_begun(p)	    ? FOREIGN_MAX :
			is_bottom(&p->r->backtrace) ? FOREIGN_MAX_BEHIND_BACKTRACE :
						      FOREIGN_MAX_IN_BACKTRACE;

	if (!p->foreign_run++)
		p->run_first = line;
	if (p->foreign_run <= most)
		return FEED_FOREIGN;
	p->cut |= !p->r->backtrace.n;
	return FEED_END;
}

static void count_taken(struct parser *p, const struct line *line)
{
	if (line->flags & LINE_JOINED) {
		p->joined = p->joined ? p->joined : line->number;
		p->joined_lines++;
	}
	if ((line->flags & LINE_FUSED) && p->fused_last != line->number) {
		p->fused = p->fused ? p->fused : line->number;
		p->fused_last = line->number;
		p->fused_lines++;
	}
	if (p->foreign_run && !p->foreign_total)
		p->foreign_first = p->run_first;
	p->foreign_total += p->foreign_run;
	p->foreign_run = 0;
	if (p->number_run && !p->numbers)
		p->number_first = p->number_run_first;
	p->numbers += p->number_run;
	p->number_run = 0;
	if (line->number > p->r->end_line)
		p->r->end_line = line->number;
	p->lines++;
}

/* Lines of a stack may be bare words; elsewhere a bare word is anything. */
static enum frame_where frames_expected(const struct parser *p)
{
	return p->entry_open || p->section == SECTION_BACKTRACE || p->section == SECTION_STACKS ?
		       FRAME_IN_STACK :
		       FRAME_ANYWHERE;
}

static bool limit_hit(struct parser *p)
{
	if (!p->full)
		p->full = p->lines >= REPORT_MAX_LINES || arena_used(p->r->mem) >= REPORT_MAX_BYTES;
	return p->full;
}

/* What the lost first character of a line may have been, likeliest first. */
static const char first_characters[] = "(bowti-#*C[{sda12345678 ";

/* The names of task and release, which lost their first letters, are whole in another line. */
static void heal_names(struct parser *p, const struct token *t)
{
	struct report *r = p->r;
	ptrdiff_t at;

	if (r->task.known && t->task.pid == r->task.pid &&
	    t->task.comm.len == r->task.comm.len + 1 && str_ends(t->task.comm, r->task.comm))
		r->task.comm = t->task.comm;
	at = t->type == TOKEN_CPU && r->kernel.release.len ? str_find(t->text, r->kernel.release) :
							     -1;
	if (at > 1 && is_blank(t->text.p[at - 2]) && !is_blank(t->text.p[at - 1])) {
		r->kernel.release.p = t->text.p + at - 1;
		r->kernel.release.len++;
	}
}

/* "> #3 (name){usage}:" without its "-", of which the line stage has made a quote. */
static int repair_chain(struct parser *p, struct str *text, struct token *t)
{
	struct token whole;
	struct str s;

	if (!str_starts(str_ltrim(*text), STR("#")))
		return 0;
	if (arena_printf(p->r->mem, &s, "-> " STR_FMT, STR_ARG(*text)) < 0)
		return -ENOMEM;
	token_parse(s, frames_expected(p), &whole);
	if (whole.type != TOKEN_CHAIN)
		return 0;
	*text = s;
	*t = whole;
	p->repaired++;
	return 0;
}

/*
 * A banner "INFO: ... ]" without its "[", or "ARNING: ", shows that the first column of the log is
 * lost.
 */
static int repair_column(struct parser *p, struct str *text, struct token *t)
{
	if (t->type == TOKEN_HELD && !t->indexed) /* no digit of an address is guessed */
		t->lock.address = (struct str){ NULL, 0 };
	if (str_starts(str_ltrim(*text), STR("#")) && t->type != TOKEN_HELD)
		return repair_chain(p, text, t);
	if (t->type != TOKEN_UNKNOWN && t->type != TOKEN_CLASS && t->type != TOKEN_SCENARIO)
		return 0;
	for (const char *c = first_characters; *c; c++) {
		struct token whole;
		struct str s;

		if (arena_printf(p->r->mem, &s, "%c" STR_FMT, *c, STR_ARG(*text)) < 0)
			return -ENOMEM;
		token_parse(s, frames_expected(p), &whole);
		if (whole.type != TOKEN_HELD && whole.type != TOKEN_CHAIN &&
		    whole.type != TOKEN_SENTENCE && whole.type != TOKEN_LIST &&
		    whole.type != TOKEN_TRACE && whole.type != TOKEN_CPU)
			continue;
		if (whole.type == TOKEN_SENTENCE && whole.said.sentence == SAYS_REGISTERED)
			continue;
		*text = s;
		*t = whole;
		p->repaired++;
		return 0;
	}
	return 0;
}

int parser_feed(struct parser *p, const struct line *line)
{
	struct token t;
	struct str kept = line->text;
	struct frame *last_frame = p->last_frame;
	struct lock *last_lock = p->last_lock;
	int n;

	if (p->done)
		return FEED_END;
	if (limit_hit(p)) {
		token_parse(line->text, FRAME_ANYWHERE, &t);
		return t.type == TOKEN_BANNER || t.type == TOKEN_BOOT ? FEED_END : FEED_FOREIGN;
	}
	if (line->text.len && arena_str(p->r->mem, line->text, &kept) < 0)
		return -ENOMEM;
	token_parse(kept, frames_expected(p), &t);
	if (is_line_number(p, &t))
		return count_number(p, line->number);
	if (p->lost_column && repair_column(p, &kept, &t) < 0)
		return -ENOMEM;
	if (p->lost_column && (t.type == TOKEN_CPU || t.type == TOKEN_LIST))
		heal_names(p, &t);
	p->last_frame = NULL;
	p->last_lock = NULL;
	p->exists_last = false;
	p->blank_before = p->blank;
	p->blank = t.type == TOKEN_BLANK;
	if (t.type == TOKEN_UNKNOWN &&
	    completes_module(p, last_frame, last_lock, t.text, line->number))
		n = FEED_TAKEN;
	else
		n = feed_token(p, &t, line->number);
	if (n == FEED_FOREIGN)
		return count_foreign(p, line->number);
	if (n == FEED_TAKEN && t.type != TOKEN_BLANK)
		count_taken(p, line);
	return n;
}

/* Whether a report without its banner has enough to be one. */
static bool is_report(const struct parser *p)
{
	const struct report *r = p->r;

	if (r->has_banner || r->has_acquiring || r->kind == KIND_OTHER || r->chain.n > 1)
		return true;
	return r->chain.n == 1 && r->chain.p[0].frames.n && p->marks;
}

static bool stack_has(const stack *s, struct str function)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && str_eq(s->p[i].function, function))
			return true;
	return false;
}

int parser_finish(struct parser *p, bool at_end)
{
	struct report *r = p->r;

	if (!is_report(p))
		return -ENOENT;
	if (at_end && !p->done && !r->backtrace.n)
		p->cut = true;
	if (p->exists_last) /* nothing behind it: its last name may be cut */
		r->exists = (struct str){ NULL, 0 };
	/* Up to 3.9 and later: two wordings of the same check, called from the exit path. */
	if (r->kind == KIND_STILL_HELD && stack_has(&r->backtrace, STR("do_exit")))
		r->kind = KIND_HELD_AT_EXIT;
	if (!r->has_banner && r->kind == KIND_CIRCULAR && !r->chain.n && r->has_holding &&
	    str_eq(r->acquiring.name, r->holding.name))
		r->kind = KIND_RECURSIVE;
	return report_check(r, p);
}
