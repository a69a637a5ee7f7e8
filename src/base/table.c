/* SPDX-License-Identifier: MIT */
#include "unsplat/table.h"

#include <errno.h>
#include <stdlib.h>
#include <xxhash.h>

uint64_t str_hash(struct str s)
{
	return XXH64(s.len ? s.p : "", s.len, 0);
}

/* The finalizer of SplitMix64 (Steele, Lea, Flood; OOPSLA 2014). */
uint64_t hash_mix(uint64_t a, uint64_t b)
{
	uint64_t z = a * UINT64_C(0x9e3779b97f4a7c15) + b;

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void map_done(struct map *m)
{
	free(m->keys);
	free(m->values);
	*m = (struct map){ 0 };
}

static size_t map_place(const struct map *m, uint64_t key)
{
	size_t i = hash_mix(key, 0) & (m->cap - 1);

	while (m->values[i] && m->keys[i] != key)
		i = (i + 1) & (m->cap - 1);
	return i;
}

static int map_grow(struct map *m)
{
	struct map bigger = { .cap = m->cap ? m->cap * 2 : 64, .n = m->n };

	if (m->n * 3 < m->cap * 2)
		return 0;
	bigger.keys = calloc(bigger.cap, sizeof(*bigger.keys));
	bigger.values = calloc(bigger.cap, sizeof(*bigger.values));
	if (!bigger.keys || !bigger.values) {
		map_done(&bigger);
		return -ENOMEM;
	}
	for (size_t i = 0; i < m->cap; i++) {
		size_t to;

		if (!m->values[i])
			continue;
		to = map_place(&bigger, m->keys[i]);
		bigger.keys[to] = m->keys[i];
		bigger.values[to] = m->values[i];
	}
	map_done(m);
	*m = bigger;
	return 0;
}

int map_add(struct map *m, uint64_t key, uint32_t value, uint32_t *ret)
{
	size_t i;

	if (map_grow(m) < 0)
		return -ENOMEM;
	i = map_place(m, key);
	if (!m->values[i]) {
		m->keys[i] = key;
		m->values[i] = value + 1;
		m->n++;
	}
	*ret = m->values[i] - 1;
	return 0;
}

bool map_find(const struct map *m, uint64_t key, uint32_t *ret)
{
	size_t i;

	if (!m->cap)
		return false;
	i = map_place(m, key);
	if (m->values[i])
		*ret = m->values[i] - 1;
	return m->values[i];
}

struct intern {
	struct arena *mem;
	struct str *strings;
	size_t n, cap;
	uint32_t *places; /* id + 1; 0: free */
	size_t n_places;  /* a power of two */
};

struct intern *intern_new(void)
{
	struct intern *t = calloc(1, sizeof(*t));

	if (t)
		t->mem = arena_new();
	if (t && t->mem)
		return t;
	intern_free(t);
	return NULL;
}

void intern_free(struct intern *t)
{
	if (!t)
		return;
	arena_free(t->mem);
	free(t->strings);
	free(t->places);
	free(t);
}

static size_t intern_place(const struct intern *t, struct str s)
{
	size_t i = str_hash(s) & (t->n_places - 1);

	while (t->places[i] && !str_eq(t->strings[t->places[i] - 1], s))
		i = (i + 1) & (t->n_places - 1);
	return i;
}

static int intern_grow(struct intern *t)
{
	size_t n = t->n_places ? t->n_places * 2 : 256;
	uint32_t *old = t->places;

	if (t->n == t->cap) {
		size_t more = t->cap ? t->cap * 2 : 64;
		struct str *bigger = reallocarray(t->strings, more, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		t->strings = bigger;
		t->cap = more;
	}
	if (t->n * 2 < t->n_places)
		return 0;
	if (t->n >= UINT32_MAX - 1)
		return -ENOMEM;
	t->places = calloc(n, sizeof(*t->places));
	if (!t->places) {
		t->places = old;
		return -ENOMEM;
	}
	free(old);
	t->n_places = n;
	for (size_t i = 0; i < t->n; i++)
		t->places[intern_place(t, t->strings[i])] = (uint32_t)i + 1;
	return 0;
}

int intern_add(struct intern *t, struct str s, uint32_t *ret)
{
	size_t i;

	if (intern_grow(t) < 0)
		return -ENOMEM;
	i = intern_place(t, s);
	if (!t->places[i]) {
		if (arena_str(t->mem, s, &t->strings[t->n]) < 0)
			return -ENOMEM;
		t->places[i] = (uint32_t)++t->n;
	}
	*ret = t->places[i] - 1;
	return 0;
}

bool intern_find(const struct intern *t, struct str s, uint32_t *ret)
{
	size_t i;

	if (!t->n_places)
		return false;
	i = intern_place(t, s);
	if (t->places[i])
		*ret = t->places[i] - 1;
	return t->places[i];
}

struct str intern_str(const struct intern *t, uint32_t id)
{
	return t->strings[id];
}

uint32_t intern_count(const struct intern *t)
{
	return (uint32_t)t->n;
}
