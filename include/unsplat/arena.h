/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ARENA_H
#define UNSPLAT_ARENA_H

#include "unsplat/str.h"

/** Frees what it handed out in one go; one per report, never shared by threads. */
struct arena;

struct arena *arena_new(void);	    /* NULL: out of memory */
void arena_free(struct arena *mem); /* NULL is fine, here and in every *_free() */
/** @return @p n zeroed bytes for any type, owned by @p mem; NULL when memory is out. */
void *arena_alloc(struct arena *mem, size_t n);
/** Copy @p s, with a NUL behind it. @return 0, or -ENOMEM and *ret untouched. */
int arena_str(struct arena *mem, struct str s, struct str *ret);
/** printf() into the arena. @return 0, or -ENOMEM and *ret untouched. */
int arena_printf(struct arena *mem, struct str *ret, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/** @return bytes handed out so far: what a limit on a report is checked against. */
size_t arena_used(const struct arena *mem);

/**
 * A growing array in an arena: VEC(struct frame) stack; frame = vec_push(mem, &stack);
 * vec_push() gives a zeroed new element, or NULL when memory is out. Elements move when
 * the array grows: keep indices, not pointers.
 */
#define VEC(type)           \
	struct {            \
		type *p;    \
		size_t n;   \
		size_t cap; \
	}
#define vec_push(mem, v)                                                            \
	((__typeof__((v)->p))vec_push_((mem), (void **)&(v)->p, &(v)->n, &(v)->cap, \
				       sizeof(*(v)->p)))
void *vec_push_(struct arena *mem, void **p, size_t *n, size_t *cap, size_t size);

#endif
