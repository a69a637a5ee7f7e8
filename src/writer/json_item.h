/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_JSON_ITEM_H
#define UNSPLAT_WRITER_JSON_ITEM_H

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/report.h"
#include "unsplat/utf8.h"

/*
 * How the JSON writers build and print. cJSON's traps: an item belongs to its parent only if the
 * Add succeeded, strings must be valid UTF-8 and end at the first NUL, numbers are doubles, and
 * of the control characters it escapes only C0.
 */

#define SCHEMA 1

/* One report or source under construction: the first failure sticks. */
struct builder {
	bool failed;
};

static inline cJSON *made(struct builder *b, cJSON *item)
{
	b->failed |= !item;
	return item;
}

static inline void put(struct builder *b, cJSON *object, const char *key, cJSON *item)
{
	if (item && object && cJSON_AddItemToObjectCS(object, key, item))
		return;
	cJSON_Delete(item);
	b->failed = true;
}

static inline void append(struct builder *b, cJSON *array, cJSON *item)
{
	if (item && array && cJSON_AddItemToArray(array, item))
		return;
	cJSON_Delete(item);
	b->failed = true;
}

/* U+FFFD for what is no UTF-8, and for NUL, which cJSON cannot hold. */
static inline cJSON *text(struct builder *b, struct str s)
{
	char *copy = malloc(s.len * 3 + 1);
	size_t n = 0;
	cJSON *item;

	if (!copy)
		return made(b, NULL);
	while (s.len) {
		uint32_t c = 0;
		size_t len = utf8_next(s, &c);

		if (!len || !c) {
			memcpy(copy + n, "\xef\xbf\xbd", 3);
			n += 3;
		} else {
			memcpy(copy + n, s.p, len);
			n += len;
		}
		s = str_from(s, len ? len : 1);
	}
	copy[n] = '\0';
	item = cJSON_CreateString(copy);
	free(copy);
	return made(b, item);
}

static inline cJSON *null(struct builder *b)
{
	return made(b, cJSON_CreateNull());
}

static inline cJSON *text_or_null(struct builder *b, struct str s)
{
	return s.len ? text(b, s) : null(b);
}

static inline cJSON *number(struct builder *b, double n)
{
	return made(b, cJSON_CreateNumber(n));
}

static inline cJSON *truth(struct builder *b, bool value)
{
	return made(b, cJSON_CreateBool(value));
}

static inline cJSON *object(struct builder *b)
{
	return made(b, cJSON_CreateObject());
}

static inline cJSON *array(struct builder *b)
{
	return made(b, cJSON_CreateArray());
}

/* DEL and C1 (two bytes in UTF-8) can only stand inside strings of what cJSON printed. */
static inline void print_escaped(FILE *out, const char *p)
{
	for (;;) {
		size_t n = strcspn(p, "\x7f\xc2");

		fwrite(p, 1, n, out);
		p += n;
		if (*p == '\x7f') {
			fputs("\\u007f", out);
			p++;
		} else if (*p && (unsigned char)p[1] >= 0x80 && (unsigned char)p[1] < 0xa0) {
			fprintf(out, "\\u%04x", (unsigned char)p[1]);
			p += 2;
		} else if (*p) {
			fputc(*p++, out);
		} else {
			return;
		}
	}
}

/* Print @p item, which is freed, on one line. @return 0 or -ENOMEM */
static inline int print_item(struct builder *b, cJSON *item, FILE *out)
{
	char *printed = b->failed ? NULL : cJSON_PrintUnformatted(item);

	cJSON_Delete(item);
	if (!printed)
		return -ENOMEM;
	print_escaped(out, printed);
	cJSON_free(printed);
	return 0;
}

/* Pieces that several documents have; in json.c. */
cJSON *frames_json(struct builder *b, const stack *s);
cJSON *source_json(struct builder *b, const struct source *src);

#endif
