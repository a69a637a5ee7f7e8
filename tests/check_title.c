/* SPDX-License-Identifier: MIT */
#include "check_unsplat.h"
#include "unsplat/analysis.h"

#define CIRCULAR "WARNING: possible circular locking dependency detected\n"
#define TRYING(f) "a/1 is trying to acquire lock:\n(&x){+.+.}, at: " f "+0x1/0x2\n"
#define HOLDING(f) "but task is already holding lock:\n(&y){+.+.}, at: " f "+0x1/0x2\n"
#define ENTRY(n, f) "-> #" n " (&y){+.+.}:\n lock_acquire+0x1/0x2\n " f "+0x1/0x2\n"
#define TRACE(f)                                                                         \
	"stack backtrace:\nCall Trace:\n dump_stack+0x1/0x2\n lock_acquire+0x1/0x2\n " f \
	"+0x1/0x2\n"
#define HELD(f) "1 lock held by a/1:\n #0: (&x){+.+.}, at: " f "+0x1/0x2\n"

static const struct {
	const char *log, *title;
} cases[] = {
	{ CIRCULAR TRYING("take_x") HOLDING("take_y"), "possible deadlock in take_x" },
	/* lock functions tell nothing: the held lock, then the stacks from the first entry on */
	{ CIRCULAR TRYING("__mutex_lock") HOLDING("take_y"), "possible deadlock in take_y" },
	{ CIRCULAR TRYING("down_write") HOLDING("process_one_work") ENTRY("1", "own1")
		  ENTRY("0", "own0"),
	  "possible deadlock in own1" },
	{ CIRCULAR TRYING("down_write") HOLDING("_raw_spin_lock") ENTRY("1", "mutex_lock")
		  ENTRY("0", "own0"),
	  "possible deadlock in own0" },
	{ CIRCULAR TRYING("down_write") HOLDING("down_read"), "possible deadlock in down_write" },
	{ CIRCULAR, "possible deadlock" },
	/* what compilers and system call tables add to names */
	{ CIRCULAR TRYING("take_x.isra.0.cold"), "possible deadlock in take_x" },
	{ CIRCULAR TRYING("__x64_sys_ioctl"), "possible deadlock in sys_ioctl" },
	{ CIRCULAR TRYING("__arm64_sys_ioctl"), "possible deadlock in sys_ioctl" },
	{ CIRCULAR TRYING("__se_sys_ioctl"), "possible deadlock in sys_ioctl" },
	{ CIRCULAR TRYING("__do_sys_ioctl"), "possible deadlock in sys_ioctl" },
	{ CIRCULAR TRYING("__do_fault"), "possible deadlock in __do_fault" },
	/* other kinds */
	{ "WARNING: possible recursive locking detected\n" TRYING("take_x") HOLDING("take_y"),
	  "possible deadlock in take_x" },
	{ "WARNING: inconsistent lock state\n" TRACE("own"), "inconsistent lock state in own" },
	{ "WARNING: bad unlock balance detected!\na/1 is trying to release lock (&x) at:\n"
	  "[<ffffffff8109dbb7>] release_x+0x1/0x2\n" TRACE("own"),
	  "WARNING: bad unlock balance in release_x" },
	{ "WARNING: bad unlock balance detected!\n" TRACE("own"), "WARNING: bad unlock balance" },
	{ "[ BUG: bad unlock balance detected! ]\n" TRACE("own"), "BUG: bad unlock balance" },
	{ "WARNING: suspicious RCU usage\n" TRACE("own"), "WARNING: suspicious RCU usage in own" },
	{ "[ BUG: Invalid wait context ]\n" TRACE("mutex_lock+0x1/0x2\n own"),
	  "WARNING: locking bug in own" },
	{ "WARNING: suspicious RCU usage\n", "WARNING: suspicious RCU usage" },
	{ "WARNING: a/1 still has locks held!\n" HELD("take_x"),
	  "WARNING: still has locks held in take_x" },
	{ "WARNING: lock held when returning to user space!\n" HELD("take_x"),
	  "WARNING: lock held when returning to user space in take_x" },
	{ HELD("take_x"), "locks held in take_x" },
	{ "Showing all locks held in the system:\n" HELD("take_x"),
	  "all locks held in the system" },
	{ "BUG: MAX_LOCKDEP_ENTRIES too low!\nCall Trace:\n own+0x1/0x2\n",
	  "BUG: MAX_LOCKDEP_ENTRIES too low in own" },
};

START_TEST(title)
{
	struct analyst *a = analyst_new(NULL);
	struct reading rd;
	struct verdict *v;

	ck_assert_ptr_nonnull(a);
	ck_assert_int_eq(verdict_make(a, only_report(cases[_i].log, &rd), &v), 0);
	ck_assert_view(v->title, cases[_i].title);
	reading_done(&rd);
	analyst_free(a);
}
END_TEST

Suite *title_suite(void)
{
	Suite *s = suite_create("title");
	TCase *tc = tcase_create("title");

	tcase_add_loop_test(tc, title, 0, ARRAY_SIZE(cases));
	suite_add_tcase(s, tc);
	return s;
}
