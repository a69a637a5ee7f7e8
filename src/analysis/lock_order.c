/* SPDX-License-Identifier: MIT */
#include "lock_order.h"

#include <stdlib.h>

#include "memo.h"
#include "regex.h"

enum certainty { DOCUMENTED, ANNOTATED, USUAL };

static const struct order {
	const char *outer, *inner;
	enum certainty certainty;
	const char *source;
} orders[] = {
#define ORDER(outer, inner, certainty, source) { outer, inner, certainty, source },
#include "lock_order.inc"
#undef ORDER
};

static const double certainties[] = { [DOCUMENTED] = 1, [ANNOTATED] = 1, [USUAL] = 0.5 };

/*
 * Names by their reach, widest first. Source: the tiers and the "world locks" that the kernel's
 * own documentation and sources show (Documentation/locking, mm/rmap.c, kernel/cpu.c,
 * net/core/rtnetlink.c, fs/super.c, kernel/workqueue.c, drivers/dma-buf/dma-resv.c; 6.1, 6.12).
 */
static const struct reach_row {
	enum lock_reach reach;
	const char *name;
} reaches[] = {
	{ REACH_WORLD,
	  "fs_reclaim|cpu_hotplug_lock|cpuhp_state.*|rtnl_mutex|pernet_ops_rwsem|kn->active|"
	  "console_(lock|owner)|\\(console_sem\\)\\.lock|&disk->open_mutex|sb_(writers|internal)|"
	  "&q->q_usage_counter.*|&type->s_umount_key|&sb->s_type->i_mutex_key|"
	  "&type->i_mutex_dir_key|&mm->mmap_lock|\\(complet(e|ion)\\).*|pcpu_alloc_mutex|"
	  "mmu_notifier.*|dma_fence.*|reservation_ww.*|slab_mutex|event_mutex|genl_mutex|cb_lock|"
	  "cgroup_mutex|&p->lock|&of->mutex|tasklist_lock" },
	{ REACH_WORLD,
	  "\\((work|wq)_completion\\).*|\\(\\(?&.*(work|timer)\\)?\\)?|\\(.*_work\\)\\.work|"
	  "events(_.*)?|\\(\\(&.*\\)\\)" },
	{ REACH_CORE,
	  "kernfs_.*|&root->kernfs.*|prepare_lock|regulator.*|gpd_list_lock|&genpd->mlock.*|"
	  "device_links.*|dpm_list_mtx|umhelper_sem|crypto.*|major_names_lock|bdev_lookup_sem|clk_.*|"
	  "opp_table.*|client_mutex|register_mutex|video_lock|.*_(chain|notifier)\\)?\\.rwsem|"
	  "\\(.*(chain|notifier).*\\)\\.rwsem|iommu.*|&q->(sysfs|debugfs|elevator).*|sysfs_.*|"
	  "pci_(rescan_remove_lock|bus_sem)|(text|jump_label)_mutex|pmus_lock|wq_pool.*|rcu_.*|"
	  "&?dentry.*|mount_lock|namespace_sem|rename_lock|module_mutex|mem_hotplug_lock|"
	  "&dev->mode_config\\.mutex|fb_.*|&card->(controls|pcm).*|i2c.*|tty_mutex|&shost->.*|"
	  "cred_guard.*|devices_rwsem" },
	/* spin locks that code of all subsystems takes (security/selinux, fs/fcntl.c, net/core/dev.c) */
	{ REACH_LEAF,
	  "&selinux_ss\\.policy_rwlock|&(new|fown|f_owner)->(fa_)?lock|&f->f_owner\\.lock|napi_hash_lock|"
	  "&sighand->siglock|&zone->lock|&p->alloc_lock|&fs->lock" },
};

struct lock_order {
	struct regex *outer[ARRAY_SIZE(orders)],
		*inner[ARRAY_SIZE(orders)]; /* NULL: a plain name */
	struct regex *reach[ARRAY_SIZE(reaches)];
	struct memo *memo; /* of orders, in halves */
};

static bool compile(const char *name, struct regex **ret)
{
	if (*name != '~')
		return true;
	*ret = regex_new(name + 1);
	return *ret != NULL;
}

struct lock_order *lock_order_new(void)
{
	struct lock_order *o = calloc(1, sizeof(*o));
	bool fine = o != NULL;

	if (o)
		o->memo = memo_new();
	fine = fine && o->memo;
	for (size_t i = 0; fine && i < ARRAY_SIZE(orders); i++)
		fine = compile(orders[i].outer, &o->outer[i]) &&
		       compile(orders[i].inner, &o->inner[i]);
	for (size_t i = 0; fine && i < ARRAY_SIZE(reaches); i++) {
		o->reach[i] = regex_new(reaches[i].name);
		fine = o->reach[i] != NULL;
	}
	if (fine)
		return o;
	lock_order_free(o);
	return NULL;
}

void lock_order_free(struct lock_order *o)
{
	if (!o)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		regex_free(o->outer[i]);
		regex_free(o->inner[i]);
	}
	for (size_t i = 0; i < ARRAY_SIZE(reaches); i++)
		regex_free(o->reach[i]);
	free(o->memo);
	free(o);
}

static bool is_named(const struct regex *re, const char *name, const struct lock_names *lock)
{
	if (re)
		return regex_match(re, lock->stable) || regex_match(re, lock->common);
	if ((lock->stable.len && *lock->stable.p == *name && str_eq(lock->stable, str_of(name))))
		return true;
	return lock->common.len && *lock->common.p == *name && str_eq(lock->common, str_of(name));
}

static double find_order(const struct lock_order *o, const struct lock_names *outer,
			 const struct lock_names *inner)
{
	double best = 0;

	for (size_t i = 0; i < ARRAY_SIZE(orders) && best < 1; i++)
		if (certainties[orders[i].certainty] > best &&
		    is_named(o->outer[i], orders[i].outer, outer) &&
		    is_named(o->inner[i], orders[i].inner, inner))
			best = certainties[orders[i].certainty];
	return best;
}

double lock_order_known(const struct lock_order *o, const struct lock_names *outer,
			const struct lock_names *inner)
{
	/* The common names follow from the stable ones. */
	uint64_t hash = memo_hash(o->memo, outer->stable) * 3 + memo_hash(o->memo, inner->stable);
	int halves = memo_find(o->memo, hash);

	if (halves < 0) {
		halves = (int)(2 * find_order(o, outer, inner));
		memo_keep(o->memo, hash, (unsigned int)halves);
	}
	return halves / 2.0;
}

struct str lock_without_subclass(struct str s)
{
	return s.len > 2 && s.p[s.len - 2] == '/' && is_digit(s.p[s.len - 1]) ?
		       str_head(s, s.len - 2) :
		       s;
}

enum lock_reach lock_reach(const struct lock_order *o, const struct lock_names *lock)
{
	for (size_t i = 0; i < ARRAY_SIZE(reaches); i++)
		if (regex_match(o->reach[i], lock_without_subclass(lock->common)) ||
		    regex_match(o->reach[i], lock_without_subclass(lock->stable)))
			return reaches[i].reach;
	return REACH_SPECIFIC;
}
