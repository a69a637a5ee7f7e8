/* SPDX-License-Identifier: MIT */
#include "roles.h"

#include <assert.h>
#include <stdlib.h>

#include "memo.h"
#include "regex.h"

/*
 * One regular expression per role, over function names without suffix. Checked in this order:
 * the first that matches wins.
 */
static const char *const role_patterns[ROLE_MAX] = {
	[ROLE_LOCKDEP] =
		"check_prevs?_add|validate_chain|_*lock_acquire\\w*|lock_acquired|lock_release|add_lock_to_list|"
		"lockdep_\\w+|print_\\w*bug\\w*|print_bad_irq_dependency|check_noncircular|check_deadlock|mark_lock\\w*|save_trace|"
		"dump_stack\\w*|show_stack|show_trace\\w*|lockdep_\\w+|dump_backtrace|unwind_backtrace|__dump_stack|lock_set_class|"
		"_*might_(sleep|resched)|rcu_(preempt_)?sleep_check|__schedule_bug|__cant_(sleep|migrate)|"
		"valid_state|mark_irqflags|mark_usage|print_usage\\w*|print_stack_trace|__?dump_backtrace|dump_trace|show_regs|"
		"lock_contended|__lock_(acquired|contended|release|set_class)|check_(wait_context|redundant|flags|chain_key)|"
		"find_usage_\\w+|lookup_chain_cache\\w*|add_chain_cache|save_stack_trace\\w*|stack_trace_save\\w*|"
		"graph_lock|register_lock_class|look_up_lock_class|assign_lock_key|is_dynamic_key|__bfs|check_path|check_irq_usage|check_usage\\w*|"
		"debug_check_no_locks_\\w+|debug_check_no_obj_freed|lock_sync|mark_held_locks|reacquire_held_locks|find_held_lock|trace_hardirqs_\\w+",
	[ROLE_PRIMITIVE] =
		"_*mutex_(lock|trylock|unlock)\\w*|_*ww_mutex_\\w+|_*rt_mutex_\\w+|_*rt_spin_lock\\w*|_*down(_(read|write|"
		"interruptible|killable|trylock|timeout)\\w*)?|_*up(_(read|write|console_sem)\\w*)?|_*rwsem_\\w+|_*percpu_(down|up)_\\w+|"
		"_*(raw_)?(spin|read|write)_(lock|trylock|unlock)\\w*|_*do_raw_\\w+|raw_spin_rq_\\w+|rwbase_\\w+|_*rt_read_\\w+|_*rt_write_\\w+|"
		"cpus_(read|write)_lock|get_online_cpus|cpu_maps_update_begin|cpu_hotplug_begin|"
		"_*(might_fault|fs_reclaim_acquire)|_*lock_sock\\w*|bh_lock_sock\\w*|"
		"__seqprop\\w*|seqcount_lockdep\\w*|(do_)?write_seqcount\\w*|rcu_lock_acquire|_*srcu_(read_)?lock\\w*|"
		"bit_spin_lock|hlist_bl_lock|queued_\\w+_lock\\w*|inode_lock\\w*|lock_two_\\w+|lock_rename|"
		"mmap_(read|write)_lock\\w*|class_\\w+_constructor|slow_\\w*lock\\w*|_atomic_dec_and_\\w*lock\\w*|"
		"_*local_bh_(en|dis)able\\w*|_*(__)?cond_resched_lock|refcount_dec_and_\\w*lock\\w*",
	[ROLE_CORE] =
		/* allocation */
	"might_alloc|k?v?[mz]alloc\\w*|__k[mz]alloc\\w*|kmem_(cache|getpages)\\w*|__kmem_cache_\\w+|_*cache_(grow|alloc)\\w*|fallback_alloc|"
	"ref_tracker_\\w+|_*filemap_(alloc|get)\\w*|page_cache_\\w+|pagecache_get_page|grab_cache_page\\w*|block_write_begin|"
	"alloc_(inode|super)|new_inode\\w*|sget\\w*|(drain|refill)_obj_stock|obj_cgroup_\\w+|percpu_ref_\\w+|_*mem_?cg(roup)?_\\w+|slab_(?!attr_)\\w+|___?slab_alloc|"
	"alloc_pages\\w*|__alloc_pages\\w*|_*alloc_frozen_pages\\w*|_*folio_alloc\\w*|alloc_slab_page|allocate_slab|new_slab|"
	"prepare_alloc_pages\\w*|pcpu_alloc\\w*|__alloc_percpu\\w*|kasprintf|kvasprintf\\w*|kstr(n)?dup\\w*|kmemdup\\w*|"
	"kvmalloc_node\\w*|__vmalloc\\w*|vmalloc\\w*|vzalloc|"
	"(__)?(alloc|build)_skb|__get_free_pages|idr_alloc\\w*|ida_\\w+|xa_\\w+|__xa_\\w+|xas_\\w+|radix_tree_\\w+|mempool_alloc\\w*|"
	"k?vfree\\w*|kfree\\w*|kmem_cache_free\\w*|__kmem_cache_free|slab_free\\w*|__free_pages\\w*|free_pages\\w*|"
	"create_object|kmemleak_\\w+|_*kasan_\\w+|slab_pre_alloc_hook|slab_alloc_node|__do_kmalloc_node|__page_frag\\w*|get_zeroed_page\\w*|alloc_page\\w*|"
	/* reclaim */
	"shrink_\\w+|do_shrink_slab\\w*|super_cache_scan|balance_pgdat|kswapd\\w*|_*try_to_(free|shrink)_\\w+|do_try_to_free\\w+|"
	"_*perform_reclaim|_*alloc_pages_direct_reclaim|evict_folios|pageout|lru_gen_\\w+|swap_writepage|"
	/* user memory */
	"_*(_inline_)?copy_(to|from)_user\\w*|_*copy_to_iter\\w*|_*copy_from_iter\\w*|_*get_user\\w*|_*put_user\\w*|strn?cpy_from_user|strnlen_user|"
	"copy_page_(to|from)_iter|fault_in_\\w+|iov_iter_\\w+|get_user_pages\\w*|pin_user_pages\\w*|"
	"__get_user_pages\\w*|__gup\\w+|simple_(read_from|write_to)_buffer|"
	/* waiting, work, timers */
	"wait_for_\\w+|__wait_for_\\w+|do_wait_for_\\w+|schedule\\w*|__schedule|flush_\\w*work\\w*|__flush_\\w*work\\w*|start_flush_work|"
	"work_on_cpu\\w*|(__)?cancel_(delayed_)?work\\w*|drain_workqueue|destroy_workqueue|touch_(work|wq)_lockdep_map|"
	"del_timer_sync|timer_delete_sync|__timer_delete_sync|try_to_del_timer_sync|"
	"alloc_workqueue\\w*|__alloc_workqueue\\w*|apply_workqueue_attrs\\w*|kthread_(stop|flush)\\w*|__kthread_\\w+|kthread_create\\w*|"
	"synchronize_(s?rcu|net|irq)\\w*|__synchronize_\\w+|rcu_barrier\\w*|srcu_barrier|disable_irq|free_irq|__free_irq|"
	"(devm_)?request_(threaded_)?irq|_*irq_(set|get|put|startup|shutdown|activate)\\w*|_*(en|dis)able_irq\\w*|check_irq_resend|__setup_irq|"
	"_*tasklet_schedule\\w*|raise_softirq\\w*|wakeup_softirqd|_*sigqueue_alloc|_*(do_)?send_sig\\w*|kill_fasync\\w*|"
	"wake_up\\w*|__wake_up\\w*|try_to_wake_up|default_wake_function|complete\\w*|swake_up\\w*|queue_(delayed_)?work\\w*|__queue_\\w*work\\w*|"
	/* devices and their files */
	"device_(add|create|del|destroy|register|unregister|create_file|remove_file|attach|release_driver)\\w*|devtmpfs_\\w+|"
	"kobject_\\w+|__kobject_\\w+|sysfs_\\w+|kernfs_\\w+|__kernfs_\\w+|create_(files|dir)|internal_create_group\\w*|debugfs_\\w+|"
	"__debugfs_\\w+|start_creating|proc_(create|mkdir|remove)\\w*|remove_proc_\\w+|bus_(add|remove|probe|for_each)\\w*|"
	"driver_(register|unregister|attach|detach)|__device_\\w+|device_attach|__driver_\\w+|really_probe|driver_probe_device|"
	"device_(remove|add)_(attrs|groups)\\w*|remove_files|dpm_\\w+|platform_(probe|remove|pm_\\w+|drv_\\w+)|pci_device_(probe|remove)|"
	"local_pci_probe|i2c_(del|add|register|unregister)\\w*|i2c_mux_\\w+|snd_soc_(add|register)_component\\w*|devm_snd_soc_register\\w*|"
	"thermal_zone_device_\\w+|hwmon_notify_event|"
	"klist_\\w+|blocking_notifier_call_chain\\w*|notifier_call_chain\\w*|raw_notifier_call_chain\\w*|__blocking_notifier\\w*|"
	"call_netdevice_notifiers\\w*|pm_runtime_\\w+|__pm_runtime_\\w+|__rpm_callback|rpm_\\w+|"
	/* processors, modules */
	"cpuhp_(setup|remove|issue)\\w*|__cpuhp_\\w+|static_key_\\w+|static_branch_\\w+|__static_key_\\w+|jump_label_\\w+|"
	"stop_machine\\w*|request_module|__request_module|request_firmware\\w*|_request_firmware|on_each_cpu\\w*|smp_call_function\\w*|"
	"call_usermodehelper\\w*|crypto_(alloc|create|free|destroy|exit|remove)_\\w+|padata_\\w+|"
	/* console */
	"_?printk\\w*|v?printk\\w*|vprintk_\\w+|console_\\w+|serial8250_console_\\w+|univ8250_console_write|_?dev_(warn|err|info|printk\\w*|vprintk\\w*)|"
	"__dev_printk|__warn\\w*|warn_slowpath\\w*|report_bug|handle_bug|"
	"_*list_(add|del_entry)_valid\\w*|do_error_trap|do_trap|fixup_bug|(do_)?invalid_op|(asm_)?exc_invalid_op|(bug|brk)_handler|call_break_hook|do_debug_exception|el1_(dbg|brk64|abort)|el1(h_64)?_sync\\w*|call_console_drivers|netdev_(warn|err|info)|__netdev_printk|"
	/* rtnl, network */
	"rtnl_lock\\w*|rtnetlink_\\w+|register_netdev\\w*|unregister_netdev\\w*|netdev_run_todo|"
	/* vfs */
	"mnt_want_write\\w*|__mnt_want_write\\w*|_*sb_start_\\w+|file_start_write|iput\\w*|evict|dput|dentry_kill|__dentry_kill|fput|__fput\\w*|"
	"mntput\\w*|deactivate_(locked_)?super|generic_shutdown_super|kill_(block|anon|litter)_super|sync_filesystem|"
	"do_(rmdir|unlinkat|symlinkat|mkdirat|linkat|renameat2?|mknodat|truncate|sys_f?truncate|iter_readv_writev|readv|writev|"
	"dentry_open|filp_open|open\\w*|sendfile|splice\\w*|utimes|fsync\\w*|fallocate)|file_open_\\w+|filp_open\\w*|lookup_(open|slow|fast|real|dcache|hash)\\w*|open_last_lookups|walk_component|link_path_walk\\w*|d_(alloc|splice|instantiate|invalidate|delete)\\w*|path_(openat|lookupat|parentat|mount|umount)|"
	"dispose_list|prune_[id]cache_sb|shrink_d\\w+|dentry_unlink_inode|evict_inodes|write_inode_now|__?writeback_\\w+|"
	"writeback_\\w+|wb_\\w+|do_writepages|filemap_fdata\\w+|"
	"filp_(close|flush)|close_(fd|files)\\w*|put_files_struct|exit_files|_*sock_(close|release)|vfs_\\w+|generic_(file|perform)_\\w+|"
	"kernel_(read|write)\\w*|__kernel_\\w+|blkdev_(get|put)\\w*|bd_\\w+|invalidate_\\w+|fsync_bdev|sync_blockdev|freeze_\\w+|thaw_\\w+|"
	"blk_mq_(freeze|quiesce)\\w*|__blk_mq_freeze\\w*|__bio_queue_enter|blk_queue_enter|submit_bio\\w*|__submit_bio\\w*|blk_mq_submit_bio|blk_mq_alloc_request\\w*|"
	"seq_read\\w*|seq_v?(printf|write|puts|putc|path)|(v|vsc|vs|sn|s)n?printf|single_open\\w*|lookup_one_len\\w*|security_\\w+|"
	"avc_\\w+|selinux_\\w+|apparmor_\\w+|smack_\\w+|tomoyo_\\w+|cred_has_\\w+|cap_capable|(has_)?(ns_)?capab\\w+|restricted_pointer|pointer|"
	"fscrypt_\\w+|ima_\\w+|process_measurement|"
	/* trees, journals and transactions of file systems */
	"btrfs_(search_(slot|forward|prev|next)|lookup|insert_empty|next|prev(ious)?|split|read_tree|cow)\\w*|btrfs_insert_item|btrfs_find_root|"
	"read_tree_block|iget5?_locked|ilookup\\w*|insert_inode_locked\\w*|\\w+_iget(_\\w+)?|\\w+_read_(locked_)?inode|"
	"xfs_(btree|trans|buf|defer|log)_\\w+|jbd2_\\w+|_*ext4_journal_\\w+|ocfs2_(start_trans|inode_lock_\\w+)|gfs2_(glock|trans)_\\w+|"
	"nilfs_transaction_\\w+|"
	/* parts of the network core that drivers call */
	"dev_set_name|(sb_)?set_blocksize|sb_min_blocksize|scsi_execute\\w*|"
	"autoremove_wake_function|\\w+_nofault|blocking_notifier_chain_(un)?register|super_lock\\w*|fail_dump|should_fail\\w*|__should_fail\\w*|netif_\\w+|napi_\\w+|skb_\\w+|sock_(def|wake|queue|alloc|i)_\\w+|"
	/* that take a lock, by their names */
	"\\w+_(read_|write_)?lock(_(nested|irq\\w*|bh|killable|interruptible|mutex|mtx|nested_mtx|root_node))?|\\w+_down_(read|write)|\\w+_ilock|"
	/* regulators, clocks, maps */
	"clk_(prepare|unprepare|enable|get_rate|set_rate)\\w*|regulator_(enable|disable|set)\\w*|regmap_(read|write|update)\\w*|_regmap_\\w+",
	[ROLE_ENTRY] =
		"(x64_|ia32_|x86_)?(__)?(do_)?sys_\\w+|SyS_\\w+|SYSC_\\w+|__(x64|ia32|arm64|se|do|s390x?|riscv)_(compat_)?sys_\\w+|ksys_\\w+|"
		"entry_\\w+|do_syscall_\\w+|system_call\\w*|invoke_syscall|el0\\w*|el0t_\\w+|el1\\w*|ret_from_(fork|kernel_thread|exception|intr)\\w*|"
		"ret_fast_syscall|kthread|kthread_worker_fn|worker_thread|process_one_work|process_scheduled_works|rescuer_thread|smpboot_thread_fn|"
		"_*cleanup_mnt|do_vfs_ioctl|vfs_ioctl|do_sys\\w*|do_el0_\\w+|do_notify_resume|exit_to_user\\w*|syscall_\\w+|task_work_run|do_exit|do_group_exit|"
		"asm_\\w+|sysvec_\\w+|common_interrupt|do_IRQ|irq_exit\\w*|__irq_exit\\w*|__do_softirq|do_softirq\\w*|handle_softirqs|run_ksoftirqd|"
		"invoke_softirq|smp_apic_timer_interrupt|apic_timer_interrupt|__irq_svc|gic_handle_irq|ret_from_intr|"
		"handle_\\w*irq\\w*|generic_handle_\\w*irq\\w*|"
		"page_fault|do_page_fault|__do_page_fault|do_user_addr_fault|exc_page_fault|do_async_page_fault|tracesys|cstar_\\w+|sysenter_\\w+|stub_\\w+|"
		"do_fast_syscall\\w*|do_int80\\w*|int80\\w*|child_rip|kernel_thread_helper|kernel_thread_starter|ret_from_kernel_user_thread|handle_syscall|do_trap_\\w+|"
		"cpuhp_(thread_fun|invoke_callback\\w*)|cpu_startup_entry|do_idle|cpu_idle\\w*|secondary_startup\\w*|start_secondary",
	[ROLE_BOOT] =
		"start_kernel|x86_64_start_\\w+|kernel_init|kernel_init_freeable|do_one_initcall|do_initcalls?|do_basic_setup|do_initcall_level|verify_cpu|"
		"i386_start_kernel|rest_init|secondary_startup_64\\w*|__primary_switched|start_here_common|early_\\w+|smp_init|do_pre_smp_initcalls",
};

struct roles {
	struct regex *role[ROLE_MAX];
	struct memo *memo;
};
static_assert(ROLE_MAX <= MEMO_VALUES, "a role must fit into a memo");

struct roles *roles_new(void)
{
	struct roles *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->memo = memo_new();
	if (!t->memo) {
		free(t);
		return NULL;
	}
	for (int i = 0; i < ROLE_MAX; i++) {
		if (!role_patterns[i])
			continue;
		t->role[i] = regex_new(role_patterns[i]);
		if (!t->role[i]) {
			roles_free(t);
			return NULL;
		}
	}
	return t;
}

void roles_free(struct roles *t)
{
	if (!t)
		return;
	for (int i = 0; i < ROLE_MAX; i++)
		regex_free(t->role[i]);
	free(t->memo);
	free(t);
}

struct str function_name(struct str function)
{
	ptrdiff_t dot = str_chr(function, '.');

	return str_head(function, dot < 0 ? function.len : (size_t)dot);
}

static enum role find_role(const struct roles *t, struct str name)
{
	for (int i = 0; i < ROLE_MAX; i++)
		if (t->role[i] && regex_match(t->role[i], name))
			return (enum role)i;
	return ROLE_CODE;
}

enum role role_of(const struct roles *t, struct str function)
{
	struct str name = function_name(function);
	uint64_t hash = memo_hash(t->memo, name);
	int role = memo_find(t->memo, hash);

	if (role >= 0)
		return (enum role)role;
	role = find_role(t, name);
	memo_keep(t->memo, hash, (unsigned int)role);
	return (enum role)role;
}
