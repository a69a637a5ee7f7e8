/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clean.h"
#include "words.h"
#include "writers.h"

/*
 * The report for people at a terminal: the verdict first, then the evidence. Colour only adds.
 */

#define INDENT 7 /* "BREAK  " */
#define NAME_COLUMN_MAX 40
#define CYCLE_INDENT 7	 /* "   #0  " */
#define SURE_ENOUGH 0.10 /* a runner-up below this is not worth a reader's time */

enum color { COLOR_TITLE, COLOR_BREAK, COLOR_OR, COLOR_LABEL, COLOR_DIM };

static const char *const colors[] = {
	[COLOR_TITLE] = "\033[1m",  [COLOR_BREAK] = "\033[1;31m", [COLOR_OR] = "\033[33m",
	[COLOR_LABEL] = "\033[36m", [COLOR_DIM] = "\033[2m",
};

struct text_state {
	struct writer_options opt;
	bool any;
};

static void begin_color(const struct text_state *s, FILE *out, enum color c)
{
	if (s->opt.color)
		fputs(colors[c], out);
}

static void end_color(const struct text_state *s, FILE *out)
{
	if (s->opt.color)
		fputs("\033[0m", out);
}

static void label(const struct text_state *s, FILE *out, enum color c, const char *word)
{
	begin_color(s, out, c);
	fputs(word, out);
	end_color(s, out);
	fprintf(out, "%*s", INDENT - (int)strlen(word), "");
}

/* Words of @p text from column @p column on, wrapped to the width, other lines indented. */
static size_t wrap(const struct text_state *s, FILE *out, struct str text, size_t column)
{
	while (text.len) {
		ptrdiff_t blank = str_chr(text, ' ');
		struct str word = str_head(text, blank < 0 ? text.len : (size_t)blank);
		size_t width = clean_width(word);

		if (column > INDENT && column + width + 1 > s->opt.width) {
			fprintf(out, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (column > INDENT) {
			fputc(' ', out);
			column++;
		}
		clean_print(out, word);
		column += width;
		text = str_from(text, word.len + 1);
	}
	return column;
}

static void sentence(const struct text_state *s, FILE *out, size_t *column, struct str text)
{
	if (text.len)
		*column = wrap(s, out, text, *column);
}

static void print_function(FILE *out, struct str function, struct str module)
{
	clean_print(out, function);
	fputs("()", out);
	if (module.len) {
		fputs(" [", out);
		clean_print(out, module);
		fputc(']', out);
	}
}

/* What a pseudo edge begins with: the context that must be kept off. */
static const char *enabled_words(const struct verdict *v)
{
	static const char *const words[][2] = { { "hardirq", "hardirqs enabled" },
						{ "softirq", "softirqs enabled" },
						{ "memory reclaim", "an allocation" } };

	for (size_t i = 0; v->uses.n && i < ARRAY_SIZE(words); i++)
		if (!strcmp(v->uses.p[0].context, words[i][0]))
			return words[i][1];
	return "an NMI";
}

/* "from -> to", then the place in the chain at the right. */
static void print_edge(const struct text_state *s, FILE *out, const struct verdict *v,
		       const struct suggestion *g)
{
	char place[48];
	struct str from = g->edge->pseudo ? str_of(enabled_words(v)) : g->held;
	size_t column = INDENT + clean_width(from) + 4 + clean_width(g->edge->to);
	int len;

	if (g->edge->index < 0)
		len = snprintf(place, sizeof(place), "%.0f %%", g->score * 100);
	else
		len = snprintf(place, sizeof(place), "#%" PRId64 ", %.0f %%", g->edge->index,
			       g->score * 100);
	begin_color(s, out, COLOR_TITLE);
	clean_print(out, from);
	fputs(" -> ", out);
	clean_print(out, g->edge->to);
	end_color(s, out);
	if (column + (size_t)len + 2 > s->opt.width)
		fprintf(out, "\n%*s%s\n", INDENT, "", place);
	else
		fprintf(out, "%*s\n", (int)(s->opt.width - column), place);
}

static void print_suggestion(const struct text_state *s, FILE *out, const struct verdict *v,
			     const struct suggestion *g, const char *word, enum color c)
{
	size_t column = INDENT;

	fputc('\n', out);
	label(s, out, c, word);
	print_edge(s, out, v, g);
	if (g->function.len) {
		fprintf(out, "%*sin ", INDENT, "");
		print_function(out, g->function, g->module);
		fputc('\n', out);
	}
	fprintf(out, "%*s", INDENT, "");
	sentence(s, out, &column, g->what);
	sentence(s, out, &column, g->todo);
	sentence(s, out, &column, g->but);
	fputc('\n', out);
	for (size_t i = 0; s->opt.verbosity && i < g->features.n; i++)
		fprintf(out, "%*s%+.2f  %s\n", INDENT, "",
			g->features.p[i].value * g->features.p[i].weight, g->features.p[i].name);
}

static void print_frames(const struct text_state *s, FILE *out, const stack *frames)
{
	begin_color(s, out, COLOR_DIM);
	for (size_t i = 0; i < frames->n; i++) {
		const struct frame *f = &frames->p[i];

		fprintf(out, "%*s%s", INDENT + 4, "", f->reliable ? "" : "? ");
		clean_print(out, f->function.len ? f->function : f->address);
		if (f->has_offset)
			fprintf(out, "+0x%" PRIx64, f->offset);
		if (f->has_size)
			fprintf(out, "/0x%" PRIx64, f->size);
		if (f->module.len) {
			fputs(" [", out);
			clean_print(out, f->module);
			fputc(']', out);
		}
		if (f->file.len) {
			fputc(' ', out);
			clean_print(out, f->file);
			fprintf(out, ":%" PRIu32 "%s", f->line, f->inlined ? " [inline]" : "");
		}
		fputc('\n', out);
	}
	end_color(s, out);
}

/* "page_alloc_init < start_kernel" */
static int telling_text(struct arena *mem, const struct telling *t, struct str *ret)
{
	if (!t->function.len) {
		*ret = (struct str){ NULL, 0 };
		return 0;
	}
	return arena_printf(mem, ret, STR_FMT "%s" STR_FMT "%s%s" STR_FMT "%s",
			    STR_ARG(t->function), t->module.len ? " [" : "", STR_ARG(t->module),
			    t->module.len ? "]" : "", t->caller.len ? " < " : "",
			    STR_ARG(t->caller), "");
}

struct cycle_line {
	struct str name;
	uint64_t index;
	const struct dependency *edge; /* into the lock; NULL: the first line, or lost */
	const struct telling *telling;
	bool wanted;
};

static int print_cycle_line(const struct text_state *s, FILE *out, const struct report *r,
			    const struct cycle_line *l, size_t names)
{
	const char *remark = l->edge ? relation_words(l->edge) : "";
	size_t column = CYCLE_INDENT + clean_width(l->name);
	struct str where = { NULL, 0 };
	char number[32];

	if (l->telling && telling_text(r->mem, l->telling, &where) < 0)
		return -ENOMEM;
	snprintf(number, sizeof(number), "#%" PRIu64, l->index);
	fprintf(out, "%*s  ", CYCLE_INDENT - 2, number);
	begin_color(s, out, COLOR_TITLE);
	clean_print(out, l->name);
	end_color(s, out);
	if (l->wanted && !*remark)
		remark = "wanted now";
	if (l->telling && l->telling->boot && !*remark)
		remark = "boot";
	if (where.len || *remark) {
		size_t tail = *remark ? strlen(remark) + (where.len ? 2 : 0) : 0;
		size_t start = CYCLE_INDENT + names + 2;
		bool fits =
			column <= start - 2 && start + clean_width(where) + tail <= s->opt.width;

		if (!fits && l->telling) { /* without the caller? */
			struct telling alone = *l->telling;

			alone.caller.len = 0;
			if (telling_text(r->mem, &alone, &where) < 0)
				return -ENOMEM;
			fits = column <= start - 2 &&
			       start + clean_width(where) + tail <= s->opt.width;
		}
		if (!fits) {
			fputc('\n', out);
			column = 0;
			start = CYCLE_INDENT + 2;
		}
		fprintf(out, "%*s", (int)(start - column), "");
		clean_print(out, where);
		if (*remark) {
			begin_color(s, out, COLOR_DIM);
			fprintf(out, "%s%s", where.len ? ", " : "", remark);
			end_color(s, out);
		}
	}
	fputc('\n', out);
	if (s->opt.verbosity && l->edge)
		print_frames(s, out, l->edge->frames);
	return 0;
}

static void print_gap(FILE *out, uint64_t from, uint64_t to)
{
	if (from == to)
		fprintf(out, "%*s(#%" PRIu64 " is missing in the log)\n", CYCLE_INDENT - 2, "",
			from);
	else
		fprintf(out, "%*s(#%" PRIu64 " to #%" PRIu64 " are missing in the log)\n",
			CYCLE_INDENT - 2, "", from, to);
}

static size_t name_column(const struct report *r)
{
	size_t widest = 0;

	for (size_t i = 0; i < r->chain.n; i++) {
		size_t width = clean_width(r->chain.p[i].lock.name);

		if (width > widest && width <= NAME_COLUMN_MAX)
			widest = width;
	}
	return widest;
}

static int print_cycle(const struct text_state *s, FILE *out, const struct report *r,
		       const struct verdict *v)
{
	size_t names = name_column(r);
	uint64_t next = 0;
	struct cycle_line l;
	int err = 0;

	fputc('\n', out);
	label(s, out, COLOR_LABEL, "CYCLE");
	fputs("each is acquired with the one above it held, unless it says otherwise\n", out);
	for (size_t i = 0; !err && i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];

		l = (struct cycle_line){ .name = e->lock.name, .index = e->index };
		if (e->index > next)
			print_gap(out, next, e->index - 1);
		next = e->index + 1;
		if (e->index)
			l.edge = edge_of_entry(v, e->index, &l.telling);
		err = print_cycle_line(s, out, r, &l, names);
	}
	if (err || r->chain.p[0].index)
		return err;
	l = (struct cycle_line){ .name = r->chain.p[0].lock.name, .wanted = !r->crosslock };
	l.edge = edge_of_entry(v, 0, &l.telling);
	return l.edge ? print_cycle_line(s, out, r, &l, names) : 0;
}

static void print_count(FILE *out, uint64_t n, const char *one, const char *many)
{
	fprintf(out, "%" PRIu64 " %s", n, n == 1 ? one : many);
}

/* "circular, 7 locks; prime_mmap/1551 on 4.14.0-rc1+; dmesg.txt:12" */
static void print_head(const struct text_state *s, FILE *out, const struct report *r,
		       const struct verdict *v)
{
	begin_color(s, out, COLOR_TITLE);
	clean_print(out, v->title);
	end_color(s, out);
	fprintf(out, "\n%s", kind_name(r->kind));
	if (r->chain.n) {
		fputs(", ", out);
		print_count(out, r->chain.n, "lock", "locks");
	}
	if (!r->complete)
		fputs(", incomplete", out);
	fputs("; ", out);
	if (r->task.known) {
		clean_print(out, r->task.comm);
		fprintf(out, "/%" PRId64, r->task.pid);
	}
	if (r->kernel.known) {
		fputs(r->task.known ? " on " : "on ", out);
		clean_print(out, r->kernel.release);
	}
	fputs(r->task.known || r->kernel.known ? "; " : "", out);
	clean_print(out, str_of(r->source));
	fprintf(out, ":%" PRIu64 "\n", r->line);
	if (r->count > 1) {
		fputs("seen ", out);
		print_count(out, r->count, "time", "times");
		fputs("; this is the first\n", out);
	}
}

static void print_note(const struct text_state *s, FILE *out, const char *word, enum color c,
		       struct str text)
{
	label(s, out, c, word);
	wrap(s, out, text, INDENT);
	fputc('\n', out);
}

static int print_problems(const struct text_state *s, FILE *out, const struct report *r)
{
	for (size_t i = 0; i < r->problems.n; i++) {
		const struct problem *p = &r->problems.p[i];
		struct str text;

		if (arena_printf(r->mem, &text, "line %" PRIu64 ": " STR_FMT, p->line,
				 STR_ARG(p->text)) < 0)
			return -ENOMEM;
		if (!i)
			fputc('\n', out);
		print_note(s, out, i ? "" : "LOST", COLOR_OR, text);
	}
	return 0;
}

/* "#1, #2: first seen at boot": edges with the same note share a sentence. */
static int print_edge_notes(const struct text_state *s, FILE *out, const struct report *r,
			    const struct verdict *v, size_t first)
{
	const struct note *n = &v->notes.p[first];
	struct str text = { "", 0 };
	int err = 0;

	for (size_t i = 0; i < first; i++)
		if (str_eq(v->notes.p[i].text, n->text))
			return 0; /* said already */
	for (size_t i = first; !err && i < v->notes.n; i++)
		if (v->notes.p[i].edge >= 0 && str_eq(v->notes.p[i].text, n->text))
			err = arena_printf(r->mem, &text, STR_FMT "%s#%" PRId64, STR_ARG(text),
					   text.len ? ", " : "", v->notes.p[i].edge);
	if (!err)
		err = arena_printf(r->mem, &text, STR_FMT "%s" STR_FMT ".", STR_ARG(text),
				   text.len ? ": " : "", STR_ARG(n->text));
	if (!err)
		print_note(s, out, "NOTE", COLOR_LABEL, text);
	return err;
}

/* The tasks of a dump have a list of their own. */
static bool is_told(const struct note *n)
{
	return strcmp(n->kind, "task") != 0;
}

static int print_notes(const struct text_state *s, FILE *out, const struct report *r,
		       const struct verdict *v, const struct source *src)
{
	const struct boot *boot = &src->boots[r->boot];
	bool any = boot->lockdep_off != 0;
	struct str text;

	for (size_t i = 0; i < v->notes.n; i++)
		any |= is_told(&v->notes.p[i]);
	fputs(any ? "\n" : "", out);
	for (size_t i = 0; i < v->notes.n; i++)
		if (is_told(&v->notes.p[i]) && print_edge_notes(s, out, r, v, i) < 0)
			return -ENOMEM;
	if (!boot->lockdep_off)
		return 0;
	if (r->after_off) {
		if (arena_printf(r->mem, &text,
				 "lockdep was off from line %" PRIu64
				 " on, before this report: its lists may be wrong.",
				 boot->lockdep_off) < 0)
			return -ENOMEM;
	} else if (arena_printf(r->mem, &text,
				"lockdep is off from line %" PRIu64
				" on: silence after it proves nothing.",
				boot->lockdep_off) < 0) {
		return -ENOMEM;
	}
	print_note(s, out, "NOTE", COLOR_LABEL, text);
	return 0;
}

static void print_held(const struct text_state *s, FILE *out, const struct report *r)
{
	fputc('\n', out);
	label(s, out, COLOR_LABEL, "HELD");
	fputs(r->held_locks.n ? "oldest first, where taken\n" : "nothing\n", out);
	for (size_t i = 0; i < r->held_locks.n; i++) {
		const struct held_lock *h = &r->held_locks.p[i];

		fprintf(out, "%*s#%" PRIu64 "  ", CYCLE_INDENT - 4, "", h->index);
		clean_print(out, h->released ? STR("<RELEASED>") : h->lock.name);
		fputs("  ", out);
		clean_print(out, h->lock.at);
		fputc('\n', out);
	}
}

/* For kinds without a cycle: what is wrong, and who has to change what. */
static void print_explanation(const struct text_state *s, FILE *out, const struct report *r,
			      const struct explanation *e)
{
	bool listing = r->kind == KIND_ALL_LOCKS_DUMP || r->kind == KIND_OTHER;
	size_t column = INDENT;

	fputc('\n', out);
	label(s, out, COLOR_BREAK, listing ? "WHAT" : "WRONG");
	sentence(s, out, &column, e->what);
	fputc('\n', out);
	if (!e->todo.len)
		return;
	label(s, out, COLOR_LABEL, "FIX");
	column = INDENT;
	sentence(s, out, &column, e->todo);
	fputc('\n', out);
}

/* Where the locks of a report about interrupts were used, a line each, in columns. */
static int print_uses(const struct text_state *s, FILE *out, const struct report *r,
		      const struct verdict *v)
{
	size_t names = 0, contexts = 0;

	for (size_t i = 0; i < v->uses.n; i++) {
		size_t name = clean_width(v->uses.p[i].lock);
		struct str context;

		if (use_words(r->mem, &v->uses.p[i], &context) < 0)
			return -ENOMEM;
		names = name > names && name <= NAME_COLUMN_MAX ? name : names;
		contexts = context.len > contexts ? context.len : contexts;
	}
	for (size_t i = 0; i < v->uses.n; i++) {
		const struct lock_use *u = &v->uses.p[i];
		struct str context, where;
		size_t width = clean_width(u->lock);

		if (use_words(r->mem, u, &context) < 0 ||
		    telling_text(r->mem, &u->telling, &where) < 0)
			return -ENOMEM;
		if (!i)
			fputc('\n', out);
		label(s, out, COLOR_LABEL, i ? "" : "USED");
		clean_print(out, u->lock);
		fprintf(out, "%*s" STR_FMT, width <= names ? (int)(names - width) + 2 : 2, "",
			STR_ARG(context));
		if (INDENT + names + 2 + contexts + 2 + clean_width(where) + 5 > s->opt.width) {
			struct telling alone = u->telling;

			alone.caller.len = 0;
			if (telling_text(r->mem, &alone, &where) < 0)
				return -ENOMEM;
		}
		if (where.len || u->now)
			fprintf(out, "%*s", (int)(contexts - context.len) + 2, "");
		clean_print(out, where);
		fprintf(out, "%s%s\n", where.len && u->now ? ", " : "", u->now ? "now" : "");
	}
	return 0;
}

/* The dependencies between them, a line each. */
static int print_path(const struct text_state *s, FILE *out, const struct report *r,
		      const struct verdict *v)
{
	for (size_t i = 0; i < v->n_chain_edges; i++) {
		const struct dependency *d = &v->edges.p[i];
		struct str where;

		if (telling_text(r->mem, &v->tellings[i], &where) < 0)
			return -ENOMEM;
		label(s, out, COLOR_LABEL, i ? "" : "ORDER");
		clean_print(out, d->from);
		fputs(" -> ", out);
		clean_print(out, d->to);
		if (where.len) {
			size_t column = INDENT + clean_width(d->from) + 4 + clean_width(d->to);

			fputs(column + 2 + clean_width(where) > s->opt.width ? "\n         " : "  ",
			      out);
			clean_print(out, where);
		}
		fputc('\n', out);
		if (s->opt.verbosity)
			print_frames(s, out, d->frames);
	}
	return 0;
}

/* What the usage string of the lock in question says of its past. */
static void print_usage(const struct text_state *s, FILE *out, const struct report *r,
			const struct lock *l)
{
	const char *words[USAGE_WORDS_MAX];
	size_t n, column = INDENT;

	if (!l->name.len || usage_words(r, l, words, &n) < 0 || !n)
		return;
	label(s, out, COLOR_LABEL, "STATE");
	column = wrap(s, out, l->name, column);
	column = wrap(s, out, STR("was"), column);
	for (size_t i = 0; i < n; i++) {
		column = wrap(s, out, str_of(words[i]), column);
		fputs(i + 1 == n ? "" : ",", out);
		column += i + 1 < n;
	}
	fputc('\n', out);
}

/* One list per task; a running task is printed without its locks. */
static void print_tasks(const struct text_state *s, FILE *out, const struct report *r)
{
	for (size_t i = 0; i < r->tasks.n; i++) {
		const struct task_locks *t = &r->tasks.p[i];

		if (!i)
			fputc('\n', out);
		label(s, out, COLOR_LABEL, i ? "" : "TASKS");
		clean_print(out, t->task.comm);
		fprintf(out, "/%" PRId64 "%s\n", t->task.pid,
			t->n ? "" : "  (was running: its locks are not printed)");
		for (size_t k = t->first; k < t->first + t->n; k++) {
			const struct held_lock *h = &r->held_locks.p[k];

			fprintf(out, "%*s", INDENT + 2, "");
			clean_print(out, h->released ? STR("<RELEASED>") : h->lock.name);
			fputs("  ", out);
			clean_print(out, h->lock.at);
			fputc('\n', out);
		}
	}
}

static int text_begin(void **state, FILE *out, const struct writer_options *opt)
{
	struct text_state *s = calloc(1, sizeof(*s));

	(void)out;
	if (!s)
		return -ENOMEM;
	s->opt = *opt;
	*state = s;
	return 0;
}

static int text_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
		       const struct source *src)
{
	struct text_state *s = state;
	int err = 0;

	fputs(s->any ? "\n\n" : "", out);
	s->any = true;
	print_head(s, out, r, v);
	for (size_t i = 0; i < v->suggestions.n && r->kind != KIND_INVALID_WAIT; i++) {
		const struct suggestion *g = &v->suggestions.p[i];

		if (!i || (i < 2 && g->score >= SURE_ENOUGH) || s->opt.verbosity)
			print_suggestion(s, out, v, g, i ? "OR" : "BREAK",
					 i ? COLOR_OR : COLOR_BREAK);
	}
	if (!v->suggestions.n || r->kind == KIND_INVALID_WAIT)
		print_explanation(s, out, r, &v->explanation);
	if (has_cycle(r))
		err = print_cycle(s, out, r, v);
	if (v->uses.n)
		err = print_uses(s, out, r, v);
	if (!err && v->uses.n) {
		err = print_path(s, out, r, v);
		print_usage(s, out, r, &r->acquiring);
	}
	print_tasks(s, out, r);
	if (!r->tasks.n && (s->opt.verbosity || (!has_cycle(r) && r->held_locks.n)))
		print_held(s, out, r);
	if (s->opt.verbosity && r->backtrace.n) {
		fputc('\n', out);
		label(s, out, COLOR_LABEL, "STACK");
		fputs("of the task\n", out);
		print_frames(s, out, &r->backtrace);
	}
	if (!err)
		err = print_problems(s, out, r);
	return err ? err : print_notes(s, out, r, v, src);
}

const struct writer writer_text = {
	.name = "text",
	.help = "the verdict, then the evidence, for people",
	.relates = true,
	.begin = text_begin,
	.report = text_report,
	.free = free,
};
