/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SAVED_H
#define UNSPLAT_SAVED_H

#include "unsplat/graph.h"
#include "unsplat/input.h"
#include "unsplat/report.h"

/*
 * What `report -f jsonl` (or json) wrote, read back: by whoever collects what many machines
 * found. One item at a time; a document is never in memory as a whole.
 */

/** Bytes of one report or source; a longer one is not ours. */
#define SAVED_MAX_BYTES ((size_t)128 << 20)

/** A report or a source. All is valid until the next one is read. */
struct saved_item {
	bool is_source;
	struct str text;   /* its JSON, an object without white space around tokens */
	struct str source; /* name of the source that it is, or is from */
	struct str kind;   /* of a report */
	uint64_t line;	   /* of a report; of a source: how many it has */
	const void *json;  /* for the functions below */
};

struct saved_reader;

/** @return whether a stream that begins with @p head is JSON. */
bool saved_is(struct str head);
/** @p in is borrowed. @return NULL: out of memory */
struct saved_reader *saved_reader_new(struct input *in);
void saved_reader_free(struct saved_reader *r);
/**
 * @return 1 with *ret set, 0 at the end, -EBADMSG for what is no such output (the reader goes on
 * behind it), -EPIPE when it ends in the middle of an item, or another -errno
 */
int saved_next(struct saved_reader *r, struct saved_item *ret);
/** @return line of the stream that the reader has come to */
uint64_t saved_line(const struct saved_reader *r);

/** A report as it was before it was written. */
struct saved_report {
	struct report *r; /* free it with report_free(); its strings, and those below, live in it */
	struct str signature, title;
	dependencies derived; /* that its list of held locks proves */
};
/** @return 0, -EBADMSG, or -ENOMEM */
int saved_restore(const struct saved_item *item, struct saved_report *ret);
/** @return 0, -EBADMSG, or -ENOMEM; kinds and texts of notes are in @p mem */
int saved_source(const struct saved_item *item, struct arena *mem, struct source *ret);

#endif
