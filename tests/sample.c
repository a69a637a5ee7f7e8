/* SPDX-License-Identifier: MIT */
#include "sample.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/graph.h"

static const char *const lines[] = {
	"======================================================",
	"WARNING: possible circular locking dependency detected",
	"6.1.0 #1 Tainted: G        W",
	"------------------------------------------------------",
	"prog/42 is trying to acquire lock:",
	"ffff888100000001 (&a){+.+.}-{3:3}, at: take_a+0x10/0x20",
	"",
	"but task is already holding lock:",
	"ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]",
	"",
	"which lock already depends on the new lock.",
	"",
	"the existing dependency chain (in reverse order) is:",
	"",
	"-> #2 (&c){+.+.}-{3:3}:",
	"       lock_acquire+0xd1/0x2f0",
	"       b_then_c+0x10/0x20",
	"",
	"-> #1 (&b){+.+.}-{3:3}:",
	"       lock_acquire+0xd2/0x2f0",
	"       a_then_b+0x10/0x20",
	"",
	"-> #0 (&a){+.+.}-{3:3}:",
	"       __lock_acquire+0x1000/0x2000",
	"       lock_acquire+0xd3/0x2f0",
	"       take_a+0x10/0x20",
	"       c_then_a+0x10/0x20",
	"",
	"other info that might help us debug this:",
	"",
	"Chain exists of:",
	"  &a --> &b --> &c",
	"",
	" Possible unsafe locking scenario:",
	"",
	"       CPU0                    CPU1",
	"       ----                    ----",
	"  lock(&c);",
	"                               lock(&b);",
	"                               lock(&c);",
	"  lock(&a);",
	"",
	" *** DEADLOCK ***",
	"",
	"1 lock held by prog/42:",
	" #0: ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]",
	"",
	"stack backtrace:",
	"CPU: 1 PID: 42 Comm: prog Tainted: G        W          6.1.0 #1",
	"Workqueue: events mod_work",
	"Call Trace:",
	" <TASK>",
	" dump_stack+0x10/0x20",
	" ? print_circular_bug+0x10/0x20",
	" take_a+0x20/0x20",
	" c_then_a+0x20/0x20",
	" </TASK>",
};

size_t sample_lines(void)
{
	return ARRAY_SIZE(lines);
}

char *sample_part(size_t from, size_t to, size_t hole, size_t hole_end)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	for (size_t i = from; i < to; i++)
		if (i < hole || i >= hole_end)
			fprintf(out, "%s\n", lines[i]);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

static size_t find_line(const char *line)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (!strcmp(line, lines[i]))
			return i;
	ck_abort_msg("no line '%s'", line);
}

char *sample(const struct edit *edits, size_t n)
{
	const char *with[ARRAY_SIZE(lines)];
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	memcpy(with, lines, sizeof(lines));
	for (size_t i = 0; i < n && edits[i].from; i++) {
		size_t from = find_line(edits[i].from);
		size_t to = edits[i].to ? find_line(edits[i].to) : from;

		ck_assert_uint_le(from, to);
		for (size_t k = from; k <= to; k++)
			with[k] = NULL;
		with[from] = edits[i].with;
	}
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++)
		if (with[i])
			fprintf(out, "%s\n", with[i]);
	ck_assert_int_eq(fclose(out), 0);
	return text;
}

const char *edges_of(struct report *r)
{
	static const char signs[] = {
		[RELATION_HELD] = '>', [RELATION_WAITS_FOR] = '~', [RELATION_CROSSRELEASE] = '='
	};
	dependencies edges = { 0 };
	struct str all = STR("");

	ck_assert_int_eq(report_dependencies(r, &edges), 0);
	for (size_t i = 0; i < edges.n; i++) {
		const struct dependency *d = &edges.p[i];
		char number[32] = "d";

		if (!d->derived && d->index < 0)
			strcpy(number, "-");
		else if (!d->derived)
			snprintf(number, sizeof(number), "%" PRId64, d->index);
		ck_assert_ptr_nonnull(d->frames);
		ck_assert_int_eq(arena_printf(r->mem, &all, STR_FMT "%s%s:" STR_FMT "%c" STR_FMT,
					      STR_ARG(all), i ? " " : "", number, STR_ARG(d->from),
					      signs[d->relation], STR_ARG(d->to)),
				 0);
	}
	return all.p;
}
