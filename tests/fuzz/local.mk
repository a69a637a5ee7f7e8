# SPDX-License-Identifier: MIT
# The fuzz targets twice: with libFuzzer for `make fuzz`, and as tests that replay the fixtures.
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
fuzz_outputs = tests/fuzz/outputs.c tests/fuzz/outputs.h

if TESTS_BUILT
check_PROGRAMS += replay_line replay_splat replay_graph
TESTS += replay_line replay_splat replay_graph
endif

replay_line_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_line.c tests/fuzz/replay_main.c
replay_line_CPPFLAGS = $(FUZZ_CPPFLAGS)
replay_line_LDADD = $(UNSPLAT_LIBS)
replay_splat_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_splat.c $(fuzz_outputs) tests/fuzz/replay_main.c
replay_splat_CPPFLAGS = $(FUZZ_CPPFLAGS)
replay_splat_LDADD = $(UNSPLAT_LIBS)
replay_graph_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_graph.c $(fuzz_outputs) tests/fuzz/replay_main.c
replay_graph_CPPFLAGS = $(FUZZ_CPPFLAGS) -DREPLAY_MORE='",golden/*jsonl.out"'
replay_graph_LDADD = $(UNSPLAT_LIBS)

# For how long each target runs; the corpus grows in the build tree from run to run.
FUZZ_SECONDS = 20
FUZZ_FLAGS = -timeout=10 -rss_limit_mb=1024 -max_len=65536 -verbosity=0 -print_final_stats=1
FUZZ_TARGETS = fuzz_line fuzz_splat fuzz_graph

if FUZZERS_BUILT
noinst_PROGRAMS += $(FUZZ_TARGETS)

fuzz: $(FUZZ_TARGETS)
	@set -e; for target in $(FUZZ_TARGETS); do \
		$(MKDIR_P) fuzz-corpus/$$target fuzz-crashes; \
		cp $(top_srcdir)/fixtures/*.log $(top_srcdir)/fixtures/proc/* fuzz-corpus/$$target/; \
		test $$target != fuzz_graph || \
			cp $(top_srcdir)/fixtures/golden/*jsonl.out fuzz-corpus/$$target/; \
		chmod u+w fuzz-corpus/$$target/*; \
		echo "  FUZZ     $$target for $(FUZZ_SECONDS) s"; \
		./$$target $(FUZZ_FLAGS) -dict=$(top_srcdir)/tests/fuzz/lockdep.dict \
			-artifact_prefix=fuzz-crashes/$$target- \
			-max_total_time=$(FUZZ_SECONDS) fuzz-corpus/$$target; \
	done
else
fuzz:
	@echo "configure with --enable-fuzzers CC=clang for this" >&2; exit 1
endif
.PHONY: fuzz

fuzz_line_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_line.c
fuzz_line_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_line_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_line_LDADD = $(UNSPLAT_LIBS)
fuzz_splat_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_splat.c $(fuzz_outputs)
fuzz_splat_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_splat_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_splat_LDADD = $(UNSPLAT_LIBS)
fuzz_graph_SOURCES = tests/fuzz/fuzz.h tests/fuzz/fuzz_graph.c $(fuzz_outputs)
fuzz_graph_CPPFLAGS = $(FUZZ_CPPFLAGS)
fuzz_graph_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
fuzz_graph_LDADD = $(UNSPLAT_LIBS)

EXTRA_DIST += tests/fuzz/lockdep.dict

clean-local:
	-rm -rf fuzz-corpus fuzz-crashes
