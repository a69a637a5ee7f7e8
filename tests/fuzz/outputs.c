/* SPDX-License-Identifier: MIT */
#include "outputs.h"

#include <cjson/cJSON.h>

#include "fuzz.h"
#include "unsplat/utf8.h"

void must_be_clean(struct str text, bool color, bool tabs)
{
	while (text.len) {
		uint32_t c = 0;
		size_t n = utf8_next(text, &c);

		MUST(n);
		if (c == '\033') {
			MUST(color && text.len > 2 && text.p[1] == '[');
			n = 2;
			while (n < text.len && (is_digit(text.p[n]) || text.p[n] == ';'))
				n++;
			MUST(n < text.len && text.p[n] == 'm');
		} else {
			MUST(c == '\n' || (c == '\t' && tabs) || !utf8_is_control(c));
		}
		text = str_from(text, n);
	}
}

void must_be_diagram(struct str text, size_t width)
{
	while (text.len) {
		ptrdiff_t nl = str_chr(text, '\n');
		struct str line = str_head(text, nl < 0 ? text.len : (size_t)nl);

		MUST(nl >= 0 && line.len <= width);
		for (size_t i = 0; i < line.len; i++)
			MUST(line.p[i] >= ' ' && line.p[i] < 0x7f);
		MUST(!line.len || line.p[0] == ' '); /* git acts on what begins a line */
		text = str_from(text, (size_t)nl + 1);
	}
}

void must_be_json(struct str text)
{
	const char *end = text.p;

	for (size_t i = 0; i < text.len; i++)
		MUST(text.p[i] == '\n' || text.p[i] == '\t' || (unsigned char)text.p[i] >= ' ');
	while (end < text.p + text.len && *end) { /* jsonl has many */
		cJSON *document = cJSON_ParseWithOpts(end, &end, 0);

		MUST(document);
		cJSON_Delete(document);
		while (*end == '\n')
			end++;
	}
	for (struct str s = text; s.len;) {
		uint32_t c = 0;
		size_t n = utf8_next(s, &c);

		MUST(n && !(c >= 0x7f && c < 0xa0));
		s = str_from(s, n);
	}
}
