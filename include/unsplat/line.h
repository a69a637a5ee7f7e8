/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_H
#define UNSPLAT_LINE_H

#include "unsplat/input.h"
#include "unsplat/str.h"

/*
 * A stream of bytes becomes numbered lines without the decoration that transports add: what
 * comes after this stage never sees a time stamp, a log level, a caller id, a quote mark, a
 * carriage return, an escape or a terminal colour.
 */

/** Bytes of a physical line that are looked at; the rest is skipped and reported. */
#define LINE_MAX_BYTES 65536

enum line_flag {
	LINE_CUT = 1u << 0,   /* longer than LINE_MAX_BYTES: the end is missing */
	LINE_INNER = 1u << 1, /* not the first line of its record: prefix and number are of that */
	LINE_GLUED = 1u << 2, /* its last quote mark has no blank behind it: text.p[-1] is it */
	LINE_PREFIXED = 1u << 3, /* something beside quote marks and blanks stood before the text */
	LINE_JOINED = 1u << 4,	 /* put together from several by a later stage */
	LINE_FUSED = 1u << 5,	 /* one of two that stood on one line, a time stamp between them */
};

/** Transports, as bits of a set: what was taken off, and what a source consists of. */
enum transport {
	TRANSPORT_QUOTE,
	TRANSPORT_DIFF,
	TRANSPORT_LABEL,
	TRANSPORT_PRINTK_TIME,
	TRANSPORT_CALLER,
	TRANSPORT_LEVEL,
	TRANSPORT_HUMAN_TIME,
	TRANSPORT_FACILITY,
	TRANSPORT_IDENT,
	TRANSPORT_SYSLOG,
	TRANSPORT_ISO_TIME,
	TRANSPORT_CLOCK,
	TRANSPORT_LOGCAT,
	TRANSPORT_VENDOR,
	TRANSPORT_KMSG,
	TRANSPORT_JSON,
	TRANSPORT_EXPORT,
	TRANSPORT_ESCAPES,
	TRANSPORT_MAIL,
	TRANSPORT_QUOTED_PRINTABLE,
	TRANSPORT_BASE64,
	TRANSPORT_HTML,
	TRANSPORT_LINKS,
	TRANSPORT_TERMINAL,
	TRANSPORT_CRLF,
	TRANSPORT_UTF16,
	TRANSPORT_PSTORE,
	TRANSPORT_MAX,
};
/** @return what a user calls @p t: "printk time", "caller id" ...; never NULL */
const char *transport_name(enum transport t);

/** One line; its strings are valid until the next line_next(). */
struct line {
	uint64_t number;   /* 1-based, lines of the input end with \n only */
	struct str text;   /* indent kept, trailing blanks gone; empty for a line of decoration */
	struct str caller; /* "T123", "C0"; empty when printk did not print it */
	uint64_t time;	   /* printk time in microseconds, with has_time */
	bool has_time;
	unsigned int quote;  /* depth of mail quoting */
	unsigned int flags;  /* enum line_flag */
	uint32_t transports; /* bit per enum transport that was taken off */
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
 * Give the next line. Memory: a few blocks of fixed size.
 * @return 1 with *ret set, 0 at the end, or -errno (of input_read(), or -ENOMEM)
 */
int line_next(struct line_reader *lr, enum line_mode mode, struct line *ret);
/** @return bytes / lines read so far, those that were left out included. */
uint64_t line_bytes(const struct line_reader *lr);
uint64_t line_count(const struct line_reader *lr);
/** @return bit per enum transport that was met in lines that were given. */
uint32_t line_transports(const struct line_reader *lr);

/**
 * Take off what lies over a whole line, record or not: carriage returns, terminal sequences,
 * entities, then quote marks and blanks before it.
 * @return what is left: a view of @p raw or of @p scratch (at least raw.len bytes)
 */
struct str line_uncover(struct str raw, char *scratch, struct line *line);
/**
 * Take all decoration off one line that a transport carried: what stands before the text,
 * carriage returns, terminal sequences, entities of HTML, links in the place of "#N".
 * @param raw      the bytes; borrowed
 * @param scratch  at least raw.len bytes; used when bytes inside the line have to go
 * @param ret      text, caller, time, quote, transports and flags are set; they point into raw
 *                 or scratch. What it had before is kept where the line has nothing of its own.
 */
void line_undecorate(struct str raw, char *scratch, struct line *ret);
/**
 * Two records may have got onto one line: "f+0x9b/0xb10[   45.871305] tc_dump: x".
 * @param line  undecorated
 * @return where in its text the time stamp of the second one begins; 0: there is none
 */
size_t line_fused_at(const struct line *line);

#endif
