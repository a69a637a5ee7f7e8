/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_H
#define UNSPLAT_SPLAT_H

#include "unsplat/line.h"
#include "unsplat/report.h"

/*
 * Lines become reports: finds where a splat begins and ends, and parses what is between.
 * What a format looks like is in the files of src/splat/; the reference for it is
 * kernel/locking/lockdep.c and lib/dump_stack.c, 2.6.18 to 7.0-rc.
 */

/** Bounds on one report; what is over is dropped and said in its problems ("limit"). */
#define REPORT_MAX_BYTES (16u << 20) /* of its arena */
#define REPORT_MAX_LINES 65536u

struct splat_reader;

/**
 * @param lines  borrowed; nobody else may read from it
 * @param src    borrowed; its name is set, its bytes, lines and boots are filled in
 * @return NULL: out of memory
 */
struct splat_reader *splat_reader_new(struct line_reader *lines, struct source *src);
void splat_reader_free(struct splat_reader *sr);
/** For tests: cut out every line, not only those with hints; slower, and must give the same. */
void splat_reader_every_line(struct splat_reader *sr);
/**
 * Give the next report, in the order of their first lines.
 * @return 1 with *ret set (the caller frees it), 0 at the end, or -errno
 */
int splat_next(struct splat_reader *sr, struct report **ret);

/* The parsers of single lines; text has no decoration and no indent. */

/**
 * Parse "(NAME){USAGE}[-{OUTER:INNER}]" at the start of @p text. The name ends at the last
 * "){usage}" (names have parentheses, blanks, braces of their own).
 * @param rest  what follows; may be NULL
 * @return 0 or -ENOENT; only name, usage and wait of @p ret are set, all views of @p text
 * Source: print_lock_name(), {OUTER:INNER} since v5.7 (de8f5e4f2dc1).
 */
int lock_parse(struct str text, struct lock *ret, struct str *rest);
/**
 * Take the address of a lock instance off the front: hex digits, or what stands for a pointer
 * that was not hashed yet. @return 0, or -ENOENT with both untouched.
 */
int lock_address_parse(struct str *s, struct str *ret);
/** Parse "[ADDR ](NAME){USAGE}, at: [[<ADDR>] ]SYMBOL". @return 0 or -ENOENT. Source: print_lock(). */
int lock_at_parse(struct str text, struct lock *ret);

/** Parse "[,] at: [[<ADDR>] ]SYMBOL". @return 0 or -ENOENT; only at and at_frame are set. */
int at_parse(struct str text, struct lock *ret);

/** What one character of a usage string says. */
struct usage_state {
	const char *context; /* "hardirq", "softirq", "memory reclaim" */
	bool read;	     /* about read acquisitions */
	bool used_in;	     /* acquired in that context */
	bool enabled;	     /* held with that context enabled (reclaim: over an allocation) */
};
#define USAGE_STATES_MAX 6
/**
 * Decode a usage string of 4 or 6 characters.
 * @param old  2.6.18 to 2.6.29, where '+' and '-' had the other meaning
 * @param ret  room for USAGE_STATES_MAX
 * @return how many there are; 0: the string is damaged
 */
size_t usage_decode(struct str usage, bool old, struct usage_state *ret);

/** Whether the kernel checks raw spinlocks against spinlocks: it shifts the wait types by one. */
enum nesting_check { NESTING_UNKNOWN, NESTING_OFF, NESTING_ON };
/** @return what the wait types that a report prints tell about it. */
enum nesting_check nesting_check(const struct report *r);
/**
 * @return the word for one half of "3:3", after enum lockdep_wait_type: unchecked, free (RCU
 * readers), spin (raw_spinlock_t), config (spinlock_t), sleep (mutexes); never NULL
 */
const char *wait_word(char digit, enum nesting_check check);

enum frame_where {
	FRAME_ANYWHERE, /* symbol+0xoffset/0xsize is a must */
	FRAME_IN_STACK, /* symbolised forms and bare names count as well */
};

/**
 * Parse one line of a stack: saved stacks, and dump_stack() of x86, arm, arm64, powerpc,
 * s390, mips and riscv; decode_stacktrace.sh and syzkaller's symbolizer.
 * @return 0 or -ENOENT; strings are views of @p text
 */
int frame_parse(struct str text, enum frame_where where, struct frame *ret);

/** The line that names a kind of report. */
struct banner {
	enum kind kind;
	struct str severity; /* "WARNING", "INFO", "BUG"; empty where the kind has none */
	struct str sentence; /* without severity, brackets and the mark at its end */
	bool lost_first;     /* "ARNING: ...": the log has lost its first column */
	bool bracket; /* "[ INFO: ... ]": up to 4.12, and "Invalid wait context" to this day */
};

/** Parse a banner, which stands alone on its line. @return 0 or -ENOENT. */
int banner_parse(struct str text, struct banner *ret);

/** "COMM/PID": the pid is what follows the last slash. @return 0 or -ENOENT. */
int task_parse(struct str text, struct task *ret);

#endif
