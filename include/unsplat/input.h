/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_INPUT_H
#define UNSPLAT_INPUT_H

#include <stdatomic.h>
#include <sys/types.h>

#include "unsplat/str.h"

/**
 * A FILE argument becomes named streams of bytes: its own, or those of an archive's members, and
 * in either case without compression. What a file is, its content says, never its name.
 * What follows this stage never sees a file descriptor.
 */
struct input;

/** What others may see and say while files are read; shared by threads. */
struct input_watch {
	atomic_uint_least64_t bytes; /* read from files so far */
	atomic_bool stop;	     /* reading is to end, with -ECANCELED */
};

/** Bounds on one FILE; what is over ends it with an error of input_strerror() that names them. */
#define INPUT_MAX_OUT (UINT64_C(1) << 40)    /* bytes that may come out of it */
#define INPUT_MAX_RATIO 1000		     /* bytes that come out for one that goes in ... */
#define INPUT_FREE_OUT (UINT64_C(256) << 20) /* ... once more than this has come out */
#define INPUT_MAX_MEMBERS 1000000	     /* of one archive */
#define INPUT_MAX_WINDOW (128u << 20)	     /* memory that the format asks for to decompress */
#define INPUT_MAX_COMPRESSIONS 2	     /* one around the other */
#define INPUT_MAX_ARCHIVES 2		     /* one inside the other */

/**
 * Called for each stream that a FILE argument stands for.
 * @param in   the open stream, NULL when it could not be opened
 * @param name of the stream, as it is to be shown: of the file, or "ARCHIVE!MEMBER", any bytes
 *             but NUL; borrowed for the call
 * @param err  0, or -errno when @p in is NULL; input_strerror() says what it means
 * @return 0 to go on; anything else stops the walk and is its result
 */
typedef int input_fn(void *ctx, struct input *in, const char *name, int err);

/** Called for each file that a FILE argument stands for; @p err as in input_fn. */
typedef int input_name_fn(void *ctx, const char *path, int err);

/**
 * Call @p fn for the files below @p path, without opening them: for a folder its regular files,
 * in sorted order (byte order of names), else @p path itself, "-" too. What cannot be
 * looked at is handed on with its error, what is gone is found by input_open().
 * @return what the last @p fn returned, or -ENOMEM
 */
int input_list(const char *path, input_name_fn *fn, void *ctx);

/**
 * Open a file that is no folder and call @p fn for its streams; "-" is standard input.
 * @param label  the name that standard input gets; NULL: "stdin"
 * @param watch  borrowed; may be NULL
 * @return what the last @p fn returned, or -ENOMEM
 */
int input_open(const char *path, const char *label, struct input_watch *watch, input_fn *fn,
	       void *ctx);

/** The same for a file that is in memory; @p s is borrowed for the call. */
int input_open_memory(struct str s, const char *name, input_fn *fn, void *ctx);

/**
 * @return bytes read into @p buf, 0 at the end, or -errno, after all that came before the error.
 * Interrupted reads are repeated. An error and the end stay.
 */
ssize_t input_read(struct input *in, void *buf, size_t size);

/**
 * Make a stream of its own out of what is left of @p in, which may then end; it holds its
 * bytes, and the error that ended them.
 * @return 1 with *ret set; 0: there are more than @p max bytes, or @p in is a pipe, which is not
 * waited for; @p in has still all of them; or -ENOMEM
 */
int input_detach(struct input *in, size_t max, struct input **ret);

/**
 * Let a thread of its own read ahead of whoever reads, so that decompression and what is done
 * with its result take place at the same time.
 * @param in  borrowed; nobody else reads from it until the new stream is freed
 * @return the new stream; NULL when there is no thread or no memory for it
 */
struct input *input_read_ahead(struct input *in);

/** From this size on it pays to read a file with two threads. */
#define INPUT_SHARE_MIN (32u << 20)

/**
 * Allow that what is left of @p in is read by several threads, with input_read_at(): for who has
 * a processor to spare. @return false when @p in is no plain file with so much to come, or memory
 */
bool input_share(struct input *in);
/** @return where in a shared stream the next input_read() reads; -1: not shared, or not yet known */
int64_t input_position(const struct input *in);
/**
 * Read of a shared stream what stands at @p at; any thread may, and the position stays.
 * @return @p size bytes, fewer at the end only, or -errno
 */
ssize_t input_read_at(struct input *in, void *buf, size_t size, int64_t at);

/**
 * Look at what comes next without taking it: up to @p n bytes, fewer at the end only.
 * @return 0 with *ret set, valid until the next call for @p in, or -errno
 */
int input_peek(struct input *in, size_t n, struct str *ret);

/** A stream over memory, for tests and fuzzers; @p s is borrowed. Free with input_free(). */
struct input *input_from_memory(struct str s);
void input_free(struct input *in);

/** @return what an error of this stage means, for people; never NULL */
const char *input_strerror(int err);

#endif
