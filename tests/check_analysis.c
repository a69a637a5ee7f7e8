/* SPDX-License-Identifier: MIT */
#include "unsplat/analysis.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/analyst.h"
#include "sample.h"

static struct analyst *analyst;

static void setup(void)
{
	analyst = analyst_new(NULL);
	ck_assert_ptr_nonnull(analyst);
}

static void teardown(void)
{
	analyst_free(analyst);
}

static struct verdict *judge(struct report *r)
{
	struct verdict *v;

	ck_assert_int_eq(verdict_make(analyst, r, &v), 0);
	return v;
}

static bool has_note(const struct verdict *v, const char *kind, int64_t edge)
{
	for (size_t i = 0; i < v->notes.n; i++)
		if (!strcmp(v->notes.p[i].kind, kind) && v->notes.p[i].edge == edge)
			return true;
	return false;
}

static const struct suggestion *suggestion_of(const struct verdict *v, int64_t edge)
{
	for (size_t i = 0; i < v->suggestions.n; i++)
		if (v->suggestions.p[i].edge->index == edge)
			return &v->suggestions.p[i];
	ck_abort_msg("no suggestion for edge %d", (int)edge);
}

START_TEST(suggestions)
{
	struct reading rd;
	char *log = sample(NULL, 0);
	struct verdict *v = judge(only_report(log, &rd));
	double sum = 0;

	ck_assert(v->closed);
	ck_assert_uint_eq(v->n_chain_edges, 3);
	ck_assert_uint_eq(v->edges.n, 4);
	ck_assert_uint_eq(v->suggestions.n, 3); /* one per edge of the cycle */
	for (size_t i = 0; i < v->suggestions.n; i++) {
		const struct suggestion *s = &v->suggestions.p[i];

		ck_assert_uint_eq(s->rank, i + 1);
		ck_assert(!i || s[-1].score >= s->score);
		ck_assert(s->sufficient && !s->leaves.n && !s->but.len);
		ck_assert_str_eq(s->pattern, "lock-order");
		ck_assert_str_eq(s->remedy, "reorder-acquisition");
		ck_assert(s->what.len && s->todo.len);
		ck_assert(str_find(s->what, STR("{")) < 0 && str_find(s->todo, STR("{")) < 0);
		sum += s->score;
	}
	ck_assert_double_lt(sum, 1);
	ck_assert_view(suggestion_of(v, 0)->function, "take_a");
	ck_assert_view(suggestion_of(v, 1)->function, "a_then_b");
	ck_assert_view(suggestion_of(v, 2)->function, "b_then_c");
	ck_assert_view(suggestion_of(v, 0)->held, "&c");
	ck_assert_view(suggestion_of(v, 1)->held, "&a");
	ck_assert_int_eq(v->suggestions.p[0].edge->index, 0); /* the newest code closed it */
	ck_assert_uint_eq(v->notes.n, 0);
	reading_done(&rd);
	free(log);
}
END_TEST

/* &b is held as well, before &c: dropping &c alone leaves the cycle through &b. */
START_TEST(outermost)
{
	struct edit edit = { "1 lock held by prog/42:", NULL,
			     "3 locks held by prog/42:\n #0: (&z){+.+.}, at: take_z+0x1/0x2\n"
			     " #0: (&b){+.+.}, at: c_then_a+0x1/0x2" };
	struct reading rd;
	char *log = sample(&edit, 1);
	struct verdict *v = judge(only_report(log, &rd));
	const struct suggestion *s = suggestion_of(v, 0);

	ck_assert_view(s->held, "&b"); /* &z is no part of a cycle */
	ck_assert(s->sufficient);
	ck_assert_uint_eq(s->leaves.n, 1);
	ck_assert_uint_eq(s->leaves.p[0].n, 2);
	ck_assert_view(s->leaves.p[0].locks[0], "&a"); /* from its lowest number on */
	ck_assert_view(s->leaves.p[0].locks[1], "&b");
	ck_assert_int_ge(str_find(s->but, STR("&b")), 0);
	s = suggestion_of(v, 2);
	ck_assert(!s->sufficient && s->leaves.n == 1 && s->but.len); /* &a -> &b -> &a stays */
	ck_assert(suggestion_of(v, 1)->sufficient);
	reading_done(&rd);
	free(log);
}
END_TEST

/* What proves nothing is said, when it is a lock of the cycle. */
static const struct {
	struct edit edit;
	const char *note;
	int64_t edge;
} notes[] = {
	{ { " #0: ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]", NULL,
	    " #0: (&c){.+.+}, at: _raw_read_lock+0x1/0x2" },
	  "held-reader",
	  -1 },
	{ { "       take_a+0x10/0x20", NULL,
	    "       take_a+0x10/0x20\n       common_interrupt+0x1/0x2" },
	  "held-elsewhere",
	  -1 },
	{ { "       a_then_b+0x10/0x20", NULL,
	    "       a_then_b+0x10/0x20\n       start_kernel+0x1/0x2" },
	  "first-seen-at-boot",
	  1 },
	{ { "       lock_acquire+0xd2/0x2f0", NULL, "       lock_release+0x1/0x2" },
	  "release-path",
	  1 },
};

START_TEST(note)
{
	struct reading rd;
	char *log = sample(&notes[_i].edit, 1);
	struct verdict *v = judge(only_report(log, &rd));

	ck_assert(has_note(v, notes[_i].note, notes[_i].edge));
	ck_assert_uint_eq(v->notes.n, 1);
	reading_done(&rd);
	free(log);
}
END_TEST

/* Recursions: what the addresses of the two locks tell. */
static const struct {
	const char *first, *second, *pattern;
} recursions[] = {
	{ "ffff888100000001 ", "ffff888100000001 ", "recursion-same-lock" },
	{ "ffff888100000001 ", "ffff888100000002 ", "recursion-same-class" },
	{ "", "", "recursion" },
	{ "(____ptrval____) ", "(____ptrval____) ", "recursion" },
};

START_TEST(recursion)
{
	char log[512];
	struct reading rd;
	struct verdict *v;

	snprintf(log, sizeof(log),
		 "WARNING: possible recursive locking detected\na/1 is trying to acquire lock:\n"
		 "%s(&x){+.+.}, at: inner+0x1/0x2\nbut task is already holding lock:\n"
		 "%s(&x){+.+.}, at: outer+0x1/0x2\n",
		 recursions[_i].first, recursions[_i].second);
	v = judge(only_report(log, &rd));
	ck_assert(v->closed && v->suggestions.n == 1);
	ck_assert_str_eq(v->suggestions.p[0].pattern, recursions[_i].pattern);
	ck_assert_double_gt(v->suggestions.p[0].score, 0);
	ck_assert_double_lt(v->suggestions.p[0].score, 1);
	ck_assert_int_ge(str_find(v->suggestions.p[0].what, STR("outer()")), 0);
	reading_done(&rd);
}
END_TEST

/* A part of a cycle is advised on as far as it goes, and never called closed. */
START_TEST(incomplete)
{
	struct edit edit = { "-> #1 (&b){+.+.}-{3:3}:", "       a_then_b+0x10/0x20" };
	struct reading rd;
	char *log = sample(&edit, 1);
	struct verdict *v = judge(only_report(log, &rd));

	ck_assert(!v->closed);
	ck_assert_uint_eq(v->n_chain_edges, 1);
	ck_assert_uint_eq(v->suggestions.n, 1);
	ck_assert_uint_eq(v->signature.len, 0);
	reading_done(&rd);
	free(log);
}
END_TEST

START_TEST(no_edges)
{
	struct reading rd;
	struct verdict *v = judge(only_report("WARNING: suspicious RCU usage\n", &rd));

	ck_assert(!v->closed && !v->edges.n && !v->suggestions.n && !v->notes.n);
	ck_assert(v->title.len);
	reading_done(&rd);
}
END_TEST

/* More locks than are worked out: said, and over in a moment. */
#define HEAD                                                                             \
	"WARNING: possible circular locking dependency detected\n6.1.0 #1 Not tainted\n" \
	"------\na/1 is trying to acquire lock:\n"                                       \
	"0000000000000001 (&a){+.+.}-{3:3}, at: fa+0x1/0x2\n"                            \
	"but task is already holding lock:\n"
#define BEHIND                                          \
	"which lock already depends on the new lock.\n" \
	"the existing dependency chain (in reverse order) is:\n"
#define ENTRY(n, lock) \
	"-> #" n " (" lock "){+.+.}-{3:3}:\n       mutex_lock+0x1/0x2\n       f" n "+0x1/0x2\n"

/* By what the features add up to, not by the two digits that are shown; then patterns, then numbers. */
START_TEST(rank)
{
	struct dependency edges[] = {
		{ .index = 0 }, { .index = 1 }, { .index = 2 }, { .index = 3 }
	};
	struct suggestion s[] = {
		{ .edge = &edges[0], .score = 0.300, .pattern = "work-flush" },
		{ .edge = &edges[1], .score = 0.3001, .pattern = "lock-order" },
		{ .edge = &edges[2], .score = 0.300, .pattern = "lock-order" },
		{ .edge = &edges[3], .score = 0.300, .pattern = "work-flush" },
	};
	static const int64_t want[] = { 1, 0, 3, 2 };
	struct verdict v = { .suggestions = { s, ARRAY_SIZE(s), ARRAY_SIZE(s) } };

	suggestions_rank(&v, 0.88);
	for (size_t i = 0; i < ARRAY_SIZE(want); i++) {
		ck_assert_int_eq(s[i].edge->index, want[i]);
		ck_assert_uint_eq(s[i].rank, i + 1);
		ck_assert_double_eq_tol(s[i].score, s[0].score, 1e-9);
	}
}
END_TEST

/* Two cycles that share no edge: the cheapest set has one of each. */
START_TEST(smallest_set)
{
	static const char log[] =
		HEAD "0000000000000002 (&b){+.+.}-{3:3}, at: fb+0x1/0x2\n" BEHIND ENTRY("3", "&b")
			ENTRY("2", "&c") ENTRY("1", "&b") ENTRY("0", "&a");
	struct reading rd;
	struct verdict *v = judge(only_report(log, &rd));

	ck_assert(has_note(v, "smallest-set", -1));
	for (size_t i = 0; i < v->suggestions.n; i++)
		ck_assert(!v->suggestions.p[i].sufficient);
	for (size_t i = 0; i < v->notes.n; i++)
		if (!strcmp(v->notes.p[i].kind, "smallest-set"))
			ck_assert_view(
				v->notes.p[i].text,
				"no single edge is enough; a smallest set is &b -> &a, &b -> &c");
	reading_done(&rd);
}
END_TEST

/* The line of the held lock is lost: the top of the chain is that lock, when nothing is lost there. */
START_TEST(held_by_chain)
{
	static const char *const logs[] = {
		HEAD "..., at: fb+0x1/0x2\n" BEHIND ENTRY("1", "&b") ENTRY("0", "&a"),
		HEAD "..., at: fb+0x1/0x2\n" BEHIND "\n\n\n" ENTRY("1", "&b") ENTRY("0", "&a"),
		HEAD "..., at: fb+0x1/0x2\n" ENTRY("1", "&b") ENTRY("0", "&a"),
		HEAD "..., at: fb+0x1/0x2\n" BEHIND ENTRY("2", "&b") ENTRY("0", "&a"),
	};
	struct reading rd;
	struct verdict *v = judge(only_report(logs[_i], &rd));
	bool found = false;

	for (size_t i = 0; i < v->n_chain_edges; i++)
		found |= v->edges.p[i].index == 0 && str_eq(v->edges.p[i].from, STR("&b"));
	ck_assert_int_eq(found, _i == 0);
	ck_assert_int_eq(v->closed, _i == 0);
	reading_done(&rd);
}
END_TEST

START_TEST(nested_class)
{
	static const char log[] = HEAD
		"0000000000000002 (&a/1){+.+.}-{3:3}, at: fb+0x1/0x2\n" BEHIND ENTRY("1", "&a/1")
			ENTRY("0", "&a");
	struct reading rd;
	struct verdict *v = judge(only_report(log, &rd));

	ck_assert(has_note(v, "nested-class", 0) && has_note(v, "nested-class", 1));
	ck_assert(!has_note(v, "smallest-set", -1));
	reading_done(&rd);
}
END_TEST

/* A lock that nobody was seen to take for writing, and such that somebody was, or spins. */
static const struct {
	const char *usage, *call;
	bool said;
} readers[] = {
	{ ".+.+", "down_read", true },	     { ".+.+", "percpu_down_read", true },
	{ ".+.+.+", "down_read", true },     { "++++", "down_read", false },
	{ ".?.+", "down_read", false },	     { "....", "down_read", false },
	{ ".+.+", "_raw_read_lock", false },
};

START_TEST(readers_only)
{
	char log[1024];
	struct reading rd;
	struct verdict *v;

	snprintf(log, sizeof(log),
		 HEAD
		 "0000000000000002 (&b){+.+.}-{3:3}, at: fb+0x1/0x2\n" BEHIND
		 "-> #1 (&b){%s}-{3:3}:\n       %s+0x1/0x2\n       f1+0x1/0x2\n" ENTRY("0", "&a"),
		 readers[_i].usage, readers[_i].call);
	v = judge(only_report(log, &rd));
	ck_assert_int_eq(has_note(v, "readers-only", 1), readers[_i].said);
	ck_assert(!has_note(v, "readers-only", 0));
	reading_done(&rd);
}
END_TEST

START_TEST(limit)
{
	char *log = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&log, &len);
	struct reading rd;
	struct verdict *v;

	ck_assert_ptr_nonnull(out);
	fputs("WARNING: possible circular locking dependency detected\n", out);
	fputs("a/1 is trying to acquire lock:\n(l0){+.+.}, at: f+0x1/0x2\n", out);
	fputs("but task is already holding lock:\n(l99){+.+.}, at: f+0x1/0x2\n", out);
	for (int i = 99; i >= 0; i--)
		fprintf(out, "-> #%d (l%d){+.+.}:\n f%d+0x1/0x2\n", i, i, i);
	fclose(out);
	reading_of((struct str){ log, len }, &rd);
	ck_assert_uint_eq(rd.n, 1);
	v = judge(rd.r[0]);
	ck_assert(v->closed);
	ck_assert_uint_eq(v->n_chain_edges, 100);
	ck_assert_uint_eq(v->suggestions.n, SUGGESTIONS_MAX);
	ck_assert(has_note(v, "limit", -1));
	reading_done(&rd);
	free(log);
}
END_TEST

#define TRACE(frames) "stack backtrace:\nCall Trace:\n dump_stack+0x1/0x2\n" frames
#define ILLEGAL_SWITCH                                          \
	"WARNING: suspicious RCU usage\n6.1.0 #1 Not tainted\n" \
	"-----------------------------\n"                       \
	"kernel/sched/core.c:10093 Illegal context switch in RCU read-side critical section!\n"

/* &y is taken by @p holder, in whose stack user() is, too; with it held memory is allocated. */
#define ALLOCATION(holder, frames)                                                        \
	"WARNING: possible circular locking dependency detected\n"                        \
	"a/1 is trying to acquire lock:\n(fs_reclaim){+.+.}, at: __kmalloc+0x1/0x2\n"     \
	"but task is already holding lock:\n(&y){+.+.}, at: " holder "+0x1/0x2\n"         \
	"-> #1 (&y){+.+.}:\n lock_acquire+0x1/0x2\n begin+0x1/0x2\n user+0x1/0x2\n"       \
	"-> #0 (fs_reclaim){+.+.}:\n lock_acquire+0x1/0x2\n fs_reclaim_acquire+0x1/0x2\n" \
	" __kmalloc+0x1/0x2\n" frames

/* Who is blamed is never what everything is called through. */
static const struct {
	const char *log, *function;
} blames[] = {
	{ ILLEGAL_SWITCH TRACE(" lockdep_rcu_suspicious+0x1/0x2\n ___might_sleep+0x1/0x2\n"
			       " __might_fault+0x1/0x2\n own+0x1/0x2\n"),
	  "own" },
	{ ILLEGAL_SWITCH TRACE(" rcu_preempt_sleep_check+0x1/0x2\n __mutex_lock+0x1/0x2\n"
			       " own+0x1/0x2\n"),
	  "own" },
	{ ILLEGAL_SWITCH TRACE(" __might_resched+0x1/0x2\n mutex_lock_nested+0x1/0x2\n"), "" },
	{ "WARNING: bad unlock balance detected!\n"
	  "a/1 is trying to release lock (&x) at:\nmutex_unlock+0x1/0x2\n" TRACE(
		  " mutex_unlock+0x1/0x2\n own+0x1/0x2\n"),
	  "own" },
	/* a cut stack: the header says who takes the lock */
	{ "WARNING: possible circular locking dependency detected\n"
	  "a/1 is trying to acquire lock:\n(&x){+.+.}, at: take_x+0x1/0x2\n"
	  "but task is already holding lock:\n(&y){+.+.}, at: take_y+0x1/0x2\n"
	  "-> #1 (&y){+.+.}:\n lock_acquire+0x1/0x2\n __mutex_lock+0x1/0x2\n"
	  "-> #0 (&x){+.+.}:\n lock_acquire+0x1/0x2\n __mutex_lock+0x1/0x2\n",
	  "take_x" },
	/* room for an allocation is made where the lock is taken, if that is near ... */
	{ ALLOCATION("taker", " own+0x1/0x2\n taker+0x1/0x2\n outer+0x1/0x2\n"), "taker" },
	{ ALLOCATION("taker", " a1+0x1/0x2\n a2+0x1/0x2\n a3+0x1/0x2\n a4+0x1/0x2\n a5+0x1/0x2\n"
			      " taker+0x1/0x2\n"),
	  "a1" },
	/* ... or below what is an allocator by its name */
	{ ALLOCATION("elsewhere", " own_alloc_item+0x1/0x2\n own+0x1/0x2\n outer+0x1/0x2\n"),
	  "own" },
	{ ALLOCATION("elsewhere", " own_alloc_item+0x1/0x2\n ksys_read+0x1/0x2\n own+0x1/0x2\n"),
	  "own_alloc_item" },
	/* who takes the held lock returns with it, and is not in the stack; its caller is */
	{ ALLOCATION("begin", " own+0x1/0x2\n user+0x1/0x2\n outer+0x1/0x2\n"), "user" },
	/* a worker that goes on with a lock of the last work item */
	{ "WARNING: possible circular locking dependency detected\n"
	  "a/1 is trying to acquire lock:\n((wq_completion)q){+.+.}, at: process_one_work+0x1/0x2\n"
	  "but task is already holding lock:\n(&y){+.+.}, at: forgetful+0x1/0x2\n"
	  "-> #1 (&y){+.+.}:\n lock_acquire+0x1/0x2\n own+0x1/0x2\n process_one_work+0x1/0x2\n"
	  "-> #0 ((wq_completion)q){+.+.}:\n lock_acquire+0x1/0x2\n process_one_work+0x1/0x2\n",
	  "forgetful" },
	/* interrupts: the header when the stack is lost */
	{ "WARNING: inconsistent lock state\n"
	  "inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.\n"
	  "a/1 [HC0[0]:SC0[0]:HE1:SE1] takes:\n(&x){?.-.}-{3:3}, at: take_x+0x1/0x2\n",
	  "take_x" },
};

START_TEST(blame)
{
	struct reading rd;
	struct verdict *v = judge(only_report(blames[_i].log, &rd));

	ck_assert_view(v->explanation.function, blames[_i].function);
	ck_assert(v->explanation.what.len);
	reading_done(&rd);
}
END_TEST

/* The first lock of the path is lost. */
#define INVERSION(how, name, end)                                                        \
	"WARNING: possible irq lock inversion dependency detected\n"                     \
	"a/1 just changed the state of lock:\n(&x){-...}-{2:2}, at: take_x+0x1/0x2\n"    \
	"but this lock " how ", HARDIRQ-unsafe lock in the past:\n (&y){+.+.}-{2:2}\n\n" \
	"the shortest dependencies between 2nd lock and 1st lock:\n"                     \
	" -> " name "{+.+.}-{2:2} {\n    INITIAL USE at:\n      lock_acquire+0x1/0x2\n"  \
	"      first_y+0x1/0x2\n  }\n  ... " end

/* Then the end of the path is still known, by the stack that "acquired at" tells of. */
static const struct {
	const char *log, *function;
} paths[] = {
	{ INVERSION("took another", "(&y)",
		    "key at: [<ffffffff81000000>] y+0x1/0x2\n ... acquired at:\n"
		    "   lock_acquire+0x1/0x2\n   take_y+0x1/0x2\n"),
	  "take_y" },
	{ INVERSION("took another", "(\n&y)",
		    "key at: [<ffffffff81000000>] y+0x1/0x2\n ... acquired at:\n"
		    "   lock_acquire+0x1/0x2\n   take_y+0x1/0x2\n"),
	  "take_y" }, /* the name begins a new line */
	{ INVERSION("took another", "(&y)", ""), "" },
	/* there it tells of the other lock */
	{ INVERSION("was taken by another", "(&y)",
		    "key at: [<ffffffff81000000>] y+0x1/0x2\n ... acquired at:\n"
		    "   lock_acquire+0x1/0x2\n   take_y+0x1/0x2\n"),
	  "" },
};

START_TEST(path_end)
{
	struct reading rd;
	struct verdict *v = judge(only_report(paths[_i].log, &rd));
	const struct suggestion *s = NULL;

	for (size_t i = 0; i < v->suggestions.n; i++)
		if (!strcmp(v->suggestions.p[i].pattern, "irq-path-lost"))
			s = &v->suggestions.p[i];
	ck_assert_ptr_nonnull(s);
	ck_assert_view(s->function, paths[_i].function);
	reading_done(&rd);
}
END_TEST

/* A lock that is taken in a softirq, before and now with softirqs on: by a writer, by a reader, to wait for memory. */
#define STATE(lock, from, at, now)                                                               \
	"WARNING: inconsistent lock state\n6.1.0 #1 Not tainted\n------\n"                       \
	"inconsistent {" from "} -> {" at "} usage.\na/1 [HC0[0]:SC0[0]:HE1:SE1] takes:\n"       \
	"0000000000000001 (" lock "){+.?.}-{2:2}, at: now+0x1/0x2\n{" from                       \
	"} state was registered at:\n  lock_acquire+0x1/0x2\n  before+0x1/0x2\n"                 \
	"irq event stamp: 1\nother info that might help us debug this:\nno locks held by a/1.\n" \
	"stack backtrace:\nCall Trace:\n lock_acquire+0x1/0x2\n " now "\n now+0x1/0x2\n"

static const struct {
	const char *log, *pattern, *todo;
} states[] = {
	{ STATE("&x", "IN-SOFTIRQ-W", "SOFTIRQ-ON-W", "_raw_spin_lock+0x1/0x2"), "irqs-enabled",
	  "Take it with softirqs disabled in now(): spin_lock_bh()." },
	{ STATE("&x", "IN-SOFTIRQ-W", "SOFTIRQ-ON-R", "_raw_read_lock+0x1/0x2"), "irqs-enabled",
	  "Take it with softirqs disabled in now(): read_lock_bh()." },
	{ STATE("fs_reclaim", "SOFTIRQ-ON-W", "IN-SOFTIRQ-W", "__kmalloc+0x1/0x2"),
	  "atomic-allocation", "Allocate with GFP_ATOMIC there, or before." },
};

START_TEST(irq_state)
{
	struct reading rd;
	struct verdict *v = judge(only_report(states[_i].log, &rd));

	ck_assert_uint_ge(v->suggestions.n, 1);
	ck_assert_str_eq(v->suggestions.p[0].pattern, states[_i].pattern);
	ck_assert_view(v->suggestions.p[0].todo, states[_i].todo);
	reading_done(&rd);
}
END_TEST

/* The report of which the contract tells what has to come out. */
START_TEST(userptr)
{
	static const char *const leaves[] = {
		"cpu_hotplug_lock.rw_sem", "cpuhp_state_mutex",		 "cpuhp_state",
		"(complete)&req.done",	   "&sb->s_type->i_mutex_key#5", "&mm->mmap_sem"
	};
	const char *top = getenv("abs_top_srcdir");
	struct reading rd;
	struct verdict *v;
	const struct suggestion *s;
	char log[65536], path[4096];
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/fixtures/i915-userptr.log", top ? top : ".");
	in = fopen(path, "r");
	ck_assert_msg(in, "%s: not there; abs_top_srcdir names the top folder", path);
	n = fread(log, 1, sizeof(log), in);
	fclose(in);
	reading_of((struct str){ log, n }, &rd);
	ck_assert_uint_eq(rd.n, 1);
	v = judge(rd.r[0]);
	ck_assert_view(v->title, "possible deadlock in apply_workqueue_attrs");
	ck_assert_uint_eq(v->n_chain_edges, 7);
	s = &v->suggestions.p[0];
	ck_assert_int_eq(s->edge->index, 0);
	ck_assert_view(s->edge->from, "&dev_priv->mm_lock");
	ck_assert_view(s->edge->to, "cpu_hotplug_lock.rw_sem");
	ck_assert_view(s->held, "&mm->mmap_sem");
	ck_assert_str_eq(s->pattern, "workqueue-allocation");
	ck_assert_str_eq(s->remedy, "preallocate");
	ck_assert_view(s->function, "i915_gem_userptr_init__mmu_notifier");
	ck_assert(s->sufficient);
	ck_assert_uint_eq(s->leaves.n, 1);
	ck_assert_uint_eq(s->leaves.p[0].n, ARRAY_SIZE(leaves));
	for (size_t i = 0; i < ARRAY_SIZE(leaves); i++)
		ck_assert_view(s->leaves.p[0].locks[i], leaves[i]);
	reading_done(&rd);
}
END_TEST

Suite *analysis_suite(void)
{
	Suite *s = suite_create("analysis");
	TCase *tc = tcase_create("analysis");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, suggestions);
	tcase_add_test(tc, outermost);
	tcase_add_loop_test(tc, note, 0, ARRAY_SIZE(notes));
	tcase_add_loop_test(tc, recursion, 0, ARRAY_SIZE(recursions));
	tcase_add_test(tc, incomplete);
	tcase_add_test(tc, no_edges);
	tcase_add_test(tc, rank);
	tcase_add_test(tc, smallest_set);
	tcase_add_test(tc, nested_class);
	tcase_add_loop_test(tc, readers_only, 0, ARRAY_SIZE(readers));
	tcase_add_loop_test(tc, held_by_chain, 0, 4);
	tcase_add_test(tc, limit);
	tcase_add_loop_test(tc, blame, 0, ARRAY_SIZE(blames));
	tcase_add_loop_test(tc, path_end, 0, ARRAY_SIZE(paths));
	tcase_add_loop_test(tc, irq_state, 0, ARRAY_SIZE(states));
	tcase_add_test(tc, userptr);
	suite_add_tcase(s, tc);
	return s;
}
