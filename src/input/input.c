/* SPDX-License-Identifier: MIT */
#include "unsplat/input.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Folders inside folders inside ... : deeper than any tree of logs, shallow enough for the stack. */
#define WALK_MAX_DEPTH 64

struct input {
	int fd;		   /* -1: from memory */
	struct str memory; /* what is left of it */
	struct str peeked; /* bytes that were read to recognise the content */
	char peek[8];
	bool ended; /* the end was seen: a terminal would be asked for another one */
};

/* What other programs wrote and this build does not open. */
static const struct container {
	const char *magic;
	unsigned char len;
} containers[] = {
	{ "\x1f\x8b", 2 }, /* gzip */
	{ "\xfd"
	  "7zXZ",
	  5 },			   /* xz */
	{ "\x28\xb5\x2f\xfd", 4 }, /* zstd */
	{ "BZh", 3 },		   /* bzip2 */
	{ "\x04\x22\x4d\x18", 4 }, /* lz4 */
	{ "PK\x03\x04", 4 },	   /* zip */
};

static ssize_t read_fully(int fd, char *buf, size_t size)
{
	size_t got = 0;

	while (got < size) {
		ssize_t n = read(fd, buf + got, size - got);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

static bool is_container(struct str s)
{
	for (size_t i = 0; i < ARRAY_SIZE(containers); i++)
		if (str_starts(s, (struct str){ containers[i].magic, containers[i].len }))
			return true;
	return false;
}

ssize_t input_read(struct input *in, void *buf, size_t size)
{
	struct str *from = in->peeked.len ? &in->peeked : in->fd < 0 ? &in->memory : NULL;
	ssize_t n;

	if (from) {
		size_t len = from->len < size ? from->len : size;

		if (len)
			memcpy(buf, from->p, len);
		*from = str_from(*from, len);
		return (ssize_t)len;
	}
	if (in->ended)
		return 0;
	do
		n = read(in->fd, buf, size);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

struct input *input_from_memory(struct str s)
{
	struct input *in = calloc(1, sizeof(*in));

	if (in) {
		in->fd = -1;
		in->memory = s;
	}
	return in;
}

void input_free(struct input *in)
{
	if (!in)
		return;
	if (in->fd > STDIN_FILENO)
		close(in->fd);
	free(in);
}

/* Open a stream over @p fd, which it then owns. */
static int stream_call(int fd, const char *name, input_fn *fn, void *ctx)
{
	struct input *in = calloc(1, sizeof(*in));
	ssize_t n;
	int err;

	if (!in) {
		close(fd);
		return -ENOMEM;
	}
	in->fd = fd;
	n = read_fully(fd, in->peek, sizeof(in->peek));
	in->peeked = (struct str){ in->peek, n < 0 ? 0 : (size_t)n };
	in->ended = n >= 0 && (size_t)n < sizeof(in->peek);
	if (n < 0)
		err = fn(ctx, NULL, name, (int)n);
	else if (is_container(in->peeked))
		err = fn(ctx, NULL, name, -EMEDIUMTYPE);
	else
		err = fn(ctx, in, name, 0);
	input_free(in);
	return err;
}

static int not_dots(const struct dirent *d)
{
	return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort(): no locale in the order */
}

static int walk(const char *path, int depth, input_fn *fn, void *ctx);

static int walk_folder(const char *path, int depth, input_fn *fn, void *ctx)
{
	struct dirent **entries = NULL;
	int n, err = 0;

	if (depth == WALK_MAX_DEPTH)
		return fn(ctx, NULL, path, -ELOOP);
	n = scandir(path, &entries, not_dots, by_bytes);
	if (n < 0)
		return errno == ENOMEM ? -ENOMEM : fn(ctx, NULL, path, -errno);
	for (int i = 0; i < n; i++) {
		char *below = NULL;
		const char *slash = path[strlen(path) - 1] == '/' ? "" : "/";

		if (!err && asprintf(&below, "%s%s%s", path, slash, entries[i]->d_name) < 0) {
			below = NULL;
			err = -ENOMEM;
		}
		if (!err)
			err = walk(below, depth + 1, fn, ctx);
		free(below);
		free(entries[i]);
	}
	free(entries);
	return err;
}

static int walk(const char *path, int depth, input_fn *fn, void *ctx)
{
	struct stat st;
	bool link = depth && lstat(path, &st) == 0 && S_ISLNK(st.st_mode);
	int fd;

	if (stat(path, &st) < 0)
		return link ? 0 : fn(ctx, NULL, path, -errno); /* a link to nothing */
	/* As grep -r does: a folder behind a link may be a loop, a FIFO would hang. */
	if (depth && !S_ISREG(st.st_mode) && (link || !S_ISDIR(st.st_mode)))
		return 0;
	if (S_ISDIR(st.st_mode))
		return walk_folder(path, depth, fn, ctx);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return fn(ctx, NULL, path, -errno);
	if (S_ISREG(st.st_mode))
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
	return stream_call(fd, path, fn, ctx);
}

int input_walk(const char *path, const char *label, input_fn *fn, void *ctx)
{
	if (!strcmp(path, "-"))
		return stream_call(STDIN_FILENO, label ? label : "stdin", fn, ctx);
	return walk(path, 0, fn, ctx);
}
