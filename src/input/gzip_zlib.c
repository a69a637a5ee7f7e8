/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "stream.h"

/*
 * gzip through zlib, for processors that ISA-L is not made for (gzip.c is the other one): slower,
 * and the same in all else. One member at a time, what follows is ours.
 */

struct gzip {
	struct input in;
	bool was_member; /* one at least is over */
	bool in_member;
	int error; /* it is told once only */
	z_stream z;
	struct feed feed;
};

static int fill(struct gzip *g)
{
	int err = feed_fill(&g->feed, g->in.below);

	g->z.next_in = g->feed.p;
	g->z.avail_in = (uInt)g->feed.len;
	return err;
}

/* Begin a member, past zeros as tapes have them. @return 1, 0 at the end, or -errno */
static int begin_member(struct gzip *g)
{
	int err = feed_fill(&g->feed, g->in.below);

	while (!err && g->was_member && g->feed.len && !*g->feed.p) {
		g->feed.p++;
		g->feed.len--;
		err = feed_fill(&g->feed, g->in.below);
	}
	if (err < 0 || !g->feed.len)
		return err;
	if (inflateReset(&g->z) != Z_OK)
		return -ENOMEM;
	g->in_member = true;
	return 1;
}

static ssize_t gzip_read(struct input *in, void *buf, size_t size)
{
	struct gzip *g = (struct gzip *)in;
	uInt room = size < UINT_MAX ? (uInt)size : UINT_MAX;

	g->z.next_out = buf;
	g->z.avail_out = room;
	while (g->z.avail_out == room && !g->error) {
		int n = g->in_member ? 1 : begin_member(g);

		if (n > 0 && (n = fill(g)) == 0)
			n = 1;
		if (n <= 0)
			return n;
		n = inflate(&g->z, Z_NO_FLUSH);
		g->feed.p = (unsigned char *)g->z.next_in;
		g->feed.len = g->z.avail_in;
		if (n == Z_STREAM_END) {
			g->in_member = false;
			g->was_member = true;
		} else if (n == Z_BUF_ERROR && g->feed.ended) {
			g->error = -ENODATA;
		} else if (n != Z_OK && n != Z_BUF_ERROR) {
			g->error = n == Z_MEM_ERROR ? -ENOMEM :
						      -EBADMSG; /* what came before it first */
		}
	}
	return g->z.avail_out < room ? (ssize_t)(room - g->z.avail_out) : g->error;
}

static void gzip_free(struct input *in)
{
	inflateEnd(&((struct gzip *)in)->z);
}

static const struct input_ops gzip_ops = { .read = gzip_read, .free = gzip_free };

#define ONLY_GZIP (15 + 16) /* windowBits of inflateInit2(): the largest, and no zlib header */

int gzip_open(struct input *below, struct input **ret)
{
	struct gzip *g = calloc(1, sizeof(*g));

	if (!g)
		return -ENOMEM;
	if (inflateInit2(&g->z, ONLY_GZIP) != Z_OK) {
		free(g);
		return -ENOMEM;
	}
	stream_init(&g->in, &gzip_ops, below);
	*ret = &g->in;
	return 0;
}
