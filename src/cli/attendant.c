/* SPDX-License-Identifier: MIT */
#include "attendant.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE_SECONDS 2 /* for the record that is being written when a signal comes */
#define FIRST_SECONDS 1.0  /* work that is shorter shows nothing */
#define STEP_NANOSECONDS 200000000L
#define COUNT_MAX_FILES 100000	/* more are not looked at for the time left */
#define SIGNAL_OF_OURS SIGWINCH /* ends the thread; it does nothing when it comes from outside */

struct attendant {
	const struct options *o;
	const struct output *out;
	struct input_watch *watch;
	pthread_t thread;
	pthread_mutex_t lock;
	sigset_t before, waited;
	struct timespec begin;
	uint64_t total; /* bytes of all inputs; 0: not known */
	uint64_t counted;
	uint64_t reports;
	bool shows, looked; /* progress is wanted; total was looked for */
	bool shown;	    /* the line stands on the terminal */
	bool ended;
};

/* Add up the size of a file. @return not 0 when the total cannot be known */
static int add_size(void *ctx, const char *path, int err)
{
	struct attendant *a = ctx;
	struct stat st;

	if (err)
		return 0; /* it will not be read either */
	err = strcmp(path, "-") ? stat(path, &st) : fstat(STDIN_FILENO, &st);
	if (!err && !S_ISREG(st.st_mode))
		return 1;
	a->total += err ? 0 : (uint64_t)st.st_size;
	return ++a->counted > COUNT_MAX_FILES;
}

static void look_for_total(struct attendant *a)
{
	int err = a->o->files_from != NULL;

	a->looked = true;
	if (!a->o->n_files && !err)
		err = add_size(a, "-", 0);
	for (size_t i = 0; !err && i < a->o->n_files; i++)
		err = input_list(a->o->files[i], add_size, a);
	if (err)
		a->total = 0;
}

static double seconds_since(struct timespec t)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - t.tv_sec) + (double)(now.tv_nsec - t.tv_nsec) * 1e-9;
}

/* "1.5 GiB" */
static void print_bytes(FILE *out, double n)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t i = 0;

	while (n >= 1024 && i + 1 < ARRAY_SIZE(units)) {
		n /= 1024;
		i++;
	}
	fprintf(out, "%.*f %s", n < 10 && i ? 1 : 0, n, units[i]);
}

/* "2:05:09", "5:09", "9 s" */
static void print_time(FILE *out, double seconds)
{
	unsigned long s = seconds > 1e6 ? 1000000 : (unsigned long)(seconds + 0.5);

	if (s >= 3600)
		fprintf(out, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
	else if (s >= 60)
		fprintf(out, "%lu:%02lu", s / 60, s % 60);
	else
		fprintf(out, "%lu s", s);
}

static void print_progress(FILE *out, const struct attendant *a, double seconds)
{
	double bytes = (double)atomic_load(&a->watch->bytes), total = (double)a->total;
	double rate = bytes / seconds;

	fputs("unsplat: ", out);
	print_bytes(out, bytes);
	if (total >= bytes && total > 0) {
		fputs(" of ", out);
		print_bytes(out, total);
	}
	fputs(", ", out);
	print_bytes(out, rate);
	fprintf(out, "/s, %" PRIu64 " report%s", a->reports, a->reports == 1 ? "" : "s");
	if (total >= bytes && rate > 0) {
		fputs(", ", out);
		print_time(out, (total - bytes) / rate);
		fputs(" left", out);
	}
}

/* One write, so that nothing comes in between; what a closed stderr says is of no interest. */
static void put(const char *text, size_t len)
{
	ssize_t n = write(STDERR_FILENO, text, len);

	(void)n;
}

#define CLEAR_LINE "\r\033[K"

static void clear(struct attendant *a)
{
	if (a->shown)
		put(CLEAR_LINE, sizeof(CLEAR_LINE) - 1);
	a->shown = false;
}

/* Called with the lock. */
static void show(struct attendant *a)
{
	double seconds = seconds_since(a->begin);
	struct winsize size;
	char *text = NULL;
	size_t len = 0, width = 80;
	FILE *out;

	if (seconds < FIRST_SECONDS)
		return;
	if (!a->looked)
		look_for_total(a);
	out = open_memstream(&text, &len);
	if (!out)
		return;
	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
		width = size.ws_col;
	fputs(CLEAR_LINE, out);
	print_progress(out, a, seconds);
	if (fclose(out) == 0) {
		width += sizeof(CLEAR_LINE) - 2;
		put(text, len < width ? len : width);
		a->shown = true;
	}
	free(text);
}

/* A signal came from outside: end as it says, but leave things in order. */
static void end_by(struct attendant *a, int sig)
{
	struct timespec until;
	sigset_t only;
	bool held;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += PATIENCE_SECONDS;
	held = pthread_mutex_timedlock(&a->lock, &until) == 0;
	clear(a);
	if (a->out->temp)
		(void)unlink(a->out->temp);
	sigemptyset(&only);
	sigaddset(&only, sig);
	pthread_sigmask(SIG_UNBLOCK, &only, NULL); /* a second one ends it at once */
	if (held && a->out->stream && !a->out->temp)
		(void)fflush(a->out->stream);
	(void)raise(sig);
	_exit(128 + sig);
}

static void *attend(void *ctx)
{
	struct attendant *a = ctx;
	struct timespec step = { 0, STEP_NANOSECONDS };
	bool ended = false;

	while (!ended) {
		int sig = a->shows ? sigtimedwait(&a->waited, NULL, &step) :
				     sigwaitinfo(&a->waited, NULL);

		if (sig > 0 && sig != SIGNAL_OF_OURS)
			end_by(a, sig);
		if (sig < 0 && errno != EAGAIN)
			continue;
		if (pthread_mutex_trylock(&a->lock) == 0) {
			ended = a->ended;
			if (!ended && a->shows)
				show(a);
			pthread_mutex_unlock(&a->lock);
		}
	}
	return NULL;
}

static bool wants_progress(const struct options *o)
{
	const char *term = getenv("TERM");

	if (o->progress != WHEN_AUTO)
		return o->progress == WHEN_ALWAYS;
	return !o->quiet && isatty(STDERR_FILENO) && !(term && !strcmp(term, "dumb"));
}

static bool is_ignored(int sig)
{
	struct sigaction was;

	return sigaction(sig, NULL, &was) == 0 && was.sa_handler == SIG_IGN;
}

struct attendant *attendant_new(const struct options *o, const struct output *out,
				struct input_watch *watch)
{
	static const int ends[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	struct attendant *a = calloc(1, sizeof(*a));
	sigset_t blocked;

	if (!a)
		return NULL;
	*a = (struct attendant){ .o = o, .out = out, .watch = watch, .shows = wants_progress(o) };
	clock_gettime(CLOCK_MONOTONIC, &a->begin);
	pthread_mutex_init(&a->lock, NULL);
	sigemptyset(&a->waited);
	sigaddset(&a->waited, SIGNAL_OF_OURS);
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		if (!is_ignored(ends[i]))
			sigaddset(&a->waited, ends[i]);
	blocked = a->waited;
	sigaddset(&blocked, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &blocked, &a->before);
	if (pthread_create(&a->thread, NULL, attend, a) == 0)
		return a;
	pthread_sigmask(SIG_SETMASK, &a->before, NULL);
	pthread_mutex_destroy(&a->lock);
	free(a);
	return NULL;
}

void attendant_hold(struct attendant *a)
{
	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	clear(a);
}

void attendant_release(struct attendant *a, uint64_t reports)
{
	if (!a)
		return;
	a->reports = reports;
	pthread_mutex_unlock(&a->lock);
}

bool attendant_pipe_broke(void)
{
	sigset_t pending;

	return sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 1 &&
	       !is_ignored(SIGPIPE);
}

void attendant_free(struct attendant *a)
{
	sigset_t before;

	if (!a)
		return;
	pthread_mutex_lock(&a->lock);
	a->ended = true;
	clear(a);
	pthread_mutex_unlock(&a->lock);
	pthread_kill(a->thread, SIGNAL_OF_OURS);
	pthread_join(a->thread, NULL);
	pthread_mutex_destroy(&a->lock);
	before = a->before;
	free(a);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
}
