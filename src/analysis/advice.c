/* SPDX-License-Identifier: MIT */
#include "analyst.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cycles.h"
#include "features.h"
#include "survey.h"

/* How often there is nothing to break: the answer is an annotation. */
#define ANNOTATE_CIRCULAR 0.06
static const double annotate_recursion[] = {
	[RECURSION_NONE] = ANNOTATE_CIRCULAR,
	[RECURSION_SAME_LOCK] = 0.05,
	[RECURSION_OTHER_LOCK] = 0.6,
	[RECURSION_UNKNOWN] = 0.45,
};

/* Names of locks in one sentence; more are counted. */
#define LOCKS_IN_SENTENCE 3

struct advice {
	const struct analyst *a;
	struct report *r;
	struct verdict *v;
	struct graph *g;
	bool *cut; /* per edge of g */
	bool more; /* a limit was hit */
	FILE *out; /* where sentences are filled in: into text */
	char *text;
	size_t text_len;
};

/* Index of the first frame of a function; the number of frames: it is not in there. */
static size_t frame_of(const stack *s, struct str function)
{
	for (size_t i = 0; function.len && i < s->n; i++)
		if (s->p[i].reliable && str_eq(function_name(s->p[i].function), function))
			return i;
	return s->n;
}

/* In the stack of #0: how many frames run with @p held taken. Its acquirer is in there, or unknown. */
static size_t frames_inside(const stack *s, const struct lock *held)
{
	return held ? frame_of(s, function_name(held->at_frame.function)) : s->n;
}

/*
 * Where in the stack of an edge its held lock is taken, by the stack that ends with that lock: the
 * innermost function that stands in both; with @p taker, only the one that takes it there. @return
 * the number of frames: not known
 */
static size_t common_frame(const struct advice *ad, const struct dependency *d, bool taker)
{
	const stack *s = d->frames;

	for (size_t i = 0; i < ad->v->n_chain_edges; i++) {
		const stack *taken = ad->v->edges.p[i].frames;
		size_t own = own_frames(ad->a->roles, taken);

		for (size_t k = 0; k < own && str_eq(ad->v->edges.p[i].to, d->from); k++) {
			struct str name = function_name(taken->p[k].function);
			enum role role =
				taken->p[k].reliable ? role_of(ad->a->roles, name) : ROLE_LOCKDEP;

			if (role == ROLE_LOCKDEP || role == ROLE_PRIMITIVE)
				continue;
			if (taker || (role == ROLE_CODE && frame_of(s, name) < s->n))
				return frame_of(s, name);
		}
	}
	return s->n;
}

/* The same for #0, too, of which the lock's line tells. */
static size_t holder_frame(const struct advice *ad, const struct dependency *d)
{
	size_t at = d->frames->n;

	if (d->index == 0)
		at = frame_of(d->frames, function_name(ad->r->holding.at_frame.function));
	return at < d->frames->n ? at : common_frame(ad, d, false);
}

/* An allocator's caller is to blame; @return the number of frames: there is none. */
static size_t below_allocators(const struct advice *ad, const stack *s, size_t at)
{
	size_t own = own_frames(ad->a->roles, s);

	while (at < own &&
	       (role_of(ad->a->roles, s->p[at].function) != ROLE_CODE || !s->p[at].reliable ||
		str_find(function_name(s->p[at].function), STR("alloc")) >= 0))
		at++;
	return at < own ? at : s->n;
}

/*
 * Room for an allocation, or a scope for it, is made where the lock is taken: that is the place of
 * the patch if it is near what allocates. Further out there is somebody else's code in between.
 */
#define HOLDER_NEAR 4
static void place_allocation(const struct advice *ad, struct suggestion *s)
{
	static const char *const remedies[] = { "gfp-scope", "preallocate", "move-allocation-out" };
	const stack *frames = s->edge->frames;
	size_t at = frame_of(frames, s->function), holder, caller;
	bool fits = false;

	for (size_t i = 0; i < ARRAY_SIZE(remedies); i++)
		fits |= !strcmp(s->remedy, remedies[i]);
	if (!fits)
		return;
	holder = holder_frame(ad, s->edge);
	caller = below_allocators(ad, frames, at);
	if (holder < frames->n && holder >= at && holder <= at + HOLDER_NEAR)
		at = holder;
	else if (caller < frames->n)
		at = caller;
	if (at >= frames->n)
		return;
	s->function = function_name(frames->p[at].function);
	s->module = frames->p[at].module;
}

/* The stack of #0 has no own code, as a worker between two items: then who took the held lock. */
static void blame_holder(const struct advice *ad, struct suggestion *s)
{
	struct str taker = lock_taker(ad->a, &ad->r->holding);

	if (s->edge->index != 0 || !s->function.len || !taker.len ||
	    role_of(ad->a->roles, s->function) != ROLE_ENTRY ||
	    role_of(ad->a->roles, taker) != ROLE_CODE)
		return;
	s->function = taker;
	s->module = ad->r->holding.at_frame.module;
}

/* How one is inside of what is no lock, around its name. */
static const struct holder {
	const char *before, *after;
} holders[] = {
	[LOCK_WORK] = { "in the work item ", "" },
	[LOCK_WORKQUEUE] = { "on the workqueue ", "" },
	[LOCK_TIMER] = { "in the callback of the timer ", "" },
	[LOCK_COMPLETION] = { "before ", " is completed" },
	[LOCK_RECLAIM] = { "in memory reclaim (", ")" },
	[LOCK_HOTPLUG_STATE] = { "in a CPU hotplug callback (", ")" },
	[LOCK_ACTIVE_REF] = { "in a method of a sysfs or kernfs file (", ")" },
	[LOCK_QUEUE] = { "with a block request in flight or the queue frozen (", ")" },
};

/* @return NULL for a lock that is simply held */
static const struct holder *holder_of(struct str name)
{
	enum lock_type type = lock_type(name);

	return type < ARRAY_SIZE(holders) && holders[type].before ? &holders[type] : NULL;
}

bool write_holder(FILE *out, struct str name)
{
	const struct holder *h = holder_of(name);

	if (h)
		fprintf(out, "%s" STR_FMT "%s", h->before, STR_ARG(name), h->after);
	return h;
}

/* An RCU reader blocks nobody here, and is often that of the function which waits. */
static bool is_told(const struct held_lock *h)
{
	return lock_type(h->lock.name) != LOCK_RCU_READER;
}

/* Locks of the list from @p first on that a reader has to know of, "a, b and c". */
static void write_locks(FILE *out, const struct report *r, size_t first, const char *last_joint)
{
	size_t n = 0, shown, told = 0;

	for (size_t i = first; i < r->held_locks.n; i++)
		n += is_told(&r->held_locks.p[i]);
	shown = n > LOCKS_IN_SENTENCE ? LOCKS_IN_SENTENCE : n;
	for (size_t i = first; i < r->held_locks.n && told < shown; i++) {
		const char *joint = told == 0			    ? "" :
				    told + 1 == shown && shown == n ? last_joint :
								      ", ";

		if (!is_told(&r->held_locks.p[i]))
			continue;
		fprintf(out, "%s" STR_FMT, joint, STR_ARG(r->held_locks.p[i].lock.name));
		told++;
	}
	if (shown < n)
		fprintf(out, " (and %zu more)", n - shown);
}

struct words {
	const struct advice *ad;
	const struct suggestion *s;
	size_t held; /* index into held_locks of s->held; SIZE_MAX: no list */
};

static void write_word(FILE *out, char which, const struct words *w)
{
	const struct report *r = w->ad->r;
	const struct suggestion *s = w->s;

	switch (which) {
	case 'F':
		if (s->function.len)
			fprintf(out, STR_FMT "()", STR_ARG(s->function));
		else
			fputs("the code", out);
		break;
	case 'T':
		fprintf(out, STR_FMT, STR_ARG(s->edge->to));
		break;
	case 'H':
		if (write_holder(out, s->held))
			break;
		fputs("with ", out);
		if (w->held == SIZE_MAX || !is_told(&r->held_locks.p[w->held]))
			fprintf(out, STR_FMT, STR_ARG(s->held));
		else
			write_locks(out, r, w->held, " and ");
		fputs(" held", out);
		break;
	case 'L':
		fprintf(out, STR_FMT, STR_ARG(s->held));
		break;
	case 'G':
		if (s->edge->index > 0) /* the header knows the lock of #0 only */
			fputs("some earlier code", out);
		else if (r->holding.at_frame.function.len)
			fprintf(out, STR_FMT "()", STR_ARG(lock_taker(w->ad->a, &r->holding)));
		else
			fputs("some caller", out);
		break;
	default:
		break;
	}
}

static int fill_in(struct advice *ad, const char *sentence, const struct words *w, struct str *ret)
{
	FILE *out = ad->out;
	long len;

	rewind(out);
	for (const char *p = sentence; *p;) {
		size_t plain = strcspn(p, "{");

		fwrite(p, 1, plain, out);
		p += plain;
		if (p[0] && p[1] && p[2] == '}') {
			write_word(out, p[1], w);
			p += 3;
		} else if (*p) {
			fputc(*p++, out);
		}
	}
	len = ftell(out);
	if (len < 0 || fflush(out) != 0)
		return -ENOMEM;
	if (len && ad->text[0] >= 'a' && ad->text[0] <= 'z' && !w->s->function.len)
		ad->text[0] = (char)(ad->text[0] - 'a' + 'A');
	return arena_str(ad->r->mem, (struct str){ ad->text, (size_t)len }, ret);
}

/* What is no lock is not released: a work item, a timer's callback, memory reclaim. */
static const char *todo_for(const struct pattern_row *row, struct str held)
{
	if (!holder_of(held) || !strstr(row->todo, "{L}"))
		return row->todo;
	return row->elsewhere ? row->elsewhere : "Do it elsewhere, not {H}, or without {T}.";
}

static int add_note(struct advice *ad, const char *kind, int64_t edge, struct str text)
{
	struct note *n = vec_push(ad->r->mem, &ad->v->notes);

	if (!n)
		return -ENOMEM;
	*n = (struct note){ .kind = kind, .edge = edge, .text = text };
	return 0;
}

/* Index in the graph of the edge of a dependency. */
static size_t graph_index(const struct graph *g, const struct dependency *d)
{
	for (size_t i = 0; i < graph_edges(g); i++) {
		const struct graph_edge *e = graph_edge(g, i);

		if (str_eq(graph_name(g, e->from), d->from) && str_eq(graph_name(g, e->to), d->to))
			return i;
	}
	return SIZE_MAX;
}

/* Order in which the report numbers a lock: #0 first; unknown ones last. */
static uint64_t chain_number(const struct report *r, struct str name)
{
	for (size_t i = 0; i < r->chain.n; i++)
		if (str_eq(r->chain.p[i].lock.name, name))
			return r->chain.p[i].index;
	return UINT64_MAX;
}

/* What stays when `cut` is cut: names of each cycle from its lowest number on. */
static int list_cycles(struct advice *ad, lock_cycles *ret)
{
	struct arena *mem = ad->r->mem;
	struct cycles found;
	int err = cycles_find(ad->g, ad->cut, CYCLES_MAX, mem, &found);

	if (err)
		return err;
	ad->more |= found.more;
	for (size_t i = 0; i < found.list.n; i++) {
		const struct id_cycle *c = &found.list.p[i];
		struct lock_cycle *names = vec_push(mem, ret);
		struct str *locks = arena_alloc(mem, c->n * sizeof(*locks));
		size_t lowest = 0;

		if (!names || !locks)
			return -ENOMEM;
		for (size_t k = 1; k < c->n; k++)
			if (chain_number(ad->r, graph_name(ad->g, c->locks[k])) <
			    chain_number(ad->r, graph_name(ad->g, c->locks[lowest])))
				lowest = k;
		for (size_t k = 0; k < c->n; k++) {
			struct str name = graph_name(ad->g, c->locks[(lowest + k) % c->n]);

			if (arena_str(mem, name, &locks[k]) < 0)
				return -ENOMEM;
		}
		*names = (struct lock_cycle){ locks, c->n };
	}
	return 0;
}

/* The outermost held lock from which the cycle could still be closed; SIZE_MAX: none. */
static int outermost_held(struct advice *ad, size_t *ret)
{
	bool *reached = calloc(graph_locks(ad->g), sizeof(*reached));
	lock_id wanted, held;
	int err = reached ? graph_lock(ad->g, report_wanted(ad->r), &wanted) : -ENOMEM;

	*ret = SIZE_MAX;
	if (!err)
		err = cycles_reach(ad->g, wanted, reached);
	for (size_t i = ad->v->n_chain_edges; !err && i < ad->v->edges.n; i++) {
		const struct dependency *d = &ad->v->edges.p[i];

		err = graph_lock(ad->g, d->from, &held); /* it is there: this only looks it up */
		if (!err && reached[held]) {
			*ret = (size_t)d->held;
			break;
		}
	}
	free(reached);
	return err;
}

/* Set or clear the cut of the derived edges of held locks from @p held on. */
static void cut_held(struct advice *ad, size_t held, bool value)
{
	for (size_t i = ad->v->n_chain_edges; i < ad->v->edges.n; i++) {
		const struct dependency *d = &ad->v->edges.p[i];

		if ((size_t)d->held >= held)
			ad->cut[graph_index(ad->g, d)] = value;
	}
}

/* held, leaves and sufficient, as the contract defines them. */
static int judge_cut(struct advice *ad, struct suggestion *s, size_t *held)
{
	size_t index = graph_index(ad->g, s->edge);
	struct cycles rest;
	int err;

	*held = SIZE_MAX;
	s->held = s->edge->from;
	if (s->edge->index == 0 && ad->v->edges.n > ad->v->n_chain_edges) {
		err = outermost_held(ad, held);
		if (err)
			return err;
		if (*held != SIZE_MAX)
			s->held = ad->r->held_locks.p[*held].lock.name;
	}
	ad->cut[index] = true;
	err = list_cycles(ad, &s->leaves);
	if (!err && *held == SIZE_MAX)
		s->sufficient = !s->leaves.n;
	if (!err && *held != SIZE_MAX) {
		cut_held(ad, *held, true);
		err = cycles_find(ad->g, ad->cut, 1, ad->r->mem, &rest);
		s->sufficient = !err && !rest.list.n && !rest.more;
		cut_held(ad, *held, false);
	}
	ad->cut[index] = false;
	return err;
}

struct sign_notes {
	struct advice *ad;
	const struct dependency *edge;
	int err;
};

static void note_sign(void *ctx, const struct sign_row *row)
{
	struct sign_notes *n = ctx;
	struct str text = str_of(row->text);

	if (!row->kind || n->err)
		return;
	if (row->named)
		n->err = arena_printf(n->ad->r->mem, &text, STR_FMT " %s", STR_ARG(n->edge->from),
				      row->text);
	if (!n->err)
		n->err = add_note(n->ad, row->kind, n->edge->index, text);
}

/* "Dropping only b would not help: a, taken before it, closes the same cycle." */
static int say_but(struct advice *ad, struct suggestion *s)
{
	struct str from = s->edge->from;

	if (!s->leaves.n)
		return 0;
	if (s->sufficient && !str_eq(s->held, from))
		return arena_printf(ad->r->mem, &s->but,
				    "Dropping only " STR_FMT " would not help: " STR_FMT
				    ", taken before it, closes the same cycle.",
				    STR_ARG(from), STR_ARG(s->held));
	return arena_printf(ad->r->mem, &s->but,
			    "Breaking this alone does not help: %zu cycle%s without it.",
			    s->leaves.n, s->leaves.n == 1 ? " stays" : "s stay");
}

/*
 * "&lock" and "&lock/1": parent and child, stacked devices, two of one type. Not "&lock#2", which is
 * a namesake.
 */
static int note_nested(struct advice *ad, const struct dependency *d)
{
	struct str text;

	if (ad->r->kind == KIND_RECURSIVE ||
	    !str_eq(lock_without_subclass(d->from), lock_without_subclass(d->to)))
		return 0;
	if (arena_printf(ad->r->mem, &text,
			 STR_FMT
			 " and " STR_FMT
			 " are of one class, parent and child or two of a kind; the subclass "
			 "(mutex_lock_nested() and the like) promises that they are always taken "
			 "in one order",
			 STR_ARG(d->from), STR_ARG(d->to)) < 0)
		return -ENOMEM;
	return add_note(ad, "nested-class", d->index, text);
}

/* "{.+.+}": never taken for writing with interrupts on, nor in an interrupt. */
static bool has_readers_only(struct str usage)
{
	bool read = false;

	for (size_t i = 0; i < usage.len; i++) {
		if (i % 2 ? usage.p[i] != '+' && usage.p[i] != '.' : usage.p[i] != '.')
			return false;
		read |= usage.p[i] == '+';
	}
	return read && usage.len % 2 == 0;
}

/* Whether a stack takes a lock for reading that is waited for asleep, so with interrupts on. */
static bool sleeps_to_read(const stack *s)
{
	static const char *const names[] = { "down_read", "percpu_down_read", "sb_start_",
					     "__sb_start_", "mnt_want_write" };

	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			if (s->p[i].reliable && str_starts(s->p[i].function, str_of(names[k])))
				return true;
	return false;
}

/*
 * Readers block one another only while a writer waits, and no writer was seen. Usage: see
 * get_usage_char() in kernel/locking/lockdep.c (6.1).
 */
static int note_readers(struct advice *ad, const struct dependency *d)
{
	const struct report *r = ad->r;
	struct str text;

	for (size_t i = 0; i < r->chain.n; i++) {
		const struct lock *l = &r->chain.p[i].lock;

		if (!str_eq(l->name, d->to) || !has_readers_only(l->usage) ||
		    !sleeps_to_read(d->frames))
			continue;
		if (arena_printf(r->mem, &text,
				 STR_FMT " was only taken by readers so far ({" STR_FMT
					 "}): they block one another only once "
					 "somebody waits to take it for writing",
				 STR_ARG(l->name), STR_ARG(l->usage)) < 0)
			return -ENOMEM;
		return add_note(ad, "readers-only", d->index, text);
	}
	return 0;
}

/* No single suggestion leaves no cycle: the cheapest set that does. */
static int note_smallest_set(struct advice *ad)
{
	struct arena *mem = ad->r->mem;
	size_t n = graph_locks(ad->g), m = graph_edges(ad->g);
	struct part part = { .n = (uint32_t)n, .m = (uint32_t)m };
	struct part_cut cut = { .cut = arena_alloc(mem, m + 1) };
	uint32_t *ends = arena_alloc(mem, 3 * m * sizeof(*ends) + 1);
	struct str text = STR("no single edge is enough; a smallest set is ");
	bool any = false;
	int err;

	for (size_t i = 0; i < ad->v->suggestions.n; i++)
		if (ad->v->suggestions.p[i].sufficient)
			return 0;
	if (!ad->v->suggestions.n || !ad->v->closed)
		return 0;
	if (!cut.cut || !ends)
		return -ENOMEM;
	part.from = ends;
	part.to = ends + m;
	part.cost = ends + 2 * m;
	for (size_t i = 0; i < m; i++) {
		part.from[i] = graph_edge(ad->g, i)->from;
		part.to[i] = graph_edge(ad->g, i)->to;
		part.cost[i] = 1;
	}
	err = cut_find(&part, &cut);
	for (size_t i = 0; !err && i < m; i++) {
		if (!cut.cut[i])
			continue;
		err = arena_printf(mem, &text, STR_FMT "%s" STR_FMT " -> " STR_FMT, STR_ARG(text),
				   any ? ", " : "", STR_ARG(graph_name(ad->g, part.from[i])),
				   STR_ARG(graph_name(ad->g, part.to[i])));
		any = true;
	}
	return err || !any ? err : add_note(ad, "smallest-set", -1, text);
}

static enum recursion recursion_of(const struct report *r)
{
	if (r->kind != KIND_RECURSIVE)
		return RECURSION_NONE;
	if (!r->acquiring.address.len || !r->holding.address.len || *r->acquiring.address.p == '(')
		return RECURSION_UNKNOWN;
	return str_eq(r->acquiring.address, r->holding.address) ? RECURSION_SAME_LOCK :
								  RECURSION_OTHER_LOCK;
}

static int name_both(struct arena *mem, struct str name, struct lock_names *ret)
{
	int err = lock_stable_name(mem, name, &ret->stable);

	return err ? err : lock_common_name(mem, name, &ret->common);
}

/* Neither of its locks is one of #0: a link between others, in a long cycle. */
static bool is_apart(const struct advice *ad, const struct dependency *d)
{
	const struct dependency *closing = &ad->v->edges.p[0];

	return closing->index == 0 && d != closing && !str_eq(d->from, closing->from) &&
	       !str_eq(d->from, closing->to) && !str_eq(d->to, closing->from) &&
	       !str_eq(d->to, closing->to);
}

static int suggest(struct advice *ad, const struct dependency *d, struct telling *telling)
{
	const struct analyst *a = ad->a;
	struct suggestion *s = vec_push(ad->r->mem, &ad->v->suggestions);
	struct sign_notes notes = { ad, d, 0 };
	struct edge_view view = { .frames = d->frames,
				  .recursion = recursion_of(ad->r),
				  .context = context_frames(d->frames) };
	struct feature_input in = {
		.order = a->order, .edge = &view, .closing = d->index == 0, .apart = is_apart(ad, d)
	};
	struct pattern_hit hit;
	struct words w = { .ad = ad, .s = s };
	int err;

	if (!s)
		return -ENOMEM;
	s->edge = d;
	err = judge_cut(ad, s, &w.held);
	if (!err)
		err = name_both(ad->r->mem, d->from, &in.from);
	if (!err)
		err = name_both(ad->r->mem, d->to, &in.to);
	if (err)
		return err;
	view.from = in.from.common;
	view.to = in.to.common;
	view.own = lock_type(in.from.stable) == LOCK_PLAIN &&
		   lock_reach(a->order, &in.from) == REACH_SPECIFIC;
	view.inside = d->index > 0 ?
			      common_frame(ad, d, true) :
			      frames_inside(d->frames, w.held == SIZE_MAX ?
							       NULL :
							       &ad->r->held_locks.p[w.held].lock);
	hit = patterns_find(a->patterns, a->roles, &view);
	*telling = telling_make(a, d->frames, hit.call);
	if (d->index == 0)
		telling_name(a, &ad->r->acquiring, telling);
	s->pattern = hit.row->name;
	s->remedy = hit.row->remedy;
	s->function = telling->function;
	s->module = telling->module;
	place_allocation(ad, s);
	blame_holder(ad, s);
	signs_find(a->patterns, a->roles, &view, note_sign, &notes);
	in.pattern = hit.row;
	in.sufficient = s->sufficient;
	s->score = features_weigh(&in, ad->r->mem, &s->features);
	err = notes.err ? notes.err : note_nested(ad, d);
	if (!err)
		err = note_readers(ad, d);
	if (!err)
		err = fill_in(ad, hit.row->what, &w, &s->what);
	if (!err)
		err = fill_in(ad, todo_for(hit.row, s->held), &w, &s->todo);
	return err ? err : say_but(ad, s);
}

/* Of two that are as likely, the one of which more is known is of more use. */
static bool is_general(const struct suggestion *s)
{
	return !strcmp(s->pattern, "lock-order");
}

static int by_score(const void *a, const void *b)
{
	const struct suggestion *x = a, *y = b;

	if (x->score > y->score || x->score < y->score)
		return x->score > y->score ? -1 : 1;
	if (is_general(x) != is_general(y))
		return is_general(x) ? 1 : -1;
	return (x->edge->index > y->edge->index) - (x->edge->index < y->edge->index);
}

void suggestions_rank(struct verdict *v, double rest)
{
	double sum = 0;

	for (size_t i = 0; i < v->suggestions.n; i++)
		sum += exp(v->suggestions.p[i].score);
	if (v->suggestions.n)
		qsort(v->suggestions.p, v->suggestions.n, sizeof(*v->suggestions.p), by_score);
	for (size_t i = 0; i < v->suggestions.n; i++) {
		struct suggestion *s = &v->suggestions.p[i];

		s->rank = (unsigned int)i + 1;
		s->score = round(exp(s->score) / sum * rest * 100) / 100;
	}
}

static int note_held(struct advice *ad, size_t i, const char *kind, const char *why)
{
	struct str text;
	int err = arena_printf(ad->r->mem, &text,
			       STR_FMT " of the list of held locks proves no edge: %s",
			       STR_ARG(ad->r->held_locks.p[i].lock.name), why);

	return err ? err : add_note(ad, kind, -1, text);
}

/* Held locks of the cycle that were not counted, and why. */
static int note_held_locks(struct advice *ad)
{
	const struct report *r = ad->r;
	int err = 0;

	for (size_t i = 0; !err && i < r->held_locks.n && r->kind == KIND_CIRCULAR; i++) {
		if (chain_number(r, r->held_locks.p[i].lock.name) == UINT64_MAX)
			continue;
		switch (held_lock_proof(r, i)) {
		case HELD_IS_READER:
			err = note_held(ad, i, "held-reader",
					"a recursive reader blocks no other reader");
			break;
		case HELD_OTHER_CONTEXT:
			err = note_held(
				ad, i, "held-elsewhere",
				"it is not seen to be taken in the interrupt that wants the lock");
			break;
		default:
			break;
		}
	}
	return err;
}

/* How much of the cycle is not in the log: each edge that is missing may be the one. */
static double lost_share(const struct advice *ad)
{
	const struct report *r = ad->r;
	size_t known = ad->v->n_chain_edges;
	uint64_t all = r->chain.n ? r->chain.p[r->chain.n - 1].index + 1 : known;

	if (ad->v->closed || !known)
		return 0;
	return all > known ? 1 - (double)known / (double)all : 1 / (double)(known + 1);
}

static int advise(struct advice *ad)
{
	struct verdict *v = ad->v;
	int err = 0;

	for (size_t i = 0; !err && i < v->edges.n; i++)
		err = graph_add(ad->g, &v->edges.p[i]);
	ad->cut = err ? NULL : calloc(graph_edges(ad->g) + 1, sizeof(*ad->cut));
	ad->out = open_memstream(&ad->text, &ad->text_len);
	if (!ad->cut || !ad->out)
		return -ENOMEM;
	for (size_t i = 0; !err && i < v->n_chain_edges && i < SUGGESTIONS_MAX; i++)
		err = suggest(ad, &v->edges.p[i], &v->tellings[i]);
	if (!err)
		err = note_held_locks(ad);
	if (!err)
		err = note_smallest_set(ad);
	if (!err && (ad->more || v->n_chain_edges > SUGGESTIONS_MAX))
		err = add_note(ad, "limit", -1,
			       STR("too many locks or cycles: not all were worked out"));
	if (!err)
		suggestions_rank(v, (1 - annotate_recursion[recursion_of(ad->r)]) *
					    (1 - lost_share(ad)));
	return err;
}

static bool has_cycle(const struct report *r)
{
	return r->kind == KIND_CIRCULAR || r->kind == KIND_RECURSIVE;
}

int advice_make(const struct analyst *a, struct report *r, struct verdict *v)
{
	struct advice ad = { .a = a, .r = r, .v = v, .g = graph_new() };
	int err = -ENOMEM;

	v->tellings = arena_alloc(r->mem, (v->edges.n + 1) * sizeof(*v->tellings));
	for (size_t i = 0; v->tellings && i < v->edges.n; i++)
		v->tellings[i] = telling_make(a, v->edges.p[i].frames, SIZE_MAX);
	if (ad.g && v->tellings)
		err = v->n_chain_edges && has_cycle(r) ? advise(&ad) : 0;
	if (ad.out)
		fclose(ad.out);
	free(ad.text);
	free(ad.cut);
	graph_free(ad.g);
	return err;
}
