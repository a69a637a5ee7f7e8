/* SPDX-License-Identifier: MIT */
#include "join.h"

#include <string.h>

#include "kinds.h"
#include "sentence.h"
#include "token.h"
#include "unsplat/splat.h"

/* Foreign lines that may stand between two pieces of one line. */
#define PASSED_MAX 8

/* What is still to come of a line. */
enum want {
	WANT_NOTHING, /* it is whole, or it is no line of lockdep's */
	WANT_LINE,    /* with the rest, it must be a line that lockdep prints */
	WANT_REST,    /* any one unprefixed line that means nothing else */
};

/* "[<ffffffff81055862>]", "[<ffff" */
static bool is_open_address(struct str s)
{
	uint64_t ignored;

	if (!str_skip(&s, STR("[<")))
		return false;
	(void)str_skip_hex(&s, &ignored);
	return !s.len || str_eq(s, STR(">")) || str_eq(s, STR(">]"));
}

/* What stands behind "(name){usage}": ", at: [<address>] symbol". */
static enum want want_place(struct str s, bool indexed)
{
	s = str_trim(s);
	if (!s.len)
		return indexed ? WANT_LINE : WANT_NOTHING;
	if (str_eq(s, STR(",")) || str_eq(s, STR(", at")))
		return WANT_LINE;
	if (!str_skip(&s, STR(", at:")) && !str_skip(&s, STR(",at:")))
		return indexed && *s.p == '-' ? WANT_LINE : WANT_NOTHING; /* "-{3:" */
	s = str_ltrim(s);
	if (!s.len || is_open_address(s) || str_ends(s, STR("+")) || str_ends(s, STR("+0x")) ||
	    str_ends(s, STR("/")) || str_ends(s, STR("/0x")))
		return WANT_LINE;
	return WANT_NOTHING;
}

static bool is_all_hex(struct str s)
{
	uint64_t ignored;

	return str_skip_hex(&s, &ignored) == 0 && !s.len;
}

/* A line of a lock that begins here, "(name){usage}..." or with its address before it. */
static enum want want_lock(struct str s, bool indexed, bool in_report)
{
	struct lock l = { 0 };
	struct str rest;
	bool addressed = lock_address_parse(&s, &l.address) == 0;

	if (!s.len || (indexed && s.len >= 8 && is_all_hex(s)))
		return indexed ? WANT_LINE : WANT_NOTHING;
	if (*s.p != '(')
		return WANT_NOTHING;
	if (lock_parse(s, &l, &rest) < 0)
		return indexed || addressed || in_report ? WANT_LINE : WANT_NOTHING;
	return want_place(rest, indexed || addressed);
}

/* "-> #3 (name){usage}:", "-> (name){usage} {" of a report about interrupts */
static enum want want_chain(struct str s)
{
	struct lock l;
	struct str rest;
	uint64_t n;

	s = str_ltrim(s);
	if (!s.len)
		return WANT_LINE;
	if (*s.p != '(' && (!str_skip(&s, STR("#")) || str_skip_uint(&s, &n) < 0))
		return WANT_NOTHING;
	s = str_ltrim(s);
	return !s.len || (*s.p == '(' && lock_parse(s, &l, &rest) < 0) ? WANT_LINE : WANT_NOTHING;
}

/* "2 locks held by" without the task. */
static bool is_open_list(struct str s)
{
	uint64_t n;

	if (str_skip_uint(&s, &n) < 0)
		return false;
	return (str_skip(&s, STR(" locks held by")) || str_skip(&s, STR(" lock held by"))) &&
	       !str_ends(s, STR(":"));
}

/* "./include/linux/kvm_host.h:536 suspicious ...": the check that failed, as suspicious-rcu names it. */
static bool names_check(struct str s)
{
	ptrdiff_t blank = str_chr(s, ' '), colon;
	struct str where = str_head(s, blank < 0 ? 0 : (size_t)blank), number;
	uint64_t n;

	colon = str_rfind(where, STR(":"));
	number = str_from(where, (size_t)(colon + 1));
	return colon > 2 && str_skip_uint(&number, &n) == 0 && !number.len &&
	       (str_find(where, STR(".c:")) > 0 || str_find(where, STR(".h:")) > 0);
}

/* "? function+0x12/0x34 [module]": most lines of a report, and whole. */
static bool is_whole_frame(struct str s)
{
	uint64_t ignored;
	size_t n = 0;

	(void)str_skip(&s, STR("? "));
	while (n < s.len &&
	       (is_alpha(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '_' || s.p[n] == '.'))
		n++;
	s = str_from(s, n);
	if (!n || !str_skip(&s, STR("+0x")) || str_skip_hex(&s, &ignored) < 0 ||
	    !str_skip(&s, STR("/0x")) || str_skip_hex(&s, &ignored) < 0)
		return false;
	return !s.len || (str_starts(s, STR(" [")) && str_ends(s, STR("]")));
}

static enum want want_more(struct str text, bool in_report)
{
	struct str s = str_trim(text), t = s;
	struct said said;
	uint64_t n;

	if (!s.len || is_whole_frame(s) || sentence_parse(s, &said) == 0)
		return WANT_NOTHING;
	if (banner_begins(s) || sentence_begins(s) || is_open_list(s))
		return WANT_LINE;
	if (str_skip(&t, STR("->")))
		return want_chain(t);
	if (str_skip(&t, STR("#")))
		return str_skip_uint(&t, &n) == 0 && str_skip(&t, STR(":")) && in_report ?
			       want_lock(str_ltrim(t), true, in_report) :
			       WANT_NOTHING;
	if (!in_report)
		return WANT_NOTHING;
	if (is_open_address(s))
		return WANT_LINE;
	if (str_starts(s, STR("hardirqs last")) || str_starts(s, STR("softirqs last")))
		return str_ends(s, STR(":")) ? WANT_LINE : WANT_NOTHING;
	if (str_ends(s, STR("Tainted:")) ||
	    (str_ends(s, STR(" Not")) && str_find(s, STR(" #")) > 0) || str_ends(s, STR(" -->")) ||
	    (str_starts(s, STR("lock(")) && str_chr(s, ';') < 0) ||
	    (names_check(s) && !str_ends(s, STR("!"))))
		return WANT_REST;
	return want_lock(s, false, in_report);
}

bool joiner_waits(const struct joiner *j)
{
	return j->n > 0;
}

/* Whether a line is one by itself: then it is no rest of another. */
static bool stands_alone(struct str text, struct token *t)
{
	token_parse(text, FRAME_ANYWHERE, t);
	switch (t->type) {
	case TOKEN_BLANK:
	case TOKEN_RULE:
	case TOKEN_BANNER:
	case TOKEN_CHAIN:
	case TOKEN_RELEASED:
	case TOKEN_LIST:
	case TOKEN_SENTENCE:
	case TOKEN_TRACE:
	case TOKEN_CPU:
	case TOKEN_BOOT:
		return true;
	case TOKEN_HELD:
		return t->indexed;
	default:
		return str_starts(str_ltrim(text), STR("#")) && want_more(text, true) == WANT_LINE;
	}
}

/*
 * Between the pieces of a name, "(" and "name", a line of somebody else: "usb 3-1: New USB
 * device found". What ends the name, "name){....}", is always a piece.
 */
static bool is_of_others(const struct joiner *j, struct str s)
{
	struct str text = { j->text, j->len };
	size_t blanks = 0;

	if (str_chr(text, '(') < 0 || str_find(text, STR("){")) >= 0 ||
	    str_find(s, STR("){")) >= 0)
		return false;
	for (size_t i = 0; i < s.len; i++)
		blanks += is_blank(s.p[i]);
	return blanks && (str_find(s, STR(": ")) >= 0 || (blanks > 3 && str_chr(s, '(') < 0));
}

static bool is_line_of_lockdep(struct str text)
{
	struct token t;

	token_parse(text, FRAME_IN_STACK, &t);
	switch (t.type) {
	case TOKEN_BANNER:
	case TOKEN_CHAIN:
	case TOKEN_HELD:
	case TOKEN_RELEASED:
	case TOKEN_LIST:
	case TOKEN_SENTENCE:
	case TOKEN_FRAME:
		return true;
	case TOKEN_CLASS: /* the head of a report in pieces: "(", "name", "){....}"; "-> (", "name){...} {" */
		return t.opens || *str_ltrim(text).p == '(';
	default:
		return false;
	}
}

/* Between which characters a wrapped line lost no blank. */
static bool joins_closely(struct str before, struct str after)
{
	char last = before.p[before.len - 1], first = *after.p;

	return strchr("(-+/", last) || strchr("),/#>{", first) || str_ends(before, STR("->")) ||
	       str_ends(before, STR("0x"));
}

static bool append(struct joiner *j, struct str s, bool blank)
{
	if (j->len + blank + s.len > JOIN_BYTES)
		return false;
	if (blank)
		j->text[j->len++] = ' ';
	memcpy(j->text + j->len, s.p, s.len);
	j->len += s.len;
	return true;
}

static bool keep(struct joiner *j, const struct line *line)
{
	struct line *kept = &j->piece[j->n];
	size_t len = line->text.len;

	if (j->n == JOIN_PIECES || len > JOIN_BYTES - j->raw_len)
		return false;
	*kept = *line;
	memcpy(j->raw + j->raw_len, line->text.p, len);
	kept->text = (struct str){ j->raw + j->raw_len, len };
	j->raw_len += len;
	if (line->caller.len < sizeof(j->caller) && line->caller.len) {
		memcpy(j->caller, line->caller.p, line->caller.len);
		kept->caller = (struct str){ j->caller, line->caller.len };
	} else {
		kept->caller = (struct str){ NULL, 0 };
	}
	j->n++;
	j->passed = 0;
	return true;
}

static enum join_result begin(struct joiner *j, const struct line *line, bool in_report)
{
	struct str s = str_trim(line->text);

	if (want_more(s, in_report) == WANT_NOTHING)
		return JOIN_PASS;
	j->len = j->raw_len = j->given = 0;
	if (!keep(j, line) || !append(j, s, false)) {
		j->n = 0;
		return JOIN_PASS;
	}
	return JOIN_KEPT;
}

/* "&user-" / "> >lock)": what looks like one more quote mark is the rest of "->". */
static struct str rest_text(const struct joiner *j, const struct line *line)
{
	struct str s = str_trim(line->text);

	if ((line->flags & LINE_GLUED) && line->quote == j->piece[0].quote + 1 && line->text.len &&
	    line->text.p[-1] == '>' && j->len && j->text[j->len - 1] == '-')
		return (struct str){ line->text.p - 1, s.len + 1 };
	return s;
}

static enum join_result whole(struct joiner *j, struct line *ret)
{
	*ret = j->piece[0];
	ret->text = (struct str){ j->text, j->len };
	ret->flags |= LINE_JOINED;
	j->n = 0;
	return JOIN_WHOLE;
}

static enum join_result apart(struct joiner *j)
{
	j->given = 0;
	return JOIN_APART;
}

enum join_result joiner_feed(struct joiner *j, const struct line *line, bool in_report,
			     struct line *ret)
{
	bool prefixed = line->flags & LINE_PREFIXED, first_prefixed;
	enum want want;
	struct token t;
	struct str s;
	size_t before;

	if (!j->n)
		return begin(j, line, in_report);
	first_prefixed = j->piece[0].flags & LINE_PREFIXED;
	want = want_more((struct str){ j->text, j->len }, true);
	s = rest_text(j, line);
	if (!s.len || stands_alone(s, &t))
		return apart(j);
	if (want == WANT_REST && (prefixed || t.type != TOKEN_UNKNOWN))
		return apart(j);
	before = j->len;
	if (want == WANT_LINE && is_of_others(j, s))
		return j->passed++ < PASSED_MAX ? JOIN_PASS : apart(j);
	if ((prefixed && !first_prefixed) ||
	    !append(j, s, !joins_closely((struct str){ j->text, j->len }, s)))
		return apart(j);
	if (want == WANT_REST && keep(j, line))
		return whole(j, ret);
	want = want_more((struct str){ j->text, j->len }, true);
	if (want == WANT_NOTHING && is_line_of_lockdep((struct str){ j->text, j->len }))
		return whole(j, ret);
	if (want == WANT_LINE && keep(j, line))
		return JOIN_KEPT;
	j->len = before;
	/* Others' lines between the pieces: they have another prefix, or none. */
	if (j->passed++ < PASSED_MAX && (prefixed != first_prefixed || first_prefixed))
		return JOIN_PASS;
	return apart(j);
}

bool joiner_piece(struct joiner *j, struct line *ret)
{
	if (j->given == j->n) {
		j->n = j->given = 0;
		return false;
	}
	*ret = j->piece[j->given++];
	return true;
}
