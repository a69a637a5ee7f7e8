/* SPDX-License-Identifier: MIT */
#include "pstore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct kept_line {
	uint64_t number, part;
	size_t at, len;
};

struct pstore {
	char dump[32]; /* "Panic#1" of the parts that are kept */
	size_t dump_len;
	uint64_t part; /* of the lines that come now */
	char *text;
	size_t text_len, text_cap;
	struct kept_line *lines;
	size_t n, cap, taken;
	bool ready;
};

/* "Panic#1 Part2": kmsg_dump_reason_str(), "#", count, " Part", number. */
static bool head_parse(struct str s, struct str *dump, uint64_t *part)
{
	struct str t = s;
	uint64_t ignored;

	while (t.len && is_alpha(*t.p))
		t = str_from(t, 1);
	if (t.len == s.len || !str_skip(&t, STR("#")) || str_skip_uint(&t, &ignored) < 0 || !t.len)
		return false;
	*dump = str_head(s, s.len - t.len);
	return str_skip(&t, STR(" Part")) && str_skip_uint(&t, part) == 0 && !str_trim(t).len;
}

bool pstore_is_head(struct str line)
{
	struct str dump;
	uint64_t part;

	return head_parse(line, &dump, &part);
}

struct pstore *pstore_new(void)
{
	return calloc(1, sizeof(struct pstore));
}

void pstore_free(struct pstore *p)
{
	if (!p)
		return;
	free(p->text);
	free(p->lines);
	free(p);
}

/* Later parts are older; lines of a part stay in their order. */
static int by_time(const void *a, const void *b)
{
	const struct kept_line *x = a, *y = b;

	if (x->part != y->part)
		return x->part > y->part ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static bool make_ready(struct pstore *p)
{
	if (!p->n)
		return false;
	qsort(p->lines, p->n, sizeof(*p->lines), by_time);
	p->taken = 0;
	p->ready = true;
	return true;
}

static int grow(void **array, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap ? *cap : 64;
	void *bigger;

	while (more < need)
		more *= 2;
	if (more == *cap)
		return 0;
	bigger = reallocarray(*array, more, size);
	if (!bigger)
		return -ENOMEM;
	*array = bigger;
	*cap = more;
	return 0;
}

static int keep(struct pstore *p, struct str line, uint64_t number)
{
	if (grow((void **)&p->lines, &p->cap, p->n + 1, sizeof(*p->lines)) < 0 ||
	    grow((void **)&p->text, &p->text_cap, p->text_len + line.len, 1) < 0)
		return -ENOMEM;
	if (line.len)
		memcpy(p->text + p->text_len, line.p, line.len);
	p->lines[p->n++] = (struct kept_line){ number, p->part, p->text_len, line.len };
	p->text_len += line.len;
	return 0;
}

int pstore_put(struct pstore *p, struct str line, uint64_t number)
{
	struct str dump;
	uint64_t part;
	bool head = head_parse(line, &dump, &part);
	bool other = head && (dump.len != p->dump_len || memcmp(dump.p, p->dump, dump.len) != 0);

	if ((other || p->text_len + line.len > PSTORE_MAX_BYTES) && make_ready(p))
		return 1;
	if (head) {
		p->dump_len = dump.len < sizeof(p->dump) ? dump.len : sizeof(p->dump);
		memcpy(p->dump, dump.p, p->dump_len);
		p->part = part;
		line.len = 0; /* the head is no line of the log */
	}
	return keep(p, line, number);
}

bool pstore_end(struct pstore *p)
{
	return make_ready(p);
}

bool pstore_take(struct pstore *p, struct str *ret, uint64_t *number)
{
	const struct kept_line *l;

	if (!p->ready)
		return false;
	if (p->taken == p->n) {
		p->n = p->text_len = 0;
		p->ready = false;
		return false;
	}
	l = &p->lines[p->taken++];
	*ret = (struct str){ p->text + l->at, l->len };
	*number = l->number;
	return true;
}
