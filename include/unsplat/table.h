/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_TABLE_H
#define UNSPLAT_TABLE_H

#include "unsplat/arena.h"

/*
 * Hash tables for what is met a million times but is of a few thousand kinds. Ids are dense
 * from 0, in the order of arrival: nothing that is printed may depend on them.
 */

/** Strings, each kept once. */
struct intern;
struct intern *intern_new(void); /* NULL: out of memory */
void intern_free(struct intern *t);
/** Find or add @p s, which is copied. @return 0 with *ret set, or -ENOMEM */
int intern_add(struct intern *t, struct str s, uint32_t *ret);
/** @return whether @p s is there; *ret is its id then. */
bool intern_find(const struct intern *t, struct str s, uint32_t *ret);
/** @return the string, NUL-terminated; lives as long as the table and never moves. */
struct str intern_str(const struct intern *t, uint32_t id);
uint32_t intern_count(const struct intern *t);

/** Numbers to ids. An empty map is all zero; map_done() frees what it holds. */
struct map {
	uint64_t *keys;
	uint32_t *values; /* id + 1; 0: a free place */
	size_t n, cap;
};
void map_done(struct map *m);
/** Find @p key, or add it with @p value. @return 0 with the value in *ret, or -ENOMEM */
int map_add(struct map *m, uint64_t key, uint32_t value, uint32_t *ret);
bool map_find(const struct map *m, uint64_t key, uint32_t *ret);

/** @return a hash of @p s: the same everywhere, for tables and for identities. */
uint64_t str_hash(struct str s);
/** @return @p a and @p b mixed; the order of the two matters. */
uint64_t hash_mix(uint64_t a, uint64_t b);

#endif
