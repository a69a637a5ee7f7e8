/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_WRITERS_H
#define UNSPLAT_WRITER_WRITERS_H

#include "unsplat/writer.h"

extern const struct writer writer_text, writer_json, writer_jsonl, writer_dot, writer_title,
	writer_diagram;

#endif
