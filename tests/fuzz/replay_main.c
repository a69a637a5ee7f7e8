/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <time.h>

#include "fuzz.h"
#include "unsplat/str.h"

/*
 * Runs a fuzz target without libFuzzer: `PROGRAM FILE...` for what a fuzzer found; without a
 * FILE, all inputs of the fixtures folder, cut and mangled in always the same ways.
 */

/* What one of the programs reads beside logs. */
#ifndef REPLAY_MORE
#define REPLAY_MORE ""
#endif
#define SECONDS_MAX 3 /* of processor time, for all fixtures together */
#define CUTS 48
#define MANGLED 96

/* xorshift64: the same everywhere, unlike rand(). */
static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static size_t below(uint64_t *state, size_t n)
{
	return n ? (size_t)(next_random(state) % n) : 0;
}

static bool load(const char *path, struct str *ret)
{
	FILE *f = fopen(path, "rb");
	char *text = NULL;
	size_t n = 0, cap = 0;

	if (!f) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return false;
	}
	do {
		cap += 65536;
		text = realloc(text, cap);
		MUST(text);
		n += fread(text + n, 1, cap - n, f);
	} while (n == cap);
	MUST(!ferror(f));
	fclose(f);
	*ret = (struct str){ text, n };
	return true;
}

/* The copy has the exact size, so that the sanitizers see every byte that is read behind it. */
static void run(const char *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	MUST(copy);
	memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static bool time_is_up(void)
{
	return clock() > (clock_t)SECONDS_MAX * CLOCKS_PER_SEC;
}

static void run_cuts(struct str log)
{
	for (size_t i = 0; i <= CUTS && !time_is_up(); i++) {
		size_t at = log.len * i / CUTS;

		run(log.p, at);
		run(log.p + at, log.len - at);
	}
}

/* What happens to logs: lines get lost, repeated and cut, bytes turn into others. */
static size_t mangle(char *to, struct str log, uint64_t *random)
{
	size_t n = 0;

	while (log.len) {
		ptrdiff_t nl = str_chr(log, '\n');
		struct str line = str_head(log, nl < 0 ? log.len : (size_t)nl + 1);
		size_t what = below(random, 64), len = line.len;

		log = str_from(log, line.len);
		if (what == 0)
			continue;
		if (what == 1)
			len = below(random, len);
		memcpy(to + n, line.p, len);
		if (what == 2)
			to[n + below(random, len)] = (char)next_random(random);
		if (what == 3)
			memcpy(to + n + len, line.p, len);
		n += what == 3 ? 2 * len : len;
	}
	return n;
}

static void run_mangled(struct str log, uint64_t seed)
{
	uint64_t random = seed;
	char *copy = malloc(2 * log.len + 1);

	MUST(copy);
	for (size_t i = 0; i < MANGLED && !time_is_up(); i++)
		run(copy, mangle(copy, log, &random));
	free(copy);
}

static int run_fixtures(void)
{
	const char *top = getenv("abs_top_srcdir");
	char *pattern = NULL;
	glob_t logs;
	struct str log;

	MUST(asprintf(&pattern, "%s/fixtures/{*.log,proc/*.txt" REPLAY_MORE "}",
		      top ? top : ".") > 0);
	if (glob(pattern, GLOB_BRACE, NULL, &logs) != 0) {
		fprintf(stderr, "%s: nothing there; abs_top_srcdir names the top folder\n",
			pattern);
		free(pattern);
		return EXIT_FAILURE;
	}
	run("", 0);
	for (size_t i = 0; i < logs.gl_pathc; i++) { /* each of them as it is, however many */
		if (!load(logs.gl_pathv[i], &log))
			return EXIT_FAILURE;
		run(log.p, log.len);
		free((void *)log.p);
	}
	for (size_t i = 0; i < logs.gl_pathc && !time_is_up(); i++) {
		MUST(load(logs.gl_pathv[i], &log));
		run_cuts(log);
		run_mangled(log, 0x9e3779b97f4a7c15u + i);
		free((void *)log.p);
	}
	globfree(&logs);
	free(pattern);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct str log;

	for (int i = 1; i < argc; i++) {
		if (!load(argv[i], &log))
			return EXIT_FAILURE;
		run(log.p, log.len);
		free((void *)log.p);
	}
	return argc > 1 ? EXIT_SUCCESS : run_fixtures();
}
