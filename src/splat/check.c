/* SPDX-License-Identifier: MIT */
#include "parse.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "kinds.h"
#include "unsplat/splat.h"

/*
 * What a report must look like when nothing happened to it on its way. The numbering and the
 * two locks of the header are strong checks; the scenario leaves locks out without a word.
 */

/* Add a problem; @p loss: something that this kind always prints is missing. */
#define PROBLEM(r, loss, word, where, ...)                                     \
	do {                                                                   \
		struct problem *p_ = vec_push((r)->mem, &(r)->problems);       \
                                                                               \
		if (!p_ || arena_printf((r)->mem, &p_->text, __VA_ARGS__) < 0) \
			return -ENOMEM;                                        \
		p_->kind = (word);                                             \
		p_->line = (where);                                            \
		if (loss)                                                      \
			(r)->complete = false;                                 \
	} while (0)

static int by_index(const void *a, const void *b)
{
	const struct chain_entry *x = a, *y = b;

	if (x->index != y->index)
		return x->index < y->index ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static int check_header(struct report *r, unsigned int has)
{
	if (!r->has_banner && r->kind != KIND_OTHER)
		PROBLEM(r, true, "no-banner", r->line, "the first lines of the report are missing");
	if ((has & HAS_TASK) && !r->task.known)
		PROBLEM(r, true, "no-task", r->line, "the line that names the task is missing");
	if ((has & HAS_ACQUIRING) && !r->has_acquiring)
		PROBLEM(r, true, "no-wanted-lock", r->line,
			"the line of the lock that is wanted is missing");
	if (r->has_acquiring && !r->acquiring.at.len && (has & HAS_ACQUIRING))
		PROBLEM(r, false, "no-place", r->acquiring.line,
			"where the wanted lock is taken is missing");
	if ((has & HAS_HOLDING) && !r->has_holding)
		PROBLEM(r, true, "no-held-lock", r->line,
			"the line of the lock that is already held is missing");
	return 0;
}

/* Whether two stacks may be one: a cut one may be the beginning of the other. */
static bool same_stack(const stack *a, const stack *b)
{
	size_t n = a->n < b->n ? a->n : b->n;

	for (size_t i = 0; i < n; i++)
		if (!str_eq(a->p[i].function, b->p[i].function) || a->p[i].offset != b->p[i].offset)
			return false;
	return true;
}

/* Entries of equal number: the first one stays, unless it is empty and the other is not. */
static int drop_repeated_entries(struct report *r)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->chain.n; i++) {
		struct chain_entry *e = &r->chain.p[i], *last = kept ? &r->chain.p[kept - 1] : NULL;

		if (!last || last->index != e->index) {
			r->chain.p[kept++] = *e;
			continue;
		}
		PROBLEM(r, false, "repeated-entry", e->line,
			"entry #%" PRIu64 " stands twice; the one in line %" PRIu64 " was used",
			e->index, last->frames.n || !e->frames.n ? last->line : e->line);
		r->mixed |= !str_eq(last->lock.name, e->lock.name) ||
			    !same_stack(&last->frames, &e->frames);
		if (!last->frames.n && e->frames.n)
			*last = *e;
	}
	r->chain.n = kept;
	return 0;
}

static int check_numbering(struct report *r)
{
	uint64_t next = 0;

	for (size_t i = 0; i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];

		if (e->index > next)
			PROBLEM(r, true, "missing-entry", e->line,
				e->index - next == 1 ? "entry #%" PRIu64
						       " of the chain is missing" :
						       "entries #%" PRIu64 " to #%" PRIu64
						       " of the chain are missing",
				next, e->index - 1);
		next = e->index + 1;
		if (!e->frames.n)
			PROBLEM(r, true, "no-stack", e->line,
				"entry #%" PRIu64 " of the chain has no stack", e->index);
	}
	return 0;
}

/* In the order of printing, numbers go down by one; up, if somebody turned the log round. */
static int check_order(struct report *r)
{
	const struct chain_entry *up = NULL, *down = NULL;

	for (size_t i = 1; i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];

		if (e->place > e[-1].place)
			up = e;
		else
			down = e;
	}
	if (up)
		PROBLEM(r, false, "entry-order", up->line,
			"entry #%" PRIu64 " stands after #%" PRIu64
			": the chain is printed backwards, "
			"or two are mixed",
			up->index, up[-1].index);
	r->mixed |= up && down;
	return 0;
}

static int check_ends(struct report *r)
{
	const struct chain_entry *first = &r->chain.p[0], *last = &r->chain.p[r->chain.n - 1];

	if (r->has_acquiring && first->index == 0 && !str_eq(first->lock.name, r->acquiring.name))
		PROBLEM(r, false, "header-mismatch", first->line,
			"entry #0 is not the lock that the header says is wanted");
	if (r->has_holding && !str_eq(last->lock.name, r->holding.name))
		PROBLEM(r, true, "header-mismatch", last->line,
			"the last entry, #%" PRIu64
			", is not the lock that the header says is held",
			last->index);
	return 0;
}

/* "C0 --> C(N-1) --> CN": only a check, the line never adds a lock. */
static int check_exists(struct report *r)
{
	const struct chain_entry *e = r->chain.p;
	size_t n = r->chain.n;
	struct str want;

	if (n < 3 || !r->complete || !r->exists.len)
		return 0;
	if (arena_printf(r->mem, &want, STR_FMT " --> " STR_FMT " --> " STR_FMT,
			 STR_ARG(e[0].lock.name), STR_ARG(e[n - 2].lock.name),
			 STR_ARG(e[n - 1].lock.name)) < 0)
		return -ENOMEM;
	if (!str_eq(want, r->exists))
		PROBLEM(r, false, "exists-mismatch", r->line,
			"the line after \"Chain exists of:\" does not fit the chain");
	return 0;
}

static int check_chain(struct report *r)
{
	int err;

	if (r->chain.n < 2)
		PROBLEM(r, true, "missing-entry", r->line,
			r->chain.n ? "the chain has one entry only" : "the chain is missing");
	if (!r->chain.n)
		return 0;
	err = check_numbering(r);
	if (!err)
		err = check_order(r);
	if (!err)
		err = check_ends(r);
	return err ? err : check_exists(r);
}

static int check_rest(struct report *r, unsigned int has, const struct parser *p)
{
	uint64_t got = r->held_locks.n;

	if ((has & HAS_HELD) && !r->has_held_list)
		PROBLEM(r, true, "no-held-list", r->end_line, "the list of held locks is missing");
	if ((has & HAS_HELD) && got != p->announced && r->has_held_list)
		PROBLEM(r, got < p->announced, "held-count", r->end_line,
			"%" PRIu64 " held lock%s announced, %" PRIu64 " printed", p->announced,
			p->announced == 1 ? " is" : "s are", got);
	if ((has & HAS_BACKTRACE) && !r->backtrace.n)
		PROBLEM(r, true, "no-backtrace", r->end_line, "the stack backtrace is missing");
	if ((has & HAS_END_RULE) && !p->done)
		PROBLEM(r, true, "no-end", r->end_line, "the end of the list is missing");
	if (p->cut && !r->complete)
		PROBLEM(r, true, "cut", r->end_line,
			"the log ends or turns to something else inside the report");
	if (p->two_stacks)
		PROBLEM(r, true, "two-stacks", p->two_stacks,
			"another stack begins inside that of an entry, whose own line is lost; "
			"only the first was kept");
	if (r->mixed)
		PROBLEM(r, true, "mixed-reports", r->line,
			"lines of two reports are mixed: no order of locks is taken from them");
	if (p->repaired)
		PROBLEM(r, false, "lost-column", r->line,
			"the first column is lost; %" PRIu64 " line%s read as if it were there",
			p->repaired, p->repaired == 1 ? " is" : "s are");
	if (p->foreign_total)
		PROBLEM(r, false, "foreign-lines", p->foreign_first,
			"%" PRIu64 " line%s of other messages inside the report %s left out",
			p->foreign_total, p->foreign_total == 1 ? "" : "s",
			p->foreign_total == 1 ? "is" : "are");
	if (p->numbers)
		PROBLEM(r, false, "line-numbers", p->number_first,
			"%" PRIu64 " line%s only a number %s left out", p->numbers,
			p->numbers == 1 ? " that is" : "s that are",
			p->numbers == 1 ? "is" : "are");
	if (p->joined)
		PROBLEM(r, false, "joined-lines", p->joined,
			p->joined_lines == 1 ? "a line that was broken is put together" :
					       "%" PRIu64
					       " lines that were broken are put together",
			p->joined_lines);
	if (p->fused)
		PROBLEM(r, false, "fused-lines", p->fused,
			p->fused_lines == 1 ?
				"a line has two messages, a time stamp between them: it is read as two" :
				"%" PRIu64
				" lines have two messages each, a time stamp between them: they are "
				"read as two",
			p->fused_lines);
	if (p->full)
		PROBLEM(r, true, "limit", r->end_line,
			"the report is larger than %u lines or %u MiB: the rest was left out",
			REPORT_MAX_LINES, REPORT_MAX_BYTES >> 20);
	return 0;
}

int report_check(struct report *r, const struct parser *p)
{
	unsigned int has = kind_row(r->kind)->has;
	int err;

	r->complete = true;
	if (r->chain.n) /* also where a kind has none and two reports got mixed */
		qsort(r->chain.p, r->chain.n, sizeof(*r->chain.p), by_index);
	err = check_header(r, has);
	if (!err)
		err = drop_repeated_entries(r);
	if (!err && (has & HAS_CHAIN))
		err = check_chain(r);
	return err ? err : check_rest(r, has, p);
}
