/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "atlas_parts.h"

/* The end: ids of arrival become ids of order, and what is listed per report is listed per edge too. */

/* lock_stat cuts names to so many bytes before "#5" and "/1" follow. */
#define STAT_NAME_MAX 36

void ids_sort(struct ids *s)
{
	uint32_t kept = 0;

	for (uint32_t gap = s->n / 2; gap; gap /= 2) /* short lists, mostly in order */
		for (uint32_t i = gap; i < s->n; i++)
			for (uint32_t k = i; k >= gap && s->p[k - gap] > s->p[k]; k -= gap) {
				uint32_t t = s->p[k];

				s->p[k] = s->p[k - gap];
				s->p[k - gap] = t;
			}
	for (uint32_t i = 0; i < s->n; i++)
		if (!kept || s->p[kept - 1] != s->p[i])
			s->p[kept++] = s->p[i];
	s->n = kept;
}

/* @return for each old id its new one, as the order of the pointers says; NULL: out of memory */
static uint32_t *permutation(const void *base, size_t n, size_t size, const void **order)
{
	uint32_t *now = calloc(n + 1, sizeof(*now));

	for (size_t i = 0; now && i < n; i++) {
		size_t old = (size_t)((const char *)order[i] - (const char *)base) / size;

		now[old] = (uint32_t)i;
	}
	return now;
}

static void renumber(struct ids *s, const uint32_t *now, bool sort)
{
	for (uint32_t i = 0; i < s->n; i++)
		s->p[i] = now[s->p[i]];
	if (sort)
		ids_sort(s);
}

/* Sort @p base and say where each went. @return the new id of each old one, or NULL */
static uint32_t *sort_all(void *base, size_t n, size_t size,
			  int (*compare)(const void *, const void *))
{
	const void **order = calloc(n + 1, sizeof(*order));
	char *copy = n ? malloc(n * size) : NULL;
	uint32_t *now = NULL;

	if (order && (copy || !n)) {
		for (size_t i = 0; i < n; i++)
			order[i] = (char *)base + i * size;
		if (n)
			qsort(order, n, sizeof(*order), compare);
		now = permutation(base, n, size, order);
		for (size_t i = 0; now && i < n; i++)
			memcpy(copy + i * size, order[i], size);
		if (now && n)
			memcpy(base, copy, n * size);
	}
	free(copy);
	free(order);
	return now;
}

static int lock_order(const void *a, const void *b)
{
	const struct atlas_lock *x = *(const struct atlas_lock *const *)a;
	const struct atlas_lock *y = *(const struct atlas_lock *const *)b;
	int d = str_cmp(x->base, y->base);

	if (!d)
		d = str_cmp(x->scope, y->scope);
	return d ? d : (x->ordinal > y->ordinal) - (x->ordinal < y->ordinal);
}

/* "&dev->lock [usbcore]" where there are several of that name, else just the name. */
static int show_names(struct atlas *a)
{
	for (size_t i = 0; i < a->n_locks; i++) {
		struct atlas_lock *l = &a->locks[i];
		bool many = (i && str_eq(l[-1].base, l->base)) ||
			    (i + 1 < a->n_locks && str_eq(l[1].base, l->base));
		int err;

		l->name = l->base;
		if (!many)
			continue;
		err = l->scope.len ? arena_printf(a->mem, &l->name, STR_FMT " [" STR_FMT "]",
						  STR_ARG(l->base), STR_ARG(l->scope)) :
				     0;
		if (!err && l->ordinal > 1)
			err = arena_printf(a->mem, &l->name, STR_FMT " (%" PRIu32 ")",
					   STR_ARG(l->name), l->ordinal);
		if (err)
			return err;
	}
	return 0;
}

static int order_locks(struct atlas *a)
{
	uint32_t *now = sort_all(a->locks, a->n_locks, sizeof(*a->locks), lock_order);

	if (!now)
		return -ENOMEM;
	for (size_t i = 0; i < a->n_edges; i++) {
		struct atlas_edge *e = &a->edges[i];

		e->from = now[e->from];
		e->to = now[e->to];
		renumber(&e->guards, now, true);
	}
	for (size_t i = 0; i < a->n_cycles; i++)
		renumber(&a->cycles[i].locks, now, false);
	a->final_lock = now;
	return show_names(a);
}

static int edge_order(const void *a, const void *b)
{
	const struct atlas_edge *x = *(const struct atlas_edge *const *)a;
	const struct atlas_edge *y = *(const struct atlas_edge *const *)b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static int order_edges(struct atlas *a)
{
	uint32_t *now = sort_all(a->edges, a->n_edges, sizeof(*a->edges), edge_order);

	if (!now)
		return -ENOMEM;
	for (size_t i = 0; i < a->n_reports; i++)
		renumber(&a->reports[i].edges, now, true);
	free(now);
	a->first_edge = calloc(a->n_locks + 2, sizeof(*a->first_edge));
	if (!a->first_edge)
		return -ENOMEM;
	for (size_t i = 0; i < a->n_edges; i++)
		a->first_edge[a->edges[i].from + 1]++;
	for (size_t i = 0; i < a->n_locks; i++)
		a->first_edge[i + 1] += a->first_edge[i];
	return 0;
}

/* Ids of strings that are listed: in the order of the strings. They are few. */
static void order_names(struct ids *s, const struct intern *t)
{
	for (uint32_t i = 1; i < s->n; i++)
		for (uint32_t k = i;
		     k && str_cmp(intern_str(t, s->p[k - 1]), intern_str(t, s->p[k])) > 0; k--) {
			uint32_t x = s->p[k];

			s->p[k] = s->p[k - 1];
			s->p[k - 1] = x;
		}
}

static int report_order(const void *a, const void *b)
{
	const struct atlas_report *x = a, *y = b;

	return (x->identity > y->identity) - (x->identity < y->identity);
}

static void order_reports(struct atlas *a)
{
	if (a->n_reports)
		qsort(a->reports, a->n_reports, sizeof(*a->reports), report_order);
	for (size_t i = 0; i < a->n_reports; i++) {
		struct atlas_report *r = &a->reports[i];

		r->title = intern_str(a->words, r->title_id);
		r->source = intern_str(a->sources, r->source_id);
	}
	map_done(&a->report_of);
	map_done(&a->edge_of);
	map_done(&a->cycle_of);
}

static void rotate(struct ids *s)
{
	uint32_t lowest = 0, t;

	for (uint32_t i = 1; i < s->n; i++)
		if (s->p[i] < s->p[lowest])
			lowest = i;
	for (; lowest; lowest--) {
		t = s->p[0];
		memmove(s->p, s->p + 1, (s->n - 1) * sizeof(*s->p));
		s->p[s->n - 1] = t;
	}
}

static int cycle_order(const void *a, const void *b)
{
	const struct ids *x = &(*(const struct atlas_cycle *const *)a)->locks;
	const struct ids *y = &(*(const struct atlas_cycle *const *)b)->locks;

	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	for (uint32_t i = 0; i < x->n; i++)
		if (x->p[i] != y->p[i])
			return x->p[i] < y->p[i] ? -1 : 1;
	return 0;
}

static int order_cycles(struct atlas *a)
{
	uint32_t *now;

	for (size_t i = 0; i < a->n_cycles; i++)
		rotate(&a->cycles[i].locks);
	now = sort_all(a->cycles, a->n_cycles, sizeof(*a->cycles), cycle_order);
	if (!now)
		return -ENOMEM;
	for (size_t i = 0; i < a->n_reports; i++)
		renumber(&a->reports[i].cycles, now, true);
	free(now);
	return 0;
}

/* What reports list, the other way round. Reports come in order, so the lists are. */
static int list_reports(struct atlas *a)
{
	uint32_t *seen = calloc(a->n_locks + 1, sizeof(*seen));
	int err = seen ? 0 : -ENOMEM;

	for (uint32_t i = 0; !err && i < a->n_reports; i++) {
		const struct atlas_report *r = &a->reports[i];

		for (uint32_t k = 0; !err && !r->table && k < r->edges.n; k++) {
			struct atlas_edge *e = &a->edges[r->edges.p[k]];
			lock_id ends[] = { e->from, e->to };

			err = ids_add(&e->reports, i) < 0 ? -ENOMEM : 0;
			for (size_t j = 0; j < ARRAY_SIZE(ends); j++) {
				a->locks[ends[j]].reports += seen[ends[j]] != i + 1;
				seen[ends[j]] = i + 1;
			}
		}
		for (uint32_t k = 0; !err && k < r->cycles.n; k++)
			err = ids_add(&a->cycles[r->cycles.p[k]].reports, i) < 0 ? -ENOMEM : 0;
	}
	free(seen);
	return err;
}

/* The only lock that a row of lock_stat can mean; UINT32_MAX: none, or several. */
static uint32_t stat_lock(const struct atlas *a, struct str name)
{
	uint32_t found = UINT32_MAX, low = 0, high = (uint32_t)a->n_locks;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (str_cmp(a->locks[mid].base, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < a->n_locks; low++) {
		struct str base = a->locks[low].base;

		if (!str_eq(base, name) && (name.len < STAT_NAME_MAX || !str_starts(base, name)))
			break;
		if (found != UINT32_MAX)
			return UINT32_MAX;
		found = low;
	}
	return found;
}

static void apply_stats(struct atlas *a)
{
	for (size_t i = 0; i < a->n_stats; i++) {
		uint32_t lock = stat_lock(a, a->stats[i].name);

		if (lock == UINT32_MAX)
			continue;
		a->locks[lock].stat.contentions += a->stats[i].contentions;
		a->locks[lock].stat.acquisitions += a->stats[i].acquisitions;
		a->locks[lock].stat.wait_us += a->stats[i].wait_us;
	}
}

static int place_edges(struct atlas *a)
{
	struct arena *mem = arena_new();
	int err = mem ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < a->n_edges; i++) {
		struct atlas_edge *e = &a->edges[i];
		stack s;

		order_names(&e->kernels, a->kernels);
		order_names(&e->sources, a->sources);
		e->boot &= e->n_stacks > 0;
		if (!e->n_stacks || !a->opt.place)
			continue;
		err = atlas_stack(a, e, 0, mem, &s);
		if (!err)
			a->opt.place(a->opt.ctx, &s, &e->place);
		if (arena_used(mem) > 1u << 20) {
			arena_free(mem);
			mem = arena_new();
			err = mem ? err : -ENOMEM;
		}
	}
	arena_free(mem);
	return err;
}

int atlas_finish(struct atlas *a)
{
	int err = order_locks(a);

	if (!err)
		err = order_edges(a);
	if (!err)
		order_reports(a);
	if (!err)
		err = order_cycles(a);
	if (!err)
		err = list_reports(a);
	if (!err)
		err = place_edges(a);
	if (!err)
		apply_stats(a);
	a->finished = !err;
	return err;
}

bool atlas_lock_find(const struct atlas *a, struct str name, lock_id *ret)
{
	struct arena *mem = arena_new();
	struct str common = name;
	lock_id best = UINT32_MAX;
	int best_rank = 0;

	if (mem)
		(void)lock_common_name(mem, name, &common);
	for (lock_id i = 0; i < a->n_locks; i++) { /* as shown; by its name; by its new name */
		int rank = str_eq(a->locks[i].name, name)   ? 3 :
			   str_eq(a->locks[i].base, name)   ? 2 :
			   str_eq(a->locks[i].base, common) ? 1 :
							      0;

		if (rank > best_rank) {
			best = i;
			best_rank = rank;
		}
	}
	arena_free(mem);
	if (best == UINT32_MAX)
		return false;
	*ret = best;
	return true;
}
