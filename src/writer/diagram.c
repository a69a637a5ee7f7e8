/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "words.h"
#include "writers.h"

/*
 * A picture for commit messages: plain ASCII, every edge of the cycle. Each line begins with
 * blanks, so that no line is a comment ('#'), a separator ("---", "diff -", "Index:"), an
 * in-body header or a trailer to git, whatever the names in it are.
 */

#define MARGIN 2
#define STEP 2 /* columns a rung is further right than the one above */

struct diagram_state {
	size_t width;
	bool any;
};

static int ascii(struct arena *mem, struct str s, struct str *ret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int err;

	if (!out)
		return -ENOMEM;
	clean_print_ascii(out, s);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	err = arena_str(mem, (struct str){ text, len }, ret);
	free(text);
	return err;
}

/* Both ends of a name tell more than its middle. */
static void print_fitted(FILE *out, struct str s, size_t room)
{
	size_t head = room > 5 ? (room - 3) / 2 : 1, tail = room > 5 ? room - 3 - head : 1;

	if (s.len <= room)
		fprintf(out, STR_FMT, STR_ARG(s));
	else
		fprintf(out, STR_FMT "..." STR_FMT, STR_ARG(str_head(s, head)),
			STR_ARG(str_from(s, s.len - tail)));
}

/* Words from the margin on; never longer than the width unless one word is. */
static void print_paragraph(const struct diagram_state *s, FILE *out, struct str text)
{
	size_t column = 0;

	while (text.len) {
		ptrdiff_t blank = str_chr(text, ' ');
		struct str word = str_head(text, blank < 0 ? text.len : (size_t)blank);

		if (column && column + 1 + word.len > s->width) {
			fputc('\n', out);
			column = 0;
		}
		column += (size_t)fprintf(out, "%*s", column ? 1 : MARGIN, "");
		print_fitted(out, word, s->width - MARGIN);
		column += word.len;
		text = str_from(text, word.len + 1);
	}
	fputc('\n', out);
}

struct rung {
	struct str name, where; /* ASCII */
	const char *remark;
	bool here; /* the suggested edge */
};

static int make_rung(const struct report *r, struct str name, const struct dependency *edge,
		     const struct telling *t, bool here, struct rung *ret)
{
	int err = ascii(r->mem, name, &ret->name);

	ret->remark = edge ? relation_words(edge) : "";
	ret->here = here;
	ret->where = (struct str){ NULL, 0 };
	if (!err && t && t->function.len) {
		struct str f;

		err = ascii(r->mem, t->function, &f);
		if (!err)
			err = arena_printf(r->mem, &ret->where, STR_FMT "()", STR_ARG(f));
	}
	return err;
}

static size_t rung_indent(size_t depth, bool compact)
{
	return depth ? MARGIN + 1 + (compact ? 0 : (depth - 1) * STEP) : MARGIN;
}

static size_t rung_width(const struct rung *g, size_t depth, bool compact)
{
	return rung_indent(depth, compact) + (depth ? 4 : 0) + g->name.len;
}

static void print_rung(const struct diagram_state *s, FILE *out, const struct rung *g, size_t depth,
		       size_t column, bool compact)
{
	size_t indent = rung_indent(depth, compact), at, need, room;
	const char *here = g->here ? "  <- break" : "";

	fprintf(out, "%*s%s", (int)indent, "", depth ? "`-> " : "");
	at = indent + (depth ? 4 : 0);
	print_fitted(out, g->name, s->width - at);
	at += g->name.len < s->width - at ? g->name.len : s->width - at;
	if (!g->where.len && !*g->remark && !g->here) {
		fputc('\n', out);
		return;
	}
	need = g->where.len + (*g->remark ? strlen(g->remark) + (g->where.len ? 2 : 0) : 0) +
	       strlen(here);
	if (at + 2 > column || column + need > s->width) {
		size_t start = indent + 6 + need <= s->width ? indent + 6 :
			       g->where.len		     ? MARGIN + 2 :
							       MARGIN;

		fprintf(out, "\n%*s", (int)start, "");
		at = start;
	} else {
		at += (size_t)fprintf(out, "%*s", (int)(column - at), "");
	}
	room = s->width - at - strlen(here);
	print_fitted(out, g->where, room);
	at += g->where.len < room ? g->where.len : room;
	if (*g->remark && at + strlen(g->remark) + 2 + strlen(here) > s->width && g->where.len)
		fprintf(out, "\n%*s%s",
			MARGIN + 4 + strlen(g->remark) + strlen(here) > s->width ? MARGIN :
										   MARGIN + 4,
			"", g->remark);
	else
		fprintf(out, "%s%s", g->where.len && *g->remark ? ", " : "", g->remark);
	fprintf(out, "%s\n", here);
}

static int draw_ladder(const struct diagram_state *s, FILE *out, const struct report *r,
		       const struct verdict *v)
{
	size_t n = r->chain.n, rungs = 0, column = 0;
	struct rung *g = arena_alloc(r->mem, (2 * n + 2) * sizeof(*g));
	int64_t best = v->suggestions.n ? v->suggestions.p[0].edge->index : -1;
	uint64_t next = 0;
	int err = g ? 0 : -ENOMEM;
	bool compact;

	for (size_t i = 0; !err && i < n; i++) {
		const struct chain_entry *e = &r->chain.p[i];
		const struct telling *t = NULL;
		const struct dependency *d = e->index ? edge_of_entry(v, e->index, &t) : NULL;

		if (e->index > next)
			err = make_rung(r, STR("(missing in the log)"), NULL, NULL, false,
					&g[rungs++]);
		next = e->index + 1;
		if (!err)
			err = make_rung(r, e->lock.name, d, t, d && d->index == best, &g[rungs++]);
	}
	if (!err && !r->chain.p[0].index) {
		const struct telling *t = NULL;
		const struct dependency *d = edge_of_entry(v, 0, &t);

		if (d)
			err = make_rung(r, r->chain.p[0].lock.name, d, t, best == 0, &g[rungs++]);
	}
	compact = rungs * STEP + MARGIN > s->width / 2; /* lost entries have rungs, too */
	for (size_t i = 0; i < rungs; i++) {
		size_t width = rung_width(&g[i], i, compact) + 2;

		if (width > column && width + g[i].where.len <= s->width)
			column = width;
	}
	for (size_t i = 0; !err && i < rungs; i++)
		print_rung(s, out, &g[i], i, column, compact);
	return err;
}

/* "prime_mmap wants cpu_hotplug_lock.rw_sem with &mm->mmap_sem held, but:" */
static int print_intro(const struct diagram_state *s, FILE *out, const struct report *r)
{
	struct str comm = STR("A task"), name, text, held = STR("");
	int err = r->task.known ? ascii(r->mem, r->task.comm, &comm) : 0;

	if (err || !r->has_acquiring)
		return err;
	err = ascii(r->mem, r->acquiring.name, &name);
	for (size_t i = 0; !err && i < r->held_locks.n; i++) {
		struct str one;

		err = ascii(r->mem, r->held_locks.p[i].lock.name, &one);
		if (!err && i == 3 && r->held_locks.n > 4) {
			err = arena_printf(r->mem, &held, STR_FMT " and %zu more", STR_ARG(held),
					   r->held_locks.n - i);
			break;
		}
		if (!err)
			err = arena_printf(r->mem, &held, STR_FMT "%s" STR_FMT, STR_ARG(held),
					   i == 0		    ? "" :
					   i + 1 == r->held_locks.n ? " and " :
								      ", ",
					   STR_ARG(one));
	}
	if (!err && !r->held_locks.n && r->has_holding)
		err = ascii(r->mem, r->holding.name, &held);
	if (!err && r->crosslock)
		err = arena_printf(r->mem, &text,
				   STR_FMT " took " STR_FMT
					   " before it completes what others wait for:",
				   STR_ARG(comm), STR_ARG(name));
	else if (!err && !held.len)
		err = arena_printf(r->mem, &text, STR_FMT " wants " STR_FMT ", but:", STR_ARG(comm),
				   STR_ARG(name));
	else if (!err)
		err = arena_printf(r->mem, &text,
				   STR_FMT " wants " STR_FMT " with " STR_FMT " held, but:",
				   STR_ARG(comm), STR_ARG(name), STR_ARG(held));
	if (!err) {
		print_paragraph(s, out, text);
		fputc('\n', out);
	}
	return err;
}

static int draw_recursion(const struct diagram_state *s, FILE *out, const struct report *r,
			  const struct verdict *v)
{
	struct rung outer, inner;
	int err = make_rung(r, r->holding.name, NULL, NULL, false, &outer);

	if (!err)
		err = make_rung(r, r->acquiring.name, &v->edges.p[0], v->tellings, true, &inner);
	if (!err && r->holding.at_frame.function.len) {
		struct telling t = { .function = r->holding.at_frame.function };

		err = make_rung(r, r->holding.name, NULL, &t, false, &outer);
	}
	if (!err) {
		print_rung(s, out, &outer, 0, MARGIN + outer.name.len + 7, false);
		print_rung(s, out, &inner, 1, MARGIN + outer.name.len + 7, false);
	}
	return err;
}

/* The edge of the path that begins at @p from; NULL: it is not in the log. */
static const struct dependency *path_edge(const struct verdict *v, struct str from,
					  const struct telling **ret)
{
	for (size_t i = 0; i < v->n_chain_edges; i++) {
		if (!str_eq(v->edges.p[i].from, from))
			continue;
		*ret = &v->tellings[i];
		return &v->edges.p[i];
	}
	return NULL;
}

/*
 * The holder of the unsafe lock is interrupted, the interrupt wants the safe one, whose holder
 * wants the unsafe one, perhaps over others.
 */
static int draw_interrupt(const struct diagram_state *s, FILE *out, const struct report *r,
			  const struct verdict *v)
{
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	struct rung *g = arena_alloc(r->mem, (v->n_chain_edges + 5) * sizeof(*g));
	struct str cur = inside->lock, irq, remark;
	size_t rungs = 0, column = 0;
	int err = g ? 0 : -ENOMEM;

	if (!err)
		err = arena_printf(r->mem, &irq, "<%s>", inside->context);
	if (!err)
		err = use_words(r->mem, enabled, &remark);
	if (!err)
		err = make_rung(r, enabled->lock, NULL, &enabled->telling,
				v->suggestions.n && v->suggestions.p[0].edge->pseudo, &g[rungs++]);
	if (!err) {
		g[0].remark = remark.p;
		err = make_rung(r, irq, NULL, NULL, false, &g[rungs++]);
	}
	if (!err)
		err = make_rung(r, inside->lock, NULL, &inside->telling, false, &g[rungs++]);
	for (size_t i = 0; !err && i < v->n_chain_edges && !str_eq(cur, enabled->lock); i++) {
		const struct telling *t = NULL;
		const struct dependency *d = path_edge(v, cur, &t);

		if (!d) {
			break;
		}
		cur = d->to;
		err = make_rung(r, cur, d, t, false, &g[rungs++]);
	}
	if (!err && !str_eq(cur, enabled->lock))
		err = make_rung(r, STR("(missing in the log)"), NULL, NULL, false, &g[rungs++]);
	for (size_t i = 0; i < rungs; i++) {
		size_t width = rung_width(&g[i], i, false) + 2;

		if (width > column && width + g[i].where.len <= s->width)
			column = width;
	}
	for (size_t i = 0; !err && i < rungs; i++)
		print_rung(s, out, &g[i], i, column, false);
	return err;
}

static int diagram_begin(void **state, FILE *out, const struct writer_options *opt)
{
	struct diagram_state *s = calloc(1, sizeof(*s));

	(void)out;
	if (!s)
		return -ENOMEM;
	s->width = opt->width;
	*state = s;
	return 0;
}

static int diagram_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
			  const struct source *src)
{
	struct diagram_state *s = state;
	int err;

	(void)src;
	fputs(s->any ? "\n" : "", out);
	s->any = true;
	if (r->kind == KIND_RECURSIVE && v->n_chain_edges)
		return draw_recursion(s, out, r, v);
	if (v->uses.n)
		return draw_interrupt(s, out, r, v);
	if (!has_cycle(r)) {
		struct str text;

		err = arena_printf(r->mem, &text, "(%s report: there is no cycle to draw)",
				   kind_name(r->kind));
		if (!err)
			print_paragraph(s, out, text);
		return err;
	}
	err = print_intro(s, out, r);
	return err ? err : draw_ladder(s, out, r, v);
}

const struct writer writer_diagram = {
	.name = "diagram",
	.help = "the cycle as plain ASCII, for commit messages",
	.begin = diagram_begin,
	.report = diagram_report,
	.free = free,
};
