/* SPDX-License-Identifier: MIT */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Boots and notes kept for one source; a hostile log could have one in each line. */
#define SOURCE_MAX_BOOTS 4096
#define SOURCE_MAX_NOTES 1024

/* Grow a plain array by one zeroed element. @return it, or NULL. */
static void *grow(void **array, size_t *n, size_t size)
{
	char *bigger = reallocarray(*array, *n + 1, size);

	if (!bigger)
		return NULL;
	*array = bigger;
	return memset(bigger + (*n)++ * size, 0, size);
}

int source_note(struct source *src, uint64_t line, const char *kind, const char *text, bool loss)
{
	struct source_note *n;

	if (src->n_notes > SOURCE_MAX_NOTES)
		return 0;
	n = grow((void **)&src->notes, &src->n_notes, sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = (struct source_note){ .line = line, .kind = kind, .text = text, .loss = loss };
	if (src->n_notes > SOURCE_MAX_NOTES)
		*n = (struct source_note){ .line = line,
					   .kind = "limit",
					   .text = "more notes from here on are left out",
					   .loss = true };
	return 0;
}

/* "Linux version 6.1.192 (...)" */
int source_boot(struct source *src, uint64_t line, struct str text)
{
	struct boot *b;
	ptrdiff_t blank;

	if (src->n_boots == SOURCE_MAX_BOOTS)
		return source_note(src, line, "limit",
				   "too many boots: this one is counted to the one before", true);
	b = grow((void **)&src->boots, &src->n_boots, sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->line = line;
	if (!str_skip(&text, STR("Linux version ")))
		return 0;
	blank = str_chr(text, ' ');
	b->kernel = strndup(text.p, blank < 0 ? text.len : (size_t)blank);
	return b->kernel ? 0 : -ENOMEM;
}

int source_current_boot(struct source *src, struct boot **ret)
{
	int err = src->n_boots ? 0 : source_boot(src, 1, STR(""));

	if (!err)
		*ret = &src->boots[src->n_boots - 1];
	return err;
}

static void off_from(struct boot *b, uint64_t line)
{
	if (!b->lockdep_off || line < b->lockdep_off)
		b->lockdep_off = line;
}

int source_lockdep_off(struct source *src, uint64_t line)
{
	struct boot *b;
	int err = source_current_boot(src, &b);

	if (!err)
		off_from(b, line);
	return err;
}

int source_see_report(struct source *src, struct report *r, bool turns_off)
{
	struct boot *b = &src->boots[r->boot];

	r->after_off = b->lockdep_off && b->lockdep_off < r->line;
	if (turns_off)
		off_from(b, r->line);
	if (b->kernel || !r->kernel.known)
		return 0;
	b->kernel = strndup(r->kernel.release.p, r->kernel.release.len);
	return b->kernel ? 0 : -ENOMEM;
}
