/* SPDX-License-Identifier: MIT */
#include "check_unsplat.h"

#include <stdlib.h>

/* One program for all units: `check_unsplat`, or CK_RUN_SUITE=NAME for one of them. */
static Suite *(*const suites[])(void) = {
	str_suite,	 arena_suite,	  utf8_suite,	  undecorate_suite, reader_suite,
	scan_suite,	 modes_suite,	  kinds_suite,	  lock_suite,	    features_suite,
	frame_suite,	 token_suite,	  splat_suite,	  dependency_suite, graph_suite,
	cycles_suite,	 lock_name_suite, roles_suite,	  patterns_suite,   clean_suite,
	signature_suite, title_suite,	  analysis_suite, writer_suite,	    usage_suite,
	record_suite,	 table_suite,	  atlas_suite,	  cut_suite,	    proc_suite,
	saved_suite,
};

int main(void)
{
	SRunner *runner = srunner_create(NULL);
	int failed;

	for (size_t i = 0; i < sizeof(suites) / sizeof(*suites); i++)
		srunner_add_suite(runner, suites[i]());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
