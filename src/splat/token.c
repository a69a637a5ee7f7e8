/* SPDX-License-Identifier: MIT */
#include "token.h"

#include <errno.h>
#include <string.h>

#include "neighbour.h"
#include "sentence.h"

/* Other lines of dump_stack() and of the registers it prints. */
static const char *const dump_lines[] = {
	"Hardware name:",
	"Workqueue:",
	"Stopper:",
	"Tainted:",
	"Sched_ext:",
	"Modules linked in:",
	"RIP:",
	"RSP:",
	"RAX:",
	"RBX:",
	"RCX:",
	"RDX:",
	"RSI:",
	"RDI:",
	"RBP:",
	"R08:",
	"R10:",
	"R13:",
	"Code:",
	"ORIG_RAX:",
	"EFLAGS:",
	"EIP:",
	"EAX:",
	"ESI:",
	"ESP:",
	"DS:",
	"CS:",
	"ES:",
	"CR0:",
	"CR2:",
	"FS:",
	"PKRU:",
	"pc :",
	"lr :",
	"sp :",
	"pstate:",
	"x29:",
	"x27:",
	"x26:",
	"x24:",
	"x23:",
	"x21:",
	"x20:",
	"x18:",
	"x17:",
	"x15:",
	"x14:",
	"x12:",
	"x11:",
	"x9 :",
	"x8 :",
	"x6 :",
	"x5 :",
	"x3 :",
	"x2 :",
	"x0 :",
	"r10:",
	"r9:",
	"r8:",
	"r7:",
	"r6:",
	"r5:",
	"r4:",
	"Exception stack(",
	"Function entered at",
	"NIP:",
	"NIP [",
	"LR [",
	"LR:",
	"REGS:",
	"MSR:",
	"GPR",
	"CFAR:",
	"XER:",
	"--- interrupt",
	"--- Exception",
	"Last Breaking-Event-Address:",
	"IRQMASK:",
	"LR = ",
	"epc :",
	"status:",
	"Stack :",
	"Stack:",
	"Kernel BUG at",
};

/* Where something else begins, which has stacks of its own. */
static const char *const trouble[] = {
	"------------[ cut here",
	"---[ end trace",
	"---[ end Kernel",
	"Kernel panic",
	"Unable to handle kernel",
	"BUG: ",
	"general protection fault",
	"Oops",
	"INFO: task ",
	"INFO: rcu",
	"rcu: INFO:",
	"watchdog:",
	"WARNING: CPU:",
	"WARNING: at ",
	"NMI backtrace",
	"Sending NMI",
	"Rebooting in",
	"sysrq:",
	"SysRq",
};

static bool starts_with_any(struct str s, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_begins(s, list[i]))
			return true;
	return false;
}

static bool is_rule(struct str s)
{
	if (s.len < 6 || (*s.p != '=' && *s.p != '-'))
		return false;
	for (size_t i = 1; i < s.len; i++)
		if (s.p[i] != *s.p)
			return false;
	return true;
}

/* "<IRQ>", "</TASK>", "<<EOE>>", "<#DF>". @return its length, 0 when there is none. */
static size_t marker_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && s.p[n] == '<')
		n++;
	if (!n || n > 2)
		return 0;
	if (n < s.len && (s.p[n] == '/' || s.p[n] == '#'))
		n++;
	size_t word = n;
	while (n < s.len && ((s.p[n] >= 'A' && s.p[n] <= 'Z') || s.p[n] == '_' || is_digit(s.p[n])))
		n++;
	if (n == word || n == s.len || s.p[n] != '>')
		return 0;
	while (n < s.len && s.p[n] == '>')
		n++;
	return n;
}

static bool marker_leaves_irq(struct str marker)
{
	return str_find(marker, STR("EO")) >= 0 ||
	       (str_find(marker, STR("/")) >= 0 && str_find(marker, STR("TASK")) < 0);
}

/* "-> #N (lock){usage}:" */
static int chain_parse(struct str s, struct token *ret)
{
	struct str rest;
	uint64_t index;

	if (!str_skip(&s, STR("->")))
		return -ENOENT;
	s = str_ltrim(s);
	if (!str_skip(&s, STR("#")) || str_skip_uint(&s, &index) < 0)
		return -ENOENT;
	if (lock_parse(str_ltrim(s), &ret->lock, &rest) < 0)
		return -ENOENT;
	rest = str_trim(rest);
	if (rest.len && !str_eq(rest, STR(":")))
		return -ENOENT;
	ret->number = index;
	ret->type = TOKEN_CHAIN;
	return 0;
}

/* "[#N: ][ADDR ](lock){usage}, at: SYMBOL", " #N: <RELEASED>" */
static int held_parse(struct str s, struct token *ret)
{
	uint64_t index = 0;
	bool indexed = false;

	if (str_skip(&s, STR("#"))) {
		if (str_skip_uint(&s, &index) < 0 || !str_skip(&s, STR(":")))
			return -ENOENT;
		indexed = true;
		s = str_ltrim(s);
	}
	if (lock_at_parse(s, &ret->lock) == 0)
		ret->type = TOKEN_HELD;
	else if (str_eq(s, STR("<RELEASED>")))
		ret->type = TOKEN_RELEASED;
	else
		return -ENOENT;
	ret->indexed = indexed;
	ret->number = index;
	return 0;
}

/* "(lock){usage} -> (lock){usage}": both names may have "->" in them. */
static bool is_new_dependency(struct str s)
{
	return *s.p == '(' && (str_find(s, STR("} -> (")) >= 0);
}

/* " (lock){usage}", "-> (lock){usage} ops: 12 {" */
static int class_parse(struct str s, struct token *ret)
{
	struct str rest;
	bool arrow = str_skip(&s, STR("->"));

	s = str_ltrim(s);
	(void)lock_address_parse(&s, &ret->lock.address);
	if (lock_parse(s, &ret->lock, &rest) < 0)
		return -ENOENT;
	rest = str_ltrim(rest);
	if (str_skip(&rest, STR("ops:"))) {
		rest = str_ltrim(rest);
		ret->has_number = str_skip_uint(&rest, &ret->number) == 0;
		rest = str_ltrim(rest);
	}
	ret->opens = str_skip(&rest, STR("{")) || (arrow && ret->has_number);
	if (str_trim(rest).len)
		return -ENOENT;
	ret->type = TOKEN_CLASS;
	return 0;
}

/* "locks held by COMM/PID: 4, last CPU#0:": 2025 and later, in some kernels. */
static int counted_list_parse(struct str s, struct token *ret)
{
	ptrdiff_t end = str_find(s, STR(", last CPU#")), colon;
	struct str number;

	if (end < 0)
		return -ENOENT;
	s = str_head(s, (size_t)end);
	colon = str_rfind(s, STR(": "));
	if (colon < 0)
		return -ENOENT;
	number = str_from(s, (size_t)colon + 2);
	if (str_skip_uint(&number, &ret->number) < 0 || number.len ||
	    task_parse(str_head(s, (size_t)colon), &ret->task) < 0)
		return -ENOENT;
	ret->type = TOKEN_LIST;
	return 0;
}

/* "2 locks held by COMM/PID:", "no locks held by COMM/PID." */
static int list_parse(struct str s, struct token *ret)
{
	uint64_t n = 0;

	if (str_skip(&s, STR("locks held by ")) || str_skip(&s, STR("lock held by ")))
		return counted_list_parse(s, ret);
	if (!str_skip(&s, STR("no locks held by "))) {
		if (str_skip_uint(&s, &n) < 0 ||
		    (!str_skip(&s, STR(" locks held by ")) && !str_skip(&s, STR(" lock held by "))))
			return -ENOENT;
	}
	s = str_trim(s);
	if (!str_ends(s, STR(":")) && !str_ends(s, STR(".")))
		return -ENOENT;
	s.len--;
	if (task_parse(s, &ret->task) < 0)
		return -ENOENT;
	ret->number = n;
	ret->type = TOKEN_LIST;
	return 0;
}

/* "CPU: 4 PID: 1551 Comm: prime_mmap Tainted: ...", "Pid: 1551, comm: prime_mmap Not tainted ..." */
static int cpu_parse(struct str s, struct token *ret)
{
	uint64_t cpu = UINT64_MAX, pid, ignored;
	ptrdiff_t end;

	if (str_skip(&s, STR("CPU: "))) {
		if (str_skip_uint(&s, &cpu) < 0)
			return -ENOENT;
		if (str_skip(&s, STR(" UID: ")))
			(void)str_skip_uint(&s, &ignored);
		if (!str_skip(&s, STR(" PID: ")) && !str_skip(&s, STR(" Pid: ")))
			return -ENOENT;
	} else if (!str_skip(&s, STR("Pid: "))) {
		return -ENOENT;
	}
	if (str_skip_uint(&s, &pid) < 0)
		return -ENOENT;
	(void)str_skip(&s, STR(","));
	if (!str_skip(&s, STR(" Comm: ")) && !str_skip(&s, STR(" comm: ")))
		return -ENOENT;
	end = str_find(s, STR(" Kdump: loaded"));
	if (end < 0)
		end = str_find(s, STR(" Not tainted"));
	if (end < 0)
		end = str_find(s, STR(" Tainted:"));
	if (end < 0)
		end = str_chr(s, ' ');
	ret->task = (struct task){ .comm = str_trim(str_head(s, end < 0 ? s.len : (size_t)end)),
				   .pid = (int64_t)pid,
				   .known = true };
	ret->number = cpu;
	ret->type = TOKEN_CPU;
	return 0;
}

static bool is_scenario(struct str s)
{
	static const char *const rows[] = {
		"lock(", "rlock(", "sync(",  "unlock(",	   "local_irq_disable();",
		"CPU0",	 "---- ",  "----\t", "<Interrupt>"
	};

	return starts_with_any(s, rows, ARRAY_SIZE(rows)) || str_eq(s, STR("----"));
}

/* Raw stack words and register dumps: " ffff88003f8c7c98 0000000000000001", "7fa0: 00000001 ..." */
static bool is_hex_words(struct str s)
{
	unsigned int words = 0;

	while (s.len) {
		uint64_t ignored;
		struct str word = s;

		if (str_skip_hex(&s, &ignored) < 0)
			return words && str_eq(s, STR("..."));
		if (!words && word.len - s.len == 4 && str_skip(&s, STR(":")))
			word.len += 4; /* an offset in a dump */
		if (word.len - s.len < 8 || (s.len && !is_blank(*s.p)))
			return false;
		s = str_ltrim(s);
		words++;
	}
	return words > 1;
}

static bool is_trace_header(struct str s)
{
	return str_starts(s, STR("Call Trace:")) || str_starts(s, STR("Call trace:")) ||
	       str_starts(s, STR("Backtrace:"));
}

static void other_parse(struct str s, struct token *ret)
{
	size_t marker = marker_len(s);

	if (banner_parse(s, &ret->banner) == 0)
		ret->type = TOKEN_BANNER;
	else if (is_rule(s))
		ret->type = TOKEN_RULE;
	else if (is_new_dependency(s))
		ret->type = TOKEN_ARROW;
	else if (chain_parse(s, ret) == 0 || held_parse(s, ret) == 0 || list_parse(s, ret) == 0 ||
		 class_parse(s, ret) == 0 || cpu_parse(s, ret) == 0)
		return;
	else if (is_scenario(s))
		ret->type = TOKEN_SCENARIO;
	else if (marker == s.len && marker)
		ret->type = TOKEN_MARKER;
	else if (is_trace_header(s))
		ret->type = TOKEN_TRACE;
	else if (str_starts(s, STR("Linux version ")))
		ret->type = TOKEN_BOOT;
	else if (neighbour_find(s))
		ret->type = neighbour_find(s)->kind ? TOKEN_TROUBLE : TOKEN_LOCKDEP_OFF;
	else if (starts_with_any(s, trouble, ARRAY_SIZE(trouble)))
		ret->type = TOKEN_TROUBLE;
	else if (starts_with_any(s, dump_lines, ARRAY_SIZE(dump_lines)) || is_hex_words(s))
		ret->type = TOKEN_DUMP;
	else if (sentence_parse(s, &ret->said) == 0)
		ret->type = TOKEN_SENTENCE;
}

void token_parse(struct str text, enum frame_where where, struct token *ret)
{
	struct str s = str_trim(text), stack_line;
	size_t marker;

	*ret = (struct token){ .type = TOKEN_UNKNOWN, .text = s };
	if (!s.len) {
		ret->type = TOKEN_BLANK;
		return;
	}
	marker = marker_len(s);
	if (marker)
		ret->leaves_irq = marker_leaves_irq(str_head(s, marker));
	/* x86 up to 4.9 prints " <EOI>  [<addr>] function" on one line. */
	stack_line = str_ltrim(str_from(s, marker));
	if (stack_line.len && str_find(s, STR("){")) < 0 &&
	    frame_parse(stack_line, where, &ret->frame) == 0) {
		ret->type = TOKEN_FRAME;
		return;
	}
	other_parse(s, ret);
}
