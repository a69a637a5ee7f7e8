/* SPDX-License-Identifier: MIT */
#include "jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <time.h>

/*
 * All that is to be read is a list of jobs in the order of the output. A thread walks folders and
 * lists and appends files; workers take them from the front; the caller's thread takes the
 * findings of the first job only, then those of the next. So what later jobs found has to
 * wait, and there is a bound on it: a worker at that bound waits until its job is the first.
 * The first job never waits for another one, so something always goes on.
 *
 * An archive is one job that splits: a member that fits in memory becomes a job of its own,
 * which anybody may take, followed by one for the rest of the archive. When a worker has
 * to wait and the first job is such a member that nobody took, it takes it itself.
 */

#define HELD_BYTES (8u << 20) /* findings that wait for their turn */
#define HELD_FIRST_BYTES \
	(2u << 20)	     /* findings of the first job that the caller has not taken yet */
#define FINDING_BYTES 512    /* what one takes beside its report */
#define FILES_AHEAD 64	     /* names that nobody has taken yet */
#define DONE_MAX 128	     /* files without a report that come together */
#define TOGETHER_NS 20000000 /* for so long */
#define NS_PER_S 1000000000
#define MEMBER_BYTES (512u << 10) /* larger members are read by who reads the archive */

enum job_state { JOB_WAITS, JOB_RUNS, JOB_DONE };

struct found {
	struct finding f;
	size_t bytes;
	STAILQ_ENTRY(found) next;
};

struct job {
	enum job_state state;
	char *name;	  /* of a file or a member */
	struct input *in; /* of a member */
	int err;	  /* that its name came with */
	bool is_list;	  /* no file: the list of files failed */
	STAILQ_HEAD(, found) found;
	size_t bytes;
	TAILQ_ENTRY(job) next, waiting;
};

TAILQ_HEAD(job_list, job);

struct jobs {
	struct reading *rd;
	pthread_mutex_t lock;
	pthread_cond_t news;		/* for the caller */
	pthread_cond_t work;		/* for workers without any */
	pthread_cond_t room;		/* for who has found more than there is room for */
	pthread_cond_t names;		/* for who lists, far ahead of the others */
	struct job_list all;		/* in order */
	struct job_list files, members; /* of these, who wait for a worker */
	size_t n_files, n_members, held;
	size_t idle, blocked; /* who waits for work, for room */
	size_t running;	      /* jobs that may still split */
	size_t reports;	      /* that the caller has not taken */
	size_t done;	      /* jobs that are over and still in the list */
	bool listed;	      /* no file will come any more */
	int error;	      /* all stops */
};

struct worker {
	struct jobs *jobs;
	struct job *job; /* where its findings go */
	pthread_t thread;
};

static void stop(struct jobs *j, int err)
{
	if (!j->error)
		j->error = err;
	atomic_store(&j->rd->watch->stop, true);
	pthread_cond_broadcast(&j->news);
	pthread_cond_broadcast(&j->work);
	pthread_cond_broadcast(&j->room);
	pthread_cond_broadcast(&j->names);
}

/* Called and left with the lock. Waking costs more than a small file: none is for nothing. */
static void wait_for_room(struct jobs *j)
{
	j->blocked++;
	pthread_cond_signal(&j->news); /* it may have let them lie */
	pthread_cond_wait(&j->room, &j->lock);
	j->blocked--;
}

static void tell_room(struct jobs *j)
{
	if (j->blocked)
		pthread_cond_broadcast(&j->room);
}

/*
 * Whether the caller is to know at once of a job that is over: somebody wants to see a report, or
 * memory, or nothing else is left to be read by now. Else it lets some come together.
 */
static bool is_urgent(const struct jobs *j)
{
	return j->reports || j->blocked || j->done >= DONE_MAX || j->error ||
	       (!j->n_files && !j->n_members);
}

static void tell_done(struct jobs *j, const struct job *job)
{
	if (job == TAILQ_FIRST(&j->all) || is_urgent(j))
		pthread_cond_signal(&j->news);
}

/* Until there is news, and then a moment for more of it. Called and left with the lock. */
static void wait_for_news(struct jobs *j)
{
	struct timespec until;
	int err = 0;

	pthread_cond_wait(&j->news, &j->lock);
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TOGETHER_NS;
	until.tv_sec += until.tv_nsec / NS_PER_S;
	until.tv_nsec %= NS_PER_S;
	while (j->done && !is_urgent(j) && err != ETIMEDOUT)
		err = pthread_cond_timedwait(&j->news, &j->lock, &until);
}

static struct job *job_new(enum job_state state, const char *name)
{
	struct job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	job->state = state;
	STAILQ_INIT(&job->found);
	job->name = name ? strdup(name) : NULL;
	if (name && !job->name) {
		free(job);
		return NULL;
	}
	return job;
}

static void job_free(struct job *job)
{
	struct found *f;

	while ((f = STAILQ_FIRST(&job->found))) {
		STAILQ_REMOVE_HEAD(&job->found, next);
		finding_done(&f->f);
		free(f);
	}
	input_free(job->in);
	free(job->name);
	free(job);
}

static void run_job(struct worker *w, struct job *job);

/* Take the first job if nobody has. Called and left with the lock. @return whether it was run */
static bool help_first(struct worker *w)
{
	struct jobs *j = w->jobs;
	struct job *first = TAILQ_FIRST(&j->all), *own = w->job;

	if (!first || first->state != JOB_WAITS || !first->in)
		return false;
	TAILQ_REMOVE(&j->members, first, waiting);
	j->n_members--;
	run_job(w, first);
	w->job = own;
	return true;
}

static bool has_room(const struct jobs *j, const struct job *job, size_t bytes)
{
	if (job == TAILQ_FIRST(&j->all))
		return !job->bytes || job->bytes + bytes <= HELD_FIRST_BYTES;
	return j->held + bytes <= HELD_BYTES;
}

/* Put a finding where it belongs, and wait while there is no room for it. */
static int worker_found(void *ctx, struct finding *f)
{
	struct worker *w = ctx;
	struct jobs *j = w->jobs;
	struct found *found = malloc(sizeof(*found));
	int err = found ? 0 : -ENOMEM;

	if (err) {
		finding_done(f);
		return err;
	}
	found->f = *f;
	found->bytes = FINDING_BYTES + (f->what == FINDING_REPORT ? arena_used(f->report->mem) : 0);
	pthread_mutex_lock(&j->lock);
	while (!j->error && !has_room(j, w->job, found->bytes))
		if (!help_first(w))
			wait_for_room(j);
	err = j->error ? -ECANCELED : 0;
	STAILQ_INSERT_TAIL(&w->job->found, found, next); /* freed with the job, if need be */
	w->job->bytes += found->bytes;
	j->held += found->bytes;
	if (f->what == FINDING_REPORT) {
		j->reports++;
		pthread_cond_signal(&j->news);
	}
	pthread_mutex_unlock(&j->lock);
	return err;
}

/* Let @p member be read by anybody, and go on behind it. @return 0 or -ENOMEM */
static int split(struct worker *w, struct input *member, const char *name)
{
	struct jobs *j = w->jobs;
	struct job *job = job_new(JOB_WAITS, name), *rest = job_new(JOB_RUNS, NULL);

	if (!job || !rest) {
		input_free(member);
		if (job)
			job_free(job);
		if (rest)
			job_free(rest);
		return -ENOMEM;
	}
	job->in = member;
	pthread_mutex_lock(&j->lock);
	TAILQ_INSERT_AFTER(&j->all, w->job, job, next);
	TAILQ_INSERT_AFTER(&j->all, job, rest, next);
	TAILQ_INSERT_TAIL(&j->members, job, waiting);
	j->n_members++;
	w->job->state = JOB_DONE;
	j->done++;
	tell_done(j, w->job);
	w->job = rest;
	if (j->idle)
		pthread_cond_signal(&j->work);
	tell_room(j); /* one who waits may take the member */
	pthread_mutex_unlock(&j->lock);
	return 0;
}

/* Whether others have time for members, or for reading ahead. */
static bool others_wait(struct jobs *j)
{
	bool yes;

	pthread_mutex_lock(&j->lock);
	yes = j->idle > j->n_members;
	pthread_mutex_unlock(&j->lock);
	return yes;
}

static int worker_stream(void *ctx, struct input *in, const char *name, int err)
{
	struct worker *w = ctx;
	struct reading *rd = w->jobs->rd;
	struct input *own = NULL;
	int n = 0;

	if (in && others_wait(w->jobs)) {
		n = input_detach(in, MEMBER_BYTES, &own);
		if (n < 0)
			return n;
		if (n)
			return split(w, own, name);
		if (!input_share(in)) {
			own = input_read_ahead(in);
			in = own ? own : in;
		}
	}
	err = reading_stream(rd, in, name, err, worker_found, w);
	input_free(own);
	return err;
}

static int read_job(struct worker *w, const struct job *job)
{
	struct reading *rd = w->jobs->rd;
	struct finding f = { .what = FINDING_LIST, .err = job->err };

	if (job->is_list)
		return worker_found(w, &f);
	if (job->in)
		return reading_stream(rd, job->in, job->name, 0, worker_found, w);
	if (job->err)
		return reading_stream(rd, NULL, job->name, job->err, worker_found, w);
	return input_open(job->name, rd->o->label, rd->watch, worker_stream, w);
}

/* Called and left with the lock; @p job waits for nobody any more. */
static void run_job(struct worker *w, struct job *job)
{
	struct jobs *j = w->jobs;
	struct job what = *job; /* when it splits, its first part may be over and freed at once */
	int err;

	job->name = NULL;
	job->in = NULL;
	job->state = JOB_RUNS;
	w->job = job;
	j->running++;
	pthread_mutex_unlock(&j->lock);
	err = read_job(w, &what);
	input_free(what.in);
	free(what.name);
	pthread_mutex_lock(&j->lock);
	j->running--;
	w->job->state = JOB_DONE; /* the rest of it, when it was split */
	j->done++;
	if (err && err != -ECANCELED)
		stop(j, err);
	tell_done(j, w->job);
	if (!j->running && j->listed)
		pthread_cond_broadcast(&j->work);
}

static void *work(void *ctx)
{
	struct worker *w = ctx;
	struct jobs *j = w->jobs;

	pthread_mutex_lock(&j->lock);
	while (!j->error) {
		struct job *job = TAILQ_FIRST(&j->members);

		if (job) {
			TAILQ_REMOVE(&j->members, job, waiting);
			j->n_members--;
		} else if ((job = TAILQ_FIRST(&j->files))) {
			TAILQ_REMOVE(&j->files, job, waiting);
			if (--j->n_files == FILES_AHEAD / 2)
				pthread_cond_signal(&j->names);
		} else if (j->listed && !j->running) {
			break;
		} else {
			j->idle++;
			pthread_cond_wait(&j->work, &j->lock);
			j->idle--;
			continue;
		}
		run_job(w, job);
	}
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

static int append(struct jobs *j, const char *name, int err, bool is_list)
{
	struct job *job = job_new(JOB_WAITS, name);

	if (!job)
		return -ENOMEM;
	job->err = err;
	job->is_list = is_list;
	pthread_mutex_lock(&j->lock);
	if (j->n_files >= FILES_AHEAD)
		while (!j->error && j->n_files > FILES_AHEAD / 2)
			pthread_cond_wait(&j->names, &j->lock);
	err = j->error ? -ECANCELED : 0;
	TAILQ_INSERT_TAIL(&j->all, job, next);
	TAILQ_INSERT_TAIL(&j->files, job, waiting);
	j->n_files++;
	if (j->idle)
		pthread_cond_signal(&j->work);
	pthread_mutex_unlock(&j->lock);
	return err;
}

static int append_name(void *ctx, const char *path, int err)
{
	return append(ctx, path, err, false);
}

static int append_list(void *ctx, const char *path, int err)
{
	return append(ctx, path, err, true);
}

static void *list_names(void *ctx)
{
	struct jobs *j = ctx;
	int err = reading_names(j->rd->o, append_name, append_list, j);

	pthread_mutex_lock(&j->lock);
	j->listed = true;
	if (err && err != -ECANCELED)
		stop(j, err);
	pthread_cond_broadcast(&j->work);
	pthread_cond_signal(&j->news);
	pthread_mutex_unlock(&j->lock);
	return NULL;
}

/* Hand on all that the first job has. Called and left with the lock. */
static void take_found(struct jobs *j, struct job *job, finding_fn *fn, void *ctx)
{
	struct found *f;

	while (!j->error && (f = STAILQ_FIRST(&job->found))) {
		int err;

		STAILQ_REMOVE_HEAD(&job->found, next);
		j->reports -= f->f.what == FINDING_REPORT;
		pthread_mutex_unlock(&j->lock);
		err = fn(ctx, &f->f);
		pthread_mutex_lock(&j->lock);
		job->bytes -= f->bytes;
		j->held -= f->bytes;
		free(f);
		if (err)
			stop(j, err);
		tell_room(j);
	}
}

static void take_all(struct jobs *j, finding_fn *fn, void *ctx)
{
	pthread_mutex_lock(&j->lock);
	while (!j->error) {
		struct job *first = TAILQ_FIRST(&j->all);

		if (first && !STAILQ_EMPTY(&first->found)) {
			take_found(j, first, fn, ctx);
		} else if (first && first->state == JOB_DONE) {
			TAILQ_REMOVE(&j->all, first, next);
			j->done--;
			job_free(first);
			tell_room(j);
		} else if (!first && j->listed) {
			break;
		} else {
			wait_for_news(j);
		}
	}
	pthread_mutex_unlock(&j->lock);
}

static void jobs_init(struct jobs *j, struct reading *rd)
{
	pthread_condattr_t steady;

	*j = (struct jobs){ .rd = rd };
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_mutex_init(&j->lock, NULL);
	pthread_cond_init(&j->news, &steady);
	pthread_condattr_destroy(&steady);
	pthread_cond_init(&j->work, NULL);
	pthread_cond_init(&j->room, NULL);
	pthread_cond_init(&j->names, NULL);
	TAILQ_INIT(&j->all);
	TAILQ_INIT(&j->files);
	TAILQ_INIT(&j->members);
}

static void jobs_done(struct jobs *j)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&j->all))) {
		TAILQ_REMOVE(&j->all, job, next);
		job_free(job);
	}
	pthread_cond_destroy(&j->names);
	pthread_cond_destroy(&j->room);
	pthread_cond_destroy(&j->work);
	pthread_cond_destroy(&j->news);
	pthread_mutex_destroy(&j->lock);
}

int jobs_run(struct reading *rd, finding_fn *fn, void *ctx)
{
	unsigned int n = rd->o->jobs, started = 0;
	struct worker *workers = calloc(n, sizeof(*workers));
	struct jobs j;
	pthread_t lister;
	int err = -ENOMEM;

	if (!workers)
		return -ENOMEM;
	jobs_init(&j, rd);
	for (; started < n; started++) {
		workers[started].jobs = &j;
		if (pthread_create(&workers[started].thread, NULL, work, &workers[started]) != 0)
			break;
	}
	if (started && pthread_create(&lister, NULL, list_names, &j) == 0) {
		take_all(&j, fn, ctx);
		pthread_join(lister, NULL);
		err = 0;
	}
	pthread_mutex_lock(&j.lock);
	if (err)
		stop(&j, err);
	pthread_mutex_unlock(&j.lock);
	for (unsigned int i = 0; i < started; i++)
		pthread_join(workers[i].thread, NULL);
	err = j.error;
	jobs_done(&j);
	free(workers);
	return err;
}
