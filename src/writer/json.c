/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>

#include "json_item.h"
#include "unsplat/splat.h"
#include "words.h"
#include "writers.h"

/* The documents of contract section 3; json_item.h has cJSON and its traps. */

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

cJSON *frames_json(struct builder *b, const stack *s)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < s->n; i++)
		append(b, a, frame_json(b, &s->p[i]));
	return a;
}

/* ["used in hardirq context", ...]; null when there is no usage or it is damaged */
static cJSON *usage_json(struct builder *b, const struct report *r, const struct lock *l)
{
	const char *words[USAGE_WORDS_MAX];
	size_t n;
	cJSON *a;

	if (usage_words(r, l, words, &n) < 0)
		return null(b);
	a = array(b);
	for (size_t i = 0; i < n; i++)
		append(b, a, text(b, str_of(words[i])));
	return a;
}

/* ["config", "config"]: outer, inner */
static cJSON *wait_json(struct builder *b, const struct report *r, const struct lock *l)
{
	enum nesting_check check = nesting_check(r);
	cJSON *a;

	if (l->wait.len != 3)
		return null(b);
	a = array(b);
	append(b, a, text(b, str_of(wait_word(l->wait.p[0], check))));
	append(b, a, text(b, str_of(wait_word(l->wait.p[2], check))));
	return a;
}

static void put_lock(struct builder *b, cJSON *o, const struct report *r, const struct lock *l)
{
	put(b, o, "name", text_or_null(b, l->name));
	put(b, o, "usage", text_or_null(b, l->usage));
	put(b, o, "wait", text_or_null(b, l->wait));
	put(b, o, "usage_words", usage_json(b, r, l));
	put(b, o, "wait_words", wait_json(b, r, l));
}

static cJSON *lock_json(struct builder *b, const struct report *r, const struct lock *l)
{
	cJSON *o;

	if (!l->name.len)
		return null(b);
	o = object(b);
	put_lock(b, o, r, l);
	put(b, o, "at", text_or_null(b, l->at));
	return o;
}

static cJSON *chain_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->chain.n; i++) {
		const struct chain_entry *e = &r->chain.p[i];
		cJSON *o = object(b), *lock = object(b);

		put_lock(b, lock, r, &e->lock);
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
		put(b, o, "relation",
		    d->pseudo ? null(b) : text(b, str_of(relation_name(d->relation))));
	return o;
}

static cJSON *edges_json(struct builder *b, const struct report *r, const struct verdict *v)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < v->n_chain_edges; i++)
		append(b, a, edge_json(b, &v->edges.p[i], true));
	for (size_t i = 0; i < v->suggestions.n; i++)
		if (v->suggestions.p[i].edge->pseudo || r->kind == KIND_INVALID_WAIT)
			append(b, a, edge_json(b, v->suggestions.p[i].edge, true));
	return a;
}

/* What the list of held locks proves; how the wanted lock was taken is in #0, or the backtrace. */
static cJSON *derived_json(struct builder *b, const struct verdict *v)
{
	cJSON *a = array(b);

	for (size_t i = v->n_chain_edges; i < v->edges.n; i++) {
		const struct dependency *d = &v->edges.p[i];
		cJSON *o = object(b);

		put(b, o, "held", number(b, (double)d->held));
		put(b, o, "from", text(b, d->from));
		put(b, o, "to", text(b, d->to));
		append(b, a, o);
	}
	return a;
}

static cJSON *held_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->held_locks.n; i++) {
		const struct held_lock *h = &r->held_locks.p[i];
		cJSON *o = object(b);

		put(b, o, "index", number(b, (double)h->index));
		put_lock(b, o, r, &h->lock);
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

/* The terms of the score. */
static cJSON *features_json(struct builder *b, const struct suggestion *s)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < s->features.n; i++) {
		const struct feature_value *f = &s->features.p[i];
		cJSON *o = object(b);

		put(b, o, "name", text(b, str_of(f->name)));
		put(b, o, "value", number(b, f->value));
		put(b, o, "weight", number(b, f->weight));
		append(b, a, o);
	}
	return a;
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
		put(b, o, "features", features_json(b, s));
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

static cJSON *irq_state_json(struct builder *b, const struct irq_state *s)
{
	cJSON *o;

	if (!s->known)
		return null(b);
	o = object(b);
	put(b, o, "in_hardirq", truth(b, s->hardirq));
	put(b, o, "hardirq_count", number(b, (double)s->hardirq_count));
	put(b, o, "in_softirq", truth(b, s->softirq));
	put(b, o, "softirq_count", number(b, (double)s->softirq_count));
	put(b, o, "hardirqs_enabled", truth(b, s->hardirqs_enabled));
	put(b, o, "softirqs_enabled", truth(b, s->softirqs_enabled));
	return o;
}

static cJSON *irq_events_json(struct builder *b, const struct report *r)
{
	static const char *const keys[] = {
		[HARDIRQS_ENABLED] = "hardirqs_enabled",
		[HARDIRQS_DISABLED] = "hardirqs_disabled",
		[SOFTIRQS_ENABLED] = "softirqs_enabled",
		[SOFTIRQS_DISABLED] = "softirqs_disabled",
	};
	cJSON *o = NULL;

	for (size_t i = 0; i < IRQ_EVENT_ROWS; i++) {
		const struct irq_event *e = &r->irq_events[i];
		cJSON *row;

		if (!e->known)
			continue;
		if (!o)
			o = object(b);
		row = object(b);
		put(b, row, "stamp", number(b, (double)e->stamp));
		put(b, row, "at", text_or_null(b, e->at));
		put(b, o, keys[i], row);
	}
	return o ? o : null(b);
}

static cJSON *site_json(struct builder *b, const struct report *r, const struct usage_site *s)
{
	cJSON *o = object(b);

	put(b, o, "state", text(b, s->state));
	put(b, o, "lock", lock_json(b, r, &s->lock));
	put(b, o, "frames", frames_json(b, s->frames));
	return o;
}

static cJSON *block_json(struct builder *b, const struct report *r, const struct class_block *c)
{
	cJSON *o = object(b), *usages = array(b);

	for (size_t i = 0; i < c->usages.n; i++) {
		cJSON *u = object(b);

		put(b, u, "state", text(b, c->usages.p[i].state));
		put(b, u, "frames", frames_json(b, c->usages.p[i].frames));
		append(b, usages, u);
	}
	put(b, o, "lock", lock_json(b, r, &c->lock));
	put(b, o, "ops", c->has_ops ? number(b, (double)c->ops) : null(b));
	put(b, o, "usages", usages);
	put(b, o, "key", text_or_null(b, c->key));
	put(b, o, "acquired", c->acquired ? frames_json(b, c->acquired) : null(b));
	return o;
}

static cJSON *sections_json(struct builder *b, const struct report *r)
{
	static const char *const words[] = {
		[PATH_SAFE_TO_HELD] = "safe-to-held",
		[PATH_WANTED_TO_UNSAFE] = "wanted-to-unsafe",
		[PATH_SHORTEST] = "shortest",
		[PATH_TREE] = "tree",
	};
	cJSON *a = array(b);

	for (size_t i = 0; i < r->sections.n; i++) {
		const struct path_section *s = &r->sections.p[i];
		cJSON *o = object(b), *blocks = array(b);

		for (size_t k = 0; k < s->blocks.n; k++)
			append(b, blocks, block_json(b, r, &s->blocks.p[k]));
		put(b, o, "path", text(b, str_of(words[s->path])));
		put(b, o, "line", number(b, (double)s->line));
		put(b, o, "classes", blocks);
		append(b, a, o);
	}
	return a;
}

static cJSON *sites_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->sites.n; i++)
		append(b, a, site_json(b, r, &r->sites.p[i]));
	return a;
}

static cJSON *usage_change_json(struct builder *b, const struct report *r)
{
	cJSON *a;

	if (!r->usage_from.len || !r->usage_to.len)
		return null(b);
	a = array(b);
	append(b, a, text(b, r->usage_from));
	append(b, a, text(b, r->usage_to));
	return a;
}

static cJSON *number_or_null(struct builder *b, int n)
{
	return n < 0 ? null(b) : number(b, n);
}

static cJSON *rcu_json(struct builder *b, const struct report *r)
{
	cJSON *o;

	if (r->kind != KIND_SUSPICIOUS_RCU)
		return null(b);
	o = object(b);
	put(b, o, "file", text_or_null(b, r->rcu.file));
	put(b, o, "line", r->rcu.file.len ? number(b, (double)r->rcu.line) : null(b));
	put(b, o, "text", text_or_null(b, r->rcu.text));
	put(b, o, "scheduler_active", number_or_null(b, r->rcu.scheduler_active));
	put(b, o, "debug_locks", number_or_null(b, r->rcu.debug_locks));
	put(b, o, "offline", truth(b, r->rcu.offline));
	put(b, o, "idle", truth(b, r->rcu.idle));
	put(b, o, "extended_quiescent_state", truth(b, r->rcu.extended));
	return o;
}

static cJSON *freed_json(struct builder *b, const struct report *r)
{
	cJSON *o;

	if (!r->freed_from.len)
		return null(b);
	o = object(b);
	put(b, o, "from", text(b, r->freed_from));
	put(b, o, "to", text_or_null(b, r->freed_to));
	return o;
}

/* Whose lists an all-locks-dump has; `locks` are indices into held_locks. */
static cJSON *tasks_json(struct builder *b, const struct report *r)
{
	cJSON *a = array(b);

	for (size_t i = 0; i < r->tasks.n; i++) {
		const struct task_locks *t = &r->tasks.p[i];
		cJSON *o = object(b), *locks = array(b);

		for (size_t k = 0; k < t->n; k++)
			append(b, locks, number(b, (double)(t->first + k)));
		put(b, o, "comm", text(b, t->task.comm));
		put(b, o, "pid", number(b, (double)t->task.pid));
		put(b, o, "announced", number(b, (double)t->announced));
		put(b, o, "locks", locks);
		append(b, a, o);
	}
	return a;
}

static cJSON *beside_json(struct builder *b, const struct report *r)
{
	cJSON *o;

	if (!r->beside.kind)
		return null(b);
	o = object(b);
	put(b, o, "kind", text(b, str_of(r->beside.kind)));
	put(b, o, "line", number(b, (double)r->beside.line));
	return o;
}

static const char *direction_word(enum direction d)
{
	return d == DIRECTION_FORWARDS ? "forwards" : d == DIRECTION_BACKWARDS ? "backwards" : NULL;
}

/* What only some kinds have; null or [] in all others. */
static void put_details(struct builder *b, cJSON *o, const struct report *r)
{
	bool about_acquiring = r->kind == KIND_INCONSISTENT || r->kind == KIND_IRQ_INVERSION;

	put(b, o, "lock", lock_json(b, r, about_acquiring ? &r->acquiring : &r->subject));
	put(b, o, "safe_lock", lock_json(b, r, &r->safe));
	put(b, o, "unsafe_lock", lock_json(b, r, &r->unsafe));
	put(b, o, "other_lock", lock_json(b, r, &r->other));
	put(b, o, "direction", text_or_null(b, str_of(direction_word(r->direction))));
	put(b, o, "irq", text_or_null(b, r->irq));
	put(b, o, "usage", usage_change_json(b, r));
	put(b, o, "irq_state", irq_state_json(b, &r->irq_state));
	put(b, o, "irq_events", irq_events_json(b, r));
	put(b, o, "sites", sites_json(b, r));
	put(b, o, "paths", sections_json(b, r));
	put(b, o, "not_holding", text_or_null(b, r->not_holding));
	put(b, o, "freed", freed_json(b, r));
	put(b, o, "context", text_or_null(b, r->context));
	put(b, o, "rcu", rcu_json(b, r));
	put(b, o, "limit", text_or_null(b, r->limit));
	put(b, o, "beside", beside_json(b, r));
	put(b, o, "tasks", tasks_json(b, r));
}

static cJSON *explanation_json(struct builder *b, const struct explanation *e)
{
	cJSON *o = object(b);

	put(b, o, "function", text_or_null(b, e->function));
	put(b, o, "module", text_or_null(b, e->module));
	put(b, o, "what", text_or_null(b, e->what));
	put(b, o, "todo", text_or_null(b, e->todo));
	return o;
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
	put(b, o, "acquiring", lock_json(b, r, &r->acquiring));
	put(b, o, "holding", lock_json(b, r, &r->holding));
	put(b, o, "chain", chain_json(b, r));
	put(b, o, "edges", edges_json(b, r, v));
	put(b, o, "derived_edges", derived_json(b, v));
	put(b, o, "held_locks", held_json(b, r));
	put(b, o, "backtrace", frames_json(b, &r->backtrace));
	put_details(b, o, r);
	put(b, o, "explanation", explanation_json(b, &v->explanation));
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

cJSON *source_json(struct builder *b, const struct source *src)
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
	.relates = true,
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
