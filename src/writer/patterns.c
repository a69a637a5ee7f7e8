/* SPDX-License-Identifier: MIT */
#include "unsplat/patterns.h"

#include "../analysis/pattern_keys.h"
#include "json_item.h"

static cJSON *row_json(struct builder *b, const struct pattern_row *row)
{
	cJSON *item = object(b);

	for (size_t i = 0; i < ARRAY_SIZE(pattern_keys); i++) {
		const struct pattern_key *key = &pattern_keys[i];
		const void *field = (const char *)row + key->offset;

		switch (key->type) {
		case KEY_BOOL:
			if (*(const bool *)field)
				put(b, item, key->name, truth(b, true));
			break;
		case KEY_RECURSION:
			if (*(const enum recursion *)field)
				put(b, item, key->name,
				    text(b,
					 str_of(recursion_words[*(const enum recursion *)field])));
			break;
		default:
			if (*(const char *const *)field)
				put(b, item, key->name,
				    text(b, str_of(*(const char *const *)field)));
		}
	}
	return item;
}

int patterns_write(FILE *out, const struct pattern_file *file)
{
	const struct pattern_row *row;
	int err = 0;

	for (size_t i = 0; !err && (row = patterns_row_with(file, i)); i++) {
		struct builder b = { 0 };

		fputs(i ? ",\n" : "[\n", out);
		err = print_item(&b, row_json(&b, row), out);
	}
	fputs("\n]\n", out);
	return err;
}
