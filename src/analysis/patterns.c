/* SPDX-License-Identifier: MIT */
#include "patterns.h"

#include <stdlib.h>

#include "regex.h"

#define WORK_NAMES \
	"\\(work_completion\\).*|\\(wq_completion\\).*|\\(&.*work\\)|\\(.*_work\\)\\.work"
#define INODE_LOCKS                                                                               \
	"&\\(?\\w+\\)?->i_\\w*(sem|lock|mutex)|&\\w+_ilock_class|&\\(?\\w+->i_lock\\)?->mr_lock|" \
	"&sb->s_type->i_mutex_key|&type->i_mutex_dir_key"
#define TIMER_NAMES "\\(&.*timer\\)|\\(.*_timer\\)"
#define DEVICE_MAKING                                                                          \
	"device_(add|create|register)\\w*|cdev_device_add|platform_device_(add|register)\\w*|" \
	"input_register_device|usb_register_dev|misc_register|_*register_netdev(ice)?|\\w+_register_netdevice|i2c_(add|new)\\w*|device_add_disk|add_disk\\w*"
#define DEVICE_REMOVAL                                                                              \
	"device_(del|destroy|unregister)\\w*|cdev_device_del|platform_device_(del|unregister)\\w*|" \
	"input_unregister_device|usb_deregister_dev|misc_deregister|unregister_netdev(ice(_many|_queue)?)?|i2c_(del|unregister)\\w*|del_gendisk|cdev_del|put_disk"

/* Order matters: the first that matches is the pattern of the edge. Special before general. */
static const struct pattern_row rows[] = {
	{ .name = "unreferenced-inode",
	  .source = "fs/xfs/xfs_icache.c (6.1), xfs_reclaim_inode()",
	  .remedy = "annotate",
	  .from = "fs_reclaim",
	  .to = INODE_LOCKS,
	  .within = "xfs_reclaim_inode\\w*",
	  .what = "Memory reclaim takes {T} of an inode that nobody uses any more; code that allocates holds that of "
		  "an inode in use, so the two are hardly ever the same.",
	  .todo = "If so, tell lockdep: allocate with __GFP_NOLOCKDEP, or give the lock in reclaim a subclass." },
	{ .name = "file-of-a-shrinker",
	  .source =
		  "Documentation/locking/lockdep-design.rst, lock classes; mm/shmem.c (6.1), shmem_fallocate()",
	  .remedy = "annotate",
	  .from = "fs_reclaim",
	  .to = "&sb->s_type->i_mutex_key",
	  .within = "vfs_fallocate|shmem_fallocate|vfs_truncate",
	  .what = "A shrinker changes a file of its own and takes {T}, one class for all files of that type; the file "
		  "that is written where memory is allocated is hardly ever the same.",
	  .todo = "If it cannot be, give the inode lock of the own file a class of its own (lockdep_set_class()); if it "
		  "can, use a trylock in the shrinker." },
	{ .name = "new-inode",
	  .source =
		  "Documentation/locking/lockdep-design.rst, nested data dependencies; fs/inode.c (6.1), I_NEW",
	  .remedy = "annotate",
	  .from = INODE_LOCKS,
	  .to = INODE_LOCKS,
	  .within = "\\w+_init_inode_metadata|\\w+_init_(acl|security)|\\w+_new_inode",
	  .what = "{F} takes {T} while an inode is made that nobody else can reach yet.",
	  .todo = "If both locks are the new inode's, or one is the parent's, say so with a subclass (down_write_nested() "
		  "and the like)." },
	{ .name = "socket-in-socket",
	  .source =
		  "net/smc/smc_inet.c (6.12), sockets of IPPROTO_SMC have the class of their family",
	  .remedy = "annotate",
	  .from = "k?sk_lock-AF_INET6?",
	  .within = "smc_\\w+",
	  .what = "{F} holds {L} of an SMC socket, which has the class of the TCP and UDP sockets of its family, "
		  "and takes {T}.",
	  .todo = "If the socket of the other stacks is never an SMC one, give SMC's a class of its own "
		  "(sock_lock_init_class_and_name())." },
	{ .name = "workqueue-allocation",
	  .source = "kernel/workqueue.c (4.14, 6.1), apply_wqattrs_lock()",
	  .remedy = "preallocate",
	  .service = true,
	  .call = "alloc_workqueue\\w*|__alloc_workqueue\\w*|alloc_ordered_workqueue",
	  .what = "A workqueue is allocated in {F} {H}; that takes {T}.",
	  .todo = "Allocate it before {L} is taken." },
	{ .name = "workqueue-destruction",
	  .source = "kernel/workqueue.c (6.1), drain_workqueue(), __flush_workqueue()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "destroy_workqueue|drain_workqueue",
	  .what = "{F} destroys a workqueue {H}; that waits for all of its work.",
	  .todo = "Destroy it after {L} is released." },
	{ .name = "device-in-hotplug-callback",
	  .source = "Documentation/core-api/cpu_hotplug.rst; drivers/base/devtmpfs.c (6.1)",
	  .remedy = "defer-to-workqueue",
	  .from = "cpuhp_state(-up|-down)?",
	  .call = DEVICE_MAKING "|" DEVICE_REMOVAL,
	  .what = "A CPU hotplug callback, {F}, makes or removes a device; that needs {T}.",
	  .todo = "Do it from a context that CPU hotplug does not wait for." },
	{ .name = "work-cancel",
	  .source = "kernel/workqueue.c (6.1), __flush_work() takes the map of the work",
	  .remedy = "async-cancel",
	  .service = true,
	  .call = "_*cancel_(delayed_)?work\\w*|__cancel_work_(timer|sync)",
	  .what = "{F} cancels work and waits for it to end {H}; the work cannot end while it needs what is held.",
	  .todo = "Cancel without waiting (cancel_work()), or after {L} is released." },
	{ .name = "work-flush",
	  .source = "kernel/workqueue.c (6.1), __flush_work() takes the map of the work",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "_*flush_\\w*work\\w*|start_flush_work|flush_scheduled_work",
	  .what = "{F} waits for work to finish {H}; the work cannot finish while it needs what is held.",
	  .todo = "Flush after {L} is released, or keep the work from taking it." },
	{ .name = "timer-cancel",
	  .source = "kernel/time/timer.c (6.1), the rules at timer_delete_sync()",
	  .remedy = "async-cancel",
	  .service = true,
	  .call = "_*(del_timer_sync|timer_delete_sync|timer_shutdown_sync|try_to_del_timer_sync|hrtimer_cancel)",
	  .what = "{F} waits for a timer's callback to end {H}; the callback cannot end while it needs what is held.",
	  .todo = "Stop the timer after {L} is released, or without waiting." },
	{ .name = "thread-stop",
	  .source = "kernel/kthread.c (6.1), kthread_stop() waits for the thread to exit",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "kthread_stop\\w*|kthread_park|kthread_flush_\\w+",
	  .what = "{F} waits for a kernel thread {H}.",
	  .todo = "Wait after {L} is released." },
	{ .name = "rcu-wait",
	  .source = "Documentation/RCU/checklist.rst; kernel/rcu/tree.c (6.1), rcu_barrier()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "_*synchronize_s?rcu\\w*|rcu_barrier\\w*|srcu_barrier|synchronize_net",
	  .what = "{F} waits for RCU readers or callbacks {H}.",
	  .todo = "Wait after {L} is released, or free through call_rcu()." },
	{ .name = "irq-setup",
	  .source = "kernel/irq/manage.c (6.1), __setup_irq(), free_irq()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "_*(devm_)?request_(threaded_)?irq|_*free_irq|disable_irq|synchronize_irq",
	  .what = "{F} sets up or removes an interrupt handler {H}.",
	  .todo = "Do it before {L} is taken or after it is released." },
	{ .name = "module-load",
	  .source = "kernel/module/kmod.c (6.1), __request_module() waits for user space",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "_*request_module\\w*|_*request_firmware\\w*|call_usermodehelper\\w*|crypto_alg_mod_lookup",
	  .what = "{F} loads a module or firmware {H}: user space and file systems take part in that.",
	  .todo = "Load it before {L} is taken." },
	{ .name = "sysfs-removal",
	  .source =
		  "fs/kernfs/dir.c (6.1), kernfs_drain(); fs/sysfs/file.c, sysfs_break_active_protection()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .to = "kn->active|kn->count|s_active",
	  .call = DEVICE_REMOVAL
	  "|_*(sysfs|kernfs|debugfs|kobject)_\\w*(remove|del|drain|put)\\w*|remove_(files|dir)|"
	  "cgroup_\\w+|bus_remove_\\w+",
	  .what = "{F} removes a sysfs or kernfs file {H} and waits for those who are inside its methods.",
	  .todo = "Remove it after {L} is released, or let the method try the lock, or give up its reference "
		  "(sysfs_break_active_protection())." },
	{ .name = "debugfs-or-sysfs-entry",
	  .source = "fs/debugfs/inode.c (6.1), start_creating(); fs/kernfs/dir.c",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = "_*(sysfs|kernfs|debugfs|proc|tracefs)_(create|add|make|mkdir|new|remove|rename|init)\\w*|kobject_(add|init_and_add|del|move|"
		  "rename)|start_creating|remove_proc_\\w+|internal_create_group\\w*",
	  .what = "{F} makes or removes a file of sysfs, debugfs or proc {H}.",
	  .todo = "Do it outside {L}." },
	{ .name = "device-registration",
	  .source = "drivers/base/core.c (6.1), device_add()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = DEVICE_MAKING,
	  .what = "{F} registers a device {H}; probing, notifiers and device nodes take many locks.",
	  .todo = "Register it before {L} is taken or after it is released." },
	{ .name = "device-removal",
	  .source = "drivers/base/core.c (6.1), device_del()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .call = DEVICE_REMOVAL,
	  .what = "{F} removes a device {H}, which waits for its users.",
	  .todo = "Take it off the list under {L}, and remove it after that is released." },
	{ .name = "page-pin",
	  .source = "Documentation/core-api/pin_user_pages.rst; mm/gup.c (6.1)",
	  .remedy = "copy-outside-lock",
	  .to = "&mm->mmap_(sem|lock)(/\\d)?",
	  .call = "_*(get|pin)_user_pages\\w*|__gup_\\w+",
	  .what = "{F} pins user pages {H}; that takes {T}.",
	  .todo = "Pin them before {L} is taken." },
	{ .name = "user-copy",
	  .source = "mm/memory.c (6.1), __might_fault() takes mmap_lock for lockdep",
	  .remedy = "copy-outside-lock",
	  .to = "&mm->mmap_(sem|lock)(/\\d)?",
	  .call = "_*copy_(to|from)_\\w+|_*(get|put)_user\\w*|_*might_fault|_*strn?cpy_from_user\\w*|copy_page_\\w+|fault_in_\\w+|"
		  "simple_(read_from|write_to)_buffer|iov_iter_\\w+|clear_user",
	  .what = "{F} copies to or from user memory {H}; the copy may fault, and a fault takes {T}.",
	  .todo = "Copy before {L} is taken or after it is released." },
	{ .name = "reclaim",
	  .source =
		  "Documentation/core-api/gfp_mask-from-fs-io.rst; mm/page_alloc.c (6.1), fs_reclaim_acquire()",
	  .remedy = "gfp-scope",
	  .to = "fs_reclaim|mmu_notifier_invalidate_range_start",
	  .unless = "balance_pgdat|kswapd",
	  .what = "{F} allocates memory {H}, and memory reclaim can need the same.",
	  .todo = "Allocate before {L} is taken, or in a memalloc_nofs_save() or memalloc_noio_save() scope.",
	  .elsewhere =
		  "Allocate elsewhere, or in a memalloc_nofs_save() or memalloc_noio_save() scope." },
	{ .name = "cpu-hotplug-lock",
	  .source = "Documentation/core-api/cpu_hotplug.rst, the _cpuslocked functions",
	  .remedy = "reorder-acquisition",
	  .service = true,
	  .to = "cpu_hotplug_lock",
	  .unless = "cpuhp_thread_fun|_cpu_(up|down)",
	  .what = "{F} takes the CPU hotplug lock ({T}) {H}.",
	  .todo = "Take cpus_read_lock() before {L}, and call the _cpuslocked variant inside." },
	{ .name = "rtnl-inside",
	  .source = "Documentation/networking/netdevices.rst; net/core/rtnetlink.c (6.1)",
	  .remedy = "reorder-acquisition",
	  .service = true,
	  .to = "rtnl_mutex",
	  .what = "{F} takes rtnl {H}; rtnl is an outermost lock.",
	  .todo = "Take rtnl before {L}, or do this part from a work item." },
	{ .name = "console",
	  .source =
		  "Documentation/core-api/printk-basics.rst; kernel/printk/printk.c (6.1), printk_deferred()",
	  .remedy = "drop-lock-around",
	  .to = "console_(lock|owner|sem)|\\(console_sem\\)\\.lock|&port_lock_key|console_srcu",
	  .call = "_*v?printk\\w*|_*dev_\\w*printk\\w*|_*warn\\w*|report_bug|call_console_drivers|vprintk_\\w+|"
		  "console_(unlock|flush_\\w+|emit_\\w+|trylock\\w*)",
	  .what = "{F} prints (or runs into a WARN) {H}; the console takes {T}.",
	  .todo = "Print after {L} is released, or use printk_deferred()." },
	{ .name = "completion-wait",
	  .source = "Documentation/scheduler/completion.rst",
	  .remedy = "drop-lock-around",
	  .call = "_*wait_for_completion\\w*|_*wait_for_common\\w*",
	  .what = "{F} waits for a completion {H}; whoever completes it needs that first.",
	  .todo = "Wait after {L} is released." },
	{ .name = "queue-freeze",
	  .source = "block/blk-mq.c (6.12), blk_mq_freeze_queue()",
	  .remedy = "reorder-acquisition",
	  .call = "blk_mq_(freeze|quiesce)\\w*|blk_freeze\\w*|__blk_mq_freeze\\w*",
	  .what = "{F} freezes a block queue {H} and waits for its requests.",
	  .todo = "Freeze it before {L} is taken, or take that inside the freeze everywhere." },
	{ .name = "block-io",
	  .source = "block/blk-core.c (6.12), __bio_queue_enter()",
	  .remedy = "gfp-scope",
	  .to = "&\\(?q\\)?->q_usage_counter.*",
	  .what = "{F} starts block I/O {H}; it waits while the queue is frozen.",
	  .todo = "Do not freeze the queue with {L} needed inside, or start the I/O outside it." },
	{ .name = "lock-in-reclaim",
	  .source =
		  "Documentation/core-api/gfp_mask-from-fs-io.rst; include/linux/shrinker.h (6.1), SHRINK_STOP",
	  .remedy = "use-trylock",
	  .from = "fs_reclaim",
	  .what = "Memory reclaim, in {F}, takes {T}: nobody who holds that may wait for memory.",
	  .todo = "Only try to take it there, or allocate with {T} held in a memalloc_nofs_save() or memalloc_noio_save() "
		  "scope." },
	{ .name = "transaction-start",
	  .source =
		  "include/linux/fs.h (6.1), sb_start_intwrite(); fs/xfs/xfs_trans.c, fs/btrfs/transaction.c",
	  .remedy = "reorder-acquisition",
	  .to = "sb_internal",
	  .what = "{F} starts a transaction of a file system, which takes {T}, {H}.",
	  .todo = "Start it before {L} is taken." },
	{ .name = "write-access",
	  .source = "include/linux/fs.h (6.1), the lock ranking at sb_start_write()",
	  .remedy = "reorder-acquisition",
	  .to = "sb_(writers|pagefaults)",
	  .what = "{F} takes write access to a file system ({T}) {H}; that belongs outside.",
	  .todo = "Get write access (mnt_want_write(), sb_start_write()) before {L} is taken." },
	{ .name = "inode-or-file-put",
	  .source = "fs/inode.c (6.1), iput(): the last one sleeps and evicts",
	  .remedy = "defer-to-workqueue",
	  .call = "iput\\w*|evict(_inodes)?|dput|__dentry_kill|_*fput\\w*|mntput\\w*|deactivate_super",
	  .what = "{F} drops a reference {H}; when it is the last one, the whole teardown runs there.",
	  .todo = "Drop it after {L} is released, or from a work item." },
	{ .name = "runtime-pm",
	  .source = "Documentation/power/runtime_pm.rst",
	  .remedy = "reorder-acquisition",
	  .service = true,
	  .call = "_*pm_runtime_\\w+|rpm_(resume|suspend|idle|callback)",
	  .what = "{F} resumes or suspends a device {H}; its callbacks take {T}.",
	  .todo = "Resume it before {L} is taken." },
	{ .name = "clock-or-regulator",
	  .source = "Documentation/driver-api/clk.rst, locking",
	  .remedy = "reorder-acquisition",
	  .service = true,
	  .call = "clk_(prepare|unprepare|get_rate|set_rate|round_rate)\\w*|regulator_(enable|disable|set)\\w*",
	  .what = "{F} changes a clock or regulator {H}; their cores have locks of their own.",
	  .todo = "Do it before {L} is taken, or use a cached value." },
	{ .name = "wake-up",
	  .source =
		  "kernel/workqueue.c (6.1), __queue_work(); kernel/sched/core.c, try_to_wake_up()",
	  .remedy = "drop-lock-around",
	  .service = true,
	  .to = "&p->pi_lock|&rq->(__)?lock|&pool->lock(/\\d)?|&\\(&pool->lock\\)->rlock",
	  .call = "_*queue_(delayed_)?work\\w*|mod_delayed_work\\w*|try_to_wake_up|wake_up_\\w+|_*wake_up|"
		  "resched_cpu|wakeup_softirqd",
	  .unless = "create_worker|init_rescuer",
	  .what = "{F} queues work or wakes up a task {H}; that takes {T}, a lock of the workqueues or the scheduler.",
	  .todo = "Do it after {L} is released, or from an irq_work." },
	{ .name = "allocation",
	  .source = "mm/percpu.c, mm/slab_common.c (6.1)",
	  .remedy = "move-allocation-out",
	  .service = true,
	  .call = "_*k[mz]alloc\\w*|_*kmem_cache_(alloc|create)\\w*|_*alloc_pages\\w*|pcpu_alloc\\w*|_*alloc_percpu\\w*|"
		  "kasprintf|kstrdup\\w*|kmemdup\\w*|v[mz]alloc\\w*|_*vmalloc\\w*|_*folio_alloc\\w*",
	  .what = "{F} allocates memory {H}; that takes {T}.",
	  .todo = "Allocate before {L} is taken." },
	{ .name = "notifier",
	  .source = "kernel/notifier.c (6.1)",
	  .remedy = "drop-lock-around",
	  .call = "_*(blocking|raw|atomic|srcu)?_?notifier_call_chain\\w*|call_netdevice_notifiers\\w*",
	  .what = "{F} calls notifiers {H}; they take {T}.",
	  .todo = "Call them after {L} is released." },
	{ .name = "lock-left-held",
	  .source =
		  "kernel/workqueue.c (6.1), process_one_work(), \"BUG: workqueue leaked lock or atomic\"",
	  .remedy = "other",
	  .from = "(?!\\(w(ork|q)_completion\\)).*",
	  .to = "\\(wq_completion\\).*",
	  .call = "process_one_work|process_scheduled_works|worker_thread",
	  .unless = "_*(flush|drain|cancel|destroy|start_flush)_\\w+|rescuer_thread",
	  .what = "The worker goes on to {T} with {L} still held: {G} took it and did not release it.",
	  .todo = "Release {L} on every way out of {G}; an error path, most often." },
	{ .name = "work-item",
	  .source = "kernel/workqueue.c (6.1), process_one_work() takes the maps of queue and work",
	  .remedy = "other",
	  .to = WORK_NAMES,
	  .call = "process_one_work|process_scheduled_works|worker_thread|run_workqueue",
	  .what = "The worker runs {T} {H}: that is what a workqueue does.",
	  .todo = "Queue it on another workqueue, or make the work not need what the others hold." },
	{ .name = "timer-callback",
	  .source = "kernel/time/timer.c (6.1), call_timer_fn() takes the map of the timer",
	  .remedy = "other",
	  .to = TIMER_NAMES,
	  .call = "call_timer_fn|expire_timers|__run_timers",
	  .what = "The timer's callback runs {H}.",
	  .todo = "Take no lock there that others hold while they stop the timer." },
	{ .name = "crossrelease",
	  .source = "Documentation/locking/crossrelease.rst (4.14)",
	  .remedy = "reorder-acquisition",
	  .from = "\\(complet(e|ion)\\).*",
	  .what = "{F} takes {T} {H}.",
	  .todo = "Complete before {T} is taken, or do not wait with {T} needed." },
	/* the general ones: the rows of a user stand before these */
	{ .name = "recursion-same-lock",
	  .source = "Documentation/locking/lockdep-design.rst, multi-lock dependency rules",
	  .recursion = RECURSION_SAME_LOCK,
	  .remedy = "remove-lock",
	  .what = "{F} takes {T} again: this very lock is held already, since {G}.",
	  .todo = "Do not take it twice: call a variant of {F} that expects it to be held." },
	{ .name = "recursion-same-class",
	  .source = "Documentation/locking/lockdep-design.rst, nested data dependencies",
	  .recursion = RECURSION_OTHER_LOCK,
	  .remedy = "annotate",
	  .what = "{F} takes a second lock of class {T} while another one of that class is held, since {G}.",
	  .todo = "If all code takes the two in one order (parent before child), say so with a subclass "
		  "(mutex_lock_nested() and the like); else release the first one." },
	{ .name = "recursion",
	  .source = "Documentation/locking/lockdep-design.rst, nested data dependencies",
	  .recursion = RECURSION_UNKNOWN,
	  .remedy = "other",
	  .what = "{F} takes {T} while a lock of that class is held, since {G}; the log does not say whether "
		  "it is the same one.",
	  .todo = "If it is, do not take it twice; if not, and all code takes the two in one order, say so with a "
		  "subclass (mutex_lock_nested() and the like)." },
	{ .name = "lock-order",
	  .source = "Documentation/locking/lockdep-design.rst, multi-lock dependency rules",
	  .remedy = "reorder-acquisition",
	  .what = "{F} takes {T} {H}; the rest of the cycle takes them the other way round.",
	  .todo = "Take {T} before {L}, or release {L} around it." },
};

/* What weakens an edge, or must be known of it. All that match are told. */
static const struct sign_row signs[] = {
	{ .call = "start_kernel|kernel_init_freeable|x86_64_start_kernel|i386_start_kernel",
	  .whole = true,
	  .kind = "first-seen-at-boot",
	  .text = "first seen at boot; the log does not show whether the order occurs later" },
	{ .call = "do_init_module|load_module",
	  .whole = true,
	  .kind = "first-seen-at-init",
	  .text = "first seen while a module was loaded; the log does not show whether the order occurs later" },
	{ .call = "dpm_suspend\\w*|suspend_devices_and_enter|hibernation_snapshot|dpm_resume\\w*",
	  .whole = true,
	  .kind = "contexts-apart",
	  .text = "seen while the system was suspended or resumed, with user space frozen: what other stacks show "
		  "may not be able to run then" },
	{ .from = "\\(complet(e|ion)\\).*",
	  .kind = "crossrelease",
	  .text = "an edge of crossrelease (4.14-rc1 to 4.15-rc3), which was removed for its false reports" },
	{ .call = "vfs_get_tree|mount_(bdev|nodev|fs)|do_kern_mount|vfs_kern_mount",
	  .kind = "contexts-apart",
	  .text = "seen while a file system was mounted; what belongs to that one alone nobody else can use before "
		  "that is done" },
	{ .call = "deactivate_(locked_)?super|generic_shutdown_super|cleanup_mnt",
	  .unless =
		  "\\w*sync_(filesystem|fs|inodes_sb|blockdev\\w*)|\\w+_commit_(super|transaction)",
	  .kind = "contexts-apart",
	  .text = "seen while a file system was unmounted; nobody has a file of that one open any more" },
	{ .call = "(__\\w+_|__(do|se)_)?sys_delete_module|free_module",
	  .kind = "contexts-apart",
	  .text = "seen while a module was removed; nobody has a file of it open then, but its timers, work items "
		  "and notifiers can run" },
	{ .call = "cpuhp_thread_fun|_cpu_(up|down)",
	  .kind = "contexts-apart",
	  .text = "seen while a processor came up or went down: only one does at a time, and none while somebody "
		  "holds cpus_read_lock()" },
	{ .from = "\\(work_completion\\)\\(&wfc\\.work\\)",
	  .kind = "shared-class",
	  .text = "the work of work_on_cpu(), one class for all its callers before 6.7: the work that is waited for may "
		  "be another one" },
	{ .from = "&(?!\\w*_key\\[)\\w[\\w.>-]*\\[\\w+\\][\\w.>-]*",
	  .kind = "shared-class",
	  .named = true,
	  .text = "is one of an array, of which all members are one class: the other stacks may be about another "
		  "member" },
	{ .call = "lock_release|up_(read|write)|__local_bh_enable_ip|mutex_unlock",
	  .top_only = true,
	  .kind = "release-path",
	  .text = "witnessed by a release: locks were let go in another order than they were taken" },
};

#define GENERAL_ROWS 4

const struct pattern_row *patterns_row(size_t i)
{
	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const struct pattern_row *patterns_row_with(const struct pattern_file *more, size_t i)
{
	const size_t special = ARRAY_SIZE(rows) - GENERAL_ROWS;
	size_t n_more = pattern_file_rows(more);

	if (i < special)
		return &rows[i];
	return i < special + n_more ? pattern_file_row(more, i - special) :
				      patterns_row(i - n_more);
}

const struct sign_row *signs_row(size_t i)
{
	return i < ARRAY_SIZE(signs) ? &signs[i] : NULL;
}

struct compiled {
	const struct pattern_row *row; /* NULL for a sign */
	struct regex *from, *to, *call, *within, *unless;
};

struct patterns {
	struct compiled *row;
	size_t n_rows;
	struct compiled sign[ARRAY_SIZE(signs)];
};

static bool compile(const char *pattern, struct regex **ret)
{
	if (!pattern)
		return true;
	*ret = regex_new(pattern);
	return *ret != NULL;
}

static bool compile_row(const struct pattern_row *row, struct compiled *ret)
{
	ret->row = row;
	return compile(row->from, &ret->from) && compile(row->to, &ret->to) &&
	       compile(row->call, &ret->call) && compile(row->within, &ret->within) &&
	       compile(row->unless, &ret->unless);
}

static void compiled_done(struct compiled *c)
{
	regex_free(c->from);
	regex_free(c->to);
	regex_free(c->call);
	regex_free(c->within);
	regex_free(c->unless);
}

struct patterns *patterns_new(const struct pattern_file *more)
{
	struct patterns *p = calloc(1, sizeof(*p));
	bool fine;

	if (!p)
		return NULL;
	p->n_rows = ARRAY_SIZE(rows) + pattern_file_rows(more);
	p->row = calloc(p->n_rows, sizeof(*p->row));
	fine = p->row != NULL;
	for (size_t i = 0; fine && i < p->n_rows; i++)
		fine = compile_row(patterns_row_with(more, i), &p->row[i]);
	for (size_t i = 0; fine && i < ARRAY_SIZE(signs); i++)
		fine = compile(signs[i].from, &p->sign[i].from) &&
		       compile(signs[i].to, &p->sign[i].to) &&
		       compile(signs[i].call, &p->sign[i].call) &&
		       compile(signs[i].unless, &p->sign[i].unless);
	if (fine)
		return p;
	patterns_free(p);
	return NULL;
}

void patterns_free(struct patterns *p)
{
	if (!p)
		return;
	for (size_t i = 0; p->row && i < p->n_rows; i++)
		compiled_done(&p->row[i]);
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		compiled_done(&p->sign[i]);
	free(p->row);
	free(p);
}

size_t own_frames(const struct roles *t, const stack *s)
{
	for (size_t i = 0; i < s->n; i++) {
		enum role role = s->p[i].reliable ? role_of(t, s->p[i].function) : ROLE_LOCKDEP;

		if (role == ROLE_ENTRY || role == ROLE_BOOT)
			return i;
	}
	return s->n;
}

/* @return index of the outermost frame below @p n that matches, or SIZE_MAX. */
static size_t find_call(const struct regex *re, const stack *s, size_t n)
{
	for (size_t i = n; i-- > 0;)
		if (s->p[i].reliable && regex_match(re, function_name(s->p[i].function)))
			return i;
	return SIZE_MAX;
}

/*
 * Where a driver's probe function is called. What registered the device is further out; that it
 * holds a lock that is wanted in there has to be known, and is not guessed.
 */
static size_t probe_frame(const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && (str_is(s->p[i].function, "really_probe") ||
					 str_is(s->p[i].function, "call_driver_probe") ||
					 str_is(s->p[i].function, "driver_probe_device")))
			return i;
	return s->n;
}

/* Somebody's own lock is taken by somebody's own code: outside of the call there has to be some. */
static bool has_caller(const struct roles *t, const stack *s, size_t call)
{
	size_t own = own_frames(t, s);

	if (call >= own)
		return true; /* the thread itself, as a worker does */
	for (size_t i = call + 1; i < own; i++)
		if (s->p[i].reliable && role_of(t, s->p[i].function) == ROLE_CODE)
			return true;
	return false;
}

/*
 * The call that betrays a pattern: the outermost frame of the first run of matches, so that
 * what happens further out, for another reason, does not count.
 */
static size_t leading_call(const struct regex *re, const struct roles *t, const struct edge_view *e)
{
	const stack *s = e->frames;
	size_t hit = SIZE_MAX, end = e->inside < s->n ? e->inside : probe_frame(s);

	end = end < e->context ? end : e->context;
	for (size_t i = 0; i < end; i++) {
		if (!s->p[i].reliable)
			continue;
		if (regex_match(re, function_name(s->p[i].function)))
			hit = i;
		else if (hit != SIZE_MAX && role_of(t, s->p[i].function) == ROLE_CODE)
			break;
	}
	if (hit != SIZE_MAX && e->own && e->inside == s->n && !has_caller(t, s, hit))
		return SIZE_MAX;
	return hit;
}

static bool fits(const struct regex *re, struct str name)
{
	return !re || regex_match(re, name);
}

/* @return whether a row fits; then *call is the frame that betrays it, SIZE_MAX: the locks do */
static bool row_fits(const struct compiled *c, const struct roles *t, const struct edge_view *e,
		     size_t *call)
{
	*call = SIZE_MAX;
	if (c->row->recursion != e->recursion || !fits(c->from, e->from) || !fits(c->to, e->to))
		return false;
	if (c->within && find_call(c->within, e->frames, e->context) == SIZE_MAX)
		return false;
	if (c->unless && find_call(c->unless, e->frames, e->context) != SIZE_MAX)
		return false;
	if (!c->call)
		return true;
	*call = leading_call(c->call, t, e);
	return *call != SIZE_MAX;
}

struct pattern_hit patterns_find(const struct patterns *p, const struct roles *t,
				 const struct edge_view *e)
{
	struct pattern_hit hit = { .row = &rows[ARRAY_SIZE(rows) - 1], .call = SIZE_MAX };

	for (size_t i = 0; i < p->n_rows; i++)
		if (row_fits(&p->row[i], t, e, &hit.call)) {
			hit.row = p->row[i].row;
			break;
		}
	return hit;
}

static size_t first_own(const struct roles *t, const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i].reliable && role_of(t, s->p[i].function) != ROLE_LOCKDEP)
			return i;
	return s->n;
}

void signs_find(const struct patterns *p, const struct roles *t, const struct edge_view *e,
		void (*fn)(void *ctx, const struct sign_row *), void *ctx)
{
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++) {
		const struct compiled *c = &p->sign[i];
		size_t n = signs[i].whole ? e->frames->n : e->context;

		if (!fits(c->from, e->from) || !fits(c->to, e->to))
			continue;
		if (c->call && signs[i].top_only) {
			/* lockdep's own lock_release() is the one that tells */
			size_t own = first_own(t, e->frames);

			n = own < n ? own + 1 : n;
		}
		if (c->call && find_call(c->call, e->frames, n) == SIZE_MAX)
			continue;
		if (c->unless && find_call(c->unless, e->frames, n) != SIZE_MAX)
			continue;
		fn(ctx, &signs[i]);
	}
}
