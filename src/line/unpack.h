/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_UNPACK_H
#define UNSPLAT_LINE_UNPACK_H

#include "unsplat/line.h"

/*
 * Transports that put a record of the kernel into one line of their own: /dev/kmsg and
 * netconsole, the journal as JSON or for export, JSON lines of containers and test labs.
 * A record may have several lines; they come out separated by '\n'.
 */

/** What is remembered from one physical line to the next. */
struct unpack {
	/* journalctl -o export: "MESSAGE", then 8 bytes of length and the data, over many lines */
	enum { EXPORT_NONE, EXPORT_LENGTH, EXPORT_DATA } export;
	uint64_t export_left;
	bool in_export; /* fields of such a record were seen */
	/* netconsole: a record in pieces */
	uint64_t fragment_record;
	size_t fragment_len;
	char fragment[LINE_MAX_BYTES];
};

/**
 * @param raw  one physical line, without its \n; borrowed
 * @param top  it is the line itself, not what another record held: only such lines are export's
 * @param out  room for LINE_MAX_BYTES
 * @param ret  the text of the record: a view of @p raw or of @p out
 * @param line caller, time and transports of the record are set
 * @return 1 with *ret set; 0 when it is no record (*ret is untouched); -1 when it is one, or a
 *         piece of one, without text of the kernel
 */
int unpack_line(struct unpack *u, struct str raw, bool top, char *out, struct str *ret,
		struct line *line);
/**
 * Undo what syslog, vmcore-dmesg and kmsg write for control characters: "#012", "\x0a".
 * @param out  room for @p s; may be what @p s is a view of
 */
struct str unpack_escapes(struct str s, char *out, struct line *line);

#endif
