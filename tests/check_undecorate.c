/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "check_unsplat.h"
#include "unsplat/line.h"

static const struct {
	const char *raw, *text, *caller;
	unsigned int quote;
} peeled[] = {
	/* mail quoting */
	{ "> text", "text", .quote = 1 },
	{ ">text", "text", .quote = 1 },
	{ "| text", "text", .quote = 1 },
	{ "|ktimers/0/15 is trying to acquire lock:", "ktimers/0/15 is trying to acquire lock:",
	  .quote = 1 },
	{ "> > text", "text", .quote = 2 },
	{ ">>> text", "text", .quote = 3 },
	{ "   > text", "text", .quote = 1 },
	{ ">        lock_acquire+0xd1/0x2f0", "       lock_acquire+0xd1/0x2f0", .quote = 1 },
	{ ">", "", .quote = 1 },
	/* levels of /proc/kmsg, syslog and collectors */
	{ "<4>text", "text" },
	{ "<30>text", "text" },
	{ "<191>text", "text" },
	{ "<4>[   85.501187] text", "text" },
	{ "<4> [197.079335] text", "text" },
	{ "<4> indented", " indented" },
	/* printk times, dmesg -d and -e, and journalctl -o short-monotonic */
	{ "[    1.234567] text", "text" },
	{ "[12345.678901] text", "text" },
	{ "[1.2] text", "text" },
	{ "[    1.234567]  indented", " indented" },
	{ "[    1.234567] ", "" },
	{ "[    1.234567]", "" },
	{ "[  +0.001213] text", "text" },
	{ "[    1.234567 <    0.000010>] text", "text" },
	{ "[    1.234567 <   +0.000010>] text", "text" },
	{ "[   12.345678] host kernel: text", "text" },
	{ "[   12.345678] kernel: text", "text" },
	{ "[   12.345678] -> #0 (a){....}:", "-> #0 (a){....}:" },
	{ "[][    T1] text", "text", .caller = "T1" }, /* somebody took the time out */
	/* caller ids of printk */
	{ "[    1.234567][  T123] text", "text", .caller = "T123" },
	{ "[    1.234567][    C0] text", "text", .caller = "C0" },
	{ "[    1.234567][    T1]  indented", " indented", .caller = "T1" },
	{ "[   27.973558] [    T399]  indented", " indented", .caller = "T399" },
	{ "[ T3576]  #0: x", " #0: x", .caller = "T3576" },
	{ "[ 678.716062][ T1] text", "text", .caller = "T1" },
	{ "[  594.652986][ T5097] ", "", .caller = "T5097" },
	/* dmesg -T and -H */
	{ "[Mon Nov 22 06:29:21 2026] text", "text" },
	{ "[Mon Nov  2 06:29:21 2026] text", "text" },
	{ "[Feb 9 18:45] text", "text" },
	{ "[Feb 19 18:45] text", "text" },
	{ "[Nov22 06:29] text", "text" },
	/* dmesg -x, with and without squeezed blanks */
	{ "kern  :warn  : [   28.052350] text", "text" },
	{ "kern :warn : [  101.848538] text", "text" },
	{ "kern  :emerg : text", "text" },
	{ "kern  :alert : text", "text" },
	{ "kern  :crit  : text", "text" },
	{ "kern  :err   : text", "text" },
	{ "kern  :notice: text", "text" },
	{ "kern  :info  : text", "text" },
	{ "kern  :debug : text", "text" },
	/* syslog and journalctl -o short, short-precise */
	{ "Jan 22 01:50:05 black-mamba kernel: text", "text" },
	{ "Jan  2 01:50:05 host kernel: text", "text" },
	{ "Jan 2 01:50:05 host kernel: text", "text" },
	{ "Dec 31 23:59:59.123456 host kernel: text", "text" },
	{ "Jan 22 01:50:05 host kernel: [   12.345678] text", "text" },
	{ "Jan 22 01:50:05 host kernel:  indented", " indented" },
	/* ISO time stamps of journals, rsyslog, dmesg and CI systems */
	{ "2024-05-01T12:00:00+0200 host kernel: text", "text" },
	{ "2024-05-01T12:00:00-0800 host kernel: text", "text" },
	{ "2016-03-26T20:52:22.526357+00:00 mira108 kernel: text", "text" },
	{ "2026-11-22T06:29:21,123456+01:00 text", "text" },
	{ "2026-11-22T06:29:21,123456-01:00 text", "text" },
	{ "2024-01-01T10:00:00.1234567Z text", "text" },
	{ "2024-01-01T10:00:00Z [    1.234567] text", "text" },
	{ "2024-01-01T10:00:00 text", "text" },
	{ "2024-01-01T10:00:00Z  indented", " indented" },
	/* RFC 5424, GitLab, the journal's other formats */
	{ "<4>1 2024-05-01T12:00:00.123Z host kernel - - - text", "text" },
	{ "2024-05-01T12:00:00.123456Z 01O text", "text" },
	{ "2024-05-01T12:00:00.123456Z 00E+text", "text" },
	{ "2024-05-01 12:00:00,123 text", "text" },
	{ "Wed 2024-05-01 12:00:00 CEST host kernel: text", "text" },
	{ "Wed 2024-05-01 12:00:00.123456 CEST host kernel: text", "text" },
	{ "1714557600.123456 host kernel: text", "text" },
	/* Jenkins, ts(1), boards' consoles */
	{ "[2024-01-01T10:00:00.123Z] text", "text" },
	{ "[10:00:00] text", "text" },
	{ "[10:00:00.123] [    1.234567] text", "text" },
	{ "07:43:08.069 text", "text" },
	{ "07:43:08 [    1.234567]  indented", " indented" },
	{ "May 01 12:00:00 [    1.234567] text", "text" },
	{ "May 01 12:00:00.123456 text", "text" },
	{ "May 01 12:00:00", "" },
	{ "May 01 12:00:00 Call Trace:", "Call Trace:" },
	{ "May 01 12:00:00  HARDIRQ-ON-W at: f", " HARDIRQ-ON-W at: f" },
	{ "May 01 12:00:00 [ INFO: text ]", "[ INFO: text ]" },
	{ "May 01 12:00:00 Hardware name: linux", "Hardware name: linux" },
	{ "May 01 12:00:00 WARNING: CPU: 0", "WARNING: CPU: 0" },
	{ "[<    0.000010>] text", "text" },
	{ "[<   +0.000010>]  indented", " indented" },
	{ "Jan 22 01:50:05 host kernel[123]: text", "text" },
	/* containers, jobs, numbers */
	{ "vm_1  | [    1.234567]  indented", " indented" },
	{ "my-vm-12 | text", "text" },
	{ "vm_1  |", "" },
	{ "build (x86, 1)\tRun tests\t2024-01-01T10:00:00.1234567Z [    1.234567] text", "text" },
	{ "     1\ttext", "text" },
	{ "   123\t[    1.234567]  indented", " indented" },
	{ "[   12.345678] c0   4711  indented", " indented" },
	{ "[   12.345678] c0 12345 text", "text" },
	{ "[   12.345678] c0 2 locks held by a/1:", "2 locks held by a/1:" },
	/* Android's logcat */
	{ "01-01 00:00:12.345  0  0 W : text", "text" },
	{ "W/KERNEL ( 123): text", "text" },
	/* kernels of vendors, behind their time stamps only */
	{ "[ 2115.359650] -(1)[106:kswapd0]text", "text" },
	{ "[ 2115.359650]  (2)[106:kswapd0][ INFO: inconsistent lock state ]",
	  "[ INFO: inconsistent lock state ]" },
	{ "[ 2115.359650]  (2)[106:kswapd0][name:lockdep&]text", "text" },
	{ "[name:lockdep&]text", "text" },
	{ "[   58.914674] [T1501146] system_server:        f+0x1/0x2", "       f+0x1/0x2",
	  .caller = "T1501146" },
	{ "[   58.914674] [T1501146] binder:1_3: -> #2 (&x){+.+.}:", "-> #2 (&x){+.+.}:",
	  .caller = "T1501146" },
	{ "[   58.914674] [T1501146] WARNING: text", "WARNING: text", .caller = "T1501146" },
	{ "[   58.914674] [T1501146] Workqueue: text", "Workqueue: text", .caller = "T1501146" },
	{ "[   58.914674] [T1501146] 2 locks held by a/1: text", "2 locks held by a/1: text",
	  .caller = "T1501146" },
	{ "[   58.914674] [T15011] audit: text", "audit: text", .caller = "T15011" },
	{ "[   12.345678]  [0:  swapper/0:    1] text", "text" },
	{ "[   12.345678] I[0:  swapper/0:    1] text", "text" },
	{ "[   12.345678] c0 text", "text" },
	{ "[   12.345678] c0: text", "c0: text" },
	/* netconsole, the beginning lost */
	{ "T115;text", "text", .caller = "T115" },
	{ "C3;text", "text", .caller = "C3" },
	/* dmesg -x of other facilities */
	{ "user  :info  : text", "text" },
	/* date and host taken off by the author */
	{ "kernel: text", "text" },
	{ "kernel:text", "text" },
	{ "kernel: ====================", "====================" },
	/* layers on layers */
	{ "> > <4>[   12.345678][  T1] text", "text", .caller = "T1", .quote = 2 },
	{ "> Jan 22 01:50:05 host kernel: <4>[   12.345678] text", "text", .quote = 1 },
	{ "2024-01-01T10:00:00.123Z <4>[    1.234567][    C1]  f+0x1/0x2", " f+0x1/0x2",
	  .caller = "C1" },
	/* what is no text of the kernel */
	{ "text\r", "text" },
	{ "text\r\r", "text" },
	{ "te\rxt", "text" },
	{ "text \t ", "text" },
	{ "text^M", "text" },
	{ "[    1.234567] text^M\r", "text" },
	{ "\033[0;32mtext\033[0m", "text" },
	{ "\033[?25ltext", "text" },
	{ "\0337text\0338", "text" },
	{ "\033]0;title\atext", "text" },
	{ "\033]0;title\033\\text", "text" },
	{ "\033[32m[    1.234567] \033[0mtext", "text" },
	{ "text\033", "text" },
	{ "text\033[", "text" },
	{ "text\033[12", "text" },
	{ "text\033]0;title", "text" },
	{ "a\xc2\xa0"
	  "b",
	  "a b" },
	{ "\xc2\xa0\xc2\xa0text", "  text" },
	{ "caf\xc3\xa9 \xc2\xb5",
	  "caf\xc3\xa9 \xc2\xb5" }, /* the same first byte, another character */
	{ "cut \xc2", "cut \xc2" },
	{ "a\xa0"
	  "b",
	  "a b" }, /* ISO 8859-1 */
	{ "a\xe2\x80\x8b"
	  "b",
	  "ab" }, /* no width */
	{ "ac\bb", "ab" },
	{ "^[[0;32mtext^[[0m", "text" }, /* as pagers show it */
	{ "\033(Btext", "text" },
};

START_TEST(peel)
{
	struct line line = { 0 };
	char scratch[256];

	line_undecorate(str_of(peeled[_i].raw), scratch, &line);
	ck_assert_view(line.text, peeled[_i].text);
	ck_assert_view(line.caller, peeled[_i].caller);
	ck_assert_uint_eq(line.quote, peeled[_i].quote);
}
END_TEST

/* Text that looks as if it had a prefix. */
static const char *const plain[] = {
	"",
	"text",
	"  indented text",
	"[  OK  ] Started Journal Service.",
	"[FAILED] Failed to start x.",
	"[ BUG: Invalid wait context ]",
	"[ INFO: possible circular locking dependency detected ]",
	"[<ffffffff8109dbb7>] lock_acquire+0xd1/0x2f0",
	" [<c0160a39>] vfs_write+0xc9/0x1a0",
	"[c0000000043c3060] [c0000000000e44a4] .lock_acquire+0x144/0x450",
	"([<000000000690d2da>] check_flags+0x1fa/0x210)",
	"(&xt[i].mutex){+.+.}, at: xt_find_table_lock+0x6c/0x1c0 [x_tables]",
	"[i].mutex",
	"[i915]",
	"[12] text",
	"[1.2.3] text",
	"[.123456] text",
	"[123456.] text",
	"[    1.234567 text",
	"[    1.234567 <    0.000010] text",
	"[T] text",
	"[T12 text",
	"[X12] text",
	"[ 12T] text",
	"[Mon] text",
	"[Monday Nov 22 06:29:21 2026] text",
	"<IRQ>",
	" <TASK>",
	"<4",
	"<4text",
	"<>text",
	"<1000>text",
	"<-1>text",
	"<rust_binder::process::Process>::update_ref",
	"-> #0 (a){....}:",
	"->",
	"---------------------------",
	"    > four blanks: a picture, no quote",
	"kernel BUG at mm/slab.c:1!",
	"kernel_init+0x1/0x2",
	"kernel/locking/lockdep.c:4002",
	"kern",
	"kern  text",
	"kern  :loud  : text",
	"kernfs_fop_write+0xf3/0x1b0",
	"kn->count",
	"Jan 22 is a day",
	"Jan 22 01:50:05 host systemd[1]: Started x.",
	"Jan 22 01:50:05x",
	"Jan 22 01:50:05 host kernel[x]: text",
	"[<0.000010] text",
	"[<c0160a39.12>] f",
	"[   12.345678 c0",
	"vm_1 text",
	"vm_1 |text",
	"vm | text",
	"1_1 | text",
	"job\tstep\ttext",
	"job\t\t2024-01-01T10:00:00Z text",
	"12 text",
	"Mutex: text",
	"2024 locks held",
	"-(1)[106:kswapd0]text",
	"[0:  swapper/0:    1] text",
	"[name:lockdep]text",
	"[name:&]text",
	"[name:a name that is longer than 32 bytes&]text",
	"T115 text",
	"T;text",
	"12:34 text",
	"12:34:56",
	"W: text",
	"W/o a lock",
	"01-01 text",
	"1714557600.123456 text",
	"1 2 3",
	"^[ text",
	"users: text",
	"2 locks held by prime_mmap/1551:",
	"2024-01-01 text",
	"2024-01-01T10:00:00",
	"2024-01-01T10:00text",
	"#0:  (kernel: text",
	"mutex^Mmutex",
};

START_TEST(stay)
{
	struct line line = { 0 };
	char scratch[256];

	line_undecorate(str_of(plain[_i]), scratch, &line);
	ck_assert_view(line.text, plain[_i]);
	ck_assert_view(line.caller, "");
	ck_assert_uint_eq(line.quote, 0);
}
END_TEST

static const struct {
	const char *raw;
	bool has_time;
	uint64_t time;
} times[] = {
	{ "[    1.234567] text", true, 1234567 },
	{ "[12345.000001][  T1] text", true, 12345000001 },
	{ "[    1.234567 <    0.000010>] text", true, 1234567 },
	{ "[  +0.001213] text", false }, /* since the line before */
	{ "[ 1.23] text", false },
	{ "[Mon Nov 22 06:29:21 2026] text", false },
	{ "text", false },
};

START_TEST(printk_time)
{
	struct line line = { 0 };
	char scratch[64];

	line_undecorate(str_of(times[_i].raw), scratch, &line);
	ck_assert_view(line.text, "text");
	ck_assert_int_eq(line.has_time, times[_i].has_time);
	ck_assert_uint_eq(line.time, times[_i].time);
}
END_TEST

START_TEST(nul_bytes)
{
	static const char raw[] = "\0\0[    1.234567] a\0b\0";
	struct line line = { 0 };
	char scratch[sizeof(raw)];

	line_undecorate((struct str){ raw, sizeof(raw) - 1 }, scratch, &line);
	ck_assert_view(line.text, "ab");
}
END_TEST

/* A line of nothing but marks must not take for ever, nor leave the buffer. */
START_TEST(many_layers)
{
	char raw[4096], scratch[sizeof(raw)];
	struct line line = { 0 };

	memset(raw, '>', sizeof(raw));
	line_undecorate((struct str){ raw, sizeof(raw) }, scratch, &line);
	ck_assert_uint_ge(line.quote, 16);
	ck_assert_uint_eq(line.text.len, sizeof(raw) - line.quote);
}
END_TEST

/* A line that needs no cleaning is not copied. */
START_TEST(no_copy)
{
	static const char raw[] = "[    1.234567][    T1] text";
	struct line line = { 0 };

	line_undecorate(str_of(raw), NULL, &line);
	ck_assert_ptr_eq(line.text.p, raw + sizeof(raw) - 5);
}
END_TEST

Suite *undecorate_suite(void)
{
	Suite *s = suite_create("undecorate");
	TCase *tc = tcase_create("undecorate");

	tcase_add_loop_test(tc, peel, 0, ARRAY_SIZE(peeled));
	tcase_add_loop_test(tc, stay, 0, ARRAY_SIZE(plain));
	tcase_add_loop_test(tc, printk_time, 0, ARRAY_SIZE(times));
	tcase_add_test(tc, nul_bytes);
	tcase_add_test(tc, many_layers);
	tcase_add_test(tc, no_copy);
	suite_add_tcase(s, tc);
	return s;
}
