/* SPDX-License-Identifier: MIT */
#include "html.h"

#include <string.h>
#include <strings.h>

static void mark(struct line *line, enum transport t)
{
	line->transports |= UINT32_C(1) << t;
}

static const struct {
	const char *name;
	char c;
} entities[] = {
	{ "&gt;", '>' },    { "&lt;", '<' },   { "&amp;", '&' },  { "&quot;", '"' },
	{ "&apos;", '\'' }, { "&nbsp;", ' ' }, { "&#160;", ' ' }, { "&#xa0;", ' ' },
};

/* @return length of the entity that @p s begins with, its character in *c; 0: none */
static size_t entity_len(struct str s, char *c)
{
	struct str t = s;
	uint64_t value;
	bool hex;

	for (size_t i = 0; i < ARRAY_SIZE(entities); i++) {
		struct str name = str_of(entities[i].name);

		if (s.len < name.len || strncasecmp(s.p, name.p, name.len) != 0)
			continue;
		*c = entities[i].c;
		return name.len;
	}
	if (!str_skip(&t, STR("&#")))
		return 0;
	hex = str_skip(&t, STR("x")) || str_skip(&t, STR("X"));
	if ((hex ? str_skip_hex(&t, &value) : str_skip_uint(&t, &value)) < 0 || !t.len ||
	    *t.p != ';' || value < 0x20 || value > 0x7e)
		return 0;
	*c = (char)value;
	return s.len - t.len + 1;
}

struct str html_entities(struct str s, char *out, struct line *line)
{
	for (int pass = 0; pass < 2; pass++) {
		size_t n = 0;
		bool any = false;

		if (str_chr(s, '&') < 0)
			break;
		for (size_t i = 0; i < s.len;) {
			char c = s.p[i];
			size_t len = c == '&' ? entity_len(str_from(s, i), &c) : 0;

			any |= len > 0;
			out[n++] = c;
			i += len ? len : 1;
		}
		s = (struct str){ out, n };
		if (!any)
			break;
		mark(line, TRANSPORT_HTML);
	}
	return s;
}

/* Names of elements; those that end a line of text come first. */
static const char *const breaking[] = { "br",	 "p",	 "div",	       "tr",	"li", "pre", "h1",
					"h2",	 "h3",	 "blockquote", "table", "ul", "ol",  "hr",
					"title", "body", "head",       "html",	"td" };
static const char *const inside[] = { "a",     "abbr",	 "b",	 "code",  "em",	     "font",
				      "i",     "img",	 "kbd",	 "link",  "meta",    "small",
				      "span",  "strong", "sub",	 "sup",	  "tbody",   "th",
				      "thead", "tt",	 "u",	 "wbr",	  "section", "article",
				      "style", "script", "samp", "input", "button",  "label",
				      "nav",   "main" };

static bool is_name(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (s.len == strlen(list[i]) && !strncasecmp(s.p, list[i], s.len))
			return true;
	return false;
}

/* @return length of the tag that @p s begins with; 0: none of HTML's */
static size_t tag_len(struct str s, bool *breaks)
{
	size_t i = 1, name;
	ptrdiff_t close = str_chr(s, '>');
	struct str word;

	if (close < 2)
		return 0;
	if (str_starts(s, STR("<!--")) || str_starts(s, STR("<!DOCTYPE")) ||
	    str_starts(s, STR("<!doctype"))) {
		*breaks = false;
		return (size_t)close + 1;
	}
	i += s.p[1] == '/';
	name = i;
	while (i < s.len && (is_alpha(s.p[i]) || is_digit(s.p[i])))
		i++;
	if (i == name || (s.p[i] != '>' && s.p[i] != '/' && !is_blank(s.p[i])))
		return 0;
	word = (struct str){ s.p + name, i - name };
	*breaks = is_name(word, breaking, ARRAY_SIZE(breaking));
	if (!*breaks && !is_name(word, inside, ARRAY_SIZE(inside)))
		return 0;
	return (size_t)close + 1;
}

/* What only a page has. */
static bool shows_page(struct str s)
{
	static const char *const signs[] = { "<!DOCTYPE", "<!doctype", "<html",	 "<HTML",
					     "<pre",	  "<PRE",      "<br",	 "<BR",
					     "</span>",	  "</div>",    "</pre>", "</td>",
					     "</code>",	  "</p>",      "</a>" };

	for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
		if (str_find(s, str_of(signs[i])) >= 0)
			return true;
	return false;
}

struct str html_tags(struct str s, char *out, bool *page, struct line *line)
{
	size_t n = 0;

	if (str_chr(s, '<') < 0)
		return s;
	*page |= shows_page(s);
	if (!*page)
		return s;
	mark(line, TRANSPORT_HTML);
	for (size_t i = 0; i < s.len;) {
		bool breaks = false;
		size_t len = s.p[i] == '<' ? tag_len(str_from(s, i), &breaks) : 0;

		if (!len)
			out[n++] = s.p[i++];
		else if (breaks && n && out[n - 1] != '\n')
			out[n++] = '\n';
		i += len;
	}
	while (n && out[n - 1] == '\n')
		n--; /* "text<br>": this line ends anyway */
	return (struct str){ out, n };
}

/* "[#3](" of a link in Markdown. @return its length, 0: none */
static size_t markdown_len(struct str s)
{
	struct str t = s;
	uint64_t ignored;

	if (!str_skip(&t, STR("[#")) || str_skip_uint(&t, &ignored) < 0 || !str_skip(&t, STR("](")))
		return 0;
	return s.len - t.len;
}

#define LINK_MAX_BYTES 512

/* "https://host/owner/name/pull/3": a tracker took "#3" for one of its own. @return its length */
static size_t link_len(struct str s, struct str *number)
{
	struct str t = s;
	size_t end = 0;
	ptrdiff_t at;
	uint64_t ignored;

	if (!str_skip(&t, STR("https://")) && !str_skip(&t, STR("http://")))
		return 0;
	while (end < t.len && end < LINK_MAX_BYTES && !is_blank(t.p[end]) && t.p[end] != ')' && t.p[end] != '\n')
		end++;
	t = str_head(t, end);
	at = str_find(t, STR("/pull/"));
	if (at >= 0)
		t = str_from(t, (size_t)at + 6);
	else if ((at = str_find(t, STR("/issues/"))) >= 0)
		t = str_from(t, (size_t)at + 8);
	else
		return 0;
	*number = t;
	if (str_skip_uint(&t, &ignored) < 0)
		return 0;
	*number = str_head(*number, number->len - t.len);
	return (size_t)(number->p + number->len - s.p);
}

struct str html_links(struct str s, char *out, struct line *line)
{
	size_t n = 0;
	bool any = false;

	if (str_find(s, STR("://")) < 0)
		return s;
	for (size_t i = 0; i < s.len;) {
		struct str rest = str_from(s, i), number;
		size_t open = markdown_len(rest);
		size_t len = link_len(str_from(rest, open), &number);

		if (!len) {
			out[n++] = s.p[i++];
			continue;
		}
		any = true;
		if (number.len >= len) /* cannot be: the number is the end of the link */
			break;
		out[n++] = '#';
		memmove(out + n, number.p, number.len);
		n += number.len;
		i += open ? open + len + 1 : len;
	}
	if (any)
		mark(line, TRANSPORT_LINKS);
	return any ? (struct str){ out, n } : s;
}
