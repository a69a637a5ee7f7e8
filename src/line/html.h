/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_HTML_H
#define UNSPLAT_LINE_HTML_H

#include "unsplat/line.h"

/*
 * Pages of trackers and archives. Entities are decoded wherever they stand: no text of
 * lockdep's has one. Tags are taken out only by the names that HTML has: "<IRQ>", "<TASK>",
 * "[<c0123456>]" and "<RELEASED>" are the kernel's. Not a library: what is needed is a line's
 * text with its place in the input, of pages that need not be well formed.
 */

/** @return @p s without entities, twice over ("&amp;gt;"); @p out has room for it. */
struct str html_entities(struct str s, char *out, struct line *line);
/**
 * @return @p s without tags, '\n' where one ends a line; @p out has room for it
 * @param page  whether this is HTML at all: set when a line shows it, and then kept
 */
struct str html_tags(struct str s, char *out, bool *page, struct line *line);
/** "https://host/x/pull/3", "[#3](url)" become "#3": what trackers make of "-> #3". */
struct str html_links(struct str s, char *out, struct line *line);

#endif
