/* SPDX-License-Identifier: MIT */
#include "analysis/patterns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"

/*
 * Edges that betray a pattern, the stack from its top on in one string; and what makes the same
 * edge a near miss, which must not be taken for it.
 */
static const struct {
	const char *row, *from, *to, *frames;
	enum recursion recursion;
	const char *call; /* the frame that betrays it; NULL: the locks alone do */
	struct {
		const char *from, *to, *frames;
		enum recursion recursion;
	} miss; /* NULL: as above */
} examples[] = {
	{ "recursion-same-lock",
	  "&a",
	  "&a",
	  "mutex_lock own",
	  RECURSION_SAME_LOCK,
	  NULL,
	  { .recursion = RECURSION_OTHER_LOCK } },
	{ "recursion-same-class",
	  "&a",
	  "&a",
	  "mutex_lock own",
	  RECURSION_OTHER_LOCK,
	  NULL,
	  { .recursion = RECURSION_UNKNOWN } },
	{ "recursion",
	  "&a",
	  "&a",
	  "mutex_lock own",
	  RECURSION_UNKNOWN,
	  NULL,
	  { .recursion = RECURSION_SAME_LOCK } },
	{ "unreferenced-inode",
	  "fs_reclaim",
	  "&xfs_nondir_ilock_class",
	  "down_write_nested xfs_ilock xfs_reclaim_inode xfs_reclaim_inodes_nr super_cache_scan",
	  RECURSION_NONE,
	  NULL,
	  { .frames =
		    "down_write_nested xfs_ilock xfs_map_blocks xfs_vm_writepage shrink_page_list" } },
	{ "file-of-a-shrinker",
	  "fs_reclaim",
	  "&sb->s_type->i_mutex_key",
	  "down_write shmem_fallocate own_shrink_scan do_shrink_slab",
	  RECURSION_NONE,
	  NULL,
	  { .frames = "down_write own_shrink_scan do_shrink_slab" } },
	{ "new-inode",
	  "&fi->i_sem",
	  "&fi->i_xattr_sem",
	  "down_read own_getxattr own_init_acl own_init_inode_metadata",
	  RECURSION_NONE,
	  NULL,
	  { .frames = "down_read own_getxattr vfs_getxattr" } },
	{ "socket-in-socket",
	  "sk_lock-AF_INET6",
	  "&smc->clcsock_release_lock",
	  "mutex_lock smc_switch_to_fallback smc_sendmsg",
	  RECURSION_NONE,
	  NULL,
	  { .from = "sk_lock-AF_SMC" } },
	{ "workqueue-allocation",
	  "&a",
	  "cpu_hotplug_lock",
	  "lock_acquire cpus_read_lock apply_workqueue_attrs __alloc_workqueue_key own",
	  RECURSION_NONE,
	  "__alloc_workqueue_key",
	  { .frames = "lock_acquire cpus_read_lock apply_workqueue_attrs own" } },
	{ "workqueue-destruction",
	  "&a",
	  "(wq_completion)q",
	  "lock_acquire flush_workqueue drain_workqueue destroy_workqueue own",
	  RECURSION_NONE,
	  "destroy_workqueue",
	  { .frames = "lock_acquire __flush_workqueue own_destroy_workqueue" } },
	{ "device-in-hotplug-callback",
	  "cpuhp_state-up",
	  "(complete)&req.done",
	  "wait_for_completion devtmpfs_create_node device_add device_create own",
	  RECURSION_NONE,
	  "device_create",
	  { .from = "cpuhp_state_mutex" } },
	{ "work-cancel",
	  "&a",
	  "(work_completion)(&w)",
	  "__flush_work __cancel_work_timer own",
	  RECURSION_NONE,
	  "__cancel_work_timer",
	  { .frames = "__flush_work own" } },
	{ "work-flush",
	  "&a",
	  "(work_completion)(&w)",
	  "lock_acquire __flush_work flush_work own",
	  RECURSION_NONE,
	  "flush_work",
	  { .frames = "lock_acquire own_flush" } },
	{ "timer-cancel",
	  "&a",
	  "(&x->timer)",
	  "lock_acquire del_timer_sync own",
	  RECURSION_NONE,
	  "del_timer_sync",
	  { .frames = "lock_acquire del_timer own" } },
	{ "thread-stop",
	  "&a",
	  "(complete)&x",
	  "wait_for_completion kthread_stop own",
	  RECURSION_NONE,
	  "kthread_stop",
	  { .frames = "wait_for_completion kthread_create_on_node own" } },
	{ "rcu-wait",
	  "&a",
	  "rcu_state.barrier_mutex",
	  "mutex_lock rcu_barrier own",
	  RECURSION_NONE,
	  "rcu_barrier",
	  { .frames = "mutex_lock call_rcu own" } },
	{ "irq-setup",
	  "&a",
	  "&desc->request_mutex",
	  "mutex_lock __setup_irq request_threaded_irq own",
	  RECURSION_NONE,
	  "request_threaded_irq",
	  { .frames = "mutex_lock enable_irq own" } },
	{ "module-load",
	  "&a",
	  "(complete)&done",
	  "call_usermodehelper_exec __request_module own",
	  RECURSION_NONE,
	  "__request_module",
	  { .frames = "wait_for_completion try_module_get own" } },
	{ "sysfs-removal",
	  "&a",
	  "kn->active",
	  "__kernfs_remove kernfs_remove_by_name_ns device_del own",
	  RECURSION_NONE,
	  "device_del",
	  { .to = "&x" } },
	{ "debugfs-or-sysfs-entry",
	  "&a",
	  "&sb->s_type->i_mutex_key",
	  "down_write start_creating debugfs_create_dir own",
	  RECURSION_NONE,
	  "debugfs_create_dir",
	  { .frames = "down_write debugfs_lookup own" } },
	{ "device-registration",
	  "&a",
	  "&x",
	  "mutex_lock bus_probe_device device_add own",
	  RECURSION_NONE,
	  "device_add",
	  { .frames = "mutex_lock device_link_add own" } },
	{ "device-removal",
	  "&a",
	  "&x",
	  "mutex_lock bus_remove_device device_unregister own",
	  RECURSION_NONE,
	  "device_unregister",
	  { .frames = "mutex_lock put_device own" } },
	{ "page-pin",
	  "&a",
	  "&mm->mmap_lock",
	  "down_read get_user_pages_unlocked own",
	  RECURSION_NONE,
	  "get_user_pages_unlocked",
	  { .to = "&x" } },
	{ "user-copy",
	  "&a",
	  "&mm->mmap_lock",
	  "__might_fault _copy_to_user own",
	  RECURSION_NONE,
	  "_copy_to_user",
	  { .frames = "down_read find_vma own" } },
	{ "reclaim",
	  "&a",
	  "fs_reclaim",
	  "fs_reclaim_acquire __kmalloc own",
	  RECURSION_NONE,
	  NULL,
	  { .frames = "fs_reclaim_acquire balance_pgdat kswapd" } },
	{ "cpu-hotplug-lock",
	  "&a",
	  "cpu_hotplug_lock",
	  "cpus_read_lock own",
	  RECURSION_NONE,
	  NULL,
	  { .frames = "percpu_down_write _cpu_up own" } },
	{ "rtnl-inside",
	  "&a",
	  "rtnl_mutex",
	  "mutex_lock rtnl_lock own",
	  RECURSION_NONE,
	  NULL,
	  { .to = "&rtnl_mutex_of_own" } },
	{ "console",
	  "&a",
	  "console_owner",
	  "console_unlock vprintk_emit printk own",
	  RECURSION_NONE,
	  "printk",
	  { .frames = "down console_lock own" } },
	{ "completion-wait",
	  "&a",
	  "(complete)&x",
	  "wait_for_completion own",
	  RECURSION_NONE,
	  "wait_for_completion",
	  { .frames = "complete own" } },
	{ "queue-freeze",
	  "&a",
	  "&q->q_usage_counter(io)",
	  "blk_mq_freeze_queue own",
	  RECURSION_NONE,
	  "blk_mq_freeze_queue",
	  { .frames = "blk_mq_unfreeze_queue own" } },
	{ "block-io",
	  "&a",
	  "&q->q_usage_counter(io)",
	  "blk_queue_enter submit_bio own",
	  RECURSION_NONE,
	  NULL,
	  { .to = "&q->sysfs_lock" } },
	{ "write-access",
	  "&a",
	  "sb_writers",
	  "mnt_want_write own",
	  RECURSION_NONE,
	  NULL,
	  { .to = "sb_lock" } },
	{ "inode-or-file-put",
	  "&a",
	  "sb_x",
	  "down_write evict iput own",
	  RECURSION_NONE,
	  "iput",
	  { .frames = "down_write iget_locked own" } },
	{ "runtime-pm",
	  "&a",
	  "&x",
	  "mutex_lock rpm_resume __pm_runtime_resume own",
	  RECURSION_NONE,
	  "__pm_runtime_resume",
	  { .frames = "mutex_lock dpm_resume own" } },
	{ "clock-or-regulator",
	  "&a",
	  "prepare_lock",
	  "mutex_lock clk_prepare own",
	  RECURSION_NONE,
	  "clk_prepare",
	  { .frames = "mutex_lock clk_register own" } },
	{ "transaction-start",
	  "&a",
	  "sb_internal",
	  "percpu_down_read sb_start_intwrite own",
	  RECURSION_NONE,
	  NULL,
	  { .to = "sb_writers" } },
	{ "wake-up",
	  "&a",
	  "&pool->lock/1",
	  "_raw_spin_lock __queue_work queue_work_on own",
	  RECURSION_NONE,
	  "queue_work_on",
	  { .frames = "_raw_spin_lock create_worker own" } },
	{ "allocation",
	  "&a",
	  "pcpu_alloc_mutex",
	  "mutex_lock pcpu_alloc own",
	  RECURSION_NONE,
	  "pcpu_alloc",
	  { .frames = "mutex_lock own_kmalloc" } },
	{ "notifier",
	  "&a",
	  "&x",
	  "down_read __blocking_notifier_call_chain own",
	  RECURSION_NONE,
	  "__blocking_notifier_call_chain",
	  { .frames = "down_write blocking_notifier_chain_register own" } },
	{ "lock-in-reclaim",
	  "fs_reclaim",
	  "&own->lock",
	  "mutex_lock own_evict_inode evict dispose_list prune_icache_sb super_cache_scan",
	  RECURSION_NONE,
	  NULL,
	  { .from = "&other->lock" } },
	{ "lock-left-held",
	  "&a",
	  "(wq_completion)q",
	  "lock_acquire process_one_work worker_thread kthread",
	  RECURSION_NONE,
	  "worker_thread",
	  { .from = "(work_completion)(&w)" } },
	{ "work-item",
	  "(wq_completion)q",
	  "(work_completion)(&w)",
	  "lock_acquire process_one_work worker_thread kthread",
	  RECURSION_NONE,
	  "worker_thread",
	  { .to = "&w" } },
	{ "timer-callback",
	  "&a",
	  "(&x->timer)",
	  "lock_acquire call_timer_fn run_timer_softirq",
	  RECURSION_NONE,
	  "call_timer_fn",
	  { .frames = "lock_acquire mod_timer own" } },
	{ "crossrelease",
	  "(complete)&x",
	  "&a",
	  "mutex_lock own",
	  RECURSION_NONE,
	  NULL,
	  { .from = "&x" } },
	{ "lock-order",
	  "&a",
	  "&b",
	  "mutex_lock own do_syscall_64",
	  RECURSION_NONE,
	  NULL,
	  { .frames = "mutex_lock rcu_barrier own" } },
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
	patterns = patterns_new(NULL);
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
	view.context = context_frames(s);
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

static const char *otherwise(const char *value, const char *instead)
{
	return instead ? instead : value;
}

START_TEST(near_miss)
{
	const struct pattern_row *row;
	stack s = { 0 };

	if (examples[_i].miss.from || examples[_i].miss.to || examples[_i].miss.frames ||
	    examples[_i].miss.recursion) {
		row = find(otherwise(examples[_i].from, examples[_i].miss.from),
			   otherwise(examples[_i].to, examples[_i].miss.to),
			   otherwise(examples[_i].frames, examples[_i].miss.frames),
			   examples[_i].miss.recursion, &s)
			      .row;
		ck_assert_str_ne(row->name, examples[_i].row);
	}
}
END_TEST

START_TEST(row_has_example)
{
	const struct pattern_row *row;

	for (size_t i = 0; (row = patterns_row(i)); i++) {
		bool found = false;

		for (size_t k = 0; k < ARRAY_SIZE(examples); k++)
			found |= !strcmp(examples[k].row, row->name) &&
				 (examples[k].miss.from || examples[k].miss.to ||
				  examples[k].miss.frames || examples[k].miss.recursion);
		ck_assert_msg(found, "no example of %s with a near miss", row->name);
		ck_assert(row->what && row->todo && row->source && row->remedy);
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
		const char *texts[] = { row->what, row->todo, row->elsewhere };

		for (size_t k = 0; k < ARRAY_SIZE(texts) && texts[k]; k++) {
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
	struct edge_view view = {
		.from = STR("&a"), .to = STR("&b"), .frames = &s, .inside = 2, .context = 3
	};

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

/* Where it is not known who holds the lock, what can be no caller of it is not taken for one. */
static const struct {
	const char *frames, *row;
	bool own;
	size_t inside; /* 0: not known */
} callers[] = {
	{ "mutex_lock own_release iput own", "inode-or-file-put", true, 0 },
	{ "mutex_lock own_release iput filp_close", "lock-order", true, 0 },
	{ "mutex_lock own_release iput filp_close", "inode-or-file-put", false, 0 },
	{ "mutex_lock own_release iput filp_close", "inode-or-file-put", true, 3 },
	{ "mutex_lock own_release iput ksys_close own", "lock-order", true, 0 },
	{ "lock_acquire process_one_work worker_thread", "work-item", true, 0 },
	{ "mutex_lock own_probe really_probe bus_probe_device device_add own", "lock-order", false,
	  0 },
	{ "mutex_lock own_probe really_probe bus_probe_device device_add own",
	  "device-registration", true, 5 },
	{ "mutex_lock device_add own_probe really_probe", "device-registration", true, 0 },
};

START_TEST(caller)
{
	stack s = { 0 };
	bool work = strstr(callers[_i].frames, "process_one_work");
	struct edge_view view = { .from = work ? STR("(wq_completion)q") : STR("&a"),
				  .to = work ? STR("(work_completion)(&w)") : STR("&b"),
				  .frames = &s,
				  .own = callers[_i].own };

	add_frames(callers[_i].frames, &s);
	view.inside = callers[_i].inside ? callers[_i].inside : s.n;
	view.context = s.n;
	ck_assert_str_eq(patterns_find(patterns, roles, &view).row->name, callers[_i].row);
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

/* What an interrupt interrupted does not make the pattern. */
START_TEST(interrupted)
{
	stack s = { 0 };
	struct pattern_hit hit = find(
		"&a", "console_owner",
		"console_unlock vprintk_emit printk own __do_softirq irq_exit do_IRQ kmem_cache_alloc "
		"kernfs_create_dir more",
		RECURSION_NONE, &s);

	ck_assert_str_eq(hit.row->name, "console");
	ck_assert_uint_eq(hit.call, 2);
}
END_TEST

static const struct {
	const char *from, *to, *frames;
	size_t sign; /* index that must be among those that match */
	bool not ;   /* must not be */
} sign_examples[] = {
	{ "&a", "&b", "mutex_lock own start_kernel", 0 },
	{ "&a", "&b", "mutex_lock own", 0, .not = true },
	{ "&a", "&b", "mutex_lock own ?start_kernel", 0, .not = true },
	{ "&a", "&b", "mutex_lock own_init do_one_initcall do_init_module", 1 },
	{ "&a", "&b", "mutex_lock own_init do_one_initcall", 1, .not = true },
	{ "&a", "&b", "_raw_spin_lock own __do_softirq irq_exit more start_kernel", 0 },
	{ "&a", "&b", "mutex_lock own dpm_suspend_start", 2 },
	{ "&a", "&b", "mutex_lock own_suspend", 2, .not = true },
	{ "(complete)&x", "&b", "mutex_lock own", 3 },
	{ "&b", "(complete)&x", "mutex_lock own", 3, .not = true },
	{ "&a", "&b", "mutex_lock own_fill_super vfs_get_tree do_new_mount", 4 },
	{ "&a", "&b", "mutex_lock own_mount do_new_mount", 4, .not = true }, /* a bind mount */
	{ "&a", "&b", "_raw_spin_lock own common_interrupt more vfs_get_tree", 4, .not = true },
	{ "&a", "&b", "mutex_lock own_put_super generic_shutdown_super", 5 },
	{ "&a", "&b", "mutex_lock own_sync_fs iterate_supers", 5, .not = true },
	{ "&a", "&b", "mutex_lock own_sync_fs sync_filesystem generic_shutdown_super", 5,
	  .not = true },
	{ "&a", "&b", "mutex_lock own_exit __do_sys_delete_module", 6 },
	{ "&a", "&b", "mutex_lock own_remove device_release_driver", 6, .not = true },
	{ "&a", "&b", "mutex_lock own_online cpuhp_invoke_callback cpuhp_thread_fun", 7 },
	{ "&a", "&b", "mutex_lock own cpus_read_lock", 7, .not = true },
	{ "&a", "&b", "mutex_lock own cpuhp_invoke_callback cpuhp_issue_call __cpuhp_setup_state",
	  7, .not = true },
	{ "(work_completion)(&wfc.work)", "&b", "mutex_lock own", 8 },
	{ "(work_completion)(&x->wfc_work)", "&b", "mutex_lock own", 8, .not = true },
	{ "&table[i].mutex", "&b", "mutex_lock own", 9 },
	{ "&x->lock[i]", "&b", "mutex_lock own", 9 },
	{ "&ocfs2_sysfile_lock_key[args->fi_sysfile_type]", "&b", "mutex_lock own", 9,
	  .not = true },
	{ "&b", "&table[i].mutex", "mutex_lock own", 9, .not = true },
	{ "&a", "&b", "lock_release up_write own", 10 },
	{ "&a", "&b", "lock_release own", 10 },
	{ "&a", "&b", "mutex_lock own up_write", 10, .not = true }, /* not on top */
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
	view.context = context_frames(&s);
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
	{ "_raw_spin_lock own handle_softirqs more", 2 },
};

START_TEST(own)
{
	stack s = { 0 };

	add_frames(owns[_i].frames, &s);
	ck_assert_uint_eq(own_frames(roles, &s), owns[_i].own);
}
END_TEST

#define ROW(more) \
	"[{\"name\":\"own\",\"remedy\":\"other\",\"what\":\"{F}.\",\"todo\":\"{T}.\"," more "}]"
#define ROWS_4 "[\n\n\n"

static const struct {
	const char *json, *error; /* NULL: it is fine */
	size_t line;
} files[] = {
	{ "[]", NULL, 0 },
	{ ROW("\"to\":\"&own\""), NULL, 0 },
	{ ROW("\"call\":\"own_\\\\w+\",\"unless\":\"b\",\"service\":true,\"source\":\"me\""), NULL,
	  0 },
	{ ROW("\"recursion\":\"same-lock\""), NULL, 0 },
	{ "", "array of rows", 1 },
	{ "{}", "array of rows", 1 },
	{ "[{}]", "needs", 1 },
	{ "[1]", "object", 1 },
	{ ROWS_4 "[]]", "object", 4 },
	{ "[\n{\"name\":\n}]", "no JSON", 3 },
	{ ROW("\"to\":\"a\"") "x", "more behind", 1 },
	{ "[{} {}]", "needs", 1 },
	{ ROW("\"to\":\"(\""), "\"to\", byte 1", 1 },
	{ ROW("\"too\":\"a\""), "unknown key \"too\"", 1 },
	{ ROW("\"to\":1"), "no string", 1 },
	{ ROW("\"to\":\"a\",\"to\":\"b\""), "twice", 1 },
	{ ROW("\"to\":\"a\",\"service\":1"), "neither", 1 },
	{ ROW("\"recursion\":\"none\""), "none of", 1 },
	{ ROW("\"service\":true"), "match everything", 1 },
	{ "[{\"name\":\"A b\"}]", "small letters", 1 },
	{ "[{\"remedy\":\"pray\"}]", "'pray' is none", 1 },
	{ "[{\"what\":\"{X}\"}]", "none of {F}", 1 },
	{ "[{\"what\":\"{\"}]", "none of {F}", 1 },
	{ "[{\"todo\":\"\"}]", "empty", 1 },
	{ "[{\"name\":\"lock-order\",\"remedy\":\"other\",\"what\":\"a\",\"todo\":\"b\",\"to\":\"c\"}]",
	  "'lock-order' already", 1 },
	{ "[\n\xff]", "UTF-8", 2 },
	{ "\xef\xbb\xbf[]", "odd character", 1 },
	{ "[\n\v]", "odd character", 2 },
	{ "[{\"name\":\"a\nb\"}]", "control character", 1 },
	{ "[{\"name\":\"a\\u0000b\"}]", "u0000", 1 },
	{ ROW("\"to\":\"a\",\"source\":\"a\\\\u0000\""), NULL, 0 }, /* a backslash, and text */
};

START_TEST(file)
{
	struct pattern_file *f = NULL;
	struct pattern_error why;
	int err = pattern_file_parse(str_of(files[_i].json), &f, &why);

	if (files[_i].error) {
		ck_assert_int_eq(err, -EINVAL);
		ck_assert_msg(strstr(why.text, files[_i].error), "%s", why.text);
		ck_assert_uint_eq(why.line, files[_i].line);
	} else {
		ck_assert_msg(!err, "%s", why.text);
	}
	pattern_file_free(f);
}
END_TEST

/* The rows of a user stand behind all built-in ones but the last; a second file adds to the first. */
START_TEST(file_order)
{
	static const char first[] = ROW("\"to\":\"&own|fs_reclaim\"");
	static const char second[] =
		"[{\"name\":\"more\",\"remedy\":\"other\",\"what\":\"a\",\"todo\":\"b\",\"from\":\"&x\"}]";
	static const char third[] =
		"[{\"name\":\"twice\",\"remedy\":\"other\",\"what\":\"a\",\"todo\":\"b\",\"recursion\":\"other-lock\"}]";
	struct pattern_file *f = NULL;
	struct pattern_error why;
	stack s = { 0 };

	ck_assert_int_eq(pattern_file_parse(str_of(first), &f, &why), 0);
	ck_assert_int_eq(pattern_file_parse(str_of(first), &f, &why), -EINVAL);
	ck_assert_int_eq(pattern_file_parse(str_of(second), &f, &why), 0);
	ck_assert_int_eq(pattern_file_parse(str_of(third), &f, &why), 0);
	ck_assert_uint_eq(pattern_file_rows(f), 3);
	ck_assert_ptr_nonnull(pattern_file_row(f, 2));
	ck_assert_ptr_null(pattern_file_row(f, 3));
	patterns_free(patterns);
	patterns = patterns_new(f);
	ck_assert_str_eq(find("&a", "&own", "own", RECURSION_NONE, &s).row->name, "own");
	ck_assert_str_eq(find("&x", "&b", "own", RECURSION_NONE, &s).row->name, "more");
	ck_assert_str_eq(find("&a", "fs_reclaim", "own", RECURSION_NONE, &s).row->name, "reclaim");
	ck_assert_str_eq(find("&a", "&b", "own", RECURSION_NONE, &s).row->name, "lock-order");
	ck_assert_str_eq(find("&a", "&a", "own", RECURSION_OTHER_LOCK, &s).row->name, "twice");
	ck_assert_str_eq(find("&a", "&a", "own", RECURSION_SAME_LOCK, &s).row->name,
			 "recursion-same-lock");
	patterns_free(patterns);
	patterns = NULL;
	pattern_file_free(f);
}
END_TEST

/* What is written can be read, but for the names, which are taken. */
START_TEST(file_written)
{
	char *text = NULL, *p;
	size_t len = 0, n = 0;
	FILE *out = open_memstream(&text, &len);
	struct pattern_file *f = NULL;
	struct pattern_error why;

	ck_assert_ptr_nonnull(out);
	ck_assert_int_eq(patterns_write(out, NULL), 0);
	fclose(out);
	for (p = text; (p = strstr(p, "{\"name\":\"")); p++)
		p[9] = 'x'; /* another name */
	/* the one that matches everything is no row for a file */
	p = strstr(text, ",\n{\"name\":\"xock-order");
	ck_assert_ptr_nonnull(p);
	len = (size_t)(p - text);
	text[len++] = ']';
	ck_assert_msg(!pattern_file_parse((struct str){ text, len }, &f, &why), "%zu: %s", why.line,
		      why.text);
	for (; patterns_row(n + 1); n++) {
		const struct pattern_row *a = patterns_row(n), *b = pattern_file_row(f, n);

		ck_assert_ptr_nonnull(b);
		ck_assert_str_eq(a->what, b->what);
		ck_assert_str_eq(a->todo, b->todo);
		ck_assert_pstr_eq(a->elsewhere, b->elsewhere);
		ck_assert_pstr_eq(a->call, b->call);
		ck_assert_pstr_eq(a->from, b->from);
		ck_assert_pstr_eq(a->to, b->to);
		ck_assert_pstr_eq(a->within, b->within);
		ck_assert_pstr_eq(a->unless, b->unless);
		ck_assert_int_eq(a->service, b->service);
		ck_assert_int_eq(a->recursion, b->recursion);
	}
	pattern_file_free(f);
	free(text);
}
END_TEST

Suite *patterns_suite(void)
{
	Suite *s = suite_create("patterns");
	TCase *tc = tcase_create("patterns");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, pattern, 0, ARRAY_SIZE(examples));
	tcase_add_loop_test(tc, near_miss, 0, ARRAY_SIZE(examples));
	tcase_add_test(tc, row_has_example);
	tcase_add_test(tc, row_words);
	tcase_add_test(tc, inside);
	tcase_add_loop_test(tc, caller, 0, ARRAY_SIZE(callers));
	tcase_add_test(tc, first_run);
	tcase_add_test(tc, interrupted);
	tcase_add_loop_test(tc, sign, 0, ARRAY_SIZE(sign_examples));
	tcase_add_test(tc, sign_has_example);
	tcase_add_loop_test(tc, file, 0, ARRAY_SIZE(files));
	tcase_add_test(tc, file_order);
	tcase_add_test(tc, file_written);
	tcase_add_loop_test(tc, own, 0, ARRAY_SIZE(owns));
	suite_add_tcase(s, tc);
	return s;
}
