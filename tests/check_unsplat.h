/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHECK_UNSPLAT_H
#define TESTS_CHECK_UNSPLAT_H

#include <check.h>

#include "unsplat/str.h"

/* Compare a view with a literal; says both when they differ. */
#define ck_assert_view(got, want) ck_assert_view_(got, str_of(want), __FILE__, __LINE__)
static inline void ck_assert_view_(struct str got, struct str want, const char *file, int line)
{
	ck_assert_msg(str_eq(got, want), "%s:%d: got '" STR_FMT "', want '" STR_FMT "'", file, line,
		      STR_ARG(got), STR_ARG(want));
}

Suite *str_suite(void);

#endif
