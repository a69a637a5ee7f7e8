# SPDX-License-Identifier: MIT
# All but main.c is a library, which the program, the tests and the fuzz targets link.
noinst_LIBRARIES += libunsplat.a
libunsplat_a_SOURCES = \
	include/unsplat/analysis.h \
	include/unsplat/arena.h \
	include/unsplat/atlas.h \
	include/unsplat/graph.h \
	include/unsplat/graph_writer.h \
	include/unsplat/input.h \
	include/unsplat/line.h \
	include/unsplat/patterns.h \
	include/unsplat/proc.h \
	include/unsplat/report.h \
	include/unsplat/saved.h \
	include/unsplat/splat.h \
	include/unsplat/str.h \
	include/unsplat/survey.h \
	include/unsplat/table.h \
	include/unsplat/utf8.h \
	include/unsplat/writer.h \
	src/analysis/advice.c \
	src/analysis/analyst.c \
	src/analysis/analyst.h \
	src/analysis/cycles.c \
	src/analysis/cycles.h \
	src/analysis/cut.c \
	src/analysis/explain.c \
	src/analysis/features.c \
	src/analysis/features.h \
	src/analysis/irq_advice.c \
	src/analysis/lock_order.c \
	src/analysis/lock_order.h \
	src/analysis/lock_order.inc \
	src/analysis/lock_seen.inc \
	src/analysis/memo.h \
	src/analysis/pattern_file.c \
	src/analysis/pattern_keys.h \
	src/analysis/patterns.c \
	src/analysis/patterns.h \
	src/analysis/regex.c \
	src/analysis/regex.h \
	src/analysis/roles.c \
	src/analysis/roles.h \
	src/analysis/selection.c \
	src/analysis/signature.c \
	src/analysis/survey.c \
	src/analysis/survey.h \
	src/analysis/survey_cycles.c \
	src/analysis/survey_relations.c \
	src/analysis/telling.c \
	src/analysis/title.c \
	src/base/arena.c \
	src/base/str.c \
	src/base/table.c \
	src/base/utf8.c \
	src/cli/attendant.c \
	src/cli/attendant.h \
	src/cli/gather.c \
	src/cli/gather.h \
	src/cli/graph.c \
	src/cli/graph.h \
	src/cli/jobs.c \
	src/cli/jobs.h \
	src/cli/merge.c \
	src/cli/merge.h \
	src/cli/options.c \
	src/cli/options.h \
	src/cli/output.c \
	src/cli/output.h \
	src/cli/reading.c \
	src/cli/reading.h \
	src/cli/report.c \
	src/cli/report.h \
	src/cli/say.c \
	src/cli/say.h \
	src/graph/atlas.c \
	src/graph/atlas_names.c \
	src/graph/atlas_order.c \
	src/graph/atlas_parts.h \
	src/graph/dependency.c \
	src/graph/graph.c \
	src/graph/lock_name.c \
	src/input/ahead.c \
	src/input/archive.c \
	src/input/bzip2.c \
	src/input/format.c \
	src/input/input.c \
	src/input/lz4.c \
	src/input/stream.c \
	src/input/stream.h \
	src/input/xz.c \
	src/input/zstd.c \
	src/line/hint.c \
	src/line/hint.h \
	src/line/html.c \
	src/line/html.h \
	src/line/mail.c \
	src/line/mail.h \
	src/line/mark.c \
	src/line/mark.h \
	src/line/pstore.c \
	src/line/pstore.h \
	src/line/reader.c \
	src/line/scan.c \
	src/line/scan.h \
	src/line/scout.c \
	src/line/scout.h \
	src/line/undecorate.c \
	src/line/unpack.c \
	src/line/unpack.h \
	src/line/utf16.c \
	src/line/utf16.h \
	src/proc/proc.c \
	src/saved/saved.c \
	src/splat/check.c \
	src/splat/claim.c \
	src/splat/irq.c \
	src/splat/frame.c \
	src/splat/join.c \
	src/splat/join.h \
	src/splat/kinds.c \
	src/splat/kinds.h \
	src/splat/lock.c \
	src/splat/neighbour.c \
	src/splat/neighbour.h \
	src/splat/parse.c \
	src/splat/parse.h \
	src/splat/report.c \
	src/splat/sentence.c \
	src/splat/sentence.h \
	src/splat/source.c \
	src/splat/source.h \
	src/splat/splat.c \
	src/splat/split.c \
	src/splat/split.h \
	src/splat/token.c \
	src/splat/token.h \
	src/splat/usage.c \
	src/writer/clean.c \
	src/writer/clean.h \
	src/writer/diagram.c \
	src/writer/dot.c \
	src/writer/graph_dot.c \
	src/writer/graph_json.c \
	src/writer/graph_text.c \
	src/writer/graph_writer.c \
	src/writer/graph_writers.h \
	src/writer/json.c \
	src/writer/json_item.h \
	src/writer/patterns.c \
	src/writer/text.c \
	src/writer/title.c \
	src/writer/words.c \
	src/writer/words.h \
	src/writer/writer.c \
	src/writer/writers.h

if HAVE_ISAL
libunsplat_a_SOURCES += src/input/gzip.c
else
libunsplat_a_SOURCES += src/input/gzip_zlib.c
endif

dist_pkgdata_DATA = src/writer/unsplat.schema.json

UNSPLAT_LIBS = libunsplat.a $(PCRE2_LIBS) $(CJSON_LIBS) $(CGRAPH_LIBS) $(XXHASH_LIBS) \
	$(ARCHIVE_LIBS) $(BZIP2_LIBS) $(ISAL_LIBS) $(ZLIB_LIBS) $(LZ4_LIBS) $(LZMA_LIBS) $(ZSTD_LIBS)

bin_PROGRAMS += unsplat
unsplat_SOURCES = src/main.c
unsplat_LDADD = $(UNSPLAT_LIBS)

