/* SPDX-License-Identifier: MIT */
#include "stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int budget_take(struct budget *b, unsigned int layer, size_t n)
{
	uint64_t *out = &b->out[layer];

	*out += n;
	if (*out > INPUT_MAX_OUT)
		b->error = -EFBIG;
	else if (*out > INPUT_FREE_OUT && *out / INPUT_MAX_RATIO > b->in)
		b->error = -ERANGE;
	return b->error;
}

void stream_init(struct input *in, const struct input_ops *ops, struct input *below)
{
	in->ops = ops;
	in->below = below;
	if (!below)
		return;
	in->budget = below->budget;
	in->layer = below->layer + 1;
	in->waits = below->waits;
}

/* What the layer itself gives. */
static ssize_t read_below_head(struct input *in, void *buf, size_t size)
{
	ssize_t n;
	int err;

	if (in->error)
		return in->error;
	if (in->ended || !size)
		return 0;
	n = in->ops->read(in, buf, size);
	in->ended = n == 0;
	if (n < 0)
		in->error = (int)n;
	if (n <= 0 || !in->budget || !in->layer)
		return n;
	err = budget_take(in->budget, in->layer, (size_t)n);
	if (err < 0)
		in->error = err;
	return err < 0 ? err : n;
}

ssize_t input_read(struct input *in, void *buf, size_t size)
{
	size_t len = in->ahead.len < size ? in->ahead.len : size;
	ssize_t n = 0;

	if (!len)
		return read_below_head(in, buf, size);
	memcpy(buf, in->ahead.p, len);
	in->ahead = str_from(in->ahead, len);
	if (!in->waits)
		n = read_below_head(in, (char *)buf + len, size - len);
	return n < 0 ? (ssize_t)len : (ssize_t)len + n; /* an error stays for the next call */
}

/* A line, and no byte that text does not have: it need not be looked at any longer. */
static bool is_text(struct str s)
{
	return str_chr(s, '\n') >= 0 && str_chr(s, '\0') < 0;
}

int stream_head(struct input *in, struct str *ret)
{
	size_t len = 0;

	while (len < HEAD_BYTES) {
		ssize_t n = read_below_head(in, in->head + len, HEAD_BYTES - len);

		if (n < 0 && !len)
			return (int)n;
		if (n <= 0)
			break;
		len += (size_t)n;
		if (in->waits && is_text((struct str){ in->head, len }))
			break;
	}
	in->ahead = *ret = (struct str){ in->head, len };
	return 0;
}

int input_peek(struct input *in, size_t n, struct str *ret)
{
	char *buf;
	size_t len = in->ahead.len;

	*ret = str_head(in->ahead, n);
	if (len >= n)
		return 0;
	buf = malloc(n);
	if (!buf)
		return -ENOMEM;
	if (len)
		memcpy(buf, in->ahead.p, len);
	while (len < n) {
		ssize_t more = read_below_head(in, buf + len, n - len);

		if (more < 0 && !len) {
			free(buf);
			return (int)more;
		}
		if (more <= 0)
			break; /* an error stays for the next read */
		len += (size_t)more;
	}
	free(in->more);
	in->more = buf;
	in->ahead = *ret = (struct str){ buf, len };
	return 0;
}

bool input_share(struct input *in)
{
	in->shared = in->ops->read_at && in->ops->is_long(in);
	return in->shared;
}

int64_t input_position(const struct input *in)
{
	return in->shared && !in->ahead.len && !in->error ? in->ops->position(in) : -1;
}

ssize_t input_read_at(struct input *in, void *buf, size_t size, int64_t at)
{
	return in->ops->read_at(in, buf, size, at);
}

int feed_fill(struct feed *f, struct input *below)
{
	ssize_t n;

	if (f->len || f->ended)
		return 0;
	n = input_read(below, f->buf, sizeof(f->buf));
	if (n < 0)
		return (int)n;
	f->ended = n == 0;
	f->p = f->buf;
	f->len = (size_t)n;
	return 0;
}

void input_free(struct input *in)
{
	while (in) {
		struct input *below = in->below;

		free(in->more);
		if (in->ops->free)
			in->ops->free(in);
		free(in);
		in = below;
	}
}

/* A stream over memory, which may end with an error. */
struct memory {
	struct input in;
	const char *begin;
	struct str rest;
	char *owned;
	int end; /* 0 or -errno */
};

static ssize_t memory_read(struct input *in, void *buf, size_t size)
{
	struct memory *m = (struct memory *)in;
	size_t len = m->rest.len < size ? m->rest.len : size;

	if (!len)
		return m->end;
	memcpy(buf, m->rest.p, len);
	m->rest = str_from(m->rest, len);
	return (ssize_t)len;
}

static void memory_free(struct input *in)
{
	free(((struct memory *)in)->owned);
}

static int64_t memory_position(const struct input *in)
{
	const struct memory *m = (const struct memory *)in;

	return (int64_t)(m->rest.p - m->begin);
}

static ssize_t memory_read_at(struct input *in, void *buf, size_t size, int64_t at)
{
	const struct memory *m = (struct memory *)in;
	const char *p = m->begin + at, *end = m->rest.p + m->rest.len;
	size_t n = p < end ? (size_t)(end - p) : 0;

	n = n < size ? n : size;
	if (n)
		memcpy(buf, p, n);
	return n ? (ssize_t)n : m->end;
}

static bool memory_is_long(const struct input *in)
{
	return ((const struct memory *)in)->rest.p; /* for tests: of any length */
}

static const struct input_ops memory_ops = { .read = memory_read,
					     .free = memory_free,
					     .position = memory_position,
					     .read_at = memory_read_at,
					     .is_long = memory_is_long };

struct input *input_from_memory(struct str s)
{
	struct memory *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	stream_init(&m->in, &memory_ops, NULL);
	m->rest = s;
	m->begin = s.p;
	return &m->in;
}

int input_detach(struct input *in, size_t max, struct input **ret)
{
	char *buf = in->waits ? NULL : malloc(max + 1), *fit;
	struct memory *m;
	size_t len = 0;
	ssize_t n = 1;

	if (in->waits)
		return 0;
	if (!buf)
		return -ENOMEM;
	while (n > 0 && len <= max) {
		n = input_read(in, buf + len, max + 1 - len);
		len += n > 0 ? (size_t)n : 0;
	}
	fit = realloc(buf, len + 1);
	buf = fit ? fit : buf;
	if (len > max) {
		free(in->more);
		in->more = buf;
		in->ahead = (struct str){ buf, len };
		return 0;
	}
	m = (struct memory *)input_from_memory((struct str){ buf, len });
	if (!m) {
		free(buf);
		return -ENOMEM;
	}
	m->owned = buf;
	m->end = (int)n;
	*ret = &m->in;
	return 1;
}
