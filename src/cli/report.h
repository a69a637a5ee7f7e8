/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_REPORT_H
#define UNSPLAT_CLI_REPORT_H

#include "options.h"

/** The command `report`. @return the exit status */
int report_run(const struct options *o);

#endif
