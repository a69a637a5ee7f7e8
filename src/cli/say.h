/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_SAY_H
#define UNSPLAT_CLI_SAY_H

/** One line on standard error, "unsplat: ...", cleaned of what a terminal could act on. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
