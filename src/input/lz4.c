/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <lz4frame.h>
#include <stdlib.h>

#include "stream.h"

struct lz4 {
	struct input in;
	LZ4F_dctx *ctx;
	size_t wants; /* 0 between frames */
	int error;    /* its context is of no use after one */
	struct feed feed;
};

static ssize_t lz4_read(struct input *in, void *buf, size_t size)
{
	struct lz4 *z = (struct lz4 *)in;
	size_t got = 0;

	while (!got && !z->error) {
		size_t used, ret;
		int err = feed_fill(&z->feed, z->in.below);

		if (err < 0)
			return err;
		if (z->feed.ended)
			return z->wants ? -ENODATA : 0;
		used = z->feed.len;
		got = size;
		ret = LZ4F_decompress(z->ctx, buf, &got, z->feed.p, &used, NULL);
		if (LZ4F_isError(ret)) {
			z->error = -EBADMSG;
			got = 0; /* not told reliably */
		}
		z->wants = ret;
		z->feed.p += used;
		z->feed.len -= used;
	}
	return got ? (ssize_t)got : z->error;
}

static void lz4_free(struct input *in)
{
	LZ4F_freeDecompressionContext(((struct lz4 *)in)->ctx);
}

static const struct input_ops lz4_ops = { .read = lz4_read, .free = lz4_free };

int lz4_open(struct input *below, struct input **ret)
{
	struct lz4 *z = calloc(1, sizeof(*z));

	if (!z)
		return -ENOMEM;
	if (LZ4F_isError(LZ4F_createDecompressionContext(&z->ctx, LZ4F_VERSION))) {
		free(z);
		return -ENOMEM;
	}
	stream_init(&z->in, &lz4_ops, below);
	*ret = &z->in;
	return 0;
}
