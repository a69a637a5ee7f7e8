/* SPDX-License-Identifier: MIT */
#include "unsplat/splat.h"

#include <errno.h>
#include <string.h>

/*
 * A stack line is an address or two, a '?', a symbol with offset and size, and a tail of
 * module, unwinder letters and source positions; every part but the symbol may be missing.
 * The forms that are not built like that are rows of the table at the end.
 */

static bool is_name_char(char c)
{
	return is_alpha(c) || is_digit(c) || c == '_' || c == '.' || c == '$';
}

static size_t name_len(struct str s)
{
	size_t n = 0;

	while (n < s.len && is_name_char(s.p[n]))
		n++;
	return n;
}

static bool is_identifier(struct str s)
{
	return s.len && !is_digit(*s.p) && name_len(s) == s.len;
}

/* Rust and C++ names, demangled: "<rust_binder::process::Process>::update_ref". */
static bool is_path_name(struct str s)
{
	int depth = 0;

	if (str_find(s, STR("::")) < 0)
		return false;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.p[i];

		depth += (c == '<') - (c == '>' && (!i || s.p[i - 1] != '-'));
		if (depth < 0 || (is_blank(c) && !depth))
			return false;
		if (!is_name_char(c) && !strchr("<>:, &*[]()-{}#;='", c))
			return false;
	}
	return true;
}

static bool is_symbol(struct str s)
{
	return is_identifier(s) || (s.len && is_path_name(s));
}

/* "[<ffffffff8109dbb7>]", "[c0000000000e44a4]", "[<     inline     >]". @return whether one was there. */
static bool skip_address(struct str *s, struct frame *f)
{
	struct str t = *s, hex;
	uint64_t ignored;
	bool angle;

	if (!str_skip(&t, STR("[")))
		return false;
	angle = str_skip(&t, STR("<"));
	t = hex = str_ltrim(t);
	if (angle && str_skip(&t, STR("inline"))) {
		f->inlined = true;
		t = str_ltrim(t);
	} else {
		if (str_skip_hex(&t, &ignored) < 0 || hex.len - t.len < 8)
			return false;
		f->address = str_head(hex, hex.len - t.len);
	}
	if (angle && !str_skip(&t, STR(">")))
		return false;
	if (!str_skip(&t, STR("]")))
		return false;
	*s = str_ltrim(t);
	return true;
}

/* "+0xOFF[/0xSIZE]". @return 0 or -ENOENT */
static int offset_parse(struct str *s, struct frame *f)
{
	struct str t = *s;

	if (!str_skip(&t, STR("+0x")) || str_skip_hex(&t, &f->offset) < 0)
		return -ENOENT;
	f->has_offset = true;
	*s = t;
	if (str_skip(&t, STR("/0x")) && str_skip_hex(&t, &f->size) == 0) {
		f->has_size = true;
		*s = t;
	}
	return 0;
}

/* "kernel/locking/lockdep.c:4002", "lockdep.c:?", "file:-1" up to a blank, ')' or the end. */
static int position_parse(struct str *s, struct frame *f)
{
	size_t n = 0;
	ptrdiff_t colon;
	struct str word, number;
	uint64_t line = 0;

	while (n < s->len && !is_blank(s->p[n]) && s->p[n] != ')')
		n++;
	word = str_head(*s, n);
	colon = str_rfind(word, STR(":"));
	if (colon <= 0)
		return -ENOENT;
	number = str_from(word, (size_t)colon + 1);
	if (!str_eq(number, STR("?")) && !str_eq(number, STR("-1")) &&
	    (str_skip_uint(&number, &line) < 0 || number.len))
		return -ENOENT;
	if (str_chr(str_head(word, (size_t)colon), '.') < 0 && str_chr(word, '/') < 0 &&
	    !str_eq(word, STR("??:?")))
		return -ENOENT;
	if (!f->file.len) { /* the first is the innermost */
		f->file = str_head(word, (size_t)colon);
		f->line = line <= UINT32_MAX ? (uint32_t)line : 0;
	}
	*s = str_ltrim(str_from(*s, n));
	return 0;
}

/* "(kernel/locking/lockdep.c:467 kernel/locking/lockdep.c:5755 (discriminator 4))" */
static int positions_parse(struct str *s, struct frame *f)
{
	struct str t = *s;

	if (!str_skip(&t, STR("(")) || position_parse(&t, f) < 0)
		return -ENOENT;
	for (;;) {
		if (str_skip(&t, STR("(discriminator "))) {
			ptrdiff_t close = str_chr(t, ')');

			if (close < 0)
				return -ENOENT;
			t = str_ltrim(str_from(t, (size_t)close + 1));
		} else if (str_skip(&t, STR(")"))) {
			*s = str_ltrim(t);
			return 0;
		} else if (position_parse(&t, f) < 0) {
			return -ENOENT;
		}
	}
}

/* "[i915]", "[nvme 0123456789abcdef...]" (build id, 5.14 and later), "[module(OE)]" of vendors. */
static int module_parse(struct str *s, struct frame *f)
{
	ptrdiff_t close = str_chr(*s, ']');
	struct str inside;
	size_t n = 0;

	if (!s->len || *s->p != '[' || close < 2)
		return -ENOENT;
	inside = str_trim((struct str){ s->p + 1, (size_t)close - 1 });
	while (n < inside.len && (is_name_char(inside.p[n]) || inside.p[n] == '-'))
		n++;
	if (!n || (n < inside.len && inside.p[n] != ' ' && inside.p[n] != '('))
		return -ENOENT;
	if (str_eq(inside, STR("inline")))
		f->inlined = true;
	else
		f->module = str_head(inside, n);
	*s = str_ltrim(str_from(*s, (size_t)close + 1));
	return 0;
}

/* "(P)", "(T)", "(CF)", "(K)" of arm64, "(unreliable)" and "(caller+0x/0x)" of powerpc. */
static int remark_parse(struct str *s, struct frame *f)
{
	ptrdiff_t close = str_chr(*s, ')');
	struct str inside;

	if (!s->len || *s->p != '(' || close < 2)
		return -ENOENT;
	inside = (struct str){ s->p + 1, (size_t)close - 1 };
	if (str_eq(inside, STR("unreliable")))
		f->reliable = false;
	else if (inside.len > 3 && str_find(inside, STR("+0x")) < 0)
		return -ENOENT;
	*s = str_ltrim(str_from(*s, (size_t)close + 1));
	return 0;
}

static int tail_parse(struct str s, enum frame_where where, struct frame *f)
{
	s = str_ltrim(s);
	while (s.len) {
		if (module_parse(&s, f) == 0 || positions_parse(&s, f) == 0 ||
		    remark_parse(&s, f) == 0 || position_parse(&s, f) == 0)
			continue;
		if (where == FRAME_IN_STACK && f->file.len && !f->module.len && is_identifier(s)) {
			f->module = s; /* decode_stacktrace.sh prints it without brackets */
			return 0;
		}
		return -ENOENT;
	}
	return 0;
}

/* Where the name ends: before "+0x", or at the first blank of a line without one. */
static struct str take_name(struct str *s)
{
	size_t n = name_len(*s);
	struct str name;

	if (n < s->len && s->p[n] != '+' && !is_blank(s->p[n])) {
		ptrdiff_t plus = str_find(*s, STR("+0x"));

		n = plus < 0 ? n : (size_t)plus;
	}
	name = str_head(*s, n);
	*s = str_from(*s, n);
	return name;
}

/* [ADDRESS] [ADDRESS] [?] SYMBOL[+OFF[/SIZE]] [tail] */
static int plain_frame(struct str s, enum frame_where where, struct frame *f)
{
	bool addressed = false;

	while (skip_address(&s, f))
		addressed = true;
	if (str_skip(&s, STR("? "))) {
		f->reliable = false;
		s = str_ltrim(s);
	}
	if (where == FRAME_IN_STACK && str_skip(&s, STR("0x"))) { /* an address without a symbol */
		struct str hex = s;
		uint64_t ignored;

		if (str_skip_hex(&s, &ignored) < 0 || s.len)
			return -ENOENT;
		f->address = hex;
		return 0;
	}
	f->function = take_name(&s);
	if (f->function.len > 1 && *f->function.p == '.') /* ppc64 ELFv1 */
		f->function = str_from(f->function, 1);
	if (!is_symbol(f->function))
		return -ENOENT;
	if (offset_parse(&s, f) < 0) {
		if (where == FRAME_ANYWHERE)
			return -ENOENT;
		if (tail_parse(s, where, f) < 0)
			return -ENOENT;
		/* A lone word in a stack is a name somebody shortened, if it can be no English one. */
		return addressed || f->file.len || str_chr(f->function, '_') >= 0 ? 0 : -ENOENT;
	}
	/* People write remarks behind a frame; what has an offset and a size is one all the same. */
	if (tail_parse(s, where, f) < 0)
		return where == FRAME_IN_STACK && f->has_size && s.len && is_blank(*s.p) ? 0 :
											   -ENOENT;
	return 0;
}

/* s390 marks what may not be a caller: "([<000000000690d2da>] check_flags+0x1fa/0x210)". */
static int s390_frame(struct str s, enum frame_where where, struct frame *f)
{
	if (!str_skip(&s, STR("(")) || !str_starts(s, STR("[<")) || !str_ends(s, STR(")")))
		return -ENOENT;
	s.len--;
	f->reliable = false;
	return plain_frame(str_trim(s), where, f);
}

/*
 * arm: "[<80de0078>] (dump_backtrace) from [<80de0574>] (show_stack+0x28/0x2c)", and since
 * 5.19 "dump_backtrace from show_stack+0x28/0x2c". The frame is the one that is returned to.
 */
static int arm_frame(struct str s, enum frame_where where, struct frame *f)
{
	ptrdiff_t from = str_find(s, STR(" from "));
	struct str callee;
	bool bracket;

	(void)where;
	if (from < 0)
		return -ENOENT;
	callee = str_trim(str_head(s, (size_t)from));
	(void)skip_address(&callee, f);
	f->address = (struct str){ NULL, 0 };
	if (str_skip(&callee, STR("(")) && str_ends(callee, STR(")")))
		callee.len--;
	if (!is_symbol(str_head(callee, name_len(callee))))
		return -ENOENT;
	s = str_ltrim(str_from(s, (size_t)from + 6));
	(void)skip_address(&s, f);
	bracket = str_skip(&s, STR("("));
	f->function = take_name(&s);
	if (!is_symbol(f->function) || offset_parse(&s, f) < 0)
		return -ENOENT;
	s = str_ltrim(s);
	(void)module_parse(&s, f);
	if (bracket && !str_skip(&s, STR(")")))
		return -ENOENT;
	return tail_parse(s, where, f);
}

typedef int frame_form(struct str s, enum frame_where where, struct frame *f);

/* Tried in this order; a form is told by its first bytes or by a word, so the first fits. */
static frame_form *const forms[] = { plain_frame, arm_frame, s390_frame };

int frame_parse(struct str text, enum frame_where where, struct frame *ret)
{
	struct str s = str_trim(text);

	for (size_t i = 0; s.len && i < ARRAY_SIZE(forms); i++) {
		struct frame f = { .reliable = true };

		if (forms[i](s, where, &f) < 0)
			continue;
		*ret = f;
		return 0;
	}
	return -ENOENT;
}
