/* SPDX-License-Identifier: MIT */
#include "utf16.h"

#include <string.h>

bool utf16_begins(const char *p, size_t n, struct utf16 *u)
{
	if (n < 2 || (memcmp(p, "\xff\xfe", 2) != 0 && memcmp(p, "\xfe\xff", 2) != 0))
		return false;
	*u = (struct utf16){ .big = p[0] == '\xfe' };
	return true;
}

static size_t put(char *out, unsigned int c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	if (c < 0x10000) {
		out[0] = (char)(0xe0 | c >> 12);
		out[1] = (char)(0x80 | (c >> 6 & 0x3f));
		out[2] = (char)(0x80 | (c & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | c >> 18);
	out[1] = (char)(0x80 | (c >> 12 & 0x3f));
	out[2] = (char)(0x80 | (c >> 6 & 0x3f));
	out[3] = (char)(0x80 | (c & 0x3f));
	return 4;
}

/* A surrogate without its other half becomes U+FFFD. */
static size_t put_unit(struct utf16 *u, unsigned int unit, char *out)
{
	unsigned int high = u->high;
	size_t n = 0;

	u->high = 0;
	if (high && unit >= 0xdc00 && unit < 0xe000)
		return put(out, 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00));
	if (high)
		n = put(out, 0xfffd);
	if (unit >= 0xd800 && unit < 0xdc00) {
		u->high = unit;
		return n;
	}
	return n + put(out + n, unit >= 0xdc00 && unit < 0xe000 ? 0xfffd : unit);
}

size_t utf16_decode(struct utf16 *u, const char *in, size_t n, char *out)
{
	size_t len = 0;

	for (size_t i = 0; i < n; i++) {
		unsigned int a, b = (unsigned char)in[i];

		if (!u->has_half) {
			u->half = (unsigned char)b;
			u->has_half = true;
			continue;
		}
		a = u->half;
		u->has_half = false;
		len += put_unit(u, u->big ? a << 8 | b : b << 8 | a, out + len);
	}
	return len;
}
