/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_REPORT_H
#define UNSPLAT_REPORT_H

#include "unsplat/arena.h"
#include "unsplat/str.h"

/*
 * What was understood of one splat. Plain data: filled by the splat stage, read by all that
 * follow. All strings point into the report's arena.
 */

enum kind {
	KIND_CIRCULAR,
	KIND_RECURSIVE,
	KIND_NESTED_NOT_TAKEN,
	KIND_SAFE_UNSAFE,
	KIND_IRQ_INVERSION,
	KIND_INCONSISTENT,
	KIND_BAD_UNLOCK,
	KIND_BAD_CONTENTION,
	KIND_HELD_FREED,
	KIND_RETURNING_TO_USER,
	KIND_HELD_AT_EXIT,
	KIND_STILL_HELD,
	KIND_INVALID_WAIT,
	KIND_SUSPICIOUS_RCU,
	KIND_NON_STATIC_KEY,
	KIND_ALL_LOCKS_DUMP,
	KIND_LIMIT,
	KIND_OTHER,
	KIND_MAX,
};

/** @return the word of the contract ("circular", "safe-unsafe" ...). */
const char *kind_name(enum kind kind);
/** @return 0 with *ret set, or -ENOENT. */
int kind_find(struct str word, enum kind *ret);

/** One line of a stack. Unknown numbers are flagged, unknown strings empty. */
struct frame {
	struct str function; /* without the dot of ppc64 */
	struct str module;
	struct str address; /* "ffffffff8109dbb7" as printed */
	struct str file;
	uint64_t offset, size; /* bytes, with has_offset / has_size */
	uint32_t line;	       /* 0: unknown */
	bool has_offset, has_size;
	bool reliable; /* false: printed with '?' or "(unreliable)" */
	bool inlined;
	bool irq_entry; /* an end-of-interrupt marker stood between this frame and the one before */
};

typedef VEC(struct frame) stack;

/** Of inlined functions before the one that has an offset, so many are kept. */
#define AT_INLINED_MAX 3

/** A lock class as a line printed it. */
struct lock {
	struct str name;		       /* exactly as between the outer parentheses */
	struct str usage;		       /* "+.+." */
	struct str wait;		       /* "3:3", empty before 5.7 */
	struct str at;			       /* "SYMBOL+OFF/SIZE [module]" without address */
	struct str address;		       /* of the lock instance, 4.17 and later */
	struct frame at_frame;		       /* `at` parsed; function empty when there is none */
	struct str at_inlined[AT_INLINED_MAX]; /* functions inlined into it, innermost first */
	uint64_t line;
};

struct chain_entry {
	uint64_t index; /* N of "-> #N" */
	struct lock lock;
	stack frames; /* innermost first */
	uint64_t line;
	uint64_t place; /* among the entries as they were read; lines may come in another order */
};

struct held_lock {
	uint64_t index; /* as printed; oldest is 0 */
	struct lock lock;
	bool released; /* printed as <RELEASED> */
};

/** How a lock class got into a state that matters to interrupts, and the stack that shows it. */
struct usage_site {
	struct str state; /* "IN-HARDIRQ-W", "INITIAL USE"; in safe-unsafe: "HARDIRQ-irq-safe" */
	struct lock lock; /* whose state; name empty: unknown */
	stack *frames;	  /* never NULL, may be empty */
	uint64_t line;
};

/** One class of a dependency path, with all that is printed about it: "-> (class){usage} {". */
struct class_block {
	struct lock lock;
	VEC(struct usage_site) usages;
	struct str key;	 /* symbol of the key object, empty: not printed */
	uint64_t ops;	 /* with has_ops */
	stack *acquired; /* under "... acquired at:"; NULL: not printed */
	uint64_t line;
	bool has_ops;
};

/** Which path a section of class blocks is; what its stacks mean differs (format section 6.3). */
enum path {
	PATH_SAFE_TO_HELD,     /* from the irq-safe lock to the one that is held */
	PATH_WANTED_TO_UNSAFE, /* from the wanted lock to the irq-unsafe one */
	PATH_SHORTEST,	       /* irq-inversion: "between 2nd lock and 1st lock" */
	PATH_TREE,	       /* up to 2.6.30: the whole tree below a lock; proves no order here */
	PATH_MAX,
};

struct path_section {
	enum path path;
	uint64_t line;
	VEC(struct class_block) blocks; /* as printed */
};

/** "[HC0[0]:SC1[1]:HE1:SE0]": where the task stood towards interrupts. */
struct irq_state {
	bool known;
	bool hardirq, softirq; /* running in such an interrupt */
	uint64_t hardirq_count, softirq_count;
	bool hardirqs_enabled, softirqs_enabled;
};

/** "hardirqs last  enabled at (65): [<addr>] SYMBOL". */
struct irq_event {
	uint64_t stamp;
	struct str at;
	bool known;
};

enum irq_event_row {
	HARDIRQS_ENABLED,
	HARDIRQS_DISABLED,
	SOFTIRQS_ENABLED,
	SOFTIRQS_DISABLED,
	IRQ_EVENT_ROWS,
};

enum direction {
	DIRECTION_NONE,
	DIRECTION_FORWARDS,  /* "but this lock took another, X-unsafe lock in the past" */
	DIRECTION_BACKWARDS, /* "but this lock was taken by another, X-safe lock in the past" */
};

/** Something about the report that is missing, mangled or was repaired. */
struct problem {
	const char *kind; /* word from a fixed set, static */
	uint64_t line;	  /* where; 0: no place */
	struct str text;  /* one sentence, for people */
};

struct task {
	struct str comm;
	int64_t pid;
	bool known;
};

/** One list of an all-locks-dump: locks [first, first + n) of held_locks. */
struct task_locks {
	struct task task;
	uint64_t announced; /* a running task is printed with a count and without its locks */
	size_t first, n;
	uint64_t line;
};

struct report {
	struct arena *mem; /* owns this struct too */
	enum kind kind;
	const char *source; /* name, borrowed from the source */
	unsigned int boot;  /* index into the boots of the source */
	uint64_t line, end_line;
	uint64_t count; /* occurrences that this report stands for */
	bool complete;
	bool after_off; /* printed after lockdep was off in that boot */
	bool has_banner;
	bool mixed;	     /* two reports in one: nothing is taken from it for the graph */
	bool sure_task;	     /* the header or the stack dump names the task, not only a list */
	bool old_banner;     /* "[ INFO: ... ]", "[ BUG: ... ]": up to 4.12 */
	struct str severity; /* of the banner: "WARNING", "INFO", "BUG" */
	bool crosslock;	     /* "in release context of a crosslock" */
	bool has_held_list;  /* also when it is empty */
	VEC(struct problem) problems;
	struct {
		struct str release, build, taint;
		bool known;
	} kernel;
	struct task task;
	int64_t cpu;			/* -1: unknown */
	struct str workqueue;		/* "events_long deferred_work" of the stack dump */
	struct str exists;		/* the line after "Chain exists of:" */
	struct lock acquiring, holding; /* name empty: unknown */
	bool has_acquiring, has_holding;
	VEC(struct chain_entry) chain;	  /* ascending index */
	uint64_t chain_line;		  /* "the existing dependency chain ..."; 0: not there */
	VEC(struct held_lock) held_locks; /* oldest first, as printed */
	stack backtrace;

	/* What the kinds have beside; empty where a kind has no such thing. */
	struct lock subject; /* bad-unlock, bad-contention: the lock; held-freed: what is freed */
	struct str not_holding;		 /* nested-not-taken: the lock that should be held */
	struct str irq;			 /* "HARDIRQ", "SOFTIRQ", "RECLAIM_FS", with "-READ" */
	struct lock safe, unsafe;	 /* safe-unsafe: both ends of the path */
	struct lock other;		 /* irq-inversion: the lock at the other end of the path */
	enum direction direction;	 /* irq-inversion */
	struct str usage_from, usage_to; /* inconsistent: "{HARDIRQ-ON-W} -> {IN-HARDIRQ-W}" */
	struct irq_state irq_state;
	struct irq_event irq_events[IRQ_EVENT_ROWS];
	VEC(struct usage_site) sites;	   /* inconsistent, safe-unsafe: where states came from */
	VEC(struct path_section) sections; /* safe-unsafe, irq-inversion */
	struct str freed_from, freed_to;   /* held-freed: addresses, both inclusive */
	struct str context;		   /* invalid-wait: "5:5" */
	struct str limit;		   /* limit: "MAX_LOCKDEP_KEYS" */
	struct {
		struct str file, text;
		uint64_t line;
		int scheduler_active, debug_locks; /* -1: not printed */
		bool offline, idle, extended;	   /* "RCU used illegally from ..." */
	} rcu;
	struct {
		const char *kind, *text; /* as in struct source_note; NULL: nothing is known */
		uint64_t line;
	} beside;		      /* other: the message that the list was printed with */
	VEC(struct task_locks) tasks; /* all-locks-dump: whose lists were printed */
};

/** Frees the report and everything that lives in its arena. */
void report_free(struct report *r);

/** One boot that a source shows. */
struct boot {
	uint64_t line;	      /* of its first line */
	uint64_t lockdep_off; /* line from which lockdep was off; 0: it stayed on */
	char *kernel;	      /* release, NULL: unknown */
};

/** A neighbour of lockdep's that is no report, or a piece that is too small for one. */
struct source_note {
	uint64_t line;
	const char *kind; /* word, static */
	const char *text; /* sentence, static */
	bool loss;	  /* something of the log was left out: worth a line on standard error */
};

/** One named input; owned by the caller of the splat stage, strings by the source. */
struct source {
	char *name;
	uint64_t bytes, lines;
	uint32_t transports; /* bit per enum transport (line.h) that was met */
	char *error;	     /* NULL: all of it was read */
	struct boot *boots;
	size_t n_boots;
	struct source_note *notes;
	size_t n_notes;
};

void source_done(struct source *s);

#endif
