/* SPDX-License-Identifier: MIT */
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

/*
 * libarchive, for tar and zip only; decompression around them is ours. Its traps: headers may
 * make it collect without limit (sparse maps, names), so what one header takes from below is
 * bounded here; a zip is read as a stream, from its members' own headers, because the directory
 * at the end is missing when the end is, and would have to be kept; xz, lzma and PPMd inside a
 * zip bring windows without a limit, so they are refused by what the format is called; names
 * that do not fit the locale get lost, so headers are read in one of UTF-8; archive_read_data()
 * loses data when an error follows it, so blocks are taken instead.
 */

#define HEADER_MAX_BYTES (4u << 20)

struct source {
	struct input *below;
	int error;	  /* that the layer below had */
	uint64_t allowed; /* bytes that may be taken for a header */
	bool in_header;
	locale_t utf8; /* for names; 0: there is none */
	char buf[FEED_BYTES];
};

struct member {
	struct input in;
	struct archive *archive;
	struct source *from;
	int *failed; /* where an error goes that ends the archive, too */
	bool encrypted;
	int error;	       /* after the block */
	struct str block;      /* what is left of it */
	uint64_t at, block_at; /* in the member: what was given, where the block belongs */
};

static ssize_t take_block(struct archive *a, void *ctx, const void **ret)
{
	struct source *s = ctx;
	ssize_t n;

	if (s->in_header && s->allowed < sizeof(s->buf)) {
		archive_set_error(a, EBADMSG, "header too long");
		return ARCHIVE_FATAL;
	}
	n = input_read(s->below, s->buf, sizeof(s->buf));
	if (n < 0) {
		s->error = (int)n;
		archive_set_error(a, (int)-n, "read");
		return ARCHIVE_FATAL;
	}
	if (s->in_header)
		s->allowed -= (uint64_t)n;
	*ret = s->buf;
	return n;
}

/* What libarchive fails with: few of its errors have a number that tells something. */
static int archive_error(struct archive *a, const struct source *s)
{
	const char *text = archive_error_string(a);

	if (s->error)
		return s->error;
	if (archive_errno(a) == ENOMEM)
		return -ENOMEM;
	if (text && (strstr(text, "runcated") || strstr(text, "nexpected end")))
		return -ENODATA;
	return -EBADMSG;
}

/* Get a block. What comes with an error is good: a checksum is told of with the last data. */
static void next_block(struct member *m)
{
	const void *p = NULL;
	size_t len = 0;
	la_int64_t at = (la_int64_t)m->at;
	int ret = archive_read_data_block(m->archive, &p, &len, &at);

	if (ret < 0)
		m->error = archive_error(m->archive, m->from);
	else if (ret == ARCHIVE_EOF)
		m->error = 1;
	if (ret == ARCHIVE_FATAL)
		*m->failed = m->error;
	m->block = (struct str){ p, p ? len : 0 };
	m->block_at = at < 0 || (uint64_t)at < m->at ? m->at : (uint64_t)at;
}

/* Holes of sparse files are zeros. */
static ssize_t member_read(struct input *in, void *buf, size_t size)
{
	struct member *m = (struct member *)in;
	uint64_t hole;
	size_t n;

	if (m->encrypted)
		return -ENOKEY;
	while (!m->block.len && m->block_at <= m->at && !m->error)
		next_block(m);
	hole = m->block_at - m->at;
	n = size;
	if (m->block_at > m->at) {
		n = hole < n ? (size_t)hole : n;
		memset(buf, 0, n);
	} else if (m->block.len) {
		n = m->block.len < n ? m->block.len : n;
		memcpy(buf, m->block.p, n);
		m->block = str_from(m->block, n);
	} else {
		return m->error < 0 ? m->error : 0;
	}
	m->at += n;
	if (m->block_at < m->at)
		m->block_at = m->at;
	return (ssize_t)n;
}

static const struct input_ops member_ops = { .read = member_read };

/* "ZIP 2.0 (deflation)" and the like. */
static bool is_bounded(struct archive *a)
{
	static const char *const known[] = { "(uncompressed)", "(deflation)", "(bzip)", "(zstd)" };
	const char *name = archive_format_name(a);

	if (!name || strncmp(name, "ZIP", 3) != 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(name, known[i]))
			return true;
	return false;
}

/* "ARCHIVE!MEMBER" @return 0 or -ENOMEM */
static int member_name(const char *archive, struct archive_entry *e, char **ret)
{
	const char *name = archive_entry_pathname(e);

	if (!name)
		name = archive_entry_pathname_utf8(e);
	return asprintf(ret, "%s!%s", archive, name ? name : "?") < 0 ? -ENOMEM : 0;
}

static int call(struct input *below, struct source *s, struct archive *a, struct archive_entry *e,
		const char *archive, int *failed, member_fn *fn, void *ctx)
{
	struct member *m;
	char *name = NULL;
	int err;

	if (archive_entry_filetype(e) != AE_IFREG || archive_entry_hardlink(e))
		return 0;
	err = member_name(archive, e, &name);
	if (err < 0)
		return err;
	if (!is_bounded(a)) {
		err = fn(ctx, NULL, name, -EPROTONOSUPPORT);
		free(name);
		return err;
	}
	m = calloc(1, sizeof(*m));
	if (!m) {
		free(name);
		return -ENOMEM;
	}
	stream_init(&m->in, &member_ops, NULL);
	m->in.budget = below->budget;
	m->in.layer = below->layer + 1;
	m->archive = a;
	m->from = s;
	m->failed = failed;
	m->encrypted = archive_entry_is_encrypted(e);
	err = fn(ctx, &m->in, name, 0);
	free(name);
	return err;
}

/* Behind the last member of a compressed archive, a checksum may still be wrong. */
static int read_to_end(struct input *below, struct source *s, const char *archive, member_fn *fn,
		       void *ctx)
{
	ssize_t n;

	do
		n = input_read(below, s->buf, sizeof(s->buf));
	while (n > 0);
	return n < 0 ? fn(ctx, NULL, archive, (int)n) : 0;
}

static int walk(struct input *below, struct source *s, struct archive *a, const char *archive,
		member_fn *fn, void *ctx)
{
	struct archive_entry *e;
	uint64_t members = 0;
	int err = 0, failed = 0;

	while (!err && !failed && !below->budget->error) {
		locale_t before;
		int ret;

		if (members)
			(void)archive_read_data_skip(a); /* it is not part of the next header */
		s->allowed = HEADER_MAX_BYTES;
		s->in_header = true;
		before = uselocale(s->utf8 ? s->utf8 : LC_GLOBAL_LOCALE);
		ret = archive_read_next_header(a, &e);
		(void)uselocale(before);
		s->in_header = false;
		if (ret == ARCHIVE_EOF)
			return below->layer ? read_to_end(below, s, archive, fn, ctx) : 0;
		if (ret == ARCHIVE_FATAL)
			return fn(ctx, NULL, archive, archive_error(a, s));
		if (ret == ARCHIVE_RETRY)
			continue;
		if (++members > INPUT_MAX_MEMBERS)
			return fn(ctx, NULL, archive, -E2BIG);
		err = call(below, s, a, e, archive, &failed, fn, ctx);
	}
	return err;
}

int archive_walk(struct input *in, const char *name, member_fn *fn, void *ctx)
{
	struct archive *a = archive_read_new();
	struct source *s = calloc(1, sizeof(*s));
	int err = a && s ? 0 : -ENOMEM;

	if (!err) {
		s->below = in;
		s->utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
		(void)archive_read_support_format_tar(a);
		(void)archive_read_support_format_zip_streamable(a);
		s->allowed = UINT64_MAX;
		if (archive_read_open(a, s, NULL, take_block, NULL) != ARCHIVE_OK)
			err = archive_error(a, s);
		err = err ? fn(ctx, NULL, name, err) : walk(in, s, a, name, fn, ctx);
	}
	(void)archive_read_free(a);
	if (s && s->utf8)
		freelocale(s->utf8);
	free(s);
	return err;
}
