/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_H
#define UNSPLAT_LINE_H

#include "unsplat/input.h"
#include "unsplat/str.h"

/*
 * A stream of bytes becomes numbered lines without the decoration that transports add: what
 * comes after this stage never sees a time stamp, a log level, a caller id, a quote mark, a
 * carriage return or a terminal colour.
 */

/** Bytes of a physical line that are looked at; the rest is skipped and reported. */
#define LINE_MAX_BYTES 65536

enum line_flag {
	LINE_CUT = 1u << 0, /* longer than LINE_MAX_BYTES: the end is missing */
};

/** One line; its strings are valid until the next line_next(). */
struct line {
	uint64_t number;    /* 1-based, lines of the input end with \n only */
	struct str text;    /* indent kept, trailing blanks gone; empty for a line of decoration */
	struct str caller;  /* "T123", "C0"; empty when printk did not print it */
	unsigned int quote; /* depth of mail quoting */
	unsigned int flags; /* enum line_flag */
};

enum line_mode {
	LINE_ALL,   /* every line */
	LINE_HINTS, /* lines that cannot begin a report (scan.h) may be left out, not miscounted */
};

struct line_reader;

/** @p in is borrowed and must outlive the reader. @return NULL: out of memory. */
struct line_reader *line_reader_new(struct input *in);
void line_reader_free(struct line_reader *lr);
/**
 * Give the next line. Memory: one block, and a line of at most LINE_MAX_BYTES.
 * @return 1 with *ret set, 0 at the end, or -errno (of input_read(), or -ENOMEM)
 */
int line_next(struct line_reader *lr, enum line_mode mode, struct line *ret);
/** @return bytes / lines read so far, those that were left out included. */
uint64_t line_bytes(const struct line_reader *lr);
uint64_t line_count(const struct line_reader *lr);

/**
 * Take all decoration off one physical line (without its \n).
 * @param raw      the bytes; borrowed
 * @param scratch  at least raw.len bytes; used when bytes inside the line have to go
 * @param ret      text, caller, quote and flags are set; they point into raw or scratch
 */
void line_undecorate(struct str raw, char *scratch, struct line *ret);

#endif
