/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <stdbool.h>
#include <string.h>

/*
 * Four bytes of each hint, chosen to be rare in logs. The comparison below is written so that
 * compilers turn it into vector instructions: a fixed number of bytes, no branches inside.
 */
#define HINTS(X)                                                                                \
	X('l', 'o', 'c', 'k') /* "... locking ...", "locks held by", "lockdep is turned off" */ \
	X('t', 'e', 'n', 't') /* "bad contention detected!" */                                  \
	X('d', ' ', 'w', 'a') /* "Invalid wait context" */                                      \
	X('s', 'p', 'i', 'c') /* "suspicious RCU usage" */                                      \
	X('c', ' ', 'k', 'e') /* "trying to register non-static key" */                         \
	X('l', 'o', 'w', '!') /* "MAX_LOCKDEP_ENTRIES too low!" */                              \
	X('x', ' ', 'v', 'e') /* "Linux version " */                                            \
	X('B', 'U', 'G', ':') /* "BUG: scheduling while atomic: ..." */                         \
	X('S', '_', 'W', 'A') /* "DEBUG_LOCKS_WARN_ON(...)" */                                  \
	X('N', 'G', ':', ' ') /* "WARNING: CPU: 1 PID: 2 at ..." */                             \
	X('=', '3', 'D', '=') /* a rule in quoted-printable */                                  \
	X('-', '>', ' ', '#') /* a chain without its banner */

#define HINT_BYTES 4
#define CHUNK 64

static inline bool has_hint(const char *p)
{
	unsigned char hit = 0;

	for (int i = 0; i < CHUNK; i++) {
		unsigned char here = 0;
#define X(a, b, c, d)                                                                   \
	here |= (unsigned char)((p[i] == (a)) & (p[i + 1] == (b)) & (p[i + 2] == (c)) & \
				(p[i + 3] == (d)));
		HINTS(X)
#undef X
		hit |= here;
	}
	return hit;
}

static bool is_hint(const char *p)
{
#define X(a, b, c, d)                                                 \
	if (p[0] == (a) && p[1] == (b) && p[2] == (c) && p[3] == (d)) \
		return true;
	HINTS(X)
#undef X
	return false;
}

size_t scan_hint(const char *p, size_t n)
{
	size_t i = 0;

	for (; i + CHUNK + HINT_BYTES - 1 <= n; i += CHUNK)
		if (has_hint(p + i))
			break;
	for (; i + HINT_BYTES <= n; i++)
		if (is_hint(p + i))
			return i;
	return n;
}

uint64_t scan_newlines(const char *p, size_t n)
{
	uint64_t count = 0;

	for (; n >= CHUNK; p += CHUNK, n -= CHUNK) {
		unsigned char few = 0; /* at most CHUNK: one byte is enough, and vectorizes best */

		for (int i = 0; i < CHUNK; i++)
			few = (unsigned char)(few + (p[i] == '\n'));
		count += few;
	}
	while (n--)
		count += *p++ == '\n';
	return count;
}
