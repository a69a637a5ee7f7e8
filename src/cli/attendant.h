/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_CLI_ATTENDANT_H
#define UNSPLAT_CLI_ATTENDANT_H

#include "options.h"
#include "output.h"
#include "unsplat/input.h"

/**
 * A thread that waits for signals, and shows how far the work is. No signal handler runs, and
 * none of the other threads is ever interrupted: SIGHUP, SIGINT, SIGQUIT, SIGTERM and SIGPIPE are
 * blocked in all threads as long as there is an attendant. The first four make it wait until the
 * record that is being written is finished, remove the temporary file and end the
 * process by that signal. SIGPIPE is left pending, and ends it in attendant_free().
 * Those that were ignored from the start stay ignored.
 */
struct attendant;

/**
 * To be called before any other thread is started.
 * @param o, out, watch  borrowed until attendant_free(); @p out may be opened later, with hold
 * @return NULL: no memory or no thread; then nothing is attended to, and signals are as before
 */
struct attendant *attendant_new(const struct options *o, const struct output *out,
				struct input_watch *watch);
/** Take what must not be interrupted: output, messages. The line of progress is gone meanwhile. */
void attendant_hold(struct attendant *a);
/** @param reports  that were found so far, for the line */
void attendant_release(struct attendant *a, uint64_t reports);
/** @return whether SIGPIPE is about to end the process: there is nobody to tell anything. */
bool attendant_pipe_broke(void);
/** End it; signals that came meanwhile act now. Without hold. */
void attendant_free(struct attendant *a);

#endif
