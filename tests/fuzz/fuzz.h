/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** What libFuzzer, or replay_main.c, calls with one input. @return 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** An assert() that NDEBUG does not take away: a fuzz target that checks nothing finds little. */
#define MUST(condition)                                                                         \
	do {                                                                                    \
		if (!(condition)) {                                                             \
			fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
			abort();                                                                \
		}                                                                               \
	} while (0)

#endif
