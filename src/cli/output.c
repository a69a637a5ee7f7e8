/* SPDX-License-Identifier: MIT */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that @p path means: where a link leads, whether or not that is there yet. */
static int resolve(const char *path, char **ret)
{
	char *real = realpath(path, NULL);
	char target[4096];
	ssize_t n;

	if (!real && errno == ENOENT) {
		n = readlink(path, target, sizeof(target) - 1);
		if (n > 0) {
			const char *slash = strrchr(path, '/');

			target[n] = '\0';
			if (*target == '/' || !slash)
				real = strdup(target);
			else if (asprintf(&real, "%.*s/%s", (int)(slash - path), path, target) < 0)
				real = NULL;
		} else {
			real = strdup(path);
		}
	}
	if (!real)
		return -errno;
	*ret = real;
	return 0;
}

static mode_t default_mode(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return 0666 & ~mask;
}

static int open_beside(struct output *o, const char *path, mode_t mode)
{
	int err = resolve(path, &o->path), fd;

	if (err)
		return err;
	if (asprintf(&o->temp, "%s.XXXXXX", o->path) < 0) {
		o->temp = NULL;
		return -ENOMEM;
	}
	fd = mkostemp(o->temp, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		free(o->temp);
		o->temp = NULL;
		return err;
	}
	(void)fchmod(fd, mode);
	o->stream = fdopen(fd, "w");
	return o->stream ? 0 : -ENOMEM;
}

int output_open(struct output *o, const char *path)
{
	struct stat st;
	int err = 0;

	*o = (struct output){ .stream = stdout };
	if (!path || !strcmp(path, "-"))
		return 0;
	o->stream = NULL;
	if (stat(path, &st) < 0) {
		err = errno == ENOENT ? open_beside(o, path, default_mode()) : -errno;
	} else if (S_ISREG(st.st_mode)) {
		if (access(path, W_OK) < 0)
			return -errno; /* the folder might let us replace what its owner protected */
		err = open_beside(o, path, st.st_mode & 07777);
	} else {
		o->stream = fopen(path, "we");
		err = o->stream ? 0 : -errno;
	}
	if (err)
		(void)output_close(o, false);
	return err;
}

int output_close(struct output *o, bool keep)
{
	int err = 0;

	errno = 0;
	if (o->stream) {
		bool failed = ferror(o->stream);

		if (fflush(o->stream) != 0 || failed)
			err = errno ? -errno : -EIO;
		if (o->stream != stdout && fclose(o->stream) != 0 && !err)
			err = -errno;
		o->stream = NULL;
	}
	if (o->temp && keep && !err && rename(o->temp, o->path) < 0)
		err = -errno;
	if (o->temp && (!keep || err))
		(void)unlink(o->temp);
	free(o->temp);
	free(o->path);
	o->temp = o->path = NULL;
	return err;
}
