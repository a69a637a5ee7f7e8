/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "../writer/clean.h"

void say(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	fputs("unsplat: ", stderr);
	clean_print(stderr, text ? str_of(text) : STR("out of memory"));
	fputc('\n', stderr);
	free(text);
}
