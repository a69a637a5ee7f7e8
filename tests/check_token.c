/* SPDX-License-Identifier: MIT */
#include "splat/token.h"

#include <errno.h>

#include "check_unsplat.h"

static const struct {
	const char *text;
	enum token_type type;
	enum sentence sentence;
	uint64_t number;
	const char *lock, *comm;
	int64_t pid;
} tokens[] = {
	{ "", TOKEN_BLANK },
	{ " \t", TOKEN_BLANK },
	{ "======================================================", TOKEN_RULE },
	{ "------------------------------------------------------", TOKEN_RULE },
	{ "======", TOKEN_RULE },
	{ "=====", TOKEN_UNKNOWN },
	{ "=-=-=-=-=-", TOKEN_UNKNOWN },
	{ "------------------------serialport: VM disconnected.", TOKEN_UNKNOWN },
	{ "WARNING: possible recursive locking detected", TOKEN_BANNER },
	{ "[ BUG: CPU 0/KVM/10284 still has locks held! ]", TOKEN_BANNER },
	/* chain entries */
	{ "-> #2 (&lo->lo_ctl_mutex#2){+.+.}:", TOKEN_CHAIN, .number = 2,
	  .lock = "&lo->lo_ctl_mutex#2" },
	{ "-> #0 ((work_completion)(&(&x->dwork)->work)){+.+.}-{0:0}:", TOKEN_CHAIN,
	  .lock = "(work_completion)(&(&x->dwork)->work)" },
	{ "-> #12 (a){....}", TOKEN_CHAIN, .number = 12, .lock = "a" },
	{ "-> #9223372036854775807 (a){....}:", TOKEN_CHAIN, .number = INT64_MAX, .lock = "a" },
	{ "-> #9223372036854775808 (a){....}:", TOKEN_UNKNOWN },
	{ "-> # (a){....}:", TOKEN_UNKNOWN },
	{ "-> #1 a:", TOKEN_UNKNOWN },
	{ "-> #1 (a){....}, at: f", TOKEN_UNKNOWN },
	{ "I think -> #1 (a){....}: is wrong", TOKEN_UNKNOWN },
	/* held locks */
	{ " #0: (&mm->mmap_sem){++++}, at: [<ffffffff8109dbb7>] f+0x1/0x2", TOKEN_HELD,
	  .lock = "&mm->mmap_sem" },
	{ "#10: ffff9faa6be2c238 (a){+.+.}-{3:3}, at: f+0x1/0x2", TOKEN_HELD, .number = 10,
	  .lock = "a" },
	{ "(a){+.+.}, at: f+0x1/0x2", TOKEN_HELD, .lock = "a" },
	{ " #1: <RELEASED>", TOKEN_RELEASED, .number = 1 },
	{ "<RELEASED>", TOKEN_RELEASED },
	{ "#1:", TOKEN_UNKNOWN },
	{ "#1", TOKEN_UNKNOWN },
	/* classes */
	{ " (a){+.+.}-{3:3}", TOKEN_CLASS, .lock = "a" },
	{ "-> (a){+.+.}-{3:3} ops: 12 {", TOKEN_CLASS, .number = 12, .lock = "a" },
	{ "-> (a){+.+.}-{3:3} {", TOKEN_CLASS, .lock = "a" },
	{ "(a){+.+.} and more", TOKEN_UNKNOWN },
	/* lists */
	{ "2 locks held by prime_mmap/1551:", TOKEN_LIST, .number = 2, .comm = "prime_mmap",
	  .pid = 1551 },
	{ "1 lock held by in:imklog/6533:", TOKEN_LIST, .number = 1, .comm = "in:imklog",
	  .pid = 6533 },
	{ "1 lock held by kworker/u4:2/54:", TOKEN_LIST, .number = 1, .comm = "kworker/u4:2",
	  .pid = 54 },
	{ "no locks held by swapper/0.", TOKEN_LIST, .comm = "swapper", .pid = 0 },
	{ "2 locks held by nobody:", TOKEN_UNKNOWN },
	{ "2 locks held by a/1", TOKEN_UNKNOWN },
	{ "locks held by a/1:", TOKEN_UNKNOWN },
	/* sentences with a task */
	{ "prime_mmap/1551 is trying to acquire lock:", TOKEN_SENTENCE, SAYS_TRYING,
	  .comm = "prime_mmap", .pid = 1551 },
	{ "a/1 [HC0[0]:SC1[1]:HE1:SE0] is trying to acquire:", TOKEN_SENTENCE, SAYS_TRYING,
	  .comm = "a", .pid = 1 },
	{ "swapper/0/0 [HC0[0]:SC1[1]:HE1:SE0] takes:", TOKEN_SENTENCE, SAYS_TAKES,
	  .comm = "swapper/0", .pid = 0 },
	{ "a/1 is trying to lock:", TOKEN_SENTENCE, SAYS_TRYING_LOCK, .comm = "a", .pid = 1 },
	{ "CPU 0/KVM/10284 just changed the state of lock:", TOKEN_SENTENCE, SAYS_TAKES,
	  .comm = "CPU 0/KVM", .pid = 10284 },
	{ "a/1 is trying to release lock (mrt_lock) at:", TOKEN_SENTENCE, SAYS_RELEASING,
	  .comm = "a", .pid = 1 },
	{ "a/1 is trying to contend lock (mrt_lock) at:", TOKEN_SENTENCE, SAYS_RELEASING,
	  .comm = "a", .pid = 1 },
	{ "a/1 is freeing memory f-g, with a lock still held there!", TOKEN_SENTENCE, SAYS_FREEING,
	  .comm = "a", .pid = 1 },
	{ "a/1 is leaving the kernel with locks still held!", TOKEN_SENTENCE, SAYS_TASK,
	  .comm = "a", .pid = 1 },
	{ "a/1 is exiting with locks still held!", TOKEN_SENTENCE, SAYS_TASK, .comm = "a",
	  .pid = 1 },
	{ "somebody is trying to acquire lock:", TOKEN_UNKNOWN },
	{ "a/b is trying to acquire lock:", TOKEN_UNKNOWN },
	{ "a/1 is trying to acquire lock: yes", TOKEN_UNKNOWN },
	{ "/1 is trying to acquire lock:", TOKEN_UNKNOWN },
	/* other sentences */
	{ "but task is already holding lock:", TOKEN_SENTENCE, SAYS_HOLDING },
	{ "and this task is already holding:", TOKEN_SENTENCE, SAYS_HOLDING },
	{ "but now in release context of a crosslock acquired at the following:", TOKEN_SENTENCE,
	  SAYS_CROSSLOCK },
	{ "which lock already depends on the new lock.", TOKEN_SENTENCE, SAYS_NOTHING },
	{ "the existing dependency chain (in reverse order) is:", TOKEN_SENTENCE, SAYS_CHAIN },
	{ "the existing dependency chain (in", TOKEN_SENTENCE, SAYS_CHAIN },
	{ "reverse order) is:", TOKEN_SENTENCE, SAYS_NOTHING },
	{ "other info that might help us debug this:", TOKEN_SENTENCE, SAYS_OTHER_INFO },
	{ "Chain exists of:", TOKEN_SENTENCE, SAYS_EXISTS },
	{ " Possible unsafe locking scenario:", TOKEN_SENTENCE, SAYS_SCENARIO },
	{ " Possible unsafe locking scenario by crosslock:", TOKEN_SENTENCE, SAYS_SCENARIO },
	{ " Possible interrupt unsafe locking scenario:", TOKEN_SENTENCE, SAYS_SCENARIO },
	{ " *** DEADLOCK ***", TOKEN_SENTENCE, SAYS_DEADLOCK },
	{ "stack backtrace:", TOKEN_SENTENCE, SAYS_BACKTRACE },
	{ "{IN-HARDIRQ-W} state was registered at:", TOKEN_SENTENCE, SAYS_REGISTERED },
	{ "... which became HARDIRQ-irq-unsafe at:", TOKEN_SENTENCE, SAYS_BECAME },
	{ "irq event stamp: 12", TOKEN_SENTENCE, SAYS_IRQ_STAMP },
	{ "context-{5:5}", TOKEN_SENTENCE, SAYS_CONTEXT },
	{ "inconsistent {IN-HARDIRQ-W} -> {HARDIRQ-ON-W} usage.", TOKEN_SENTENCE, SAYS_TRANSITION },
	{ "hardirqs last  enabled at (65): [<ffffffff8109dbb7>] f+0x1/0x2", TOKEN_SENTENCE,
	  SAYS_IRQ_EVENT },
	{ "softirqs last disabled at (0): 0x0", TOKEN_SENTENCE, SAYS_IRQ_EVENT },
	{ "but this new dependency connects a HARDIRQ-irq-safe lock:", TOKEN_SENTENCE,
	  SAYS_CONNECTS_SAFE },
	{ "to a HARDIRQ-irq-unsafe lock:", TOKEN_SENTENCE, SAYS_TO_UNSAFE },
	{ "to a soft-irq-unsafe lock:", TOKEN_SENTENCE, SAYS_TO_UNSAFE },
	{ "but this lock took another, HARDIRQ-READ-unsafe lock in the past:", TOKEN_SENTENCE,
	  SAYS_TOOK_OTHER },
	{ "but this lock was taken by another, SOFTIRQ-safe lock in the past:", TOKEN_SENTENCE,
	  SAYS_TAKEN_BY_OTHER },
	{ "the dependencies between HARDIRQ-irq-safe lock and the holding lock:", TOKEN_SENTENCE,
	  SAYS_PATH },
	{ "the shortest dependencies between 2nd lock and 1st lock:", TOKEN_SENTENCE, SAYS_PATH },
	{ " and HARDIRQ-irq-unsafe lock:", TOKEN_SENTENCE, SAYS_NOTHING },
	{ "the first lock's dependencies:", TOKEN_SENTENCE, SAYS_TREE },
	{ "the hard-irq-safe lock's dependencies:", TOKEN_SENTENCE, SAYS_TREE },
	{ "IN-HARDIRQ-W at:", TOKEN_SENTENCE, SAYS_BLOCK_USAGE },
	{ "INITIAL READ USE at:", TOKEN_SENTENCE, SAYS_BLOCK_USAGE },
	{ "in-softirq-R at:", TOKEN_SENTENCE, SAYS_BLOCK_USAGE },
	{ "... key      at: [<ffffffff8109dbb7>] __key.10+0x0/0x40", TOKEN_SENTENCE,
	  SAYS_BLOCK_KEY },
	{ "... acquired at:", TOKEN_SENTENCE, SAYS_BLOCK_ACQUIRED },
	{ "...", TOKEN_SENTENCE, SAYS_ELLIPSIS },
	{ "but this task is not holding:", TOKEN_SENTENCE, SAYS_NOT_HOLDING },
	{ "rcu_scheduler_active = 2, debug_locks = 1", TOKEN_SENTENCE, SAYS_RCU_ACTIVE },
	{ "RCU used illegally from offline CPU!", TOKEN_SENTENCE, SAYS_RCU_ILLEGAL },
	{ " (a){-...}-{2:2} -> (b->c){+.+.}-{2:2}", TOKEN_ARROW },
	{ "the existing", TOKEN_UNKNOWN },
	{ "zzz", TOKEN_UNKNOWN },
	{ "!", TOKEN_UNKNOWN },
	/* stacks */
	{ "lock_acquire+0xd1/0x2f0", TOKEN_FRAME },
	{ " <EOI>  [<ffffffff8109dbb7>] f+0x1/0x2", TOKEN_FRAME },
	{ "<IRQ>", TOKEN_MARKER },
	{ " </IRQ>", TOKEN_MARKER },
	{ "<<EOE>>", TOKEN_MARKER },
	{ "<#DF>", TOKEN_MARKER },
	{ "<ENTRY_TRAMPOLINE>", TOKEN_MARKER },
	{ "</TASK>", TOKEN_MARKER },
	{ "<irq>", TOKEN_UNKNOWN },
	{ "<IRQ", TOKEN_UNKNOWN },
	{ "<>", TOKEN_UNKNOWN },
	{ "Call Trace:", TOKEN_TRACE },
	{ "Call trace: ", TOKEN_TRACE },
	{ "Backtrace: ", TOKEN_TRACE },
	{ "CPU: 4 PID: 1551 Comm: prime_mmap Tainted: G     U          4.14.0 #1", TOKEN_CPU,
	  .number = 4, .comm = "prime_mmap", .pid = 1551 },
	{ "CPU: 0 UID: 0 PID: 12 Comm: kworker/0:1 Not tainted 6.12.0 #1", TOKEN_CPU,
	  .comm = "kworker/0:1", .pid = 12 },
	{ "CPU: 1 PID: 2 Comm: a Kdump: loaded Not tainted 5.4.0 #1", TOKEN_CPU, .number = 1,
	  .comm = "a", .pid = 2 },
	{ "CPU: 1 PID: 2 Comm: CPU 0/KVM Not tainted 5.4.0 #1", TOKEN_CPU, .number = 1,
	  .comm = "CPU 0/KVM", .pid = 2 },
	{ "Pid: 1551, comm: prime_mmap Not tainted 2.6.32 #1", TOKEN_CPU, .number = UINT64_MAX,
	  .comm = "prime_mmap", .pid = 1551 },
	{ "CPU: 4 in trouble", TOKEN_UNKNOWN },
	{ "Hardware name: QEMU", TOKEN_DUMP },
	{ "Workqueue: events_long f", TOKEN_DUMP },
	{ "RIP: 0033:0x7f8c3c8d5d1d", TOKEN_DUMP },
	{ "ffff88003f8c7c98 0000000000000001", TOKEN_DUMP },
	{ "7fa0: 00000001 00000002 00000003", TOKEN_DUMP },
	/* scenario */
	{ "       CPU0                    CPU1", TOKEN_SCENARIO },
	{ "       ----                    ----", TOKEN_SCENARIO },
	{ "  lock(&mm->mmap_sem);", TOKEN_SCENARIO },
	{ "                               lock((wq_completion)a#8);", TOKEN_SCENARIO },
	{ "  rlock(a);", TOKEN_SCENARIO },
	{ "  sync(a);", TOKEN_SCENARIO },
	{ "  unlock((complete)&ret.event);", TOKEN_SCENARIO },
	{ "  <Interrupt>", TOKEN_SCENARIO },
	{ "  local_irq_disable();", TOKEN_SCENARIO },
	/* what stands around reports */
	{ "------------[ cut here ]------------", TOKEN_TROUBLE },
	{ "---[ end trace 0123456789abcdef ]---", TOKEN_TROUBLE },
	{ "BUG: unable to handle kernel NULL pointer dereference", TOKEN_TROUBLE },
	{ "Kernel panic - not syncing: panic_on_warn set ...", TOKEN_TROUBLE },
	{ "INFO: task a:1 blocked for more than 120 seconds.", TOKEN_TROUBLE },
	{ "Linux version 4.14.0-rc1+ (a@b) (gcc) #1 SMP", TOKEN_BOOT },
	{ "INFO: lockdep is turned off.", TOKEN_LOCKDEP_OFF },
	{ "Disabling lock debugging due to kernel taint", TOKEN_LOCKDEP_OFF },
	{ "usb 3-1: New USB device found", TOKEN_UNKNOWN },
	{ "word", TOKEN_UNKNOWN },
};

START_TEST(token)
{
	struct token t;
	const struct task *who;

	token_parse(str_of(tokens[_i].text), FRAME_ANYWHERE, &t);
	ck_assert_int_eq(t.type, tokens[_i].type);
	ck_assert_uint_eq(t.number, tokens[_i].number);
	if (t.type == TOKEN_CHAIN || t.type == TOKEN_HELD || t.type == TOKEN_CLASS)
		ck_assert_view(t.lock.name, tokens[_i].lock);
	who = t.type == TOKEN_SENTENCE ? &t.said.task : &t.task;
	ck_assert_view(who->comm, tokens[_i].comm);
	ck_assert_int_eq(who->pid, tokens[_i].pid);
	ck_assert_int_eq(who->known, tokens[_i].comm != NULL);
	if (t.type == TOKEN_SENTENCE)
		ck_assert_int_eq(t.said.sentence, tokens[_i].sentence);
}
END_TEST

static const struct {
	const char *text;
	bool leaves;
} markers[] = {
	{ "<IRQ>", false },
	{ "</IRQ>", true },
	{ "<EOI>", true },
	{ "<<EOE>>", true },
	{ "<TASK>", false },
	{ "</TASK>", false },
	{ "<NMI>", false },
	{ "</NMI>", true },
	{ "</SOFTIRQ>", true },
	{ " <EOI>  [<ffffffff8109dbb7>] f+0x1/0x2", true },
	{ " <IRQ>  [<ffffffff8109dbb7>] f+0x1/0x2", false },
};

START_TEST(marker)
{
	struct token t;

	token_parse(str_of(markers[_i].text), FRAME_IN_STACK, &t);
	ck_assert_int_eq(t.leaves_irq, markers[_i].leaves);
}
END_TEST

/* Each sentence that the parser can act on has an example above. */
START_TEST(sentence_has_example)
{
	for (size_t i = 0; i < ARRAY_SIZE(tokens); i++)
		if (tokens[i].type == TOKEN_SENTENCE && (int)tokens[i].sentence == _i)
			return;
	ck_abort_msg("no example of sentence %d", _i);
}
END_TEST

/* They are searched by halves: in byte order, and none the beginning of another. */
START_TEST(sentences_are_sorted)
{
	for (size_t i = 1; sentence_text(i); i++) {
		struct str before = str_of(sentence_text(i - 1)), here = str_of(sentence_text(i));

		ck_assert_msg(str_cmp(before, here) < 0, "'%s' stands too late",
			      sentence_text(i - 1));
		ck_assert_msg(!str_starts(here, before), "'%s' hides '%s'", sentence_text(i - 1),
			      sentence_text(i));
	}
}
END_TEST

START_TEST(every_sentence)
{
	struct said said;

	for (size_t i = 0; sentence_text(i); i++) {
		struct str text = str_of(sentence_text(i));

		if (str_eq(text, STR("{"))) /* too short to be sure: it has an example above */
			continue;
		ck_assert_int_eq(sentence_parse(text, &said), 0);
		ck_assert_uint_eq(said.rest.len, 0);
	}
	said.text = UNTOUCHED;
	ck_assert_int_eq(sentence_parse(STR("{3:3}"), &said), -ENOENT);
	ck_assert_view(said.text, "untouched");
}
END_TEST

START_TEST(no_sentence)
{
	struct said said = { .text = UNTOUCHED };

	ck_assert_int_eq(sentence_parse(STR("usb 3-1: New USB device found"), &said), -ENOENT);
	ck_assert_int_eq(sentence_parse(STR("a is trying to acquire lock:"), &said), -ENOENT);
	ck_assert_int_eq(sentence_parse(STR(""), &said), -ENOENT);
	ck_assert_view(said.text, "untouched");
}
END_TEST

static const struct {
	const char *text, *comm;
	int64_t pid;
	int err;
} tasks[] = {
	{ "prime_mmap/1551", "prime_mmap", 1551, 0 },
	{ "swapper/0/0", "swapper/0", 0, 0 },
	{ "CPU 0/KVM/10284", "CPU 0/KVM", 10284, 0 },
	{ "aio/1/206", "aio/1", 206, 0 },
	{ "irq/125-pciehp/143", "irq/125-pciehp", 143, 0 },
	{ "in:imklog/6533", "in:imklog", 6533, 0 },
	{ " a /1", " a ", 1, 0 },
	{ "a/", "untouched", 7, -ENOENT },
	{ "/1", "untouched", 7, -ENOENT },
	{ "a", "untouched", 7, -ENOENT },
	{ "a/b", "untouched", 7, -ENOENT },
	{ "a/1b", "untouched", 7, -ENOENT },
	{ "a/-1", "untouched", 7, -ENOENT },
	{ "a/1 ", "untouched", 7, -ENOENT },
	{ "a/99999999999999999999", "untouched", 7, -ENOENT },
	{ "", "untouched", 7, -ENOENT },
};

START_TEST(task)
{
	struct task t = { UNTOUCHED, 7, false };

	ck_assert_int_eq(task_parse(str_of(tasks[_i].text), &t), tasks[_i].err);
	ck_assert_view(t.comm, tasks[_i].comm);
	ck_assert_int_eq(t.pid, tasks[_i].pid);
	ck_assert_int_eq(t.known, !tasks[_i].err);
}
END_TEST

Suite *token_suite(void)
{
	Suite *s = suite_create("token");
	TCase *tc = tcase_create("token");

	tcase_add_loop_test(tc, token, 0, ARRAY_SIZE(tokens));
	tcase_add_loop_test(tc, sentence_has_example, 0, SAYS_MAX);
	tcase_add_test(tc, sentences_are_sorted);
	tcase_add_test(tc, every_sentence);
	tcase_add_test(tc, no_sentence);
	tcase_add_loop_test(tc, marker, 0, ARRAY_SIZE(markers));
	tcase_add_loop_test(tc, task, 0, ARRAY_SIZE(tasks));
	suite_add_tcase(s, tc);
	return s;
}
