/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "analyst.h"
#include "features.h"

/*
 * Reports about interrupts: a lock that is taken in an interrupt (safe), one that is taken
 * with that interrupt enabled (unsafe), and a path of dependencies from the first to the
 * second, which may be no longer than one lock. Two ways out: keep the interrupt off where
 * the unsafe lock is taken, or break the path.
 */

/* How often there is something to mend: the rest is for "annotate it". */
#define SCORE_PATH 0.94
#define SCORE_ONE 0.9 /* one lock: there is nothing else to break */

static const stack no_stack;

struct irq_view {
	const struct report *r;
	struct str safe, unsafe;
	const char *context;			/* as in struct lock_use */
	const char *disable, *disable_read;	/* what keeps it off; for a reader */
	const stack *safe_stack, *unsafe_stack; /* NULL: not printed */
	bool safe_now, unsafe_now;		/* that stack is the present one */
	bool safe_read, unsafe_read;
};

static const struct {
	const char *word; /* what the report's words begin with */
	const char *context, *disable, *disable_read;
} contexts[] = {
	{ "HARDIRQ", "hardirq", "spin_lock_irqsave()", "read_lock_irqsave()" },
	{ "hard", "hardirq", "spin_lock_irqsave()", "read_lock_irqsave()" },
	{ "SOFTIRQ", "softirq", "spin_lock_bh()", "read_lock_bh()" },
	{ "soft", "softirq", "spin_lock_bh()", "read_lock_bh()" },
	{ "RECLAIM_FS", "memory reclaim", "memalloc_nofs_save()", "memalloc_nofs_save()" },
	{ "NMI", "NMI", "a trylock", "a trylock" },
};

/* From "HARDIRQ-READ", "IN-SOFTIRQ-W", "HARDIRQ-ON-R", "hard-read", "in-hardirq-W". */
static void set_context(struct irq_view *v, struct str state)
{
	if (!str_skip(&state, STR("IN-")))
		(void)str_skip(&state, STR("in-"));
	for (size_t i = 0; i < ARRAY_SIZE(contexts); i++) {
		if (!str_starts(state, str_of(contexts[i].word)))
			continue;
		v->context = contexts[i].context;
		v->disable = contexts[i].disable;
		v->disable_read = contexts[i].disable_read;
		return;
	}
}

static bool is_inside(struct str state)
{
	return str_starts(state, STR("IN-")) || str_starts(state, STR("in-"));
}

static bool is_enabled(struct str state)
{
	return str_find(state, STR("-ON-")) >= 0 || str_find(state, STR("-on-")) >= 0;
}

static bool is_read(struct str state)
{
	return str_ends(state, STR("-R")) || str_find(state, STR("READ")) >= 0 ||
	       str_find(state, STR("-read")) >= 0;
}

static const stack *filled(const stack *s)
{
	return s && s->n ? s : NULL;
}

/* The stack of a state, among all that is printed about @p lock in the paths. */
static const stack *path_site(const struct irq_view *v, struct str lock, bool inside, bool *read)
{
	const struct report *r = v->r;

	for (size_t i = 0; i < r->sections.n; i++) {
		for (size_t k = 0; k < r->sections.p[i].blocks.n; k++) {
			const struct class_block *b = &r->sections.p[i].blocks.p[k];

			if (!str_eq(b->lock.name, lock))
				continue;
			for (size_t m = 0; m < b->usages.n; m++) {
				struct irq_view seen = { .r = r };
				struct str state = b->usages.p[m].state;

				set_context(&seen, state);
				if (seen.context != v->context ||
				    (inside ? !is_inside(state) : !is_enabled(state)))
					continue;
				*read = is_read(state);
				return filled(b->usages.p[m].frames);
			}
		}
	}
	return NULL;
}

/* The unsafe lock is taken by a reader, as its stack shows. */
static bool is_reading(const stack *s)
{
	for (size_t i = 0; s && i < s->n; i++)
		if (s->p[i].reliable && (str_starts(s->p[i].function, STR("_raw_read_lock")) ||
					 str_starts(s->p[i].function, STR("__raw_read_lock"))))
			return true;
	return false;
}

static void view_safe_unsafe(struct irq_view *v)
{
	const struct report *r = v->r;

	set_context(v, r->irq);
	v->safe = r->safe.name;
	v->unsafe = r->unsafe.name;
	v->safe_read = is_read(r->irq);
	for (size_t i = 0; i < r->sites.n; i++) {
		const struct usage_site *s = &r->sites.p[i];

		if (str_ends(s->state, STR("-unsafe")))
			v->unsafe_stack = filled(s->frames);
		else
			v->safe_stack = filled(s->frames);
	}
	v->unsafe_read = is_reading(v->unsafe_stack);
}

static void view_inversion(struct irq_view *v)
{
	const struct report *r = v->r;
	bool forwards = r->direction == DIRECTION_FORWARDS;

	if (!r->direction)
		return;
	set_context(v, r->irq);
	v->safe = forwards ? r->acquiring.name : r->other.name;
	v->unsafe = forwards ? r->other.name : r->acquiring.name;
	v->safe_now = forwards;
	v->unsafe_now = !forwards;
	v->safe_stack =
		forwards ? filled(&r->backtrace) : path_site(v, v->safe, true, &v->safe_read);
	v->unsafe_stack =
		forwards ? path_site(v, v->unsafe, false, &v->unsafe_read) : filled(&r->backtrace);
}

static void view_inconsistent(struct irq_view *v)
{
	const struct report *r = v->r;
	const stack *before = r->sites.n ? filled(r->sites.p[0].frames) : NULL;
	bool inside_now = is_inside(r->usage_to);

	if (!r->usage_to.len)
		return;
	set_context(v, is_inside(r->usage_to) ? r->usage_to : r->usage_from);
	v->safe = v->unsafe = r->acquiring.name;
	v->safe_now = inside_now;
	v->unsafe_now = !inside_now;
	v->safe_stack = inside_now ? filled(&r->backtrace) : before;
	v->unsafe_stack = inside_now ? before : filled(&r->backtrace);
	v->safe_read = is_read(inside_now ? r->usage_to : r->usage_from);
	v->unsafe_read = is_read(inside_now ? r->usage_from : r->usage_to);
}

static int add_use(const struct analyst *a, const struct irq_view *view, struct verdict *v,
		   bool inside)
{
	struct lock_use *u = vec_push(view->r->mem, &v->uses);
	const stack *s = inside ? view->safe_stack : view->unsafe_stack;

	if (!u)
		return -ENOMEM;
	*u = (struct lock_use){ .lock = inside ? view->safe : view->unsafe,
				.context = view->context,
				.inside = inside,
				.read = inside ? view->safe_read : view->unsafe_read,
				.now = inside ? view->safe_now : view->unsafe_now };
	if (s)
		u->telling = telling_make(a, s, SIZE_MAX);
	if (u->now) /* the lock that the header names is the one whose state changes */
		telling_name(a, &view->r->acquiring, &u->telling);
	return 0;
}

/* "f()", or what stands for it where the log does not tell. */
static int function_words(struct arena *mem, struct str f, const char *otherwise, struct str *ret)
{
	if (!f.len)
		return arena_str(mem, str_of(otherwise), ret);
	return arena_printf(mem, ret, STR_FMT "()", STR_ARG(f));
}

/* The unsafe lock is memory reclaim: who may wait for memory cannot keep interrupts off. */
static int say_wait(const struct irq_view *view, const struct verdict *v, struct suggestion *s)
{
	struct arena *mem = view->r->mem;
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	struct str f, g;

	if (str_eq(view->safe, view->unsafe)) {
		s->function = inside->telling.function;
		s->module = inside->telling.module;
		if (function_words(mem, s->function, "Some code", &g) < 0 ||
		    arena_printf(mem, &s->what,
				 STR_FMT " allocates memory in a %s and lets that wait for memory "
					 "reclaim (" STR_FMT ").",
				 STR_ARG(g), view->context, STR_ARG(view->unsafe)) < 0)
			return -ENOMEM;
		return arena_str(mem, STR("Allocate with GFP_ATOMIC there, or before."), &s->todo);
	}
	if (function_words(mem, enabled->telling.function, "Some code", &f) < 0 ||
	    function_words(mem, inside->telling.function, "code that the log does not name", &g) <
		    0 ||
	    arena_printf(
		    mem, &s->what,
		    STR_FMT " allocates memory with %ss enabled and may wait for memory "
			    "reclaim; a %s that comes then and runs " STR_FMT " waits for " STR_FMT
			    ", whose holder may wait for reclaim as well.",
		    STR_ARG(f), view->context, view->context, STR_ARG(g), STR_ARG(view->safe)) < 0)
		return -ENOMEM;
	return arena_printf(mem, &s->todo,
			    "That is usual: rather allocate with GFP_ATOMIC where " STR_FMT
			    " is held.",
			    STR_ARG(view->safe));
}

/* Keep the interrupt off where the unsafe lock is taken. */
static int suggest_irqs_off(const struct irq_view *view, struct verdict *v)
{
	struct arena *mem = view->r->mem;
	struct suggestion *s = vec_push(mem, &v->suggestions);
	struct dependency *d = arena_alloc(mem, sizeof(*d));
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	bool reclaim = str_eq(str_of(view->context), STR("memory reclaim"));
	bool nmi = str_eq(str_of(view->context), STR("NMI"));
	bool one = str_eq(view->safe, view->unsafe);
	bool waits = !reclaim && lock_type(view->unsafe) == LOCK_RECLAIM;
	const char *disable = view->unsafe_read ? view->disable_read : view->disable;
	struct str f, g;
	int err;

	if (!s || !d ||
	    function_words(mem, enabled->telling.function, reclaim ? "some code" : "Some code",
			   &f) < 0 ||
	    function_words(mem, inside->telling.function, "code that the log does not name", &g) <
		    0)
		return -ENOMEM;
	*d = (struct dependency){ .index = -1,
				  .held = -1,
				  .from = STR("irqs-on"),
				  .to = view->unsafe,
				  .pseudo = true,
				  .frames = view->unsafe_stack ? view->unsafe_stack : &no_stack };
	*s = (struct suggestion){ .edge = d,
				  .held = d->from,
				  .pattern = reclaim ? "reclaim-recursion" :
					     nmi     ? "nmi-lock" :
					     waits   ? "atomic-allocation" :
						       "irqs-enabled",
				  .remedy = reclaim ? "gfp-scope" :
					    nmi	    ? "use-trylock" :
					    waits   ? "other" :
						      "irq-disable",
				  .function = enabled->telling.function,
				  .module = enabled->telling.module,
				  .sufficient = true };
	if (waits)
		return say_wait(view, v, s);
	if (reclaim)
		err = arena_printf(mem, &s->what,
				   STR_FMT " is held by " STR_FMT
					   " over an allocation that may reclaim "
					   "memory; reclaim, in " STR_FMT ", takes " STR_FMT ".",
				   STR_ARG(view->unsafe), STR_ARG(f), STR_ARG(g),
				   STR_ARG(view->safe));
	else if (nmi)
		err = arena_printf(mem, &s->what,
				   STR_FMT " takes " STR_FMT
					   " in an NMI, which nothing keeps off: it can "
					   "come while the lock is held on the same processor.",
				   STR_ARG(g), STR_ARG(view->safe));
	else if (one)
		err = arena_printf(mem, &s->what,
				   STR_FMT " holds " STR_FMT
					   " with %ss enabled; a %s that comes then and "
					   "runs " STR_FMT
					   " waits for the lock on the processor that holds it.",
				   STR_ARG(f), STR_ARG(view->unsafe), view->context, view->context,
				   STR_ARG(g));
	else
		err = arena_printf(mem, &s->what,
				   STR_FMT " holds " STR_FMT
					   " with %ss enabled; a %s that comes then and "
					   "runs " STR_FMT " waits for " STR_FMT
					   ", whose holder may wait for " STR_FMT ".",
				   STR_ARG(f), STR_ARG(view->unsafe), view->context, view->context,
				   STR_ARG(g), STR_ARG(view->safe), STR_ARG(view->unsafe));
	if (err)
		return err;
	if (nmi)
		return arena_str(mem, STR("Do not take it in an NMI, or only try to."), &s->todo);
	if (reclaim)
		return arena_printf(mem, &s->todo,
				    "Allocate before it is taken, or within %s in " STR_FMT ".",
				    view->disable, STR_ARG(f));
	if (!enabled->telling.function.len)
		return arena_printf(mem, &s->todo, "Take it with %ss disabled there: %s.",
				    view->context, disable);
	return arena_printf(mem, &s->todo, "Take it with %ss disabled in " STR_FMT ": %s.",
			    view->context, STR_ARG(f), disable);
}

/* Break one edge of the path. */
static int suggest_edge(const struct analyst *a, const struct irq_view *view, struct verdict *v,
			const struct dependency *d, struct telling *t)
{
	struct arena *mem = view->r->mem;
	struct suggestion *s = vec_push(mem, &v->suggestions);
	struct str f;

	*t = telling_make(a, d->frames, SIZE_MAX);
	if (!s || function_words(mem, t->function, "The code", &f) < 0)
		return -ENOMEM;
	*s = (struct suggestion){ .edge = d,
				  .held = d->from,
				  .pattern = "irq-path",
				  .remedy = "drop-lock-around",
				  .function = t->function,
				  .module = t->module,
				  .sufficient = true };
	if (arena_printf(mem, &s->what,
			 STR_FMT
			 " takes " STR_FMT " with " STR_FMT
			 " held; that connects a lock used in %ss to one used with them enabled.",
			 STR_ARG(f), STR_ARG(d->to), STR_ARG(d->from), view->context) < 0)
		return -ENOMEM;
	return arena_printf(mem, &s->todo,
			    "Release " STR_FMT " before it, or take " STR_FMT " first.",
			    STR_ARG(d->from), STR_ARG(d->to));
}

/* The stack at the end of the path, where the unsafe lock is taken; NULL: lost. */
static const stack *path_end(const struct irq_view *view)
{
	const struct report *r = view->r;

	if (r->kind == KIND_IRQ_INVERSION && r->direction != DIRECTION_FORWARDS)
		return NULL; /* there "acquired at" is of the safe lock */
	for (size_t i = 0; i < r->sections.n; i++)
		for (size_t k = 0; k < r->sections.p[i].blocks.n; k++) {
			const struct class_block *b = &r->sections.p[i].blocks.p[k];

			if (str_eq(b->lock.name, view->unsafe) && filled(b->acquired))
				return b->acquired;
		}
	return r->kind == KIND_SAFE_UNSAFE ? filled(&r->backtrace) : NULL;
}

/* The path is there, but its edges are not in the log: from end to end. */
static int suggest_path(const struct analyst *a, const struct irq_view *view, struct verdict *v)
{
	struct arena *mem = view->r->mem;
	struct suggestion *s = vec_push(mem, &v->suggestions);
	struct dependency *d = arena_alloc(mem, sizeof(*d));
	const stack *end = path_end(view);
	struct telling t = end ? telling_make(a, end, SIZE_MAX) : (struct telling){ 0 };
	int err;

	if (!s || !d)
		return -ENOMEM;
	*d = (struct dependency){
		.index = -1, .held = -1, .from = view->safe, .to = view->unsafe, .frames = &no_stack
	};
	*s = (struct suggestion){ .edge = d,
				  .held = d->from,
				  .pattern = "irq-path-lost",
				  .remedy = "drop-lock-around",
				  .function = t.function,
				  .module = t.module,
				  .sufficient = true };
	if (t.function.len)
		err = arena_printf(mem, &s->what,
				   STR_FMT "() takes " STR_FMT " with " STR_FMT
					   " held, or with a lock that is taken inside it; "
					   "the log does not show which.",
				   STR_ARG(t.function), STR_ARG(d->to), STR_ARG(d->from));
	else
		err = arena_printf(
			mem, &s->what,
			"With " STR_FMT " held, " STR_FMT
			" is taken, perhaps by way of others; the log does not show where.",
			STR_ARG(d->from), STR_ARG(d->to));
	if (err)
		return err;
	return arena_printf(mem, &s->todo, "Release " STR_FMT " before that.", STR_ARG(d->from));
}

/* Whether the unsafe lock is one that much other code takes: it will not be changed for this one. */
static bool is_core(const struct analyst *a, const struct irq_view *view, const struct verdict *v)
{
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	struct lock_names names;

	if (lock_stable_name(view->r->mem, view->unsafe, &names.stable) < 0 ||
	    lock_common_name(view->r->mem, view->unsafe, &names.common) < 0)
		return false;
	if (lock_reach(a->order, &names) != REACH_SPECIFIC)
		return true;
	return inside->telling.module.len && enabled->telling.function.len &&
	       !enabled->telling.module.len;
}

static int suggest(const struct analyst *a, const struct irq_view *view, struct verdict *v)
{
	bool one = str_eq(view->safe, view->unsafe);
	int err = suggest_irqs_off(view, v);
	size_t n = v->n_chain_edges < SUGGESTIONS_MAX ? v->n_chain_edges : SUGGESTIONS_MAX - 1;
	struct irq_feature_input in = { .path_edges = n ? n : 1 };

	for (size_t i = 0; !err && i < n && !one; i++)
		err = suggest_edge(a, view, v, &v->edges.p[i], &v->tellings[i]);
	if (!err && !n && !one)
		err = suggest_path(a, view, v);
	if (err)
		return err;
	in.core = !one && is_core(a, view, v);
	for (size_t i = 0; i < v->suggestions.n; i++) {
		struct suggestion *s = &v->suggestions.p[i];

		in.keeps_off = s->edge->pseudo;
		s->score = irq_features_weigh(&in, view->r->mem, &s->features);
	}
	suggestions_rank(v, one ? SCORE_ONE : SCORE_PATH);
	return 0;
}

int irq_advice_make(const struct analyst *a, struct report *r, struct verdict *v)
{
	struct irq_view view = { .r = r };
	int err;

	if (r->kind == KIND_SAFE_UNSAFE)
		view_safe_unsafe(&view);
	else if (r->kind == KIND_IRQ_INVERSION)
		view_inversion(&view);
	else if (r->kind == KIND_INCONSISTENT)
		view_inconsistent(&view);
	if (!view.context || !view.safe.len || !view.unsafe.len || r->mixed)
		return 0; /* no such kind, or what it is about is lost or not sure */
	err = add_use(a, &view, v, true);
	if (!err)
		err = add_use(a, &view, v, false);
	return err ? err : suggest(a, &view, v);
}
