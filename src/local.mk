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
	src/line/undecorate.c
