/* SPDX-License-Identifier: MIT */
#include "clean.h"
#include "writers.h"

static int title_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
			const struct source *src)
{
	(void)state;
	(void)r;
	(void)src;
	clean_print(out, v->title);
	fputc('\n', out);
	return 0;
}

const struct writer writer_title = {
	.name = "title",
	.help = "one line per report: its title",
	.report = title_report,
};
