/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_OUTPUTS_H
#define TESTS_FUZZ_OUTPUTS_H

#include "unsplat/str.h"

/** Nothing that a terminal acts on, but for the colours and tabs that may be there. */
void must_be_clean(struct str text, bool color, bool tabs);
/** Lines of ASCII of @p width columns at most, none of which git acts on. */
void must_be_diagram(struct str text, size_t width);
/** One document or several lines of it, in UTF-8, without control characters. */
void must_be_json(struct str text);

#endif
