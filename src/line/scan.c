/* SPDX-License-Identifier: MIT */
#include "scan.h"

#include <assert.h>
#include <pthread.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ORDER_LITTLE_ENDIAN__)
#include <arm_neon.h>
#endif

/*
 * Each fingerprint is three sets of bytes, and has a bit. A byte has three masks: of the
 * fingerprints that it may be the first, the second, the third byte of. Where the masks of three
 * neighbours have a bit in common, there is a fingerprint. Vector instructions look up the mask
 * of 16 or 32 bytes at once, by both halves of the byte; that blurs the sets of a bucket into
 * each other, which costs a look but loses nothing. (The method is known as Teddy, from
 * Hyperscan; figures of it and of others are in tests/bench/README.md.)
 */

#define BLOCK 64 /* bytes per round: a mask of them is one word */
static_assert(HINT_BUCKETS == 8, "the mask of a byte is a byte");

static void add_byte(struct scanner *s, unsigned int place, unsigned char bucket, unsigned char c)
{
	const uint8_t bit = (uint8_t)(1u << bucket);

	s->whole[place][c] |= bit;
	s->low[place][c & 15] |= bit;
	s->high[place][c >> 4] |= bit;
	s->seven[place][c & 127] |= bit;
}

static void add_set(struct scanner *s, unsigned int place, unsigned char bucket, struct str set)
{
	if (!set.len)
		set = (struct str){ "\0-\xff", 3 };
	for (size_t i = 0; i < set.len; i++) {
		bool range = i + 2 < set.len && set.p[i + 1] == '-';
		unsigned int to = (unsigned char)set.p[range ? i + 2 : i];

		for (unsigned int c = (unsigned char)set.p[i]; c <= to; c++)
			add_byte(s, place, bucket, (unsigned char)c);
		i += range ? 2 : 0;
	}
}

static struct scanner the_scanner;

static void make_scanner(void)
{
	const struct hint_print *print;

	for (size_t i = 0; (print = hint_print(i)); i++)
		for (unsigned int place = 0; place < HINT_BYTES; place++)
			add_set(&the_scanner, place, print->bucket, print->byte[place]);
}

const struct scanner *scanner_get(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, make_scanner);
	return &the_scanner;
}

/* Where the search is: the text, and what is counted of it. */
struct search {
	const struct scanner *s;
	const char *p;
	size_t n;
	uint64_t newlines;
};

static bool is_print(const struct scanner *s, const char *p)
{
	return s->whole[0][(unsigned char)p[0]] & s->whole[1][(unsigned char)p[1]] &
	       s->whole[2][(unsigned char)p[2]];
}

/* From @p from on, one byte after the other. @return offset of the first hint, or n */
static size_t find_plain(struct search *f, size_t from)
{
	for (size_t i = from; i < f->n; i++) {
		if (i + HINT_BYTES <= f->n && is_print(f->s, f->p + i) &&
		    hint_is_real(f->p, f->p + i, f->p + f->n))
			return i;
		f->newlines += f->p[i] == '\n';
	}
	return f->n;
}

#if defined(__x86_64__)
/* @return which of the fingerprints of a block, bit per byte, is the first hint; -1: none */
static int first_real(const struct search *f, size_t at, uint64_t prints)
{
	for (; prints; prints &= prints - 1) {
		int bit = __builtin_ctzll(prints);

		if (is_print(f->s, f->p + at + bit) &&
		    hint_is_real(f->p, f->p + at + bit, f->p + f->n))
			return bit;
	}
	return -1;
}

#define AVX2 __attribute__((target("avx2,popcnt,bmi")))
#define AVX2_INLINE __attribute__((target("avx2,popcnt,bmi"), always_inline)) inline

struct avx2_tables {
	__m256i low[HINT_BYTES], high[HINT_BYTES];
};

AVX2_INLINE static __m256i avx2_table(const uint8_t row[16])
{
	return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)row));
}

AVX2_INLINE static void avx2_load(const struct scanner *s, struct avx2_tables *t)
{
	for (int place = 0; place < HINT_BYTES; place++) {
		t->low[place] = avx2_table(s->low[place]);
		t->high[place] = avx2_table(s->high[place]);
	}
}

/* What each of 32 bytes may be the byte number @p place of. */
AVX2_INLINE static __m256i avx2_place(const struct avx2_tables *t, int place, const char *p)
{
	const __m256i half = _mm256_set1_epi8(15);
	__m256i bytes = _mm256_loadu_si256((const __m256i *)p);
	__m256i high = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), half);

	return _mm256_and_si256(_mm256_shuffle_epi8(t->low[place], _mm256_and_si256(bytes, half)),
				_mm256_shuffle_epi8(t->high[place], high));
}

/* Fingerprints that begin at each of them. */
AVX2_INLINE static __m256i avx2_prints(const struct avx2_tables *t, const char *p)
{
	__m256i found = _mm256_and_si256(avx2_place(t, 0, p), avx2_place(t, 1, p + 1));

	return _mm256_and_si256(found, avx2_place(t, 2, p + 2));
}

AVX2_INLINE static uint64_t avx2_not_zero(__m256i a, __m256i b)
{
	const __m256i zero = _mm256_setzero_si256();
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, zero));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, zero));

	return ~(low | (uint64_t)high << 32);
}

AVX2_INLINE static uint64_t avx2_newlines(const char *p)
{
	const __m256i newline = _mm256_set1_epi8('\n');
	__m256i a = _mm256_loadu_si256((const __m256i *)p);
	__m256i b = _mm256_loadu_si256((const __m256i *)(p + 32));
	uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, newline));
	uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, newline));

	return low | (uint64_t)high << 32;
}

AVX2 static size_t find_avx2(struct search *f)
{
	struct avx2_tables t;
	size_t i = 0;

	avx2_load(f->s, &t);
	for (; i + BLOCK + HINT_BYTES - 1 <= f->n; i += BLOCK) {
		__m256i a = avx2_prints(&t, f->p + i), b = avx2_prints(&t, f->p + i + 32);
		__m256i any = _mm256_or_si256(a, b);
		uint64_t newlines = avx2_newlines(f->p + i);
		int hit = -1;

		if (!_mm256_testz_si256(any, any))
			hit = first_real(f, i, avx2_not_zero(a, b));
		if (hit >= 0)
			newlines &= (UINT64_C(1) << hit) - 1;
		f->newlines += (uint64_t)__builtin_popcountll(newlines);
		if (hit >= 0)
			return i + (size_t)hit;
	}
	return find_plain(f, i);
}

#define VBMI __attribute__((target("avx512bw,avx512vbmi,popcnt,bmi")))
#define VBMI_INLINE __attribute__((target("avx512bw,avx512vbmi,popcnt,bmi"), always_inline)) inline

struct vbmi_tables {
	__m512i first[HINT_BYTES], second[HINT_BYTES];
};

VBMI_INLINE static void vbmi_load(const struct scanner *s, struct vbmi_tables *t)
{
	for (int place = 0; place < HINT_BYTES; place++) {
		t->first[place] = _mm512_loadu_si512(s->seven[place]);
		t->second[place] = _mm512_loadu_si512(s->seven[place] + 64);
	}
}

/* What each of 64 bytes may be the byte number @p place of. */
VBMI_INLINE static __m512i vbmi_place(const struct vbmi_tables *t, int place, const char *p)
{
	return _mm512_permutex2var_epi8(t->first[place], _mm512_loadu_si512(p), t->second[place]);
}

VBMI static size_t find_vbmi(struct search *f)
{
	const __m512i newline = _mm512_set1_epi8('\n');
	struct vbmi_tables t;
	size_t i = 0;

	vbmi_load(f->s, &t);
	for (; i + BLOCK + HINT_BYTES - 1 <= f->n; i += BLOCK) {
		const char *p = f->p + i;
		__m512i found = _mm512_and_si512(vbmi_place(&t, 0, p), vbmi_place(&t, 1, p + 1));
		uint64_t prints = _mm512_test_epi8_mask(found, vbmi_place(&t, 2, p + 2));
		uint64_t newlines = _mm512_cmpeq_epi8_mask(_mm512_loadu_si512(p), newline);
		int hit = prints ? first_real(f, i, prints) : -1;

		if (hit >= 0)
			newlines &= (UINT64_C(1) << hit) - 1;
		f->newlines += (uint64_t)__builtin_popcountll(newlines);
		if (hit >= 0)
			return i + (size_t)hit;
	}
	return find_plain(f, i);
}
#endif

#if defined(__aarch64__) && defined(__ORDER_LITTLE_ENDIAN__)
/* Fingerprints that begin at each of 16 bytes. */
static inline uint8x16_t neon_prints(const struct scanner *s, const char *p)
{
	uint8x16_t found = vdupq_n_u8(0xff);

	for (int place = 0; place < HINT_BYTES; place++) {
		uint8x16_t bytes = vld1q_u8((const uint8_t *)p + place);
		uint8x16_t low = vandq_u8(bytes, vdupq_n_u8(15)), high = vshrq_n_u8(bytes, 4);

		low = vqtbl1q_u8(vld1q_u8(s->low[place]), low);
		high = vqtbl1q_u8(vld1q_u8(s->high[place]), high);
		found = vandq_u8(found, vandq_u8(low, high));
	}
	return found;
}

static size_t find_neon(struct search *f)
{
	const uint8x16_t newline = vdupq_n_u8('\n');
	size_t i = 0;

	for (; i + BLOCK + HINT_BYTES - 1 <= f->n; i += BLOCK) {
		uint8x16_t any = vdupq_n_u8(0), ends = vdupq_n_u8(0);

		for (size_t k = 0; k < BLOCK; k += 16) {
			any = vorrq_u8(any, neon_prints(f->s, f->p + i + k));
			ends = vsubq_u8(ends,
					vceqq_u8(vld1q_u8((const uint8_t *)f->p + i + k), newline));
		}
		if (vmaxvq_u8(any))
			for (size_t at = i; at < i + BLOCK; at++)
				if (is_print(f->s, f->p + at) &&
				    hint_is_real(f->p, f->p + at, f->p + f->n))
					return find_plain(f, i); /* it counts up to there */
		f->newlines += vaddlvq_u8(ends);
	}
	return find_plain(f, i);
}
#endif

size_t scan_hint_by(enum scan_way way, const struct scanner *s, const char *p, size_t n,
		    uint64_t *newlines)
{
	struct search f = { s, p, n, 0 };
	size_t at = SIZE_MAX;

	switch (way) {
#if defined(__x86_64__)
	case SCAN_VBMI:
		if (__builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512bw"))
			at = find_vbmi(&f);
		break;
	case SCAN_AVX2:
		if (__builtin_cpu_supports("avx2"))
			at = find_avx2(&f);
		break;
#elif defined(__aarch64__) && defined(__ORDER_LITTLE_ENDIAN__)
	case SCAN_NEON:
		at = find_neon(&f);
		break;
#endif
	default:
		break;
	}
	if (at == SIZE_MAX)
		at = find_plain(&f, 0);
	*newlines = f.newlines;
	return at;
}

size_t scan_hint(const struct scanner *s, const char *p, size_t n, uint64_t *newlines)
{
	enum scan_way way = SCAN_PLAIN;

#if defined(__x86_64__)
	way = __builtin_cpu_supports("avx512vbmi") ? SCAN_VBMI : SCAN_AVX2;
#elif defined(__aarch64__) && defined(__ORDER_LITTLE_ENDIAN__)
	way = SCAN_NEON;
#endif
	return scan_hint_by(way, s, p, n, newlines);
}
