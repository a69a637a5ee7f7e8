# SPDX-License-Identifier: MIT
if TESTS_BUILT
check_PROGRAMS += check_unsplat check_golden
TESTS += check_unsplat check_golden
endif

check_unsplat_SOURCES = \
	tests/check_analysis.c \
	tests/check_arena.c \
	tests/check_atlas.c \
	tests/check_clean.c \
	tests/check_cut.c \
	tests/check_cycles.c \
	tests/check_dependency.c \
	tests/check_features.c \
	tests/check_frame.c \
	tests/check_graph.c \
	tests/check_kinds.c \
	tests/check_lock.c \
	tests/check_lock_name.c \
	tests/check_main.c \
	tests/check_modes.c \
	tests/check_patterns.c \
	tests/check_proc.c \
	tests/check_reader.c \
	tests/check_record.c \
	tests/check_roles.c \
	tests/check_saved.c \
	tests/check_scan.c \
	tests/check_signature.c \
	tests/check_splat.c \
	tests/check_str.c \
	tests/check_table.c \
	tests/check_title.c \
	tests/check_token.c \
	tests/check_undecorate.c \
	tests/check_unsplat.h \
	tests/check_usage.c \
	tests/check_utf8.c \
	tests/check_writer.c \
	tests/reading.c \
	tests/sample.c \
	tests/sample.h
check_unsplat_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests
# Rows of a table leave out what they do not need.
check_unsplat_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS) -Wno-missing-field-initializers
check_unsplat_LDADD = $(UNSPLAT_LIBS) $(CHECK_LIBS)

check_golden_SOURCES = tests/check_golden.c
check_golden_CFLAGS = $(AM_CFLAGS) $(CHECK_CFLAGS)
check_golden_LDADD = $(CHECK_LIBS)

# The whole program, from outside. 77 is "skipped"; the log of the test says why.
TEST_EXTENSIONS = .sh .py
SH_LOG_COMPILER = $(SHELL)
PY_LOG_COMPILER = $(SHELL) $(top_srcdir)/tests/with-python
program_tests = \
	tests/clean.py \
	tests/cli.py \
	tests/containers.py \
	tests/damage.py \
	tests/decorations.py \
	tests/interleave.py \
	tests/dot.py \
	tests/git-diagram.sh \
	tests/graph.py \
	tests/jobs.py \
	tests/json-schema.py \
	tests/kernel-logs.py \
	tests/manual.sh \
	tests/merge.py \
	tests/readme.py \
	tests/seed.py \
	tests/signals.py \
	tests/stream.py
TESTS += $(program_tests)
EXTRA_DIST += $(program_tests) tests/harness.py tests/with-python \
	tests/advice/README.md tests/advice/fit.py tests/advice/seen.py \
	tests/bench/README.md tests/bench/bench.py tests/bench/inputs.py

# What tests of the whole program need to know; data is found through abs_top_srcdir.
AM_TESTS_ENVIRONMENT = \
	abs_top_srcdir='$(abs_top_srcdir)' abs_top_builddir='$(abs_top_builddir)' \
	UNSPLAT='$(abs_top_builddir)/unsplat$(EXEEXT)' \
	DOT='$(DOT)' MANDOC='$(MANDOC)' GIT='$(GIT)' JSONSCHEMA='$(JSONSCHEMA)' \
	LC_ALL=C TZ=UTC COLUMNS=80; export abs_top_srcdir abs_top_builddir UNSPLAT DOT MANDOC GIT \
	JSONSCHEMA LC_ALL TZ COLUMNS;
