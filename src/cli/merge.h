/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_MERGE_H
#define UNSPLAT_CLI_MERGE_H

#include "options.h"

/** The command `merge`. @return the exit status */
int merge_run(const struct options *o);

#endif
