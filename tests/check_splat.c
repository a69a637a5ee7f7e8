/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sample.h"

START_TEST(complete)
{
	struct reading rd;
	char *log = sample(NULL, 0);
	struct report *r = only_report(log, &rd);

	ck_assert_int_eq(r->kind, KIND_CIRCULAR);
	ck_assert(r->complete && r->has_banner && !r->problems.n && !r->after_off);
	ck_assert(!r->crosslock);
	ck_assert_uint_eq(r->line, 2);
	ck_assert_uint_eq(r->end_line, sample_lines());
	ck_assert_uint_eq(r->count, 1);
	ck_assert_view(r->kernel.release, "6.1.0");
	ck_assert_view(r->kernel.build, "#1");
	ck_assert_view(r->kernel.taint, "G        W");
	ck_assert_view(r->task.comm, "prog");
	ck_assert_int_eq(r->task.pid, 42);
	ck_assert_int_eq(r->cpu, 1);
	ck_assert_view(r->workqueue, "events mod_work");
	ck_assert_view(r->exists, "&a --> &b --> &c");
	ck_assert_view(r->acquiring.name, "&a");
	ck_assert_view(r->acquiring.at, "take_a+0x10/0x20");
	ck_assert_view(r->acquiring.address, "ffff888100000001");
	ck_assert_uint_eq(r->acquiring.line, 6);
	ck_assert_view(r->holding.name, "&c");
	ck_assert_view(r->holding.usage, "+.+.");
	ck_assert_view(r->holding.wait, "3:3");
	ck_assert_view(r->holding.at, "take_c+0x10/0x20 [mod]");
	ck_assert_view(r->holding.at_frame.module, "mod");
	ck_assert_uint_eq(r->held_locks.n, 1);
	ck_assert_view(r->held_locks.p[0].lock.name, "&c");
	ck_assert_uint_eq(r->backtrace.n, 4);
	ck_assert(!r->backtrace.p[1].reliable);
	ck_assert_view(r->backtrace.p[3].function, "c_then_a");
	reading_done(&rd);
	free(log);
}
END_TEST

/* Every line of the log without its first character, in the old and in the new wording. */
START_TEST(lost_column)
{
	static const struct edit old[] = {
		{ "WARNING: possible circular locking dependency detected", NULL,
		  "[ INFO: possible circular locking dependency detected ]" }
	};
	struct reading rd;
	char *log = sample(old, _i ? 1 : 0), *to = log;
	struct report *r;

	for (char *from = log; *from; from++)
		if (*from == '\n' || (from > log && from[-1] != '\n'))
			*to++ = *from;
	*to = '\0';
	r = only_report(log, &rd);
	ck_assert(r->complete && r->has_banner && has_problem(r, "lost-column"));
	ck_assert_view(r->kernel.release, "6.1.0");
	ck_assert_view(r->task.comm, "prog");
	ck_assert_view(r->acquiring.name, "&a");
	ck_assert_view(r->acquiring.address, "");
	ck_assert_view(r->holding.name, "&c");
	ck_assert_uint_eq(r->chain.n, 3);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_uint_eq(r->held_locks.n, 1);
	ck_assert_uint_eq(r->backtrace.n, 4);
	reading_done(&rd);
	free(log);
}
END_TEST

START_TEST(chain)
{
	static const struct {
		const char *name, *last;
		size_t frames;
		uint64_t line;
	} want[] = { { "&a", "c_then_a", 4, 23 },
		     { "&b", "a_then_b", 2, 19 },
		     { "&c", "b_then_c", 2, 15 } };
	struct reading rd;
	char *log = sample(NULL, 0);
	struct report *r = only_report(log, &rd);

	ck_assert_uint_eq(r->chain.n, ARRAY_SIZE(want));
	for (size_t i = 0; i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];

		ck_assert_uint_eq(e->index, i);
		ck_assert_view(e->lock.name, want[i].name);
		ck_assert_uint_eq(e->line, want[i].line);
		ck_assert_uint_eq(e->frames.n, want[i].frames);
		ck_assert_view(e->frames.p[e->frames.n - 1].function, want[i].last);
	}
	reading_done(&rd);
	free(log);
}
END_TEST

#define HEAD_BEGIN "======================================================"
#define HEAD_END "------------------------------------------------------"
#define WANTED "ffff888100000001 (&a){+.+.}-{3:3}, at: take_a+0x10/0x20"
#define HELD "ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]"
#define CHAIN "the existing dependency chain (in reverse order) is:"
#define ENTRY2 "-> #2 (&c){+.+.}-{3:3}:"
#define ENTRY1 "-> #1 (&b){+.+.}-{3:3}:"
#define ENTRY0 "-> #0 (&a){+.+.}-{3:3}:"
#define ENTRY2_TOP "       lock_acquire+0xd1/0x2f0"
#define ENTRY1_TOP "       lock_acquire+0xd2/0x2f0"
#define ENTRY2_END "       b_then_c+0x10/0x20"
#define ENTRY1_END "       a_then_b+0x10/0x20"
#define ENTRY0_END "       c_then_a+0x10/0x20"
#define EXISTS "  &a --> &b --> &c"
#define LIST "1 lock held by prog/42:"
#define LIST_LOCK " #0: ffff888100000003 (&c){+.+.}-{3:3}, at: take_c+0x10/0x20 [mod]"
#define BACKTRACE "stack backtrace:"
#define LAST " </TASK>"

/* What logs do to reports, and what is said and still known then. */
static const struct {
	struct edit edits[3];
	bool complete;
	const char *problems[4];
	size_t entries;
	const char *edges;
} damages[] = {
	{ { { NULL } }, true, { NULL }, 3, SAMPLE_EDGES },
	/* the beginning is lost */
	{ { { HEAD_BEGIN, HEAD_END } }, false, { "no-banner" }, 3, SAMPLE_EDGES },
	{ { { HEAD_BEGIN, WANTED } },
	  false,
	  { "no-banner", "no-wanted-lock", "no-held-lock" },
	  3,
	  SAMPLE_EDGES },
	{ { { HEAD_BEGIN, CHAIN } },
	  false,
	  { "no-banner", "no-wanted-lock", "no-held-lock" },
	  3,
	  SAMPLE_EDGES }, /* "Chain exists of:" names the last lock, too */
	{ { { HEAD_BEGIN, CHAIN }, { EXISTS } },
	  false,
	  { "no-banner" },
	  3,
	  "1:&a>&b 2:&b>&c d:&c>&a" }, /* entry #3 may be among what is lost */
	{ { { HEAD_BEGIN, ENTRY2_END } }, false, { "no-banner" }, 2, "0:&c>&a 1:&a>&b d:&c>&a" },
	{ { { WANTED } }, false, { "no-wanted-lock" }, 3, SAMPLE_EDGES },
	{ { { HELD } }, false, { "no-held-lock" }, 3, SAMPLE_EDGES },
	{ { { "prog/42 is trying to acquire lock:" } },
	  false,
	  { "no-wanted-lock" },
	  3,
	  SAMPLE_EDGES },
	/* entries are lost */
	{ { { ENTRY0, ENTRY0_END } }, false, { "missing-entry" }, 2, "1:&a>&b 2:&b>&c d:&c>&a" },
	{ { { ENTRY1, ENTRY1_END } }, false, { "missing-entry" }, 2, "0:&c>&a d:&c>&a" },
	{ { { ENTRY2, ENTRY2_END } }, false, { "header-mismatch" }, 2, "0:&c>&a 1:&a>&b d:&c>&a" },
	{ { { ENTRY2, ENTRY1_END } }, false, { "missing-entry" }, 1, "0:&c>&a d:&c>&a" },
	{ { { ENTRY1, ENTRY0_END } }, false, { "missing-entry" }, 1, "d:&c>&a" },
	{ { { ENTRY2, ENTRY0_END } }, false, { "missing-entry" }, 0, "d:&c>&a" },
	{ { { ENTRY1_TOP, ENTRY1_END } }, false, { "no-stack" }, 3, SAMPLE_EDGES },
	{ { { ENTRY1, NULL, "-> #1 &b:" } }, false, { "missing-entry" }, 2, "0:&c>&a d:&c>&a" },
	{ { { ENTRY1, NULL, "-> #7 (&b){+.+.}-{3:3}:" } },
	  false,
	  { "missing-entry", "header-mismatch", "mixed-reports" },
	  3,
	  "" },
	/* the last entry is lost, and the head is another report's: "Chain exists of:" tells */
	{ { { HELD, NULL, "ffff888100000009 (&z){+.+.}-{3:3}, at: take_z+0x10/0x20" },
	    { ENTRY2, ENTRY1_END } },
	  false,
	  { "missing-entry", "header-mismatch" },
	  1,
	  "d:&c>&a" },
	/* lines in pieces: 4.9, and others' lines between them */
	{ { { WANTED, NULL, "(\n&a\n){+.+.}\n, at: \n[<ffffffff8109dbb7>] take_a+0x10/0x20" },
	    { LIST_LOCK, NULL,
	      " #0: ffff888100000003 (\nusb 3-1: New device found\n&c){+.+.}-{3:3}\n"
	      ", at: take_c+0x10/0x20 [mod]" } },
	  true,
	  { "joined-lines", "foreign-lines" },
	  3,
	  SAMPLE_EDGES },
	/* entries are repeated, or in another order */
	{ { { ENTRY1, NULL, ENTRY1 "\n" ENTRY1_TOP "\n" ENTRY1_END "\n" ENTRY1 } },
	  true,
	  { "repeated-entry" },
	  3,
	  SAMPLE_EDGES },
	{ { { ENTRY1, NULL, ENTRY1 "\n\n" ENTRY1 } }, true, { "repeated-entry" }, 3, SAMPLE_EDGES },
	{ { { ENTRY2, ENTRY0_END,
	      ENTRY0 "\n       f+0x1/0x2\n" ENTRY1 "\n       f+0x1/0x2\n" ENTRY2
		     "\n       f+0x1/0x2" } },
	  true,
	  { "entry-order" },
	  3,
	  SAMPLE_EDGES },
	/* the header is that of another report */
	{ { { WANTED, NULL, "(&x){....}, at: f+0x1/0x2" } },
	  true,
	  { "header-mismatch" },
	  3,
	  "0:&c>&a 1:&a>&b 2:&b>&c d:&c>&x" },
	{ { { HELD, NULL, "(&x){....}, at: f+0x1/0x2" } },
	  false,
	  { "header-mismatch" },
	  3,
	  "1:&a>&b 2:&b>&c d:&c>&a" },
	{ { { EXISTS, NULL, "  &a --> &x --> &c" } },
	  true,
	  { "exists-mismatch" },
	  3,
	  SAMPLE_EDGES },
	/* others print, too */
	{ { { ENTRY1_TOP, NULL, "usb 3-1: New USB device found\n" ENTRY1_TOP } },
	  true,
	  { "foreign-lines" },
	  3,
	  SAMPLE_EDGES },
	{ { { ENTRY1_END, NULL,
	      ENTRY1_END "\n------------[ cut here ]------------\nfoo+0x1/0x2\nbar+0x1/0x2" } },
	  true,
	  { "foreign-lines" },
	  3,
	  SAMPLE_EDGES },
	{ { { ENTRY1_END, NULL, ENTRY1_END "[   45.871305] tc_dump: x" },
	    { LIST_LOCK, NULL, "[   45.871307] tc_dump: x[   45.871308] " LIST_LOCK } },
	  true,
	  { "fused-lines", "foreign-lines" },
	  3,
	  SAMPLE_EDGES },
	/* the end is lost */
	{ { { ENTRY0_END, LAST } },
	  false,
	  { "no-held-list", "no-backtrace", "cut" },
	  3,
	  "0:&c>&a 1:&a>&b 2:&b>&c" },
	{ { { ENTRY1_END, LAST } }, false, { "missing-entry", "cut" }, 2, "1:&a>&b 2:&b>&c" },
	{ { { ENTRY2, LAST } }, false, { "missing-entry", "cut" }, 0, "" },
	{ { { BACKTRACE, LAST } }, false, { "no-backtrace", "cut" }, 3, SAMPLE_EDGES },
	{ { { LIST, LIST_LOCK } }, false, { "no-held-list" }, 3, "0:&c>&a 1:&a>&b 2:&b>&c" },
	{ { { LIST, NULL, "2 locks held by prog/42:" } },
	  false,
	  { "held-count" },
	  3,
	  SAMPLE_EDGES },
	{ { { LIST_LOCK, NULL, " #0: <RELEASED>" } },
	  true,
	  { NULL },
	  3,
	  "0:&c>&a 1:&a>&b 2:&b>&c" },
	{ { { LIST, LIST_LOCK, "1 lock held by other/43:\n #0: (&c){+.+.}-{3:3}, at: f+0x1/0x2" } },
	  false,
	  { "no-held-list" },
	  3,
	  "0:&c>&a 1:&a>&b 2:&b>&c" },
	/* a line is broken in two */
	{ { { WANTED, NULL, "ffff888100000001 (&a){+.+.}-{3:3}, at:\ntake_a+0x10/0x20" } },
	  true,
	  { "joined-lines" },
	  3,
	  SAMPLE_EDGES },
	{ { { LIST_LOCK, NULL,
	      " #0: ffff888100000003 (&c){+.+.}-{3:3}, at: [<ffffffff8109dbb7>]\ntake_c+0x10/0x20" } },
	  true,
	  { "joined-lines" },
	  3,
	  SAMPLE_EDGES },
};

START_TEST(damage)
{
	struct reading rd;
	char *log = sample(damages[_i].edits, ARRAY_SIZE(damages->edits));
	struct report *r = only_report(log, &rd);
	char all[256] = "";

	for (size_t i = 0; i < r->problems.n; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), " %s",
			 r->problems.p[i].kind);
	ck_assert_int_eq(r->kind, KIND_CIRCULAR);
	for (size_t i = 0; i < ARRAY_SIZE(damages->problems) && damages[_i].problems[i]; i++)
		ck_assert_msg(has_problem(r, damages[_i].problems[i]), "no '%s' in:%s",
			      damages[_i].problems[i], all);
	ck_assert_msg(r->complete == damages[_i].complete, "complete: %d, problems:%s", r->complete,
		      all);
	ck_assert_uint_eq(r->chain.n, damages[_i].entries);
	ck_assert_str_eq(edges_of(r), damages[_i].edges);
	if (!damages[_i].problems[0])
		ck_assert_msg(!r->problems.n, "problems:%s", all);
	reading_done(&rd);
	free(log);
}
END_TEST

/* Every edge that @p r shows must be one of those of the whole report. */
static void must_not_guess(struct report *r)
{
	char *edges = strdup(edges_of(r)), *rest = edges, *one;

	ck_assert_ptr_nonnull(edges);
	while ((one = strsep(&rest, " ")))
		ck_assert_msg(!*one || strstr(SAMPLE_EDGES, one), "guessed '%s'", one);
	free(edges);
}

static void read_part(char *log)
{
	struct reading rd;

	reading_of(str_of(log), &rd);
	for (size_t i = 0; i < rd.n; i++) {
		must_not_guess(rd.r[i]);
		ck_assert(rd.r[i]->complete || rd.r[i]->problems.n);
	}
	reading_done(&rd);
	free(log);
}

/* Lose the lines from _i on: all of them, or up to each line that follows. */
START_TEST(hole)
{
	size_t n = sample_lines(), from = (size_t)_i;

	for (size_t to = from; to <= n; to++)
		read_part(sample_part(0, n, from, to));
	read_part(sample_part(from, n, 0, 0));
}
END_TEST

START_TEST(only_whole_is_complete)
{
	size_t n = sample_lines();

	for (size_t end = 0; end <= n; end++) {
		struct reading rd;
		char *log = sample_part(0, end, 0, 0);

		reading_of(str_of(log), &rd);
		ck_assert_uint_eq(rd.n, end < 2 ? 0 : 1);
		if (rd.n) /* with the first line of the backtrace, nothing that always comes is missing */
			ck_assert_int_eq(rd.r[0]->complete, end > n - 5);
		reading_done(&rd);
		free(log);
	}
}
END_TEST

START_TEST(two_in_a_row)
{
	char *one = sample(NULL, 0), *log;
	size_t n = sample_lines();
	struct reading rd;

	ck_assert_int_gt(asprintf(&log, "a\n%s%sb\n", one, one), 0);
	reading_of(str_of(log), &rd);
	ck_assert_uint_eq(rd.n, 2);
	ck_assert_uint_eq(rd.r[0]->line, 3);
	ck_assert_uint_eq(rd.r[0]->end_line, n + 1);
	ck_assert_uint_eq(rd.r[1]->line, n + 3);
	ck_assert_uint_eq(rd.r[1]->end_line, 2 * n + 1);
	for (size_t i = 0; i < 2; i++)
		ck_assert(rd.r[i]->complete && !rd.r[i]->problems.n);
	ck_assert(!rd.r[0]->after_off && rd.r[1]->after_off);
	ck_assert_uint_eq(rd.src.n_boots, 1);
	ck_assert_uint_eq(rd.src.boots[0].lockdep_off, 3);
	ck_assert_uint_eq(rd.src.lines, 2 * n + 2);
	ck_assert_uint_eq(rd.src.bytes, strlen(log));
	reading_done(&rd);
	free(log);
	free(one);
}
END_TEST

/* A report that another one breaks off. */
START_TEST(one_inside_another)
{
	struct edit edit = { ENTRY1, LAST, "WARNING: possible recursive locking detected" };
	struct reading rd;
	char *log = sample(&edit, 1);

	reading_of(str_of(log), &rd);
	ck_assert_uint_eq(rd.n, 2);
	ck_assert_int_eq(rd.r[0]->kind, KIND_CIRCULAR);
	ck_assert(!rd.r[0]->complete && has_problem(rd.r[0], "cut"));
	ck_assert_str_eq(edges_of(rd.r[0]), "");
	ck_assert_int_eq(rd.r[1]->kind, KIND_RECURSIVE);
	ck_assert(!rd.r[1]->complete);
	reading_done(&rd);
	free(log);
}
END_TEST

/* Lines of another task or interrupt, told by the caller id. */
START_TEST(callers)
{
	struct reading rd;
	char *plain = sample(NULL, 0), *log = NULL, *rest = plain, *line;
	size_t len = 0;
	FILE *out = open_memstream(&log, &len);
	struct report *r;

	ck_assert_ptr_nonnull(out);
	while ((line = strsep(&rest, "\n")) && rest) {
		fprintf(out, "[    1.234567][   T42] %s\n", line);
		fprintf(out, "[    1.234567][    C1]  foreign_frame+0x1/0x2\n");
	}
	fclose(out);
	r = only_report(log, &rd);
	ck_assert(r->complete && !r->problems.n);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_uint_eq(r->chain.p[0].frames.n, 4);
	ck_assert_uint_eq(r->backtrace.n, 4);
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

/* Lines of one report without and with a caller id. */
START_TEST(late_caller)
{
	struct reading rd;
	char *plain = sample(NULL, 0), *log = NULL, *rest = plain, *line;
	size_t len = 0, n = 0;
	FILE *out = open_memstream(&log, &len);
	struct report *r;

	ck_assert_ptr_nonnull(out);
	while ((line = strsep(&rest, "\n")) && rest)
		fprintf(out, "%s%s\n", n++ < 20 ? "" : "[    1.234567][   T42] ", line);
	fclose(out);
	r = only_report(log, &rd);
	ck_assert(r->complete && !r->problems.n);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

/* Pasted from a page or a terminal that puts a blank line behind each line. */
START_TEST(double_spaced)
{
	struct edit edit = { ENTRY1_END, NULL,
			     "       mutex_lock_nested+0x1/0x2\n" ENTRY1_END
			     "\n       main_b+0x1/0x2" };
	struct reading rd;
	char *plain = sample(&edit, 1), *log = NULL, *rest = plain, *line;
	size_t len = 0;
	FILE *out = open_memstream(&log, &len);
	struct report *r;

	ck_assert_ptr_nonnull(out);
	while ((line = strsep(&rest, "\n")) && rest)
		fprintf(out, "%s\n\n", line);
	fclose(out);
	r = only_report(log, &rd);
	ck_assert(r->complete && !r->problems.n);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_uint_eq(r->chain.p[1].frames.n, 4);
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

/* Lost with the blank line before it, the line of an entry leaves its stack to the one above. */
START_TEST(below_bottom)
{
	static const struct edit edits[] = {
		{ ENTRY1_END, ENTRY0,
		  ENTRY1_END "\n       ret_from_fork+0x1/0x2\n       ret_from_fork_asm+0x1/0x2" },
	};
	struct reading rd;
	char *log = sample(edits, ARRAY_SIZE(edits));
	struct report *r = only_report(log, &rd);

	ck_assert(!r->complete && has_problem(r, "missing-entry") &&
		  has_problem(r, "foreign-lines"));
	ck_assert_uint_eq(r->chain.n, 2);
	ck_assert_uint_eq(r->chain.p[0].index, 1);
	ck_assert_uint_eq(r->chain.p[0].frames.n, 4);
	reading_done(&rd);
	free(log);
}
END_TEST

/* Where s390 branched last is no frame; it prints the list of held locks again. */
START_TEST(last_branch)
{
	struct edit edit = { LAST, NULL,
			     LIST "\n" LIST_LOCK "\nLast Breaking-Event-Address:\n"
				  " [<000000000690d2de>] print_bug+0x1/0x2" };
	struct reading rd;
	char *log = sample(&edit, 1);
	struct report *r = only_report(log, &rd);

	ck_assert(r->complete && !r->problems.n);
	ck_assert_uint_eq(r->held_locks.n, 1);
	ck_assert_uint_eq(r->backtrace.n, 4);
	reading_done(&rd);
	free(log);
}
END_TEST

/* Lost with the bottom of the stack above, too. */
static const struct {
	struct edit edit;
	bool two;
	size_t frames; /* of entry #2, or #1 */
} amid[] = {
	{ { ENTRY1, NULL }, true, 2 },
	{ { ENTRY1, NULL, "       ? mutex_lock_nested+0x1/0x2" }, true, 3 },
	{ { ENTRY1, "       a_then_b+0x10/0x20",
	    "       kthread+0x1/0x2\n       __mutex_lock+0x1/0x2\n       a_then_b+0x10/0x20" },
	  true,
	  3 },
	{ { ENTRY1, ENTRY1_TOP, "       wake_up_q+0x1/0x2\n       __mutex_lock+0x1/0x2" },
	  false,
	  5 },
	/* an interrupt, and what the validator itself does */
	{ { ENTRY1, NULL, "       asm_sysvec_apic_timer_interrupt+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       apic_timer_interrupt+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       el1h_64_irq+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       __irq_svc+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       asm_exc_page_fault+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       kasan_report+0x1/0x2" }, false, 5 },
	{ { ENTRY1, NULL, "       validate_chain+0x1/0x2" }, false, 5 },
	/* chatter in front of an acquisition */
	{ { ENTRY1_TOP, NULL, "       own+0x1/0x2\n" ENTRY1_TOP }, false, 2 },
};

START_TEST(amid_stack)
{
	struct reading rd;
	char *plain = sample(&amid[_i].edit, 1), *log = strdup(plain), *blank;
	struct report *r;

	/* the blank line in front of the entry is lost as well */
	blank = amid[_i].two || strcmp(amid[_i].edit.from, ENTRY1_TOP) != 0 ?
			strstr(log, ENTRY2_END "\n\n") :
			NULL;
	if (blank)
		memmove(blank + strlen(ENTRY2_END) + 1, blank + strlen(ENTRY2_END) + 2,
			strlen(blank + strlen(ENTRY2_END) + 2) + 1);
	r = only_report(log, &rd);
	ck_assert_int_eq(has_problem(r, "two-stacks"), amid[_i].two);
	ck_assert_uint_eq(r->chain.p[r->chain.n - 1].index, 2);
	ck_assert_uint_eq(r->chain.p[r->chain.n - 1].frames.n, amid[_i].frames);
	if (amid[_i].two)
		ck_assert(!r->complete);
	must_not_guess(r);
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

/* A page with the number of each line in a cell of its own. */
START_TEST(numbered)
{
	struct reading rd;
	char *plain = sample(NULL, 0), *log = NULL, *rest = plain, *line;
	size_t len = 0, n = 0;
	FILE *out = open_memstream(&log, &len);
	struct report *r;

	ck_assert_ptr_nonnull(out);
	while ((line = strsep(&rest, "\n")) && rest)
		fprintf(out, "%zu\n%s\n", ++n, line);
	for (size_t i = 0; i < 2000; i++) /* and no end of them */
		fprintf(out, "%zu\n", ++n);
	fclose(out);
	r = only_report(log, &rd);
	ck_assert(r->complete && r->problems.n == 1 && has_problem(r, "line-numbers"));
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_uint_eq(r->problems.p[0].line, 5);
	ck_assert_uint_eq(r->end_line, 2 * sample_lines());
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

/* "</TASK>" is the last line of a stack; drivers print symbols, too. */
START_TEST(behind_task)
{
	struct edit edit = { LAST, NULL,
			     LAST "\n foo_bar+0x1/0x2 is odd\n bar_foo+0x1/0x2\nfoo: done" };
	struct reading rd;
	char *log = sample(&edit, 1);
	struct report *r = only_report(log, &rd);

	ck_assert(r->complete && !r->problems.n);
	ck_assert_uint_eq(r->backtrace.n, 4);
	ck_assert_view(r->backtrace.p[3].function, "c_then_a");
	ck_assert_uint_eq(r->end_line, sample_lines());
	reading_done(&rd);
	free(log);
}
END_TEST

/* What a tracker made a link of; where it did, lines that it joined come apart. */
START_TEST(links)
{
	static const struct edit edits[] = {
		{ ENTRY2, NULL, "-> https://github.com/o/r/pull/2 (&c){+.+.}-{3:3}:" },
		{ "6.1.0 #1 Tainted: G        W", HEAD_END,
		  "6.1.0 https://github.com/o/r/pull/1 Not tainted " HEAD_END },
		{ "CPU: 1 PID: 42 Comm: prog Tainted: G        W          6.1.0 #1", NULL,
		  "CPU: 1 PID: 42 Comm: prog Not tainted 6.1.0 #1" },
	};
	struct reading rd;
	char *log = sample(edits, ARRAY_SIZE(edits));
	struct report *r = only_report(log, &rd);

	ck_assert(r->complete && !r->problems.n);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_view(r->kernel.build, "#1");
	ck_assert_int_eq(r->cpu, 1);
	reading_done(&rd);
	free(log);
}
END_TEST

/* The stack of something else must not become that of an entry. */
START_TEST(foreign_trace)
{
	struct edit edit = { ENTRY1_TOP, NULL, "Call Trace:\n foreign+0x1/0x2\n" ENTRY1_TOP };
	struct reading rd;
	char *log = sample(&edit, 1);
	struct report *r = only_report(log, &rd);

	ck_assert_uint_eq(r->chain.n, 3);
	for (size_t i = 0; i < r->chain.n; i++)
		for (size_t k = 0; k < r->chain.p[i].frames.n; k++)
			ck_assert(!str_eq(r->chain.p[i].frames.p[k].function, STR("foreign")));
	must_not_guess(r);
	reading_done(&rd);
	free(log);
}
END_TEST

START_TEST(decorated_alike)
{
	static const char *const prefixes[] = { "> ", "<4>[    1.234567] ",
						"[    1.234567][  T42] ",
						"Jan 22 01:50:05 host kernel: " };
	char *plain = sample(NULL, 0), *log = NULL, *rest = plain, *line;
	struct reading rd;
	struct report *r;
	size_t len = 0;
	FILE *out = open_memstream(&log, &len);

	ck_assert_ptr_nonnull(out);
	while ((line = strsep(&rest, "\n")) && rest)
		fprintf(out, "%s%s\r\n", prefixes[_i], line);
	fclose(out);
	r = only_report(log, &rd);
	ck_assert(r->complete && !r->problems.n);
	ck_assert_str_eq(edges_of(r), SAMPLE_EDGES);
	ck_assert_uint_eq(r->end_line, sample_lines());
	reading_done(&rd);
	free(log);
	free(plain);
}
END_TEST

#define TRYING "prog/42 is trying to acquire lock:\n(&a){+.+.}, at: take_a+0x1/0x2\n"
#define HOLDING "but task is already holding lock:\n(&a){+.+.}, at: hold_a+0x1/0x2\n"
#define ONE_HELD "1 lock held by prog/42:\n #0: (&a){+.+.}, at: hold_a+0x1/0x2\n"
#define TRACE                                                                             \
	"stack backtrace:\nCPU: 3 PID: 42 Comm: prog Not tainted 6.1.0 #1\nCall Trace:\n" \
	" dump_stack+0x1/0x2\n own_code+0x1/0x2\n"

/* The least that each kind always prints. */
static const struct {
	enum kind kind;
	const char *log;
	const char *acquiring, *holding;
	size_t held;
	const char *edges;
} examples[] = {
	{ KIND_RECURSIVE,
	  "WARNING: possible recursive locking detected\n6.1.0 #1 Not tainted\n" TRYING HOLDING
	  "other info that might help us debug this:\n Possible unsafe locking scenario:\n"
	  "       CPU0\n       ----\n  lock(&a);\n  lock(&a);\n\n *** DEADLOCK ***\n"
	  " May be due to missing lock nesting notation\n" ONE_HELD TRACE,
	  "&a", "&a", 1, "-:&a>&a" },
	{ KIND_NESTED_NOT_TAKEN,
	  "[ BUG: Nested lock was not taken ]\nprog/42 is trying to lock:\n"
	  "(&a){+.+.}, at: take_a+0x1/0x2\nbut this task is not holding:\nb\n" TRACE
	  "other info that might help us debug this:\n" ONE_HELD TRACE,
	  "&a", "", 1, "" },
	{ KIND_SAFE_UNSAFE,
	  "WARNING: HARDIRQ-safe -> HARDIRQ-unsafe lock order detected\n"
	  "prog/42 [HC0[0]:SC0[0]:HE0:SE1] is trying to acquire:\n"
	  "(&a){+.+.}, at: take_a+0x1/0x2\nand this task is already holding:\n"
	  "(&b){-...}, at: hold_b+0x1/0x2\nwhich would create a new lock dependency:\n"
	  " (&b){-...} -> (&a){+.+.}\n" ONE_HELD TRACE,
	  "&a", "&b", 1, "-:&b>&a" },
	{ KIND_IRQ_INVERSION,
	  "WARNING: possible irq lock inversion dependency detected\n"
	  "prog/42 just changed the state of lock:\n(&a){+.+.}, at: take_a+0x1/0x2\n"
	  "but this lock took another, HARDIRQ-unsafe lock in the past:\n (&b){+.+.}\n" ONE_HELD
	  "the shortest dependencies between 2nd lock and 1st lock:\n" TRACE,
	  "&a", "", 1, "" },
	{ KIND_INCONSISTENT,
	  "WARNING: inconsistent lock state\ninconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.\n"
	  "prog/42 [HC0[0]:SC0[0]:HE1:SE1] takes:\n(&a){?...}, at: take_a+0x1/0x2\n"
	  "{IN-HARDIRQ-W} state was registered at:\n  lock_acquire+0x1/0x2\n  handler+0x1/0x2\n"
	  "irq event stamp: 12\n" ONE_HELD TRACE,
	  "&a", "", 1, "" },
	{ KIND_BAD_UNLOCK,
	  "WARNING: bad unlock balance detected!\n"
	  "prog/42 is trying to release lock (&a) at:\n[<ffffffff8109dbb7>] f+0x1/0x2\n"
	  "but there are no more locks to release!\n" ONE_HELD TRACE,
	  "", "", 1, "" },
	{ KIND_BAD_CONTENTION,
	  "[ BUG: bad contention detected! ]\nprog/42 is trying to contend lock (&a) at:\n"
	  "[<ffffffff8109dbb7>] f+0x1/0x2\nbut there are no locks held!\n"
	  "no locks held by prog/42.\n" TRACE,
	  "", "", 0, "" },
	{ KIND_HELD_FREED,
	  "WARNING: held lock freed!\n"
	  "prog/42 is freeing memory ffff1000-ffff1fff, with a lock still held there!\n"
	  "(&a){+.+.}, at: hold_a+0x1/0x2\n" ONE_HELD TRACE,
	  "", "", 1, "" },
	{ KIND_RETURNING_TO_USER,
	  "WARNING: lock held when returning to user space!\n"
	  "prog/42 is leaving the kernel with locks still held!\n" ONE_HELD,
	  "", "", 1, "" },
	{ KIND_HELD_AT_EXIT,
	  "[ BUG: lock held at task exit time! ]\nprog/42 is exiting with locks still held!\n" ONE_HELD
		  TRACE,
	  "", "", 1, "" },
	{ KIND_STILL_HELD,
	  "WARNING: prog/42 still has locks held!\n6.1.0 #1 Not tainted\n" ONE_HELD TRACE, "", "",
	  1, "" },
	{ KIND_INVALID_WAIT,
	  "[ BUG: Invalid wait context ]\n6.1.0 #1 Not tainted\nprog/42 is trying to lock:\n"
	  "(&a){+.+.}-{3:3}, at: take_a+0x1/0x2\nother info that might help us debug this:\n"
	  "context-{5:5}\n" ONE_HELD TRACE,
	  "&a", "", 1, "" },
	{ KIND_SUSPICIOUS_RCU,
	  "WARNING: suspicious RCU usage\n6.1.0 #1 Not tainted\n"
	  "net/core/dev.c:12 suspicious rcu_dereference_check() usage!\n"
	  "other info that might help us debug this:\n"
	  "rcu_scheduler_active = 2, debug_locks = 1\n" ONE_HELD TRACE,
	  "", "", 1, "" },
	{ KIND_NON_STATIC_KEY,
	  "INFO: trying to register non-static key.\n"
	  "The code is fine but needs lockdep annotation, or maybe\n"
	  "you didn't initialize this object before use?\n"
	  "turning off the locking correctness validator.\n"
	  "CPU: 3 PID: 42 Comm: prog Not tainted 6.1.0 #1\nCall Trace:\n own_code+0x1/0x2\n",
	  "", "", 0, "" },
	{ KIND_ALL_LOCKS_DUMP,
	  "Showing all locks held in the system:\n1 lock held by a/1:\n"
	  " #0: (&a){+.+.}, at: f+0x1/0x2\n2 locks held by b/2:\n #0: (&b){+.+.}, at: g+0x1/0x2\n"
	  " #1: (&c){+.+.}, at: h+0x1/0x2\n\n=============================================\n",
	  "", "", 3, "" },
	{ KIND_LIMIT,
	  "BUG: MAX_LOCKDEP_ENTRIES too low!\nturning off the locking correctness validator.\n"
	  "CPU: 3 PID: 42 Comm: prog Not tainted 6.1.0 #1\nCall Trace:\n own_code+0x1/0x2\n",
	  "", "", 0, "" },
	{ KIND_LIMIT,
	  "BUG: MAX_LOCK_DEPTH too low!\nturning off the locking correctness validator.\n"
	  "Please attach the output of /proc/lock_stat to the bug report\n"
	  "depth: 48  max: 48!\n" ONE_HELD "INFO: lockdep is turned off.\n" TRACE,
	  "", "", 1, "" },
	{ KIND_OTHER, ONE_HELD, "", "", 1, "" },
	{ KIND_CIRCULAR,
	  "[ INFO: possible circular locking dependency detected ]\n2.6.32-rc6 #1\n"
	  "prog/42 is trying to acquire lock:\n (&a){+.+.+.}, at: [<ffffffff8109dbb7>] f+0x1/0x2\n"
	  "but task is already holding lock:\n (&b){+.+...}, at: [<ffffffff8109dbb7>] g+0x1/0x2\n"
	  "the existing dependency chain (in reverse order) is:\n"
	  "-> #1 (&b){+.+...}:\n       [<ffffffff8109dbb7>] f+0x1/0x2\n"
	  "-> #0 (&a){+.+.+.}:\n       [<ffffffff8109dbb7>] f+0x1/0x2\n"
	  "no locks held by prog/42.\nstack backtrace:\n"
	  "Pid: 42, comm: prog Not tainted 2.6.32-rc6 #1\nCall Trace:\n"
	  " [<ffffffff8109dbb7>] ? f+0x1/0x2\n <EOI>  [<ffffffff8109dbb7>] g+0x1/0x2\n",
	  "&a", "&b", 0, "0:&b>&a 1:&a>&b" },
};

START_TEST(kind)
{
	struct reading rd;
	struct report *r = only_report(examples[_i].log, &rd);

	ck_assert_str_eq(kind_name(r->kind), kind_name(examples[_i].kind));
	for (size_t i = 0; i < r->problems.n; i++)
		ck_abort_msg("problem '%s': " STR_FMT, r->problems.p[i].kind,
			     STR_ARG(r->problems.p[i].text));
	ck_assert(r->complete);
	ck_assert_view(r->acquiring.name, examples[_i].acquiring);
	ck_assert_view(r->holding.name, examples[_i].holding);
	ck_assert_uint_eq(r->held_locks.n, examples[_i].held);
	ck_assert_str_eq(edges_of(r), examples[_i].edges);
	if (r->kind != KIND_ALL_LOCKS_DUMP) {
		ck_assert_view(r->task.comm, "prog");
		ck_assert_int_eq(r->task.pid, 42);
	} else {
		ck_assert_uint_eq(r->tasks.n, 2);
		ck_assert(!r->task.known);
	}
	ck_assert_uint_eq(r->line, 1);
	ck_assert_uint_eq(r->end_line, rd.src.lines);
	reading_done(&rd);
}
END_TEST

START_TEST(kind_has_example)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		if ((int)examples[i].kind == _i)
			return;
	ck_abort_msg("no example of %s", kind_name((enum kind)_i));
}
END_TEST

/* Logs that have the words of reports but no report. */
static const char *const no_reports[] = {
	"",
	"\n",
	"Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar\n",
	"WARNING: locking bug in kernel_wait4\npossible deadlock in rtnl_lock\n",
	"I see a possible circular locking dependency detected here.\n",
	"the existing dependency chain (in reverse order) is:\n",
	"no locks held by swapper/0.\n",
	"INFO: lockdep is turned off.\n",
	"The entry\n-> #1 (&a){+.+.}:\nis wrong.\n", /* quoted alone */
	"-> #1 (&a){+.+.}:\n       f+0x1/0x2\n",     /* no other mark of a report */
	"stack backtrace:\nCall Trace:\n f+0x1/0x2\n g+0x1/0x2\n",
	"f+0x1/0x2\ng+0x1/0x2\n",
};

START_TEST(no_report)
{
	struct reading rd;

	reading_of(str_of(no_reports[_i]), &rd);
	ck_assert_uint_eq(rd.n, 0);
	ck_assert_uint_eq(rd.src.bytes, strlen(no_reports[_i]));
	reading_done(&rd);
}
END_TEST

/* A chain without its banner, by the marks that the contract names. */
START_TEST(no_banner)
{
	static const char *const logs[] = {
		"-> #1 (&b){+.+.}:\n       f+0x1/0x2\n-> #0 (&a){+.+.}:\n       g+0x1/0x2\n",
		"-> #1 (&b){+.+.}:\n       f+0x1/0x2\nother info that might help us debug this:\n"
		" Possible unsafe locking scenario:\n",
		"       e+0x1/0x2\n       f+0x1/0x2\n-> #0 (&a){+.+.}:\n       g+0x1/0x2\n"
		" *** DEADLOCK ***\n",
	};

	for (size_t i = 0; i < ARRAY_SIZE(logs); i++) {
		struct reading rd;
		struct report *r = only_report(logs[i], &rd);

		ck_assert_int_eq(r->kind, KIND_CIRCULAR);
		ck_assert(!r->complete && has_problem(r, "no-banner"));
		ck_assert_uint_eq(r->line, 1); /* the first line that is left */
		ck_assert_str_eq(edges_of(r), i ? "" : "1:&a>&b");
		reading_done(&rd);
	}
}
END_TEST

/* "debug_locks = 0": switched off by this report, up to 4.12, or by something before it. */
START_TEST(rcu_off)
{
	static const struct {
		const char *banner;
		int debug_locks;
		uint64_t off;
		bool after_off;
	} logs[] = { { "[ INFO: suspicious RCU usage. ]", 0, 1, false },
		     { "[ INFO: suspicious RCU usage. ]", 1, 0, false },
		     { "WARNING: suspicious RCU usage", 0, 1, true },
		     { "WARNING: suspicious RCU usage", 1, 0, false } };
	struct reading rd;
	struct report *r;
	char *log;

	ck_assert_int_gt(asprintf(&log,
				  "%s\nnet/core/dev.c:12 suspicious usage!\n"
				  "rcu_scheduler_active = 1, debug_locks = %d\n",
				  logs[_i].banner, logs[_i].debug_locks),
			 0);
	r = only_report(log, &rd);
	ck_assert_uint_eq(rd.src.boots[0].lockdep_off, logs[_i].off);
	ck_assert(r->after_off == logs[_i].after_off);
	reading_done(&rd);
	free(log);
}
END_TEST

START_TEST(boots)
{
	struct reading rd;
	const struct source *src = &rd.src;

	reading_of(STR("Linux version 6.1.0 (a@b) #1\nok\nLinux version 6.2.0-rc1 (a@b)\n"
		       "Disabling lock debugging due to kernel taint\n"
		       "INFO: trying to register non-static key.\n own+0x1/0x2\n"
		       "Linux version 6.3.0\nWARNING: suspicious RCU usage\n"),
		   &rd);
	ck_assert_uint_eq(src->n_boots, 3);
	ck_assert_str_eq(src->boots[0].kernel, "6.1.0");
	ck_assert_uint_eq(src->boots[0].line, 1);
	ck_assert_uint_eq(src->boots[0].lockdep_off, 0);
	ck_assert_str_eq(src->boots[1].kernel, "6.2.0-rc1");
	ck_assert_uint_eq(src->boots[1].line, 3);
	ck_assert_uint_eq(src->boots[1].lockdep_off, 4);
	ck_assert_str_eq(src->boots[2].kernel, "6.3.0");
	ck_assert_uint_eq(src->boots[2].lockdep_off, 0); /* this kind does not switch it off */
	ck_assert_uint_eq(rd.n, 2);
	ck_assert_uint_eq(rd.r[0]->boot, 1);
	ck_assert(rd.r[0]->after_off);
	ck_assert_uint_eq(rd.r[1]->boot, 2);
	ck_assert(!rd.r[1]->after_off);
	reading_done(&rd);
}
END_TEST

START_TEST(crosslock)
{
	struct edit edits[] = {
		{ "but task is already holding lock:", NULL,
		  "but now in release context of a crosslock acquired at the following:" },
	};
	struct reading rd;
	char *log = sample(edits, 1);
	struct report *r = only_report(log, &rd);

	ck_assert(r->crosslock && r->complete && r->has_holding);
	ck_assert_view(r->holding.name, "&c");
	ck_assert_str_eq(edges_of(r), "0:&c>&a 1:&a>&b 2:&b>&c"); /* the task wants nothing */
	reading_done(&rd);
	free(log);
}
END_TEST

/* A report without end takes no memory without end. */
START_TEST(limit)
{
	char *log = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&log, &len);
	struct reading rd;
	struct report *r;

	ck_assert_ptr_nonnull(out);
	fputs("WARNING: possible circular locking dependency detected\n-> #0 (&a){+.+.}:\n", out);
	for (unsigned int i = 0; i < REPORT_MAX_LINES + 100; i++)
		fputs(" f+0x1/0x2\n", out);
	fputs("WARNING: suspicious RCU usage\n", out);
	fclose(out);
	reading_of((struct str){ log, len }, &rd);
	ck_assert_uint_eq(rd.n, 2);
	r = rd.r[0];
	ck_assert(!r->complete && has_problem(r, "limit"));
	ck_assert_uint_le(r->chain.p[0].frames.n, REPORT_MAX_LINES);
	ck_assert_uint_le(arena_used(r->mem), 2 * (size_t)REPORT_MAX_BYTES);
	ck_assert_int_eq(rd.r[1]->kind, KIND_SUSPICIOUS_RCU);
	reading_done(&rd);
	free(log);
}
END_TEST

Suite *splat_suite(void)
{
	Suite *s = suite_create("splat");
	TCase *tc = tcase_create("circular");

	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, complete);
	tcase_add_loop_test(tc, lost_column, 0, 2);
	tcase_add_test(tc, chain);
	tcase_add_loop_test(tc, damage, 0, ARRAY_SIZE(damages));
	tcase_add_loop_test(tc, hole, 0, (int)sample_lines());
	tcase_add_test(tc, only_whole_is_complete);
	tcase_add_test(tc, two_in_a_row);
	tcase_add_test(tc, one_inside_another);
	tcase_add_test(tc, callers);
	tcase_add_test(tc, late_caller);
	tcase_add_test(tc, double_spaced);
	tcase_add_test(tc, below_bottom);
	tcase_add_test(tc, last_branch);
	tcase_add_test(tc, behind_task);
	tcase_add_test(tc, numbered);
	tcase_add_loop_test(tc, amid_stack, 0, ARRAY_SIZE(amid));
	tcase_add_test(tc, links);
	tcase_add_test(tc, foreign_trace);
	tcase_add_loop_test(tc, decorated_alike, 0, 4);
	tcase_add_test(tc, crosslock);
	tcase_add_test(tc, limit);
	suite_add_tcase(s, tc);
	tc = tcase_create("kinds");
	tcase_add_loop_test(tc, kind, 0, ARRAY_SIZE(examples));
	tcase_add_loop_test(tc, kind_has_example, 0, KIND_MAX);
	tcase_add_loop_test(tc, no_report, 0, ARRAY_SIZE(no_reports));
	tcase_add_test(tc, no_banner);
	tcase_add_test(tc, boots);
	tcase_add_loop_test(tc, rcu_off, 0, 4);
	suite_add_tcase(s, tc);
	return s;
}
