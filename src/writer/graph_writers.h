/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_WRITER_GRAPH_WRITERS_H
#define UNSPLAT_WRITER_GRAPH_WRITERS_H

#include "unsplat/graph_writer.h"

extern const struct graph_writer graph_writer_dot, graph_writer_json, graph_writer_text;

#endif
