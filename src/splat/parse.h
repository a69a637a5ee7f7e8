/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_PARSE_H
#define UNSPLAT_SPLAT_PARSE_H

#include "token.h"
#include "unsplat/line.h"
#include "unsplat/report.h"

/*
 * The inside of a report: a state machine over the lines from the banner on. It decides for
 * each line whether it belongs to the report, and where the report ends. It is never told
 * about lines again, and never asks for one.
 */

enum section {
	SECTION_HEAD,	   /* up to the first list or chain */
	SECTION_CHAIN,	   /* "-> #N" entries with their stacks */
	SECTION_STACKS,	   /* other stacks of the report */
	SECTION_INFO,	   /* other info, scenario */
	SECTION_HELD,	   /* a list of held locks */
	SECTION_BACKTRACE, /* stack backtrace */
	SECTION_LOST,	   /* something else began; wait for a line that only a report has */
};

struct parser {
	struct report *r;
	enum section section;
	struct lock *expect;	  /* the next lock line goes here */
	struct lock *at_wanted;	  /* the next symbol is where this one was used */
	stack *open;		  /* SECTION_STACKS: frames go here; NULL: nowhere */
	struct frame *last_frame; /* of the line before, NULL: it was none */
	struct lock *last_lock;	  /* likewise */
	bool blank, blank_before; /* the last line, the one before the present one was blank */
	bool lost_column;	  /* every line has lost its first character */
	uint64_t repaired;	  /* lines that were read as if it were there */
	bool name_wanted;	  /* the next line is a bare name */
	uint64_t lines;		  /* that were taken */
	uint64_t entries;	  /* of the chain so far */
	uint64_t foreign_run;	  /* lines of others since the last that was taken */
	uint64_t foreign_total;	  /* between lines that were taken */
	uint64_t foreign_first;	  /* number of the first of them */
	uint64_t run_first;
	uint64_t numbers, number_run; /* the same of lines that are only a number */
	uint64_t number_first, number_run_first;
	uint64_t announced; /* held locks, from the heads of their lists */
	bool entry_open;    /* frames go to the last chain entry */
	uint64_t two_stacks; /* line where a second stack begins inside an entry's, 0: none */
	bool spaced;	    /* its frames have blank lines between: those tell nothing */
	bool ident_wanted;
	bool exists_next;
	bool exists_last;   /* ... and it is the line before */
	bool other_list; /* held locks of another task: not ours */
	bool leaves_irq;
	bool stack_over;       /* "</TASK>": what looks like a frame now is chatter */
	bool no_frame;	       /* the next symbol is no frame: where s390 branched last */
	bool own_cpu_line;     /* the last "CPU:" line was of the report's task */
	bool full;	       /* a limit was hit */
	bool done;	       /* its last line was taken */
	uint64_t joined;       /* line where pieces were first put together, 0: none */
	uint64_t joined_lines; /* how many lines came of pieces */
	uint64_t fused;	       /* line where two records first stood on one, 0: none */
	uint64_t fused_last, fused_lines;
	bool cut;	       /* the log ended or broke off inside */
	unsigned int marks;    /* what shows that a chain without banner is a report */
};

enum feed {
	FEED_TAKEN,   /* the line belongs to the report */
	FEED_FOREIGN, /* it does not, but the report goes on */
	FEED_END,     /* the report ended before this line, which is still to be looked at */
};

/** Start with a report that has its kind and line; its first line is to be fed. */
void parser_init(struct parser *p, struct report *r);
/** @return enum feed, or -ENOMEM. */
int parser_feed(struct parser *p, const struct line *line);
/**
 * The report is over: sort the chain, and say what is missing or does not fit.
 * @param at_end  the input ended here
 * @return 0, -ENOENT (too little is left to be a report), -ENOMEM
 */
int parser_finish(struct parser *p, bool at_end);

/*
 * Sentences that only some kinds have, a file per family. Each is given the sentence and the
 * number of its line, and returns enum feed or -ENOMEM.
 */
typedef int said_fn(struct parser *p, const struct said *said, uint64_t line);

/** Begin with a stack of its own: the frames that follow go to *ret. @return 0 or -ENOMEM. */
int parser_open_stack(struct parser *p, stack **ret);

/* irq.c: states towards interrupts, and the paths between two locks */
said_fn irq_transition, irq_registered, irq_stamp, irq_event, irq_connects_safe, irq_to_unsafe,
	irq_became, irq_took_other, irq_taken_by_other, irq_path, irq_tree, irq_block_usage,
	irq_block_key, irq_block_acquired;
/** A class of a path, "-> (class){usage} ops: N {". @return enum feed or -ENOMEM */
int irq_block(struct parser *p, const struct token *t, uint64_t line);
/** "HC0[0]:SC0[0]:HE0:SE1". @return 0, or -ENOENT and *ret untouched */
int irq_state_parse(struct str s, struct irq_state *ret);

/* claim.c: what the kinds about one lock or one place say */
said_fn claim_releasing, claim_freeing, claim_not_holding, claim_context, claim_rcu_active,
	claim_rcu_illegal;
/** "FILE:LINE TEXT!" of suspicious-rcu. @return 0 or -ENOENT */
int claim_rcu_parse(struct str s, struct report *ret);
/** @return whether @p s is "depth: N  max: N!" of MAX_LOCK_DEPTH. */
bool claim_is_depth(struct str s);
/** What the banner itself tells: the task, the table that is full. */
void claim_banner(struct report *r, const struct banner *b);

/** Checks of a finished report; fills problems and complete. @return 0 or -ENOMEM. */
int report_check(struct report *r, const struct parser *p);

#endif
