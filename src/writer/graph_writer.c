/* SPDX-License-Identifier: MIT */
#include "unsplat/graph_writer.h"

#include "graph_writers.h"

/* A new format of `unsplat graph` is a file of this folder and a row here. */
static const struct graph_writer *const writers[] = {
	&graph_writer_dot,
	&graph_writer_json,
	&graph_writer_text,
};

const struct graph_writer *graph_writer_at(size_t i)
{
	return i < ARRAY_SIZE(writers) ? writers[i] : NULL;
}

const struct graph_writer *graph_writer_find(struct str name)
{
	for (size_t i = 0; i < ARRAY_SIZE(writers); i++)
		if (str_eq(name, str_of(writers[i]->name)))
			return writers[i];
	return NULL;
}
