/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "analysis/features.h"
#include "check_unsplat.h"
#include "sample.h"

/* Each feature with an edge that has it, and edges that must not. */
static const struct {
	const char *name, *from, *to, *frame;
	double value; /* 0: it must not be there */
	bool closing, insufficient, service, apart;
	const char *remedy;
} rows[] = {
	{ "closed-the-cycle", "&a", "&b", "own", 1, .closing = true },
	{ "closed-the-cycle", "&a", "&b", "own", 0 },
	{ "follows-known-order", "&sb->s_type->i_mutex_key#5", "&mm->mmap_sem", "own", 1 },
	{ "follows-known-order", "&mm->mmap_sem", "&sb->s_type->i_mutex_key#5", "own", 0 },
	/* on which queue work runs is a choice, no order */
	{ "follows-known-order", "(wq_completion)events", "(work_completion)(&x->work)", "own", 0 },
	{ "against-known-order", "&mm->mmap_lock#2", "&sb->s_type->i_mutex_key", "own", 1 },
	{ "against-known-order", "&a", "&b", "own", 0 },
	/* of a row without subclass; from rows that lead from one to the other; seen in a running kernel */
	{ "follows-known-order", "sb_writers#3", "&type->i_mutex_dir_key#7/1", "own", 1 },
	{ "follows-known-order", "&disk->open_mutex", "&lo->lo_mutex", "own", 1 },
	{ "follows-known-order", "&type->s_umount_key#41", "&lo->lo_mutex", "own", 0.5 },
	{ "against-known-order", "&lo->lo_mutex", "&type->s_umount_key#41/1", "own", 0.5 },
	{ "follows-known-order", "&lo->lo_mutex", "&type->s_umount_key#41/1", "own", 0 },
	{ "follows-known-order", "&q->debugfs_mutex", "&sb->s_type->i_mutex_key#3", "own", 0.5 },
	{ "into-wider-lock", "&drv->lock", "rtnl_mutex", "own", 1 },
	{ "into-wider-lock", "&drv->lock", "kernfs_mutex", "own", 1 },
	{ "into-wider-lock", "rtnl_mutex", "&drv->lock", "own", 0 },
	{ "into-narrower-lock", "rtnl_mutex", "&drv->lock", "own", 1 },
	{ "into-narrower-lock", "&a", "&b", "own", 0 },
	{ "in-shrinker", "&a", "&b", "shrink_slab.constprop.0", 1 },
	{ "in-shrinker", "&a", "&b", "own", 0 },
	{ "own-lock-over-service", "&drv->lock", "&b", "own", 1, .service = true },
	{ "own-lock-over-service", "rtnl_mutex", "&b", "own", 0, .service = true },
	{ "own-lock-over-service", "&drv->lock", "&b", "own", 0 },
	{ "own-lock-over-service", "pcpu_alloc_mutex", "&b", "own", 0, .service = true },
	{ "own-lock-over-service", "&ctx->uring_lock", "&mm->mmap_lock", "own", 0,
	  .service = true },
	{ "bystander", "&mm->mmap_lock", "&b", "handle_mm_fault", 1 },
	{ "bystander", "&a", "&mm->mmap_lock", "iterate_dir", 1 },
	{ "bystander", "(work_completion)(&lo->rootcg_work)", "sb_writers#3", "own", 1 },
	{ "bystander", "&disk->open_mutex", "&lo->lo_mutex", "own", 1 },
	{ "bystander", "&lo->lo_mutex", "(wq_completion)loop0", "own", 0 },
	{ "bystander", "&solo->lock", "&b", "own", 0 },
	{ "apart-from-closing", "&a", "&b", "own", 1, .apart = true },
	{ "apart-from-closing", "&a", "&b", "own", 0 },
	{ "socket-lock-held", "sk_lock-AF_INET", "&b", "own", 1 },
	{ "socket-lock-held", "&b", "sk_lock-AF_INET", "own", 0 },
	{ "not-sufficient", "&a", "&b", "own", 1, .insufficient = true },
	{ "not-sufficient", "&a", "&b", "own", 0 },
	{ "false-positive", "&a", "&b", "own", 1, .remedy = "annotate" },
	{ "false-positive", "&a", "&b", "own", 0 },
};

START_TEST(feature)
{
	struct lock_order *order = lock_order_new();
	struct arena *mem = arena_new();
	struct frame frame = { .function = str_of(rows[_i].frame), .reliable = true };
	stack frames = { &frame, 1, 1 };
	struct edge_view view = { .frames = &frames, .context = 1 };
	struct pattern_row pattern = { .service = rows[_i].service,
				       .remedy = rows[_i].remedy ? rows[_i].remedy : "other" };
	struct feature_input in = { .order = order,
				    .edge = &view,
				    .pattern = &pattern,
				    .closing = rows[_i].closing,
				    .apart = rows[_i].apart,
				    .sufficient = !rows[_i].insufficient };
	feature_values values = { 0 };
	double sum, want = 0, value = 0;

	ck_assert_int_eq(lock_stable_name(mem, str_of(rows[_i].from), &in.from.stable), 0);
	ck_assert_int_eq(lock_common_name(mem, str_of(rows[_i].from), &in.from.common), 0);
	ck_assert_int_eq(lock_stable_name(mem, str_of(rows[_i].to), &in.to.stable), 0);
	ck_assert_int_eq(lock_common_name(mem, str_of(rows[_i].to), &in.to.common), 0);
	sum = features_weigh(&in, mem, &values);
	for (size_t i = 0; i < values.n; i++) {
		want += values.p[i].value * values.p[i].weight;
		if (!strcmp(values.p[i].name, rows[_i].name))
			value = values.p[i].value;
	}
	ck_assert_double_eq_tol(value, rows[_i].value, 1e-9);
	ck_assert_double_eq_tol(sum, want, 1e-9);
	arena_free(mem);
	lock_order_free(order);
}
END_TEST

Suite *features_suite(void)
{
	Suite *s = suite_create("features");
	TCase *tc = tcase_create("features");

	tcase_add_loop_test(tc, feature, 0, ARRAY_SIZE(rows));
	suite_add_tcase(s, tc);
	return s;
}
