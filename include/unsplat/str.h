/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_STR_H
#define UNSPLAT_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/** Bytes borrowed from a buffer: not NUL-terminated, valid as long as that buffer. */
struct str {
	const char *p;
	size_t len; /* bytes; {NULL, 0} is the empty string */
};

#define STR(literal) ((struct str){ (literal), sizeof(literal) - 1 })
#define STR_FMT "%.*s"
/** For printf("%.*s"): lengths past INT_MAX are cut (no field of ours is longer than a line). */
#define STR_ARG(s) (int)((s).len > INT32_MAX ? INT32_MAX : (s).len), ((s).p ? (s).p : "")

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_hex(char c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/** @return a view of the NUL-terminated @p s (NULL gives the empty string). */
static inline struct str str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

static inline bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

/** Byte order, shorter first on a tie. @return <0, 0, >0 as memcmp(). */
int str_cmp(struct str a, struct str b);

/** @return @p s from byte @p from on; empty when @p from is past the end. */
static inline struct str str_from(struct str s, size_t from)
{
	if (from >= s.len)
		return (struct str){ NULL, 0 };
	return (struct str){ s.p + from, s.len - from };
}

/** @return the first @p n bytes of @p s, or all of it. */
static inline struct str str_head(struct str s, size_t n)
{
	if (n < s.len)
		s.len = n;
	return s;
}

static inline bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && (!prefix.len || !memcmp(s.p, prefix.p, prefix.len));
}

/* The same for words of a table: most differ in the first byte, and their length costs a call. */
static inline bool str_is(struct str s, const char *word)
{
	return s.len && *s.p == *word && str_eq(s, str_of(word));
}

static inline bool str_begins(struct str s, const char *word)
{
	return s.len && *s.p == *word && str_starts(s, str_of(word));
}

static inline bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_from(s, s.len - suffix.len), suffix);
}

/** @return offset of the first @p needle in @p s, or -1. An empty needle is at 0. */
ptrdiff_t str_find(struct str s, struct str needle);
/** @return offset of the last @p needle in @p s, or -1. */
ptrdiff_t str_rfind(struct str s, struct str needle);
/** @return offset of the first byte @p c, or -1. */
static inline ptrdiff_t str_chr(struct str s, char c)
{
	const char *hit = s.len ? memchr(s.p, c, s.len) : NULL;

	return hit ? hit - s.p : -1;
}

/** @return @p s without blanks (space, tab) at its start / at both ends. */
static inline struct str str_ltrim(struct str s)
{
	while (s.len && is_blank(*s.p)) {
		s.p++;
		s.len--;
	}
	return s;
}

static inline struct str str_trim(struct str s)
{
	s = str_ltrim(s);
	while (s.len && is_blank(s.p[s.len - 1]))
		s.len--;
	return s;
}

/** Take @p prefix off the front of @p s. @return whether it was there. */
static inline bool str_skip(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_from(*s, prefix.len);
	return true;
}

/**
 * Take an unsigned decimal number off the front of @p s.
 * @return 0; -ENOENT when there is no digit; -EOVERFLOW past 2^63-1. @p s and @p ret are
 * untouched on failure.
 */
int str_skip_uint(struct str *s, uint64_t *ret);
/** The same for hexadecimal digits without a prefix (up to 16 of them). */
int str_skip_hex(struct str *s, uint64_t *ret);

#endif
