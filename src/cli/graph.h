/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_GRAPH_H
#define UNSPLAT_CLI_GRAPH_H

#include "options.h"

/** The command `graph`. @return the exit status */
int graph_run(const struct options *o);

#endif
