/* SPDX-License-Identifier: MIT */
#include "mail.h"

#include <string.h>
#include <strings.h>

static void mark(struct line *line, enum transport t)
{
	line->transports |= UINT32_C(1) << t;
}

static bool skip_nocase(struct str *s, const char *prefix)
{
	size_t n = strlen(prefix);

	if (s->len < n || strncasecmp(s->p, prefix, n) != 0)
		return false;
	*s = str_from(*s, n);
	return true;
}

static ptrdiff_t find_nocase(struct str s, const char *needle)
{
	for (size_t i = 0; i < s.len; i++) {
		struct str t = str_from(s, i);

		if (skip_nocase(&t, needle))
			return (ptrdiff_t)i;
	}
	return -1;
}

/* Headers that a stored mail may begin with. */
static bool begins_mail(struct str s)
{
	static const char *const names[] = {
		"Return-Path:",
		"Received:",
		"Delivered-To:",
		"From:",
		"To:",
		"Subject:",
		"Date:",
		"Message-ID:",
		"MIME-Version:",
		"Content-Type:",
		"In-Reply-To:",
		"References:",
		"X-",
		"DKIM-Signature:",
		"Content-Transfer-Encoding:",
		"Sender:",
		"Reply-To:",
		"List-",
		"Authentication-Results:",
	};
	struct str t = s;

	if (str_skip(&t, STR("From ")))
		return str_chr(t, '@') >= 0 || str_find(t, STR(":")) >= 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		t = s;
		if (skip_nocase(&t, names[i]))
			return str_chr(s, ':') > 0;
	}
	return false;
}

static void see_boundary(struct mail *m, struct str s)
{
	ptrdiff_t at = find_nocase(s, "boundary=");
	size_t n = 0;

	if (at < 0 || m->n_boundaries == MAIL_BOUNDARIES)
		return;
	s = str_from(s, (size_t)at + 9);
	if (str_skip(&s, STR("\"")))
		while (n < s.len && s.p[n] != '"')
			n++;
	else
		while (n < s.len && s.p[n] != ';' && !is_blank(s.p[n]))
			n++;
	if (!n || n >= MAIL_BOUNDARY_BYTES)
		return;
	memcpy(m->boundary[m->n_boundaries], s.p, n);
	m->boundary[m->n_boundaries++][n] = '\0';
}

/* One line of headers, of the mail or of a part. */
static void see_header(struct mail *m, struct str s)
{
	struct str t = s;

	if (skip_nocase(&t, "Content-Transfer-Encoding:")) {
		t = str_trim(t);
		if (skip_nocase(&t, "quoted-printable"))
			m->encoding = MAIL_QUOTED;
		else if (skip_nocase(&t, "base64") && m->encoding != MAIL_SKIPPED)
			m->encoding = MAIL_BASE64;
		m->sure = true;
		m->content_type = false;
	} else if (skip_nocase(&t, "Content-Type:")) {
		t = str_trim(t);
		m->content_type = true;
		if (!skip_nocase(&t, "text/") && !skip_nocase(&t, "multipart/") &&
		    !skip_nocase(&t, "message/") && !skip_nocase(&t, "application/octet-stream"))
			m->encoding = MAIL_SKIPPED; /* a picture, a compressed log: no lines */
		see_boundary(m, s);
	} else if (s.len && is_blank(*s.p)) {
		if (m->content_type)
			see_boundary(m, s);
	} else {
		m->content_type = false;
	}
}

/* "--BOUNDARY" begins a part, "--BOUNDARY--" ends the last one. */
static bool is_boundary(struct mail *m, struct str s, bool *last)
{
	if (!str_skip(&s, STR("--")))
		return false;
	for (size_t i = m->n_boundaries; i-- > 0;) {
		struct str t = s;

		if (!str_skip(&t, str_of(m->boundary[i])))
			continue;
		*last = str_skip(&t, STR("--"));
		if (str_trim(t).len)
			continue;
		m->n_boundaries = i + 1;
		return true;
	}
	return false;
}

static int hex_value(char c)
{
	uint64_t value;
	struct str s = { &c, 1 };

	return str_skip_hex(&s, &value) < 0 ? -1 : (int)value;
}

/* Append what @p s says in quoted-printable. */
static void add_quoted(struct mail *m, struct str s)
{
	for (size_t i = 0; i < s.len && m->len < LINE_MAX_BYTES; i++) {
		int high = s.p[i] == '=' && i + 2 < s.len ? hex_value(s.p[i + 1]) : -1;
		int low = high < 0 ? -1 : hex_value(s.p[i + 2]);

		if (low < 0) {
			m->text[m->len++] = s.p[i];
		} else {
			m->text[m->len++] = (char)(high * 16 + low);
			i += 2;
		}
	}
}

static bool is_rule(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.p[i] != '=')
			return false;
	return true;
}

/* Without a header that says so, only long lines are taken for ones that were broken. */
#define QUOTED_MIN_BYTES 60

static enum mail_result quoted_line(struct mail *m, struct str s, uint64_t number, struct str *ret,
				    uint64_t *at)
{
	bool soft;

	while (s.len && (is_blank(s.p[s.len - 1]) || s.p[s.len - 1] == '\r'))
		s.len--;
	soft = str_ends(s, STR("=")) && (m->sure || (s.len >= QUOTED_MIN_BYTES && !is_rule(s)));
	if (!m->len)
		m->first = number;
	if (soft)
		s.len--;
	add_quoted(m, s);
	if (soft)
		return MAIL_MORE;
	*ret = (struct str){ m->text, m->len };
	*at = m->first;
	m->len = 0;
	return MAIL_DECODED;
}

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *hit = c ? strchr(digits, c) : NULL;

	return hit ? (int)(hit - digits) : -1;
}

static void decode_base64(struct mail *m, struct str s)
{
	uint32_t bits = 0;
	int n = 0;

	for (size_t i = 0; i < s.len && m->len + 3 < sizeof(m->text); i++) {
		int value = base64_value(s.p[i]);

		if (value < 0)
			continue;
		bits = bits << 6 | (uint32_t)value;
		if (++n < 4)
			continue;
		m->text[m->len++] = (char)(bits >> 16);
		m->text[m->len++] = (char)(bits >> 8);
		m->text[m->len++] = (char)bits;
		n = 0;
	}
	if (n >= 2)
		m->text[m->len++] = (char)(bits >> (n == 2 ? 4 : 10));
	if (n == 3)
		m->text[m->len++] = (char)(bits >> 2);
}

/* Whole lines of text come out; what is behind the last newline waits for more. */
static enum mail_result base64_line(struct mail *m, struct str s, uint64_t number, struct str *ret,
				    uint64_t *at)
{
	const char *newline;

	if (!m->len)
		m->first = number;
	decode_base64(m, s);
	newline = memrchr(m->text, '\n', m->len);
	if (!newline && m->len < LINE_MAX_BYTES)
		return MAIL_MORE;
	m->given = newline ? (size_t)(newline + 1 - m->text) : m->len;
	*ret = (struct str){ m->text, newline ? m->given - 1 : m->given };
	*at = m->first;
	m->first = number;
	return MAIL_DECODED;
}

/* Drop what was given out by the last call. */
static void forget_given(struct mail *m)
{
	if (!m->given)
		return;
	m->len -= m->given;
	memmove(m->text, m->text + m->given, m->len);
	m->given = 0;
}

static void begin_headers(struct mail *m)
{
	m->state = MAIL_HEADERS;
	m->encoding = MAIL_PLAIN;
	m->sure = m->content_type = false;
}

/* A rule in quoted-printable: no other text has these bytes. */
static bool looks_quoted(struct str s)
{
	return str_find(s, STR("=3D=3D=3D")) >= 0;
}

enum mail_result mail_line(struct mail *m, struct str raw, uint64_t number, struct str *ret,
			   uint64_t *at, struct line *line)
{
	struct str s = raw;
	bool last = false;

	forget_given(m);
	if (str_ends(s, STR("\r")))
		s.len--;
	if (m->state == MAIL_START)
		begins_mail(s) ? begin_headers(m) : (void)(m->state = MAIL_NONE);
	if (m->state == MAIL_HEADERS) {
		if (!s.len)
			m->state = MAIL_BODY;
		else
			see_header(m, s);
		mark(line, TRANSPORT_MAIL);
		return MAIL_ASIS;
	}
	if (m->state == MAIL_BODY && is_boundary(m, s, &last)) {
		bool tail = m->len > 0;

		*ret = (struct str){ m->text, m->len };
		*at = m->first;
		m->given = m->len;
		begin_headers(m);
		if (last)
			m->state = MAIL_BODY;
		return tail ? MAIL_DECODED : MAIL_ASIS;
	}
	if (m->state == MAIL_BODY && m->after_blank && str_starts(s, STR("From ")) &&
	    begins_mail(s)) {
		m->n_boundaries = 0;
		begin_headers(m); /* the next mail of a mailbox */
		return MAIL_ASIS;
	}
	m->after_blank = !s.len;
	if (m->encoding == MAIL_PLAIN && looks_quoted(s))
		m->encoding = MAIL_QUOTED;
	switch (m->encoding) {
	case MAIL_QUOTED:
		mark(line, TRANSPORT_QUOTED_PRINTABLE);
		return quoted_line(m, s, number, ret, at);
	case MAIL_BASE64:
		mark(line, TRANSPORT_BASE64);
		return base64_line(m, s, number, ret, at);
	case MAIL_SKIPPED:
		return MAIL_MORE;
	case MAIL_PLAIN:
		break;
	}
	return MAIL_ASIS;
}

bool mail_flush(struct mail *m, struct str *ret, uint64_t *at)
{
	forget_given(m);
	if (!m->len)
		return false;
	*ret = (struct str){ m->text, m->len };
	*at = m->first;
	m->given = m->len;
	return true;
}

bool mail_is_plain(const struct mail *m)
{
	/*
	 * In a folder of mails, the headers of the next one show no hints either; they
	 * begin behind a blank line.
	 */
	return (m->state == MAIL_NONE || (m->state == MAIL_BODY && !m->after_blank)) &&
	       m->encoding == MAIL_PLAIN && !m->n_boundaries;
}
