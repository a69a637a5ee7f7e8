/* SPDX-License-Identifier: MIT */
#include "merge.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gather.h"
#include "say.h"
#include "unsplat/saved.h"
#include "unsplat/table.h"

/*
 * Items go to a file without a name as they come; what is sorted is where they are. Of items with
 * the same source, line and kind one is kept: the greatest. So the result is the same for every grouping
 * and order, and an input that comes twice changes nothing.
 */

struct item {
	uint32_t source, kind; /* ids of names */
	bool is_source;
	uint64_t line; /* of the report; of a source: how many it has */
	uint64_t offset, len;
	uint32_t rank; /* of the name of its source */
};

struct run {
	const struct options *o;
	struct intern *names;
	struct item *items;
	size_t n, cap;
	FILE *spool;
	uint64_t size; /* of the spool */
	bool unreadable;
};

/* A file that is gone when we are. */
static FILE *spool_open(void)
{
	const char *folder = getenv("TMPDIR");
	char *path;
	FILE *spool = NULL;
	int fd, err;

	if (asprintf(&path, "%s/unsplat.XXXXXX", folder && *folder ? folder : P_tmpdir) < 0)
		return NULL;
	fd = mkostemp(path, O_CLOEXEC);
	if (fd >= 0) {
		unlink(path);
		spool = fdopen(fd, "w+");
	}
	err = errno;
	if (fd >= 0 && !spool)
		close(fd);
	free(path);
	errno = err;
	return spool;
}

static int add_item(struct run *run, const struct saved_item *saved)
{
	struct item x = { .is_source = saved->is_source,
			  .line = saved->line,
			  .offset = run->size,
			  .len = saved->text.len };

	if (run->n == run->cap) {
		size_t more = run->cap ? run->cap * 2 : 256;
		struct item *bigger = reallocarray(run->items, more, sizeof(*bigger));

		if (!bigger)
			return -ENOMEM;
		run->items = bigger;
		run->cap = more;
	}
	if (intern_add(run->names, saved->source, &x.source) ||
	    intern_add(run->names, saved->kind, &x.kind))
		return -ENOMEM;
	if (fwrite(saved->text.p, 1, x.len, run->spool) != x.len)
		return errno ? -errno : -EIO;
	run->size += x.len;
	run->items[run->n++] = x;
	return 0;
}

static int read_input(void *ctx, struct input *in, const char *name, int open_err)
{
	struct run *run = ctx;
	struct saved_reader *reader;
	struct saved_item item;
	bool said = false;
	int n = open_err, err = 0;

	if (open_err) {
		run->unreadable = true;
		say("%s: %s", name, input_strerror(open_err));
		return 0;
	}
	reader = saved_reader_new(in);
	if (!reader)
		return -ENOMEM;
	do {
		n = saved_next(reader, &item);
		if (n > 0)
			err = add_item(run, &item);
		if (n == -EBADMSG && !said) {
			say("%s:%" PRIu64 ": no output of unsplat report -f jsonl", name,
			    saved_line(reader));
			run->unreadable = said = true;
		}
	} while (!err && (n > 0 || n == -EBADMSG));
	if (!err && n < 0 && n != -ENOMEM) {
		run->unreadable = true;
		say("%s:%" PRIu64 ": %s", name, saved_line(reader),
		    n == -EPIPE ? "ends in the middle of a report" : input_strerror(n));
		n = 0;
	}
	saved_reader_free(reader);
	return err ? err : n;
}

static int by_name(const void *a, const void *b, void *names)
{
	return str_cmp(intern_str(names, *(const uint32_t *)a),
		       intern_str(names, *(const uint32_t *)b));
}

/* The place of each name in the order of names. */
static int rank_names(struct run *run)
{
	uint32_t n = intern_count(run->names);
	uint32_t *order = calloc(n + 1, sizeof(*order)), *rank = calloc(n + 1, sizeof(*rank));

	if (order && rank) {
		for (uint32_t i = 0; i < n; i++)
			order[i] = i;
		qsort_r(order, n, sizeof(*order), by_name, run->names);
		for (uint32_t i = 0; i < n; i++)
			rank[order[i]] = i;
		for (size_t i = 0; i < run->n; i++) {
			run->items[i].rank = rank[run->items[i].source];
			run->items[i].kind = rank[run->items[i].kind];
		}
	}
	free(order);
	free(rank);
	return order && rank ? 0 : -ENOMEM;
}

static bool is_same(const struct item *x, const struct item *y)
{
	return x->is_source == y->is_source && x->rank == y->rank &&
	       (x->is_source || (x->line == y->line && x->kind == y->kind));
}

/* Sources first; of those that mean the same, the one with most lines, then most bytes, first. */
static int by_place(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->is_source != y->is_source)
		return x->is_source ? -1 : 1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->line != y->line)
		return (x->line < y->line) != x->is_source ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	if (x->len != y->len)
		return x->len > y->len ? -1 : 1;
	return (x->offset > y->offset) - (x->offset < y->offset);
}

static int load(struct run *run, const struct item *x, char **buf, size_t *cap)
{
	if (x->len > *cap) {
		char *bigger = realloc(*buf, x->len);

		if (!bigger)
			return -ENOMEM;
		*buf = bigger;
		*cap = x->len;
	}
	if (fseeko(run->spool, (off_t)x->offset, SEEK_SET) != 0 ||
	    fread(*buf, 1, x->len, run->spool) != x->len)
		return errno ? -errno : -EIO;
	return 0;
}

/* The greatest of those that mean the same and are as long as the first. */
static int load_greatest(struct run *run, size_t i, char **buf, size_t *cap)
{
	const struct item *x = &run->items[i];
	char *other = NULL;
	size_t other_cap = 0;
	int err = load(run, x, buf, cap);

	for (size_t k = i + 1; !err && k < run->n && is_same(x, &run->items[k]) &&
			       run->items[k].len == x->len && run->items[k].line == x->line;
	     k++) {
		err = load(run, &run->items[k], &other, &other_cap);
		if (!err && memcmp(other, *buf, x->len) > 0)
			memcpy(*buf, other, x->len);
	}
	free(other);
	return err;
}

static int write_items(struct run *run, FILE *out, bool sources, bool document)
{
	const char *before = document ? "\n" : "";
	char *buf = NULL;
	size_t cap = 0;
	int err = 0;

	for (size_t i = 0; !err && i < run->n; i++) {
		const struct item *x = &run->items[i];

		if (x->is_source != sources || (i && is_same(x - 1, x)))
			continue;
		err = load_greatest(run, i, &buf, &cap);
		if (err)
			break;
		fputs(before, out);
		before = document ? ",\n" : "";
		if (sources && !document)
			fputs("{\"source\":", out);
		fwrite(buf, 1, x->len, out);
		if (sources && !document)
			fputc('}', out);
		if (!document)
			fputc('\n', out);
	}
	free(buf);
	return err;
}

static int write_all(void *ctx, FILE *out)
{
	struct run *run = ctx;
	bool document = !strcmp(run->o->writer->name, "json");
	int err = fflush(run->spool) != 0 ? -errno : rank_names(run);

	if (err)
		return err;
	if (run->n)
		qsort(run->items, run->n, sizeof(*run->items), by_place);
	if (!document) {
		err = write_items(run, out, true, false);
		return err ? err : write_items(run, out, false, false);
	}
	fprintf(out,
		"{\"schema\":1,\"generator\":{\"name\":\"%s\",\"version\":\"%s\"},\n\"reports\":[",
		PACKAGE_NAME, PACKAGE_VERSION);
	err = write_items(run, out, false, true);
	fputs("],\n\"sources\":[", out);
	if (!err)
		err = write_items(run, out, true, true);
	fputs("]}\n", out);
	return err;
}

static int begin(void *ctx)
{
	struct run *run = ctx;

	run->names = intern_new();
	errno = 0;
	run->spool = run->names ? spool_open() : NULL;
	return run->spool ? 0 : errno ? -errno : -ENOMEM;
}

int merge_run(const struct options *o)
{
	static const struct gathering gathering = { begin, read_input, write_all };
	struct run run = { .o = o };
	int status = gather_run(o, &gathering, &run);

	if (run.spool)
		fclose(run.spool);
	free(run.items);
	intern_free(run.names);
	return run.unreadable ? 2 : status;
}
