/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_PSTORE_H
#define UNSPLAT_LINE_PSTORE_H

#include "unsplat/str.h"

/*
 * What a crash left in persistent storage (fs/pstore): parts of one dump, each with a head
 * "Panic#1 Part1", the newest part first. A report that runs over parts is whole only when they
 * stand in the order of time, so a dump is kept until its last part was seen: at most
 * PSTORE_MAX_BYTES of it; what is over is given in the order of the input.
 */
#define PSTORE_MAX_BYTES ((size_t)4 << 20)

struct pstore;

/** @return whether @p line is the head of a part: the stream is such a dump. */
bool pstore_is_head(struct str line);
struct pstore *pstore_new(void); /* NULL: out of memory */
void pstore_free(struct pstore *p);
/**
 * Put in the next line. @return 1 when lines are ready to be taken first (@p line was not put
 * in: call again after them), 0, or -ENOMEM
 */
int pstore_put(struct pstore *p, struct str line, uint64_t number);
/** The input is over: all that is left is ready. @return whether there is something */
bool pstore_end(struct pstore *p);
/** Take the next ready line; its text lives until the next pstore_put(). @return false: none */
bool pstore_take(struct pstore *p, struct str *ret, uint64_t *number);

#endif
