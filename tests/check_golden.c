/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <glob.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/*
 * fixtures/golden/NAME.cmd is a line of shell, run in fixtures/ with unsplat in the PATH;
 * NAME.out is all that it prints, to standard output and standard error, and "exit N".
 * UPDATE_GOLDEN=1 make check writes it: read git diff before committing.
 */
static glob_t cmds;

__attribute__((format(printf, 1, 2))) static char *printed(const char *fmt, ...)
{
	va_list args;
	char *s;

	va_start(args, fmt);
	if (vasprintf(&s, fmt, args) < 0)
		abort(); /* main() uses it too, where nothing can be asserted */
	va_end(args);
	return s;
}

static char *with_suffix(const char *path, const char *suffix)
{
	return printed("%.*s%s", (int)(strrchr(path, '.') - path), path, suffix);
}

/* All of a stream; the caller frees. */
static char *drain(FILE *in)
{
	char *text = NULL, buf[4096];
	size_t len = 0, n;
	FILE *out = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(out);
	while ((n = fread(buf, 1, sizeof(buf), in)) > 0)
		fwrite(buf, 1, n, out);
	ck_assert(!ferror(in));
	ck_assert_int_eq(fclose(out), 0);
	ck_assert_uint_eq(strlen(text), len); /* no NUL in any output */
	return text;
}

static char *load(const char *path)
{
	FILE *in = fopen(path, "re");
	char *text;

	ck_assert_msg(in, "%s: %s; UPDATE_GOLDEN=1 make check writes it", path, strerror(errno));
	text = drain(in);
	fclose(in);
	return text;
}

static void save(const char *path, const char *text)
{
	FILE *out = fopen(path, "we");

	ck_assert_msg(out, "%s: %s", path, strerror(errno));
	ck_assert_int_ge(fputs(text, out), 0);
	ck_assert_int_eq(fclose(out), 0);
}

static char *run_case(const char *cmd)
{
	char *line = printed("cd '%s/fixtures' && { . '%s'; } 2>&1", getenv("abs_top_srcdir"), cmd);
	FILE *in = popen(line, "re");
	char *text, *got;
	int status;

	free(line);
	ck_assert_ptr_nonnull(in);
	text = drain(in);
	status = pclose(in);
	ck_assert(WIFEXITED(status));
	got = printed("%sexit %d\n", text, WEXITSTATUS(status));
	free(text);
	return got;
}

START_TEST(golden)
{
	char *path = with_suffix(cmds.gl_pathv[_i], ".out");
	char *got = run_case(cmds.gl_pathv[_i]);

	if (getenv("UPDATE_GOLDEN")) {
		save(path, got);
	} else {
		char *want = load(path);

		if (strcmp(got, want) != 0) /* too long for a message of Check */
			fprintf(stderr, "%s differs; now it is:\n%s\n", path, got);
		ck_assert_msg(!strcmp(got, want), "%s differs", path);
		free(want);
	}
	free(got);
	free(path);
}
END_TEST

static Suite *golden_suite(void)
{
	Suite *s = suite_create("golden");
	TCase *tc = tcase_create("commands");

	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, golden, 0, (int)cmds.gl_pathc);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	const char *source = getenv("abs_top_srcdir"), *build = getenv("abs_top_builddir");
	char *pattern, *path;
	SRunner *runner;
	int failed;

	if (!source || !build) {
		fputs("run it by \"make check TESTS=check_golden\"\n", stderr);
		return 99;
	}
	pattern = printed("%s/fixtures/golden/*.cmd", source);
	path = printed("%s:%s", build, getenv("PATH"));
	if (setenv("PATH", path, 1) != 0 || glob(pattern, 0, NULL, &cmds) != 0) {
		fprintf(stderr, "%s: no commands\n", pattern);
		return 99;
	}
	runner = srunner_create(golden_suite());
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	globfree(&cmds);
	free(path);
	free(pattern);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
