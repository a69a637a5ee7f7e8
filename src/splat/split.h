/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_SPLIT_H
#define UNSPLAT_SPLAT_SPLIT_H

#include "unsplat/str.h"

/**
 * Trackers that take a report for prose put several of its lines into one.
 * @return how many bytes of @p s belong to its first line; s.len when it is one line
 */
size_t split_first(struct str s);

#endif
