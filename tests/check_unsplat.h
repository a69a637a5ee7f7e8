/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CHECK_UNSPLAT_H
#define TESTS_CHECK_UNSPLAT_H

#include <check.h>

#include "unsplat/report.h"
#include "unsplat/str.h"

/* Compare a view with a literal (NULL: the empty string); says both when they differ. */
#define ck_assert_view(got, want) ck_assert_view_(got, str_of(want), __FILE__, __LINE__)
static inline void ck_assert_view_(struct str got, struct str want, const char *file, int line)
{
	ck_assert_msg(str_eq(got, want), "%s:%d: got '" STR_FMT "', want '" STR_FMT "'", file, line,
		      STR_ARG(got), STR_ARG(want));
}

/* Bytes that no parser gives: what is still there afterwards was not touched. */
#define UNTOUCHED ((struct str){ "untouched", 9 })

/** All reports of a log in memory. */
struct reading {
	struct source src;
	struct report *r[16];
	size_t n;
};
/** Read @p log through all stages. Fails the test on an error or on more reports than fit. */
void reading_of(struct str log, struct reading *ret);
void reading_done(struct reading *rd);
/** The only report of @p log; fails the test when there are none or more. */
struct report *only_report(const char *log, struct reading *ret);
/** @return whether @p r has a problem of this kind. */
bool has_problem(const struct report *r, const char *kind);

/** xorshift64: pseudo-random numbers that are the same everywhere. */
uint64_t next_random(uint64_t *state);

Suite *str_suite(void);
Suite *table_suite(void);
Suite *atlas_suite(void);
Suite *cut_suite(void);
Suite *proc_suite(void);
Suite *saved_suite(void);
Suite *arena_suite(void);
Suite *utf8_suite(void);
Suite *undecorate_suite(void);
Suite *reader_suite(void);
Suite *scan_suite(void);
Suite *modes_suite(void);
Suite *kinds_suite(void);
Suite *lock_suite(void);
Suite *features_suite(void);
Suite *frame_suite(void);
Suite *token_suite(void);
Suite *splat_suite(void);
Suite *dependency_suite(void);
Suite *graph_suite(void);
Suite *cycles_suite(void);
Suite *lock_name_suite(void);
Suite *roles_suite(void);
Suite *patterns_suite(void);
Suite *clean_suite(void);
Suite *signature_suite(void);
Suite *title_suite(void);
Suite *analysis_suite(void);
Suite *writer_suite(void);
Suite *usage_suite(void);
Suite *record_suite(void);

#endif
