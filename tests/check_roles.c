/* SPDX-License-Identifier: MIT */
#include "analysis/roles.h"

#include <string.h>

#include "analysis/regex.h"
#include "check_unsplat.h"

static const struct {
	const char *function;
	enum role role;
} functions[] = {
	{ "lock_acquire", ROLE_LOCKDEP },
	{ "__lock_acquire", ROLE_LOCKDEP },
	{ "__lock_acquire.isra.0", ROLE_LOCKDEP },
	{ "check_prev_add", ROLE_LOCKDEP },
	{ "check_prevs_add", ROLE_LOCKDEP },
	{ "validate_chain.constprop.0", ROLE_LOCKDEP },
	{ "print_circular_bug.cold", ROLE_LOCKDEP },
	{ "lock_release", ROLE_LOCKDEP },
	{ "dump_stack_lvl", ROLE_LOCKDEP },
	{ "___might_sleep", ROLE_LOCKDEP },
	{ "__might_resched.isra.0", ROLE_LOCKDEP },
	{ "rcu_preempt_sleep_check", ROLE_LOCKDEP },
	{ "valid_state", ROLE_LOCKDEP },
	{ "raw_spin_rq_unlock_irq", ROLE_PRIMITIVE },
	{ "mutex_lock_nested", ROLE_PRIMITIVE },
	{ "__mutex_lock", ROLE_PRIMITIVE },
	{ "_raw_spin_lock_irqsave", ROLE_PRIMITIVE },
	{ "down_write_killable", ROLE_PRIMITIVE },
	{ "down", ROLE_PRIMITIVE },
	{ "percpu_down_read", ROLE_PRIMITIVE },
	{ "cpus_read_lock", ROLE_PRIMITIVE },
	{ "lock_sock_nested", ROLE_PRIMITIVE },
	{ "up_write", ROLE_PRIMITIVE },
	{ "__kmalloc", ROLE_CORE },
	{ "kmem_cache_alloc_noprof", ROLE_CORE },
	{ "__flush_work", ROLE_CORE },
	{ "alloc_workqueue", ROLE_CORE },
	{ "device_add", ROLE_CORE },
	{ "btrfs_search_slot", ROLE_CORE },
	{ "btrfs_search_path_in_tree_user", ROLE_CODE },
	{ "ext4_iget", ROLE_CORE },
	{ "avc_has_perm_noaudit", ROLE_CORE },
	{ "netif_napi_add", ROLE_CORE },
	{ "wait_for_completion", ROLE_CORE },
	{ "_copy_from_user", ROLE_CORE },
	{ "do_syscall_64", ROLE_ENTRY },
	{ "__x64_sys_ioctl", ROLE_ENTRY },
	{ "SyS_ioctl", ROLE_ENTRY },
	{ "ret_from_fork", ROLE_ENTRY },
	{ "kthread", ROLE_ENTRY },
	{ "process_one_work", ROLE_ENTRY },
	{ "asm_common_interrupt", ROLE_ENTRY },
	{ "__do_softirq", ROLE_ENTRY },
	{ "run_ksoftirqd", ROLE_ENTRY },
	{ "asm_exc_page_fault", ROLE_ENTRY },
	{ "slab_attr_store", ROLE_CODE },
	{ "work_on_cpu_key", ROLE_CORE },
	{ "__should_failslab", ROLE_CORE },
	{ "start_kernel", ROLE_BOOT },
	{ "kernel_init_freeable", ROLE_BOOT },
	{ "do_one_initcall", ROLE_BOOT },
	{ "i915_gem_userptr_init__mmu_notifier", ROLE_CODE },
	{ "my_lock_acquire", ROLE_CODE }, /* a pattern is for the whole name */
	{ "mutexes", ROLE_CODE },
	{ "we_might_sleep", ROLE_CODE },
	{ "start_kernel_thing", ROLE_CODE },
	{ "downsample", ROLE_CODE },
	{ "", ROLE_CODE },
	{ "\xff\xfe", ROLE_CODE },
};

static struct roles *roles;

static void setup(void)
{
	roles = roles_new();
	ck_assert_ptr_nonnull(roles);
}

static void teardown(void)
{
	roles_free(roles);
}

START_TEST(role)
{
	ck_assert_int_eq(role_of(roles, str_of(functions[_i].function)), functions[_i].role);
}
END_TEST

START_TEST(role_has_example)
{
	for (size_t i = 0; i < ARRAY_SIZE(functions); i++)
		if ((int)functions[i].role == _i)
			return;
	ck_abort_msg("no example of role %d", _i);
}
END_TEST

static const struct {
	const char *function, *name;
} names[] = {
	{ "f", "f" }, { "f.isra.0", "f" }, { "f.cold", "f" }, { "f.constprop.0.isra.1.cold", "f" },
	{ "", "" },   { ".f", "" },
};

START_TEST(name)
{
	ck_assert_view(function_name(str_of(names[_i].function)), names[_i].name);
}
END_TEST

static const struct {
	const char *pattern, *subject;
	bool match;
} regexes[] = {
	{ "a|bc", "a", true },
	{ "a|bc", "bc", true },
	{ "a|bc", "abc", false },
	{ "a|bc", "xa", false },
	{ "a|bc", "ax", false },
	{ "a|bc", "a\n", false },
	{ "a", "", false },
	{ ".*", "", false },
	{ ".*", "\xff\xfe", true },
	{ "\\w+", "f_1", true },
	{ "\\w+", "f-1", false },
	{ "a", "A", false },
	{ "(a+)+b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac",
	  false }, /* the match limit */
};

START_TEST(regex)
{
	struct regex *re = regex_new(regexes[_i].pattern);

	ck_assert_ptr_nonnull(re);
	ck_assert_int_eq(regex_match(re, str_of(regexes[_i].subject)), regexes[_i].match);
	regex_free(re);
}
END_TEST

START_TEST(no_regex)
{
	ck_assert_ptr_null(regex_new("(a"));
	ck_assert_ptr_null(regex_new("[a"));
	ck_assert_ptr_null(regex_new("*"));
	regex_free(NULL);
	roles_free(NULL);
}
END_TEST

Suite *roles_suite(void)
{
	Suite *s = suite_create("roles");
	TCase *tc = tcase_create("roles");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, role, 0, ARRAY_SIZE(functions));
	tcase_add_loop_test(tc, role_has_example, 0, ROLE_MAX);
	tcase_add_loop_test(tc, name, 0, ARRAY_SIZE(names));
	suite_add_tcase(s, tc);
	tc = tcase_create("regex");
	tcase_add_loop_test(tc, regex, 0, ARRAY_SIZE(regexes));
	tcase_add_test(tc, no_regex);
	suite_add_tcase(s, tc);
	return s;
}
