/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <string.h>
#include <strings.h>

/*
 * Which three bytes of a word, and which rows share a bucket, was found by trying: with these, few
 * lines of kernel logs have a fingerprint by accident (tests/bench/README.md).
 */
static const struct hint_print prints[] = {
	{ 0, { STR("h"), STR("e"), STR("l") } },	      /* held */
	{ 0, { STR("g"), STR("g"), STR("i") } },	      /* debugging */
	{ 0, { STR("a"), STR("g"), STR("=") } },	      /* ncfrag= */
	{ 1, { STR("I"), STR("N"), STR("G") } },	      /* WARNING: */
	{ 1, { STR("I"), STR("N"), STR("F") } },	      /* INFO: */
	{ 1, { STR("\n"), STR("F"), STR("r") } },	      /* From: a mailbox */
	{ 1, { STR("#"), STR("0"), STR("0-3") } },	      /* an octal character */
	{ 2, { STR("="), STR("3"), STR("D") } },	      /* = in quoted-printable */
	{ 2, { STR(" ;\xa0"), STR("i"), STR("s") } },	      /* COMM/PID is */
	{ 3, { STR("\""), STR(": \t"), STR(":[ \t") } },      /* a list in JSON */
	{ 3, { STR("&"), STR("#aA"), STR("0-9xXmM") } },      /* an entity by number */
	{ 4, { STR("\xe2"), STR("\x80"), STR("\x8b") } },     /* zero-width space */
	{ 4, { STR(""), STR("\0\b\033\r"), STR(" -\xff") } }, /* what is no text, before text */
	{ 5, { STR("<\\"), STR("A-Za-z/!"), STR("") } },      /* a tag; an escaped character */
	{ 6, { STR("S"), STR("_"), STR("W") } },	      /* DEBUG_LOCKS_WARN_ON( */
	{ 6, { STR("-"), STR(">&"), STR("") } },	      /* -> # */
	{ 7, { STR("B"), STR("U"), STR("G") } },	      /* BUG: */
	{ 7, { STR(":"), STR("/"), STR("/") } },	      /* a link */
	{ 7, { STR("n"), STR("u"), STR("x") } },	      /* Linux */
	{ 7, { STR("^"), STR("["), STR("[") } },	      /* ESC [ as pagers show it */
	{ 7, { STR("\xef"), STR("\xbb"), STR("\xbf") } },     /* byte order mark */
	{ 7, { STR("R"), STR("S"), STR("O") } },	      /* __CURSOR= */
};

const struct hint_print *hint_print(size_t i)
{
	return i < ARRAY_SIZE(prints) ? &prints[i] : NULL;
}

/* The text around a fingerprint; all of it belongs to one or two lines. */
struct place {
	const char *begin, *at, *end;
};

static inline bool is_here(const struct place *h, const char *p, struct str want)
{
	return p >= h->begin && want.len <= (size_t)(h->end - p) && !memcmp(p, want.p, want.len);
}

static bool is_here_nocase(const struct place *h, const char *p, const char *want)
{
	return strlen(want) <= (size_t)(h->end - p) && !strncasecmp(p, want, strlen(want));
}

static bool is_word(char c)
{
	return is_alpha(c) || is_digit(c);
}

/* @return the byte at @p p, a newline outside of the text */
static char byte_at(const struct place *h, const char *p)
{
	return p >= h->begin && p < h->end ? *p : '\n';
}

static bool is_gap(char c)
{
	return is_blank(c) || c == '\xa0' || c == '\xc2';
}

static const char *skip_gap(const struct place *h, const char *p)
{
	while (p < h->end && is_gap(*p))
		p++;
	return p;
}

/* "WARNING: text", but neither "DEBUG: text" nor "INFO:root:". */
static bool is_severity(const struct place *h)
{
	const char *behind;

	if (is_here(h, h->at - 3,
		    STR("ARNING:"))) /* with "W", where the first column is not lost */
		behind = h->at + 4;
	else if (is_here(h, h->at, STR("INFO:")))
		behind = h->at + 5;
	else if (is_here(h, h->at, STR("BUG:")) && !is_here(h, h->at - 2, STR("DE")))
		behind = h->at + 4;
	else
		return false;
	return !is_word(byte_at(h, behind));
}

/* "https://host/owner/name/pull/3" */
static bool is_number_link(const struct place *h)
{
	struct str rest = { h->at, 0 };

	while (h->at + rest.len < h->end && !is_gap(h->at[rest.len]) && h->at[rest.len] != '\n')
		rest.len++;
	return str_find(rest, STR("/pull/")) >= 0 || str_find(rest, STR("/issues/")) >= 0;
}

static bool is_boot(const struct place *h)
{
	const char *behind = h->at + HINT_BYTES;
	char next = byte_at(h, behind);

	if (!is_here(h, h->at - 2, STR("Linux")) || is_word(next))
		return false;
	return next != ' ' || !is_word(byte_at(h, behind + 1)) || behind[1] == 'v';
}

/* "loop0/2986 is trying ...", "loop0/2986 [HC0[0]:SC0[0]:HE1:SE1] is ..." */
static bool is_about_task(const struct place *h)
{
	const char *p = h->at;

	if (is_word(byte_at(h, h->at + HINT_BYTES)))
		return false;
	if (*p == ';')
		return is_here(h, p - 5, STR("&nbsp;"));
	while (p > h->begin && is_gap(*p))
		p--;
	if (*p == ']')
		return is_digit(byte_at(h, p - 1));
	if (!is_digit(*p))
		return false;
	while (p > h->begin && is_digit(*p))
		p--;
	return *p == '/';
}

/* "-> #3", "-> [#3](https://...", "-> <a href=...", "-&gt; #3", and "->" before the line is wrapped */
static bool is_arrow(const struct place *h)
{
	const char *p = h->at + 2;

	if (h->at[1] == '&')
		return is_here_nocase(h, p, "gt;") || is_here_nocase(h, p, "amp;");
	p = skip_gap(h, p);
	while (p < h->end && (*p == '\r' || *p == '\0'))
		p++;
	return strchr("#[<&=\\\"\n", byte_at(h, p)) || is_here(h, p, STR("http"));
}

/* What shows that this is a page (html.c); or a tag that could stand inside a word. */
static bool is_tag(const struct place *h)
{
	static const char *const signs[] = { "!DOCTYPE", "!doctype", "html",   "HTML",	 "pre",
					     "PRE",	 "br",	     "BR",     "/span>", "/div>",
					     "/pre>",	 "/td>",     "/code>", "/p>",	 "/a>" };
	char before = byte_at(h, h->at - 1);

	if (is_word(before) || (before && strchr(":>/#-", before)))
		return true;
	if (h->at[1] == '/' ? h->at[2] < 'a' : !strchr("!hHpPbB", h->at[1]))
		return false; /* "<TASK>", "</IRQ>": most that there are */
	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (is_here(h, h->at + 1, str_of(signs[i])))
			return true;
	return false;
}

/* "\x2d" of kmsg, "\u003e", "\b" and "\r" of JSON */
static bool is_escape(const struct place *h)
{
	const char *p = h->at + 1;

	switch (*p) {
	case 'x':
	case 'u':
		return is_digit(p[1]) || is_alpha(p[1]);
	case 'b':
		return true;
	case 'r':
		return !is_here(h, p + 1, STR("\\n")) && p[1] != '"';
	default:
		return false;
	}
}

static bool is_byte_list(const struct place *h)
{
	const char *p = skip_gap(h, h->at + 1);

	if (byte_at(h, p) != ':')
		return false;
	p = skip_gap(h, p + 1);
	if (byte_at(h, p) != '[')
		return false;
	return is_digit(byte_at(h, skip_gap(h, p + 1)));
}

static bool is_octal(const struct place *h)
{
	char last = byte_at(h, h->at + HINT_BYTES);

	return h->at[1] == '0' && last >= '0' && last <= '7';
}

static bool is_entity(const struct place *h)
{
	if (h->at[1] == '#')
		return true;
	return is_here_nocase(h, h->at + 1, "amp;#") || is_here_nocase(h, h->at + 1, "amp;gt");
}

/* "From " behind a blank line: the hint stands in that blank line. */
static bool is_mailbox(const struct place *h)
{
	char before = byte_at(h, h->at - 1);

	return is_here(h, h->at, STR("\nFrom ")) && (before == '\n' || before == '\r');
}

/* @return where the terminal sequence begins that ends with @p p, or NULL */
static const char *sequence_begin(const struct place *h, const char *p)
{
	if (!is_alpha(*p))
		return NULL;
	do
		p--;
	while (p >= h->begin && (is_digit(*p) || *p == ';'));
	return p > h->begin && *p == '[' && p[-1] == '\033' ? p - 1 : NULL;
}

#define DIRT_MAX_BYTES 64

/* Bytes that are taken out, and text on both sides: together they may be one word. */
static bool is_inside_word(const struct place *h)
{
	const char *p = h->at + 1;
	const char *limit = p - h->begin > DIRT_MAX_BYTES ? p - DIRT_MAX_BYTES : h->begin;

	if (*p != '\0' && *p != '\b' && *p != '\r' && *p != '\033')
		return false;
	while (p > limit) {
		const char *before = p - 1, *sequence;

		if (*before == '\b')
			return true;
		if (*before == '\n' || is_gap(*before))
			return *p == '\b';
		sequence = sequence_begin(h, before);
		if (!sequence && *before && *before != '\r' && *before != '\033')
			return true;
		p = sequence ? sequence : before;
	}
	return limit > h->begin;
}

bool hint_is_real(const char *begin, const char *at, const char *end)
{
	const struct place here = { begin, at, end }, *h = &here;

	if (is_inside_word(h))
		return true;
	switch (*at) {
	case 'B':
	case 'I':
		return is_severity(h);
	case ':':
		return is_here(h, at, STR("://")) && is_number_link(h);
	case 'h':
		return is_here(h, at, STR("held"));
	case 'g':
		return is_here(h, at - 4, STR("debugging"));
	case 'n':
		return is_boot(h);
	case 'a':
		return is_here(h, at - 4, STR("ncfrag="));
	case 'S':
		return is_here(h, at, STR("S_WARN"));
	case '^':
		return is_here(h, at, STR("^[["));
	case '\xe2':
		return is_here(h, at, STR("\xe2\x80\x8b"));
	case '\xef':
		return is_here(h, at, STR("\xef\xbb\xbf"));
	case 'R':
		return is_here(h, at - 4, STR("__CURSOR="));
	case '=':
		return is_here(h, at, STR("=3D="));
	case '\n':
		return is_mailbox(h);
	case ' ':
	case ';':
	case '\xa0':
		return is_here(h, at + 1, STR("is")) && is_about_task(h);
	case '<':
		return is_tag(h);
	case '\\':
		return is_escape(h);
	case '-':
		return (at[1] == '>' || at[1] == '&') && is_arrow(h);
	case '"':
		return is_byte_list(h);
	case '#':
		return is_octal(h);
	case '&':
		return is_entity(h);
	default:
		return false;
	}
}
