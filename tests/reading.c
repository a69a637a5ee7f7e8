/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"

void reading_of(struct str log, struct reading *ret)
{
	struct input *in = input_from_memory(log);
	struct line_reader *lines = in ? line_reader_new(in) : NULL;
	struct splat_reader *splats;
	struct report *r;
	int n;

	*ret = (struct reading){ .src = { .name = strdup("test") } };
	splats = lines ? splat_reader_new(lines, &ret->src) : NULL;
	ck_assert_ptr_nonnull(splats);
	while ((n = splat_next(splats, &r)) > 0) {
		ck_assert_uint_lt(ret->n, ARRAY_SIZE(ret->r));
		ret->r[ret->n++] = r;
	}
	ck_assert_int_eq(n, 0);
	splat_reader_free(splats);
	line_reader_free(lines);
	input_free(in);
}

void reading_done(struct reading *rd)
{
	for (size_t i = 0; i < rd->n; i++)
		report_free(rd->r[i]);
	source_done(&rd->src);
}

struct report *only_report(const char *log, struct reading *ret)
{
	reading_of(str_of(log), ret);
	ck_assert_uint_eq(ret->n, 1);
	return ret->r[0];
}

bool has_problem(const struct report *r, const char *kind)
{
	for (size_t i = 0; i < r->problems.n; i++)
		if (!strcmp(r->problems.p[i].kind, kind))
			return true;
	return false;
}

uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
