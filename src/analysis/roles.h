/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_ROLES_H
#define UNSPLAT_ANALYSIS_ROLES_H

#include "unsplat/report.h"

/** What part a function plays in a stack. */
enum role {
	ROLE_CODE,	/* none of the others: somebody's own code */
	ROLE_LOCKDEP,	/* the validator itself */
	ROLE_PRIMITIVE, /* lock functions */
	ROLE_CORE,	/* services of the kernel: who calls them chose to */
	ROLE_ENTRY,	/* system call, interrupt and thread entry, worker loops */
	ROLE_BOOT,	/* only runs while the kernel boots */
	ROLE_MAX,
};

struct roles;
struct roles *roles_new(void);
void roles_free(struct roles *t);
enum role role_of(const struct roles *t, struct str function);
/** @return @p function up to the first '.': ".isra.0", ".cold" are the compiler's. */
struct str function_name(struct str function);

#endif
