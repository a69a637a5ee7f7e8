/* SPDX-License-Identifier: MIT */

#include "check_unsplat.h"
#include "unsplat/proc.h"

/* One table as each version prints it, and what is in it: locks, edges, pairs, rows, odd lines. */
static const struct {
	const char *text;
	size_t classes, edges, nestings, stats, odd;
	bool is;
} cases[] = {
	{ "all lock classes:\n"
	  "ffffffff81c3b8a0 FD:   15 BD:    5 +.+.: console_lock\n"
	  " -> [ffffffff81c3b8e0] &port_lock_key\n -> [ffffffff81c3b8e4] fs_reclaim\n\n"
	  "ffffffff81c3b8e0 FD:    1 BD:    5 ....: &port_lock_key\n\n",
	  2, 2, 0, 0, 0, true },
	{ "all lock classes:\n" /* DEBUG_LOCKDEP */
	  "00000000c7d85b36 OPS:     120 FD:  134 BD:   15 ++++: cpu_hotplug_lock\n"
	  " -> [00000000c4fbdf63] static_call_mutex\n\n",
	  1, 1, 0, 0, 0, true },
	{ "all lock classes:\n" /* 2.6.30 to 4.13; 2.6.18 has no successors */
	  "c12ae0a0 FD:    1 BD:    2 ......: &(&zone->lock)->rlock\n"
	  "c12ae0a4 OPS:       5 FD:    1 BD:    2 -+?.: (a: b)\n",
	  2, 0, 0, 0, 0, true },
	{ "all lock classes:\n" /* before addresses can be hashed */
	  "(____ptrval____) FD:    1 BD:    1 +...: a\n -> [(____ptrval____)] b c\n",
	  1, 1, 0, 0, 0, true },
	{ "all lock classes:\n000000001 : a\n", 1, 0, 0, 0, 0, true }, /* without PROVE_LOCKING */
	{ "00000000c7d85b36 FD:  134 BD:   15 ++++: a\n -> [00000000c4fbdf63] b\n", 1, 1, 0, 0, 0,
	  true },
	{ "all lock chains:\nirq_context: 0\n[0000000003a21c8c] a\n\n"
	  "irq_context: hardirq|softirq\n[0000000003a21c8c] a\n[0000000003a21c8d] b\n"
	  "[0000000003a21c8e] c\n\n",
	  0, 0, 2, 0, 0, true },
	{ "(buggered) all lock chains:\nirq_context: 2\n[c12ae0a0] a\n[c12ae0a4] b\n", 0, 0, 1, 0,
	  0, true },
	{ "lock_stat version 0.4\n-----\n   class name    con-bounces    contentions\n-----\n\n"
	  "     &mm->mmap_lock-W:   0  1  0.00 2.00 3.50 0.50   5   366   1.31  13069.17  104.81  2.1\n"
	  "     &mm->mmap_lock-R:   0  2  0.00 2.00 3.50 0.50   5   366   1.31  13069.17  104.81  2.1\n"
	  "     ---------------\n"
	  "     &mm->mmap_lock      27     [<000000006bd6763a>] proc_sys_compare+0x56/0xc0\n",
	  0, 0, 0, 2, 0, true },
	{ "lock_stat version 0.3\n"
	  "  dcache_lock:   1037   1161   0.38   45.32  774.51   6611  243371   0.15  306.48  77387.24\n",
	  0, 0, 0, 1, 0, true },
	{ "all lock classes:\nwhat is this\n -> nothing\n", 0, 0, 0, 0, 2, true },
	{ "[    0.000000] Linux version 6.1.0\n", 0, 0, 0, 0, 1, false },
	{ "1234 a log: with a colon\n", 0, 0, 0, 0, 1, false },
	{ "", 0, 0, 0, 0, 0, false },
};

START_TEST(tables)
{
	struct str text = str_of(cases[_i].text);
	struct input *in = input_from_memory(text);
	struct proc_tables t;

	ck_assert_int_eq(proc_is(text), cases[_i].is);
	ck_assert_int_eq(proc_read(in, &t), 0);
	ck_assert_uint_eq(t.classes.n, cases[_i].classes);
	ck_assert_uint_eq(t.edges.n, cases[_i].edges);
	ck_assert_uint_eq(t.nestings.n, cases[_i].nestings);
	ck_assert_uint_eq(t.stats.n, cases[_i].stats);
	ck_assert_uint_eq(t.odd, cases[_i].odd);
	ck_assert_uint_eq(t.bytes, text.len);
	proc_tables_done(&t);
	input_free(in);
}
END_TEST

START_TEST(rows)
{
	struct input *in = input_from_memory(str_of(cases[8].text));
	struct proc_tables t;

	ck_assert_int_eq(proc_read(in, &t), 0);
	ck_assert_view(t.stats.p[0].name, "&mm->mmap_lock");
	ck_assert_uint_eq(t.stats.p[1].contentions, 2);
	ck_assert_uint_eq(t.stats.p[1].acquisitions, 366);
	ck_assert(t.stats.p[1].wait_us > 3.4 && t.stats.p[1].wait_us < 3.6);
	proc_tables_done(&t);
	input_free(in);
}
END_TEST

Suite *proc_suite(void)
{
	Suite *s = suite_create("proc");
	TCase *tc = tcase_create("proc");

	tcase_add_loop_test(tc, tables, 0, ARRAY_SIZE(cases));
	tcase_add_test(tc, rows);
	suite_add_tcase(s, tc);
	return s;
}
