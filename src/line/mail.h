/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_MAIL_H
#define UNSPLAT_LINE_MAIL_H

#include "unsplat/line.h"

/*
 * Mails as they are stored: headers, parts, quoted-printable and base64 (RFC 2045, 2046). Not
 * a library: each decoded line must keep its place in the input, and pieces of mails, pasted
 * without their headers, are read as well.
 */

#define MAIL_BOUNDARIES 8	/* parts inside parts */
#define MAIL_BOUNDARY_BYTES 128 /* RFC 2046 allows 70 */

struct mail {
	enum { MAIL_START, MAIL_HEADERS, MAIL_BODY, MAIL_NONE } state;
	enum { MAIL_PLAIN, MAIL_QUOTED, MAIL_BASE64, MAIL_SKIPPED } encoding;
	bool sure;	   /* a header said so; else the text looks like it */
	bool content_type; /* the header line before was one, or its continuation */
	bool after_blank;
	char boundary[MAIL_BOUNDARIES][MAIL_BOUNDARY_BYTES];
	size_t n_boundaries;
	uint64_t first;	   /* number of the line that begins what is in `text` */
	size_t len, given; /* of `text`; given: what the last call returned of it */
	char text[2 * LINE_MAX_BYTES];
};

enum mail_result {
	MAIL_ASIS, /* nothing to decode: the line is its text */
	MAIL_DECODED, /* *ret is the text, with '\n' inside where several lines ended; *number its place */
	MAIL_MORE, /* the text goes on in the next line, or there is none; *ret is untouched */
};

/** Put in one physical line. Strings of *ret live until the next call. */
enum mail_result mail_line(struct mail *m, struct str raw, uint64_t number, struct str *ret,
			   uint64_t *at, struct line *line);
/** What is left at the end of the input. @return whether there is something */
bool mail_flush(struct mail *m, struct str *ret, uint64_t *at);
/** @return whether lines may be told by their bytes as they are: no decoding is going on. */
bool mail_is_plain(const struct mail *m);

#endif
