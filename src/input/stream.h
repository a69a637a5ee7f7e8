/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_INPUT_STREAM_H
#define UNSPLAT_INPUT_STREAM_H

#include "unsplat/input.h"

/*
 * What the files of this stage share. A stream is a pile of layers: a file or memory, around it
 * decompressors, around these the member of an archive, and so on. Each reads from the one below.
 */

/** Enough to recognise all formats: a header of tar. */
#define HEAD_BYTES 512
/** A file, and per archive the compressions around it, its member, and those of the member. */
#define MAX_LAYERS (1 + (INPUT_MAX_ARCHIVES + 1) * (INPUT_MAX_COMPRESSIONS + 1))

/** What one FILE took and gave; all its layers share it. */
struct budget {
	uint64_t in;		   /* bytes read from the file */
	uint64_t out[MAX_LAYERS];  /* bytes that came out of all layers at that height */
	struct input_watch *watch; /* may be NULL */
	int error;		   /* over: nothing more is read from the file */
};
/** Add @p n bytes that came out at height @p layer. @return 0, -EFBIG or -ERANGE */
int budget_take(struct budget *b, unsigned int layer, size_t n);

struct input_ops {
	/** As input_read(), but it is not asked again after the end or an error. */
	ssize_t (*read)(struct input *in, void *buf, size_t size);
	void (*free)(struct input *in);
	/** As in input.h; NULL: not possible. */
	int64_t (*position)(const struct input *in);
	ssize_t (*read_at)(struct input *in, void *buf, size_t size, int64_t at);
	bool (*is_long)(const struct input *in); /* that much is to come */
};

/** The head of every layer. */
struct input {
	const struct input_ops *ops;
	struct input *below;   /* owned; NULL for the lowest */
	struct budget *budget; /* borrowed; NULL: not counted */
	unsigned int layer;
	bool waits; /* a read may take long: what is there is handed on first */
	bool ended;
	bool shared;
	int error;
	struct str ahead; /* bytes that were read to look at them */
	char *more;	  /* where they are, when they are not in head */
	char head[HEAD_BYTES];
};

/** Set up a layer over @p below, which it owns from then on. */
void stream_init(struct input *in, const struct input_ops *ops, struct input *below);
/**
 * Look at the first bytes without taking them: HEAD_BYTES, or fewer when there are no more, or
 * when they are the beginning of a text from something that may let us wait.
 * @return 0 with *ret set, or -errno when there is no byte before the error
 */
int stream_head(struct input *in, struct str *ret);

/** Bytes from the layer below on their way into a decompressor. */
#define FEED_BYTES (128u << 10)
struct feed {
	unsigned char *p; /* what is not used up */
	size_t len;
	bool ended;
	unsigned char buf[FEED_BYTES];
};
/** Get more when all is used up. @return 0 (also at the end: see ended) or -errno */
int feed_fill(struct feed *f, struct input *below);

/** Open a decompressor over @p below, which it owns on success. @return 0 or -ENOMEM */
typedef int decoder_open(struct input *below, struct input **ret);
decoder_open gzip_open, xz_open, zstd_open, bzip2_open, lz4_open;

/**
 * Call @p fn for each regular member of a tar or zip archive.
 * @param name  of the archive
 * @param fn    gets the member, which it owns, and its name
 */
typedef int member_fn(void *ctx, struct input *member, const char *name, int err);
int archive_walk(struct input *in, const char *name, member_fn *fn, void *ctx);

enum format_what {
	FORMAT_PLAIN,
	FORMAT_COMPRESSED,
	FORMAT_ARCHIVE,
	FORMAT_REFUSED,
};

/** One thing that a file can be. */
struct format {
	const char *name;
	enum format_what what;
	bool (*is)(struct str head);
	decoder_open *open;
};
/** @return the format of what begins with @p head; plain when it is no other */
const struct format *format_of(struct str head);

#endif
