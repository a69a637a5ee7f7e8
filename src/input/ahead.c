/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

/* A ring of blocks between a thread that reads the layer below, and the reader. */
#define BLOCKS 4
#define BLOCK_BYTES (256u << 10)

struct block {
	ssize_t len; /* 0 at the end, or -errno: the last one */
	size_t used;
	char buf[BLOCK_BYTES];
};

struct ahead {
	struct input in;
	struct input *from;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	unsigned int first, n; /* full blocks */
	bool closed;	       /* nobody reads any longer */
	struct block block[BLOCKS];
};

static void *fill_blocks(void *ctx)
{
	struct ahead *a = ctx;
	ssize_t len = 1;

	for (unsigned int at = 0; len > 0; at = (at + 1) % BLOCKS) {
		struct block *b = &a->block[at];

		pthread_mutex_lock(&a->lock);
		while (a->n == BLOCKS && !a->closed)
			pthread_cond_wait(&a->changed, &a->lock);
		len = a->closed ? 0 : 1;
		pthread_mutex_unlock(&a->lock);
		if (len)
			len = input_read(a->from, b->buf, sizeof(b->buf));
		b->len = len;
		b->used = 0;
		pthread_mutex_lock(&a->lock);
		a->n++;
		pthread_cond_signal(&a->changed);
		pthread_mutex_unlock(&a->lock);
	}
	return NULL;
}

static ssize_t ahead_read(struct input *in, void *buf, size_t size)
{
	struct ahead *a = (struct ahead *)in;
	struct block *b;
	size_t n;

	pthread_mutex_lock(&a->lock);
	while (!a->n)
		pthread_cond_wait(&a->changed, &a->lock);
	pthread_mutex_unlock(&a->lock);
	b = &a->block[a->first];
	if (b->len <= 0)
		return b->len;
	n = (size_t)b->len - b->used;
	n = n < size ? n : size;
	memcpy(buf, b->buf + b->used, n);
	b->used += n;
	if (b->used < (size_t)b->len)
		return (ssize_t)n;
	pthread_mutex_lock(&a->lock);
	a->first = (a->first + 1) % BLOCKS;
	a->n--;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	return (ssize_t)n;
}

static void ahead_free(struct input *in)
{
	struct ahead *a = (struct ahead *)in;

	pthread_mutex_lock(&a->lock);
	a->closed = true;
	pthread_cond_signal(&a->changed);
	pthread_mutex_unlock(&a->lock);
	pthread_join(a->thread, NULL);
	pthread_cond_destroy(&a->changed);
	pthread_mutex_destroy(&a->lock);
}

static const struct input_ops ahead_ops = { .read = ahead_read, .free = ahead_free };

struct input *input_read_ahead(struct input *in)
{
	struct ahead *a = malloc(sizeof(*a)); /* not calloc(): the blocks need no zeroes */

	if (!a)
		return NULL;
	memset(a, 0, offsetof(struct ahead, block));
	stream_init(&a->in, &ahead_ops, NULL); /* all is counted below */
	a->from = in;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->changed, NULL);
	if (pthread_create(&a->thread, NULL, fill_blocks, a) != 0) {
		pthread_cond_destroy(&a->changed);
		pthread_mutex_destroy(&a->lock);
		free(a);
		return NULL;
	}
	return &a->in;
}
