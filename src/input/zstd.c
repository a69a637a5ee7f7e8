/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "stream.h"

/* Its window is at most 2^ZSTD_WINDOWLOG_LIMIT_DEFAULT unless one asks for more. */
#define WINDOW_LOG 27
static_assert(INPUT_MAX_WINDOW == 1u << WINDOW_LOG, "what libzstd is told");

struct zstd {
	struct input in;
	ZSTD_DCtx *ctx;
	size_t wants; /* 0 between frames */
	struct feed feed;
};

static int zstd_errno(size_t ret)
{
	switch (ZSTD_getErrorCode(ret)) {
	case ZSTD_error_memory_allocation:
		return -ENOMEM;
	case ZSTD_error_frameParameter_windowTooLarge:
		return -ENOBUFS;
	case ZSTD_error_dictionary_wrong:
	case ZSTD_error_version_unsupported:
	case ZSTD_error_frameParameter_unsupported:
		return -EPROTONOSUPPORT;
	default:
		return -EBADMSG;
	}
}

static ssize_t zstd_read(struct input *in, void *buf, size_t size)
{
	struct zstd *z = (struct zstd *)in;
	ZSTD_outBuffer out = { buf, size, 0 };

	while (!out.pos) {
		ZSTD_inBuffer from;
		size_t ret;
		int err = feed_fill(&z->feed, z->in.below);

		if (err < 0)
			return err;
		if (z->feed.ended && !z->wants)
			return 0;
		from = (ZSTD_inBuffer){ z->feed.p, z->feed.len, 0 };
		ret = ZSTD_decompressStream(z->ctx, &out, &from);
		if (ZSTD_isError(ret) && !out.pos)
			return zstd_errno(ret);
		if (ZSTD_isError(ret))
			break; /* it comes again */
		z->wants = ret;
		z->feed.p += from.pos;
		z->feed.len -= from.pos;
		if (z->feed.ended && !out.pos && z->wants)
			return -ENODATA;
	}
	return (ssize_t)out.pos;
}

static void zstd_free(struct input *in)
{
	ZSTD_freeDCtx(((struct zstd *)in)->ctx);
}

static const struct input_ops zstd_ops = { .read = zstd_read, .free = zstd_free };

int zstd_open(struct input *below, struct input **ret)
{
	struct zstd *z = calloc(1, sizeof(*z));

	if (!z)
		return -ENOMEM;
	z->ctx = ZSTD_createDCtx();
	if (!z->ctx) {
		free(z);
		return -ENOMEM;
	}
	(void)ZSTD_DCtx_setParameter(z->ctx, ZSTD_d_windowLogMax, WINDOW_LOG);
	stream_init(&z->in, &zstd_ops, below);
	*ret = &z->in;
	return 0;
}
