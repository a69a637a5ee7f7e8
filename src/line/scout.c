/* SPDX-License-Identifier: MIT */
#include "scout.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/line.h"

#define SLOTS 4

enum slot_state { SLOT_FREE, SLOT_TAKEN, SLOT_READY };

struct slot {
	enum slot_state state;
	struct scouted block;
	char buf[SCOUT_BYTES];
};

struct scout {
	struct input *in;
	int64_t at;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	uint64_t claimed; /* blocks that somebody has begun with */
	uint64_t first;	  /* the block that the reader has, or wants */
	bool started, closed;
	struct slot slot[SLOTS];
};

size_t find_long_line(const char *p, size_t n)
{
	const size_t step = LINE_MAX_BYTES / 2; /* such a line has no end in one of these pieces */

	for (size_t at = 0; at < n; at += step) {
		const char *end = memchr(p + at, '\n', n - at), *begin;

		if (!end || end - (p + at) < (ptrdiff_t)step)
			continue;
		begin = memrchr(p, '\n', at);
		begin = begin ? begin + 1 : p;
		if (end - begin > LINE_MAX_BYTES)
			return (size_t)(begin - p);
	}
	return n;
}

/* @return the end of the first line, behind the first newline, that is not blank; or n */
static size_t first_end(const char *p, size_t n)
{
	const char *at = memchr(p, '\n', n), *next; /* the first is the rest of a line */

	for (; at; at = next) {
		next = memchr(at + 1, '\n', n - (size_t)(at + 1 - p));
		if (next && next - at > 2)
			return (size_t)(next + 1 - p);
	}
	return n;
}

/* The same from behind. @return the end of the last line that is whole and not blank; or 0 */
static size_t last_end(const char *p, size_t n)
{
	const char *at = memrchr(p, '\n', n), *before;

	for (; at; at = before) {
		before = memrchr(p, '\n', (size_t)(at - p));
		if (before && at - before > 2)
			return (size_t)(at + 1 - p);
	}
	return 0;
}

static void look(struct scouted *b)
{
	size_t head = first_end(b->p, (size_t)b->n), tail = last_end(b->p, (size_t)b->n);
	uint64_t newlines;

	b->head = b->tail = 0;
	if (head >= tail || find_long_line(b->p + head, tail - head) < tail - head ||
	    scan_hint(scanner_get(), b->p + head, tail - head, &newlines) < tail - head)
		return;
	b->head = head;
	b->tail = tail;
	b->newlines = newlines;
}

/* Begin with the next block, if there is room for it. Called and left with the lock. */
static bool work_on_next(struct scout *s)
{
	uint64_t index = s->claimed;
	struct slot *slot = &s->slot[index % SLOTS];

	if (index >= s->first + SLOTS || slot->state != SLOT_FREE)
		return false;
	s->claimed++;
	slot->state = SLOT_TAKEN;
	pthread_mutex_unlock(&s->lock);
	slot->block = (struct scouted){ .p = slot->buf };
	slot->block.n = input_read_at(s->in, slot->buf, SCOUT_BYTES,
				      s->at + (int64_t)(index * SCOUT_BYTES));
	if (slot->block.n > 0)
		look(&slot->block);
	pthread_mutex_lock(&s->lock);
	slot->state = SLOT_READY;
	pthread_cond_broadcast(&s->changed);
	return true;
}

static void *run(void *ctx)
{
	struct scout *s = ctx;

	pthread_mutex_lock(&s->lock);
	while (!s->closed)
		if (!work_on_next(s))
			pthread_cond_wait(&s->changed, &s->lock);
	pthread_mutex_unlock(&s->lock);
	return NULL;
}

struct scout *scout_new(struct input *in, int64_t at)
{
	struct scout *s = malloc(sizeof(*s)); /* not calloc(): the blocks need no zeroes */

	if (!s)
		return NULL;
	memset(s, 0, offsetof(struct scout, slot));
	for (size_t i = 0; i < SLOTS; i++)
		s->slot[i].state = SLOT_FREE;
	s->in = in;
	s->at = at;
	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	if (pthread_create(&s->thread, NULL, run, s) == 0)
		return s;
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
	return NULL;
}

void scout_free(struct scout *s)
{
	if (!s)
		return;
	pthread_mutex_lock(&s->lock);
	s->closed = true;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	pthread_join(s->thread, NULL);
	pthread_cond_destroy(&s->changed);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

void scout_next(struct scout *s, struct scouted *ret)
{
	struct slot *slot;

	pthread_mutex_lock(&s->lock);
	if (s->started) {
		s->slot[s->first++ % SLOTS].state = SLOT_FREE;
		pthread_cond_broadcast(&s->changed);
	}
	s->started = true;
	slot = &s->slot[s->first % SLOTS];
	while (slot->state != SLOT_READY)
		if (!work_on_next(s)) /* rather than wait for the other, the one behind it */
			pthread_cond_wait(&s->changed, &s->lock);
	*ret = slot->block;
	pthread_mutex_unlock(&s->lock);
}
