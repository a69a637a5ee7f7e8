/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "neighbour.h"
#include "parse.h"
#include "token.h"

struct splat_reader {
	struct line_reader *lines;
	struct source *src;
	struct report *open; /* the report that is being read, NULL between reports */
	struct parser parser;
	struct line line;
	int error;	    /* of reading, kept until the open report is out */
	bool again;	    /* line is still to be looked at */
	bool at_head;	    /* only lines of a stack so far: maybe the rest of a report */
	uint64_t head_line; /* the first of them */
};

struct splat_reader *splat_reader_new(struct line_reader *lines, struct source *src)
{
	struct splat_reader *sr = calloc(1, sizeof(*sr));

	if (sr) {
		sr->lines = lines;
		sr->src = src;
		sr->at_head = true;
	}
	return sr;
}

void splat_reader_free(struct splat_reader *sr)
{
	if (sr)
		report_free(sr->open);
	free(sr);
}

/* Boots and notes kept for one source; a hostile log could have one in each line. */
#define SOURCE_MAX_BOOTS 4096
#define SOURCE_MAX_NOTES 1024

/* Grow a plain array by one zeroed element. @return it, or NULL. */
static void *grow(void **array, size_t *n, size_t size)
{
	char *bigger = reallocarray(*array, *n + 1, size);

	if (!bigger)
		return NULL;
	*array = bigger;
	return memset(bigger + (*n)++ * size, 0, size);
}

static int add_note(struct source *src, uint64_t line, const char *kind, const char *text,
		    bool loss)
{
	struct source_note *n;

	if (src->n_notes > SOURCE_MAX_NOTES)
		return 0;
	n = grow((void **)&src->notes, &src->n_notes, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct source_note){ .line = line, .kind = kind, .text = text, .loss = loss };
	if (src->n_notes > SOURCE_MAX_NOTES)
		*n = (struct source_note){ .line = line,
					   .kind = "limit",
					   .text = "more notes from here on are left out",
					   .loss = true };
	return 0;
}

/* "Linux version 6.1.192 (...)": @p text is that line; empty for a log that begins later. */
static int add_boot(struct source *src, uint64_t line, struct str text)
{
	struct boot *b;
	ptrdiff_t blank;

	if (src->n_boots == SOURCE_MAX_BOOTS)
		return add_note(src, line, "limit",
				"too many boots: this one is counted to the one before", true);
	b = grow((void **)&src->boots, &src->n_boots, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->line = line;
	if (!str_skip(&text, STR("Linux version ")))
		return 0;
	blank = str_chr(text, ' ');
	b->kernel = strndup(text.p, blank < 0 ? text.len : (size_t)blank);
	return b->kernel ? 0 : -ENOMEM;
}

static int current_boot(struct source *src, struct boot **ret)
{
	int err = src->n_boots ? 0 : add_boot(src, 1, STR(""));

	if (!err)
		*ret = &src->boots[src->n_boots - 1];
	return err;
}

static int lockdep_off(struct source *src, uint64_t line)
{
	struct boot *b;
	int err = current_boot(src, &b);

	if (!err && !b->lockdep_off)
		b->lockdep_off = line;
	return err;
}

static int report_new(struct splat_reader *sr, enum kind kind, bool banner, struct report **ret)
{
	struct arena *mem = arena_new();
	struct report *r = mem ? arena_alloc(mem, sizeof(*r)) : NULL;
	struct boot *boot;
	int err = current_boot(sr->src, &boot);

	if (!r || err) {
		arena_free(mem);
		return -ENOMEM;
	}
	r->mem = mem;
	r->kind = kind;
	r->source = sr->src->name;
	r->boot = (unsigned int)(sr->src->n_boots - 1);
	r->line = r->end_line = sr->line.number;
	r->count = 1;
	r->cpu = -1;
	r->rcu.scheduler_active = r->rcu.debug_locks = -1;
	r->has_banner = banner;
	*ret = r;
	return 0;
}

/* Lines between a message and the list of held locks that it prints. */
#define BESIDE_MAX_LINES 16

/* What a list of held locks was printed with: the last note, if it is near. */
static void see_beside(const struct source *src, struct report *r)
{
	const struct source_note *n = src->n_notes ? &src->notes[src->n_notes - 1] : NULL;

	if (!n || n->loss || n->line + BESIDE_MAX_LINES < r->line)
		return;
	r->beside.kind = n->kind;
	r->beside.text = n->text;
	r->beside.line = n->line;
}

/* Begin a report with the present line. */
static int begin(struct splat_reader *sr, enum kind kind, const struct banner *banner)
{
	struct report *r;
	int err = report_new(sr, kind, banner != NULL, &r);

	if (!err)
		err = parser_init(&sr->parser, r, sr->line.caller);
	if (err)
		return err;
	sr->open = r;
	if (kind == KIND_OTHER)
		see_beside(sr->src, r);
	if (banner) {
		struct banner kept;

		if (sr->line.text.len && arena_str(r->mem, sr->line.text, &sr->line.text) < 0)
			return -ENOMEM;
		if (banner_parse(sr->line.text, &kept) == 0)
			claim_banner(r, &kept);
	} else {
		int n = parser_feed(&sr->parser, &sr->line);

		err = n < 0 ? n : err;
		if (sr->at_head && sr->head_line && kind == KIND_CIRCULAR)
			r->line = sr->head_line;
	}
	return err;
}

/* The present line tells something about lockdep, whether or not it is inside a report. */
static int look_aside(struct splat_reader *sr)
{
	const struct neighbour *n = neighbour_find(sr->line.text);
	int err;

	if (!n)
		return 0;
	err = n->turns_off ? lockdep_off(sr->src, sr->line.number) : 0;
	if (err || !n->kind)
		return err;
	return add_note(sr->src, sr->line.number, n->kind, n->text, false);
}

/* Whether the present line begins something; no report is open. */
static int look(struct splat_reader *sr)
{
	struct token t;
	struct line *line = &sr->line;
	bool stack_line;

	token_parse(line->text, FRAME_ANYWHERE, &t);
	switch (t.type) {
	case TOKEN_BANNER:
		return begin(sr, t.banner.kind, &t.banner);
	case TOKEN_CHAIN:
		return begin(sr, KIND_CIRCULAR, NULL);
	case TOKEN_SENTENCE:
		if (t.said.sentence == SAYS_TRYING && str_ends(t.text, STR("acquire lock:")))
			return begin(sr, KIND_CIRCULAR, NULL);
		break;
	case TOKEN_LIST:
		if (t.number)
			return begin(sr, KIND_OTHER, NULL);
		break;
	case TOKEN_BOOT:
		return add_boot(sr->src, line->number, t.text);
	case TOKEN_LOCKDEP_OFF:
	case TOKEN_TROUBLE:
		return look_aside(sr);
	default:
		break;
	}
	stack_line = t.type == TOKEN_FRAME;
	if (stack_line && !sr->head_line)
		sr->head_line = line->number;
	sr->at_head &= stack_line || t.type == TOKEN_BLANK;
	return 0;
}

/* The open report is over. @return 1 with *ret set, 0 when it was none, or -errno. */
static int finish(struct splat_reader *sr, bool at_end, struct report **ret)
{
	struct report *r = sr->open;
	struct boot *boot = &sr->src->boots[r->boot];
	int err = parser_finish(&sr->parser, at_end);

	sr->open = NULL;
	sr->at_head = false;
	if (err == -ENOENT)
		err = add_note(sr->src, r->line, "chain-fragment",
			       "a piece of a dependency chain; too little of its report is left",
			       true);
	else if (!err)
		goto out;
	report_free(r);
	return err;
out:
	r->after_off = boot->lockdep_off && boot->lockdep_off < r->line;
	if (kind_row(r->kind)->turns_off && !boot->lockdep_off)
		boot->lockdep_off = r->line;
	if (!boot->kernel && r->kernel.known) {
		boot->kernel = strndup(r->kernel.release.p, r->kernel.release.len);
		if (!boot->kernel) {
			report_free(r);
			return -ENOMEM;
		}
	}
	*ret = r;
	return 1;
}

static int end_of_input(struct splat_reader *sr, struct report **ret)
{
	struct boot *ignored;
	int n = sr->open ? finish(sr, true, ret) : 0;

	sr->src->bytes = line_bytes(sr->lines);
	sr->src->lines = line_count(sr->lines);
	if (!n && sr->src->lines)
		n = current_boot(sr->src, &ignored);
	return n;
}

int splat_next(struct splat_reader *sr, struct report **ret)
{
	for (;;) {
		int n;

		if (!sr->again) {
			n = sr->error ? sr->error :
					line_next(sr->lines,
						  sr->open || sr->at_head ? LINE_ALL : LINE_HINTS,
						  &sr->line);
			sr->error = n < 0 ? n : 0;
			if (n <= 0) {
				n = end_of_input(sr, ret);
				return n ? n : sr->error;
			}
		}
		sr->again = false;
		if (!sr->open) {
			n = look(sr);
			if (n < 0)
				return n;
			continue;
		}
		n = parser_feed(&sr->parser, &sr->line);
		if (n < 0)
			return n;
		if (n == FEED_END) {
			sr->again = true;
			n = finish(sr, false, ret);
			if (n)
				return n;
		} else if (n == FEED_FOREIGN) {
			n = look_aside(sr);
			if (n < 0)
				return n;
		}
	}
}
