/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"
#include "unsplat/analysis.h"

/* One bug, seen in many ways: locks of a cycle, each taken in a function of its own. */
struct cycle {
	const char *locks[4], *functions[4];
	size_t n;
};

static const struct cycle bug = { { "&mm->mmap_lock", "&card->big_lock", "&y_lock" },
				  { "take_mm", "take_card", "take_y" },
				  3 };

struct looks {
	size_t first;	     /* the lock of #0: which edge closed the cycle */
	const char *version; /* of the lock classes */
	const char *prefix;
	const char *comm, *release, *address;
	unsigned int offset;
};

static const struct looks plain = { 0, "", "", "prog/42", "6.1.0", "ffff888100000001", 0x10 };

static char *cycle_log(const struct cycle *c, const struct looks *l)
{
	char *text = NULL;
	size_t len = 0, n = c->n, first = l->first, last = (first + n - 1) % n;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	fprintf(out, "%sWARNING: possible circular locking dependency detected\n", l->prefix);
	fprintf(out, "%s%s #1 Not tainted\n", l->prefix, l->release);
	fprintf(out, "%s%s is trying to acquire lock:\n", l->prefix, l->comm);
	fprintf(out, "%s%s (%s%s){+.+.}, at: %s+0x%x/0x999\n", l->prefix, l->address,
		c->locks[first], l->version, c->functions[first], l->offset);
	fprintf(out, "%sbut task is already holding lock:\n", l->prefix);
	fprintf(out, "%s%s (%s%s){+.+.}, at: %s+0x%x/0x999\n", l->prefix, l->address,
		c->locks[last], l->version, c->functions[last], l->offset);
	for (size_t i = n; i-- > 0;) {
		fprintf(out, "%s-> #%zu (%s%s){+.+.}:\n", l->prefix, i, c->locks[(first + i) % n],
			l->version);
		fprintf(out, "%s       lock_acquire+0x%x/0x999\n", l->prefix, l->offset);
		fprintf(out, "%s       %s+0x%x/0x999\n", l->prefix, c->functions[(first + i) % n],
			l->offset);
		fprintf(out, "%s       do_syscall_64+0x1/0x2\n", l->prefix);
	}
	fprintf(out, "%sno locks held by %s.\n%sstack backtrace:\n%sCall Trace:\n", l->prefix,
		l->comm, l->prefix, l->prefix);
	fprintf(out, "%s %s+0x%x/0x999\n", l->prefix, c->functions[first], l->offset);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static struct analyst *analyst;

static void setup(void)
{
	analyst = analyst_new(NULL);
	ck_assert_ptr_nonnull(analyst);
}

static void teardown(void)
{
	analyst_free(analyst);
}

/* @return the signature of the only report of @p log, for free() */
static char *signature_of(const char *log)
{
	struct reading rd;
	struct verdict *v;
	struct report *r = only_report(log, &rd);
	char *signature;

	ck_assert_int_eq(verdict_make(analyst, r, &v), 0);
	signature = strndup(v->signature.len ? v->signature.p : "", v->signature.len);
	reading_done(&rd);
	return signature;
}

static char *signature_of_cycle(const struct cycle *c, const struct looks *l)
{
	char *log = cycle_log(c, l), *signature = signature_of(log);

	free(log);
	return signature;
}

static const struct looks variants[] = {
	{ 0, "", "", "prog/42", "6.1.0", "ffff888100000001", 0x10 },
	{ 1, "", "", "prog/42", "6.1.0", "ffff888100000001", 0x10 },
	{ 2, "", "", "prog/42", "6.1.0", "ffff888100000001", 0x10 },
	{ 0, "#5", "", "prog/42", "6.1.0", "ffff888100000001", 0x10 },
	{ 0, "", "<4>[    1.234567][  T42] ", "prog/42", "6.1.0", "ffff888100000001", 0x10 },
	{ 0, "", "", "kworker/u4:2/54", "6.1.0", "ffff888100000001", 0x10 },
	{ 0, "", "", "prog/42", "syzkaller", "ffff888100000001", 0x10 },
	{ 0, "", "", "prog/42", "6.1.0", "(____ptrval____)", 0x10 },
	{ 0, "", "", "prog/42", "6.1.0", "ffff888100000001", 0x23 },
	{ 2, "#12", "> ", "other/1", "6.12.0-rc1+", "83711010", 0x1 },
};

START_TEST(same_bug)
{
	char *want = signature_of_cycle(&bug, &plain);
	char *got = signature_of_cycle(&bug, &variants[_i]);

	ck_assert_uint_eq(strlen(want), 16);
	ck_assert_uint_eq(strspn(want, "0123456789abcdef"), 16);
	ck_assert_str_eq(got, want);
	free(want);
	free(got);
}
END_TEST

/* Names that changed between kernels, and functions of locks that have names. */
static const struct cycle same[] = {
	{ { "&mm->mmap_sem", "&card->big_lock", "&y_lock" },
	  { "take_mm", "take_card", "take_y" },
	  3 },
	{ { "&mm->mmap_lock", "&(&card->big_lock)->rlock", "&y_lock" },
	  { "take_mm", "take_card", "take_y" },
	  3 },
	{ { "&mm->mmap_lock", "&card->big_lock", "&y_lock" }, { "other", "other2", "other3" }, 3 },
};

START_TEST(same_cycle)
{
	char *want = signature_of_cycle(&bug, &plain), *got = signature_of_cycle(&same[_i], &plain);

	ck_assert_str_eq(got, want);
	free(want);
	free(got);
}
END_TEST

static const struct cycle others[] = {
	{ { "&mm->mmap_lock", "&card->big_lock", "&z_lock" },
	  { "take_mm", "take_card", "take_y" },
	  3 },
	{ { "&mm->mmap_lock", "&card->big_lock" }, { "take_mm", "take_card" }, 2 },
	{ { "&card->big_lock", "&mm->mmap_lock", "&y_lock" },
	  { "take_card", "take_mm", "take_y" },
	  3 },
	{ { "&mm->mmap_lock", "&card->big_lock", "&y_lock/1" },
	  { "take_mm", "take_card", "take_y" },
	  3 },
	{ { "&mm->mmap_lock", "&card->big_lock", "&y_lock", "&x_lock" },
	  { "take_mm", "take_card", "take_y", "x" },
	  4 },
};

START_TEST(other_bug)
{
	char *want = signature_of_cycle(&bug, &plain),
	     *got = signature_of_cycle(&others[_i], &plain);

	ck_assert_uint_eq(strlen(got), 16);
	ck_assert_str_ne(got, want);
	free(want);
	free(got);
}
END_TEST

/* "key" is the name of many locks: who takes it makes the difference. */
START_TEST(anonymous)
{
	struct cycle one = { { "key", "&y_lock" }, { "take_key", "take_y" }, 2 };
	struct cycle two = { { "key", "&y_lock" }, { "other_key", "take_y" }, 2 };
	struct looks turned = plain;
	char *a = signature_of_cycle(&one, &plain), *b = signature_of_cycle(&two, &plain), *c;

	turned.first = 1;
	turned.version = "#3";
	c = signature_of_cycle(&one, &turned);
	ck_assert_str_ne(a, b);
	ck_assert_str_eq(a, c);
	free(a);
	free(b);
	free(c);
}
END_TEST

/* Not all of the cycle is there: nothing to compare. */
static const struct edit lost[] = {
	{ "-> #1 (&b){+.+.}-{3:3}:", "       a_then_b+0x10/0x20" },
	{ "-> #0 (&a){+.+.}-{3:3}:", "       c_then_a+0x10/0x20" },
	{ "-> #2 (&c){+.+.}-{3:3}:", "       b_then_c+0x10/0x20" },
	{ "ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]", NULL,
	  "(&x){+.+.}, at: f+0x1/0x2" },
};

START_TEST(incomplete)
{
	char *log = sample(&lost[_i], 1), *signature = signature_of(log);

	ck_assert_str_eq(signature, "");
	free(signature);
	free(log);
}
END_TEST

#define TRACE "stack backtrace:\nCall Trace:\n dump_stack+0x1/0x2\n "

/* Each table is raised by an option of its own. */
START_TEST(limits)
{
	char *a = signature_of("BUG: MAX_LOCKDEP_KEYS too low!\n" TRACE "own+0x1/0x2\n");
	char *b = signature_of("BUG: MAX_LOCKDEP_CHAINS too low!\n" TRACE "own+0x1/0x2\n");

	ck_assert_str_ne(a, "");
	ck_assert_str_ne(a, b);
	free(a);
	free(b);
}
END_TEST

START_TEST(other_kinds)
{
	char *a = signature_of("WARNING: suspicious RCU usage\n" TRACE "own+0x1/0x2\n");
	char *b = signature_of("[ INFO: suspicious RCU usage. ]\n" TRACE "own+0x77/0x99 [m]\n");
	char *c = signature_of("WARNING: suspicious RCU usage\n" TRACE "other+0x1/0x2\n");
	char *d = signature_of("WARNING: bad unlock balance detected!\n" TRACE "own+0x1/0x2\n");
	char *none = signature_of("WARNING: suspicious RCU usage\n");

	ck_assert_uint_eq(strlen(a), 16);
	ck_assert_str_eq(a, b);
	ck_assert_str_ne(a, c);
	ck_assert_str_ne(a, d);
	ck_assert_str_eq(none, ""); /* nothing tells it from others of its kind */
	free(a);
	free(b);
	free(c);
	free(d);
	free(none);
}
END_TEST

Suite *signature_suite(void)
{
	Suite *s = suite_create("signature");
	TCase *tc = tcase_create("signature");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, same_bug, 0, ARRAY_SIZE(variants));
	tcase_add_loop_test(tc, same_cycle, 0, ARRAY_SIZE(same));
	tcase_add_loop_test(tc, other_bug, 0, ARRAY_SIZE(others));
	tcase_add_test(tc, anonymous);
	tcase_add_loop_test(tc, incomplete, 0, ARRAY_SIZE(lost));
	tcase_add_test(tc, other_kinds);
	tcase_add_test(tc, limits);
	suite_add_tcase(s, tc);
	return s;
}
