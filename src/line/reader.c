/* SPDX-License-Identifier: MIT */
#include "unsplat/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

#define BUFFER_BYTES ((size_t)4 * LINE_MAX_BYTES)

struct line_reader {
	struct input *in;
	uint64_t lines, bytes;
	size_t pos, end; /* unread part of buf */
	bool eof;
	bool skipping; /* the rest of a line that was too long */
	char scratch[LINE_MAX_BYTES];
	char buf[BUFFER_BYTES];
};

struct line_reader *line_reader_new(struct input *in)
{
	struct line_reader *lr = malloc(sizeof(*lr)); /* not calloc(): the buffers need no zeroes */

	if (!lr)
		return NULL;
	lr->in = in;
	lr->lines = lr->bytes = 0;
	lr->pos = lr->end = 0;
	lr->eof = lr->skipping = false;
	return lr;
}

void line_reader_free(struct line_reader *lr)
{
	free(lr);
}

uint64_t line_bytes(const struct line_reader *lr)
{
	return lr->bytes;
}

uint64_t line_count(const struct line_reader *lr)
{
	return lr->lines;
}

/* Read more behind what is unread. @return 0 (also at the end: see eof) or -errno. */
static int fill(struct line_reader *lr)
{
	ssize_t n;

	if (lr->pos) {
		memmove(lr->buf, lr->buf + lr->pos, lr->end - lr->pos);
		lr->end -= lr->pos;
		lr->pos = 0;
	}
	n = input_read(lr->in, lr->buf + lr->end, BUFFER_BYTES - lr->end);
	if (n < 0)
		return (int)n;
	lr->eof = n == 0;
	lr->end += (size_t)n;
	lr->bytes += (uint64_t)n;
	return 0;
}

/* Pass over whole lines of the buffer that have no hint. */
static void skip_plain_lines(struct line_reader *lr)
{
	const char *from = lr->buf + lr->pos;
	const char *last = memrchr(from, '\n', lr->end - lr->pos);
	size_t whole, hint;
	const char *begin;

	if (!last)
		return;
	whole = (size_t)(last + 1 - from);
	hint = scan_hint(from, whole);
	begin = hint == whole ? last : hint ? memrchr(from, '\n', hint) : NULL;
	if (!begin)
		return;
	lr->lines += scan_newlines(from, (size_t)(begin + 1 - from));
	lr->pos += (size_t)(begin + 1 - from);
}

/* Drop bytes up to and with the next '\n'. @return 0 or -errno. */
static int skip_rest(struct line_reader *lr)
{
	while (lr->skipping) {
		const char *nl = memchr(lr->buf + lr->pos, '\n', lr->end - lr->pos);
		int err;

		if (nl) {
			lr->pos = (size_t)(nl + 1 - lr->buf);
			lr->skipping = false;
			return 0;
		}
		lr->pos = lr->end;
		if (lr->eof) {
			lr->skipping = false;
			return 0;
		}
		err = fill(lr);
		if (err < 0)
			return err;
	}
	return 0;
}

/* Cut the next physical line out of the buffer. @return 1, 0 at the end, or -errno. */
static int raw_line(struct line_reader *lr, enum line_mode mode, struct str *ret,
		    unsigned int *flags)
{
	size_t searched = 0;

	for (;;) {
		const char *nl;
		size_t len;
		int err;

		if (mode == LINE_HINTS && !searched)
			skip_plain_lines(lr);
		len = lr->end - lr->pos;
		nl = searched < len ? memchr(lr->buf + lr->pos + searched, '\n', len - searched) :
				      NULL;
		if (nl)
			len = (size_t)(nl - (lr->buf + lr->pos));
		if (nl || len > LINE_MAX_BYTES || (lr->eof && len)) {
			*ret = (struct str){ lr->buf + lr->pos, len };
			lr->pos += len + (nl != NULL);
			lr->lines++;
			*flags = 0;
			if (len > LINE_MAX_BYTES) {
				*ret = str_head(*ret, LINE_MAX_BYTES);
				*flags = LINE_CUT;
				lr->skipping = !nl;
			}
			return 1;
		}
		if (lr->eof)
			return 0;
		searched = mode == LINE_HINTS ? 0 : len;
		err = fill(lr);
		if (err < 0)
			return err;
	}
}

int line_next(struct line_reader *lr, enum line_mode mode, struct line *ret)
{
	struct line line = { 0 };
	struct str raw;
	int n = skip_rest(lr);

	if (n < 0)
		return n;
	n = raw_line(lr, mode, &raw, &line.flags);
	if (n <= 0)
		return n;
	line.number = lr->lines;
	line_undecorate(raw, lr->scratch, &line);
	*ret = line;
	return 1;
}
