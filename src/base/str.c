/* SPDX-License-Identifier: MIT */
#include "unsplat/str.h"

#include <errno.h>
#include <string.h>

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int d = n ? memcmp(a.p, b.p, n) : 0;

	return d ? d : (a.len > b.len) - (a.len < b.len);
}

ptrdiff_t str_find(struct str s, struct str needle)
{
	const char *p = s.p, *last;
	char end;

	if (!needle.len)
		return 0;
	if (needle.len > s.len)
		return -1;
	last = s.p + (s.len - needle.len);
	end = needle.p[needle.len - 1]; /* most of what begins like it ends otherwise */
	/* Lines are short, and so is what is looked for: memmem() would set up more than it saves. */
	while (p <= last && (p = memchr(p, *needle.p, (size_t)(last + 1 - p)))) {
		if (p[needle.len - 1] == end && !memcmp(p, needle.p, needle.len))
			return p - s.p;
		p++;
	}
	return -1;
}

ptrdiff_t str_rfind(struct str s, struct str needle)
{
	if (needle.len > s.len)
		return -1;
	if (needle.len == 1) {
		const char *hit = memrchr(s.p, *needle.p, s.len);

		return hit ? hit - s.p : -1;
	}
	for (size_t i = s.len - needle.len + 1; i-- > 0;)
		if (str_starts(str_from(s, i), needle))
			return (ptrdiff_t)i;
	return -1;
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
