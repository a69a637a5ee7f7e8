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

/* @return length of what may be a mark at the begin of @p s, without a blank behind it; or 0 */
static size_t mark_len(struct str s)
{
	size_t n = 0;

	if (s.len && strchr("+-:#%", *s.p) && *s.p)
		return 1;
	while (n < s.len && is_alpha(s.p[n]))
		n++;
	return n && n < s.len && n + 2 < MARK_MAX_BYTES && s.p[n] == '>' ? n + 1 : 0;
}

static bool is_diff(const struct mark *m)
{
	return m->text[0] == '+' || m->text[0] == '-';
}

/* The first line that has a mark is a banner. */
static bool begin(struct mark *m, struct str s, uint64_t number)
{
	size_t n = mark_len(s);

	if (!n)
		return false;
	if (n < s.len && s.p[n] == ' ')
		n++;
	else if (*s.p != '+' && *s.p != '-')
		return false;
	if (!is_banner(str_from(s, n)))
		return false;
	if (*s.p == '+' || *s.p == '-')
		n = 1; /* a blank behind it is of the text */
	memcpy(m->text, s.p, n);
	m->len = n;
	m->number = number;
	return true;
}

static bool goes_on(struct mark *m, struct str s, uint64_t number, struct str *ret)
{
	size_t bare = m->len - (m->text[m->len - 1] == ' ');

	if (number > m->number + 1)
		return false;
	if (is_diff(m) && s.len && (*s.p == '+' || *s.p == '-')) {
		*ret = str_from(s, 1);
		return true;
	}
	if (!str_starts(s, (struct str){ m->text, bare }))
		return false;
	s = str_from(s, bare);
	if (bare < m->len && s.len && !is_blank(*s.p))
		return false;
	(void)str_skip(&s, STR(" "));
	*ret = s;
	return true;
}

bool mark_take(struct mark *m, const struct line *line, struct str *ret)
{
	struct str s = line->text;

	if (m->len && goes_on(m, s, line->number, ret)) {
		m->number = line->number;
		return true;
	}
	if (m->len && s.len && is_diff(m) && is_blank(*s.p) && line->number <= m->number + 1) {
		m->number = line->number; /* a line of the context */
		return false;
	}
	if (m->len && !s.len && line->number <= m->number + 1) {
		m->number = line->number; /* editors take blanks from ends of lines */
		return false;
	}
	m->len = 0;
	if (!begin(m, s, line->number))
		return false;
	*ret = str_from(s, m->len);
	return true;
}

enum transport mark_transport(const struct mark *m)
{
	return is_diff(m) ? TRANSPORT_DIFF : TRANSPORT_QUOTE;
}
