/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_PATTERN_KEYS_H
#define UNSPLAT_ANALYSIS_PATTERN_KEYS_H

#include <stddef.h>

#include "unsplat/patterns.h"

/*
 * The keys of a row in a pattern file and the members that they set: what is read and what is
 * written go by this one table. Another key is another row here, and one in unsplat-patterns(5).
 */
static const struct pattern_key {
	const char *name;
	enum {
		KEY_NAME,
		KEY_REMEDY,
		KEY_REGEX,
		KEY_SENTENCE,
		KEY_TEXT,
		KEY_BOOL,
		KEY_RECURSION
	} type;
	size_t offset;
} pattern_keys[] = {
	{ "name", KEY_NAME, offsetof(struct pattern_row, name) },
	{ "source", KEY_TEXT, offsetof(struct pattern_row, source) },
	{ "remedy", KEY_REMEDY, offsetof(struct pattern_row, remedy) },
	{ "recursion", KEY_RECURSION, offsetof(struct pattern_row, recursion) },
	{ "from", KEY_REGEX, offsetof(struct pattern_row, from) },
	{ "to", KEY_REGEX, offsetof(struct pattern_row, to) },
	{ "call", KEY_REGEX, offsetof(struct pattern_row, call) },
	{ "within", KEY_REGEX, offsetof(struct pattern_row, within) },
	{ "unless", KEY_REGEX, offsetof(struct pattern_row, unless) },
	{ "service", KEY_BOOL, offsetof(struct pattern_row, service) },
	{ "what", KEY_SENTENCE, offsetof(struct pattern_row, what) },
	{ "todo", KEY_SENTENCE, offsetof(struct pattern_row, todo) },
	{ "elsewhere", KEY_SENTENCE, offsetof(struct pattern_row, elsewhere) },
};

/* Values of "recursion", by enum recursion. */
static const char *const recursion_words[] = { NULL, "same-lock", "other-lock", "unknown" };

/* Letters that may stand in braces in a sentence. */
#define PATTERN_WORDS "FTHLG"

#endif
