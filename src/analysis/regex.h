/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_ANALYSIS_REGEX_H
#define UNSPLAT_ANALYSIS_REGEX_H

#include "unsplat/str.h"

/*
 * PCRE2 stays behind this file. Patterns are compiled once and then only read. A match limit
 * keeps hostile subjects cheap; hitting it counts as "no match". Subjects are names, not text:
 * PCRE2 is told nothing about UTF-8, so any bytes may come.
 */
struct regex;

/** @p pattern must match all of the subject. @return NULL when it does not compile or memory is out. */
struct regex *regex_new(const char *pattern);
/**
 * Whether @p pattern is none: for what a user wrote.
 * @return true with *where, the byte from 0, and why in @p text, @p room bytes
 */
bool regex_error(const char *pattern, size_t *where, char *text, size_t room);
void regex_free(struct regex *re);
bool regex_match(const struct regex *re, struct str subject);

#endif
