# SPDX-License-Identifier: MIT
# All but main.c is a library, which the program, the tests and the fuzz targets link.
noinst_LIBRARIES += libunsplat.a
libunsplat_a_SOURCES = \
	include/unsplat/arena.h \
	include/unsplat/str.h \
	include/unsplat/utf8.h \
	src/base/arena.c \
	src/base/str.c \
	src/base/utf8.c \
	include/unsplat/input.h \
	src/input/input.c \
	include/unsplat/line.h \
	src/line/reader.c \
	src/line/scan.c \
	src/line/scan.h \
	src/line/undecorate.c \
	include/unsplat/report.h \
	include/unsplat/splat.h \
	src/splat/check.c \
	src/splat/frame.c \
	src/splat/kinds.c \
	src/splat/kinds.h \
	src/splat/lock.c \
	src/splat/parse.c \
	src/splat/parse.h \
	src/splat/report.c \
	src/splat/splat.c \
	src/splat/token.c \
	src/splat/token.h \
	include/unsplat/graph.h \
	src/graph/dependency.c \
	src/graph/graph.c \
	src/graph/lock_name.c \
	include/unsplat/analysis.h \
	src/analysis/advice.c \
	src/analysis/analyst.c \
	src/analysis/analyst.h \
	src/analysis/cycles.c \
	src/analysis/cycles.h \
	src/analysis/patterns.c \
	src/analysis/patterns.h \
	src/analysis/regex.c \
	src/analysis/regex.h \
	src/analysis/roles.c \
	src/analysis/roles.h \
	src/analysis/signature.c \
	src/analysis/title.c
