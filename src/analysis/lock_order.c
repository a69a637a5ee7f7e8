/* SPDX-License-Identifier: MIT */
#include "lock_order.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "memo.h"
#include "regex.h"

/*
 * Facts about pairs of locks. Plain names make a graph as well: what is outside of something that
 * is outside of a third lock is outside of that, unless the same can be said the other way round.
 */
enum certainty { DOCUMENTED, ANNOTATED, USUAL, SEEN };

static const struct order {
	const char *outer, *inner;
	enum certainty certainty;
	const char *source;
} orders[] = {
#define ORDER(outer, inner, certainty, source) { outer, inner, certainty, source },
#include "lock_order.inc"
#include "lock_seen.inc"
#undef ORDER
};

/* In halves. */
static const unsigned int certainties[] = {
	[DOCUMENTED] = 2, [ANNOTATED] = 2, [USUAL] = 1, [SEEN] = 1
};
#define FOLLOWS_FROM_OTHERS 1

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
	/* by the files that define them, and how many callers they have (6.1, 6.12) */
	{ REACH_CORE,
	  "sched_domains_mutex|cgroup_threadgroup_rwsem|cpuset_(mutex|rwsem)|acpi_scan_lock|input_mutex|minors?_rwsem|"
	  "misc_mtx|dev_pm_qos_mtx|mtd_table_mutex|&rdev->wiphy\\.mtx|icc_(bw_)?lock|&rdma_nl_types.*|"
	  "usb_bus_idr_lock|thermal_(list|governor)_lock|leds_list_lock|triggers_list_lock|rfkill_global_mutex|"
	  "shrinker_(rwsem|mutex)|key_types_sem|irq_domain_mutex|irq_mapping_update_lock|sparse_irq_lock|"
	  "&desc->request_mutex|drm_global_mutex|crtc_ww_class_.*|snd_card_mutex|sound_mutex|oom_lock|"
	  "device_hotplug_lock|cpu_add_remove_lock|system_transition_mutex|stop_cpus_mutex|trace_types_lock|"
	  "tracepoints_mutex|kprobe_mutex|ftrace_lock|direct_mutex|udc_lock|&?devlink.*|nlk_cb_mutex-.*|net_rwsem|"
	  "inet6?addr_chain.*|console_(mutex|srcu)" },
	/* spin locks that code of all subsystems takes (security/selinux, fs/fcntl.c, net/core/dev.c) */
	{ REACH_LEAF,
	  "&selinux_ss\\.policy_rwlock|&(new|fown|f_owner)->(fa_)?lock|&f->f_owner\\.lock|napi_hash_lock|"
	  "&sighand->siglock|&zone->lock|&p->alloc_lock|&fs->lock" },
};

/* A lock with a plain name, and the orders in which it is the outer one: [first, first + n). */
struct node {
	const char *name;
	uint32_t first, n;
	bool shared; /* what is inside of one lock of that name need not be inside of another */
};

struct lock_order {
	struct regex *outer[ARRAY_SIZE(orders)],
		*inner[ARRAY_SIZE(orders)];   /* NULL: a plain name */
	uint16_t pattern[ARRAY_SIZE(orders)]; /* orders with a regular expression */
	size_t n_patterns;
	struct node node[2 * ARRAY_SIZE(orders)]; /* by name */
	size_t n_nodes;
	struct way {
		uint16_t from, to, order;
	} way[ARRAY_SIZE(orders)]; /* the other orders, by from */
	size_t n_ways;
	struct regex *reach[ARRAY_SIZE(reaches)];
	struct memo *memo;	 /* of orders, in halves */
	struct memo *reach_memo; /* of enum lock_reach */
};
static_assert(2 * ARRAY_SIZE(orders) <= UINT16_MAX, "the number of a lock must fit");

static bool compile(const char *name, struct regex **ret)
{
	if (*name != '~')
		return true;
	*ret = regex_new(name + 1);
	return *ret != NULL;
}

static int node_by_name(const void *a, const void *b)
{
	const struct node *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int way_by_from(const void *a, const void *b)
{
	const struct way *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* @return the number of a lock; n_nodes: no row has its name */
static uint16_t find_node(const struct lock_order *o, const char *name)
{
	struct node key = { .name = name };
	const struct node *n = bsearch(&key, o->node, o->n_nodes, sizeof(*o->node), node_by_name);

	return (uint16_t)(n ? (size_t)(n - o->node) : o->n_nodes);
}

/*
 * Names of several unrelated locks: two rows about one may be about two. That of kernfs_open_file
 * has three classes of one name (fs/kernfs/file.c, 6.12).
 */
static const char *const shared_names[] = {
	"lock",
	"key",
	"lru_lock",
	"state_mutex",
	"table_lock",
	"core_lock",
	"open_lock",
	"bus_lock",
	"msg_lock",
	"register_mutex",
	"_hash_lock",
	"request_class",
	"lock_class",
	"&b->lock",
	"&buf->lock",
	"&c->lock",
	"&client->lock",
	"&clp->cl_lock",
	"&cmd->lock",
	"&conn->lock",
	"&ctx->lock",
	"&ctx->mutex",
	"&d->lock",
	"&data->lock",
	"&dev->lock",
	"&dev->mutex",
	"&ei->i_data_sem",
	"&entry->lock",
	"&file->mutex",
	"&group->lock",
	"&group->mutex",
	"&info->lock",
	"&ioc->lock",
	"&iommu->lock",
	"&n->lock",
	"&new->lock",
	"&node->lock",
	"&ns->lock",
	"&obj->lock",
	"&object->lock",
	"&of->mutex",
	"&port->lock",
	"&priv->lock",
	"&priv->mcast_mutex",
	"&q->lock",
	"&q->mmap_lock",
	"&s->lock",
	"&sbi->lock",
	"&sbi->s_lock",
	"&subsys->lock",
	"&vm->mutex",
	"&xa->xa_lock",
	"&card->mutex",
};

static bool is_plain(const struct order *order)
{
	return *order->outer != '~' && *order->inner != '~';
}

static void make_graph(struct lock_order *o)
{
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		if (!is_plain(&orders[i])) {
			o->pattern[o->n_patterns++] = (uint16_t)i;
			continue;
		}
		o->node[n++].name = orders[i].outer;
		o->node[n++].name = orders[i].inner;
	}
	qsort(o->node, n, sizeof(*o->node), node_by_name);
	for (size_t i = 0; i < n; i++)
		if (!i || strcmp(o->node[i].name, o->node[o->n_nodes - 1].name))
			o->node[o->n_nodes++] = o->node[i];
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++)
		if (is_plain(&orders[i]))
			o->way[o->n_ways++] =
				(struct way){ find_node(o, orders[i].outer),
					      find_node(o, orders[i].inner), (uint16_t)i };
	for (size_t i = 0; i < ARRAY_SIZE(shared_names); i++) {
		uint16_t node = find_node(o, shared_names[i]);

		if (node < o->n_nodes)
			o->node[node].shared = true;
	}
	qsort(o->way, o->n_ways, sizeof(*o->way), way_by_from);
	for (size_t i = o->n_ways; i-- > 0;) {
		struct node *from = &o->node[o->way[i].from];

		from->first = (uint32_t)i;
		from->n++;
	}
}

struct lock_order *lock_order_new(void)
{
	struct lock_order *o = calloc(1, sizeof(*o));
	bool fine = o != NULL;

	if (o) {
		o->memo = memo_new();
		o->reach_memo = memo_new();
	}
	fine = fine && o->memo && o->reach_memo;
	if (fine)
		make_graph(o);
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
	free(o->reach_memo);
	free(o);
}

static bool is_named(const struct regex *re, const char *name, const struct lock_names *lock)
{
	if (re)
		return regex_match(re, lock->stable) || regex_match(re, lock->common);
	return str_is(lock->stable, name) || str_is(lock->common, name);
}

/* The numbers of a lock under its names, as printed and without subclass; n_nodes where there is none. */
#define NODE_NAMES 4
static void name_nodes(const struct lock_order *o, const struct lock_names *lock,
		       uint16_t ret[NODE_NAMES])
{
	struct str names[NODE_NAMES] = { lock->stable, lock->common,
					 lock_without_subclass(lock->stable),
					 lock_without_subclass(lock->common) };
	char text[256];

	for (size_t i = 0; i < NODE_NAMES; i++) {
		ret[i] = (uint16_t)o->n_nodes;
		if (names[i].len >= sizeof(text))
			continue; /* no row is that long */
		memcpy(text, names[i].p, names[i].len);
		text[names[i].len] = '\0';
		ret[i] = find_node(o, text);
	}
}

static bool is_among(uint16_t node, const uint16_t nodes[NODE_NAMES])
{
	for (size_t i = 0; i < NODE_NAMES; i++)
		if (nodes[i] == node)
			return true;
	return false;
}

/* The rows of which a lock is the outer one. */
static const struct way *ways_from(const struct lock_order *o, uint16_t node, size_t *n)
{
	*n = node < o->n_nodes ? o->node[node].n : 0;
	return *n ? &o->way[o->node[node].first] : NULL;
}

/* Whether somebody wrote down that a lock is outside of another one. */
static bool has_row(const struct lock_order *o, uint16_t node, const uint16_t to[NODE_NAMES])
{
	size_t n;
	const struct way *way = ways_from(o, node, &n);

	for (size_t i = 0; i < n; i++)
		if (orders[way[i].order].certainty != SEEN && is_among(way[i].to, to))
			return true;
	return false;
}

/* What the rows say of the pair itself. */
static unsigned int find_row(const struct lock_order *o, const struct lock_names *outer,
			     const struct lock_names *inner, const uint16_t from[NODE_NAMES],
			     const uint16_t to[NODE_NAMES])
{
	unsigned int best = 0;

	for (size_t i = 0; i < o->n_patterns; i++) {
		const struct order *row = &orders[o->pattern[i]];

		if (certainties[row->certainty] > best &&
		    is_named(o->outer[o->pattern[i]], row->outer, outer) &&
		    is_named(o->inner[o->pattern[i]], row->inner, inner))
			best = certainties[row->certainty];
	}
	for (size_t i = 0; i < NODE_NAMES; i++) {
		size_t n;
		const struct way *way = ways_from(o, from[i], &n);

		for (size_t k = 0; k < n; k++) {
			unsigned int certainty = certainties[orders[way[k].order].certainty];

			if (is_among(way[k].to, to) && certainty > best)
				best = certainty;
		}
	}
	return best;
}

/*
 * Whether two rows that somebody wrote down lead from one lock to the other. More of them are not
 * put together: they go through locks of which each has many instances.
 */
static bool leads_to(const struct lock_order *o, const uint16_t from[NODE_NAMES],
		     const uint16_t to[NODE_NAMES])
{
	for (size_t i = 0; i < NODE_NAMES; i++) {
		size_t n;
		const struct way *first = ways_from(o, from[i], &n);

		for (size_t k = 0; k < n; k++)
			if (orders[first[k].order].certainty != SEEN &&
			    !o->node[first[k].to].shared && has_row(o, first[k].to, to))
				return true;
	}
	return false;
}

static unsigned int find_order(const struct lock_order *o, const struct lock_names *outer,
			       const struct lock_names *inner)
{
	uint16_t from[NODE_NAMES], to[NODE_NAMES];
	unsigned int best;

	name_nodes(o, outer, from);
	name_nodes(o, inner, to);
	best = find_row(o, outer, inner, from, to);
	if (best || find_row(o, inner, outer, to, from))
		return best;
	return leads_to(o, from, to) && !leads_to(o, to, from) ? FOLLOWS_FROM_OTHERS : 0;
}

double lock_order_known(const struct lock_order *o, const struct lock_names *outer,
			const struct lock_names *inner)
{
	/* The common names follow from the stable ones. */
	uint64_t hash = memo_hash(o->memo, outer->stable) * 3 + memo_hash(o->memo, inner->stable);
	int halves = memo_find(o->memo, hash);

	if (halves < 0) {
		halves = (int)find_order(o, outer, inner);
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

static enum lock_reach find_reach(const struct lock_order *o, const struct lock_names *lock)
{
	for (size_t i = 0; i < ARRAY_SIZE(reaches); i++)
		if (regex_match(o->reach[i], lock_without_subclass(lock->common)) ||
		    regex_match(o->reach[i], lock_without_subclass(lock->stable)))
			return reaches[i].reach;
	return REACH_SPECIFIC;
}

enum lock_reach lock_reach(const struct lock_order *o, const struct lock_names *lock)
{
	/* The common name follows from the stable one. */
	uint64_t hash = memo_hash(o->reach_memo, lock->stable);
	int reach = memo_find(o->reach_memo, hash);

	if (reach < 0) {
		reach = (int)find_reach(o, lock);
		memo_keep(o->reach_memo, hash, (unsigned int)reach);
	}
	return (enum lock_reach)reach;
}
