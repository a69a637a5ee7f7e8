/* SPDX-License-Identifier: MIT */
#include "unsplat/line.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "mail.h"
#include "mark.h"
#include "pstore.h"
#include "scan.h"
#include "scout.h"
#include "unpack.h"
#include "utf16.h"

#define BUFFER_BYTES ((size_t)6 * LINE_MAX_BYTES)
#define BLOCK_BYTES ((size_t)4 * LINE_MAX_BYTES) /* of one read: UTF-16 needs room to grow */

/*
 * From bytes to lines, in this order: physical lines; what mail made of them; the record that
 * a transport put into a line; its escapes, which may make several lines of it; tags and
 * entities; what stands before the text.
 */
struct line_reader {
	struct input *in;
	uint64_t lines, bytes;
	size_t pos, end; /* unread part of buf */
	bool eof;
	bool skipping; /* the rest of a line that was too long */
	bool page;     /* HTML was seen */
	bool is_utf16;
	struct utf16 utf16;
	uint32_t transports;
	const struct scanner *scanner;
	struct str fused; /* what stood on the line that was given last, behind a time stamp */
	struct str rest;  /* further lines of the present record */
	bool has_rest;
	struct line record; /* what all lines of it share */
	struct line fused_line;
	char caller[16];
	struct pstore *pstore; /* NULL: the stream is no such dump */
	struct str waiting;    /* a line that is still to be put into it */
	struct str decoded;    /* further lines of what a mail decoded to */
	uint64_t decoded_at;
	struct mark mark;
	struct scout *scout;  /* NULL: this thread alone reads */
	struct scouted block; /* what it gave */
	size_t block_used;
	/* up to here all is zeroed; of what follows only what is said in line_reader_new() */
	struct mail mail;
	struct unpack unpack;
	char record_text[LINE_MAX_BYTES];
	char scratch[LINE_MAX_BYTES];
	char buf[BUFFER_BYTES];
};

struct line_reader *line_reader_new(struct input *in)
{
	struct line_reader *lr = malloc(sizeof(*lr)); /* not calloc(): the buffers need no zeroes */

	if (!lr)
		return NULL;
	memset(lr, 0, offsetof(struct line_reader, mail));
	memset(&lr->mail, 0, offsetof(struct mail, text));
	memset(&lr->unpack, 0, offsetof(struct unpack, fragment));
	lr->scanner = scanner_get();
	lr->in = in;
	return lr;
}

void line_reader_free(struct line_reader *lr)
{
	if (lr) {
		pstore_free(lr->pstore);
		scout_free(lr->scout);
	}
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

uint32_t line_transports(const struct line_reader *lr)
{
	return lr->transports;
}

/* The same for UTF-16, which gets longer by half at the most. */
static int fill_utf16(struct line_reader *lr)
{
	char raw[8192];
	size_t room = (BUFFER_BYTES - lr->end) / 2;
	ssize_t n = input_read(lr->in, raw, room < sizeof(raw) ? room : sizeof(raw));

	if (n < 0)
		return (int)n;
	lr->eof = n == 0;
	lr->bytes += (uint64_t)n;
	lr->end += utf16_decode(&lr->utf16, raw, (size_t)n, lr->buf + lr->end);
	return 0;
}

/* Append up to @p to of the present block. */
static void take_of_block(struct line_reader *lr, size_t to)
{
	size_t n = to - lr->block_used, room = BUFFER_BYTES - lr->end;

	n = n < room ? n : room;
	memcpy(lr->buf + lr->end, lr->block.p + lr->block_used, n);
	lr->block_used += n;
	lr->end += n;
}

/*
 * The same from a scout. Its lines without a hint are passed over, when those before them have
 * been; in the middle of a report they are lines like others.
 */
static int fill_scouted(struct line_reader *lr, enum line_mode mode)
{
	struct scouted *b = &lr->block;

	if (lr->block_used == (size_t)b->n) {
		/* Behind a short block was the end; a file that grew since then has not all in it. */
		if (lr->block_used && lr->block_used < SCOUT_BYTES) {
			lr->eof = true;
			return 0;
		}
		scout_next(lr->scout, b);
		lr->block_used = 0;
		if (b->n < 0) {
			int err = (int)b->n;

			b->n = 0;
			return err;
		}
		lr->bytes += (uint64_t)b->n;
		lr->eof = !b->n;
		if (b->head < b->tail) {
			take_of_block(lr, b->head);
			return 0;
		}
	}
	if (lr->block_used == b->head && b->head < b->tail && mode == LINE_HINTS && !lr->end) {
		lr->lines += b->newlines;
		lr->block_used = b->tail;
	}
	take_of_block(lr, (size_t)b->n);
	return 0;
}

/* From the second block on, a file that is shared is read by two threads. */
static void begin_scouting(struct line_reader *lr)
{
	int64_t at = lr->bytes ? input_position(lr->in) : -1;

	if (at >= 0)
		lr->scout = scout_new(lr->in, at);
}

/* Read more behind what is unread. @return 0 (also at the end: see eof) or -errno. */
static int fill(struct line_reader *lr, enum line_mode mode)
{
	ssize_t n;

	if (lr->pos) {
		memmove(lr->buf, lr->buf + lr->pos, lr->end - lr->pos);
		lr->end -= lr->pos;
		lr->pos = 0;
	}
	if (lr->is_utf16)
		return fill_utf16(lr);
	if (!lr->scout)
		begin_scouting(lr);
	if (lr->scout)
		return fill_scouted(lr, mode);
	n = input_read(lr->in, lr->buf + lr->end,
		       BUFFER_BYTES - lr->end < BLOCK_BYTES ? BUFFER_BYTES - lr->end : BLOCK_BYTES);
	if (n < 0)
		return (int)n;
	if (!lr->bytes && utf16_begins(lr->buf, (size_t)n, &lr->utf16)) {
		char *copy = malloc((size_t)n);

		if (!copy)
			return -ENOMEM;
		memcpy(copy, lr->buf, (size_t)n);
		lr->is_utf16 = true;
		lr->transports |= UINT32_C(1) << TRANSPORT_UTF16;
		lr->end = utf16_decode(&lr->utf16, copy, (size_t)n, lr->buf);
		free(copy);
	} else {
		lr->end += (size_t)n;
	}
	lr->eof = n == 0;
	lr->bytes += (uint64_t)n;
	return 0;
}

/* A blank line: what comes behind it may make it count (see the mailbox in hint.h). */
static bool is_blank_line(const char *begin, const char *end)
{
	return end - begin == 1 || (end - begin == 2 && *begin == '\r');
}

/* Pass over whole lines of the buffer that have no hint. */
static void skip_plain_lines(struct line_reader *lr)
{
	const char *from = lr->buf + lr->pos;
	const char *last = memrchr(from, '\n', lr->end - lr->pos), *begin;
	size_t whole, hint, n;
	uint64_t newlines;

	if (!last)
		return;
	whole = (size_t)(last + 1 - from);
	n = find_long_line(from, whole);
	hint = scan_hint(lr->scanner, from, n, &newlines);
	begin = memrchr(from, '\n', hint < n ? hint : n == whole ? whole - 1 : n);
	begin = begin ? begin + 1 : from;
	if (hint == whole && !is_blank_line(begin, last + 1))
		begin = last + 1;
	else if (hint == whole)
		newlines--;
	lr->lines += newlines;
	lr->pos += (size_t)(begin - from);
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
		err = fill(lr, LINE_ALL);
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
		err = fill(lr, mode);
		if (err < 0)
			return err;
	}
}

/* One line of what a mail decoded to; it has several when it was base64. */
static int decoded_line(struct line_reader *lr, struct str *ret, struct line *line)
{
	ptrdiff_t newline = str_chr(lr->decoded, '\n');
	size_t len = newline < 0 ? lr->decoded.len : (size_t)newline;

	*ret = str_head(lr->decoded, len);
	if (len > LINE_MAX_BYTES) {
		*ret = str_head(*ret, LINE_MAX_BYTES);
		line->flags |= LINE_CUT;
	}
	line->number = lr->decoded_at;
	lr->decoded = newline < 0 ?
			      (struct str){ NULL, 0 } :
			      (struct str){ lr->decoded.p + len + 1, lr->decoded.len - len - 1 };
	return 1;
}

static int begin_pstore(struct line_reader *lr, struct str head)
{
	lr->pstore = pstore_new();
	if (!lr->pstore)
		return -ENOMEM;
	lr->transports |= UINT32_C(1) << TRANSPORT_PSTORE;
	return pstore_put(lr->pstore, head, lr->lines);
}

/* The next line of a dump, in the order of time. @return 1, 0 at the end, or -errno. */
static int stored_line(struct line_reader *lr, struct str *ret, struct line *line)
{
	for (;;) {
		int n;

		if (pstore_take(lr->pstore, ret, &line->number))
			return 1;
		if (!lr->waiting.p) {
			n = raw_line(lr, LINE_ALL, &lr->waiting, &line->flags);
			if (n < 0)
				return n;
			if (!n && !pstore_end(lr->pstore))
				return 0;
			if (!n)
				continue;
		}
		n = pstore_put(lr->pstore, lr->waiting, lr->lines);
		if (n < 0)
			return n;
		if (!n)
			lr->waiting.p = NULL;
	}
}

/* The next line as it was before a mailer encoded it. @return 1, 0 at the end, or -errno. */
static int mail_text(struct line_reader *lr, enum line_mode mode, struct str *ret,
		     struct line *line)
{
	for (;;) {
		/* Encoded bytes show no hints; and what a folder or a pipe begins with may be a mail. */
		enum line_mode how =
			mail_is_plain(&lr->mail) && !lr->unpack.in_export ? mode : LINE_ALL;
		struct str raw;
		int n;

		if (lr->decoded.p)
			return decoded_line(lr, ret, line);
		n = skip_rest(lr);
		if (n >= 0 && lr->pstore)
			return stored_line(lr, ret, line);
		if (n >= 0)
			n = raw_line(lr, how, &raw, &line->flags);
		if (n > 0 && lr->lines == 1 && pstore_is_head(raw)) {
			n = begin_pstore(lr, raw);
			if (!n)
				continue;
		}
		if (n < 0)
			return n;
		if (!n) {
			if (!mail_flush(&lr->mail, &lr->decoded, &lr->decoded_at))
				return 0;
			continue;
		}
		line->number = lr->lines;
		switch (mail_line(&lr->mail, raw, lr->lines, &lr->decoded, &lr->decoded_at, line)) {
		case MAIL_ASIS:
			*ret = raw;
			return 1;
		case MAIL_DECODED:
		case MAIL_MORE:
			break;
		}
	}
}

/* Records inside records: what a lab's JSON holds may be quoted, and a record of the journal. */
#define RECORDS_DEEP 4

/* Whether the first byte that is no quote mark can begin a record, or what lies over one. */
static bool may_hold_record(struct str s)
{
	size_t i = 0;

	while (i < s.len && (is_blank(s.p[i]) || s.p[i] == '>' || s.p[i] == '|'))
		i++;
	return i < s.len && (is_digit(s.p[i]) || strchr("{-\033&<", s.p[i]));
}

/*
 * The text of the record that a line holds, whatever lies over it; the line, when it is none;
 * NULL, when the record has no text of the kernel.
 */
static struct str open_record(struct line_reader *lr, struct str s, struct line *line)
{
	for (int depth = 0; depth < RECORDS_DEEP; depth++) {
		struct line seen = *line;
		struct str text = s;
		int n = unpack_line(&lr->unpack, s, !depth, lr->record_text, &text, &seen);

		if (!n && !may_hold_record(s))
			return s;
		if (!n) {
			text = line_uncover(html_tags(s, lr->scratch, &lr->page, &seen),
					    lr->scratch, &seen);
			/* Only what may be a record is looked at again. */
			if (!text.len || (!is_digit(*text.p) && *text.p != '{' && *text.p != '-'))
				return s;
			n = unpack_line(&lr->unpack, text, false, lr->record_text, &text, &seen);
		}
		if (!n)
			return s;
		*line = seen;
		if (n < 0)
			return (struct str){ NULL, 0 };
		s = text;
		if (s.len &&
		    (s.p < lr->record_text || s.p >= lr->record_text + sizeof(lr->record_text))) {
			memmove(lr->record_text, s.p, s.len); /* scratch is used again */
			s.p = lr->record_text;
		}
	}
	return s;
}

/* The next record, whose lines are then given one by one. @return 1, 0 at the end, or -errno. */
static int next_record(struct line_reader *lr, enum line_mode mode)
{
	struct line line;
	struct str s;

	do { /* no blank line for what others wrote: blank lines tell something */
		int n;

		line = (struct line){ 0 };
		n = mail_text(lr, mode, &s, &line);
		if (n <= 0)
			return n;
		s = open_record(lr, s, &line);
		lr->transports |= line.transports; /* of records without text, too */
	} while (!s.p);
	s = unpack_escapes(s, lr->record_text, &line);
	s = html_tags(s, lr->record_text, &lr->page, &line);
	lr->record = line;
	lr->rest = s;
	lr->has_rest = true;
	return 1;
}

/* What stands before the text, and what people put before that. */
static void undecorate(struct line_reader *lr, struct str s, struct line *ret)
{
	line_undecorate(s, lr->scratch, ret);
	if (!mark_take(&lr->mark, ret, &s))
		return;
	ret->transports |= UINT32_C(1) << mark_transport(&lr->mark);
	line_undecorate(s, lr->scratch, ret);
}

/* Leave a second record on the line to the next call. */
static void split_fused(struct line_reader *lr, struct line *ret)
{
	size_t at = line_fused_at(ret);

	lr->fused = at ? str_from(ret->text, at) : (struct str){ NULL, 0 };
	if (!at)
		return;
	ret->text = str_head(ret->text, at);
	while (ret->text.len && is_blank(ret->text.p[ret->text.len - 1]))
		ret->text.len--;
	ret->flags |= LINE_FUSED;
}

static void take_fused(struct line_reader *lr, struct line *ret)
{
	*ret = lr->fused_line;
	line_undecorate(lr->fused, lr->scratch, ret);
	split_fused(lr, ret);
	ret->flags |= LINE_FUSED;
	lr->transports |= ret->transports;
}

int line_next(struct line_reader *lr, enum line_mode mode, struct line *ret)
{
	struct str s;
	ptrdiff_t newline;

	if (lr->fused.len) {
		take_fused(lr, ret);
		return 1;
	}
	if (!lr->has_rest) {
		int n = next_record(lr, mode);

		if (n <= 0)
			return n;
	}
	newline = str_chr(lr->rest, '\n');
	s = newline < 0 ? lr->rest : str_head(lr->rest, (size_t)newline);
	*ret = lr->record;
	undecorate(lr, s, ret);
	split_fused(lr, ret);
	lr->fused_line = lr->record;
	lr->transports |= ret->transports;
	lr->has_rest = newline >= 0;
	if (lr->has_rest) {
		lr->rest = str_from(lr->rest, (size_t)newline + 1);
		lr->record.flags |= LINE_INNER;
		/* Its caller and its time are those of the record. */
		if (ret->caller.len && lr->record.caller.p != ret->caller.p &&
		    ret->caller.len < sizeof(lr->caller)) {
			memcpy(lr->caller, ret->caller.p, ret->caller.len);
			lr->record.caller = (struct str){ lr->caller, ret->caller.len };
		}
		lr->record.time = ret->time;
		lr->record.has_time = ret->has_time;
		lr->record.quote = 0;
	}
	return 1;
}
