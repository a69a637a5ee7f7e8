/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "join.h"
#include "kinds.h"
#include "neighbour.h"
#include "parse.h"
#include "source.h"
#include "split.h"
#include "token.h"

/*
 * Where reports begin and end. Lines with different caller ids are of different tasks or
 * processors: each caller is a channel with a report of its own, so that what two processors
 * print at once comes apart again. Without caller ids there is one channel.
 */

#define CHANNELS_MAX 16	    /* callers with an open report at the same time */
#define READY_MAX 64	    /* finished reports that wait for one that began earlier */
#define STALE_LINES 20000   /* without a line of its caller, a report is over */
#define STALE_LINES_END 512 /* and so it is when its stack backtrace has begun */
/* Lines between a message and the list of held locks that it prints. */
#define BESIDE_MAX_LINES 16

struct channel {
	bool used;
	char caller[16];
	size_t caller_len;
	struct joiner join;
	struct parser parser;
	struct report *open; /* the report that is being read, NULL between reports */
	uint64_t last_line;  /* of its caller */
	uint64_t last_time;
	bool has_time;
	bool rebooted; /* a boot began on another channel: is this still the same one? */
};

struct splat_reader {
	struct line_reader *lines;
	struct source *src;
	struct channel *channel[CHANNELS_MAX]; /* made when needed */
	struct channel *current;	       /* that of the last line with a caller */
	bool has_callers;
	struct report *ready[READY_MAX]; /* by line */
	size_t n_ready;
	int error; /* of reading, kept until the open reports are out */
	bool at_end;
	bool at_head;	    /* only lines of a stack so far: maybe the rest of a report */
	uint64_t head_line; /* the first of them */
	bool every_line;    /* the scanner is not to be trusted */
	bool long_line;	    /* one was met, and said */
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

void splat_reader_every_line(struct splat_reader *sr)
{
	sr->every_line = true;
}

void splat_reader_free(struct splat_reader *sr)
{
	if (!sr)
		return;
	for (size_t i = 0; i < CHANNELS_MAX; i++) {
		if (sr->channel[i])
			report_free(sr->channel[i]->open);
		free(sr->channel[i]);
	}
	for (size_t i = 0; i < sr->n_ready; i++)
		report_free(sr->ready[i]);
	free(sr);
}

static int report_new(struct splat_reader *sr, enum kind kind, bool banner, uint64_t line,
		      struct report **ret)
{
	struct arena *mem = arena_new();
	struct report *r = mem ? arena_alloc(mem, sizeof(*r)) : NULL;
	struct boot *boot;
	int err = source_current_boot(sr->src, &boot);

	if (!r || err) {
		arena_free(mem);
		return -ENOMEM;
	}
	r->mem = mem;
	r->kind = kind;
	r->source = sr->src->name;
	r->boot = (unsigned int)(sr->src->n_boots - 1);
	r->line = r->end_line = line;
	r->count = 1;
	r->cpu = -1;
	r->rcu.scheduler_active = r->rcu.debug_locks = -1;
	r->has_banner = banner;
	*ret = r;
	return 0;
}

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

/* Begin a report with this line. */
static int begin(struct splat_reader *sr, struct channel *ch, const struct line *line,
		 enum kind kind, bool banner)
{
	struct report *r;
	int err = report_new(sr, kind, banner, line->number, &r);

	if (err)
		return err;
	parser_init(&ch->parser, r);
	ch->open = r;
	if (kind == KIND_OTHER)
		see_beside(sr->src, r);
	err = parser_feed(&ch->parser, line);
	if (sr->at_head && sr->head_line && kind == KIND_CIRCULAR && !banner)
		r->line = sr->head_line;
	sr->at_head = false;
	return err < 0 ? err : 0;
}

/* The line tells something about lockdep, whether or not it is inside a report. */
static int look_aside(struct splat_reader *sr, const struct line *line)
{
	const struct neighbour *n = neighbour_find(str_ltrim(line->text));
	int err;

	if (!n)
		return 0;
	err = n->turns_off ? source_lockdep_off(sr->src, line->number) : 0;
	if (err || !n->kind)
		return err;
	return source_note(sr->src, line->number, n->kind, n->text, false);
}

/* A boot on one channel: reports of the others may be of the kernel before. */
static int see_boot(struct splat_reader *sr, const struct channel *here, const struct line *line,
		    struct str text)
{
	for (size_t i = 0; i < CHANNELS_MAX; i++)
		if (sr->channel[i] && sr->channel[i] != here)
			sr->channel[i]->rebooted = true;
	return source_boot(sr->src, line->number, text);
}

/* Whether the line begins something; no report is open on its channel. */
static int look(struct splat_reader *sr, struct channel *ch, const struct line *line)
{
	struct token t;
	bool stack_line;

	token_parse(line->text, FRAME_ANYWHERE, &t);
	switch (t.type) {
	case TOKEN_BANNER:
		return begin(sr, ch, line, t.banner.kind, true);
	case TOKEN_CHAIN:
		return begin(sr, ch, line, KIND_CIRCULAR, false);
	case TOKEN_SENTENCE:
		if (t.said.sentence == SAYS_TRYING && str_ends(t.text, STR("acquire lock:")))
			return begin(sr, ch, line, KIND_CIRCULAR, false);
		break;
	case TOKEN_LIST:
		if (t.number)
			return begin(sr, ch, line, KIND_OTHER, false);
		break;
	case TOKEN_BOOT:
		return see_boot(sr, ch, line, t.text);
	case TOKEN_LOCKDEP_OFF:
	case TOKEN_TROUBLE:
		return look_aside(sr, line);
	default:
		break;
	}
	stack_line = t.type == TOKEN_FRAME;
	if (stack_line && !sr->head_line)
		sr->head_line = line->number;
	sr->at_head &= stack_line || t.type == TOKEN_BLANK;
	return 0;
}

/* Reports come out in the order of their first lines. */
static void make_ready(struct splat_reader *sr, struct report *r)
{
	size_t i = sr->n_ready++;

	for (; i && sr->ready[i - 1]->line > r->line; i--)
		sr->ready[i] = sr->ready[i - 1];
	sr->ready[i] = r;
}

/* The open report of a channel is over. @return 0 or -errno. */
static int finish(struct splat_reader *sr, struct channel *ch, bool at_end)
{
	struct report *r = ch->open;
	int err = parser_finish(&ch->parser, at_end);

	ch->open = NULL;
	sr->at_head = false;
	if (!err) {
		make_ready(sr, r);
		return 0;
	}
	if (err == -ENOENT)
		err = source_note(sr->src, r->line, "chain-fragment",
				  "a piece of a dependency chain; too little of its report is left",
				  true);
	report_free(r);
	return err;
}

static struct channel *oldest_open(const struct splat_reader *sr)
{
	struct channel *oldest = NULL;

	for (size_t i = 0; i < CHANNELS_MAX; i++) {
		struct channel *ch = sr->channel[i];

		if (ch && ch->open && (!oldest || ch->open->line < oldest->open->line))
			oldest = ch;
	}
	return oldest;
}

static bool is_busy(const struct channel *ch)
{
	return ch && (ch->open || joiner_waits(&ch->join));
}

static bool any_busy(const struct splat_reader *sr)
{
	for (size_t i = 0; i < CHANNELS_MAX; i++)
		if (is_busy(sr->channel[i]))
			return true;
	return false;
}

/* One whole line on its channel. @return 0 or -errno. */
static int take_line(struct splat_reader *sr, struct channel *ch, const struct line *line)
{
	int n;

	if (ch->rebooted && ch->open) {
		/* The clock goes on: the other channel's boot is of another machine's log. */
		if (!line->has_time || !ch->has_time || line->time < ch->last_time) {
			n = finish(sr, ch, false);
			if (n < 0)
				return n;
		}
	}
	ch->rebooted = false;
	if (line->has_time) {
		ch->last_time = line->time;
		ch->has_time = true;
	}
	if (!ch->open)
		return look(sr, ch, line);
	n = parser_feed(&ch->parser, line);
	if (n == FEED_END) {
		n = finish(sr, ch, false);
		return n < 0 ? n : look(sr, ch, line);
	}
	if (n == FEED_FOREIGN)
		n = look_aside(sr, line);
	return n < 0 ? n : 0;
}

/* Put wrapped lines together, then take them. */
static int feed(struct splat_reader *sr, struct channel *ch, const struct line *line)
{
	struct line whole;
	int err = 0;

	for (;;) {
		switch (joiner_feed(&ch->join, line, ch->open != NULL, &whole)) {
		case JOIN_PASS:
			return take_line(sr, ch, line);
		case JOIN_KEPT:
			return 0;
		case JOIN_WHOLE:
			return take_line(sr, ch, &whole);
		case JOIN_APART:
			while (!err && joiner_piece(&ch->join, &whole))
				err = take_line(sr, ch, &whole);
			if (err)
				return err;
			break;
		}
	}
}

/* Where a tracker made links of numbers, it also made one line of several. */
static int feed_split(struct splat_reader *sr, struct channel *ch, const struct line *line)
{
	struct line part = *line;
	struct str rest = line->text;
	int err;

	do {
		part.text = str_head(rest, split_first(rest));
		rest = str_from(rest, part.text.len);
		err = feed(sr, ch, &part);
		part.flags |= LINE_INNER;
	} while (!err && rest.len);
	return err;
}

/*
 * The first caller id of a log, in the middle of a report: the lines before it had lost theirs,
 * or were pasted from a source without. The report is this caller's.
 */
static struct channel *take_over(const struct splat_reader *sr, struct str caller)
{
	struct channel *ch = sr->has_callers ? NULL : sr->current;

	if (!ch || !ch->open || !caller.len || caller.len > sizeof(ch->caller))
		return NULL;
	memcpy(ch->caller, caller.p, caller.len);
	ch->caller_len = caller.len;
	return ch;
}

/* Find or make the channel of @p caller. @return 0, or -ENOMEM */
static int channel_of(struct splat_reader *sr, struct str caller, struct channel **ret)
{
	struct channel *idle = NULL;

	for (size_t i = 0; i < CHANNELS_MAX; i++) {
		struct channel *ch = sr->channel[i];

		if (ch && ch->used && str_eq((struct str){ ch->caller, ch->caller_len }, caller)) {
			*ret = ch;
			return 0;
		}
		if (ch && !is_busy(ch) && (!idle || ch->last_line < idle->last_line))
			idle = ch;
	}
	for (size_t i = 0; i < CHANNELS_MAX && !idle; i++) {
		if (sr->channel[i])
			continue;
		idle = sr->channel[i] = calloc(1, sizeof(*idle));
		if (!idle)
			return -ENOMEM;
	}
	if (!idle) { /* all have a report open: the oldest makes room */
		int err;

		idle = oldest_open(sr);
		err = finish(sr, idle, false);
		if (err < 0)
			return err;
	}
	idle->used = true;
	idle->caller_len = caller.len < sizeof(idle->caller) ? caller.len : sizeof(idle->caller);
	memcpy(idle->caller, caller.len ? caller.p : "", idle->caller_len);
	idle->join.n = 0;
	idle->has_time = idle->rebooted = false;
	*ret = idle;
	return 0;
}

/* Reports whose caller has not been heard of for long are over. */
static int close_stale(struct splat_reader *sr, uint64_t line)
{
	for (size_t i = 0; sr->has_callers && i < CHANNELS_MAX; i++) {
		struct channel *ch = sr->channel[i];
		int err;

		if (!ch || !ch->open ||
		    line - ch->last_line < (ch->open->backtrace.n ? STALE_LINES_END : STALE_LINES))
			continue;
		err = finish(sr, ch, false);
		if (err < 0)
			return err;
	}
	return 0;
}

#define STRING(x) STRING_(x)
#define STRING_(x) #x
/* Said once for a source: a binary file would have one in each line. */
static const char long_line_text[] = "a line is longer than " STRING(
	LINE_MAX_BYTES) " bytes; "
			"the rest of it, and of others like it, is not looked at";

/* A line of the log goes to the channel of its caller; one without, to that of the line before. */
static int dispatch(struct splat_reader *sr, const struct line *line)
{
	struct channel *ch;
	int err = 0;

	/* Callers of lines before a report do not count: the scanner may have passed over them. */
	if (!any_busy(sr)) {
		sr->current = NULL;
		sr->has_callers = false;
	}
	ch = sr->current;
	if ((line->flags & LINE_CUT) && !sr->long_line) {
		sr->long_line = true;
		err = source_note(sr->src, line->number, "long-line", long_line_text, true);
	}
	if (line->caller.len || !ch)
		ch = take_over(sr, line->caller);
	if (!err && !ch)
		err = channel_of(sr, line->caller, &ch);
	if (err)
		return err;
	sr->has_callers |= line->caller.len > 0;
	sr->current = ch;
	ch->last_line = line->number;
	err = line_transports(sr->lines) & UINT32_C(1) << TRANSPORT_LINKS ?
		      feed_split(sr, ch, line) :
		      feed(sr, ch, line);
	return err ? err : close_stale(sr, line->number);
}

static int end_of_input(struct splat_reader *sr)
{
	struct boot *ignored;
	struct channel *ch;
	struct line line;
	int err = 0;

	sr->at_end = true;
	for (size_t i = 0; i < CHANNELS_MAX; i++)
		while (!err && sr->channel[i] && joiner_piece(&sr->channel[i]->join, &line))
			err = take_line(sr, sr->channel[i], &line);
	while (!err && (ch = oldest_open(sr)))
		err = finish(sr, ch, true);
	sr->src->bytes = line_bytes(sr->lines);
	sr->src->lines = line_count(sr->lines);
	sr->src->transports = line_transports(sr->lines);
	if (!err && sr->src->lines)
		err = source_current_boot(sr->src, &ignored);
	return err;
}

/*
 * "debug_locks = 0" of suspicious-rcu: up to 4.12 it switches lockdep off before it prints this,
 * since then it does not, so somebody else did.
 */
static bool says_off(const struct report *r)
{
	return r->kind == KIND_SUSPICIOUS_RCU && r->rcu.debug_locks == 0;
}

/* The first report that is ready, when none that began before it is still open. */
static int take_ready(struct splat_reader *sr, struct report **ret)
{
	struct channel *oldest = oldest_open(sr);
	struct report *r;
	int err;

	while (oldest && sr->n_ready >= READY_MAX - CHANNELS_MAX &&
	       oldest->open->line < sr->ready[0]->line) {
		err = finish(sr, oldest, false);
		if (err < 0)
			return err;
		oldest = oldest_open(sr);
	}
	if (!sr->n_ready || (oldest && oldest->open->line < sr->ready[0]->line))
		return 0;
	r = sr->ready[0];
	sr->n_ready--;
	memmove(sr->ready, sr->ready + 1, sr->n_ready * sizeof(*sr->ready));
	err = source_see_report(sr->src, r, kind_row(r->kind)->turns_off || says_off(r));
	r->after_off |= says_off(r) && !r->old_banner;
	if (err) {
		report_free(r);
		return err;
	}
	*ret = r;
	return 1;
}

static enum line_mode mode_of(const struct splat_reader *sr)
{
	return sr->every_line || sr->at_head || any_busy(sr) ? LINE_ALL : LINE_HINTS;
}

int splat_next(struct splat_reader *sr, struct report **ret)
{
	for (;;) {
		struct line line;
		int n = take_ready(sr, ret);

		if (n)
			return n;
		if (sr->at_end)
			return sr->error;
		n = line_next(sr->lines, mode_of(sr), &line);
		if (n > 0) {
			n = dispatch(sr, &line);
			if (n < 0)
				return n;
			continue;
		}
		sr->error = n; /* what was read is still given */
		n = end_of_input(sr);
		if (n < 0)
			return n;
	}
}
