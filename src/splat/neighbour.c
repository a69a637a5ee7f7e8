/* SPDX-License-Identifier: MIT */
#include "neighbour.h"

/* Sources: kernel/sched/core.c, kernel/workqueue.c, kernel/hung_task.c, kernel/panic.c. */
static const struct neighbour neighbours[] = {
	{ "INFO: lockdep is turned off.", NULL, NULL, NULL, true },
	{ "Disabling lock debugging due to", NULL, NULL, NULL, true },
	{ "DEBUG_LOCKS_WARN_ON(", NULL, "lockdep-warning", "a check of lockdep itself failed",
	  true },
	{ "BUG: key ", "has not been registered!", "key-not-registered",
	  "a lock class key in dynamic memory was not registered", true },
	{ "BUG: sleeping function called from invalid context", NULL, "sleeping-in-atomic",
	  "a function that may sleep was called in atomic context", false },
	{ "BUG: scheduling while atomic:", NULL, "scheduling-while-atomic",
	  "a task slept in atomic context", false },
	{ "BUG: workqueue leaked ", NULL, "workqueue-leak",
	  "a work function returned with locks held or in atomic context", false },
	{ "INFO: task ", " blocked for more than ", "hung-task", "a task has been blocked for long",
	  false },
	{ "WARNING: CPU: ", " at ", "kernel-warning",
	  "a warning of the kernel; lockdep_assert_held() looks like this", false },
	{ "WARNING: at ", NULL, "kernel-warning",
	  "a warning of the kernel; lockdep_assert_held() looks like this", false },
	{ "WARNING: ", ", CPU#", "kernel-warning",
	  "a warning of the kernel; lockdep_assert_held() looks like this", false },
};

const struct neighbour *neighbour_find(struct str text)
{
	for (size_t i = 0; i < ARRAY_SIZE(neighbours); i++) {
		const struct neighbour *n = &neighbours[i];

		if (text.len && *text.p == *n->begins && str_starts(text, str_of(n->begins)) &&
		    (!n->has || str_find(text, str_of(n->has)) >= 0))
			return n;
	}
	return NULL;
}

const struct neighbour *neighbour_row(size_t i)
{
	return i < ARRAY_SIZE(neighbours) ? &neighbours[i] : NULL;
}
