/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "fuzz.h"
#include "line/scan.h"
#include "unsplat/line.h"

/*
 * The line stage in all modes over the same bytes. Where a transport needs no memory of the
 * lines before (no mail, no records in pieces), each line must be what it is by itself.
 */

/* Transports that make one line of several, several of one, or that remember what they saw. */
static const enum transport shaping[] = {
	TRANSPORT_KMSG,	   TRANSPORT_JSON,  TRANSPORT_EXPORT,
	TRANSPORT_ESCAPES, TRANSPORT_MAIL,  TRANSPORT_HTML,
	TRANSPORT_BASE64,  TRANSPORT_UTF16, TRANSPORT_QUOTED_PRINTABLE,
};

static void check_line(const struct line *l, const struct line *before)
{
	MUST(l->number >= before->number && l->number);
	MUST(l->text.len <= 2 * (size_t)LINE_MAX_BYTES);
	MUST(!l->text.len || !is_blank(l->text.p[l->text.len - 1]));
	for (size_t i = 0; i < l->text.len; i++)
		MUST(l->text.p[i] != '\r' && l->text.p[i] != '\0' && l->text.p[i] != '\n');
	for (size_t i = 0; i < l->caller.len; i++)
		MUST(l->caller.p[i] != '\0');
	MUST(!(l->transports >> TRANSPORT_MAX));
}

/* One physical line after the other. */
struct naive {
	struct str rest;
	uint64_t number;
};

static bool naive_next(struct naive *n, struct str *ret)
{
	ptrdiff_t nl = str_chr(n->rest, '\n');

	if (!n->rest.len)
		return false;
	*ret = str_head(n->rest, nl < 0 ? n->rest.len : (size_t)nl);
	n->rest = str_from(n->rest, nl < 0 ? n->rest.len : (size_t)nl + 1);
	n->number++;
	return true;
}

/* Whether the scanner stops at the line @p raw of @p data. */
static bool has_hint(struct str data, struct str raw)
{
	const struct scanner *scanner;
	uint64_t ignored;
	size_t n = raw.len + (raw.p + raw.len < data.p + data.len); /* with its newline */

	scanner = scanner_get();
	return scan_hint(scanner, raw.p, n, &ignored) < n;
}

/* @p got must be what undecorating @p raw gives. */
static void check_alone(struct str raw, char *scratch, const struct line *got)
{
	struct line want = { 0 };

	line_undecorate(str_head(raw, LINE_MAX_BYTES), scratch, &want);
	if (got->transports & ~want.transports) /* behind a mark, which an earlier line told */
		return;
	if (got->flags & LINE_FUSED)
		want.text = str_head(want.text, got->text.len);
	MUST(str_eq(got->text, want.text) && str_eq(got->caller, want.caller));
	MUST(got->quote == want.quote && got->number);
	MUST(!(got->flags & LINE_CUT) == (raw.len <= LINE_MAX_BYTES));
}

enum reading { READ_ALL, READ_HINTS, READ_MIXED };

static enum line_mode mode_of(enum reading how, uint64_t number)
{
	if (how == READ_MIXED)
		return number & 1 ? LINE_ALL : LINE_HINTS;
	return how == READ_ALL ? LINE_ALL : LINE_HINTS;
}

/* @param naive  NULL: lines are not what they are by themselves */
static uint32_t read_as(struct str data, enum reading how, struct naive *naive, char *scratch)
{
	struct input *in = input_from_memory(data);
	struct line_reader *lr = in ? line_reader_new(in) : NULL;
	struct line l = { 0 }, before = { 0 };
	struct naive count = { .rest = data };
	uint32_t transports;
	struct str raw;
	int n;

	MUST(lr);
	for (;;) {
		enum line_mode mode = mode_of(how, before.number);

		n = line_next(lr, mode, &l);
		MUST(n >= 0); /* memory has no errors */
		if (naive && n && l.number == before.number) { /* the rest of a line of two records */
			MUST(before.flags & LINE_FUSED);
			check_line(&l, &before);
			before = l;
			continue;
		}
		while (naive && naive_next(naive, &raw) && !(n && naive->number == l.number))
			MUST(mode == LINE_HINTS && !has_hint(data, raw));
		if (!n)
			break;
		check_line(&l, &before);
		if (naive) {
			MUST(naive->number == l.number);
			check_alone(raw, scratch, &l);
		}
		before = l;
	}
	while (naive_next(&count, &raw))
		;
	MUST(line_next(lr, LINE_ALL, &l) == 0); /* the end stays the end */
	transports = line_transports(lr);
	MUST(line_bytes(lr) == data.len && before.number <= line_count(lr));
	if (!(transports & UINT32_C(1) << TRANSPORT_UTF16)) /* its newlines are not those bytes */
		MUST(line_count(lr) == count.number);
	line_reader_free(lr);
	input_free(in);
	return transports;
}

static bool is_shaped(uint32_t transports)
{
	for (size_t i = 0; i < ARRAY_SIZE(shaping); i++)
		if (transports & UINT32_C(1) << shaping[i])
			return true;
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str s = { (const char *)data, size };
	char *scratch = malloc(LINE_MAX_BYTES);
	uint32_t transports;

	MUST(scratch);
	transports = read_as(s, READ_ALL, NULL, scratch);
	for (enum reading how = READ_ALL; how <= READ_MIXED; how++) {
		struct naive naive = { .rest = s };

		read_as(s, how, is_shaped(transports) ? NULL : &naive, scratch);
	}
	free(scratch);
	return 0;
}
