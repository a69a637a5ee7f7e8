/* SPDX-License-Identifier: MIT */
#include "unsplat/input.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stream.h"

/* From this size on the kernel is told that a file is read from the front to the end. */
#define READ_AHEAD_BYTES (1 << 20)
/* Folders inside folders ...: deeper than any tree of logs, shallow enough for the stack. */
#define WALK_MAX_DEPTH 64

const char *input_strerror(int err)
{
	static const struct {
		int err;
		const char *text;
	} texts[] = {
		{ EBADMSG, "the packed data is damaged" },
		{ ENODATA, "the packed data ends too early" },
		{ EFBIG, "unpacks to more than 1 TiB, the limit on one input" },
		{ ERANGE, "unpacks to more than 1000 times its size, the limit past 256 MiB" },
		{ E2BIG, "more than 1000000 members, the limit on one archive" },
		{ ENOBUFS, "needs more than 128 MiB of memory to unpack, the limit" },
		{ ENOKEY, "encrypted" },
		{ EMEDIUMTYPE, "packed in a way that is not read here: unpack it first" },
		{ EPROTONOSUPPORT, "compressed in a way that is not read here: unpack it first" },
		{ EMLINK, "packed too often, one inside the other: unpack it first" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (-err == texts[i].err)
			return texts[i].text;
	return strerror(-err);
}

static_assert(INPUT_MAX_OUT == UINT64_C(1) << 40 && INPUT_MAX_RATIO == 1000 &&
		      INPUT_FREE_OUT == 256u << 20 && INPUT_MAX_MEMBERS == 1000000 &&
		      INPUT_MAX_WINDOW == 128u << 20,
	      "the texts above name them");

/* The lowest layer. */
struct file {
	struct input in;
	int fd;
};

static ssize_t file_read(struct input *in, void *buf, size_t size)
{
	struct file *f = (struct file *)in;
	struct input_watch *watch = in->budget->watch;
	ssize_t n;

	if (watch && atomic_load_explicit(&watch->stop, memory_order_relaxed))
		return -ECANCELED;
	do
		n = read(f->fd, buf, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	in->budget->in += (uint64_t)n;
	if (watch)
		atomic_fetch_add_explicit(&watch->bytes, (uint64_t)n, memory_order_relaxed);
	return n;
}

static int64_t file_position(const struct input *in)
{
	return lseek(((const struct file *)in)->fd, 0, SEEK_CUR);
}

static ssize_t file_read_at(struct input *in, void *buf, size_t size, int64_t at)
{
	struct file *f = (struct file *)in;
	struct input_watch *watch = in->budget->watch;
	size_t len = 0;

	while (len < size) {
		ssize_t n;

		if (watch && atomic_load_explicit(&watch->stop, memory_order_relaxed))
			return -ECANCELED;
		n = pread(f->fd, (char *)buf + len, size - len, at + (int64_t)len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && !len)
			return -errno;
		if (n <= 0)
			break; /* an error comes again */
		len += (size_t)n;
		if (watch)
			atomic_fetch_add_explicit(&watch->bytes, (uint64_t)n, memory_order_relaxed);
	}
	return (ssize_t)len;
}

static bool file_is_long(const struct input *in)
{
	int64_t at = file_position(in);
	struct stat st;

	return !in->waits && at >= 0 && fstat(((const struct file *)in)->fd, &st) == 0 &&
	       st.st_size - at >= (int64_t)INPUT_SHARE_MIN;
}

static void file_free(struct input *in)
{
	struct file *f = (struct file *)in;

	if (f->fd > STDIN_FILENO)
		close(f->fd);
}

static const struct input_ops file_ops = { .read = file_read,
					   .free = file_free,
					   .position = file_position,
					   .read_at = file_read_at,
					   .is_long = file_is_long };

/* Who wants the streams. */
struct streams {
	input_fn *fn;
	void *ctx;
	unsigned int archives; /* around the present stream */
};

static int stream_call(struct streams *s, struct input *in, const char *name);

static int member_call(void *ctx, struct input *member, const char *name, int err)
{
	struct streams *s = ctx;

	if (!member)
		return s->fn(s->ctx, NULL, name, err);
	return stream_call(s, member, name);
}

/* Put decompressors around *in until it is something else. @return 0 with *ret, or -errno */
static int unpack(struct input **in, const struct format **ret)
{
	unsigned int n = 0;

	for (;;) {
		struct str head;
		int err = stream_head(*in, &head);

		if (err < 0)
			return err;
		*ret = format_of(head);
		if ((*ret)->what == FORMAT_REFUSED)
			return -EMEDIUMTYPE;
		if ((*ret)->what != FORMAT_COMPRESSED)
			return 0;
		if (n++ == INPUT_MAX_COMPRESSIONS)
			return -EMLINK;
		err = (*ret)->open(*in, in);
		if (err < 0)
			return err;
	}
}

/* Hand on what is in @p in, which ends here. */
static int stream_call(struct streams *s, struct input *in, const char *name)
{
	const struct format *f;
	int err = unpack(&in, &f);

	if (!err && f->what == FORMAT_ARCHIVE && s->archives == INPUT_MAX_ARCHIVES)
		err = -EMLINK;
	if (err == -ENOMEM) {
		input_free(in);
		return err;
	}
	if (err) {
		err = s->fn(s->ctx, NULL, name, err);
	} else if (f->what == FORMAT_ARCHIVE) {
		s->archives++;
		err = archive_walk(in, name, member_call, s);
		s->archives--;
	} else {
		err = s->fn(s->ctx, in, name, 0);
	}
	input_free(in);
	return err;
}

/* Hand on what is in @p fd, which is closed then. */
static int fd_call(int fd, const char *name, struct input_watch *watch, input_fn *fn, void *ctx)
{
	struct streams s = { fn, ctx, 0 };
	struct budget budget = { .watch = watch };
	struct file *f = calloc(1, sizeof(*f));
	struct stat st;

	if (!f) {
		if (fd > STDIN_FILENO)
			close(fd);
		return -ENOMEM;
	}
	stream_init(&f->in, &file_ops, NULL);
	f->in.budget = &budget;
	f->in.waits = fstat(fd, &st) < 0 || !S_ISREG(st.st_mode);
	if (!f->in.waits && st.st_size >= READ_AHEAD_BYTES)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	f->fd = fd;
	return stream_call(&s, &f->in, name);
}

int input_open(const char *path, const char *label, struct input_watch *watch, input_fn *fn,
	       void *ctx)
{
	int fd;

	if (!strcmp(path, "-"))
		return fd_call(STDIN_FILENO, label ? label : "stdin", watch, fn, ctx);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return errno == ENOMEM ? -ENOMEM : fn(ctx, NULL, path, -errno);
	return fd_call(fd, path, watch, fn, ctx);
}

/* Memory that is counted as a file is. */
static ssize_t image_read(struct input *in, void *buf, size_t size)
{
	ssize_t n = input_read(in->below, buf, size);

	in->budget->in += n > 0 ? (uint64_t)n : 0;
	return n;
}

static const struct input_ops image_ops = { .read = image_read };

int input_open_memory(struct str s, const char *name, input_fn *fn, void *ctx)
{
	struct streams streams = { fn, ctx, 0 };
	struct budget budget = { 0 };
	struct input *below = input_from_memory(s), *in = below ? calloc(1, sizeof(*in)) : NULL;

	if (!in) {
		input_free(below);
		return -ENOMEM;
	}
	stream_init(in, &image_ops, below);
	in->budget = &budget;
	in->layer = 0;
	return stream_call(&streams, in, name);
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort(): no locale in the order */
}

static int list(const char *path, unsigned char type, int depth, input_name_fn *fn, void *ctx);

static int list_folder(const char *path, int depth, input_name_fn *fn, void *ctx)
{
	struct dirent **entries = NULL;
	int n, err = 0;

	if (depth == WALK_MAX_DEPTH)
		return fn(ctx, path, -ELOOP);
	n = scandir(path, &entries, not_dots, by_bytes);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : fn(ctx, path, -errno);
	for (int i = 0; i < n; i++) {
		char *below = NULL;
		const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";

		if (!err && asprintf(&below, "%s%s%s", path, slash, entries[i]->d_name) < 0) {
			below = NULL;
			err = -ENOMEM;
		}
		if (!err)
			err = list(below, entries[i]->d_type, depth + 1, fn, ctx);
		free(below);
		free(entries[i]);
	}
	free(entries);
	return err;
}

/* @p type is what the folder says; only what it does not say is asked for. */
static int list(const char *path, unsigned char type, int depth, input_name_fn *fn, void *ctx)
{
	struct stat st;
	bool link;

	if (type == DT_REG)
		return fn(ctx, path, 0);
	if (type == DT_DIR)
		return list_folder(path, depth, fn, ctx);
	link = depth && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
	if (stat(path, &st) < 0)
		return link ? 0 : fn(ctx, path, -errno); /* a link to nothing */
	/* As grep -r does: a folder behind a link may be a loop, a FIFO would hang. */
	if (depth && !S_ISREG(st.st_mode) && (link || !S_ISDIR(st.st_mode)))
		return 0;
	return S_ISDIR(st.st_mode) ? list_folder(path, depth, fn, ctx) : fn(ctx, path, 0);
}

int input_list(const char *path, input_name_fn *fn, void *ctx)
{
	return strcmp(path, "-") ? list(path, DT_UNKNOWN, 0, fn, ctx) : fn(ctx, path, 0);
}
