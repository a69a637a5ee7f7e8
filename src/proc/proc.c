/* SPDX-License-Identifier: MIT */
#include "unsplat/proc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "unsplat/splat.h"

/*
 * Source: kernel/locking/lockdep_proc.c (kernel/lockdep_proc.c up to 3.12), 2.6.18 to 6.12. Where
 * the columns differ between versions, the row is read by its shape, never by a version.
 */

#define READ_BYTES 65536
/* A row of lock_stat has 230 bytes, and a name in it. */
#define ROW_MAX_BYTES 8192

enum table { TABLE_NONE, TABLE_LOCKDEP, TABLE_CHAINS, TABLE_STAT };

struct reading {
	struct proc_tables *t;
	enum table table;
	struct str current; /* class whose successors follow, or the one before in a chain */
	size_t rows;
};

static const stack no_frames;

static enum table heading(struct str line)
{
	(void)str_skip(&line, STR("(buggered) "));
	if (str_starts(line, STR("all lock classes:")))
		return TABLE_LOCKDEP;
	if (str_starts(line, STR("all lock chains:")))
		return TABLE_CHAINS;
	return str_starts(line, STR("lock_stat version ")) ? TABLE_STAT : TABLE_NONE;
}

/* " FD:   15" : a label and a number. */
static bool skip_count(struct str *s, struct str label)
{
	struct str t = str_ltrim(*s);
	uint64_t n;

	if (!str_skip(&t, label))
		return false;
	t = str_ltrim(t);
	if (str_skip_uint(&t, &n) < 0)
		return false;
	*s = t;
	return true;
}

/* "0000000034343513[ OPS: 120][ FD:   15 BD:    5][ +.+.]: console_lock" */
static bool class_parse(struct str line, struct str *ret)
{
	struct str address, usage;
	ptrdiff_t colon;

	if (lock_address_parse(&line, &address) < 0)
		return false;
	(void)skip_count(&line, STR("OPS:"));
	(void)skip_count(&line, STR("FD:"));
	(void)skip_count(&line, STR("BD:"));
	line = str_ltrim(line);
	colon = str_find(line, STR(": "));
	usage = str_head(line, colon < 0 ? 0 : (size_t)colon);
	for (size_t i = 0; i < usage.len; i++)
		if (!memchr("+-.?", usage.p[i], 4))
			return false;
	if (colon < 0 || usage.len > USAGE_STATES_MAX)
		return false;
	*ret = str_from(line, (size_t)colon + 2);
	return ret->len > 0;
}

/* "[0000000034343513] console_lock" */
static bool member_parse(struct str line, struct str *ret)
{
	ptrdiff_t end = str_find(line, STR("] "));

	if (end < 2 || !str_skip(&line, STR("[")))
		return false;
	for (ptrdiff_t i = 0; i < end - 1;
	     i++) /* hex, or "(____ptrval____)" while there is no hash yet */
		if (!is_hex(line.p[i]) && !memchr("(_ptrval)", line.p[i], 9))
			return false;
	*ret = str_trim(str_from(line, (size_t)end));
	return ret->len > 0;
}

static int add_edge(struct reading *r, dependencies *to, struct str next)
{
	struct dependency *d = vec_push(r->t->mem, to);

	if (!d)
		return -ENOMEM;
	*d = (struct dependency){
		.index = -1, .held = -1, .from = r->current, .to = next, .frames = &no_frames
	};
	d->relation = dependency_relation(d);
	r->rows++;
	return 0;
}

static int read_lockdep(struct reading *r, struct str line)
{
	struct str name, *place;

	if (str_skip(&line, STR(" -> ")) || str_skip(&line, STR("-> "))) {
		if (!member_parse(line, &name) || !r->current.len) {
			r->t->odd++;
			return 0;
		}
		if (arena_str(r->t->mem, name, &name))
			return -ENOMEM;
		return add_edge(r, &r->t->edges, name);
	}
	if (!class_parse(line, &name)) {
		r->t->odd++;
		return 0;
	}
	place = vec_push(r->t->mem, &r->t->classes);
	if (!place || arena_str(r->t->mem, name, place))
		return -ENOMEM;
	r->current = *place;
	r->rows++;
	return 0;
}

static int read_chain(struct reading *r, struct str line)
{
	struct str name;
	int err = 0;

	if (str_starts(line, STR("irq_context:"))) {
		r->current = STR("");
		r->t->chains++;
		return 0;
	}
	if (!member_parse(line, &name)) {
		r->t->odd++;
		return 0;
	}
	if (arena_str(r->t->mem, name, &name))
		return -ENOMEM;
	if (r->current.len && !str_eq(r->current, name))
		err = add_edge(r, &r->t->nestings, name);
	r->current = name;
	return err;
}

/* A number with up to two decimals; commas do not occur. */
static bool skip_decimal(struct str *s, double *ret)
{
	struct str t = str_ltrim(*s);
	bool minus = str_skip(&t, STR("-"));
	uint64_t whole, part;

	if (str_skip_uint(&t, &whole) < 0)
		return false;
	*ret = (double)whole;
	if (str_skip(&t, STR(".")) && str_skip_uint(&t, &part) == 0)
		*ret += (double)part / 100;
	if (minus)
		*ret = -*ret;
	*s = t;
	return true;
}

/* "NAME-W:  con-bounces contentions waittime-min -max -total [-avg] acq-bounces acquisitions ..." */
static bool stat_parse(struct str line, struct proc_stat *ret)
{
	ptrdiff_t colon = str_rfind(line, STR(":"));
	struct str name = str_trim(str_head(line, colon < 0 ? 0 : (size_t)colon));
	struct str rest = str_from(line, (size_t)colon + 1);
	double column[12];
	size_t n = 0;

	if (!name.len)
		return false;
	while (n < ARRAY_SIZE(column) && skip_decimal(&rest, &column[n]))
		n++;
	if ((n != 10 && n != 12) || str_trim(rest).len)
		return false;
	if (str_ends(name, STR("-W")) || str_ends(name, STR("-R")))
		name = str_head(name, name.len - 2);
	ret->name = name;
	ret->contentions = column[1] > 0 ? (uint64_t)column[1] : 0;
	ret->wait_us = column[4] > 0 ? column[4] : 0;
	ret->acquisitions = column[n == 12 ? 7 : 6] > 0 ? (uint64_t)column[n == 12 ? 7 : 6] : 0;
	return true;
}

static int read_stat(struct reading *r, struct str line)
{
	struct proc_stat row = { 0 }, *place;

	if (!stat_parse(line, &row))
		return 0; /* rules, headings, and where it was fought for */
	place = vec_push(r->t->mem, &r->t->stats);
	if (!place || arena_str(r->t->mem, row.name, &row.name))
		return -ENOMEM;
	*place = row;
	r->rows++;
	return 0;
}

static int read_line(struct reading *r, struct str line)
{
	enum table next;

	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	r->t->lines++;
	next = heading(line);
	if (next) {
		r->table = next;
		r->current = STR("");
		return 0;
	}
	if (!str_trim(line).len) {
		r->current = STR("");
		return 0;
	}
	if (r->rows >= PROC_MAX_ROWS) {
		r->t->full = true;
		return 0;
	}
	if (r->table == TABLE_NONE) { /* its heading goes with the first class */
		struct str name;

		r->table = class_parse(line, &name) ? TABLE_LOCKDEP : TABLE_CHAINS;
	}
	return r->table == TABLE_LOCKDEP ? read_lockdep(r, line) :
	       r->table == TABLE_CHAINS	 ? read_chain(r, line) :
					   read_stat(r, line);
}

bool proc_is(struct str head)
{
	ptrdiff_t end;
	struct str line, name;

	while (str_skip(&head, STR("\n")))
		;
	end = str_chr(head, '\n');
	line = str_head(head, end < 0 ? head.len : (size_t)end);
	if (line.len && line.p[line.len - 1] == '\r')
		line.len--;
	if (heading(line))
		return true;
	/* a class in slot 0 that was freed takes the heading with it: then a class with its counts */
	return class_parse(line, &name) && str_find(line, STR(" FD:")) > 0;
}

int proc_read(struct input *in, struct proc_tables *ret)
{
	struct reading r = { .t = ret };
	char *buf = malloc(READ_BYTES + ROW_MAX_BYTES);
	size_t have = 0;
	ssize_t n = 0;
	int err = 0;

	*ret = (struct proc_tables){ .mem = arena_new() };
	if (!buf || !ret->mem)
		err = -ENOMEM;
	while (!err && (n = input_read(in, buf + have, READ_BYTES)) > 0) {
		struct str rest = { buf, have + (size_t)n };
		ptrdiff_t end;

		ret->bytes += (uint64_t)n;
		while (!err && (end = str_chr(rest, '\n')) >= 0) {
			err = read_line(&r, str_head(rest, (size_t)end));
			rest = str_from(rest, (size_t)end + 1);
		}
		have = rest.len < ROW_MAX_BYTES ? rest.len : 0; /* longer: of no table */
		ret->odd += rest.len != have;
		if (have)
			memmove(buf, rest.p, have);
	}
	if (!err && have)
		err = read_line(&r, (struct str){ buf, have });
	free(buf);
	return err ? err : n < 0 ? (int)n : 0;
}

void proc_tables_done(struct proc_tables *t)
{
	arena_free(t->mem);
	*t = (struct proc_tables){ 0 };
}
