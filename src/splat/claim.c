/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "parse.h"
#include "unsplat/splat.h"

/*
 * What the kinds about one lock or one place say beside the common parts.
 * Sources: print_unlock_imbalance_bug(), print_lock_contention_bug(), print_freed_lock_bug(),
 * print_lock_nested_lock_not_held(), print_lock_invalid_wait_context(), lockdep_rcu_suspicious().
 */

/* "... is trying to release lock (NAME) at:"; the symbol stands on the next line. */
int claim_releasing(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;
	ptrdiff_t end = str_rfind(said->rest, STR(")"));

	r->task = said->task;
	r->sure_task = true;
	r->subject.name = str_head(said->rest, end < 0 ? said->rest.len : (size_t)end);
	r->subject.line = line;
	p->at_wanted = &r->subject;
	p->ident_wanted = false;
	return FEED_TAKEN;
}

/* "... is freeing memory A-B, with a lock still held there!"; the lock's line follows. */
int claim_freeing(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;
	struct str s = said->rest, from = s;
	uint64_t ignored;

	(void)line;
	r->task = said->task;
	r->sure_task = true;
	p->expect = &r->subject;
	p->ident_wanted = false;
	if (str_skip_hex(&s, &ignored) < 0)
		return FEED_TAKEN;
	from = str_head(from, from.len - s.len);
	if (!str_skip(&s, STR("-")))
		return FEED_TAKEN;
	r->freed_from = from;
	r->freed_to = s;
	if (str_skip_hex(&s, &ignored) == 0)
		r->freed_to = str_head(r->freed_to, r->freed_to.len - s.len);
	return FEED_TAKEN;
}

int claim_not_holding(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	(void)line;
	p->name_wanted = true;
	p->expect = NULL;
	return FEED_TAKEN;
}

/* "context-{5:5}" */
int claim_context(struct parser *p, const struct said *said, uint64_t line)
{
	ptrdiff_t end = str_chr(said->rest, '}');

	(void)line;
	if (end > 0)
		p->r->context = str_head(said->rest, (size_t)end);
	return FEED_TAKEN;
}

int claim_rcu_parse(struct str s, struct report *ret)
{
	ptrdiff_t blank = str_chr(s, ' '), colon;
	struct str where, number;
	uint64_t line;

	if (blank <= 0)
		return -ENOENT;
	where = str_head(s, (size_t)blank);
	colon = str_rfind(where, STR(":"));
	if (colon <= 0)
		return -ENOENT;
	number = str_from(where, (size_t)colon + 1);
	if (str_skip_uint(&number, &line) < 0 || number.len)
		return -ENOENT;
	s = str_trim(str_from(s, (size_t)blank));
	while (str_ends(s,
			STR("!"))) /* lockdep_rcu_suspicious() adds one to whatever it is given */
		s.len--;
	ret->rcu.file = str_head(where, (size_t)colon);
	ret->rcu.line = line;
	ret->rcu.text = s;
	return 0;
}

/* "rcu_scheduler_active = 2, debug_locks = 1" */
int claim_rcu_active(struct parser *p, const struct said *said, uint64_t line)
{
	struct str s = said->rest;
	uint64_t n;

	(void)line;
	if (str_skip_uint(&s, &n) < 0)
		return FEED_TAKEN;
	p->r->rcu.scheduler_active = n < 3 ? (int)n : -1;
	if (str_skip(&s, STR(", debug_locks = ")) && str_skip_uint(&s, &n) == 0)
		p->r->rcu.debug_locks = n != 0;
	return FEED_TAKEN;
}

int claim_rcu_illegal(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;

	(void)line;
	r->rcu.offline |= str_starts(said->rest, STR("offline"));
	r->rcu.idle |= str_starts(said->rest, STR("idle"));
	r->rcu.extended |= str_starts(said->rest, STR("extended"));
	return FEED_TAKEN;
}

/* "C/P still has locks held", "MAX_LOCKDEP_KEYS too low" */
void claim_banner(struct report *r, const struct banner *b)
{
	ptrdiff_t end = str_find(b->sentence, STR(" still has locks held"));

	if (end > 0)
		r->sure_task = task_parse(str_head(b->sentence, (size_t)end), &r->task) == 0;
	end = str_find(b->sentence, STR(" too low"));
	if (r->kind == KIND_LIMIT && end > 0)
		r->limit = str_head(b->sentence, (size_t)end);
	else if (r->kind == KIND_LIMIT)
		r->limit = STR("MAX_LOCKDEP_SUBCLASSES");
	r->severity = b->severity;
	r->old_banner = b->bracket;
}

/* Source: __lock_acquire(). */
bool claim_is_depth(struct str s)
{
	uint64_t ignored;

	return str_skip(&s, STR("depth: ")) && str_skip_uint(&s, &ignored) == 0 &&
	       str_skip(&s, STR("  max: ")) && str_skip_uint(&s, &ignored) == 0 &&
	       str_eq(s, STR("!"));
}
