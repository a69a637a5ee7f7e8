/* SPDX-License-Identifier: MIT */
#include "mark.h"

#include <string.h>

/* What a banner begins with; stamps and levels may stand before it. */
static bool is_banner(struct str s)
{
	static const char *const severities[] = { "WARNING: ", "INFO: ", "BUG: " };
	char scratch[256]; /* not used: a line that has been cleaned is not copied */
	struct line line = { 0 };

	if (s.len > sizeof(scratch))
		return false;
	line_undecorate(s, scratch, &line);
	s = str_ltrim(line.text);
	if (str_skip(&s, STR("[ ")) && !str_ends(s, STR("]")))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(severities); i++)
		if (str_starts(s, str_of(severities[i])))
			return true;
	return false;
}

#define NAME_MAX_BYTES 16

/* "#", ":", "%", "John>". @return its length without a blank behind it, or 0 */
static size_t sign_len(struct str s)
{
	size_t n = 0;

	if (s.len && (*s.p == ':' || *s.p == '#' || *s.p == '%'))
		return 1;
	while (n < s.len && n < NAME_MAX_BYTES && is_alpha(s.p[n]))
		n++;
	return n && n < s.len && s.p[n] == '>' ? n + 1 : 0;
}

/* "12:", or "12-" beside what grep was told to find */
static bool skip_number(struct str *s)
{
	struct str t = *s;
	uint64_t ignored;

	if (str_skip_uint(&t, &ignored) < 0 || (!str_skip(&t, STR(":")) && !str_skip(&t, STR("-"))))
		return false;
	*s = t;
	return true;
}

/* "kern.log:", "kern.log:12:", "12:" */
static bool begin_grep(struct mark *m, struct str s, struct str *ret)
{
	struct str rest = s;
	ptrdiff_t colon = str_chr(s, ':');

	m->numbered = skip_number(&rest);
	m->len = 0;
	if (!m->numbered) {
		if (colon <= 0 || colon >= MARK_MAX_BYTES)
			return false;
		m->len = (size_t)colon;
		for (size_t i = 0; i < m->len; i++)
			if (is_blank(s.p[i]))
				return false;
		rest = str_from(s, m->len + 1);
		m->numbered = skip_number(&rest);
	}
	if (!rest.len || is_blank(*rest.p) || !is_banner(rest)) /* "rcu: INFO: " is text */
		return false;
	memcpy(m->text, s.p, m->len);
	m->kind = MARK_GREP;
	*ret = rest;
	return true;
}

/* The first line that has a mark is a banner. */
static bool begin(struct mark *m, struct str s, struct str *ret)
{
	size_t n = sign_len(s);

	m->kind = MARK_NONE;
	if (s.len && (*s.p == '+' || *s.p == '-') && is_banner(str_from(s, 1))) {
		m->kind = MARK_DIFF;
		*ret = str_from(s, 1);
		return true;
	}
	if (n && n < s.len && s.p[n] == ' ' && is_banner(str_from(s, n))) {
		m->kind = MARK_SIGN;
		m->len = n;
		memcpy(m->text, s.p, n);
		*ret = str_from(s, n + 1);
		return true;
	}
	return s.len && !is_blank(*s.p) && begin_grep(m, s, ret);
}

static bool goes_on(const struct mark *m, struct str s, struct str *ret)
{
	if (m->kind == MARK_DIFF) {
		if (!str_skip(&s, STR("+")) && !str_skip(&s, STR("-")))
			return false;
	} else if (m->kind == MARK_SIGN) {
		if (!str_skip(&s, (struct str){ m->text, m->len }) ||
		    (s.len && !str_skip(&s, STR(" "))))
			return false;
	} else {
		if (!str_skip(&s, (struct str){ m->text, m->len }) ||
		    (m->len && !str_skip(&s, STR(":")) && !str_skip(&s, STR("-"))) ||
		    (m->numbered && !skip_number(&s)))
			return false;
	}
	*ret = s;
	return true;
}

bool mark_take(struct mark *m, const struct line *line, struct str *ret)
{
	struct mark other = *m;

	if (m->kind != MARK_NONE && goes_on(m, line->text, ret))
		return true;
	if (begin(&other, line->text, ret)) {
		*m = other;
		return true;
	}
	if (m->kind != MARK_NONE && is_banner(line->text))
		m->kind = MARK_NONE;
	return false;
}

enum transport mark_transport(const struct mark *m)
{
	return m->kind == MARK_DIFF ? TRANSPORT_DIFF :
	       m->kind == MARK_GREP ? TRANSPORT_LABEL :
				      TRANSPORT_QUOTE;
}
