/* SPDX-License-Identifier: MIT */
#include "unsplat/graph.h"

#include <errno.h>

/*
 * Names are facts about kernels: tables, no code. Sources: INIT_WORK(), DECLARE_WORK(),
 * alloc_workqueue(), timer_setup(), init_completion() and the lockdep maps named there.
 */
static const struct {
	const char *begins, *ends; /* either may be empty */
	enum lock_type type;
} types[] = {
	{ "(work_completion)", "", LOCK_WORK },
	{ "(wq_completion)", "", LOCK_WORKQUEUE },
	{ "(complete)", "", LOCK_COMPLETION },
	{ "(completion)", "", LOCK_COMPLETION },
	{ "(&", "work)", LOCK_WORK }, /* up to 4.13: ((&x->work)), (&(&x->dwork)->work) */
	{ "(", "_work).work", LOCK_WORK },
	{ "(&", "timer)", LOCK_TIMER },
	{ "(&", "timer.timer)", LOCK_TIMER },
	{ "(", "_timer)", LOCK_TIMER },
	{ "(&", ")->timer)", LOCK_TIMER },
	{ "(&(&", "timer)", LOCK_TIMER },
	{ "fs_reclaim", "", LOCK_RECLAIM },
	{ "rcu_read_lock", "", LOCK_RCU_READER },
	{ "cpu_hotplug_lock", "", LOCK_HOTPLUG },
	{ "cpu_hotplug.lock", "", LOCK_HOTPLUG },
	{ "cpu_hotplug.dep_map", "", LOCK_HOTPLUG },
	{ "cpuhp_state_mutex", "", LOCK_PLAIN },
	{ "cpuhp_state", "", LOCK_HOTPLUG_STATE },
	{ "kn->active", "", LOCK_ACTIVE_REF },
	{ "kn->count", "", LOCK_ACTIVE_REF },
	{ "s_active", "", LOCK_ACTIVE_REF },
	{ "rtnl_mutex", "", LOCK_RTNL },
	{ "&mm->mmap_sem", "", LOCK_MMAP },
	{ "&mm->mmap_lock", "", LOCK_MMAP },
	{ "console_lock", "", LOCK_CONSOLE },
	{ "console_owner", "", LOCK_CONSOLE },
	{ "console_sem", "", LOCK_CONSOLE },
	{ "(console_sem).lock", "", LOCK_CONSOLE },
	{ "&port_lock_key", "", LOCK_CONSOLE },
	{ "&q->q_usage_counter", "", LOCK_QUEUE },
	{ "&(q)->q_usage_counter", "", LOCK_QUEUE },
	{ "sb_writers", "", LOCK_FREEZE },
	{ "sb_internal", "", LOCK_FREEZE },
	{ "sb_pagefaults", "", LOCK_FREEZE },
};

/* The trailing "#5" goes, "/1" stays: "&type->s_umount_key#46/1" has both. */
static struct str without_version(struct str name, struct str *subclass)
{
	size_t end = name.len, digits;

	*subclass = (struct str){ NULL, 0 };
	if (end > 2 && is_digit(name.p[end - 1]) && name.p[end - 2] == '/') {
		*subclass = str_from(name, end - 2);
		end -= 2;
	}
	digits = end;
	while (digits && is_digit(name.p[digits - 1]))
		digits--;
	if (digits > 1 && digits < end && name.p[digits - 1] == '#')
		return str_head(name, digits - 1);
	return str_head(name, end);
}

enum lock_type lock_type(struct str name)
{
	struct str subclass, base = without_version(name, &subclass);

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_begins(base, types[i].begins) &&
		    str_ends(base, str_of(types[i].ends)))
			return types[i].type;
	return LOCK_PLAIN;
}

int lock_stable_name(struct arena *mem, struct str name, struct str *ret)
{
	struct str subclass, base = without_version(name, &subclass);

	return arena_printf(mem, ret, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(subclass));
}

/* Same lock, another spelling: what it was called in older kernels, and what it is now. */
static const struct {
	const char *old, *now;
} renamed[] = {
	{ "&mm->mmap_sem", "&mm->mmap_lock" },
	{ "cpu_hotplug_lock.rw_sem", "cpu_hotplug_lock" },
	{ "cpu_hotplug.lock", "cpu_hotplug_lock" },
	{ "cpu_hotplug.dep_map", "cpu_hotplug_lock" },
	{ "&bdev->bd_mutex", "&disk->open_mutex" },
	{ "ptlock_ptr(page)", "ptlock_ptr(ptdesc)" },
	{ "shrinker_rwsem", "shrinker_mutex" },
	{ "&rq->lock", "&rq->__lock" },
	{ "epmutex", "epnested_mutex" },
	{ "cpuset_rwsem", "cpuset_mutex" },
	{ "kn->count", "kn->active" },
	{ "s_active", "kn->active" },
};

/* "(completion)x" is the "(complete)x" of one release; "(wq_completion)"events"" lost its quotes. */
static struct str current_spelling(struct str s)
{
	for (size_t i = 0; i < ARRAY_SIZE(renamed); i++)
		if (str_is(s, renamed[i].old))
			return str_of(renamed[i].now);
	return s;
}

/*
 * Queues that are named after a device, an instance or a pointer to one: "*" stands in the place
 * of what differs from boot to boot. Sources: alloc_workqueue() and its relatives in 6.1, 6.12.
 */
static const struct {
	const char *prefix;
	enum { INSTANCE_NUMBER, INSTANCE_REST } what; /* digits at the end; whatever follows */
} instances[] = {
	{ "(wq_completion)phy", INSTANCE_NUMBER },
	{ "(wq_completion)loop", INSTANCE_NUMBER },
	{ "(wq_completion)hci", INSTANCE_NUMBER },
	{ "(wq_completion)bond", INSTANCE_NUMBER },
	{ "(wq_completion)nbd", INSTANCE_NUMBER },
	{ "(wq_completion)md", INSTANCE_NUMBER },
	{ "(wq_completion)rxe", INSTANCE_NUMBER },
	{ "(wq_completion)ib_mad", INSTANCE_NUMBER },
	{ "(wq_completion)scsi_tmf_", INSTANCE_NUMBER },
	{ "(wq_completion)scsi_wq_", INSTANCE_NUMBER },
	{ "(wq_completion)fc_wq_", INSTANCE_NUMBER },
	{ "(wq_completion)wg-kex-", INSTANCE_REST },
	{ "(wq_completion)wg-crypt-", INSTANCE_REST },
	{ "(wq_completion)dio/", INSTANCE_REST },
	{ "(wq_completion)xfs-buf/", INSTANCE_REST },
	{ "(wq_completion)xfs-conv/", INSTANCE_REST },
	{ "(wq_completion)xfs-cil/", INSTANCE_REST },
	{ "(wq_completion)xfs-reclaim/", INSTANCE_REST },
	{ "(wq_completion)xfs-blockgc/", INSTANCE_REST },
	{ "(wq_completion)xfs-inodegc/", INSTANCE_REST },
	{ "(wq_completion)xfs-log/", INSTANCE_REST },
	{ "(wq_completion)xfs-sync/", INSTANCE_REST },
	{ "(wq_completion)kverityd/", INSTANCE_REST },
	{ "(wq_completion)kcryptd/", INSTANCE_REST },
	{ "(wq_completion)kcryptd_io/", INSTANCE_REST },
	{ "0x", INSTANCE_REST }, /* an address for a name */
};

/* @return @p s without what tells one instance from another; *star: "*" stands there instead. */
static struct str without_instance(struct str s, const char **star)
{
	size_t end = s.len;

	*star = "";
	while (end && is_digit(s.p[end - 1]))
		end--;
	for (size_t i = 0; i < ARRAY_SIZE(instances); i++) {
		bool number = instances[i].what == INSTANCE_NUMBER;
		struct str prefix;

		if (!str_begins(s, instances[i].prefix))
			continue;
		prefix = str_of(instances[i].prefix);
		if (s.len == prefix.len || (number && end != prefix.len))
			continue;
		*star = "*";
		return prefix;
	}
	return s;
}

/* "&(&zone->lock)->rlock" was the text of spin_lock_init(&zone->lock) up to 5.5. */
static struct str without_rlock(struct str s)
{
	struct str t = s;

	if (!str_skip(&t, STR("&(")) || !str_ends(t, STR(")->rlock")))
		return s;
	return str_head(t, t.len - 8);
}

int lock_common_name(struct arena *mem, struct str name, struct str *ret)
{
	struct str subclass, base = without_version(name, &subclass), quoted;
	const char *prefix = "", *star;

	base = current_spelling(without_rlock(base));
	if (str_skip(&base, STR("(completion)")))
		prefix = "(complete)";
	quoted = base;
	if (str_skip(&quoted, STR("(wq_completion)\"")) && str_ends(quoted, STR("\""))) {
		prefix = "(wq_completion)";
		base = str_head(quoted, quoted.len - 1);
	}
	base = without_instance(base, &star);
	return arena_printf(mem, ret, "%s" STR_FMT "%s" STR_FMT, prefix, STR_ARG(base), star,
			    STR_ARG(subclass));
}

/* Kernel code initialises many unrelated locks with these very words. */
static const char *const anonymous[] = {
	"key",
	"lock",
	"&lock",
	"mutex",
	"&mutex",
	"lock_key",
	"&priv->lock",
	"&priv->mutex",
	"&dev->mutex",
	"&dev->lock",
	"&p->lock",
	"&ctx->mutex",
	"&ctx->lock",
	"&port->lock",
	"&port->mutex",
	"&conn->lock",
	"&group->lock",
	"&group->mutex",
	"&client->mutex",
	"&client->lock",
	"&card->mutex",
	"&buf->lock",
	"&pool->lock",
	"&chan->lock",
	"&node->lock",
	"&event->mutex",
	"&event->lock",
	"&vq->mutex",
	"&q->lock",
	"&d->lock",
	"&cache->lock",
	"&tr->mutex",
	"&timer->lock",
	"&helper->lock",
	"register_mutex",
	"client_mutex",
	"prepare_lock",
	"registration_lock",
	"scan_mutex",
	"uuid_mutex",
	"core_lock",
	"&type->s_umount_key",
	"&sb->s_type->i_mutex_key",
	"&type->i_mutex_dir_key",
	"&type->i_mutex_key",
	"&sb->s_type->i_lock_key",
	"sb_writers",
	"sb_internal",
	"sb_pagefaults",
	"kn->active",
	"&l->lock",
	"&x->lock",
	"&data->lock",
	"&data->mutex",
	"&info->lock",
	"&info->mutex",
	"&map->lock",
	"&s->lock",
	"&c->lock",
	"&m->lock",
	"&inst->lock",
	"&cmd->lock",
	"&state->lock",
	"&host->lock",
	"&table->lock",
};

bool lock_is_anonymous(struct str name)
{
	struct str subclass, base = without_rlock(without_version(name, &subclass));

	base = current_spelling(base);
	for (size_t i = 0; i < ARRAY_SIZE(anonymous); i++)
		if (str_is(base, anonymous[i]))
			return true;
	return false;
}
