/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_PATTERNS_H
#define UNSPLAT_PATTERNS_H

#include <stdio.h>

#include "unsplat/arena.h"

/*
 * Remedy patterns: what happens at an edge of a cycle, and what is done about it. The built-in
 * ones are a table; users add more in files, see unsplat-patterns(5). Both have this form.
 */

/** Whether both ends of an edge are one class, and then one lock. */
enum recursion {
	RECURSION_NONE,
	RECURSION_SAME_LOCK,
	RECURSION_OTHER_LOCK,
	RECURSION_UNKNOWN, /* kernels before 4.17 do not print the lock's address */
};

/** One remedy pattern. Regular expressions match a whole name; NULL matches anything. */
struct pattern_row {
	const char *name;   /* word for scripts: "workqueue-allocation" */
	const char *source; /* where the knowledge is from: a file of the kernel, a document */
	const char *remedy; /* word of the contract */
	const char *from;   /* name of the lock that is held */
	const char *to;	    /* name of the lock that is acquired */
	const char *call;   /* a function of the stack that betrays it */
	const char *within; /* a function that must be somewhere in the stack, too */
	const char *unless; /* a function that rules it out */
	bool service;	    /* the call enters a service that has locks of its own */
	enum recursion recursion; /* only edges of this sort */
	/*
	 * Sentences for people. {F} the function to patch, {T} the lock that is taken, {H} what is
	 * held there, as a phrase ("with &a held", "in the work item x"), {L} the lock that should
	 * not be held there, {G} where a recursive one was taken.
	 */
	const char *what, *todo;
	/* In place of todo, where that names {L} and what is held is no lock; NULL: in general. */
	const char *elsewhere;
};

/** Built-in row @p i. @return NULL past the last, which matches everything */
const struct pattern_row *patterns_row(size_t i);

struct pattern_file;
/**
 * Row @p i of the built-in ones and those of @p more (may be NULL), in the order in which they are
 * looked at: a user's stand behind all but the general ones. @return NULL past the last
 */
const struct pattern_row *patterns_row_with(const struct pattern_file *more, size_t i);

/** Longest file, most rows of all files, longest text of a row. */
#define PATTERN_FILE_BYTES (1 << 20)
#define PATTERN_FILE_ROWS 1000
#define PATTERN_TEXT_BYTES 4096

/** The rows of a user live until pattern_file_free(): as long as verdicts made with them. */
struct pattern_error {
	size_t line; /* from 1, of the row or of the byte that is no JSON */
	char text[300];
};

/**
 * Append the rows of @p json to *file, which is made when it is NULL.
 * @return 0; -EINVAL with *why set, when it is no pattern file; or -ENOMEM
 */
int pattern_file_parse(struct str json, struct pattern_file **file, struct pattern_error *why);
void pattern_file_free(struct pattern_file *file);
/** How many; 0 for @p file NULL. */
size_t pattern_file_rows(const struct pattern_file *file);
/** Row @p i. @return NULL past the last, and for @p file NULL */
const struct pattern_row *pattern_file_row(const struct pattern_file *file, size_t i);

/**
 * Write the rows of patterns_row_with() as a pattern file, one row a line.
 * @return 0 or -ENOMEM
 */
int patterns_write(FILE *out, const struct pattern_file *file);

#endif
