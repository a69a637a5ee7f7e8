/* SPDX-License-Identifier: MIT */
#include "unsplat/atlas.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "atlas_parts.h"

/* Taking in: a report becomes counts, ids and, at times, a stack. */

int atlas_grow(void **array, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap ? *cap + *cap / 2 : 64;
	void *bigger;

	if (n < *cap)
		return 0;
	bigger = n < UINT32_MAX - 1 ? reallocarray(*array, more, size) : NULL;
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*cap = more;
	return 0;
}

static uint32_t ids_place(const struct ids *s, uint32_t id)
{
	uint32_t low = 0, high = s->n;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (s->p[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

bool ids_has(const struct ids *s, uint32_t id)
{
	uint32_t i = ids_place(s, id);

	return i < s->n && s->p[i] == id;
}

/* There is room for a power of two. */
static int ids_push(struct ids *s, uint32_t at, uint32_t id)
{
	if (!(s->n & (s->n - 1))) {
		uint32_t *bigger = reallocarray(s->p, s->n ? (size_t)s->n * 2 : 1, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		s->p = bigger;
	}
	memmove(s->p + at + 1, s->p + at, (s->n - at) * sizeof(*s->p));
	s->p[at] = id;
	s->n++;
	return 1;
}

int ids_add(struct ids *s, uint32_t id)
{
	uint32_t i = ids_place(s, id);

	return i < s->n && s->p[i] == id ? 0 : ids_push(s, i, id);
}

void ids_done(struct ids *s)
{
	free(s->p);
	*s = (struct ids){ NULL, 0 };
}

struct atlas *atlas_new(const struct atlas_options *opt)
{
	struct atlas *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->opt = *opt;
	a->mem = arena_new();
	a->keys = intern_new();
	a->kernels = intern_new();
	a->sources = intern_new();
	a->words = intern_new();
	if (a->mem && a->keys && a->kernels && a->sources && a->words)
		return a;
	atlas_free(a);
	return NULL;
}

static void edge_done(struct atlas_edge *e)
{
	ids_done(&e->reports);
	ids_done(&e->kernels);
	ids_done(&e->sources);
	ids_done(&e->guards);
	ids_done(&e->functions);
	for (unsigned int i = 0; i < e->n_stacks; i++)
		free(e->stacks[i].frames);
}

void atlas_free(struct atlas *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < a->n_edges; i++)
		edge_done(&a->edges[i]);
	for (size_t i = 0; i < a->n_reports; i++) {
		ids_done(&a->reports[i].edges);
		ids_done(&a->reports[i].functions);
		ids_done(&a->reports[i].cycles);
	}
	for (size_t i = 0; i < a->n_cycles; i++) {
		ids_done(&a->cycles[i].locks);
		ids_done(&a->cycles[i].reports);
	}
	map_done(&a->edge_of);
	map_done(&a->report_of);
	map_done(&a->cycle_of);
	intern_free(a->keys);
	intern_free(a->kernels);
	intern_free(a->sources);
	intern_free(a->words);
	free(a->told);
	free(a->locks);
	free(a->edges);
	free(a->reports);
	free(a->cycles);
	free(a->stats);
	free(a->final_lock);
	free(a->first_edge);
	arena_free(a->mem);
	free(a);
}

/* The id of a name's lock, which is made when it is new. */
static int lock_of(struct atlas *a, struct named_lock *n)
{
	struct atlas_lock *lock;
	int err = intern_add(a->keys, n->key, &n->lock);

	if (err || n->lock < a->n_locks)
		return err;
	err = atlas_grow((void **)&a->locks, &a->cap_locks, a->n_locks, sizeof(*a->locks));
	if (err)
		return err;
	lock = &a->locks[a->n_locks];
	*lock = (struct atlas_lock){ .ordinal = n->ordinal, .anonymous = n->anonymous };
	if (arena_str(a->mem, n->base, &lock->base) || arena_str(a->mem, n->scope, &lock->scope))
		return -ENOMEM;
	a->n_locks++;
	return 0;
}

static int edge_of(struct atlas *a, lock_id from, lock_id to, uint32_t *ret)
{
	int err = map_add(&a->edge_of, (uint64_t)from << 32 | to, (uint32_t)a->n_edges, ret);

	if (err || *ret < a->n_edges)
		return err;
	err = atlas_grow((void **)&a->edges, &a->cap_edges, a->n_edges, sizeof(*a->edges));
	if (err)
		return err;
	a->edges[a->n_edges++] = (struct atlas_edge){ .from = from,
						      .to = to,
						      .relation = RELATION_MAX,
						      .derived = true,
						      .boot = true,
						      .nesting = true };
	return 0;
}

/* Add @p id to a short list of which only the first names are kept. */
static int keep_first(struct ids *s, const struct intern *names, uint32_t id, uint32_t limit,
		      bool *more)
{
	uint32_t last = 0;

	if (ids_has(s, id))
		return 0;
	if (s->n < limit)
		return ids_add(s, id) < 0 ? -ENOMEM : 0;
	*more = true;
	for (uint32_t i = 1; i < s->n; i++)
		if (str_cmp(intern_str(names, s->p[i]), intern_str(names, s->p[last])) > 0)
			last = i;
	if (str_cmp(intern_str(names, id), intern_str(names, s->p[last])) > 0)
		return 0;
	memmove(s->p + last, s->p + last + 1, (s->n - last - 1) * sizeof(*s->p));
	s->n--;
	/* what ids_push() makes room for at a power of two is there: it was there before */
	uint32_t at = ids_place(s, id);

	memmove(s->p + at + 1, s->p + at, (s->n - at) * sizeof(*s->p));
	s->p[at] = id;
	s->n++;
	return 0;
}

/* The frames that are kept: those that the unwinder was sure of, from the top. */
static size_t sure_frames(const stack *s, const struct frame **ret)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n && n < ATLAS_FRAMES_MAX; i++)
		if (s->p[i].reliable && s->p[i].function.len)
			ret[n++] = &s->p[i];
	return n;
}

static uint32_t small(uint64_t n)
{
	return n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
}

static int keep_frame(struct atlas *a, const struct frame *f, struct kept_frame *ret)
{
	*ret = (struct kept_frame){ .line = f->line,
				    .offset = small(f->offset),
				    .size = small(f->size),
				    .has_offset = f->has_offset && f->offset < UINT32_MAX,
				    .has_size = f->has_size && f->size < UINT32_MAX,
				    .inlined = f->inlined };
	if (intern_add(a->words, f->function, &ret->function) ||
	    intern_add(a->words, f->module, &ret->module) ||
	    intern_add(a->words, f->file, &ret->file))
		return -ENOMEM;
	return 0;
}

static uint64_t hash_frame(const struct frame *f)
{
	uint64_t h = hash_mix(str_hash(f->module), str_hash(f->file));

	h = hash_mix(h, f->line);
	h = hash_mix(h, f->has_offset ? f->offset : 0);
	return hash_mix(h, f->has_size ? f->size : 0);
}

/* More frames tell more; the rest is any order that is the same for everyone. */
static bool stack_before(const struct kept_stack *x, const struct kept_stack *y)
{
	if (x->n != y->n)
		return x->n > y->n;
	return x->path != y->path ? x->path < y->path : x->details < y->details;
}

static int keep_stack(struct atlas *a, struct atlas_edge *e, const stack *s)
{
	const struct frame *frames[ATLAS_FRAMES_MAX];
	struct kept_stack k = { .n = (uint32_t)sure_frames(s, frames) };
	unsigned int at = 0;

	for (uint32_t i = 0; i < k.n; i++) {
		k.path = hash_mix(k.path, str_hash(frames[i]->function));
		k.details = hash_mix(k.details, hash_frame(frames[i]));
	}
	if (!k.n)
		return 0;
	for (unsigned int i = 0; i < e->n_stacks;
	     i++) { /* once per path: the first of all builds */
		if (e->stacks[i].path != k.path || e->stacks[i].n != k.n)
			continue;
		if (e->stacks[i].details <= k.details)
			return 0;
		e->stacks[i].details = k.details;
		for (uint32_t j = 0; j < k.n; j++)
			if (keep_frame(a, frames[j], &e->stacks[i].frames[j]))
				return -ENOMEM;
		return 0;
	}
	while (at < e->n_stacks && stack_before(&e->stacks[at], &k))
		at++;
	if (at == ATLAS_STACKS_MAX)
		return 0;
	k.frames = calloc(k.n, sizeof(*k.frames));
	if (!k.frames)
		return -ENOMEM;
	for (uint32_t j = 0; j < k.n; j++) {
		if (keep_frame(a, frames[j], &k.frames[j])) {
			free(k.frames);
			return -ENOMEM;
		}
	}
	if (e->n_stacks == ATLAS_STACKS_MAX)
		free(e->stacks[--e->n_stacks].frames);
	memmove(e->stacks + at + 1, e->stacks + at, (e->n_stacks - at) * sizeof(*e->stacks));
	e->stacks[at] = k;
	e->n_stacks++;
	return 0;
}

/* Whether what is called @p name is one lock, whoever takes it: not one of a class of many. */
static bool is_one_lock(struct str name)
{
	enum lock_type type = lock_type(name);

	return name.len && *name.p != '&' && *name.p != '(' && !lock_is_anonymous(name) &&
	       (type == LOCK_PLAIN || type == LOCK_RTNL);
}

static bool is_exclusive(const struct held_lock *h)
{
	return !h->released && h->lock.at_frame.function.len &&
	       str_find(h->lock.at_frame.function, STR("read")) < 0;
}

/* Locks that nobody else can have had at this witness; only the closing edge has a list. */
static int note_guards(const struct sighting *s, const struct named_lock *names, size_t n,
		       const struct dependency *d, struct atlas_edge *e)
{
	struct ids here = { 0 };
	/* that the list is of the task that wants the lock shows in edges that follow from it */
	bool told =
		s->edges.n && s->edges.p[s->edges.n - 1].derived && (d->derived || d->index == 0);
	uint32_t kept = 0;

	for (size_t i = 0; told && i < s->r->held_locks.n; i++) {
		const struct held_lock *h = &s->r->held_locks.p[i];
		const struct named_lock *l = atlas_name_find(names, n, h->lock.name);

		if (l && is_exclusive(h) && is_one_lock(h->lock.name) &&
		    ids_add(&here, l->lock) < 0)
			return -ENOMEM;
	}
	if (!e->has_guards) {
		e->has_guards = true;
		e->guards = here;
		return 0;
	}
	for (uint32_t i = 0; i < e->guards.n; i++)
		if (ids_has(&here, e->guards.p[i]))
			e->guards.p[kept++] = e->guards.p[i];
	if (!kept)
		ids_done(&e->guards);
	e->guards.n = kept;
	ids_done(&here);
	return 0;
}

static int witness(struct atlas *a, const struct sighting *s, const struct named_lock *names,
		   size_t n, const struct dependency *d, struct atlas_edge *e)
{
	struct place place = { 0 };
	uint32_t id;

	if (d->relation < e->relation)
		e->relation = d->relation;
	e->live |= s->table;
	e->nesting &= s->nesting;
	if (s->table || s->nesting) {
		e->derived = false;
		e->boot = false;
		e->count += s->table;
		return 0;
	}
	e->derived &= d->derived;
	e->count += s->r->count;
	if (e->boot && a->opt.place)
		a->opt.place(a->opt.ctx, d->frames, &place);
	e->boot &= place.boot;
	if (s->r->kernel.release.len &&
	    (intern_add(a->kernels, s->r->kernel.release, &id) ||
	     keep_first(&e->kernels, a->kernels, id, ATLAS_KERNELS_MAX, &e->more_kernels)))
		return -ENOMEM;
	if (intern_add(a->sources, str_of(s->r->source), &id) ||
	    keep_first(&e->sources, a->sources, id, ATLAS_SOURCES_MAX, &e->more_sources))
		return -ENOMEM;
	if (note_guards(s, names, n, d, e))
		return -ENOMEM;
	return keep_stack(a, e, d->frames);
}

static int is_telling(struct atlas *a, struct str function, uint32_t *id)
{
	ptrdiff_t dot = str_chr(function, '.');

	function = dot > 0 ? str_head(function, (size_t)dot) : function;
	if (!a->opt.is_telling || intern_add(a->words, function, id))
		return a->opt.is_telling ? -ENOMEM : 0;
	if (*id >= a->n_told) {
		size_t more = (size_t)*id * 2 + 256;
		unsigned char *bigger = realloc(a->told, more);

		if (!bigger)
			return -ENOMEM;
		memset(bigger + a->n_told, 0, more - a->n_told);
		a->told = bigger;
		a->n_told = more;
	}
	if (!a->told[*id])
		a->told[*id] = a->opt.is_telling(a->opt.ctx, function) ? 2 : 1;
	return a->told[*id] == 2;
}

static int add_functions(struct atlas *a, const struct dependency *d, struct atlas_edge *e,
			 struct atlas_report *report)
{
	uint32_t id = 0;

	for (size_t i = 0; i < d->frames->n; i++) {
		const struct frame *f = &d->frames->p[i];
		int told = f->reliable && f->function.len ? is_telling(a, f->function, &id) : 0;

		if (told < 0 || (told && (ids_add(&e->functions, id) < 0 ||
					  ids_add(&report->functions, id) < 0)))
			return -ENOMEM;
	}
	return 0;
}

/* What makes it the report that it is: its signature, else the locks of its edges. */
static uint64_t identity(const struct sighting *s, const struct named_lock *names, size_t n)
{
	struct str hex = s->signature;
	uint64_t sum = 0, id;

	if (hex.len && str_skip_hex(&hex, &id) == 0 && !hex.len)
		return id;
	for (size_t i = 0; i < s->edges.n; i++) {
		const struct dependency *d = &s->edges.p[i];

		sum += hash_mix(str_hash(atlas_name_find(names, n, d->from)->key),
				str_hash(atlas_name_find(names, n, d->to)->key));
	}
	return hash_mix(sum, (uint64_t)s->r->kind + (s->table ? 1000 : 0));
}

static bool is_earlier(const struct atlas *a, const struct report *r, const struct atlas_report *x)
{
	int d = str_cmp(str_of(r->source), intern_str(a->sources, x->source_id));

	return d < 0 || (d == 0 && r->line < x->line);
}

static int report_of(struct atlas *a, const struct sighting *s, uint64_t id, uint32_t *ret)
{
	struct atlas_report *x;
	uint32_t source;

	if (map_add(&a->report_of, id, (uint32_t)a->n_reports, ret) ||
	    intern_add(a->sources, str_of(s->r->source), &source))
		return -ENOMEM;
	if (*ret == a->n_reports) {
		if (atlas_grow((void **)&a->reports, &a->cap_reports, a->n_reports,
			       sizeof(*a->reports)))
			return -ENOMEM;
		a->reports[a->n_reports++] = (struct atlas_report){ .identity = id,
								    .kind = s->r->kind,
								    .line = UINT64_MAX,
								    .source_id = source,
								    .table = s->table };
		if (s->signature.len &&
		    arena_str(a->mem, s->signature, &a->reports[*ret].signature))
			return -ENOMEM;
	}
	x = &a->reports[*ret];
	x->count += s->r->count;
	if (!is_earlier(a, s->r, x))
		return 0;
	x->source_id = source;
	x->line = s->r->line;
	x->kind = s->r->kind;
	return intern_add(a->words, s->title, &x->title_id);
}

/* The cycle that the report shows, from its lowest id on. */
static int add_cycle(struct atlas *a, const struct sighting *s, const struct named_lock *names,
		     size_t n, report_id report)
{
	uint64_t hash = s->n_cycle;
	struct ids locks = { 0 };
	uint32_t id, lowest = 0;
	int err = 0;

	for (uint32_t i = 0; !err && i < s->n_cycle; i++) {
		uint32_t lock = atlas_name_find(names, n, s->edges.p[i].to)->lock;

		err = ids_push(&locks, locks.n, lock) < 0 ? -ENOMEM : 0;
		if (!err && lock < locks.p[lowest])
			lowest = i;
	}
	for (uint32_t i = 0; !err && i < locks.n; i++)
		hash = hash_mix(hash, locks.p[(lowest + i) % locks.n]);
	if (!err)
		err = map_add(&a->cycle_of, hash, (uint32_t)a->n_cycles, &id);
	if (!err && id == a->n_cycles) {
		err = atlas_grow((void **)&a->cycles, &a->cap_cycles, a->n_cycles,
				 sizeof(*a->cycles));
		if (!err) {
			a->cycles[a->n_cycles++] = (struct atlas_cycle){ .locks = locks };
			locks = (struct ids){ NULL, 0 };
		}
	}
	ids_done(&locks);
	if (!err && ids_add(&a->reports[report].cycles, id) < 0)
		err = -ENOMEM;
	return err;
}

int atlas_add(struct atlas *a, const struct sighting *s)
{
	struct named_lock *names;
	size_t n;
	uint64_t content = 0;
	report_id report = UINT32_MAX;
	int err = atlas_names(&a->opt, s, &names, &n);

	for (size_t i = 0; !err && i < n; i++) {
		err = lock_of(a, &names[i]);
		if (!err && s->table)
			a->locks[names[i].lock].live = true;
	}
	if (!err && !s->nesting)
		err = report_of(a, s, identity(s, names, n), &report);
	for (size_t i = 0; !err && i < s->edges.n; i++) {
		const struct dependency *d = &s->edges.p[i];
		uint32_t edge;

		if (d->pseudo)
			continue;
		err = edge_of(a, atlas_name_find(names, n, d->from)->lock,
			      atlas_name_find(names, n, d->to)->lock, &edge);
		if (!err)
			err = witness(a, s, names, n, d, &a->edges[edge]);
		if (err || report == UINT32_MAX)
			continue;
		if (ids_add(&a->reports[report].edges, edge) < 0)
			err = -ENOMEM;
		for (size_t k = 0; k < d->frames->n; k++)
			content = hash_mix(content, str_hash(d->frames->p[k].function));
		content = hash_mix(content, edge);
	}
	if (!err && report != UINT32_MAX && a->reports[report].content != content) {
		a->reports[report].content = content;
		for (size_t i = 0; !err && i < s->edges.n; i++) {
			const struct dependency *d = &s->edges.p[i];
			uint32_t edge;

			if (d->pseudo)
				continue;
			err = edge_of(a, atlas_name_find(names, n, d->from)->lock,
				      atlas_name_find(names, n, d->to)->lock, &edge);
			if (!err)
				err = add_functions(a, d, &a->edges[edge], &a->reports[report]);
		}
	}
	if (!err && report != UINT32_MAX && s->n_cycle)
		err = add_cycle(a, s, names, n, report);
	return err;
}

int atlas_add_stat(struct atlas *a, struct str name, uint64_t contentions, uint64_t acquisitions,
		   double wait_us)
{
	struct stat_row *row;

	if (atlas_grow((void **)&a->stats, &a->cap_stats, a->n_stats, sizeof(*a->stats)))
		return -ENOMEM;
	row = &a->stats[a->n_stats];
	*row = (struct stat_row){ .contentions = contentions,
				  .acquisitions = acquisitions,
				  .wait_us = wait_us };
	if (a->opt.keep_class_index ? arena_str(a->mem, name, &row->name) :
				      lock_common_name(a->mem, name, &row->name))
		return -ENOMEM;
	a->n_stats++;
	return 0;
}

uint32_t atlas_locks(const struct atlas *a)
{
	return (uint32_t)a->n_locks;
}

const struct atlas_lock *atlas_lock(const struct atlas *a, uint32_t i)
{
	return &a->locks[i];
}

uint32_t atlas_edges(const struct atlas *a)
{
	return (uint32_t)a->n_edges;
}

const struct atlas_edge *atlas_edge(const struct atlas *a, uint32_t i)
{
	return &a->edges[i];
}

uint32_t atlas_first_edge(const struct atlas *a, lock_id from)
{
	return a->first_edge[from];
}

uint32_t atlas_edge_find(const struct atlas *a, lock_id from, lock_id to)
{
	uint32_t low = a->first_edge[from], high = a->first_edge[from + 1];

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (a->edges[mid].to < to)
			low = mid + 1;
		else
			high = mid;
	}
	return low < a->first_edge[from + 1] && a->edges[low].to == to ? low : UINT32_MAX;
}

uint32_t atlas_reports(const struct atlas *a)
{
	return (uint32_t)a->n_reports;
}

const struct atlas_report *atlas_report(const struct atlas *a, report_id i)
{
	return &a->reports[i];
}

uint32_t atlas_cycles(const struct atlas *a)
{
	return (uint32_t)a->n_cycles;
}

const struct atlas_cycle *atlas_cycle(const struct atlas *a, uint32_t i)
{
	return &a->cycles[i];
}

struct str atlas_kernel(const struct atlas *a, uint32_t id)
{
	return intern_str(a->kernels, id);
}

struct str atlas_source(const struct atlas *a, uint32_t id)
{
	return intern_str(a->sources, id);
}

struct str atlas_word(const struct atlas *a, uint32_t id)
{
	return intern_str(a->words, id);
}

int atlas_stack(const struct atlas *a, const struct atlas_edge *e, unsigned int i,
		struct arena *mem, stack *ret)
{
	const struct kept_stack *k = &e->stacks[i];

	*ret = (stack){ NULL, 0, 0 };
	for (uint32_t j = 0; j < k->n; j++) {
		struct frame *f = vec_push(mem, ret);

		if (!f)
			return -ENOMEM;
		*f = (struct frame){ .function = atlas_word(a, k->frames[j].function),
				     .module = atlas_word(a, k->frames[j].module),
				     .file = atlas_word(a, k->frames[j].file),
				     .line = k->frames[j].line,
				     .offset = k->frames[j].offset,
				     .size = k->frames[j].size,
				     .has_offset = k->frames[j].has_offset,
				     .has_size = k->frames[j].has_size,
				     .inlined = k->frames[j].inlined,
				     .reliable = true };
	}
	return 0;
}

uint32_t atlas_edge_of(const struct atlas *a, const struct sighting *s, const struct dependency *d)
{
	struct named_lock *names;
	const struct named_lock *ends[2];
	uint32_t from, to;
	size_t n;

	if (atlas_names(&a->opt, s, &names, &n) < 0)
		return UINT32_MAX;
	ends[0] = atlas_name_find(names, n, d->from);
	ends[1] = atlas_name_find(names, n, d->to);
	if (!ends[0] || !ends[1] || !intern_find(a->keys, ends[0]->key, &from) ||
	    !intern_find(a->keys, ends[1]->key, &to))
		return UINT32_MAX;
	return atlas_edge_find(a, a->final_lock[from], a->final_lock[to]);
}

report_id atlas_report_of(const struct atlas *a, struct str signature)
{
	uint32_t low = 0, high = atlas_reports(a);
	uint64_t id;

	if (str_skip_hex(&signature, &id) < 0)
		return UINT32_MAX;
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (a->reports[mid].identity < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low < atlas_reports(a) && a->reports[low].identity == id ? low : UINT32_MAX;
}
