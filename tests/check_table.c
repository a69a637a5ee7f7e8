/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "check_unsplat.h"
#include "unsplat/table.h"

START_TEST(strings_are_kept_once)
{
	struct intern *t = intern_new();
	char name[32];
	uint32_t id;

	ck_assert_ptr_nonnull(t);
	ck_assert(!intern_find(t, STR("a"), &id));
	for (int again = 0; again < 2; again++)
		for (uint32_t i = 0; i < 5000; i++) {
			int n = snprintf(name, sizeof(name), "name %u", i);

			id = UINT32_MAX;
			ck_assert_int_eq(intern_add(t, (struct str){ name, (size_t)n }, &id), 0);
			ck_assert_uint_eq(id, i);
		}
	ck_assert_uint_eq(intern_count(t), 5000);
	ck_assert_view(intern_str(t, 4999), "name 4999");
	ck_assert(intern_find(t, STR("name 17"), &id));
	ck_assert_uint_eq(id, 17);
	ck_assert_int_eq(intern_add(t, STR(""), &id), 0);
	ck_assert_uint_eq(intern_str(t, id).len, 0);
	intern_free(t);
	intern_free(NULL);
}
END_TEST

START_TEST(numbers)
{
	struct map m = { 0 };
	uint32_t value = 77;

	ck_assert(!map_find(&m, 0, &value));
	for (int again = 0; again < 2; again++)
		for (uint32_t i = 0; i < 5000; i++) {
			ck_assert_int_eq(map_add(&m, (uint64_t)i << 32, i, &value), 0);
			ck_assert_uint_eq(value, i);
		}
	ck_assert_uint_eq(m.n, 5000);
	ck_assert_int_eq(map_add(&m, 0, 9, &value), 0);
	ck_assert_uint_eq(value, 0); /* what was there first stays */
	ck_assert(!map_find(&m, 1, &value));
	map_done(&m);
}
END_TEST

START_TEST(hashes)
{
	ck_assert(hash_mix(1, 2) != hash_mix(2, 1));
	ck_assert(str_hash(STR("a")) != str_hash(STR("b")));
	ck_assert(str_hash((struct str){ NULL, 0 }) == str_hash(STR("")));
}
END_TEST

Suite *table_suite(void)
{
	Suite *s = suite_create("table");
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, strings_are_kept_once);
	tcase_add_test(tc, numbers);
	tcase_add_test(tc, hashes);
	suite_add_tcase(s, tc);
	return s;
}
