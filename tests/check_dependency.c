/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "unsplat/graph.h"

/* A report of @p chain entries (last one first); @p wanted and @p holding are whole lock lines. */
#define REPORT(wanted, holding, chain, rest)                                                    \
	"WARNING: possible circular locking dependency detected\nprog/42 is trying to acquire " \
	"lock:\n" wanted "\nbut task is already holding lock:\n" holding "\n" chain rest
#define CROSSLOCK(wanted, holding, chain, rest)                                                 \
	"WARNING: possible circular locking dependency detected\nprog/42 is trying to acquire " \
	"lock:\n" wanted                                                                        \
	"\nbut now in release context of a crosslock acquired at the following:\n" holding      \
	"\n" chain rest
#define LOCK(name) "(" name "){+.+.}, at: f+0x1/0x2"
#define ENTRY(n, name, frames) "-> #" n " (" name "){+.+.}:\n" frames
#define FRAME(f) " " f "+0x1/0x2\n"
#define TRACE(frames) "stack backtrace:\nCall Trace:\n" frames

static const struct {
	const char *log, *edges;
} relations[] = {
	{ REPORT(LOCK("a"), LOCK("b"), ENTRY("1", "b", FRAME("f")) ENTRY("0", "a", FRAME("g")), ""),
	  "0:b>a 1:a>b" },
	/* works, queues, timers and completions are waited for, whoever does it */
	{ REPORT(LOCK("a"), LOCK("(work_completion)(&w)"),
		 ENTRY("1", "(work_completion)(&w)", FRAME("__flush_work"))
			 ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:(work_completion)(&w)>a 1:a~(work_completion)(&w)" },
	{ REPORT(LOCK("a"), LOCK("(work_completion)(&w)"),
		 ENTRY("2", "(work_completion)(&w)", FRAME("process_one_work"))
			 ENTRY("1", "(wq_completion)q", FRAME("flush_workqueue"))
				 ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:(work_completion)(&w)>a 1:a~(wq_completion)q 2:(wq_completion)q~(work_completion)(&w)" },
	{ REPORT(LOCK("a"), LOCK("(&x->timer)"),
		 ENTRY("1", "(&x->timer)", FRAME("del_timer_sync")) ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:(&x->timer)>a 1:a~(&x->timer)" },
	{ REPORT(LOCK("a"), LOCK("(&x->work)"),
		 ENTRY("1", "(&x->work)", FRAME("flush_work")) ENTRY("0", "a", FRAME("g")), ""),
	  "0:(&x->work)>a 1:a~(&x->work)" },
	/* names of workqueues that say nothing (up to 4.13): told by the function */
	{ REPORT(LOCK("a"), LOCK("events"),
		 ENTRY("1", "events", FRAME("lock_acquire") FRAME("flush_workqueue") FRAME("f"))
			 ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:events>a 1:a~events" },
	{ REPORT(LOCK("a"), LOCK("events"),
		 ENTRY("1", "events",
		       FRAME("__lock_acquire.isra.0") FRAME("lock_acquire")
			       FRAME("process_one_work.constprop.1")) ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:events>a 1:a~events" },
	{ REPORT(LOCK("a"), LOCK("events"),
		 ENTRY("1", "events", FRAME("lock_acquire") FRAME("f") FRAME("process_one_work"))
			 ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:events>a 1:a>events" }, /* a mutex of that name, taken by a work item */
	/* crossrelease: what was taken before the completion */
	{ CROSSLOCK(LOCK("a"), LOCK("(complete)&x"),
		    ENTRY("1", "(complete)&x", FRAME("wait_for_completion"))
			    ENTRY("0", "a", FRAME("g")),
		    "1 lock held by prog/42:\n #0: (b){+.+.}, at: f+0x1/0x2\n"),
	  "0:(complete)&x=a 1:a~(complete)&x" },
	{ REPORT(LOCK("a"), LOCK("b"),
		 ENTRY("2", "b", FRAME("f"))
			 ENTRY("1", "(completion)&x", FRAME("wait_for_completion"))
				 ENTRY("0", "a", FRAME("g")),
		 ""),
	  "0:b>a 1:a~(completion)&x 2:(completion)&x=b" },
	/* no header: "Chain exists of:" names the last lock, if it begins with that of #0 */
	{ "-> #1 (b){+.+.}:\n f+0x1/0x2\n-> #0 (a){+.+.}:\n g+0x1/0x2\nChain exists of:\n"
	  "  a --> b\n\n",
	  "0:b>a 1:a>b" },
	{ "-> #3 (d){+.+.}:\n f+0x1/0x2\n-> #1 (b){+.+.}:\n g+0x1/0x2\n", "" },
	{ "-> #2 (c){+.+.}:\n f+0x1/0x2\n-> #1 (b){+.+.}:\n f+0x1/0x2\n-> #0 (a){+.+.}:\n"
	  " g+0x1/0x2\nChain exists of:\n  a --> x --> y\n\n",
	  "0:y>a 1:a>b 2:b>c" }, /* "y" is the last one, and its entry is lost */
	{ "-> #2 (c){+.+.}:\n f+0x1/0x2\n-> #1 (b){+.+.}:\n f+0x1/0x2\n-> #0 (a){+.+.}:\n"
	  " g+0x1/0x2\nChain exists of:\n  x --> b --> c\n\n",
	  "1:a>b 2:b>c" },
	/* kinds without a chain */
	{ "WARNING: possible recursive locking detected\nprog/42 is trying to acquire lock:\n" LOCK(
		  "a") "\nbut task is already holding lock:\n" LOCK("a") "\n",
	  "-:a>a" },
	{ "WARNING: possible recursive locking detected\nprog/42 is trying to acquire lock:\n" LOCK(
		  "a") "\n",
	  "" },
	{ "WARNING: inconsistent lock state\nprog/42 [HC0[0]:SC0[0]:HE0:SE1] takes:\n" LOCK(
		  "a") "\n1 lock held by prog/42:\n #0: (b){+.+.}, at: f+0x1/0x2\n",
	  "d:b>a" },
};

START_TEST(relation)
{
	struct reading rd;

	ck_assert_str_eq(edges_of(only_report(relations[_i].log, &rd)), relations[_i].edges);
	reading_done(&rd);
}
END_TEST

START_TEST(relation_words)
{
	ck_assert_str_eq(relation_name(RELATION_HELD), "held");
	ck_assert_str_eq(relation_name(RELATION_WAITS_FOR), "waits-for");
	ck_assert_str_eq(relation_name(RELATION_CROSSRELEASE), "crossrelease");
}
END_TEST

#define HOLDS(lock, function) "1 lock held by prog/42:\n #0: " lock ", at: " function "+0x1/0x2\n"
#define HELD_REPORT(list, trace)                                                         \
	REPORT(LOCK("a"), LOCK("b"), ENTRY("1", "b", FRAME("f")) ENTRY("0", "a", trace), \
	       list TRACE(trace))
#define IN_TASK FRAME("lock_acquire") FRAME("take_a") FRAME("own") FRAME("do_syscall_64")
#define IN_IRQ(entry) \
	FRAME("lock_acquire") FRAME("take_a") FRAME("handler") FRAME(entry) FRAME("own")

/* What the list of held locks proves. */
static const struct {
	const char *log;
	enum held_proof proof;
} lists[] = {
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_TASK), HELD_PROVES },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "elsewhere"), IN_TASK), HELD_PROVES },
	{ HELD_REPORT(HOLDS("(b){+.+.}", "own"), IN_TASK), HELD_PROVES },
	/* the waiter is listed as a holder */
	{ HELD_REPORT(HOLDS("(a){+.+.}", "take_a"), IN_TASK), HELD_IS_WANTED },
	{ HELD_REPORT("1 lock held by prog/42:\n #0: <RELEASED>\n", IN_TASK), HELD_IS_WANTED },
	/* recursive readers */
	{ HELD_REPORT(HOLDS("(rcu_read_lock){....}", "own"), IN_TASK), HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(rcu_read_lock_bh){....}", "own"), IN_TASK), HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(c){.+.+}", "_raw_read_lock"), IN_TASK), HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(c){.+.+}", "_raw_read_lock_irqsave"), IN_TASK), HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(&srcu){.+.+}", "srcu_read_lock"), IN_TASK), HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(&srcu){.+.+}", "srcu_lock_acquire.constprop.0"), IN_TASK),
	  HELD_IS_READER },
	{ HELD_REPORT(HOLDS("(c){++++}", "down_read"), IN_TASK), HELD_PROVES }, /* writers queue */
	{ HELD_REPORT(HOLDS("(c){++++}", "_raw_write_lock"), IN_TASK), HELD_PROVES },
	/* taken by what the interrupt interrupted */
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("common_interrupt")), HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("__do_softirq")), HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("handle_softirqs.isra.0")),
	  HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("el1h_64_irq_handler")),
	  HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("__irq_svc")), HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("asm_sysvec_apic_timer_interrupt")),
	  HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "elsewhere"), IN_IRQ("common_interrupt")),
	  HELD_OTHER_CONTEXT },
	/* what is left of an earlier interrupt on the stack */
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), IN_IRQ("? common_interrupt")), HELD_PROVES },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "handler"), IN_IRQ("common_interrupt")), HELD_PROVES },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "common_interrupt"), IN_IRQ("common_interrupt")),
	  HELD_OTHER_CONTEXT },
	/* the end of an interrupt as a marker, where its function is inlined */
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), FRAME("take_a") " </IRQ>\n" FRAME("own")),
	  HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"),
		      FRAME("take_a") " <EOI>  [<ffffffff8109dbb7>] own+0x1/0x2\n"),
	  HELD_OTHER_CONTEXT },
	{ HELD_REPORT(HOLDS("(c){+.+.}", "own"), FRAME("take_a") " </TASK>\n" FRAME("own")),
	  HELD_PROVES },
};

START_TEST(held)
{
	struct reading rd;
	struct report *r = only_report(lists[_i].log, &rd);
	dependencies edges = { 0 };

	ck_assert_uint_eq(r->held_locks.n, 1);
	ck_assert_int_eq(held_lock_proof(r, 0), lists[_i].proof);
	ck_assert_int_eq(report_dependencies(r, &edges), 0);
	ck_assert_uint_eq(edges.n, lists[_i].proof == HELD_PROVES ? 3 : 2);
	if (edges.n == 3) {
		const struct dependency *d = &edges.p[2];

		ck_assert(d->derived && d->index == -1 && d->held == 0);
		ck_assert(str_eq(d->from, r->held_locks.p[0].lock.name));
		ck_assert_view(d->to, "a");
		ck_assert_ptr_eq(d->frames, &r->chain.p[0].frames);
	}
	reading_done(&rd);
}
END_TEST

/* Edges are appended: the caller may gather those of many reports. */
START_TEST(append)
{
	struct reading rd;
	char *log = sample(NULL, 0);
	struct report *r = only_report(log, &rd);
	dependencies edges = { 0 };

	ck_assert_int_eq(report_dependencies(r, &edges), 0);
	ck_assert_int_eq(report_dependencies(r, &edges), 0);
	ck_assert_uint_eq(edges.n, 8);
	ck_assert_ptr_eq(edges.p[0].frames, edges.p[4].frames);
	reading_done(&rd);
	free(log);
}
END_TEST

Suite *dependency_suite(void)
{
	Suite *s = suite_create("dependency");
	TCase *tc = tcase_create("dependency");

	tcase_add_loop_test(tc, relation, 0, ARRAY_SIZE(relations));
	tcase_add_test(tc, relation_words);
	tcase_add_loop_test(tc, held, 0, ARRAY_SIZE(lists));
	tcase_add_test(tc, append);
	suite_add_tcase(s, tc);
	return s;
}
