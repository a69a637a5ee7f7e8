/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_JOBS_H
#define UNSPLAT_CLI_JOBS_H

#include "reading.h"

/**
 * Read all inputs of rd->o with rd->o->jobs threads. @p fn is called in this thread, in the order
 * that one thread would give. Memory: what was found and is not yet taken is bounded.
 * @return as reading_run()
 */
int jobs_run(struct reading *rd, finding_fn *fn, void *ctx);

#endif
