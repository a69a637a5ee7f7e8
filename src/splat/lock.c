/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <errno.h>

/* Usage strings have 4 or 6 characters; renderers of web pages eat some of them. */
#define USAGE_MAX 6

static bool is_usage_char(char c)
{
	return c == '.' || c == '+' || c == '-' || c == '?';
}

/* "{USAGE}[-{O:I}]" at the start of @p s. @return 0 or -ENOENT. */
static int usage_parse(struct str s, struct str *usage, struct str *wait, struct str *rest)
{
	size_t n = 1;
	struct str tail;

	if (!s.len || *s.p != '{')
		return -ENOENT;
	while (n < s.len && is_usage_char(s.p[n]))
		n++;
	if (n == 1 || n > 1 + USAGE_MAX || n == s.len || s.p[n] != '}')
		return -ENOENT;
	*usage = (struct str){ s.p + 1, n - 1 };
	tail = str_from(s, n + 1);
	*wait = (struct str){ NULL, 0 };
	if (tail.len >= 6 && tail.p[0] == '-' && tail.p[1] == '{' && is_digit(tail.p[2]) &&
	    tail.p[3] == ':' && is_digit(tail.p[4]) && tail.p[5] == '}') {
		*wait = (struct str){ tail.p + 2, 3 };
		tail = str_from(tail, 6);
	}
	*rest = tail;
	return 0;
}

int lock_parse(struct str text, struct lock *ret, struct str *rest)
{
	if (!text.len || *text.p != '(')
		return -ENOENT;
	for (size_t i = text.len; i-- > 1;) {
		struct str usage, wait, tail;

		if (text.p[i] != '{' || text.p[i - 1] != ')')
			continue;
		if (usage_parse(str_from(text, i), &usage, &wait, &tail) < 0)
			continue;
		ret->name = (struct str){ text.p + 1, i - 2 };
		ret->usage = usage;
		ret->wait = wait;
		if (rest)
			*rest = tail;
		return 0;
	}
	return -ENOENT;
}

/* "[<ADDR>] ", "[<ADDR>]" and the pointers of 4.17 and later. */
static struct str skip_code_address(struct str s)
{
	struct str t = s;
	uint64_t ignored;

	if (!str_skip(&t, STR("[<")) || str_skip_hex(&t, &ignored) < 0 || !str_skip(&t, STR(">]")))
		return s;
	return str_ltrim(t);
}

int lock_address_parse(struct str *s, struct str *ret)
{
	struct str t = *s;
	uint64_t ignored;

	if (!str_skip(&t, STR("(____ptrval____) ")) && !str_skip(&t, STR("(ptrval) "))) {
		if (str_skip_hex(&t, &ignored) < 0 || s->len - t.len < 8)
			return -ENOENT;
		if (!t.len || *t.p != ' ')
			return -ENOENT;
	}
	*ret = str_trim(str_head(*s, s->len - t.len));
	*s = str_ltrim(t);
	return 0;
}

int at_parse(struct str text, struct lock *ret)
{
	struct str s = str_trim(text);

	(void)str_skip(&s, STR(","));
	s = str_ltrim(s);
	if (!str_skip(&s, STR("at:")))
		return -ENOENT;
	ret->at = str_trim(skip_code_address(str_trim(s)));
	ret->at_frame = (struct frame){ .reliable = true };
	if (ret->at.len)
		(void)frame_parse(ret->at, FRAME_IN_STACK, &ret->at_frame);
	return 0;
}

int lock_at_parse(struct str text, struct lock *ret)
{
	struct lock lock = { 0 };
	struct str rest;

	(void)lock_address_parse(&text, &lock.address);
	if (lock_parse(text, &lock, &rest) < 0)
		return -ENOENT;
	rest = str_ltrim(rest);
	if (!str_starts(rest, STR(",")) || at_parse(rest, &lock) < 0)
		return -ENOENT;
	*ret = lock;
	return 0;
}
