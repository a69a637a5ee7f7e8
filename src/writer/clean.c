/* SPDX-License-Identifier: MIT */
#include "clean.h"

#include <errno.h>
#include <stdlib.h>

#include "unsplat/utf8.h"

static size_t print_one(FILE *out, struct str s, bool ascii)
{
	uint32_t c = 0;
	size_t n = utf8_next(s, &c);

	if (!n) {
		fprintf(out, "\\x%02x", (unsigned char)*s.p);
		return 1;
	}
	if (utf8_is_control(c) || (ascii && c >= 0x7f)) {
		if (n == 1)
			fprintf(out, "\\x%02x", c);
		else
			fprintf(out, "\\u{%x}", c);
	} else {
		fwrite(s.p, 1, n, out);
	}
	return n;
}

static bool is_plain(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || (unsigned char)s.p[i] >= 0x7f)
			return false;
	return true;
}

static void print(FILE *out, struct str s, bool ascii)
{
	if (s.len && is_plain(s)) {
		fwrite(s.p, 1, s.len, out);
		return;
	}
	while (s.len)
		s = str_from(s, print_one(out, s, ascii));
}

void clean_print(FILE *out, struct str s)
{
	print(out, s, false);
}

void clean_print_ascii(FILE *out, struct str s)
{
	print(out, s, true);
}

int clean_str(struct arena *mem, struct str s, struct str *ret)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out;
	int err;

	if (is_plain(s))
		return arena_str(mem, s, ret);
	out = open_memstream(&text, &len);
	if (!out)
		return -ENOMEM;
	print(out, s, false);
	if (fclose(out) != 0) {
		free(text);
		return -ENOMEM;
	}
	err = arena_str(mem, (struct str){ text, len }, ret);
	free(text);
	return err;
}

size_t clean_width(struct str s)
{
	size_t columns = 0;

	while (s.len) {
		uint32_t c = 0;
		size_t n = utf8_next(s, &c);

		if (!n)
			columns += 4;
		else if (!utf8_is_control(c))
			columns++;
		else
			columns += n == 1 ? 4 : c > 0xfff ? 8 : c > 0xff ? 7 : 6;
		s = str_from(s, n ? n : 1);
	}
	return columns;
}
