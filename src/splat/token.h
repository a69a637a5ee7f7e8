/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_TOKEN_H
#define UNSPLAT_SPLAT_TOKEN_H

#include "unsplat/report.h"
#include "unsplat/splat.h"

#include "sentence.h"

/* What one line of a log is, seen by itself. */
enum token_type {
	TOKEN_BLANK,
	TOKEN_RULE,	   /* a rule of '=' or '-' */
	TOKEN_BANNER,	   /* banner */
	TOKEN_CHAIN,	   /* "-> #N (lock){usage}:"; number, lock */
	TOKEN_HELD,	   /* a lock with where it was taken; lock, number (indexed) */
	TOKEN_RELEASED,	   /* " #N: <RELEASED>"; number */
	TOKEN_CLASS,	   /* a lock without it; lock; opens, number (has_number): a class block */
	TOKEN_ARROW,	   /* "(lock){usage} -> (lock){usage}" */
	TOKEN_LIST,	   /* "N locks held by COMM/PID:"; number, task */
	TOKEN_SENTENCE,	   /* said */
	TOKEN_FRAME,	   /* frame */
	TOKEN_MARKER,	   /* "<IRQ>", "</TASK>" ...; leaves_irq */
	TOKEN_TRACE,	   /* "Call Trace:" */
	TOKEN_CPU,	   /* "CPU: 4 PID: 1551 Comm: ..."; number, task */
	TOKEN_DUMP,	   /* other lines of dump_stack(): "Hardware name:", registers */
	TOKEN_SCENARIO,	   /* a row of the scenario table */
	TOKEN_TROUBLE,	   /* where something else begins: "cut here", "Kernel panic" ... */
	TOKEN_BOOT,	   /* "Linux version RELEASE"; text */
	TOKEN_LOCKDEP_OFF, /* the kernel says that lockdep is off */
	TOKEN_UNKNOWN,
};

struct token {
	enum token_type type;
	struct banner banner;
	struct said said;
	uint64_t number;
	bool has_number;
	bool opens;	 /* TOKEN_CLASS: what is printed about the class follows */
	bool indexed;	 /* TOKEN_HELD with "#N:" */
	bool leaves_irq; /* the context of an interrupt ends here */
	struct lock lock;
	struct frame frame;
	struct task task;
	struct str text; /* the line without indent */
};

/**
 * Tell what a line is. @param where whether stack lines are expected here
 * Never fails: what it does not know is TOKEN_UNKNOWN.
 */
void token_parse(struct str text, enum frame_where where, struct token *ret);

#endif
