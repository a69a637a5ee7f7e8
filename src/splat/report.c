/* SPDX-License-Identifier: MIT */
#include "unsplat/report.h"

#include <stdlib.h>

void report_free(struct report *r)
{
	if (r)
		arena_free(r->mem);
}

void source_done(struct source *s)
{
	for (size_t i = 0; i < s->n_boots; i++)
		free(s->boots[i].kernel);
	free(s->boots);
	free(s->notes);
	free(s->name);
	free(s->error);
}
