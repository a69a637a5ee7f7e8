/* SPDX-License-Identifier: MIT */
#include "check_unsplat.h"
#include "unsplat/graph.h"

static const struct {
	const char *name;
	enum lock_type type;
} types[] = {
	{ "(work_completion)(&w->work)", LOCK_WORK },
	{ "(work_completion)(&css->destroy_work)#2", LOCK_WORK },
	{ "(&w->work)", LOCK_WORK },
	{ "(&(&wb->dwork)->work)", LOCK_WORK },
	{ "(linkwatch_work).work", LOCK_WORK },
	{ "(wq_completion)\"events\"", LOCK_WORKQUEUE },
	{ "(wq_completion)wg-kex-wireguard1#8", LOCK_WORKQUEUE },
	{ "(complete)&req.done", LOCK_COMPLETION },
	{ "(completion)&req.done#2", LOCK_COMPLETION },
	{ "(&toneport->timer)", LOCK_TIMER },
	{ "(&idev->mc_ifc_timer)", LOCK_TIMER },
	{ "(&(&x->dwork)->timer)", LOCK_TIMER },
	{ "(neigh_timer)", LOCK_TIMER },
	{ "fs_reclaim", LOCK_RECLAIM },
	{ "rcu_read_lock", LOCK_RCU_READER },
	{ "rcu_read_lock_bh", LOCK_RCU_READER },
	{ "cpu_hotplug_lock", LOCK_HOTPLUG },
	{ "cpu_hotplug_lock.rw_sem", LOCK_HOTPLUG },
	{ "cpu_hotplug.lock#2", LOCK_HOTPLUG },
	{ "cpuhp_state", LOCK_HOTPLUG_STATE },
	{ "cpuhp_state-up", LOCK_HOTPLUG_STATE },
	{ "cpuhp_state_mutex", LOCK_PLAIN },
	{ "kn->active#32", LOCK_ACTIVE_REF },
	{ "kn->count#58", LOCK_ACTIVE_REF },
	{ "s_active#12", LOCK_ACTIVE_REF },
	{ "rtnl_mutex", LOCK_RTNL },
	{ "&mm->mmap_sem", LOCK_MMAP },
	{ "&mm->mmap_lock#2", LOCK_MMAP },
	{ "&mm->mmap_lock/1", LOCK_MMAP },
	{ "console_owner", LOCK_CONSOLE },
	{ "(console_sem).lock", LOCK_CONSOLE },
	{ "&q->q_usage_counter(io)#55", LOCK_QUEUE },
	{ "&(q)->q_usage_counter#2", LOCK_QUEUE },
	{ "sb_writers#7", LOCK_FREEZE },
	{ "sb_internal#4", LOCK_FREEZE },
	{ "&dev->mutex", LOCK_PLAIN },
	{ "work", LOCK_PLAIN },
	{ "&x->work_lock", LOCK_PLAIN },
	{ "&timer->lock", LOCK_PLAIN },
	{ "(softirq_ctrl.lock)", LOCK_PLAIN },
	{ "mm->mmap_sem", LOCK_PLAIN },
	{ "", LOCK_PLAIN },
};

START_TEST(type)
{
	ck_assert_int_eq(lock_type(str_of(types[_i].name)), types[_i].type);
}
END_TEST

static const struct {
	const char *name, *stable, *common;
} names[] = {
	{ "rtnl_mutex", "rtnl_mutex", "rtnl_mutex" },
	{ "sb_writers#7", "sb_writers", "sb_writers" },
	{ "&type->s_umount_key#46/1", "&type->s_umount_key/1", "&type->s_umount_key/1" },
	{ "&pipe->mutex/1", "&pipe->mutex/1", "&pipe->mutex/1" },
	{ "(work_completion)(&css->destroy_work)#2", "(work_completion)(&css->destroy_work)",
	  "(work_completion)(&css->destroy_work)" },
	{ "lock#2", "lock", "lock" },
	{ "a#b", "a#b", "a#b" },
	{ "a#", "a#", "a#" },
	{ "#1", "#1", "#1" }, /* nothing would be left */
	{ "a/b", "a/b", "a/b" },
	{ "&xa->xa_lock#12", "&xa->xa_lock", "&xa->xa_lock" },
	{ "k-slock-AF_INET6/1", "k-slock-AF_INET6/1", "k-slock-AF_INET6/1" },
	{ "rcu_node_level_0", "rcu_node_level_0", "rcu_node_level_0" },
	{ "", "", "" },
	/* one name in all kernels */
	{ "&mm->mmap_sem", "&mm->mmap_sem", "&mm->mmap_lock" },
	{ "&mm->mmap_sem#2/1", "&mm->mmap_sem/1", "&mm->mmap_lock/1" },
	{ "&mm->mmap_lock", "&mm->mmap_lock", "&mm->mmap_lock" },
	{ "cpu_hotplug_lock.rw_sem", "cpu_hotplug_lock.rw_sem", "cpu_hotplug_lock" },
	{ "cpu_hotplug.lock", "cpu_hotplug.lock", "cpu_hotplug_lock" },
	{ "cpu_hotplug.dep_map", "cpu_hotplug.dep_map", "cpu_hotplug_lock" },
	{ "kn->count#58", "kn->count", "kn->active" },
	{ "s_active#12", "s_active", "kn->active" },
	{ "&(&zone->lock)->rlock", "&(&zone->lock)->rlock", "&zone->lock" },
	{ "&(&zone->lock)->rlock#3", "&(&zone->lock)->rlock", "&zone->lock" },
	{ "&(&rq->lock)->rlock", "&(&rq->lock)->rlock", "&rq->__lock" },
	{ "&rq->lock/1", "&rq->lock/1", "&rq->__lock/1" },
	{ "(completion)&req.done", "(completion)&req.done", "(complete)&req.done" },
	{ "(wq_completion)\"events\"", "(wq_completion)\"events\"", "(wq_completion)events" },
	{ "(wq_completion)\"events", "(wq_completion)\"events", "(wq_completion)\"events" },
	{ "(wq_completion)events#2", "(wq_completion)events", "(wq_completion)events" },
	/* only whole names */
	{ "&mm->mmap_sema", "&mm->mmap_sema", "&mm->mmap_sema" },
	{ "x&mm->mmap_sem", "x&mm->mmap_sem", "x&mm->mmap_sem" },
};

START_TEST(spelling)
{
	struct arena *mem = arena_new();
	struct str s;

	ck_assert_ptr_nonnull(mem);
	ck_assert_int_eq(lock_stable_name(mem, str_of(names[_i].name), &s), 0);
	ck_assert_view(s, names[_i].stable);
	ck_assert_int_eq(lock_common_name(mem, str_of(names[_i].name), &s), 0);
	ck_assert_view(s, names[_i].common);
	arena_free(mem);
}
END_TEST

static const struct {
	const char *name;
	bool anonymous;
} anonymous[] = {
	{ "key", true },
	{ "key#3", true },
	{ "&priv->lock", true },
	{ "&priv->lock/1", true },
	{ "&dev->mutex", true },
	{ "&(&priv->lock)->rlock#2", true },
	{ "kn->count#58", true },
	{ "s_active#1", true },
	{ "&sb->s_type->i_mutex_key#5", true },
	{ "rtnl_mutex", false },
	{ "&mm->mmap_sem", false },
	{ "&priv->locks", false },
	{ "keys", false },
	{ "", false },
};

START_TEST(is_anonymous)
{
	ck_assert_int_eq(lock_is_anonymous(str_of(anonymous[_i].name)), anonymous[_i].anonymous);
}
END_TEST

Suite *lock_name_suite(void)
{
	Suite *s = suite_create("lock_name");
	TCase *tc = tcase_create("lock_name");

	tcase_add_loop_test(tc, type, 0, ARRAY_SIZE(types));
	tcase_add_loop_test(tc, spelling, 0, ARRAY_SIZE(names));
	tcase_add_loop_test(tc, is_anonymous, 0, ARRAY_SIZE(anonymous));
	suite_add_tcase(s, tc);
	return s;
}
