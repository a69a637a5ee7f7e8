/* SPDX-License-Identifier: MIT */
#include "unsplat/writer.h"

#include "writers.h"

/* A new format is a file of this folder and a row here. */
static const struct writer *const writers[] = {
	&writer_text, &writer_json, &writer_jsonl, &writer_dot, &writer_title, &writer_diagram,
};

const struct writer *writer_at(size_t i)
{
	return i < ARRAY_SIZE(writers) ? writers[i] : NULL;
}

const struct writer *writer_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++)
		if (str_eq(name, str_of(writers[i]->name)))
			return writers[i];
	return NULL;
}
