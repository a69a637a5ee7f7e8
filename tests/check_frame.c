/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "check_unsplat.h"
#include "unsplat/splat.h"

#define NO_OFFSET UINT64_MAX

static const struct {
	const char *text, *function;
	uint64_t offset, size;
	const char *module, *address, *file;
	uint32_t line;
	bool unreliable, inlined;
} anywhere[] = {
	/* saved stacks, and x86 since 4.10 */
	{ "lock_acquire+0xd1/0x2f0", "lock_acquire", 0xd1, 0x2f0 },
	{ "       lock_acquire+0xd1/0x2f0 ", "lock_acquire", 0xd1, 0x2f0 },
	{ "f+0x0/0x10", "f", 0, 0x10 },
	{ "? f+0x1/0x2", "f", 1, 2, .unreliable = true },
	{ "f+0x1", "f", 1, NO_OFFSET },
	{ "i915_gem_open+0x138/0x270 [i915]", "i915_gem_open", 0x138, 0x270, "i915" },
	{ "f+0x1/0x2 [x_tables]", "f", 1, 2, "x_tables" },
	{ "f+0x1/0x2 [snd-usb]", "f", 1, 2, "snd-usb" },
	{ "f+0x1/0x2 [nvme 8f0771607702f5ef8f0771607702f5ef8f077160]", "f", 1, 2, "nvme" },
	{ "f+0x1/0x2 [wlan(OE)]", "f", 1, 2, "wlan" },
	/* suffixes and names of compilers and languages */
	{ "do_ip_setsockopt.isra.12+0x1/0x2", "do_ip_setsockopt.isra.12", 1, 2 },
	{ "save_trace.isra.0.cold+0x1/0x2", "save_trace.isra.0.cold", 1, 2 },
	{ "f.llvm.123+0x1/0x2", "f.llvm.123", 1, 2 },
	{ "__pfx_f+0x1/0x2", "__pfx_f", 1, 2 },
	{ "$x+0x1/0x2", "$x", 1, 2 },
	{ "_RNvXCsktjF9JQNZ8U_5rnullNtB2_13NullBlkModule..4init+0x904/0xc30",
	  "_RNvXCsktjF9JQNZ8U_5rnullNtB2_13NullBlkModule..4init", 0x904, 0xc30 },
	{ "<rust_binder::process::Process>::update_ref+0x1/0x2",
	  "<rust_binder::process::Process>::update_ref", 1, 2 },
	{ "<core::iter::Map<I, F> as Iterator>::next+0x1/0x2 [rust]",
	  "<core::iter::Map<I, F> as Iterator>::next", 1, 2, "rust" },
	/* up to 4.9, i386, UML, mips, riscv, sparc, old arm64 */
	{ "[<ffffffff8109dbb7>] lock_acquire+0xd1/0x2f0", "lock_acquire", 0xd1, 0x2f0, "",
	  "ffffffff8109dbb7" },
	{ "[<ffffffff8109dbb7>] ? f+0x1/0x2 [i915]", "f", 1, 2, "i915", "ffffffff8109dbb7",
	  .unreliable = true },
	{ "[<c013a256>] f+0x1/0x2", "f", 1, 2, "", "c013a256" },
	{ "[<80123456>] f+0x1/0x2", "f", 1, 2, "", "80123456" },
	{ "[<ffffffff80006d4e>] f+0x1/0x2", "f", 1, 2, "", "ffffffff80006d4e" },
	{ "[0000000000512345] f+0x1/0x2", "f", 1, 2, "", "0000000000512345" },
	{ "[<ffff000008089cb0>] f+0x1/0x2", "f", 1, 2, "", "ffff000008089cb0" },
	/* arm64 since 6.13 */
	{ "__switch_to+0xdc/0x108 (T)", "__switch_to", 0xdc, 0x108 },
	{ "f+0x1/0x2 (P)", "f", 1, 2 },
	{ "f+0x1/0x2 (CF)", "f", 1, 2 },
	{ "f+0x1/0x2 (K)", "f", 1, 2 },
	{ "f+0x1/0x2 [m] (P)", "f", 1, 2, "m" },
	/* arm: the function that is returned to */
	{ "[<80de0078>] (dump_backtrace) from [<80de0574>] (show_stack+0x28/0x2c)", "show_stack",
	  0x28, 0x2c, "", "80de0574" },
	{ "[<80de0078>] (f+0x1/0x2) from [<80de0574>] (g+0x3/0x4)", "g", 3, 4, "", "80de0574" },
	{ "[<80de0078>] (f) from [<bf000574>] (g+0x3/0x4 [mod])", "g", 3, 4, "mod", "bf000574" },
	{ "dump_backtrace from show_stack+0x28/0x2c", "show_stack", 0x28, 0x2c },
	{ "f from g+0x3/0x4 [mod]", "g", 3, 4, "mod" },
	/* powerpc: stack pointer, address, dot of ELFv1, remarks */
	{ "[c0000000043c3060] [c0000000000e44a4] .lock_acquire+0x144/0x450", "lock_acquire", 0x144,
	  0x450, "", "c0000000000e44a4" },
	{ "[c0000000043c3060] [c0000000000e44a4] f+0x1/0x2 (unreliable)", "f", 1, 2, "",
	  "c0000000000e44a4", .unreliable = true },
	{ "[c0000000043c3060] [c0000000000e44a4] f+0x1/0x2 (g+0x3/0x4)", "f", 1, 2, "",
	  "c0000000000e44a4" },
	{ "[c0000000043c3060] [c0000000000e44a4] f+0x1/0x2 [mod] (unreliable)", "f", 1, 2, "mod",
	  "c0000000000e44a4", .unreliable = true },
	/* s390 */
	{ "[<000000000690d2de>] check_flags+0x1fe/0x210 ", "check_flags", 0x1fe, 0x210, "",
	  "000000000690d2de" },
	{ "([<000000000690d2da>] check_flags+0x1fa/0x210)", "check_flags", 0x1fa, 0x210, "",
	  "000000000690d2da", .unreliable = true },
	/* symbolised by a dashboard or by decode_stacktrace.sh, offsets left */
	{ "lock_acquire+0x1d5/0x580 kernel/locking/lockdep.c:4002", "lock_acquire", 0x1d5, 0x580,
	  "", "", "kernel/locking/lockdep.c", 4002 },
	{ "f+0x1/0x2 arch/x86/entry/common.c:-1", "f", 1, 2, "", "", "arch/x86/entry/common.c" },
	{ "f+0x1/0x2 [m] (drivers/a.c:12)", "f", 1, 2, "m", "", "drivers/a.c", 12 },
};

static void check_frame(const struct frame *f, size_t i)
{
	ck_assert_view(f->function, anywhere[i].function);
	ck_assert_view(f->module, anywhere[i].module);
	ck_assert_view(f->address, anywhere[i].address);
	ck_assert_view(f->file, anywhere[i].file);
	ck_assert_uint_eq(f->line, anywhere[i].line);
	ck_assert_int_eq(f->has_offset, anywhere[i].offset != NO_OFFSET);
	ck_assert_int_eq(f->has_size, anywhere[i].size != NO_OFFSET);
	ck_assert_uint_eq(f->offset, f->has_offset ? anywhere[i].offset : 0);
	ck_assert_uint_eq(f->size, f->has_size ? anywhere[i].size : 0);
	ck_assert_int_eq(f->reliable, !anywhere[i].unreliable);
	ck_assert_int_eq(f->inlined, anywhere[i].inlined);
}

START_TEST(everywhere)
{
	struct frame f;

	ck_assert_int_eq(frame_parse(str_of(anywhere[_i].text), FRAME_ANYWHERE, &f), 0);
	check_frame(&f, (size_t)_i);
	ck_assert_int_eq(frame_parse(str_of(anywhere[_i].text), FRAME_IN_STACK, &f), 0);
	check_frame(&f, (size_t)_i);
}
END_TEST

/* Without an offset: a frame where stacks are expected, and nothing elsewhere. */
static const struct {
	const char *text, *function, *module, *address, *file;
	uint32_t line;
	bool inlined;
} bare[] = {
	{ "lock_acquire (kernel/locking/lockdep.c:467 kernel/locking/lockdep.c:5755)",
	  "lock_acquire", "", "", "kernel/locking/lockdep.c", 467 },
	{ "f (mm/a.c:1 (discriminator 4))", "f", "", "", "mm/a.c", 1 },
	{ "f (mm/a.c:1 (discriminator 4) mm/b.c:2)", "f", "", "", "mm/a.c", 1 },
	{ "f (lockdep.c:?)", "f", "", "", "lockdep.c" },
	{ "f (??:?)", "f", "", "", "??" },
	{ "f (drivers/gpu/drm/a.c:12) drm", "f", "drm", "", "drivers/gpu/drm/a.c", 12 },
	{ "f (drivers/gpu/drm/a.c:12) [drm]", "f", "drm", "", "drivers/gpu/drm/a.c", 12 },
	{ "f+0x1/0x2 (drivers/gpu/drm/a.c:12) drm", "f", "drm", "", "drivers/gpu/drm/a.c", 12 },
	{ "check_prevs_add kernel/locking/lockdep.c:2020 [inline]", "check_prevs_add", "", "",
	  "kernel/locking/lockdep.c", 2020, true },
	{ "[<     inline     >] mark_irqflags kernel/locking/lockdep.c:2799", "mark_irqflags", "",
	  "", "kernel/locking/lockdep.c", 2799, true },
	{ "[<ffffffff8109dbb7>] lock", "lock", "", "ffffffff8109dbb7" },
	{ "do_fork", "do_fork" },
	{ "mutex_lock_nested", "mutex_lock_nested" },
	{ "0xffffffffffffffff", "", "", "ffffffffffffffff" },
	{ "[<ffffffffffffffff>] 0xffffffffffffffff", "", "", "ffffffffffffffff" },
	{ "0x0", "", "", "0" },
};

START_TEST(in_stack)
{
	struct frame f = { .function = UNTOUCHED };
	bool offset = str_find(str_of(bare[_i].text), STR("+0x")) >= 0;

	ck_assert_int_eq(frame_parse(str_of(bare[_i].text), FRAME_IN_STACK, &f), 0);
	ck_assert_view(f.function, bare[_i].function);
	ck_assert_view(f.module, bare[_i].module);
	ck_assert_view(f.address, bare[_i].address);
	ck_assert_view(f.file, bare[_i].file);
	ck_assert_uint_eq(f.line, bare[_i].line);
	ck_assert_int_eq(f.inlined, bare[_i].inlined);
	ck_assert(f.reliable && f.has_offset == offset);
	f.function = UNTOUCHED;
	ck_assert_int_eq(frame_parse(str_of(bare[_i].text), FRAME_ANYWHERE, &f), -ENOENT);
	ck_assert_view(f.function, "untouched");
}
END_TEST

/* Lines of splats and logs that are no frames, wherever they stand. */
static const char *const no_frames[] = {
	"",
	" ",
	"?",
	"+0x1/0x2",
	"1f+0x1/0x2",
	"f+0x/0x2",
	"f+1/2",
	"f +0x1/0x2",
	"f+0x11111111111111111/0x2",
	"word",
	"two words",
	"Call Trace:",
	"<IRQ>",
	"</TASK>",
	"stack backtrace:",
	"other info that might help us debug this:",
	"-> #0 (rtnl_mutex){+.+.}:",
	"-> #0 (a){....}: f+0x1/0x2",
	"#0: (a){....}, at: f+0x1/0x2",
	"(a){....}, at: f+0x1/0x2",
	"lock(rtnl_mutex);",
	"*** DEADLOCK ***",
	"CPU: 4 PID: 1551 Comm: prime_mmap Not tainted 4.14.0 #1",
	"Hardware name: QEMU Standard PC, BIOS 1.13.0-1 04/01/2014",
	"RIP: 0033:0x7f8c3c8d5d1d",
	"RIP: 0010:f+0x1/0x2",
	"Code: 48 8b 15 00",
	"RSP: 002b:00007ffd EFLAGS: 00000246 ORIG_RAX: 000000000000002e",
	"r9:00000000 r8:80de0574",
	"Exception stack(0x8010dfa8 to 0x8010dff0)",
	"7fa0: 00000000 00000001",
	"Function entered at [<80de0078>] from [<80de0574>]",
	"Backtrace: no frame pointer",
	"--- interrupt: c00 at f+0x1/0x2",
	"NIP [c0000000000e44a4] f+0x1/0x2",
	"hardirqs last  enabled at (12): [<ffffffff8109dbb7>] f+0x1/0x2",
	"WARNING: CPU: 0 PID: 1 at kernel/locking/lockdep.c:238 f+0xfa0/0x2230",
	"[<1234>] f+0x1/0x2",
	"[<ffffffff8109dbb7] f+0x1/0x2",
	"[<ffffffff8109dbb7>]",
	"([<000000000690d2da>] f+0x1/0x2",
	"(f+0x1/0x2)",
	"f from",
	"from g+0x1/0x2",
	"[<80de0078>] (f) from [<80de0574>] (g+0x1/0x2",
	"a message from usb+0x1: device",
	"tg3 0000:02:00.0 eth0: Link is up",
	"...",
	"<snip>",
	"<f+0x1/0x2",
	"a::b>+0x1/0x2",
};

START_TEST(no_frame)
{
	struct frame f = { .function = UNTOUCHED, .module = UNTOUCHED, .address = UNTOUCHED };

	ck_assert_int_eq(frame_parse(str_of(no_frames[_i]), FRAME_IN_STACK, &f), -ENOENT);
	ck_assert_int_eq(frame_parse(str_of(no_frames[_i]), FRAME_ANYWHERE, &f), -ENOENT);
	ck_assert_view(f.function, "untouched");
	ck_assert_view(f.module, "untouched");
	ck_assert_view(f.address, "untouched");
}
END_TEST

/* Remarks of people are no reason to lose a frame, but what begins a line of prose is none. */
static const struct {
	const char *text;
	int in_stack, anywhere;
} remarks[] = {
	{ "f+0x1/0x2 <--- here", 0, -ENOENT },
	{ "f+0x1/0x2 (this one)", 0, -ENOENT },
	{ "f+0x1 is where it hangs", -ENOENT, -ENOENT },
	{ "f+0x1/0x2, and", -ENOENT, -ENOENT },
};

START_TEST(remark)
{
	struct frame f = { 0 };

	ck_assert_int_eq(frame_parse(str_of(remarks[_i].text), FRAME_IN_STACK, &f),
			 remarks[_i].in_stack);
	ck_assert_int_eq(frame_parse(str_of(remarks[_i].text), FRAME_ANYWHERE, &f),
			 remarks[_i].anywhere);
}
END_TEST

Suite *frame_suite(void)
{
	Suite *s = suite_create("frame");
	TCase *tc = tcase_create("frame");

	tcase_add_loop_test(tc, everywhere, 0, ARRAY_SIZE(anywhere));
	tcase_add_loop_test(tc, in_stack, 0, ARRAY_SIZE(bare));
	tcase_add_loop_test(tc, no_frame, 0, ARRAY_SIZE(no_frames));
	tcase_add_loop_test(tc, remark, 0, ARRAY_SIZE(remarks));
	suite_add_tcase(s, tc);
	return s;
}
