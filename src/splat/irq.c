/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "parse.h"
#include "unsplat/splat.h"

/*
 * Reports about interrupts: in which state a class is, where it got there, and the path of
 * dependencies between two classes with all that lockdep knows about each.
 * Sources: print_usage_bug(), print_bad_irq_dependency(), print_irq_inversion_bug(),
 * print_lock_class_header(), print_shortest_lock_dependencies(), 2.6.18 to 6.12.
 */

/* "HC1[1]:", "HE0:" in front of @p s: the letters, the number, perhaps one in brackets. */
static int state_field(struct str *s, struct str name, uint64_t *value, uint64_t *bracket)
{
	struct str t = *s;

	if (!str_skip(&t, name) || str_skip_uint(&t, value) < 0)
		return -ENOENT;
	if (bracket &&
	    (!str_skip(&t, STR("[")) || str_skip_uint(&t, bracket) < 0 || !str_skip(&t, STR("]"))))
		return -ENOENT;
	(void)str_skip(&t, STR(":"));
	*s = t;
	return 0;
}

int irq_state_parse(struct str s, struct irq_state *ret)
{
	struct irq_state state = { .known = true };
	uint64_t hc, sc, he, se;

	if (state_field(&s, STR("HC"), &hc, &state.hardirq_count) < 0 ||
	    state_field(&s, STR("SC"), &sc, &state.softirq_count) < 0 ||
	    state_field(&s, STR("HE"), &he, NULL) < 0 || state_field(&s, STR("SE"), &se, NULL) < 0)
		return -ENOENT;
	state.hardirq = hc;
	state.softirq = sc;
	state.hardirqs_enabled = he;
	state.softirqs_enabled = se;
	*ret = state;
	return 0;
}

/* A state begins to be told about: its stack follows. */
static int open_site(struct parser *p, struct usage_site *site, struct str state,
		     const struct lock *lock, uint64_t line)
{
	site->state = str_trim(state);
	site->lock = *lock;
	site->line = line;
	return parser_open_stack(p, &site->frames) < 0 ? -ENOMEM : FEED_TAKEN;
}

/* "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage." */
int irq_transition(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;
	ptrdiff_t arrow = str_find(said->rest, STR("} -> {")), end;
	struct str to;

	(void)line;
	if (arrow < 0)
		return FEED_TAKEN;
	to = str_from(said->rest, (size_t)arrow + 6);
	end = str_chr(to, '}');
	r->usage_from = str_trim(str_head(said->rest, (size_t)arrow));
	r->usage_to = str_trim(str_head(to, end < 0 ? to.len : (size_t)end));
	p->ident_wanted = false;
	return FEED_TAKEN;
}

/* "{HARDIRQ-ON-W} state was registered at:" */
int irq_registered(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;
	ptrdiff_t end = str_find(said->rest, STR("} state was registered at"));
	struct usage_site *site;

	if (end < 0)
		return FEED_FOREIGN;
	site = vec_push(r->mem, &r->sites);
	if (!site)
		return -ENOMEM;
	return open_site(p, site, str_head(said->rest, (size_t)end), &r->acquiring, line);
}

int irq_stamp(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	(void)line;
	if (p->section == SECTION_STACKS)
		p->open = NULL;
	return FEED_TAKEN;
}

/* "hardirqs last  enabled at (65): [<addr>] SYMBOL"; blanks are often squeezed. */
int irq_event(struct parser *p, const struct said *said, uint64_t line)
{
	struct str s = str_ltrim(said->rest), at;
	bool enabled = str_skip(&s, STR("enabled at ("));
	bool soft = said->rest.p[-(ptrdiff_t)STR("softirqs last ").len] == 's';
	struct irq_event *e;
	uint64_t stamp;

	(void)line;
	if (!enabled && !str_skip(&s, STR("disabled at (")))
		return FEED_FOREIGN;
	if (str_skip_uint(&s, &stamp) < 0 || !str_skip(&s, STR("):")))
		return FEED_FOREIGN;
	at = str_ltrim(s);
	if (str_starts(at, STR("[<")) && str_find(at, STR(">]")) > 0)
		at = str_ltrim(str_from(at, (size_t)str_find(at, STR(">]")) + 2));
	e = &p->r->irq_events[soft ? (enabled ? SOFTIRQS_ENABLED : SOFTIRQS_DISABLED) :
				     (enabled ? HARDIRQS_ENABLED : HARDIRQS_DISABLED)];
	*e = (struct irq_event){ .stamp = stamp, .at = at, .known = true };
	return FEED_TAKEN;
}

/* "HARDIRQ-irq-safe lock:", "hard-irq-safe lock:", "HARDIRQ-READ-unsafe lock in the past:" */
static void set_irq_word(struct report *r, struct str s)
{
	static const char *const ends[] = { "-irq-safe", "-irq-unsafe", "-safe", "-unsafe" };

	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		ptrdiff_t end = str_find(s, str_of(ends[i]));

		if (end <= 0)
			continue;
		r->irq = str_head(s, (size_t)end);
		return;
	}
}

int irq_connects_safe(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	set_irq_word(p->r, said->rest);
	p->expect = &p->r->safe;
	return FEED_TAKEN;
}

int irq_to_unsafe(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	(void)line;
	p->open = NULL;
	p->expect = &p->r->unsafe;
	return FEED_TAKEN;
}

/* "... which became HARDIRQ-irq-safe at:" */
int irq_became(struct parser *p, const struct said *said, uint64_t line)
{
	struct report *r = p->r;
	struct usage_site *site = vec_push(r->mem, &r->sites);
	ptrdiff_t end = str_find(said->rest, STR(" at:"));
	struct str state = str_head(said->rest, end < 0 ? said->rest.len : (size_t)end);

	if (!site)
		return -ENOMEM;
	return open_site(p, site, state,
			 str_find(state, STR("-unsafe")) < 0 ? &r->safe : &r->unsafe, line);
}

static int other_lock(struct parser *p, const struct said *said, enum direction direction)
{
	p->r->direction = direction;
	set_irq_word(p->r, said->rest);
	p->expect = &p->r->other;
	return FEED_TAKEN;
}

int irq_took_other(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	return other_lock(p, said, DIRECTION_FORWARDS);
}

int irq_taken_by_other(struct parser *p, const struct said *said, uint64_t line)
{
	(void)line;
	return other_lock(p, said, DIRECTION_BACKWARDS);
}

static int open_section(struct parser *p, enum path path, uint64_t line)
{
	struct path_section *s = vec_push(p->r->mem, &p->r->sections);

	if (!s)
		return -ENOMEM;
	s->path = path;
	s->line = line;
	p->section = SECTION_STACKS;
	p->open = NULL;
	return FEED_TAKEN;
}

int irq_path(struct parser *p, const struct said *said, uint64_t line)
{
	if (str_starts(said->rest, STR("2nd lock")))
		return open_section(p, PATH_SHORTEST, line);
	if (str_starts(said->rest, STR("the lock to be acquired")))
		return open_section(p, PATH_WANTED_TO_UNSAFE, line);
	if (str_find(said->rest, STR("-safe lock")) >= 0)
		return open_section(p, PATH_SAFE_TO_HELD, line);
	return open_section(p, PATH_TREE, line);
}

int irq_tree(struct parser *p, const struct said *said, uint64_t line)
{
	(void)said;
	return open_section(p, PATH_TREE, line);
}

static struct class_block *open_block(const struct parser *p)
{
	const struct report *r = p->r;
	const struct path_section *s = r->sections.n ? &r->sections.p[r->sections.n - 1] : NULL;

	return s && s->blocks.n ? &s->blocks.p[s->blocks.n - 1] : NULL;
}

int irq_block(struct parser *p, const struct token *t, uint64_t line)
{
	struct report *r = p->r;
	struct class_block *b = vec_push(r->mem, &r->sections.p[r->sections.n - 1].blocks);

	if (!b)
		return -ENOMEM;
	b->lock = t->lock;
	b->line = b->lock.line = line;
	b->ops = t->number;
	b->has_ops = t->has_number;
	p->section = SECTION_STACKS;
	p->open = NULL;
	return FEED_TAKEN;
}

/* "IN-HARDIRQ-W at:"; the words that were recognised are part of the state. */
int irq_block_usage(struct parser *p, const struct said *said, uint64_t line)
{
	struct class_block *b = open_block(p);
	struct usage_site *site;
	struct str text = said->text;
	ptrdiff_t end = str_find(text, STR(" at:"));

	if (!b || end < 0)
		return FEED_FOREIGN;
	site = vec_push(p->r->mem, &b->usages);
	if (!site)
		return -ENOMEM;
	return open_site(p, site, str_head(text, (size_t)end), &b->lock, line);
}

/* "... key      at: [<addr>] SYMBOL" */
int irq_block_key(struct parser *p, const struct said *said, uint64_t line)
{
	struct class_block *b = open_block(p);
	struct lock at = { 0 };

	(void)line;
	if (!b || at_parse(said->rest, &at) < 0)
		return FEED_FOREIGN;
	b->key = at.at;
	p->open = NULL;
	return FEED_TAKEN;
}

int irq_block_acquired(struct parser *p, const struct said *said, uint64_t line)
{
	struct class_block *b = open_block(p);

	(void)said;
	(void)line;
	if (!b)
		return FEED_FOREIGN;
	return parser_open_stack(p, &b->acquired) < 0 ? -ENOMEM : FEED_TAKEN;
}
