/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"

/* "(NAME){USAGE}[-{O:I}]REST": names of all shapes that kernels have printed. */
static const struct {
	const char *text, *name, *usage, *wait, *rest;
} locks[] = {
	{ "(rtnl_mutex){+.+.}", "rtnl_mutex", "+.+." },
	{ "(rtnl_mutex){+.+.}-{3:3}", "rtnl_mutex", "+.+.", "3:3" },
	{ "(rcu_read_lock){....}-{1:2}:", "rcu_read_lock", "....", "1:2", ":" },
	{ "(&mapping->i_mmap_mutex){+.+.?.}:", "&mapping->i_mmap_mutex", "+.+.?.", "", ":" },
	{ "(iprune_mutex){--..}", "iprune_mutex", "--.." },
	{ "(&tty->flow.lock){....}", "&tty->flow.lock", "...." },
	{ "(&xt[i].mutex){+.+.}", "&xt[i].mutex", "+.+." },
	{ "(bit_wait_table + i){-.-.}", "bit_wait_table + i", "-.-." },
	{ "(per_cpu_ptr(&cgroup_rstat_cpu_lock, cpu)){-...}-{2:2}",
	  "per_cpu_ptr(&cgroup_rstat_cpu_lock, cpu)", "-...", "2:2" },
	{ "(&per_cpu_ptr(group->pcpu, cpu)->seq){-.-.}-{0:0}",
	  "&per_cpu_ptr(group->pcpu, cpu)->seq", "-.-.", "0:0" },
	{ "(&(&zone->lock)->rlock){..-.}", "&(&zone->lock)->rlock", "..-." },
	{ "(&(&(&mapping->i_pages)->xa_lock)->rlock){....}",
	  "&(&(&mapping->i_pages)->xa_lock)->rlock", "...." },
	{ "((console_sem).lock){-...}", "(console_sem).lock", "-..." },
	{ "((&toneport->timer)){+.-.}", "(&toneport->timer)", "+.-." },
	{ "(events){+.+.}", "events", "+.+." },
	{ "((wq_completion)\"events\"){+.+.}", "(wq_completion)\"events\"", "+.+." },
	{ "((wq_completion)\"%s\"(\"ipv6_addrconf\")){+.+.}",
	  "(wq_completion)\"%s\"(\"ipv6_addrconf\")", "+.+." },
	{ "((wq_completion)wg-kex-wireguard1#8){+.+.}-{0:0}", "(wq_completion)wg-kex-wireguard1#8",
	  "+.+.", "0:0" },
	{ "((work_completion)(&(&gc_work->dwork)->work)){+.+.}-{0:0}, at: f+0x1/0x2",
	  "(work_completion)(&(&gc_work->dwork)->work)", "+.+.", "0:0", ", at: f+0x1/0x2" },
	{ "((work_completion)(&css->destroy_work)#2){+.+.}",
	  "(work_completion)(&css->destroy_work)#2", "+.+." },
	{ "((linkwatch_work).work){+.+.}", "(linkwatch_work).work", "+.+." },
	{ "((complete)&req.done){+.+.}", "(complete)&req.done", "+.+." },
	{ "(cpuhp_state-up){+.+.}-{0:0}", "cpuhp_state-up", "+.+.", "0:0" },
	{ "(k-slock-AF_INET6/1){+.-.}-{2:2}", "k-slock-AF_INET6/1", "+.-.", "2:2" },
	{ "(&type->s_umount_key#46/1){+.+.}", "&type->s_umount_key#46/1", "+.+." },
	{ "(kn->count#58){++++}", "kn->count#58", "++++" },
	{ "(&q->q_usage_counter(io)#55){++++}-{0:0}", "&q->q_usage_counter(io)#55", "++++", "0:0" },
	{ "((worker)->lock){+.+.}", "(worker)->lock", "+.+." },
	{ "(lock#2){+.+.}", "lock#2", "+.+." },
	{ "(&fi->i_gc_rwsem[WRITE]){+.+.}-{3:3}", "&fi->i_gc_rwsem[WRITE]", "+.+.", "3:3" },
	{ "(){+.+.}", "", "+.+." },
	/* the name has what ends a name: the last one counts */
	{ "(a){+.+.}b){....}:", "a){+.+.}b", "....", "", ":" },
	{ "(a){x}b){....}", "a){x}b", "...." },
	/* usage eaten by a renderer; wait types that are none stay outside */
	{ "(a){.}", "a", "." },
	{ "(a){+-?.+.}", "a", "+-?.+." },
	{ "(a){....}-{3}", "a", "....", "", "-{3}" },
	{ "(a){....}-{33:3}", "a", "....", "", "-{33:3}" },
	{ "(a){....}-{a:b}", "a", "....", "", "-{a:b}" },
	{ "(a){....}-{3:3", "a", "....", "", "-{3:3" },
};

START_TEST(parse)
{
	struct lock l = { .at = UNTOUCHED };
	struct str rest = UNTOUCHED;

	ck_assert_int_eq(lock_parse(str_of(locks[_i].text), &l, &rest), 0);
	ck_assert_view(l.name, locks[_i].name);
	ck_assert_view(l.usage, locks[_i].usage);
	ck_assert_view(l.wait, locks[_i].wait);
	ck_assert_view(rest, locks[_i].rest);
	ck_assert_view(l.at, "untouched");
	ck_assert_int_eq(lock_parse(str_of(locks[_i].text), &l, NULL), 0);
}
END_TEST

static const char *const no_locks[] = {
	"",
	"(",
	"()",
	"{}",
	"rtnl_mutex",
	"rtnl_mutex){+.+.}",
	" (a){....}", /* the indent is gone before */
	"(rtnl_mutex)",
	"(rtnl_mutex){}",
	"(rtnl_mutex){+.+.",
	"(rtnl_mutex){abcd}",
	"(rtnl_mutex){+.+.+.+}", /* seven */
	"(rtnl_mutex {+.+.}",
	"(rtnl_mutex) {+.+.}",
	"(rtnl_mutex)[+.+.]",
	"lock(rtnl_mutex);",
	"){....}",
	"{....}",
	"a(b){....}",
};

START_TEST(parse_fails)
{
	struct lock l = { UNTOUCHED, UNTOUCHED, UNTOUCHED };
	struct str rest = UNTOUCHED;

	ck_assert_int_eq(lock_parse(str_of(no_locks[_i]), &l, &rest), -ENOENT);
	ck_assert_view(l.name, "untouched");
	ck_assert_view(l.usage, "untouched");
	ck_assert_view(l.wait, "untouched");
	ck_assert_view(rest, "untouched");
}
END_TEST

static const struct {
	const char *text, *address, *rest;
} addresses[] = {
	{ "ffff9faa6be2c238 (a)", "ffff9faa6be2c238", "(a)" },
	{ "83711010 (&n->list_lock)", "83711010", "(&n->list_lock)" },
	{ "00000000ac220e5b  (a)", "00000000ac220e5b", "(a)" },
	{ "(____ptrval____) (a)", "(____ptrval____)", "(a)" },
	{ "(ptrval) (a)", "(ptrval)", "(a)" },
};

START_TEST(address)
{
	struct str s = str_of(addresses[_i].text), got;

	ck_assert_int_eq(lock_address_parse(&s, &got), 0);
	ck_assert_view(got, addresses[_i].address);
	ck_assert_view(s, addresses[_i].rest);
}
END_TEST

static const char *const no_addresses[] = {
	"",
	"(a){....}",
	"1234567 (a)",
	"ffff9faa6be2c2381 (a)",
	"ffff9faa",
	"ffff9faax (a)",
	"0xffff9faa6be2c238 (a)",
	"(____ptrval____)(a)",
	"(ptrval)",
	"[<ffff9faa6be2c238>] (a)",
};

START_TEST(address_fails)
{
	struct str s = str_of(no_addresses[_i]), got = UNTOUCHED;

	ck_assert_int_eq(lock_address_parse(&s, &got), -ENOENT);
	ck_assert_view(s, no_addresses[_i]);
	ck_assert_view(got, "untouched");
}
END_TEST

/* Held-lock lines of all eras. */
static const struct {
	const char *text, *name, *address, *at, *function, *module;
} held[] = {
	{ "(&dev->mutex){+.+.}, at: [<ffffffff8109dbb7>] f+0x1/0x2", "&dev->mutex", "", "f+0x1/0x2",
	  "f" },
	{ "(&dev->mutex){+.+.}, at: [<0000000046bbd7df>] f+0x1/0x2 [i915]", "&dev->mutex", "",
	  "f+0x1/0x2 [i915]", "f", "i915" },
	{ "0000000046bbd7df (&dev->mutex){+.+.}, at: f+0x1/0x2", "&dev->mutex", "0000000046bbd7df",
	  "f+0x1/0x2", "f" },
	{ "(____ptrval____) (kn->count#32){++++}, at: kernfs_fop_write+0xf3/0x1b0", "kn->count#32",
	  "(____ptrval____)", "kernfs_fop_write+0xf3/0x1b0", "kernfs_fop_write" },
	{ "ffff9faa6be2c238 (&mddev->open_mutex){+.+.}-{3:3}, at: md_open+0x4f/0x110",
	  "&mddev->open_mutex", "ffff9faa6be2c238", "md_open+0x4f/0x110", "md_open" },
	{ "83711010 (&n->list_lock){..-.}-{3:3}, at: get_partial_node.part.0+0x1c/0x2f4",
	  "&n->list_lock", "83711010", "get_partial_node.part.0+0x1c/0x2f4",
	  "get_partial_node.part.0" },
	{ "(a){....}, at: [<c036a6dc>]     serial8250_console_write+0x108/0x134", "a", "",
	  "serial8250_console_write+0x108/0x134", "serial8250_console_write" },
	{ "(a){....}, at: rtnl_lock (net/core/rtnetlink.c:75)", "a", "",
	  "rtnl_lock (net/core/rtnetlink.c:75)", "rtnl_lock" },
	{ "(a){....}, at:", "a", "", "", "" }, /* wrapped behind it */
	{ "(a){....}, at: [<c036a6dc>]", "a", "", "", "" },
	{ "(a){....} , at: f+0x1/0x2", "a", "", "f+0x1/0x2", "f" },
};

START_TEST(lock_at)
{
	struct lock l;

	ck_assert_int_eq(lock_at_parse(str_of(held[_i].text), &l), 0);
	ck_assert_view(l.name, held[_i].name);
	ck_assert_view(l.address, held[_i].address);
	ck_assert_view(l.at, held[_i].at);
	ck_assert_view(l.at_frame.function, held[_i].function);
	ck_assert_view(l.at_frame.module, held[_i].module);
}
END_TEST

static const char *const not_held[] = {
	"",
	"(a){....}",
	"(a){....}:",
	"(a){....}, f+0x1/0x2",
	"(a){....} at: f+0x1/0x2",
	"(a), at: f+0x1/0x2",
	"a, at: f+0x1/0x2",
	"-> #0 (a){....}, at: f+0x1/0x2",
	"#0: (a){....}, at: f+0x1/0x2",
	"(a){....} ops: 12 {",
	", at: f+0x1/0x2",
};

START_TEST(lock_at_fails)
{
	struct lock l = { UNTOUCHED, .at = UNTOUCHED, .address = UNTOUCHED };

	ck_assert_int_eq(lock_at_parse(str_of(not_held[_i]), &l), -ENOENT);
	ck_assert_view(l.name, "untouched");
	ck_assert_view(l.at, "untouched");
	ck_assert_view(l.address, "untouched");
}
END_TEST

static const struct {
	const char *text, *at;
	int err;
} ats[] = {
	{ ", at: [<ffffffff8109dbb7>] f+0x1/0x2", "f+0x1/0x2", 0 },
	{ " at: f+0x1/0x2 ", "f+0x1/0x2", 0 },
	{ "at:", "", 0 },
	{ "f+0x1/0x2", "untouched", -ENOENT },
	{ ", in: f+0x1/0x2", "untouched", -ENOENT },
	{ "", "untouched", -ENOENT },
};

START_TEST(at)
{
	struct lock l = { .at = UNTOUCHED };

	ck_assert_int_eq(at_parse(str_of(ats[_i].text), &l), ats[_i].err);
	ck_assert_view(l.at, ats[_i].at);
}
END_TEST

Suite *lock_suite(void)
{
	Suite *s = suite_create("lock");
	TCase *tc = tcase_create("lock");

	tcase_add_loop_test(tc, parse, 0, ARRAY_SIZE(locks));
	tcase_add_loop_test(tc, parse_fails, 0, ARRAY_SIZE(no_locks));
	tcase_add_loop_test(tc, address, 0, ARRAY_SIZE(addresses));
	tcase_add_loop_test(tc, address_fails, 0, ARRAY_SIZE(no_addresses));
	tcase_add_loop_test(tc, lock_at, 0, ARRAY_SIZE(held));
	tcase_add_loop_test(tc, lock_at_fails, 0, ARRAY_SIZE(not_held));
	tcase_add_loop_test(tc, at, 0, ARRAY_SIZE(ats));
	suite_add_tcase(s, tc);
	return s;
}
