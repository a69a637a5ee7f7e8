/* SPDX-License-Identifier: MIT */
#include "analysis/patterns.h"

#include <string.h>

#include "check_unsplat.h"

/* Edges that betray a pattern; the stack from its top on, in one string. */
static const struct {
	const char *row, *from, *to, *frames;
	enum recursion recursion;
	const char *call; /* the frame that betrays it; NULL: the locks alone do */
} examples[] = {
	{ "recursion-same-lock", "&a", "&a", "mutex_lock own", RECURSION_SAME_LOCK },
	{ "recursion-same-class", "&a", "&a", "mutex_lock own", RECURSION_OTHER_LOCK },
	{ "recursion", "&a", "&a", "mutex_lock own", RECURSION_UNKNOWN },
	{ "workqueue-allocation", "&a", "cpu_hotplug_lock",
	  "lock_acquire cpus_read_lock apply_workqueue_attrs __alloc_workqueue_key own",
	  .call = "__alloc_workqueue_key" },
	{ "workqueue-destruction", "&a", "(wq_completion)q",
	  "lock_acquire flush_workqueue drain_workqueue destroy_workqueue own",
	  .call = "destroy_workqueue" },
	{ "device-in-hotplug-callback", "cpuhp_state-up", "(complete)&req.done",
	  "wait_for_completion devtmpfs_create_node device_add device_create own",
	  .call = "device_create" },
	{ "work-cancel", "&a", "(work_completion)(&w)", "__flush_work __cancel_work_timer own",
	  .call = "__cancel_work_timer" },
	{ "work-flush", "&a", "(work_completion)(&w)", "lock_acquire __flush_work flush_work own",
	  .call = "flush_work" },
	{ "timer-cancel", "&a", "(&x->timer)", "lock_acquire del_timer_sync own",
	  .call = "del_timer_sync" },
	{ "thread-stop", "&a", "(complete)&x", "wait_for_completion kthread_stop own",
	  .call = "kthread_stop" },
	{ "rcu-wait", "&a", "rcu_state.barrier_mutex", "mutex_lock rcu_barrier own",
	  .call = "rcu_barrier" },
	{ "irq-setup", "&a", "&desc->request_mutex",
	  "mutex_lock __setup_irq request_threaded_irq own", .call = "request_threaded_irq" },
	{ "module-load", "&a", "(complete)&done", "call_usermodehelper_exec __request_module own",
	  .call = "__request_module" },
	{ "sysfs-removal", "&a", "kn->active",
	  "__kernfs_remove kernfs_remove_by_name_ns device_del own", .call = "device_del" },
	{ "debugfs-or-sysfs-entry", "&a", "&sb->s_type->i_mutex_key",
	  "down_write start_creating debugfs_create_dir own", .call = "debugfs_create_dir" },
	{ "device-registration", "&a", "&x", "mutex_lock bus_probe_device device_add own",
	  .call = "device_add" },
	{ "device-removal", "&a", "&x", "mutex_lock bus_remove_device device_unregister own",
	  .call = "device_unregister" },
	{ "user-copy", "&a", "&mm->mmap_lock", "__might_fault _copy_to_user own",
	  .call = "_copy_to_user" },
	{ "page-pin", "&a", "&mm->mmap_lock", "down_read get_user_pages_unlocked own",
	  .call = "get_user_pages_unlocked" },
	{ "reclaim", "&a", "fs_reclaim", "fs_reclaim_acquire __kmalloc own" },
	{ "cpu-hotplug-lock", "&a", "cpu_hotplug_lock", "cpus_read_lock own" },
	{ "rtnl-inside", "&a", "rtnl_mutex", "mutex_lock rtnl_lock own" },
	{ "console", "&a", "console_owner", "console_unlock vprintk_emit printk own",
	  .call = "printk" },
	{ "completion-wait", "&a", "(complete)&x", "wait_for_completion own",
	  .call = "wait_for_completion" },
	{ "queue-freeze", "&a", "&q->q_usage_counter(io)", "blk_mq_freeze_queue own",
	  .call = "blk_mq_freeze_queue" },
	{ "block-io", "&a", "&q->q_usage_counter(io)", "blk_queue_enter submit_bio own" },
	{ "write-access", "&a", "sb_writers", "mnt_want_write own" },
	{ "inode-or-file-put", "&a", "sb_x", "down_write evict iput own", .call = "iput" },
	{ "runtime-pm", "&a", "&x", "mutex_lock rpm_resume __pm_runtime_resume own",
	  .call = "__pm_runtime_resume" },
	{ "clock-or-regulator", "&a", "prepare_lock", "mutex_lock clk_prepare own",
	  .call = "clk_prepare" },
	{ "allocation", "&a", "pcpu_alloc_mutex", "mutex_lock pcpu_alloc own",
	  .call = "pcpu_alloc" },
	{ "notifier", "&a", "&x", "down_read __blocking_notifier_call_chain own",
	  .call = "__blocking_notifier_call_chain" },
	{ "work-item", "(wq_completion)q", "(work_completion)(&w)",
	  "lock_acquire process_one_work worker_thread kthread", .call = "worker_thread" },
	{ "timer-callback", "&a", "(&x->timer)", "lock_acquire call_timer_fn run_timer_softirq",
	  .call = "call_timer_fn" },
	{ "crossrelease", "(complete)&x", "&a", "mutex_lock own" },
	{ "lock-order", "&a", "&b", "mutex_lock own do_syscall_64" },
	/* rows that look alike and must not win */
	{ "lock-order", "&a", "&b", "mutex_lock own my_kmalloc" },
	{ "lock-order", "&a", "fs_reclaim", "fs_reclaim_acquire balance_pgdat kswapd" },
	{ "lock-order", "&a", "cpu_hotplug_lock", "percpu_down_write _cpu_up own" },
	{ "lock-order", "&a", "&b", "" },
	{ "work-flush", "&a", "(work_completion)(&w)", "__flush_work.isra.0 own",
	  .call = "__flush_work.isra.0" },
};

static struct roles *roles;
static struct patterns *patterns;
static struct arena *mem;

static void setup(void)
{
	roles = roles_new();
	patterns = patterns_new();
	mem = arena_new();
	ck_assert(roles && patterns && mem);
}

static void teardown(void)
{
	patterns_free(patterns);
	roles_free(roles);
	arena_free(mem);
}

static void add_frames(const char *text, stack *ret)
{
	struct str s = str_of(text);

	while (s.len) {
		ptrdiff_t blank = str_chr(s, ' ');
		struct frame *f = vec_push(mem, ret);

		ck_assert_ptr_nonnull(f);
		f->function = str_head(s, blank < 0 ? s.len : (size_t)blank);
		f->reliable = !str_skip(&f->function, STR("?"));
		s = str_from(s, f->function.len + !f->reliable + 1);
	}
}

static struct pattern_hit find(const char *from, const char *to, const char *frames,
			       enum recursion recursion, stack *s)
{
	struct edge_view view = { str_of(from), str_of(to), s, recursion, 0 };

	add_frames(frames, s);
	view.inside = s->n;
	return patterns_find(patterns, roles, &view);
}

START_TEST(pattern)
{
	stack s = { 0 };
	struct pattern_hit hit = find(examples[_i].from, examples[_i].to, examples[_i].frames,
				      examples[_i].recursion, &s);

	ck_assert_str_eq(hit.row->name, examples[_i].row);
	if (examples[_i].call) {
		ck_assert_uint_lt(hit.call, s.n);
		ck_assert_view(s.p[hit.call].function, examples[_i].call);
	} else {
		ck_assert_uint_eq(hit.call, SIZE_MAX);
	}
}
END_TEST

START_TEST(row_has_example)
{
	static const char *const remedies[] = {
		"preallocate",	      "move-allocation-out",
		"drop-lock-around",   "reorder-acquisition",
		"defer-to-workqueue", "async-cancel",
		"use-trylock",	      "gfp-scope",
		"copy-outside-lock",  "finer-lock",
		"remove-lock",	      "irq-disable",
		"annotate",	      "other",
	};
	const struct pattern_row *row;

	for (size_t i = 0; (row = patterns_row(i)); i++) {
		bool found = false, known = false;

		for (size_t k = 0; k < ARRAY_SIZE(examples); k++)
			found |= !strcmp(examples[k].row, row->name);
		ck_assert_msg(found, "no example of %s", row->name);
		for (size_t k = 0; k < ARRAY_SIZE(remedies); k++)
			known |= !strcmp(remedies[k], row->remedy);
		ck_assert_msg(known, "%s: remedy '%s' is no word of the contract", row->name,
			      row->remedy);
		ck_assert(row->what && row->todo);
		for (size_t k = 0; k < i; k++)
			ck_assert_str_ne(row->name, patterns_row(k)->name);
	}
}
END_TEST

/* What is in braces must be a word that advice.c fills in. */
START_TEST(row_words)
{
	const struct pattern_row *row;

	for (size_t i = 0; (row = patterns_row(i)); i++) {
		const char *texts[] = { row->what, row->todo };

		for (size_t k = 0; k < ARRAY_SIZE(texts); k++) {
			for (const char *p = texts[k]; (p = strchr(p, '{')); p++)
				ck_assert_msg(p[1] && strchr("FTHLG", p[1]) && p[2] == '}',
					      "%s: '%s'", row->name, p);
			ck_assert_msg(str_ends(str_of(texts[k]), STR(".")), "%s: '%s'", row->name,
				      texts[k]);
		}
	}
}
END_TEST

/* Frames outside of the lock, and those that are not reliable, tell nothing. */
START_TEST(inside)
{
	stack s = { 0 };
	struct edge_view view = { STR("&a"), STR("&b"), &s, RECURSION_NONE, 2 };

	add_frames("mutex_lock __flush_work own", &s);
	ck_assert_str_eq(patterns_find(patterns, roles, &view).row->name, "work-flush");
	ck_assert_uint_eq(patterns_find(patterns, roles, &view).call, 1);
	view.inside = 1;
	ck_assert_str_eq(patterns_find(patterns, roles, &view).row->name, "lock-order");
	view.inside = 3;
	s.p[1].reliable = false;
	ck_assert_str_eq(patterns_find(patterns, roles, &view).row->name, "lock-order");
}
END_TEST

/* The call nearest to the lock counts, with its own helpers; not the same one further out. */
START_TEST(first_run)
{
	stack s = { 0 };
	struct pattern_hit hit =
		find("&a", "&b", "mutex_lock __flush_work flush_work own flush_work",
		     RECURSION_NONE, &s);

	ck_assert_uint_eq(hit.call, 2);
}
END_TEST

static const struct {
	const char *from, *to, *frames;
	size_t sign; /* index that must be among those that match */
	bool not ;   /* must not be */
} sign_examples[] = {
	{ "&a", "&b", "mutex_lock own start_kernel", 0 },
	{ "&a", "&b", "lock_release up_write own", 1 },
	{ "&a", "&b", "lock_release own", 1 },
	{ "&a", "&b", "mutex_lock own up_write", 1, .not = true }, /* not on top */
	{ "&a", "&b", "mutex_lock own", 0, .not = true },
	{ "&a", "&b", "mutex_lock own ?start_kernel", 0, .not = true },
};

struct signs_seen {
	const struct sign_row *want;
	bool found;
};

static void see(void *ctx, const struct sign_row *row)
{
	struct signs_seen *seen = ctx;

	seen->found |= row == seen->want;
}

START_TEST(sign)
{
	stack s = { 0 };
	struct edge_view view = { str_of(sign_examples[_i].from), str_of(sign_examples[_i].to), &s,
				  RECURSION_NONE, 0 };
	struct signs_seen seen = { .want = signs_row(sign_examples[_i].sign) };

	ck_assert_ptr_nonnull(seen.want);
	add_frames(sign_examples[_i].frames, &s);
	view.inside = s.n;
	signs_find(patterns, roles, &view, see, &seen);
	ck_assert_int_eq(seen.found, !sign_examples[_i].not );
}
END_TEST

START_TEST(sign_has_example)
{
	for (size_t i = 0; signs_row(i); i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_SIZE(sign_examples); k++)
			found |= sign_examples[k].sign == i && !sign_examples[k].not ;
		ck_assert_msg(found, "no example of sign %zu", i);
		ck_assert_int_eq(!signs_row(i)->kind, !signs_row(i)->text);
	}
}
END_TEST

static const struct {
	const char *frames;
	size_t own;
} owns[] = {
	{ "", 0 },
	{ "mutex_lock own", 2 },
	{ "mutex_lock own do_syscall_64 more", 2 },
	{ "kthread", 0 },
	{ "mutex_lock ?do_syscall_64 own kernel_init_freeable", 3 },
};

START_TEST(own)
{
	stack s = { 0 };

	add_frames(owns[_i].frames, &s);
	ck_assert_uint_eq(own_frames(roles, &s), owns[_i].own);
}
END_TEST

Suite *patterns_suite(void)
{
	Suite *s = suite_create("patterns");
	TCase *tc = tcase_create("patterns");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, pattern, 0, ARRAY_SIZE(examples));
	tcase_add_test(tc, row_has_example);
	tcase_add_test(tc, row_words);
	tcase_add_test(tc, inside);
	tcase_add_test(tc, first_run);
	tcase_add_loop_test(tc, sign, 0, ARRAY_SIZE(sign_examples));
	tcase_add_test(tc, sign_has_example);
	tcase_add_loop_test(tc, own, 0, ARRAY_SIZE(owns));
	suite_add_tcase(s, tc);
	return s;
}
