/* SPDX-License-Identifier: MIT */
#include "unsplat/line.h"

#include <string.h>

/*
 * Decorations come off from the outside, one layer after the other, until no row of the table
 * matches: "> > <4>[   12.345678][  T1] text" has four. A new transport is a new row.
 * Each takes its layer off the front of *s, or leaves it alone.
 */
typedef bool peel_fn(struct str *s, struct line *line);

#define MAX_LAYERS 32

static bool skip_char(struct str *s, char c)
{
	return str_skip(s, (struct str){ &c, 1 });
}

/* Match a picture: 9 a digit, A a letter, ~ any run of blanks, all else itself. */
static bool skip_picture(struct str *s, const char *picture)
{
	struct str t = *s;

	for (; *picture; picture++) {
		if (*picture == '~') {
			t = str_ltrim(t);
			continue;
		}
		if (!t.len)
			return false;
		if (*picture == '9' ? !is_digit(*t.p) :
		    *picture == 'A' ? !is_alpha(*t.p) :
				      *t.p != *picture)
			return false;
		t = str_from(t, 1);
	}
	*s = t;
	return true;
}

static bool skip_digits(struct str *s)
{
	struct str t = *s;

	while (t.len && is_digit(*t.p))
		t = str_from(t, 1);
	if (t.len == s->len)
		return false;
	*s = t;
	return true;
}

static struct str take_word(struct str *s)
{
	size_t n = 0;

	while (n < s->len && !is_blank(s->p[n]))
		n++;
	struct str word = str_head(*s, n);
	*s = str_from(*s, n);
	return word;
}

/* "> ", ">", "| " of mails; the blank behind the mark belongs to it. */
static bool peel_quote(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s);

	if (s->len - t.len > 3 || !t.len || (*t.p != '>' && *t.p != '|'))
		return false;
	t = str_from(t, 1);
	(void)skip_char(&t, ' ');
	line->quote++;
	*s = t;
	return true;
}

/* "<4>" of /proc/kmsg and syslog; some collectors put a blank behind it. */
static bool peel_level(struct str *s, struct line *line)
{
	struct str t = *s;
	uint64_t level;

	(void)line;
	if (!skip_char(&t, '<') || str_skip_uint(&t, &level) < 0 || level > 999 ||
	    !skip_char(&t, '>'))
		return false;
	if (t.len > 1 && t.p[0] == ' ' && t.p[1] == '[')
		t = str_from(t, 1);
	*s = t;
	return true;
}

/* "kernel: " behind whatever stood before it; the ident of the kernel in syslog and journal. */
static bool skip_ident(struct str *s)
{
	struct str t = *s;

	if (!str_skip(&t, STR("kernel:")))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

static bool skip_host_and_ident(struct str *s)
{
	struct str t = str_ltrim(*s);

	if (!take_word(&t).len)
		return false;
	t = str_ltrim(t);
	if (!skip_ident(&t))
		return false;
	*s = t;
	return true;
}

/* "[   12.345678] ", also with dmesg's "<    0.000010>" (-e is a delta, "[  +0.001213]"). */
static bool peel_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_char(&t, '['))
		return false;
	t = str_ltrim(t);
	(void)skip_char(&t, '+');
	if (!skip_digits(&t) || !skip_char(&t, '.') || !skip_digits(&t))
		return false;
	if (t.len && is_blank(*t.p)) {
		t = str_ltrim(t);
		if (!skip_char(&t, '<'))
			return false;
		t = str_ltrim(t);
		(void)skip_char(&t, '+');
		if (!skip_digits(&t) || !skip_char(&t, '.') || !skip_digits(&t) ||
		    !skip_char(&t, '>'))
			return false;
	}
	if (!skip_char(&t, ']'))
		return false;
	if (!skip_host_and_ident(&t)) /* journalctl -o short-monotonic has them */
		(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

/* "[  T123] ", "[    C0] ": CONFIG_PRINTK_CALLER, 5.1 and later. */
static bool peel_caller(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s), id;

	if (!skip_char(&t, '['))
		return false;
	t = id = str_ltrim(t);
	if (!skip_char(&t, 'T') && !skip_char(&t, 'C'))
		return false;
	if (!skip_digits(&t))
		return false;
	id = str_head(id, id.len - t.len);
	if (!skip_char(&t, ']'))
		return false;
	(void)skip_char(&t, ' ');
	line->caller = id;
	*s = t;
	return true;
}

/* "[Mon Nov 22 06:29:21 2026] " of dmesg -T, "[Nov22 06:29] " of dmesg -H. */
static bool peel_human_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "[AAA AAA~99 99:99:99 9999]") &&
	    !skip_picture(&t, "[AAA AAA~9 99:99:99 9999]") && !skip_picture(&t, "[AAA~99 99:99]") &&
	    !skip_picture(&t, "[AAA~9 99:99]"))
		return false;
	(void)skip_char(&t, ' ');
	*s = t;
	return true;
}

/* "kern  :warn  : " of dmesg -x. */
static bool peel_facility(struct str *s, struct line *line)
{
	static const char *const levels[] = { "emerg", "alert",	 "crit", "err",
					      "warn",  "notice", "info", "debug" };
	struct str t = *s;

	(void)line;
	if (!str_skip(&t, STR("kern")))
		return false;
	t = str_ltrim(t);
	if (!skip_char(&t, ':'))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++) {
		if (!str_skip(&t, str_of(levels[i])))
			continue;
		t = str_ltrim(t);
		if (!skip_char(&t, ':'))
			return false;
		(void)skip_char(&t, ' ');
		*s = t;
		return true;
	}
	return false;
}

/* "Jan 22 01:50:05 host kernel: ": syslog, journalctl -o short (with its -precise). */
static bool peel_syslog(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "AAA~99 99:99:99") && !skip_picture(&t, "AAA~9 99:99:99"))
		return false;
	if (skip_char(&t, '.') && !skip_digits(&t))
		return false;
	if (!skip_host_and_ident(&t))
		return false;
	*s = t;
	return true;
}

/* "2024-05-01T12:00:00+0200 host kernel: " (journal, rsyslog), and the bare stamp of dmesg and CI. */
static bool peel_iso_time(struct str *s, struct line *line)
{
	struct str t = *s;

	(void)line;
	if (!skip_picture(&t, "9999-99-99T99:99:99"))
		return false;
	if ((skip_char(&t, '.') || skip_char(&t, ',')) && !skip_digits(&t))
		return false;
	if (!skip_char(&t, 'Z') && !skip_picture(&t, "+99:99") && !skip_picture(&t, "-99:99") &&
	    !skip_picture(&t, "+9999"))
		(void)skip_picture(&t, "-9999");
	if (!t.len || !is_blank(*t.p))
		return false;
	if (!skip_host_and_ident(&t))
		t = str_from(t, 1);
	*s = t;
	return true;
}

/* "kernel: ", where the author took the date and the host off. */
static bool peel_ident(struct str *s, struct line *line)
{
	(void)line;
	return skip_ident(s);
}

static const struct {
	const char *begins; /* first bytes that can begin it, blanks aside */
	peel_fn *peel;
} layers[] = {
	{ ">|", peel_quote },
	{ "[", peel_time },
	{ "[", peel_caller },
	{ "<", peel_level },
	{ "[", peel_human_time },
	{ "k", peel_facility },
	{ "k", peel_ident },
	{ "ADFJMNOS", peel_syslog }, /* months */
	{ "0123456789", peel_iso_time },
};

static bool peel_once(struct str *s, struct line *line)
{
	struct str t = str_ltrim(*s);

	if (!t.len)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(layers); i++)
		if (strchr(layers[i].begins, *t.p) && layers[i].peel(s, line))
			return true;
	return false;
}

/* @return length of the terminal escape sequence at @p p (ECMA-48 CSI, OSC, two bytes), 1 at least. */
static size_t escape_len(const char *p, size_t n)
{
	size_t i = 2;

	if (n < 2)
		return 1;
	if (p[1] == '[') {
		while (i < n && (unsigned char)p[i] >= 0x20 && (unsigned char)p[i] < 0x40)
			i++;
		return i < n ? i + 1 : n;
	}
	if (p[1] == ']') {
		while (i < n && p[i] != '\a' && p[i] != '\033')
			i++;
		return i < n && p[i] == '\a' ? i + 1 : i;
	}
	return 2;
}

/* Carriage returns, NUL bytes, terminal sequences and no-break spaces are no text of the kernel. */
static struct str clean(struct str raw, char *scratch)
{
	size_t n = 0, i = 0;

	while (i < raw.len && raw.p[i] != '\r' && raw.p[i] != '\0' && raw.p[i] != '\033' &&
	       raw.p[i] != '\xc2')
		i++;
	if (i == raw.len)
		return raw;
	for (i = 0; i < raw.len;) {
		char c = raw.p[i];

		if (c == '\033') {
			i += escape_len(raw.p + i, raw.len - i);
		} else if (c == '\r' || c == '\0') {
			i++;
		} else if (c == '\xc2' && i + 1 < raw.len && raw.p[i + 1] == '\xa0') {
			scratch[n++] = ' ';
			i += 2;
		} else {
			scratch[n++] = c;
			i++;
		}
	}
	return (struct str){ scratch, n };
}

void line_undecorate(struct str raw, char *scratch, struct line *ret)
{
	struct str s = clean(raw, scratch);

	if (str_ends(s, STR("^M"))) /* pagers and trackers show the carriage return so */
		s.len -= 2;
	for (int i = 0; i < MAX_LAYERS && peel_once(&s, ret); i++)
		;
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	ret->text = s;
}
