/* SPDX-License-Identifier: MIT */
#include <bzlib.h>
#include <errno.h>
#include <stdlib.h>

#include "stream.h"

struct bzip2 {
	struct input in;
	bz_stream bz;
	bool in_stream; /* pbzip2 writes many, one behind the other */
	struct feed feed;
};

/* @return 1, 0 at the end, or -errno */
static int begin_stream(struct bzip2 *b)
{
	int err = feed_fill(&b->feed, b->in.below);

	if (err < 0 || b->feed.ended)
		return err;
	b->bz = (bz_stream){ 0 };
	if (BZ2_bzDecompressInit(&b->bz, 0, 0) != BZ_OK)
		return -ENOMEM;
	b->in_stream = true;
	return 1;
}

/* @return what BZ2_bzDecompress() says, or -errno below its errors */
static ssize_t step(struct bzip2 *b, char *buf, unsigned int size)
{
	int err = feed_fill(&b->feed, b->in.below), ret;

	if (err < 0)
		return err;
	b->bz.next_in = (char *)b->feed.p;
	b->bz.avail_in = (unsigned int)b->feed.len;
	b->bz.next_out = buf;
	b->bz.avail_out = size;
	ret = BZ2_bzDecompress(&b->bz);
	b->feed.p += b->feed.len - b->bz.avail_in;
	b->feed.len = b->bz.avail_in;
	if (ret == BZ_STREAM_END) {
		BZ2_bzDecompressEnd(&b->bz);
		b->in_stream = false;
	} else if (b->bz.avail_out < size) {
		return (ssize_t)(size - b->bz.avail_out); /* an error comes again */
	} else if (ret != BZ_OK) {
		return ret == BZ_MEM_ERROR ? -ENOMEM : -EBADMSG;
	} else if (b->feed.ended) {
		return -ENODATA;
	}
	return (ssize_t)(size - b->bz.avail_out);
}

static ssize_t bzip2_read(struct input *in, void *buf, size_t size)
{
	struct bzip2 *b = (struct bzip2 *)in;
	unsigned int room = size < (1u << 30) ? (unsigned int)size : 1u << 30;
	ssize_t n = 0;

	while (!n) {
		if (!b->in_stream) {
			int more = begin_stream(b);

			if (more <= 0)
				return more;
		}
		n = step(b, buf, room);
	}
	return n;
}

static void bzip2_free(struct input *in)
{
	struct bzip2 *b = (struct bzip2 *)in;

	if (b->in_stream)
		BZ2_bzDecompressEnd(&b->bz);
}

static const struct input_ops bzip2_ops = { .read = bzip2_read, .free = bzip2_free };

int bzip2_open(struct input *below, struct input **ret)
{
	struct bzip2 *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	stream_init(&b->in, &bzip2_ops, below);
	*ret = &b->in;
	return 0;
}
