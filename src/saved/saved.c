/* SPDX-License-Identifier: MIT */
#include "unsplat/saved.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/splat.h"

/*
 * The splitter knows strings and brackets only: it cuts a stream into lines of jsonl, or into the
 * elements of "reports" and "sources" of a document. cJSON parses one element at a time; it recurses,
 * up to a limit of its own (CJSON_NESTING_LIMIT, 1000).
 */

#define READ_BYTES 65536
#define KEY_BYTES 16

struct saved_reader {
	struct input *in;
	char *read; /* block that was read */
	size_t at, n_read;
	char *buf; /* the item */
	size_t n, cap;
	uint32_t depth, base;	       /* brackets that are open; how many around an item */
	bool in_string, escaped, open; /* open: inside an item */
	bool document, list_is_source;
	char key[KEY_BYTES]; /* the last string directly inside the document */
	size_t n_key;
	bool is_key; /* a ':' followed it */
	uint64_t line;
	cJSON *json; /* of the item that was given last */
};

bool saved_is(struct str head)
{
	while (head.len && (is_blank(*head.p) || *head.p == '\n' || *head.p == '\r'))
		head = str_from(head, 1);
	if (!str_skip(&head, STR("{")))
		return false;
	while (head.len && (is_blank(*head.p) || *head.p == '\n' || *head.p == '\r'))
		head = str_from(head, 1);
	return str_starts(head, STR("\"source\"")) || str_starts(head, STR("\"kind\"")) ||
	       str_starts(head, STR("\"schema\"")) || str_starts(head, STR("\"generator\"")) ||
	       str_starts(head, STR("\"sources\"")) || str_starts(head, STR("\"reports\""));
}

struct saved_reader *saved_reader_new(struct input *in)
{
	struct saved_reader *r = calloc(1, sizeof(*r));

	if (!r)
		return NULL;
	r->in = in;
	r->line = 1;
	r->read = malloc(READ_BYTES);
	if (r->read)
		return r;
	free(r);
	return NULL;
}

void saved_reader_free(struct saved_reader *r)
{
	if (!r)
		return;
	cJSON_Delete(r->json);
	free(r->read);
	free(r->buf);
	free(r);
}

uint64_t saved_line(const struct saved_reader *r)
{
	return r->line;
}

static int keep(struct saved_reader *r, char c)
{
	if (r->n + 1 >= r->cap) {
		size_t more = r->cap ? r->cap * 2 : 8192;
		char *bigger = r->n < SAVED_MAX_BYTES ? realloc(r->buf, more) : NULL;

		if (!bigger)
			return r->n < SAVED_MAX_BYTES ? -ENOMEM : -EBADMSG;
		r->buf = bigger;
		r->cap = more;
	}
	r->buf[r->n++] = c;
	r->buf[r->n] = '\0';
	return 0;
}

/* A byte inside a string. */
static int take_string_byte(struct saved_reader *r, char c)
{
	bool ends = c == '"' && !r->escaped;

	if (r->depth == 1 && !ends && r->n_key < KEY_BYTES)
		r->key[r->n_key++] = c;
	r->escaped = c == '\\' && !r->escaped;
	r->in_string = !ends;
	return r->open ? keep(r, c) : 0;
}

/* "reports": [ in a document: from here on its elements are the items. */
static bool opens_list(struct saved_reader *r)
{
	struct str key = { r->key, r->n_key };

	if (r->depth != 1 || r->base || !r->is_key)
		return false;
	r->list_is_source = str_eq(key, STR("sources"));
	return r->list_is_source || str_eq(key, STR("reports"));
}

/* @return 1: an item is complete, 0: go on, or -errno */
static int take_byte(struct saved_reader *r, char c)
{
	int err;

	r->line += c == '\n';
	if (r->in_string)
		return take_string_byte(r, c);
	if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
		return 0;
	if (!r->depth && c != '{')
		return -EBADMSG;
	if (c == '"') {
		r->in_string = true;
		if (r->depth == 1)
			r->n_key = 0;
	}
	if (c == '[' && opens_list(r)) {
		r->document = true;
		r->open = false;
		r->base = 2;
		r->depth++;
		return 0;
	}
	r->is_key = c == ':' && r->depth == 1;
	if (c == '{' || c == '[') {
		if (r->depth == r->base && c == '{' && !(r->document && !r->base)) {
			r->open = true;
			r->n = 0;
		}
		r->depth++;
	}
	err = r->open ? keep(r, c) : 0;
	if (err || (c != '}' && c != ']'))
		return err;
	if (!r->depth)
		return -EBADMSG;
	r->depth--;
	if (r->base && r->depth < r->base) { /* the list is over */
		r->base = 0;
		return 0;
	}
	if (!r->depth)
		r->base = 0;
	if (r->depth == r->base && r->open) {
		r->open = false;
		return 1;
	}
	if (!r->depth)
		r->document = false;
	return 0;
}

/* After what is not ours: the next line begins anew. */
static void forget(struct saved_reader *r)
{
	while (r->at < r->n_read && r->read[r->at] != '\n')
		r->at++;
	r->depth = r->base = 0;
	r->in_string = r->escaped = r->open = r->document = false;
}

static cJSON *field(const cJSON *o, const char *key)
{
	return cJSON_GetObjectItemCaseSensitive(o, key);
}

static struct str text(const cJSON *o, const char *key)
{
	return str_of(cJSON_GetStringValue(field(o, key)));
}

static uint64_t number(const cJSON *o, const char *key)
{
	const cJSON *n = field(o, key);

	return cJSON_IsNumber(n) && n->valuedouble >= 0 && n->valuedouble < 9007199254740992.0 ?
		       (uint64_t)n->valuedouble :
		       0;
}

static int parse(struct saved_reader *r, struct saved_item *ret)
{
	const cJSON *source;

	cJSON_Delete(r->json);
	r->json = cJSON_ParseWithLength(r->buf, r->n);
	if (!r->json)
		return -EBADMSG;
	source = field(r->json, "source");
	*ret = (struct saved_item){ .text = { r->buf, r->n }, .json = r->json };
	if (r->base && r->list_is_source) {
		ret->is_source = true;
		ret->source = text(r->json, "name");
		ret->line = number(r->json, "lines");
	} else if (!r->base && cJSON_IsObject(source)) {
		if (!str_skip(&ret->text, STR("{\"source\":")) || cJSON_GetArraySize(r->json) != 1)
			return -EBADMSG;
		ret->text.len--;
		ret->is_source = true;
		ret->source = text(source, "name");
		ret->line = number(source, "lines");
		ret->json = source;
	} else {
		ret->source = text(r->json, "source");
		ret->line = number(r->json, "line");
		ret->kind = text(r->json, "kind");
		if (!cJSON_IsArray(field(r->json, "chain")))
			return -EBADMSG;
	}
	return ret->source.len ? 1 : -EBADMSG;
}

int saved_next(struct saved_reader *r, struct saved_item *ret)
{
	for (;;) {
		if (r->at == r->n_read) {
			ssize_t n = input_read(r->in, r->read, READ_BYTES);

			if (n < 0)
				return (int)n;
			r->at = 0;
			r->n_read = (size_t)n;
			if (!n && r->depth) {
				r->depth = 0;
				return -EPIPE;
			}
			if (!n)
				return 0;
		}
		while (r->at < r->n_read) {
			int n = take_byte(r, r->read[r->at++]);

			if (n > 0)
				n = parse(r, ret);
			if (n == -EBADMSG && (!r->base || !r->depth))
				forget(r);
			if (n)
				return n;
		}
	}
}

/* From here on: an item becomes a report again. Everything is copied into its arena. */

struct restorer {
	struct arena *mem;
	bool failed; /* out of memory */
};

static struct str copy(struct restorer *x, const cJSON *o, const char *key)
{
	struct str s = { NULL, 0 };

	if (text(o, key).len && arena_str(x->mem, text(o, key), &s) < 0)
		x->failed = true;
	return s;
}

static void restore_frames(struct restorer *x, const cJSON *list, stack *ret)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, list)
	{
		struct frame *f = vec_push(x->mem, ret);

		if (!f) {
			x->failed = true;
			return;
		}
		f->function = copy(x, o, "function");
		f->module = copy(x, o, "module");
		f->file = copy(x, o, "file");
		f->has_offset = cJSON_IsNumber(field(o, "offset"));
		f->has_size = cJSON_IsNumber(field(o, "size"));
		f->offset = number(o, "offset");
		f->size = number(o, "size");
		f->line = (uint32_t)number(o, "line");
		f->reliable = cJSON_IsTrue(field(o, "reliable"));
		f->inlined = cJSON_IsTrue(field(o, "inlined"));
	}
}

static void restore_lock(struct restorer *x, const cJSON *o, struct lock *ret)
{
	ret->name = copy(x, o, "name");
	ret->at = copy(x, o, "at");
	if (ret->at.len)
		(void)frame_parse(ret->at, FRAME_IN_STACK, &ret->at_frame);
}

static void restore_chain(struct restorer *x, const cJSON *list, struct report *r)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, list)
	{
		struct chain_entry *e = vec_push(x->mem, &r->chain);

		if (!e) {
			x->failed = true;
			return;
		}
		e->index = number(o, "index");
		restore_lock(x, field(o, "lock"), &e->lock);
		restore_frames(x, field(o, "frames"), &e->frames);
	}
}

static void restore_held(struct restorer *x, const cJSON *list, struct report *r)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, list)
	{
		struct held_lock *h = vec_push(x->mem, &r->held_locks);

		if (!h) {
			x->failed = true;
			return;
		}
		h->index = number(o, "index");
		restore_lock(x, o, &h->lock);
		r->has_held_list = true;
	}
}

static enum path path_of(struct str word)
{
	return str_eq(word, STR("safe-to-held"))     ? PATH_SAFE_TO_HELD :
	       str_eq(word, STR("wanted-to-unsafe")) ? PATH_WANTED_TO_UNSAFE :
	       str_eq(word, STR("shortest"))	     ? PATH_SHORTEST :
						       PATH_TREE;
}

static void restore_paths(struct restorer *x, const cJSON *list, struct report *r)
{
	const cJSON *o, *c;

	cJSON_ArrayForEach(o, list)
	{
		struct path_section *s = vec_push(x->mem, &r->sections);

		if (!s) {
			x->failed = true;
			return;
		}
		s->path = path_of(text(o, "path"));
		cJSON_ArrayForEach(c, field(o, "classes"))
		{
			struct class_block *b = vec_push(x->mem, &s->blocks);

			if (!b) {
				x->failed = true;
				return;
			}
			restore_lock(x, field(c, "lock"), &b->lock);
			if (!cJSON_IsArray(field(c, "acquired")))
				continue;
			b->acquired = arena_alloc(x->mem, sizeof(*b->acquired));
			if (b->acquired)
				restore_frames(x, field(c, "acquired"), b->acquired);
			x->failed |= !b->acquired;
		}
	}
}

/* What the header said may be lost, and yet be known from the line after "Chain exists of". */
static void restore_holding(struct restorer *x, const cJSON *json, struct report *r)
{
	const cJSON *o;

	if (r->has_holding)
		return;
	cJSON_ArrayForEach(o, field(json, "edges"))
	{
		const cJSON *index = field(o, "index");

		if (!cJSON_IsNumber(index) || index->valuedouble > 0 || index->valuedouble < 0)
			continue;
		r->holding.name = copy(x, o, "from");
		r->has_holding = r->holding.name.len > 0;
	}
}

static const stack *wanting_stack(const struct report *r)
{
	return r->chain.n && r->chain.p[0].index == 0 && r->chain.p[0].frames.n ?
		       &r->chain.p[0].frames :
		       &r->backtrace;
}

static void restore_derived(struct restorer *x, const cJSON *list, struct saved_report *ret)
{
	const cJSON *o;

	cJSON_ArrayForEach(o, list)
	{
		struct dependency *d = vec_push(x->mem, &ret->derived);

		if (!d) {
			x->failed = true;
			return;
		}
		*d = (struct dependency){ .index = -1,
					  .held = (int64_t)number(o, "held"),
					  .from = copy(x, o, "from"),
					  .to = copy(x, o, "to"),
					  .derived = true,
					  .frames = wanting_stack(ret->r) };
		d->relation = dependency_relation(d);
	}
}

static void restore(struct restorer *x, const cJSON *json, struct saved_report *ret)
{
	struct report *r = ret->r;

	ret->signature = copy(x, json, "signature");
	ret->title = copy(x, json, "title");
	r->source = copy(x, json, "source").p;
	r->line = number(json, "line");
	r->end_line = number(json, "end_line");
	r->count = number(json, "count");
	r->count = r->count ? r->count : 1;
	r->kernel.release = copy(x, field(json, "kernel"), "release");
	r->kernel.known = r->kernel.release.len > 0;
	restore_lock(x, field(json, "acquiring"), &r->acquiring);
	restore_lock(x, field(json, "holding"), &r->holding);
	r->has_acquiring = r->acquiring.name.len > 0;
	r->has_holding = r->holding.name.len > 0;
	restore_chain(x, field(json, "chain"), r);
	restore_held(x, field(json, "held_locks"), r);
	restore_frames(x, field(json, "backtrace"), &r->backtrace);
	restore_paths(x, field(json, "paths"), r);
	restore_holding(x, json, r);
	r->direction = str_eq(text(json, "direction"), STR("forwards"))	 ? DIRECTION_FORWARDS :
		       str_eq(text(json, "direction"), STR("backwards")) ? DIRECTION_BACKWARDS :
									   DIRECTION_NONE;
	r->mixed = !cJSON_GetArraySize(field(json, "edges")); /* nothing was taken from it */
	restore_derived(x, field(json, "derived_edges"), ret);
}

int saved_restore(const struct saved_item *item, struct saved_report *ret)
{
	struct restorer x = { .mem = arena_new() };
	struct saved_report made = { 0 };
	enum kind kind;

	if (!x.mem)
		return -ENOMEM;
	made.r = arena_alloc(x.mem, sizeof(*made.r));
	if (!made.r || kind_find(text(item->json, "kind"), &kind) < 0) {
		arena_free(x.mem);
		return made.r ? -EBADMSG : -ENOMEM;
	}
	made.r->mem = x.mem;
	made.r->kind = kind;
	made.r->cpu = -1;
	restore(&x, item->json, &made);
	if (x.failed) {
		report_free(made.r);
		return -ENOMEM;
	}
	*ret = made;
	return 0;
}

static char *duplicate(const cJSON *o, const char *key)
{
	const char *s = cJSON_GetStringValue(field(o, key));

	return s ? strdup(s) : NULL;
}

int saved_source(const struct saved_item *item, struct arena *mem, struct source *ret)
{
	const cJSON *json = item->json, *boots = field(json, "boots"), *o;
	const cJSON *notes = field(json, "notes");
	struct restorer x = { .mem = mem };
	struct source s = { .name = duplicate(json, "name"), .error = duplicate(json, "error") };

	s.bytes = number(json, "bytes");
	s.lines = number(json, "lines");
	s.boots = calloc((size_t)cJSON_GetArraySize(boots) + 1, sizeof(*s.boots));
	s.notes = calloc((size_t)cJSON_GetArraySize(notes) + 1, sizeof(*s.notes));
	if (!s.name || !s.boots || !s.notes) {
		source_done(&s);
		return -ENOMEM;
	}
	cJSON_ArrayForEach(o, boots) s.boots[s.n_boots++] =
		(struct boot){ .line = number(o, "line"),
			       .lockdep_off = number(o, "lockdep_off"),
			       .kernel = duplicate(o, "kernel") };
	cJSON_ArrayForEach(o, notes) s.notes[s.n_notes++] =
		(struct source_note){ .line = number(o, "line"),
				      .kind = copy(&x, o, "kind").p,
				      .text = copy(&x, o, "text").p };
	if (x.failed) {
		source_done(&s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}
