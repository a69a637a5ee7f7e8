/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_SENTENCE_H
#define UNSPLAT_SPLAT_SENTENCE_H

#include "unsplat/report.h"

/* The sentences of reports, by what they mean. A new one is a row in sentence.c. */
enum sentence {
	SAYS_TRYING,	     /* COMM/PID is trying to acquire lock: the lock follows */
	SAYS_TRYING_LOCK,    /* COMM/PID is trying to lock: the same of other kinds */
	SAYS_TAKES,	     /* COMM/PID takes: the same of kinds about usage states */
	SAYS_TASK,	     /* COMM/PID does something; no lock follows */
	SAYS_RELEASING,	     /* COMM/PID is trying to release lock (NAME) at: */
	SAYS_FREEING,	     /* COMM/PID is freeing memory A-B, with a lock still held there! */
	SAYS_HOLDING,	     /* but task is already holding lock: */
	SAYS_CROSSLOCK,	     /* but now in release context of a crosslock ... */
	SAYS_CHAIN,	     /* the existing dependency chain ... */
	SAYS_OTHER_INFO,     /* other info that might help us debug this: */
	SAYS_EXISTS,	     /* Chain exists of: */
	SAYS_SCENARIO,	     /* Possible unsafe locking scenario: */
	SAYS_DEADLOCK,	     /* *** DEADLOCK *** */
	SAYS_BACKTRACE,	     /* stack backtrace: */
	SAYS_TRANSITION,     /* inconsistent {A} -> {B} usage. */
	SAYS_REGISTERED,     /* {A} state was registered at: */
	SAYS_IRQ_STAMP,	     /* irq event stamp: N */
	SAYS_IRQ_EVENT,	     /* hardirqs last  enabled at (N): SYMBOL */
	SAYS_CONNECTS_SAFE,  /* but this new dependency connects a HARDIRQ-irq-safe lock: */
	SAYS_TO_UNSAFE,	     /* to a HARDIRQ-irq-unsafe lock: */
	SAYS_BECAME,	     /* ... which became HARDIRQ-irq-safe at: */
	SAYS_TOOK_OTHER,     /* but this lock took another, HARDIRQ-unsafe lock in the past: */
	SAYS_TAKEN_BY_OTHER, /* but this lock was taken by another, HARDIRQ-safe lock ... */
	SAYS_PATH,	  /* the dependencies between ..., the shortest dependencies between ... */
	SAYS_TREE,	  /* the first lock's dependencies: */
	SAYS_BLOCK_USAGE, /* IN-HARDIRQ-W at: */
	SAYS_BLOCK_KEY,	  /* ... key      at: SYMBOL */
	SAYS_BLOCK_ACQUIRED, /* ... acquired at: */
	SAYS_ELLIPSIS,	     /* ... */
	SAYS_NOT_HOLDING,    /* but this task is not holding: */
	SAYS_CONTEXT,	     /* context-{5:5} */
	SAYS_RCU_ACTIVE,     /* rcu_scheduler_active = 2, debug_locks = 1 */
	SAYS_RCU_ILLEGAL,    /* RCU used illegally from ... */
	SAYS_NOTHING,	     /* belongs to the report, tells nothing more */
	SAYS_MAX,
};

struct said {
	enum sentence sentence;
	struct task task;     /* where the sentence begins with one */
	struct str irq_state; /* "HC0[0]:SC0[0]:HE0:SE1", empty: not printed */
	struct str text;      /* the line */
	struct str rest;      /* the line behind the words that were recognised */
};

/**
 * Tell which sentence a line is. @param text without indent. @return 0 or -ENOENT.
 * The cost does not grow with the number of sentences but by its logarithm.
 */
int sentence_parse(struct str text, struct said *ret);
/** @return whether @p text is a sentence whose end is missing; a word or two are not enough. */
bool sentence_begins(struct str text);
/** Row @p i of the sorted table, for the test of its order. @return NULL behind the last. */
const char *sentence_text(size_t i);

#endif
