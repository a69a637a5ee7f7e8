/* SPDX-License-Identifier: MIT */
#include "splat/kinds.h"

#include <errno.h>
#include <stdio.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"

static const struct {
	const char *text;
	enum kind kind;
} banners[] = {
	{ "WARNING: possible circular locking dependency detected", KIND_CIRCULAR },
	{ "[ INFO: possible circular locking dependency detected ]", KIND_CIRCULAR },
	{ "  [ INFO: possible circular locking dependency detected ]  ", KIND_CIRCULAR },
	{ "[ ProveLock INFO: possible circular locking dependency detected ]", KIND_CIRCULAR },
	{ "[ BUG: possible circular locking deadlock detected! ]", KIND_CIRCULAR },
	{ "WARNING: possible recursive locking detected", KIND_RECURSIVE },
	{ "[ INFO: possible recursive locking detected ]", KIND_RECURSIVE },
	{ "WARNING: Nested lock was not taken", KIND_NESTED_NOT_TAKEN },
	{ "[ BUG: Nested lock was not taken ]", KIND_NESTED_NOT_TAKEN },
	{ "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected", KIND_SAFE_UNSAFE },
	{ "WARNING: SOFTIRQ-READ-safe -> SOFTIRQ-READ-unsafe lock order detected",
	  KIND_SAFE_UNSAFE },
	{ "[ INFO: RECLAIM_FS-safe -> RECLAIM_FS-unsafe lock order detected ]", KIND_SAFE_UNSAFE },
	{ "[ INFO: hard-safe -> hard-unsafe lock order detected ]", KIND_SAFE_UNSAFE },
	{ "WARNING: possible irq lock inversion dependency detected", KIND_IRQ_INVERSION },
	{ "[ INFO: possible irq lock inversion dependency detected ]", KIND_IRQ_INVERSION },
	{ "WARNING: inconsistent lock state", KIND_INCONSISTENT },
	{ "[ INFO: inconsistent lock state ]", KIND_INCONSISTENT },
	{ "WARNING: bad unlock balance detected!", KIND_BAD_UNLOCK },
	{ "[ BUG: bad unlock balance detected! ]", KIND_BAD_UNLOCK },
	{ "WARNING: bad contention detected!", KIND_BAD_CONTENTION },
	{ "[ BUG: bad contention detected! ]", KIND_BAD_CONTENTION },
	{ "WARNING: held lock freed!", KIND_HELD_FREED },
	{ "[ BUG: held lock freed! ]", KIND_HELD_FREED },
	{ "WARNING: lock held when returning to user space!", KIND_RETURNING_TO_USER },
	{ "[ BUG: lock held when returning to user space! ]", KIND_RETURNING_TO_USER },
	{ "[ BUG: lock held at task exit time! ]", KIND_HELD_AT_EXIT },
	{ "WARNING: syz-executor286/6054 still has locks held!", KIND_STILL_HELD },
	{ "[ BUG: CPU 0/KVM/10284 still has locks held! ]", KIND_STILL_HELD },
	{ "[ BUG: Invalid wait context ]", KIND_INVALID_WAIT },
	{ "WARNING: suspicious RCU usage", KIND_SUSPICIOUS_RCU },
	{ "WARNING: suspicious RCU usage.", KIND_SUSPICIOUS_RCU },
	{ "[ INFO: suspicious RCU usage. ]", KIND_SUSPICIOUS_RCU },
	{ "[ INFO: suspicious rcu_dereference_check() usage. ]", KIND_SUSPICIOUS_RCU },
	{ "INFO: trying to register non-static key.", KIND_NON_STATIC_KEY },
	{ "Showing all locks held in the system:", KIND_ALL_LOCKS_DUMP },
	{ "BUG: MAX_LOCKDEP_KEYS too low!", KIND_LIMIT },
	{ "BUG: MAX_LOCKDEP_ENTRIES too low!", KIND_LIMIT },
	{ "BUG: MAX_LOCKDEP_CHAINS too low!", KIND_LIMIT },
	{ "BUG: MAX_LOCKDEP_CHAIN_HLOCKS too low!", KIND_LIMIT },
	{ "BUG: MAX_STACK_TRACE_ENTRIES too low!", KIND_LIMIT },
	{ "BUG: MAX_LOCK_DEPTH too low!", KIND_LIMIT },
	{ "BUG: looking up invalid subclass: 9", KIND_LIMIT },
};

START_TEST(banner)
{
	struct banner b;
	struct str text = str_of(banners[_i].text);

	ck_assert_int_eq(banner_parse(text, &b), 0);
	ck_assert_str_eq(kind_name(b.kind), kind_name(banners[_i].kind));
	ck_assert_int_eq(b.bracket, str_chr(text, '[') >= 0);
	ck_assert_int_ge(str_find(text, b.sentence), 0);
	ck_assert_int_eq(b.severity.len == 0, b.kind == KIND_ALL_LOCKS_DUMP);
	ck_assert(!b.severity.len || str_find(text, b.severity) >= 0);
	ck_assert(is_alpha(*b.sentence.p) && !str_ends(b.sentence, STR("!")));
}
END_TEST

/* Prose, mail subjects, titles of other people's tools, and neighbours of lockdep. */
static const char *const prose[] = {
	"",
	"possible circular locking dependency detected",
	"inconsistent lock state",
	"I get \"possible circular locking dependency detected\" at boot.",
	"I get WARNING: possible circular locking dependency detected",
	"Subject: WARNING: possible circular locking dependency detected",
	"Re: [BUG] WARNING: possible circular locking dependency detected",
	"WARNING: possible circular locking dependency detected in foo()",
	"WARNING: possible circular locking dependency detected, says lockdep",
	"WARNING: a possible circular locking dependency detected",
	"[ INFO: what is a possible circular locking dependency detected ]",
	"WARNING possible recursive locking detected",
	"Warning: possible recursive locking detected",
	"NOTE: possible recursive locking detected",
	"[possible recursive locking detected]",
	"possible deadlock in rtnl_lock",
	"WARNING: locking bug in kernel_wait4",
	"WARNING: inconsistent lock state in _raw_spin_lock",
	"WARNING: nobody still has locks held!",
	"WARNING: I wonder why it still has locks held!",
	"WARNING: still has locks held!",
	"WARNING: bad unlock balance",
	"WARNING: lock order detected",
	"-unsafe lock order detected",
	"BUG: MAX_LOCKDEP_ENTRIES is much too low for this!",
	"BUG: too low!",
	"BUG: sleeping function called from invalid context at mm/slab.h:1",
	"BUG: scheduling while atomic: a/1/0x00000002",
	"WARNING: CPU: 0 PID: 1 at kernel/locking/lockdep.c:238 __lock_acquire+0xfa0/0x2230",
	"INFO: task a:1 blocked for more than 120 seconds.",
	"INFO: lockdep is turned off.",
	"WARNING: Showing all locks held in the system:",
	"INFO: Showing all locks held in the system:",
	"Showing all locks held in the system: none",
	"sysrq: Show Locks Held",
	"[ BUG: ]",
	"[ INFO:",
	"WARNING:",
	"[",
};

START_TEST(no_banner)
{
	struct banner b = { KIND_MAX, UNTOUCHED, UNTOUCHED, false };

	ck_assert_int_eq(banner_parse(str_of(prose[_i]), &b), -ENOENT);
	ck_assert_int_eq(b.kind, KIND_MAX);
	ck_assert_view(b.severity, "untouched");
	ck_assert_view(b.sentence, "untouched");
}
END_TEST

/* The table above must have an example for each sentence of the kinds' table. */
static bool has_example(const char *sentence)
{
	struct str s = str_of(sentence);
	ptrdiff_t star = str_chr(s, '*');
	struct str head = str_head(s, star < 0 ? s.len : (size_t)star);
	struct str tail = star < 0 ? STR("") : str_from(s, (size_t)star + 1);

	for (size_t i = 0; i < ARRAY_SIZE(banners); i++)
		if (str_find(str_of(banners[i].text), head) >= 0 &&
		    str_find(str_of(banners[i].text), tail) >= 0)
			return true;
	return false;
}

START_TEST(every_row)
{
	const struct kind_row *row = kind_row((enum kind)_i);
	enum kind found = KIND_MAX;

	ck_assert_ptr_nonnull(row->word);
	ck_assert_int_eq(kind_find(str_of(row->word), &found), 0);
	ck_assert_int_eq(found, _i);
	ck_assert_str_eq(kind_name(found), row->word);
	ck_assert(row->sentences[0] || _i == KIND_OTHER);
	for (size_t i = 0; i < ARRAY_SIZE(row->sentences) && row->sentences[i]; i++)
		ck_assert_msg(has_example(row->sentences[i]), "no example of '%s'",
			      row->sentences[i]);
}
END_TEST

static const char *const no_words[] = { "", "circula", "circularx", "Circular", "nosuch", "*" };

START_TEST(no_word)
{
	enum kind kind = KIND_MAX;

	ck_assert_int_eq(kind_find(str_of(no_words[_i]), &kind), -ENOENT);
	ck_assert_int_eq(kind, KIND_MAX);
}
END_TEST

Suite *kinds_suite(void)
{
	Suite *s = suite_create("kinds");
	TCase *tc = tcase_create("kinds");

	tcase_add_loop_test(tc, banner, 0, ARRAY_SIZE(banners));
	tcase_add_loop_test(tc, no_banner, 0, ARRAY_SIZE(prose));
	tcase_add_loop_test(tc, every_row, 0, KIND_MAX);
	tcase_add_loop_test(tc, no_word, 0, ARRAY_SIZE(no_words));
	suite_add_tcase(s, tc);
	return s;
}
