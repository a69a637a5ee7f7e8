/* SPDX-License-Identifier: MIT */
#include "unsplat/arena.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The first block is small: a log can have as many reports of few lines as it likes. */
#define FIRST_BLOCK_BYTES ((size_t)2048)
#define BLOCK_BYTES ((size_t)16384)
#define ALIGN_BYTES _Alignof(max_align_t)

struct block {
	struct block *next;
	size_t size, used;
	_Alignas(max_align_t) char data[];
};

struct arena {
	struct block *top;
	size_t handed_out;
};

struct arena *arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void arena_free(struct arena *mem)
{
	if (!mem)
		return;
	for (struct block *b = mem->top, *next; b; b = next) {
		next = b->next;
		free(b);
	}
	free(mem);
}

void *arena_alloc(struct arena *mem, size_t n)
{
	size_t need = (n + ALIGN_BYTES - 1) & ~(ALIGN_BYTES - 1);
	struct block *b = mem->top;
	void *p;

	if (need < n || need > SIZE_MAX / 2)
		return NULL;
	if (!b || b->size - b->used < need) {
		size_t size = !b				 ? FIRST_BLOCK_BYTES :
			      b->size >= BLOCK_BYTES / 2 ? BLOCK_BYTES :
							   2 * b->size;

		size = need > size ? need : size;
		b = calloc(1, sizeof(*b) + size);
		if (!b)
			return NULL;
		b->size = size;
		b->next = mem->top;
		mem->top = b;
	}
	p = b->data + b->used;
	b->used += need;
	mem->handed_out += need;
	return p;
}

int arena_str(struct arena *mem, struct str s, struct str *ret)
{
	char *p = arena_alloc(mem, s.len + 1);

	if (!p)
		return -ENOMEM;
	if (s.len)
		memcpy(p, s.p, s.len);
	*ret = (struct str){ p, s.len };
	return 0;
}

int arena_printf(struct arena *mem, struct str *ret, const char *fmt, ...)
{
	va_list args;
	char *p;
	int n;

	va_start(args, fmt);
	n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return -ENOMEM;
	p = arena_alloc(mem, (size_t)n + 1);
	if (!p)
		return -ENOMEM;
	va_start(args, fmt);
	vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	*ret = (struct str){ p, (size_t)n };
	return 0;
}

size_t arena_used(const struct arena *mem)
{
	return mem->handed_out;
}

void *vec_push_(struct arena *mem, void **p, size_t *n, size_t *cap, size_t size)
{
	if (*n == *cap) {
		size_t grown = *cap ? *cap * 2 : 8;
		void *bigger = grown > SIZE_MAX / size ? NULL : arena_alloc(mem, grown * size);

		if (!bigger)
			return NULL;
		if (*n)
			memcpy(bigger, *p, *n * size);
		*p = bigger;
		*cap = grown;
	}
	return (char *)*p + (*n)++ * size;
}
