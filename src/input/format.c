/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "stream.h"

/* Bytes at the start of a file. */
#define BEGINS(s, magic) str_starts(s, STR(magic))

static bool is_gzip(struct str s)
{
	return BEGINS(s, "\x1f\x8b\x08");
}

static bool is_xz(struct str s)
{
	return BEGINS(s, "\xfd"
			 "7zXZ\0");
}

/* A frame, or one that is passed over: pzstd begins with such a one. */
static bool is_zstd(struct str s)
{
	return BEGINS(s, "\x28\xb5\x2f\xfd") ||
	       (s.len >= 4 && ((unsigned char)s.p[0] & 0xf0) == 0x50 &&
		BEGINS(str_from(s, 1), "\x2a\x4d\x18"));
}

/* "BZh", the size of blocks, then pi for a block or its square root for the end. */
static bool is_bzip2(struct str s)
{
	struct str block = str_from(s, 4);

	return BEGINS(s, "BZh") && s.len > 4 && s.p[3] >= '1' && s.p[3] <= '9' &&
	       (BEGINS(block, "1AY&SY") || BEGINS(block, "\x17\x72\x45\x38\x50\x90"));
}

static bool is_lz4(struct str s)
{
	return BEGINS(s, "\x04\x22\x4d\x18");
}

/* A member, or the end of an archive without any. */
static bool is_zip(struct str s)
{
	return BEGINS(s, "PK\3\4") || BEGINS(s, "PK\5\6") || BEGINS(s, "PK\7\10PK\3\4");
}

#define TAR_CHECKSUM 148 /* where it is: 8 bytes, octal */

/* The sum over the header is the one thing that all tars since 1979 have. */
static bool is_tar(struct str s)
{
	unsigned long sum = 0, want = 0;
	size_t i = TAR_CHECKSUM;

	if (s.len < HEAD_BYTES || !s.p[0])
		return false;
	while (i < TAR_CHECKSUM + 8 && (s.p[i] == ' ' || s.p[i] == '\0'))
		i++;
	if (i == TAR_CHECKSUM + 8 || s.p[i] < '0' || s.p[i] > '7')
		return false;
	for (; i < TAR_CHECKSUM + 8 && s.p[i] >= '0' && s.p[i] <= '7'; i++)
		want = want * 8 + (unsigned long)(s.p[i] - '0');
	for (i = 0; i < HEAD_BYTES; i++)
		sum += i >= TAR_CHECKSUM && i < TAR_CHECKSUM + 8 ? ' ' : (unsigned char)s.p[i];
	return sum == want;
}

/* What this program does not open: 7-Zip, RAR, cabinets, compress, lzip, lzop, old lz4. */
static bool is_other(struct str s)
{
	return BEGINS(s, "7z\xbc\xaf\x27\x1c") || BEGINS(s, "Rar!\x1a\x07") ||
	       BEGINS(s, "MSCF\0\0\0\0") || BEGINS(s, "\x1f\x9d") || BEGINS(s, "LZIP\1") ||
	       BEGINS(s, "\x89LZO\0\r\n\x1a\n") || BEGINS(s, "\x02\x21\x4c\x18");
}

static bool is_anything(struct str s)
{
	(void)s;
	return true;
}

static const struct format formats[] = {
	{ "gzip", FORMAT_COMPRESSED, is_gzip, gzip_open },
	{ "xz", FORMAT_COMPRESSED, is_xz, xz_open },
	{ "zstd", FORMAT_COMPRESSED, is_zstd, zstd_open },
	{ "bzip2", FORMAT_COMPRESSED, is_bzip2, bzip2_open },
	{ "lz4", FORMAT_COMPRESSED, is_lz4, lz4_open },
	{ "zip", FORMAT_ARCHIVE, is_zip, NULL },
	{ "tar", FORMAT_ARCHIVE, is_tar, NULL },
	{ "other", FORMAT_REFUSED, is_other, NULL },
	{ "plain", FORMAT_PLAIN, is_anything, NULL },
};

const struct format *format_of(struct str head)
{
	const struct format *f = formats;

	while (!f->is(head))
		f++;
	return f;
}
