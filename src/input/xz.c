/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <lzma.h>
#include <stdlib.h>

#include "stream.h"

struct xz {
	struct input in;
	lzma_stream lzma;
	struct feed feed;
};

static int xz_errno(lzma_ret ret)
{
	switch (ret) {
	case LZMA_MEM_ERROR:
		return -ENOMEM;
	case LZMA_MEMLIMIT_ERROR:
		return -ENOBUFS;
	case LZMA_OPTIONS_ERROR:
		return -EPROTONOSUPPORT;
	case LZMA_BUF_ERROR: /* it wants more, and there is no more */
		return -ENODATA;
	default:
		return -EBADMSG;
	}
}

static ssize_t xz_read(struct input *in, void *buf, size_t size)
{
	struct xz *x = (struct xz *)in;
	lzma_ret ret = LZMA_OK;

	x->lzma.next_out = buf;
	x->lzma.avail_out = size;
	while (ret == LZMA_OK && x->lzma.avail_out == size) {
		int err = feed_fill(&x->feed, x->in.below);

		if (err < 0)
			return err;
		x->lzma.next_in = x->feed.p;
		x->lzma.avail_in = x->feed.len;
		ret = lzma_code(&x->lzma, x->feed.ended ? LZMA_FINISH : LZMA_RUN);
		x->feed.p += x->feed.len - x->lzma.avail_in;
		x->feed.len = x->lzma.avail_in;
	}
	if (x->lzma.avail_out < size)
		return (ssize_t)(size - x->lzma.avail_out); /* an error comes again */
	return ret == LZMA_STREAM_END ? 0 : xz_errno(ret);
}

static void xz_free(struct input *in)
{
	lzma_end(&((struct xz *)in)->lzma);
}

static const struct input_ops xz_ops = { .read = xz_read, .free = xz_free };

int xz_open(struct input *below, struct input **ret)
{
	struct xz *x = calloc(1, sizeof(*x));

	if (!x)
		return -ENOMEM;
	x->lzma = (lzma_stream)LZMA_STREAM_INIT;
	/* The decoder needs a little beside the window. */
	if (lzma_stream_decoder(&x->lzma, INPUT_MAX_WINDOW + (1u << 20), LZMA_CONCATENATED) !=
	    LZMA_OK) {
		free(x);
		return -ENOMEM;
	}
	stream_init(&x->in, &xz_ops, below);
	*ret = &x->in;
	return 0;
}
