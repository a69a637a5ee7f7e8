/* SPDX-License-Identifier: MIT */
#include "sentence.h"

#include <errno.h>
#include <string.h>

#include "unsplat/splat.h"

/* Sources: the printk() texts of kernel/locking/lockdep.c, kernel/rcu/update.c, 2.6.18 to 7.0-rc. */

int task_parse(struct str text, struct task *ret)
{
	ptrdiff_t slash = str_rfind(text, STR("/"));
	struct str digits;
	uint64_t pid;

	if (slash <= 0)
		return -ENOENT;
	digits = str_from(text, (size_t)slash + 1);
	if (str_skip_uint(&digits, &pid) < 0 || digits.len)
		return -ENOENT;
	*ret = (struct task){ .comm = str_head(text, (size_t)slash),
			      .pid = (int64_t)pid,
			      .known = true };
	return 0;
}

/* Sentences that begin with the task: "COMM/PID[ [HC0[0]:SC1[1]:HE1:SE0]] is trying to ...". */
static const struct {
	struct str text;
	bool rest; /* more may follow on the line */
	enum sentence sentence;
} task_sentences[] = {
	{ STR(" is trying to acquire lock:"), false, SAYS_TRYING },
	{ STR(" is trying to acquire:"), false, SAYS_TRYING },
	{ STR(" is trying to lock:"), false, SAYS_TRYING_LOCK },
	{ STR(" takes:"), false, SAYS_TAKES },
	{ STR(" just changed the state of lock:"), false, SAYS_TAKES },
	{ STR(" is trying to release lock ("), true, SAYS_RELEASING },
	{ STR(" is trying to contend lock ("), true, SAYS_RELEASING },
	{ STR(" is freeing memory "), true, SAYS_FREEING },
	{ STR(" is leaving the kernel with locks still held!"), false, SAYS_TASK },
	{ STR(" is exiting with locks still held!"), false, SAYS_TASK },
};

/*
 * Sentences that a line begins with, in byte order: they are searched by halves. No row is
 * the beginning of another. Blanks at the end of a row matter.
 */
static const struct {
	struct str text;
	enum sentence sentence;
} sentences[] = {
	{ STR("*** DEADLOCK ***"), SAYS_DEADLOCK },
	{ STR("... acquired at:"), SAYS_BLOCK_ACQUIRED },
	{ STR("... key "), SAYS_BLOCK_KEY },
	{ STR("... which became "), SAYS_BECAME },
	{ STR("Chain exists of:"), SAYS_EXISTS },
	{ STR("HARDIRQ-ON-"), SAYS_BLOCK_USAGE },
	{ STR("IN-"), SAYS_BLOCK_USAGE },
	{ STR("INITIAL READ USE"), SAYS_BLOCK_USAGE },
	{ STR("INITIAL USE"), SAYS_BLOCK_USAGE },
	{ STR("May be due to missing lock nesting notation"), SAYS_NOTHING },
	{ STR("Please attach the output of /proc/lock_stat"), SAYS_NOTHING },
	{ STR("Possible false positive due to lockdep disabling"), SAYS_NOTHING },
	{ STR("Possible interrupt unsafe locking scenario"), SAYS_SCENARIO },
	{ STR("Possible unsafe locking scenario"), SAYS_SCENARIO },
	{ STR("RCU used illegally from "), SAYS_RCU_ILLEGAL },
	{ STR("RECLAIM_FS-ON-"), SAYS_BLOCK_USAGE },
	{ STR("SOFTIRQ-ON-"), SAYS_BLOCK_USAGE },
	{ STR("The code is fine but needs lockdep"), SAYS_NOTHING },
	{ STR("and HARDIRQ-"),
	  SAYS_NOTHING }, /* "and HARDIRQ-irq-unsafe lock:": second half of a path */
	{ STR("and RECLAIM_FS-"), SAYS_NOTHING },
	{ STR("and SOFTIRQ-"), SAYS_NOTHING },
	{ STR("and interrupts could create inverse"), SAYS_NOTHING },
	{ STR("and the lock comparison function returns"), SAYS_NOTHING },
	{ STR("and this task is already holding"), SAYS_HOLDING },
	{ STR("but now in release context of a crosslock"), SAYS_CROSSLOCK },
	{ STR("but task is already holding lock"), SAYS_HOLDING },
	{ STR("but there are no locks held"), SAYS_NOTHING },
	{ STR("but there are no more locks to release"), SAYS_NOTHING },
	{ STR("but this lock took another, "), SAYS_TOOK_OTHER },
	{ STR("but this lock was taken by another, "), SAYS_TAKEN_BY_OTHER },
	{ STR("but this new dependency connects a "), SAYS_CONNECTS_SAFE },
	{ STR("but this task is not holding"), SAYS_NOT_HOLDING },
	{ STR("context-{"), SAYS_CONTEXT },
	{ STR("hardirq-on-"), SAYS_BLOCK_USAGE }, /* the words of 2.6.18 to 2.6.29 */
	{ STR("hardirqs last "), SAYS_IRQ_EVENT },
	{ STR("in-hardirq-"), SAYS_BLOCK_USAGE },
	{ STR("in-softirq-"), SAYS_BLOCK_USAGE },
	{ STR("inconsistent {"), SAYS_TRANSITION },
	{ STR("initial-use"), SAYS_BLOCK_USAGE },
	{ STR("irq event stamp:"), SAYS_IRQ_STAMP },
	{ STR("other info that might help us debug this"), SAYS_OTHER_INFO },
	{ STR("rcu_scheduler_active = "), SAYS_RCU_ACTIVE },
	{ STR("reverse order) is:"), SAYS_NOTHING },
	{ STR("softirq-on-"), SAYS_BLOCK_USAGE },
	{ STR("softirqs last "), SAYS_IRQ_EVENT },
	{ STR("stack backtrace:"), SAYS_BACKTRACE },
	{ STR("the HARDIRQ-irq-"), SAYS_TREE }, /* "the HARDIRQ-irq-safe lock's dependencies:" */
	{ STR("the SOFTIRQ-irq-"), SAYS_TREE },
	{ STR("the code is fine but needs lockdep"), SAYS_NOTHING },
	{ STR("the dependencies between "), SAYS_PATH },
	{ STR("the existing dependency chain"), SAYS_CHAIN },
	{ STR("the first lock's dependencies:"), SAYS_TREE },
	{ STR("the hard-irq-"), SAYS_TREE },
	{ STR("the hard-read-irq-"), SAYS_TREE },
	{ STR("the second lock's dependencies:"), SAYS_TREE },
	{ STR("the shortest dependencies between "), SAYS_PATH },
	{ STR("the soft-irq-"), SAYS_TREE },
	{ STR("the soft-read-irq-"), SAYS_TREE },
	{ STR("to a HARDIRQ-"), SAYS_TO_UNSAFE },
	{ STR("to a RECLAIM_FS-"), SAYS_TO_UNSAFE },
	{ STR("to a SOFTIRQ-"), SAYS_TO_UNSAFE },
	{ STR("to a hard-"), SAYS_TO_UNSAFE },
	{ STR("to a soft-"), SAYS_TO_UNSAFE },
	{ STR("turning off the locking correctness validator"), SAYS_NOTHING },
	{ STR("which could lead to circular deadlocks"), SAYS_NOTHING }, /* before 2.6.18 */
	{ STR("which lock already depends on the new lock"), SAYS_NOTHING },
	{ STR("which would create a new lock dependency"), SAYS_NOTHING },
	{ STR("you didn't initialize this object"), SAYS_NOTHING },
	{ STR("{"), SAYS_REGISTERED },
	{ STR("}"), SAYS_NOTHING },
};

const char *sentence_text(size_t i)
{
	return i < ARRAY_SIZE(sentences) ? sentences[i].text.p : NULL;
}

/* The last row that is not behind @p s: the only one that can be its beginning. */
static int prefix_find(struct str s, struct said *ret)
{
	size_t low = 0, high = ARRAY_SIZE(sentences);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (str_cmp(sentences[middle].text, s) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || !str_starts(s, sentences[low - 1].text))
		return -ENOENT;
	*ret = (struct said){ .sentence = sentences[low - 1].sentence,
			      .text = s,
			      .rest = str_from(s, sentences[low - 1].text.len) };
	return 0;
}

/* The task, and "[HC0[0]:SC0[0]:HE0:SE1]" behind it. */
static int subject_parse(struct str s, struct said *ret)
{
	ptrdiff_t irq = str_find(s, STR(" [HC"));

	if (irq >= 0 && str_ends(s, STR("]"))) {
		ret->irq_state = str_from(s, (size_t)irq + 2);
		ret->irq_state.len--;
		s = str_head(s, (size_t)irq);
	}
	return task_parse(s, &ret->task);
}

static int task_sentence_parse(struct str s, struct said *ret)
{
	if (str_chr(s, '/') < 0)
		return -ENOENT;
	for (size_t i = 0; i < ARRAY_SIZE(task_sentences); i++) {
		struct str want = task_sentences[i].text;
		ptrdiff_t at = task_sentences[i].rest ? str_find(s, want) :
			       str_ends(s, want)      ? (ptrdiff_t)(s.len - want.len) :
							-1;
		struct said said = { .sentence = task_sentences[i].sentence, .text = s };

		if (at < 0)
			continue;
		if (subject_parse(str_head(s, (size_t)at), &said) < 0)
			return -ENOENT;
		said.rest = str_from(s, (size_t)at + want.len);
		*ret = said;
		return 0;
	}
	return -ENOENT;
}

int sentence_parse(struct str text, struct said *ret)
{
	struct said said;

	if (prefix_find(text, &said) == 0 && (said.sentence != SAYS_REGISTERED ||
					      str_find(text, STR("} state was registered")) > 0)) {
		*ret = said;
		return 0;
	}
	if (str_starts(text, STR("..."))) { /* a lone "...", or glued to the first frame */
		*ret = (struct said){ .sentence = SAYS_ELLIPSIS,
				      .text = text,
				      .rest = str_from(text, 3) };
		return 0;
	}
	return task_sentence_parse(text, ret);
}

#define BEGINNING_MIN_BYTES 8

/* A task and a part of what it does: "loop0/2986 is trying to". */
static bool task_sentence_begins(struct str s)
{
	ptrdiff_t slash = str_rfind(s, STR("/")), irq = str_find(s, STR(" [HC"));
	struct str rest = slash > 0 ? str_from(s, (size_t)slash + 1) : STR("");
	uint64_t pid;

	if (str_skip_uint(&rest, &pid) < 0)
		return false;
	if (irq > slash)
		rest = str_find(rest, STR("]")) < 0 ?
			       STR("") :
			       str_from(rest, (size_t)str_rfind(rest, STR("]")) + 1);
	if (rest.len < 3)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(task_sentences); i++) {
		struct str want = task_sentences[i].text;

		if (rest.len < want.len && str_starts(want, rest))
			return true;
	}
	return false;
}

bool sentence_begins(struct str text)
{
	size_t low = 0, high = ARRAY_SIZE(sentences);
	struct said said;

	if (text.len < BEGINNING_MIN_BYTES || prefix_find(text, &said) == 0)
		return false;
	while (low < high) { /* the first row that is not before @p text */
		size_t middle = low + (high - low) / 2;

		if (str_cmp(sentences[middle].text, text) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < ARRAY_SIZE(sentences) && str_starts(sentences[low].text, text))
		return true;
	return task_sentence_begins(text);
}
