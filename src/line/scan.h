/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_LINE_SCAN_H
#define UNSPLAT_LINE_SCAN_H

#include <stddef.h>
#include <stdint.h>

/*
 * The search in front of the line stage: most logs have no splat, so lines that cannot begin
 * one are never cut out. A hint is a few bytes that every line has that may begin a report
 * or a boot (see the banners in src/splat/kinds.c); it is necessary, never sufficient.
 */

/** @return offset of the first hint in @p p, or @p n when there is none. */
size_t scan_hint(const char *p, size_t n);
/** @return how many '\n' there are. */
uint64_t scan_newlines(const char *p, size_t n);

#endif
