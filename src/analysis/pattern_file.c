/* SPDX-License-Identifier: MIT */
#include "unsplat/patterns.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "pattern_keys.h"
#include "regex.h"
#include "unsplat/utf8.h"

struct pattern_file {
	struct arena *mem;
	VEC(struct pattern_row) rows;
};

static const char *const remedies[] = {
	"preallocate",	      "move-allocation-out",
	"drop-lock-around",   "reorder-acquisition",
	"defer-to-workqueue", "async-cancel",
	"use-trylock",	      "gfp-scope",
	"copy-outside-lock",  "finer-lock",
	"remove-lock",	      "irq-disable",
	"annotate",	      "other",
};

struct parser {
	struct pattern_file *file;
	struct str json, rest; /* rest: what is unread */
	struct pattern_error *why;
};

static int fail(struct parser *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static int fail(struct parser *p, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(p->why->text, sizeof(p->why->text), fmt, args);
	va_end(args);
	return -EINVAL;
}

/* Pass over white space; the line of what follows is the one of an error. */
static void skip_blanks(struct parser *p)
{
	while (p->rest.len && strchr(" \t\r\n", *p->rest.p) && *p->rest.p) {
		p->why->line += *p->rest.p == '\n';
		p->rest = str_from(p->rest, 1);
	}
}

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(word, words[i]))
			return true;
	return false;
}

/* "{F} takes {T}": only words that the advice can fill in. */
static bool has_good_words(const char *s)
{
	for (; (s = strchr(s, '{')); s++)
		if (!s[1] || !strchr(PATTERN_WORDS, s[1]) || s[2] != '}')
			return false;
	return true;
}

static bool is_name(const char *s)
{
	return *s && strspn(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(s);
}

static int check_text(struct parser *p, const struct pattern_key *key, const char *s)
{
	char text[128];
	size_t at;

	if (strlen(s) > PATTERN_TEXT_BYTES)
		return fail(p, "\"%s\" is longer than %d bytes", key->name, PATTERN_TEXT_BYTES);
	switch (key->type) {
	case KEY_NAME:
		if (!is_name(s))
			return fail(p, "\"%s\" is not of small letters, digits and '-'", key->name);
		break;
	case KEY_REMEDY:
		if (!is_one_of(s, remedies, ARRAY_SIZE(remedies)))
			return fail(p, "remedy '%.40s' is none; see unsplat-patterns(5)", s);
		break;
	case KEY_REGEX:
		if (regex_error(s, &at, text, sizeof(text)))
			return fail(p, "\"%s\", byte %zu: %s", key->name, at, text);
		break;
	case KEY_SENTENCE:
		if (!*s || !has_good_words(s))
			return fail(
				p,
				"\"%s\" is empty, or has a '{' that is none of {F} {T} {H} {L} {G}",
				key->name);
		break;
	default:
		break;
	}
	return 0;
}

static int set_value(struct parser *p, struct pattern_row *row, const struct pattern_key *key,
		     const cJSON *item)
{
	void *field = (char *)row + key->offset;
	struct str copy;
	int err;

	if (key->type == KEY_BOOL) {
		if (!cJSON_IsBool(item))
			return fail(p, "\"%s\" is neither true nor false", key->name);
		*(bool *)field = cJSON_IsTrue(item);
		return 0;
	}
	if (!cJSON_IsString(item))
		return fail(p, "\"%s\" is no string", key->name);
	if (key->type == KEY_RECURSION) {
		for (size_t i = 1; i < ARRAY_SIZE(recursion_words); i++) {
			if (strcmp(item->valuestring, recursion_words[i]) != 0)
				continue;
			*(enum recursion *)field = (enum recursion)i;
			return 0;
		}
		return fail(p, "\"%s\" is none of same-lock, other-lock, unknown", key->name);
	}
	err = check_text(p, key, item->valuestring);
	if (!err)
		err = arena_str(p->file->mem, str_of(item->valuestring), &copy);
	if (!err)
		*(const char **)field = copy.p;
	return err;
}

static bool is_taken(const struct pattern_file *file, const char *name)
{
	const struct pattern_row *row;

	for (size_t i = 0; (row = patterns_row(i)); i++)
		if (!strcmp(row->name, name))
			return true;
	for (size_t i = 0; i < file->rows.n; i++)
		if (!strcmp(file->rows.p[i].name, name))
			return true;
	return false;
}

/* What must be there, and what would make a row that hides all others or none. */
static int check_row(struct parser *p, const struct pattern_row *row)
{
	if (!row->name || !row->remedy || !row->what || !row->todo)
		return fail(p, "a row needs \"name\", \"remedy\", \"what\" and \"todo\"");
	if (is_taken(p->file, row->name))
		return fail(p, "there is a pattern '%.60s' already", row->name);
	if (!row->from && !row->to && !row->call && !row->within && !row->recursion)
		return fail(p,
			    "'%.60s' would match everything: give \"from\", \"to\", \"call\", "
			    "\"within\" or \"recursion\"",
			    row->name);
	return 0;
}

static int add_row(struct parser *p, const cJSON *object)
{
	struct pattern_row row = { 0 }, *kept;
	uint32_t seen = 0;
	const cJSON *item;
	int err = 0;

	if (!cJSON_IsObject(object))
		return fail(p, "a row is an object, {...}");
	cJSON_ArrayForEach(item, object)
	{
		size_t i = 0;

		while (i < ARRAY_SIZE(pattern_keys) &&
		       strcmp(item->string, pattern_keys[i].name) != 0)
			i++;
		if (i == ARRAY_SIZE(pattern_keys))
			return fail(p, "unknown key \"%.40s\"; see unsplat-patterns(5)",
				    item->string);
		if (seen & UINT32_C(1) << i)
			return fail(p, "\"%s\" stands twice", pattern_keys[i].name);
		seen |= UINT32_C(1) << i;
		err = set_value(p, &row, &pattern_keys[i], item);
		if (err)
			return err;
	}
	err = check_row(p, &row);
	if (err)
		return err;
	if (p->file->rows.n == PATTERN_FILE_ROWS)
		return fail(p, "more than %d rows", PATTERN_FILE_ROWS);
	kept = vec_push(p->file->mem, &p->file->rows);
	if (!kept)
		return -ENOMEM;
	*kept = row;
	return 0;
}

static size_t count_lines(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

/* One row; cJSON does not tell where in a file an item stands, so each is parsed by itself. */
static int parse_row(struct parser *p)
{
	const char *end = p->rest.p;
	cJSON *item = cJSON_ParseWithLengthOpts(p->rest.p, p->rest.len, &end, false);
	struct str row = str_head(p->rest, (size_t)(end - p->rest.p));
	int err;

	if (!item) {
		p->why->line += count_lines(row);
		return fail(p, "this is no JSON");
	}
	err = add_row(p, item);
	cJSON_Delete(item);
	p->rest = str_from(p->rest, row.len);
	if (!err)
		p->why->line += count_lines(row);
	return err;
}

static bool skip_sign(struct parser *p, char sign)
{
	skip_blanks(p);
	if (!p->rest.len || *p->rest.p != sign)
		return false;
	p->rest = str_from(p->rest, 1);
	skip_blanks(p);
	return true;
}

static int parse_rows(struct parser *p)
{
	int err;

	if (!skip_sign(p, '['))
		return fail(p, "a pattern file is an array of rows, [{...}, ...]");
	if (!skip_sign(p, ']')) {
		do {
			err = parse_row(p);
			if (err)
				return err;
		} while (skip_sign(p, ','));
		if (!skip_sign(p, ']'))
			return fail(p, "',' or ']' is missing");
	}
	return p->rest.len ? fail(p, "there is more behind the array") : 0;
}

/*
 * cJSON takes more than JSON: control characters, a byte order mark; and it ends a string at
 * "\\u0000", so that nobody sees what is behind that.
 */
static int check_bytes(struct parser *p)
{
	bool in_string = false, escaped = false;

	if (p->json.len > PATTERN_FILE_BYTES)
		return fail(p, "the file is longer than %d bytes", PATTERN_FILE_BYTES);
	for (struct str s = p->json; s.len;) {
		uint32_t c = 0;
		size_t n = utf8_next(s, &c);
		bool blank = c == '\n' || c == '\r' || c == '\t';

		if (!n || !c)
			return fail(p, "there is a byte that is no UTF-8, or NUL");
		if ((c < ' ' && (in_string || !blank)) || (c >= 0x7f && !in_string))
			return fail(p, "this is no JSON: %s",
				    in_string ? "a control character in a string" :
						"an odd character between strings");
		if (escaped && str_starts(s, STR("u0000")))
			return fail(p, "\\u0000 cannot be in a string");
		in_string ^= c == '"' && !escaped;
		escaped = c == '\\' && in_string && !escaped;
		p->why->line += c == '\n';
		s = str_from(s, n);
	}
	p->why->line = 1;
	return 0;
}

int pattern_file_parse(struct str json, struct pattern_file **file, struct pattern_error *why)
{
	struct parser p = { .json = json, .rest = json, .why = why };
	int err;

	*why = (struct pattern_error){ .line = 1 };
	if (!*file) {
		*file = calloc(1, sizeof(**file));
		if (!*file)
			return -ENOMEM;
		(*file)->mem = arena_new();
		if (!(*file)->mem)
			return -ENOMEM;
	}
	p.file = *file;
	err = check_bytes(&p);
	return err ? err : parse_rows(&p);
}

void pattern_file_free(struct pattern_file *file)
{
	if (file)
		arena_free(file->mem);
	free(file);
}

size_t pattern_file_rows(const struct pattern_file *file)
{
	return file ? file->rows.n : 0;
}

const struct pattern_row *pattern_file_row(const struct pattern_file *file, size_t i)
{
	return i < pattern_file_rows(file) ? &file->rows.p[i] : NULL;
}
