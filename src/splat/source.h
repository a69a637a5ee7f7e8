/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_SPLAT_SOURCE_H
#define UNSPLAT_SPLAT_SOURCE_H

#include "unsplat/report.h"

/* What a source shows beside its reports: boots, when lockdep went off, notes. */

/** @param text, kind  static. @param loss  worth a line on standard error. @return 0 or -ENOMEM */
int source_note(struct source *src, uint64_t line, const char *kind, const char *text, bool loss);
/** A boot begins. @param text  "Linux version RELEASE ...", or empty. @return 0 or -ENOMEM */
int source_boot(struct source *src, uint64_t line, struct str text);
/** The boot that lines belong to now; one is made when none was seen. @return 0 or -ENOMEM */
int source_current_boot(struct source *src, struct boot **ret);
/** Lockdep is off in the present boot from @p line on. @return 0 or -ENOMEM */
int source_lockdep_off(struct source *src, uint64_t line);
/** What a finished report tells of its boot, and the boot of the report. @return 0 or -ENOMEM */
int source_see_report(struct source *src, struct report *r, bool turns_off);

#endif
