/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "check_unsplat.h"
#include "unsplat/atlas.h"

/* Which names become one lock, told by single edges between them. */

static struct atlas *atlas;

static void place(const void *ctx, const stack *s, struct place *ret)
{
	(void)ctx;
	*ret = (struct place){ .boot = false };
	if (s->n)
		*ret = (struct place){ s->p[s->n - 1].function, s->p[s->n - 1].module, false };
}

static void setup(void)
{
	const struct atlas_options opt = { .place = place };

	atlas = atlas_new(&opt);
	ck_assert_ptr_nonnull(atlas);
}

static void teardown(void)
{
	atlas_free(atlas);
}

/* A report with the edges from -> to, both taken in @p function of @p module. */
static void add(const char *const (*edges)[2], size_t n, const char *function, const char *module,
		const char *source)
{
	struct arena *mem = arena_new();
	struct report *r = arena_alloc(mem, sizeof(*r));
	struct frame f = { .function = str_of(function),
			   .module = str_of(module),
			   .reliable = true };
	stack frames = { &f, 1, 1 };
	struct sighting s = { .r = r };

	*r = (struct report){ .mem = mem, .source = source, .line = 1, .count = 1 };
	r->kernel.release = STR("6.1.0");
	for (size_t i = 0; i < n; i++) {
		struct dependency *d = vec_push(mem, &s.edges);

		*d = (struct dependency){ .index = (int64_t)i,
					  .held = -1,
					  .from = str_of(edges[i][0]),
					  .to = str_of(edges[i][1]),
					  .frames = &frames };
	}
	ck_assert_int_eq(atlas_add(atlas, &s), 0);
	report_free(r);
}

static void add_one(const char *from, const char *to, const char *function, const char *module)
{
	const char *const edge[1][2] = { { from, to } };

	add(edge, 1, function, module, "a.log");
}

static void expect_locks(const char *const *names)
{
	ck_assert_int_eq(atlas_finish(atlas), 0);
	for (uint32_t i = 0; names[i]; i++) {
		ck_assert_uint_lt(i, atlas_locks(atlas));
		ck_assert_view(atlas_lock(atlas, i)->name, names[i]);
		ck_assert(i + 1 < atlas_locks(atlas) || !names[i + 1]);
	}
}

START_TEST(numbers_of_the_boot)
{
	static const char *const names[] = { "a_lock", "b_lock", "b_lock/1", NULL };

	add_one("a_lock#2", "b_lock", "f", "");
	add_one("a_lock", "b_lock#17", "f", "");
	add_one("a_lock", "b_lock#3/1", "f", "");
	expect_locks(names);
	ck_assert_uint_eq(atlas_edges(atlas), 2);
	ck_assert_uint_eq(atlas_edge(atlas, 0)->count, 2);
	ck_assert_uint_eq(atlas_lock(atlas, 0)->reports, 2); /* by their locks: none is signed */
}
END_TEST

START_TEST(names_that_changed)
{
	static const char *const names[] = { "&mm->mmap_lock", "(wq_completion)hci*",
					     "cpu_hotplug_lock", NULL };

	add_one("&mm->mmap_sem", "cpu_hotplug_lock.rw_sem", "f", "");
	add_one("&mm->mmap_lock", "cpu_hotplug_lock", "f", "");
	add_one("&mm->mmap_lock", "(wq_completion)hci0", "f", "");
	add_one("&mm->mmap_lock", "(wq_completion)hci3#2", "f", "");
	expect_locks(names);
}
END_TEST

START_TEST(names_that_say_nothing)
{
	static const char *const names[] = { "&priv->lock [g]", "&priv->lock [usb]", "a_lock",
					     NULL };

	add_one("a_lock", "&priv->lock", "f", "usb");
	add_one("a_lock", "&priv->lock#4", "h", "usb"); /* another function of that module */
	add_one("a_lock", "&priv->lock", "g", "");
	expect_locks(names);
	ck_assert(atlas_lock(atlas, 0)->anonymous);
}
END_TEST

START_TEST(file_systems)
{
	static const char *const names[] = { "a_lock", "sb_writers [ext4]", "sb_writers [xfs]",
					     NULL };

	add_one("a_lock", "sb_writers#3", "ext4_setattr", "");
	add_one("a_lock", "sb_writers#5", "ext4_file_write_iter", "");
	add_one("a_lock", "sb_writers#5", "xfs_setattr", "");
	expect_locks(names);
}
END_TEST

/* Two names of one report are two locks, whatever they have in common. */
START_TEST(one_report)
{
	static const char *const edges[3][2] = { { "a_lock#2", "a_lock" },
						 { "a_lock", "a_lock#9" },
						 { "a_lock#9", "a_lock#2" } };
	static const char *const names[] = { "a_lock", "a_lock (2)", "a_lock (3)", NULL };

	add(edges, 3, "f", "", "a.log");
	expect_locks(names);
	ck_assert_uint_eq(atlas_edges(atlas), 3);
	for (uint32_t i = 0; i < 3; i++)
		ck_assert_uint_ne(atlas_edge(atlas, i)->from, atlas_edge(atlas, i)->to);
}
END_TEST

/* A bounded number of stacks and sources: those that any order of inputs keeps. */
START_TEST(bounds)
{
	char function[16], source[16];

	for (unsigned int i = 0; i < 40; i++) {
		const char *const edge[1][2] = { { "a_lock", "b_lock" } };
		unsigned int k = _i ? 39 - i : i;

		snprintf(function, sizeof(function), "f%02u", k);
		snprintf(source, sizeof(source), "s%02u.log", k);
		add(edge, 1, function, "", source);
	}
	ck_assert_int_eq(atlas_finish(atlas), 0);
	ck_assert_uint_eq(atlas_edge(atlas, 0)->count, 40);
	ck_assert_uint_eq(atlas_edge(atlas, 0)->n_stacks, ATLAS_STACKS_MAX);
	ck_assert_uint_eq(atlas_edge(atlas, 0)->sources.n, ATLAS_SOURCES_MAX);
	ck_assert(atlas_edge(atlas, 0)->more_sources);
	for (uint32_t i = 0; i < ATLAS_SOURCES_MAX; i++) {
		snprintf(source, sizeof(source), "s%02u.log", i);
		ck_assert_view(atlas_source(atlas, atlas_edge(atlas, 0)->sources.p[i]), source);
	}
	for (unsigned int i = 1; i < ATLAS_STACKS_MAX; i++)
		ck_assert(atlas_edge(atlas, 0)->stacks[i - 1].path <
			  atlas_edge(atlas, 0)->stacks[i].path);
}
END_TEST

Suite *atlas_suite(void)
{
	Suite *s = suite_create("atlas");
	TCase *tc = tcase_create("atlas");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, numbers_of_the_boot);
	tcase_add_test(tc, names_that_changed);
	tcase_add_test(tc, names_that_say_nothing);
	tcase_add_test(tc, file_systems);
	tcase_add_test(tc, one_report);
	tcase_add_loop_test(tc, bounds, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
