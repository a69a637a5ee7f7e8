/* SPDX-License-Identifier: MIT */
#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/utf8.h"
#include "writers.h"

/*
 * The documents of contract section 3. cJSON builds and prints; its traps: an item belongs to
 * its parent only if the Add succeeded, strings must be valid UTF-8 and end at the first NUL,
 * numbers are doubles, and of the control characters it escapes only C0.
 */

#define SCHEMA 1

/* One report or source under construction: the first failure sticks. */
struct builder {
	bool failed;
};

static cJSON *made(struct builder *b, cJSON *item)
{
	b->failed |= !item;
	return item;
}

static void put(struct builder *b, cJSON *object, const char *key, cJSON *item)
{
	if (item && object && cJSON_AddItemToObjectCS(object, key, item))
		return;
	cJSON_Delete(item);
	b->failed = true;
}

static void append(struct builder *b, cJSON *array, cJSON *item)
{
	if (item && array && cJSON_AddItemToArray(array, item))
		return;
	cJSON_Delete(item);
	b->failed = true;
}

/* U+FFFD for what is no UTF-8, and for NUL, which cJSON cannot hold. */
static cJSON *text(struct builder *b, struct str s)
{
	char *copy = malloc(s.len * 3 + 1);
	size_t n = 0;
	cJSON *item;

	if (!copy)
		return made(b, NULL);
	while (s.len) {
		uint32_t c = 0;
		size_t len = utf8_next(s, &c);

		if (!len || !c) {
			memcpy(copy + n, "\xef\xbf\xbd", 3);
			n += 3;
		} else {
			memcpy(copy + n, s.p, len);
			n += len;
		}
		s = str_from(s, len ? len : 1);
	}
	copy[n] = '\0';
	item = cJSON_CreateString(copy);
	free(copy);
	return made(b, item);
}

static cJSON *null(struct builder *b)
{
	return made(b, cJSON_CreateNull());
}

static cJSON *text_or_null(struct builder *b, struct str s)
{
	return s.len ? text(b, s) : null(b);
}

static cJSON *number(struct builder *b, double n)
{
	return made(b, cJSON_CreateNumber(n));
}

static cJSON *truth(struct builder *b, bool value)
{
	return made(b, cJSON_CreateBool(value));
}

static cJSON *object(struct builder *b)
{
	return made(b, cJSON_CreateObject());
}

static cJSON *array(struct builder *b)
{
	return made(b, cJSON_CreateArray());
}

static cJSON *frame_json(struct builder *b, const struct frame *f)
{
	cJSON *o = object(b);

	put(b, o, "function", text_or_null(b, f->function));
	put(b, o, "offset", f->has_offset ? number(b, (double)f->offset) : null(b));
	put(b, o, "size", f->has_size ? number(b, (double)f->size) : null(b));
	put(b, o, "module", text_or_null(b, f->module));
	put(b, o, "reliable", truth(b, f->reliable));
	put(b, o, "address", text_or_null(b, f->address));
	put(b, o, "file", text_or_null(b, f->file));
	put(b, o, "line", f->line ? number(b, f->line) : null(b));
	put(b, o, "inlined", truth(b, f->inlined));
	return o;
}

static cJSON *frames_json(struct builder *b, const stack *s)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < s->n; i++)
		append(b, a, frame_json(b, &s->p[i]));
	return a;
}

static void put_lock(struct builder *b, cJSON *o, const struct lock *l)
{
	put(b, o, "name", text_or_null(b, l->name));
	put(b, o, "usage", text_or_null(b, l->usage));
	put(b, o, "wait", text_or_null(b, l->wait));
}

static cJSON *header_lock_json(struct builder *b, const struct lock *l, bool known)
{
	cJSON *o;

	if (!known)
		return null(b);
	o = object(b);
	put_lock(b, o, l);
	put(b, o, "at", text_or_null(b, l->at));
	return o;
}

static cJSON *chain_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];
		cJSON *o = object(b), *lock = object(b);

		put_lock(b, lock, &e->lock);
		put(b, o, "index", number(b, (double)e->index));
		put(b, o, "lock", lock);
		put(b, o, "frames", frames_json(b, &e->frames));
		append(b, a, o);
	}
	return a;
}

static cJSON *edge_json(struct builder *b, const struct dependency *d, bool relation)
{
	cJSON *o = object(b);

	put(b, o, "index", d->index < 0 ? null(b) : number(b, (double)d->index));
	put(b, o, "from", text(b, d->from));
	put(b, o, "to", text(b, d->to));
	if (relation)
		put(b, o, "relation", text(b, str_of(relation_name(d->relation))));
	return o;
}

static cJSON *edges_json(struct builder *b, const struct verdict *v)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < v->n_chain_edges; i++)
		append(b, a, edge_json(b, &v->edges.p[i], true));
	return a;
}

static cJSON *held_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->held_locks.n; i++) {
		const struct held_lock *h = &r->held_locks.p[i];
		cJSON *o = object(b);

		put(b, o, "index", number(b, (double)h->index));
		put_lock(b, o, &h->lock);
		put(b, o, "at", text_or_null(b, h->lock.at));
		append(b, a, o);
	}
	return a;
}

static cJSON *problems_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->problems.n; i++) {
		const struct problem *p = &r->problems.p[i];
		cJSON *o = object(b);

		put(b, o, "kind", text(b, str_of(p->kind)));
		put(b, o, "line", p->line ? number(b, (double)p->line) : null(b));
		put(b, o, "text", text(b, p->text));
		append(b, a, o);
	}
	return a;
}

static cJSON *cycles_json(struct builder *b, const lock_cycles *c)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < c->n; i++) {
		cJSON *locks = array(b);

		for (size_t k = 0; k < c->p[i].n; k++)
			append(b, locks, text(b, c->p[i].locks[k]));
		append(b, a, locks);
	}
	return a;
}

/* What happens, what to do, and what would not help: the three sentences of the text report. */
static cJSON *why_json(struct builder *b, const struct suggestion *s)
{
	size_t n = s->what.len + s->todo.len + s->but.len + 3;
	char *joined = malloc(n);
	cJSON *item;

	if (!joined)
		return made(b, NULL);
	n = (size_t)snprintf(joined, n, STR_FMT " " STR_FMT "%s" STR_FMT, STR_ARG(s->what),
			     STR_ARG(s->todo), s->but.len ? " " : "", STR_ARG(s->but));
	item = text(b, (struct str){ joined, n });
	free(joined);
	return item;
}

static cJSON *suggestions_json(struct builder *b, const struct verdict *v)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < v->suggestions.n; i++) {
		const struct suggestion *s = &v->suggestions.p[i];
		cJSON *o = object(b);

		put(b, o, "rank", number(b, s->rank));
		put(b, o, "edge", edge_json(b, s->edge, false));
		put(b, o, "held", text(b, s->held));
		put(b, o, "score", number(b, s->score));
		put(b, o, "pattern", text(b, str_of(s->pattern)));
		put(b, o, "remedy", text(b, str_of(s->remedy)));
		put(b, o, "function", text_or_null(b, s->function));
		put(b, o, "why", why_json(b, s));
		put(b, o, "sufficient", truth(b, s->sufficient));
		put(b, o, "leaves", cycles_json(b, &s->leaves));
		append(b, a, o);
	}
	return a;
}

static cJSON *notes_json(struct builder *b, const struct verdict *v)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < v->notes.n; i++) {
		const struct note *n = &v->notes.p[i];
		cJSON *o = object(b);

		put(b, o, "kind", text(b, str_of(n->kind)));
		put(b, o, "edge", n->edge < 0 ? null(b) : number(b, (double)n->edge));
		put(b, o, "text", text(b, n->text));
		append(b, a, o);
	}
	return a;
}

static cJSON *kernel_json(struct builder *b, const struct report *r)
{
	cJSON *o;

	if (!r->kernel.known)
		return null(b);
	o = object(b);
	put(b, o, "release", text_or_null(b, r->kernel.release));
	put(b, o, "build", text_or_null(b, r->kernel.build));
	put(b, o, "taint", text_or_null(b, r->kernel.taint));
	return o;
}

static cJSON *task_json(struct builder *b, const struct report *r)
{
	cJSON *o;

	if (!r->task.known)
		return null(b);
	o = object(b);
	put(b, o, "comm", text(b, r->task.comm));
	put(b, o, "pid", number(b, (double)r->task.pid));
	return o;
}

static cJSON *report_json(struct builder *b, const struct report *r, const struct verdict *v)
{
	cJSON *o = object(b);

	put(b, o, "kind", text(b, str_of(kind_name(r->kind))));
	put(b, o, "title", text(b, v->title));
	put(b, o, "signature", text_or_null(b, v->signature));
	put(b, o, "source", text(b, str_of(r->source)));
	put(b, o, "boot", number(b, r->boot));
	put(b, o, "line", number(b, (double)r->line));
	put(b, o, "end_line", number(b, (double)r->end_line));
	put(b, o, "count", number(b, (double)r->count));
	put(b, o, "complete", truth(b, r->complete));
	put(b, o, "after_lockdep_off", truth(b, r->after_off));
	put(b, o, "problems", problems_json(b, r));
	put(b, o, "kernel", kernel_json(b, r));
	put(b, o, "task", task_json(b, r));
	put(b, o, "cpu", r->cpu < 0 ? null(b) : number(b, (double)r->cpu));
	put(b, o, "workqueue", text_or_null(b, r->workqueue));
	put(b, o, "acquiring", header_lock_json(b, &r->acquiring, r->has_acquiring));
	put(b, o, "holding", header_lock_json(b, &r->holding, r->has_holding));
	put(b, o, "chain", chain_json(b, r));
	put(b, o, "edges", edges_json(b, v));
	put(b, o, "held_locks", held_json(b, r));
	put(b, o, "backtrace", frames_json(b, &r->backtrace));
	put(b, o, "suggestions", suggestions_json(b, v));
	put(b, o, "notes", notes_json(b, v));
	return o;
}

static cJSON *boots_json(struct builder *b, const struct source *src)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < src->n_boots; i++) {
		const struct boot *boot = &src->boots[i];
		cJSON *o = object(b);

		put(b, o, "line", number(b, (double)boot->line));
		put(b, o, "kernel", text_or_null(b, str_of(boot->kernel)));
		put(b, o, "lockdep_off",
		    boot->lockdep_off ? number(b, (double)boot->lockdep_off) : null(b));
		append(b, a, o);
	}
	return a;
}

static cJSON *source_json(struct builder *b, const struct source *src)
{
	cJSON *o = object(b), *notes = array(b);

	for (size_t i = 0; i < src->n_notes; i++) {
		cJSON *n = object(b);

		put(b, n, "line", number(b, (double)src->notes[i].line));
		put(b, n, "kind", text(b, str_of(src->notes[i].kind)));
		put(b, n, "text", text(b, str_of(src->notes[i].text)));
		append(b, notes, n);
	}
	put(b, o, "name", text(b, str_of(src->name)));
	put(b, o, "bytes", number(b, (double)src->bytes));
	put(b, o, "lines", number(b, (double)src->lines));
	put(b, o, "error", text_or_null(b, str_of(src->error)));
	put(b, o, "notes", notes);
	put(b, o, "boots", boots_json(b, src));
	return o;
}

/* DEL and C1 (two bytes in UTF-8) can only stand inside strings of what cJSON printed. */
static void print_escaped(FILE *out, const char *p)
{
	for (;;) {
		size_t n = strcspn(p, "\x7f\xc2");

		fwrite(p, 1, n, out);
		p += n;
		if (*p == '\x7f') {
			fputs("\\u007f", out);
			p++;
		} else if (*p && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0) {
			fprintf(out, "\\u%04x", (unsigned char)p[1]);
			p += 2;
		} else if (*p) {
			fputc(*p++, out);
		} else {
			return;
		}
	}
}

/* Print @p item, which is freed, on one line. @return 0 or -ENOMEM */
static int print_item(struct builder *b, cJSON *item, FILE *out)
{
	char *printed = b->failed ? NULL : cJSON_PrintUnformatted(item);

	cJSON_Delete(item);
	if (!printed)
		return -ENOMEM;
	print_escaped(out, printed);
	cJSON_free(printed);
	return 0;
}

/* The sources come last in the document: only at the end are all their lines counted. */
struct json_state {
	const struct source **sources;
	size_t n_sources;
	bool any;
};

static int json_begin(void **state, FILE *out, const struct writer_options *opt)
{
	(void)opt;
	*state = calloc(1, sizeof(struct json_state));
	if (!*state)
		return -ENOMEM;
	fprintf(out,
		"{\"schema\":%d,\"generator\":{\"name\":\"%s\",\"version\":\"%s\"},\n\"reports\":[",
		SCHEMA, PACKAGE_NAME, PACKAGE_VERSION);
	return 0;
}

static int json_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
		       const struct source *src)
{
	struct json_state *s = state;
	struct builder b = { false };

	(void)src;
	fputs(s->any ? ",\n" : "\n", out);
	s->any = true;
	return print_item(&b, report_json(&b, r, v), out);
}

static int json_source(void *state, FILE *out, const struct source *src)
{
	struct json_state *s = state;
	const struct source **bigger = reallocarray(s->sources, s->n_sources + 1, sizeof(*bigger));

	(void)out;
	if (!bigger)
		return -ENOMEM;
	s->sources = bigger;
	s->sources[s->n_sources++] = src;
	return 0;
}

static int json_end(void *state, FILE *out)
{
	struct json_state *s = state;
	int err = 0;

	fputs("],\n\"sources\":[", out);
	for (size_t i = 0; !err && i < s->n_sources; i++) {
		struct builder b = { false };

		fputs(i ? ",\n" : "\n", out);
		err = print_item(&b, source_json(&b, s->sources[i]), out);
	}
	fputs("]}\n", out);
	return err;
}

static void json_free(void *state)
{
	struct json_state *s = state;

	if (s)
		free(s->sources);
	free(s);
}

static int jsonl_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
			const struct source *src)
{
	struct builder b = { false };
	int err = print_item(&b, report_json(&b, r, v), out);

	(void)state;
	(void)src;
	fputc('\n', out);
	fflush(out);
	return err;
}

static int jsonl_source(void *state, FILE *out, const struct source *src)
{
	struct builder b = { false };
	cJSON *o = object(&b);
	int err;

	(void)state;
	put(&b, o, "source", source_json(&b, src));
	err = print_item(&b, o, out);
	fputc('\n', out);
	fflush(out);
	return err;
}

const struct writer writer_json = {
	.name = "json",
	.help = "one document for tools",
	.begin = json_begin,
	.report = json_report,
	.source = json_source,
	.end = json_end,
	.free = json_free,
};

const struct writer writer_jsonl = {
	.name = "jsonl",
	.help = "a line per input and per report, as soon as it is complete",
	.every_occurrence = true,
	.report = jsonl_report,
	.source = jsonl_source,
};
