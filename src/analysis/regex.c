/* SPDX-License-Identifier: MIT */
#include "regex.h"

#include <stdio.h>
#include <stdlib.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "memo.h"

#define MATCH_LIMIT 20000
#define FLAGS (PCRE2_ANCHORED | PCRE2_ENDANCHORED | PCRE2_NO_AUTO_CAPTURE | PCRE2_DOLLAR_ENDONLY)

struct regex {
	pcre2_code *code;
	pcre2_match_context *limits;
	struct memo *memo;
};

struct regex *regex_new(const char *pattern)
{
	struct regex *re = calloc(1, sizeof(*re));
	PCRE2_SIZE where;
	int err;

	if (!re)
		return NULL;
	re->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, FLAGS, &err, &where,
				 NULL);
	re->limits = pcre2_match_context_create(NULL);
	re->memo = memo_new();
	if (!re->code || !re->limits || !re->memo) {
		regex_free(re);
		return NULL;
	}
	pcre2_set_match_limit(re->limits, MATCH_LIMIT);
	(void)pcre2_jit_compile(re->code, PCRE2_JIT_COMPLETE); /* without it, it is only slower */
	return re;
}

bool regex_error(const char *pattern, size_t *where, char *text, size_t room)
{
	pcre2_code *code;
	int err;

	code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED, FLAGS, &err, where, NULL);
	if (code) {
		pcre2_code_free(code);
		return false;
	}
	if (pcre2_get_error_message(err, (PCRE2_UCHAR *)text, room) < 0)
		snprintf(text, room, "no regular expression");
	return true;
}

void regex_free(struct regex *re)
{
	if (!re)
		return;
	pcre2_code_free(re->code);
	pcre2_match_context_free(re->limits);
	free(re->memo);
	free(re);
}

static bool match(const struct regex *re, struct str subject)
{
	pcre2_match_data *data;
	int n;

	data = pcre2_match_data_create(1, NULL);
	if (!data)
		return false;
	n = pcre2_match(re->code, (PCRE2_SPTR)subject.p, subject.len, 0, 0, data, re->limits);
	pcre2_match_data_free(data);
	return n >= 0;
}

bool regex_match(const struct regex *re, struct str subject)
{
	uint64_t hash;
	int known;

	if (!subject.len)
		return false;
	hash = memo_hash(re->memo, subject);
	known = memo_find(re->memo, hash);
	if (known < 0) {
		known = match(re, subject);
		memo_keep(re->memo, hash, (unsigned int)known);
	}
	return known;
}
