/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_TOKEN_H
#define UNSPLAT_SPLAT_TOKEN_H

#include "unsplat/report.h"
#include "unsplat/splat.h"

/* What one line of a log is, seen by itself. */
enum token_type {
	TOKEN_BLANK,
	TOKEN_RULE,	   /* a rule of '=' or '-' */
	TOKEN_BANNER,	   /* kind */
	TOKEN_CHAIN,	   /* "-> #N (lock){usage}:"; number, lock */
	TOKEN_HELD,	   /* a lock with where it was taken; lock, number (indexed) */
	TOKEN_RELEASED,	   /* " #N: <RELEASED>"; number */
	TOKEN_CLASS,	   /* a lock without it, class blocks included; lock */
	TOKEN_LIST,	   /* "N locks held by COMM/PID:"; number, task */
	TOKEN_SENTENCE,	   /* sentence; task and lock where the sentence has them */
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

/* The sentences of reports that the parser acts on. */
enum sentence {
	SAYS_TRYING,	 /* COMM/PID is trying to acquire lock: and its like; the lock follows */
	SAYS_TASK,	 /* COMM/PID does something; no lock follows */
	SAYS_HOLDING,	 /* but task is already holding lock: */
	SAYS_CROSSLOCK,	 /* but now in release context of a crosslock ... */
	SAYS_CHAIN,	 /* the existing dependency chain ... */
	SAYS_OTHER_INFO, /* other info that might help us debug this: */
	SAYS_EXISTS,	 /* Chain exists of: */
	SAYS_SCENARIO,	 /* Possible unsafe locking scenario: */
	SAYS_DEADLOCK,	 /* *** DEADLOCK *** */
	SAYS_BACKTRACE,	 /* stack backtrace: */
	SAYS_STACK,	 /* a stack of the report's own follows that is no chain entry */
	SAYS_NOTHING,	 /* belongs to the report, tells nothing more */
};

struct token {
	enum token_type type;
	enum kind kind;
	enum sentence sentence;
	uint64_t number;
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
