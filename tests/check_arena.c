/* SPDX-License-Identifier: MIT */
#include "unsplat/arena.h"

#include <errno.h>
#include <string.h>

#include "check_unsplat.h"

static struct arena *mem;

static void setup(void)
{
	mem = arena_new();
	ck_assert_ptr_nonnull(mem);
}

static void teardown(void)
{
	arena_free(mem);
}

/* Sizes around those that decide: nothing, the alignment, a block, far over a block. */
static const size_t sizes[] = { 0, 1, 15, 16, 17, 16383, 16384, 16385, 1000000 };

START_TEST(alloc)
{
	size_t n = sizes[_i];
	unsigned char *before = arena_alloc(mem, 3), *p = arena_alloc(mem, n);
	unsigned char *after = arena_alloc(mem, 3), used = 0;

	ck_assert_ptr_nonnull(before);
	ck_assert_ptr_nonnull(p);
	ck_assert_ptr_nonnull(after);
	ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t), 0);
	for (size_t i = 0; i < n; i++)
		used |= p[i];
	ck_assert_uint_eq(used, 0);
	memset(before, 1, 3);
	memset(after, 2, 3);
	memset(p, 3, n);
	ck_assert(before[0] == 1 && before[2] == 1 && after[0] == 2 && after[2] == 2);
	ck_assert_uint_ge(arena_used(mem), n + 6);
}
END_TEST

START_TEST(alloc_too_much)
{
	size_t used = arena_used(mem);

	ck_assert_ptr_null(arena_alloc(mem, SIZE_MAX));
	ck_assert_ptr_null(arena_alloc(mem, SIZE_MAX - 15));
	ck_assert_ptr_null(arena_alloc(mem, SIZE_MAX / 2 + 17));
	ck_assert_uint_eq(arena_used(mem), used);
}
END_TEST

START_TEST(many_blocks)
{
	size_t *p[4096];

	for (size_t i = 0; i < ARRAY_SIZE(p); i++) {
		p[i] = arena_alloc(mem, 8 + i % 100);
		ck_assert_ptr_nonnull(p[i]);
		ck_assert_uint_eq(*p[i], 0);
		*p[i] = i;
	}
	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		ck_assert_uint_eq(*p[i], i);
}
END_TEST

START_TEST(strings)
{
	char text[] = "lock\0name";
	struct str s = UNTOUCHED;

	ck_assert_int_eq(arena_str(mem, (struct str){ text, 9 }, &s), 0);
	ck_assert_uint_eq(s.len, 9);
	ck_assert(!memcmp(s.p, text, 10)); /* with the NUL behind it */
	ck_assert_ptr_ne(s.p, text);
	ck_assert_int_eq(arena_str(mem, (struct str){ NULL, 0 }, &s), 0);
	ck_assert(s.p && !s.len && !*s.p);
	ck_assert_int_eq(arena_printf(mem, &s, "%s #%d", "entry", 3), 0);
	ck_assert_view(s, "entry #3");
	ck_assert_int_eq(arena_printf(mem, &s, "%s", ""), 0);
	ck_assert(s.p && !s.len);
	ck_assert_int_eq(arena_printf(mem, &s, "%*d", 50000, 7), 0);
	ck_assert_uint_eq(s.len, 50000);
	ck_assert_int_eq(s.p[49999], '7');
}
END_TEST

START_TEST(vectors)
{
	VEC(uint32_t) v = { 0 };

	for (uint32_t i = 0; i < 1000; i++) {
		uint32_t *p = vec_push(mem, &v);

		ck_assert_ptr_nonnull(p);
		ck_assert_uint_eq(*p, 0);
		*p = i + 1;
		ck_assert_uint_eq(v.n, i + 1);
		ck_assert_uint_ge(v.cap, v.n);
	}
	for (uint32_t i = 0; i < v.n; i++)
		ck_assert_uint_eq(v.p[i], i + 1);
}
END_TEST

START_TEST(vector_full)
{
	char stays;
	void *p = &stays;
	size_t n = SIZE_MAX / 4, cap = n;

	ck_assert_ptr_null(vec_push_(mem, &p, &n, &cap, 16));
	ck_assert(p == &stays && n == SIZE_MAX / 4 && cap == n);
}
END_TEST

START_TEST(free_null)
{
	arena_free(NULL);
}
END_TEST

Suite *arena_suite(void)
{
	Suite *s = suite_create("arena");
	TCase *tc = tcase_create("arena");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, alloc, 0, ARRAY_SIZE(sizes));
	tcase_add_test(tc, alloc_too_much);
	tcase_add_test(tc, many_blocks);
	tcase_add_test(tc, strings);
	tcase_add_test(tc, vectors);
	tcase_add_test(tc, vector_full);
	tcase_add_test(tc, free_null);
	suite_add_tcase(s, tc);
	return s;
}
