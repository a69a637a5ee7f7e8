/* SPDX-License-Identifier: MIT */
#include "gather.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "attendant.h"
#include "output.h"
#include "reading.h"
#include "say.h"

static const char *output_name(const struct options *o)
{
	return o->output && strcmp(o->output, "-") ? o->output : "standard output";
}

/* @return 0 or -errno of the output, which is open then */
static int open_held(struct attendant *a, struct output *out, const struct options *o)
{
	int err;

	attendant_hold(a);
	err = output_open(out, o->output);
	attendant_release(a, 0);
	if (err)
		say("%s: %s", output_name(o), strerror(-err));
	return err;
}

static int gather(const struct options *o, const struct gathering *g, void *ctx,
		  struct attendant *a, struct output *out, struct input_watch *watch)
{
	int err = g->begin(ctx), written;

	if (!err)
		err = reading_streams(o, watch, g->take, NULL, ctx);
	attendant_hold(a);
	if (!err)
		err = g->write(ctx, out->stream);
	written = output_close(out, !err);
	if (err && err != -EINVAL)
		say("%s", err == -ENOMEM ? "out of memory" : strerror(-err));
	if (written && !attendant_pipe_broke())
		say("%s: %s", output_name(o), strerror(-written));
	attendant_release(a, 0);
	return err || written ? 2 : 0;
}

int gather_run(const struct options *o, const struct gathering *g, void *ctx)
{
	struct input_watch watch = { 0 };
	struct output out = { 0 };
	struct attendant *a;
	int status = 2;

	if (!o->n_files && !o->files_from && isatty(STDIN_FILENO)) {
		options_usage(stderr);
		return 2;
	}
	a = attendant_new(o, &out, &watch);
	if (open_held(a, &out, o) == 0)
		status = gather(o, g, ctx, a, &out, &watch);
	attendant_free(a);
	return status;
}
