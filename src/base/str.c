/* SPDX-License-Identifier: MIT */
#include "unsplat/str.h"

#include <errno.h>
#include <string.h>

struct str str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

bool str_starts(struct str s, struct str prefix)
{
	return str_eq(str_head(s, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *hit;

	if (!needle.len)
		return 0;
	if (!s.len)
		return -1;
	hit = memmem(s.p, s.len, needle.p, needle.len);
	return hit ? hit - s.p : -1;
}

ptrdiff_t str_rfind(struct str s, struct str needle)
{
	if (needle.len > s.len)
		return -1;
	for (size_t i = s.len - needle.len + 1; i-- > 0;)
		if (str_starts(str_from(s, i), needle))
			return (ptrdiff_t)i;
	return -1;
}

ptrdiff_t str_chr(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;

	return hit ? hit - s.p : -1;
}

struct str str_from(struct str s, size_t from)
{
	if (from >= s.len)
		return (struct str){ NULL, 0 };
	return (struct str){ s.p + from, s.len - from };
}

struct str str_head(struct str s, size_t n)
{
	if (n < s.len)
		s.len = n;
	return s;
}

struct str str_ltrim(struct str s)
{
	while (s.len && is_blank(*s.p)) {
		s.p++;
		s.len--;
	}
	return s;
}

struct str str_trim(struct str s)
{
	s = str_ltrim(s);
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

bool str_skip(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_from(*s, prefix.len);
	return true;
}

int str_skip_uint(struct str *s, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < s->len && is_digit(s->p[i]); i++) {
		uint64_t digit = (uint64_t)(s->p[i] - '0');

		if (value > (INT64_MAX - digit) / 10)
			return -EOVERFLOW;
		value = value * 10 + digit;
	}
	if (!i)
		return -ENOENT;
	*s = str_from(*s, i);
	*ret = value;
	return 0;
}

static unsigned int hex_digit(char c)
{
	return is_digit(c) ? (unsigned int)(c - '0') : (unsigned int)((c | 0x20) - 'a' + 10);
}

int str_skip_hex(struct str *s, uint64_t *ret)
{
	uint64_t value = 0;
	size_t i;

	for (i = 0; i < s->len && is_hex(s->p[i]); i++) {
		if (i == 16)
			return -EOVERFLOW;
		value = value << 4 | hex_digit(s->p[i]);
	}
	if (!i)
		return -ENOENT;
	*s = str_from(*s, i);
	*ret = value;
	return 0;
}
