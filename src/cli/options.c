/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "say.h"

/* Below this nothing can be laid out; above, it is a typing error. */
#define WIDTH_MIN 40
#define WIDTH_MAX 1000
/* Each job needs a few megabytes; more than some never gained anything. */
#define JOBS_MAX 256
#define JOBS_DEFAULT_MAX 16
/* Edges around a lock. */
#define AROUND_DEFAULT 2
#define AROUND_MAX 100

/* Edit distance of two short words (R. A. Wagner, M. J. Fischer, J. ACM 21 (1974)). */
static size_t distance(struct str a, struct str b)
{
	size_t row[64];

	if (b.len >= ARRAY_SIZE(row))
		return SIZE_MAX;
	for (size_t j = 0; j <= b.len; j++)
		row[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			size_t replace = diagonal + (a.p[i - 1] != b.p[j - 1]);
			size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;

			diagonal = row[j];
			row[j] = replace < least ? replace : least;
		}
	}
	return row[b.len];
}

/* The longest list of words, that of all kinds, has less than 300 bytes. */
#define WORDS_MAX_BYTES 512

struct nearest {
	struct str word;
	const char *best;
	size_t least;
	char words[WORDS_MAX_BYTES]; /* all candidates, "a, b, c" */
	size_t len;
};

static void consider(struct nearest *n, const char *candidate)
{
	size_t d = distance(n->word, str_of(candidate)), room = sizeof(n->words) - n->len;
	int len = snprintf(n->words + n->len, room, "%s%s", n->len ? ", " : "", candidate);

	if (len > 0)
		n->len += (size_t)len < room ? (size_t)len : room - 1;
	if (d < n->least) {
		n->least = d;
		n->best = candidate;
	}
}

static bool is_near(const struct nearest *n)
{
	return n->best && n->least <= 1 + n->word.len / 2;
}

/* A guess that is far off helps nobody: then all words are named. */
static int say_unknown(const char *what, const struct nearest *n)
{
	if (is_near(n))
		say("unknown %s '" STR_FMT "'; did you mean '%s'?", what, STR_ARG(n->word),
		    n->best);
	else
		say("unknown %s '" STR_FMT "'; there are %s", what, STR_ARG(n->word), n->words);
	return -EINVAL;
}

/* merge writes what it reads. */
static bool is_mergeable(const char *format)
{
	return !strcmp(format, "json") || !strcmp(format, "jsonl");
}

static int set_format(struct options *o, const char *arg)
{
	struct nearest n = { .word = str_of(arg), .least = SIZE_MAX };

	if (o->command == COMMAND_GRAPH) {
		o->graph_writer = graph_writer_find(n.word);
		if (o->graph_writer)
			return 0;
		for (size_t i = 0; graph_writer_at(i); i++)
			consider(&n, graph_writer_at(i)->name);
		return say_unknown("format", &n);
	}
	o->writer = writer_find(n.word);
	if (o->writer && (o->command != COMMAND_MERGE || is_mergeable(o->writer->name)))
		return 0;
	for (size_t i = 0; writer_at(i); i++)
		if (o->command != COMMAND_MERGE || is_mergeable(writer_at(i)->name))
			consider(&n, writer_at(i)->name);
	return say_unknown("format", &n);
}

static int set_output(struct options *o, const char *arg)
{
	o->output = arg;
	return 0;
}

static int when_parse(const char *what, const char *arg, enum when *ret)
{
	static const char *const words[] = { "auto", "always", "never" };
	struct nearest n = { .word = str_of(arg), .least = SIZE_MAX };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!strcmp(arg, words[i])) {
			*ret = (enum when)i;
			return 0;
		}
		consider(&n, words[i]);
	}
	return say_unknown(what, &n);
}

static int set_color(struct options *o, const char *arg)
{
	return when_parse("color", arg, &o->color);
}

static int set_progress(struct options *o, const char *arg)
{
	return when_parse("progress", arg, &o->progress);
}

static int set_jobs(struct options *o, const char *arg)
{
	struct str s = str_of(arg);
	uint64_t n;

	if (str_skip_uint(&s, &n) < 0 || s.len || n < 1 || n > JOBS_MAX) {
		say("--jobs wants a number from 1 to %d, not '%s'", JOBS_MAX, arg);
		return -EINVAL;
	}
	o->jobs = (unsigned int)n;
	return 0;
}

/* Processors that we may use, not those that there are. */
static unsigned int default_jobs(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : n > JOBS_DEFAULT_MAX ? JOBS_DEFAULT_MAX : (unsigned int)n;
}

static int set_width(struct options *o, const char *arg)
{
	struct str s = str_of(arg);
	uint64_t width;

	if (str_skip_uint(&s, &width) < 0 || s.len || width < WIDTH_MIN || width > WIDTH_MAX) {
		say("--width wants a number from %d to %d, not '%s'", WIDTH_MIN, WIDTH_MAX, arg);
		return -EINVAL;
	}
	o->width = (unsigned int)width;
	return 0;
}

static int set_kinds(struct options *o, const char *arg)
{
	struct str rest = str_of(arg);

	do {
		ptrdiff_t comma = str_chr(rest, ',');
		struct nearest n = { .word = str_head(rest, comma < 0 ? rest.len : (size_t)comma),
				     .least = SIZE_MAX };
		enum kind kind;

		if (kind_find(n.word, &kind) < 0) {
			for (int k = 0; k < KIND_MAX; k++)
				consider(&n, kind_name((enum kind)k));
			return say_unknown("kind", &n);
		}
		o->kinds |= UINT32_C(1) << kind;
		rest = comma < 0 ? STR("") : str_from(rest, (size_t)comma + 1);
	} while (rest.len);
	return 0;
}

static int set_label(struct options *o, const char *arg)
{
	if (!*arg) {
		say("--label wants a name that is not empty");
		return -EINVAL;
	}
	o->label = arg;
	return 0;
}

static int set_files_from(struct options *o, const char *arg)
{
	o->files_from = arg;
	return 0;
}

/* @return the bytes of the file, at most one more than a pattern file may have; or -errno */
static ssize_t read_patterns(const char *path, char **ret)
{
	FILE *in = fopen(path, "re");
	size_t n;
	int err;

	if (!in)
		return -errno;
	*ret = malloc(PATTERN_FILE_BYTES + 1);
	errno = *ret ? 0 : ENOMEM;
	n = *ret ? fread(*ret, 1, PATTERN_FILE_BYTES + 1, in) : 0;
	err = ferror(in) || !*ret ? errno : 0;
	fclose(in);
	return err ? -err : (ssize_t)n;
}

static int set_patterns(struct options *o, const char *arg)
{
	struct pattern_error why;
	char *text = NULL;
	ssize_t n = read_patterns(arg, &text);
	int err;

	if (n < 0) {
		say("%s: %s", arg, strerror((int)-n));
		free(text);
		return -EINVAL;
	}
	err = pattern_file_parse((struct str){ text, (size_t)n }, &o->patterns, &why);
	if (err == -EINVAL)
		say("%s:%zu: %s; nothing was read", arg, why.line, why.text);
	else if (err)
		say("%s: out of memory", arg);
	free(text);
	return err ? -EINVAL : 0;
}

static int set_list_patterns(struct options *o, const char *arg)
{
	(void)arg;
	o->command = COMMAND_PATTERNS;
	return 0;
}

static int set_nul(struct options *o, const char *arg)
{
	(void)arg;
	o->nul_separated = true;
	return 0;
}

static int set_all(struct options *o, const char *arg)
{
	(void)arg;
	o->all = true;
	return 0;
}

static int set_exit_code(struct options *o, const char *arg)
{
	(void)arg;
	o->exit_code = true;
	return 0;
}

static int set_quiet(struct options *o, const char *arg)
{
	(void)arg;
	o->quiet = true;
	return 0;
}

static int set_verbose(struct options *o, const char *arg)
{
	(void)arg;
	o->verbosity++;
	return 0;
}

static int set_from(struct options *o, const char *arg)
{
	o->query.from = arg;
	return 0;
}

static int set_to(struct options *o, const char *arg)
{
	o->query.to = arg;
	return 0;
}

/* LOCK=N; a name may have '=' in it, a number behind the last one is N. */
static int set_around(struct options *o, const char *arg)
{
	const char *equals = strrchr(arg, '=');
	struct str digits = str_of(equals ? equals + 1 : "");
	uint64_t n;

	o->query.around = arg;
	o->query.within = AROUND_DEFAULT;
	if (!equals || str_skip_uint(&digits, &n) < 0 || digits.len)
		return 0;
	if (n > AROUND_MAX) {
		say("--around wants at most %d edges, not '%s'", AROUND_MAX, equals + 1);
		return -EINVAL;
	}
	free(o->around);
	o->around = strndup(arg, (size_t)(equals - arg));
	if (!o->around) {
		say("out of memory");
		return -EINVAL;
	}
	o->query.around = o->around;
	o->query.within = (unsigned int)n;
	return 0;
}

static int set_lock(struct options *o, const char *arg)
{
	o->query.lock = arg;
	return 0;
}

static int set_keep_index(struct options *o, const char *arg)
{
	(void)arg;
	o->keep_class_index = true;
	return 0;
}

static int set_help(struct options *o, const char *arg)
{
	(void)arg;
	o->command = COMMAND_HELP;
	return 0;
}

static int set_version(struct options *o, const char *arg)
{
	(void)arg;
	o->command = COMMAND_VERSION;
	return 0;
}

/* Keys of options without a letter: behind all characters. */
enum { KEY_FIRST = 256 };

/* Commands that an option is for. */
enum {
	FOR_REPORT = 1 << COMMAND_REPORT,
	FOR_GRAPH = 1 << COMMAND_GRAPH,
	FOR_MERGE = 1 << COMMAND_MERGE,
	FOR_LOGS = FOR_REPORT | FOR_GRAPH,
	FOR_ALL = FOR_LOGS | FOR_MERGE
};

static const struct opt {
	int key;		/* the letter; 0: none */
	const char *name, *arg; /* arg: NULL for a switch, else the word --help shows */
	unsigned int commands;
	const char *help;
	int (*set)(struct options *o, const char *arg); /* 0, or -EINVAL after saying why */
} opts[] = {
	{ 'f', "format", "NAME", FOR_ALL, "output format, see below (default: the first one)",
	  set_format },
	{ 'o', "output", "FILE", FOR_ALL, "write to FILE; a regular file is replaced as a whole",
	  set_output },
	{ 0, "color", "WHEN", FOR_LOGS, "auto (default), always or never; NO_COLOR is honoured",
	  set_color },
	{ 0, "width", "N", FOR_REPORT,
	  "columns of text and diagram (default: the terminal's or 80; diagram 72)", set_width },
	{ 0, "kind", "LIST", FOR_LOGS, "only these kinds of report, separated by commas",
	  set_kinds },
	{ 0, "all", NULL, FOR_REPORT, "every occurrence instead of one per signature with a count",
	  set_all },
	{ 0, "exit-code", NULL, FOR_LOGS, "exit with 1 when there is at least one report",
	  set_exit_code },
	{ 'j', "jobs", "N", FOR_REPORT,
	  "inputs read at the same time (default: processors available)", set_jobs },
	{ 0, "files-from", "FILE", FOR_ALL,
	  "read names of inputs from FILE, one a line (-: standard input)", set_files_from },
	{ '0', "null", NULL, FOR_ALL, "names in --files-from end with NUL", set_nul },
	{ 0, "label", "NAME", FOR_ALL, "name of standard input in the output", set_label },
	{ 0, "patterns", "FILE", FOR_LOGS, "more remedy patterns, after the built-in ones",
	  set_patterns },
	{ 0, "list-patterns", NULL, FOR_LOGS, "write all patterns in the form of such a FILE",
	  set_list_patterns },
	{ 0, "progress", "WHEN", FOR_REPORT,
	  "auto (default: on a terminal, after a second), always or never", set_progress },
	{ 'q', "quiet", NULL, FOR_ALL, "no messages but errors", set_quiet },
	{ 'v', "verbose", NULL, FOR_ALL, "more: stacks, held locks, all alternatives",
	  set_verbose },
	{ 'h', "help", NULL, FOR_ALL, "show this help", set_help },
	{ 'V', "version", NULL, FOR_ALL, "show the version", set_version },
	{ 0, "from", "LOCK", FOR_GRAPH, "the shortest order from LOCK to that of --to", set_from },
	{ 0, "to", "LOCK", FOR_GRAPH, "the end of that order", set_to },
	{ 0, "around", "LOCK[=N]", FOR_GRAPH, "what lies within N edges of LOCK (default 2)",
	  set_around },
	{ 0, "lock", "REGEX", FOR_GRAPH, "only cycles and edges through such locks", set_lock },
	{ 0, "keep-class-index", NULL, FOR_GRAPH, "do not merge name#2 with name", set_keep_index },
};

const char *options_name(size_t i)
{
	return i < ARRAY_SIZE(opts) ? opts[i].name : NULL;
}

void options_usage(FILE *out)
{
	fputs("usage: unsplat [report] [OPTION]... [FILE]...\n"
	      "       dmesg | unsplat\n"
	      "Try 'unsplat --help' for more.\n",
	      out);
}

void options_help(FILE *out)
{
	fputs("usage: unsplat [report] [OPTION]... [FILE]...\n"
	      "       unsplat graph [OPTION]... [FILE]...\n"
	      "       unsplat merge [OPTION]... [FILE]...\n"
	      "       unsplat help | --help | --version\n\n"
	      "Find the lockdep splats of kernel logs, and say which lock to drop, where and why;\n"
	      "graph: lay them over one another; merge: put outputs of report -f jsonl together.\n"
	      "FILE is a log, compressed or not, an archive or a folder of logs; none, or -, is\n"
	      "standard input.\n\noptions:\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++) {
		char letter[8] = "   ";
		int n;

		if (i && opts[i].commands == FOR_GRAPH && opts[i - 1].commands != FOR_GRAPH)
			fputs("\noptions of graph:\n", out);

		if (opts[i].key)
			snprintf(letter, sizeof(letter), "-%c,", opts[i].key);
		n = fprintf(out, "  %s --%s%s%s", letter, opts[i].name, opts[i].arg ? "=" : "",
			    opts[i].arg ? opts[i].arg : "");
		fprintf(out, "%*s%s\n", n < 26 ? 26 - n : 1, "", opts[i].help);
	}
	fputs("\nformats:\n", out);
	for (size_t i = 0; writer_at(i); i++)
		fprintf(out, "  %-23s %s\n", writer_at(i)->name, writer_at(i)->help);
	fputs("\nformats of graph:\n", out);
	for (size_t i = 0; graph_writer_at(i); i++)
		fprintf(out, "  %-23s %s\n", graph_writer_at(i)->name, graph_writer_at(i)->help);
	fputs("\nexit status: 0 all was read; 1 with --exit-code, there is a report;\n"
	      "2 wrong usage, unreadable input or failed write\n",
	      out);
}

static const struct opt *opt_of(int key)
{
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++)
		if (key == opts[i].key || key == KEY_FIRST + (int)i)
			return &opts[i];
	return NULL;
}

/* What getopt_long() did not take: it names the argument that it stopped at. */
static int say_bad_option(char **argv, bool missing)
{
	const char *arg = argv[optind - 1];
	struct nearest n = { .word = str_of(arg), .least = SIZE_MAX };

	if (missing) {
		say("option '%s' wants an argument", arg);
		return -EINVAL;
	}
	if (!str_skip(&n.word, STR("--"))) {
		say("unknown option '-%c'; see unsplat --help", optopt);
		return -EINVAL;
	}
	ptrdiff_t equals = str_chr(n.word, '=');
	bool valued = equals >= 0;

	n.word = str_head(n.word, valued ? (size_t)equals : n.word.len);
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++) {
		consider(&n, opts[i].name);
		if (valued && str_eq(n.word, str_of(opts[i].name))) {
			say("option '--%s' takes no argument", opts[i].name);
			return -EINVAL;
		}
	}
	if (is_near(&n))
		say("unknown option '--" STR_FMT "'; did you mean '--%s'?", STR_ARG(n.word),
		    n.best);
	else
		say("unknown option '--" STR_FMT "'; see unsplat --help", STR_ARG(n.word));
	return -EINVAL;
}

static const char *const command_names[] = {
	[COMMAND_REPORT] = "report", [COMMAND_GRAPH] = "graph", [COMMAND_MERGE] = "merge"
};

/* The first word may be a command; a file of that name is written "./graph". */
static int command_parse(struct options *o, int *argc, char ***argv)
{
	static const char *const later[] = { "triage" };
	const char *word = *argc > 1 ? (*argv)[1] : "";

	for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
		if (strcmp(word, later[i]) != 0)
			continue;
		say("the command '%s' is not in this version (a file of that name: ./%s)", word,
		    word);
		return -EINVAL;
	}
	if (!strcmp(word, "help"))
		o->command = COMMAND_HELP;
	else if (!strcmp(word, "graph"))
		o->command = COMMAND_GRAPH;
	else if (!strcmp(word, "merge"))
		o->command = COMMAND_MERGE;
	else if (strcmp(word, "report") != 0)
		return 0;
	(*argv)[1] = (*argv)[0];
	(*argv)++;
	(*argc)--;
	return 0;
}

int options_parse(struct options *o, int argc, char **argv)
{
	struct option longs[ARRAY_SIZE(opts) + 1] = { 0 };
	char shorts[2 * ARRAY_SIZE(opts) + 2] = ":";
	enum command command;
	size_t n = 1;
	int key;

	*o = (struct options){ .writer = writer_at(0),
			       .graph_writer = graph_writer_at(0),
			       .jobs = default_jobs() };
	if (command_parse(o, &argc, &argv) < 0)
		return -EINVAL;
	if (o->command == COMMAND_MERGE)
		o->writer = writer_find(STR("jsonl"));
	if (o->command != COMMAND_REPORT)
		o->progress = WHEN_NEVER;
	command = o->command;
	for (size_t i = 0; i < ARRAY_SIZE(opts); i++) {
		longs[i] = (struct option){ opts[i].name,
					    opts[i].arg ? required_argument : no_argument, NULL,
					    KEY_FIRST + (int)i };
		if (!opts[i].key)
			continue;
		shorts[n++] = (char)opts[i].key;
		if (opts[i].arg)
			shorts[n++] = ':';
	}
	opterr = 0;
	while ((key = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		const struct opt *opt = opt_of(key);

		if (!opt)
			return say_bad_option(argv, key == ':');
		if (command != COMMAND_HELP && !(opt->commands & 1u << command)) {
			say("option '--%s' is not for the command '%s'", opt->name,
			    command_names[command]);
			return -EINVAL;
		}
		if (opt->set(o, optarg) < 0)
			return -EINVAL;
	}
	if (!o->query.from != !o->query.to) {
		say("--from and --to go together");
		return -EINVAL;
	}
	o->files = argv + optind;
	o->n_files = (size_t)(argc - optind);
	return 0;
}

void options_done(struct options *o)
{
	free(o->around);
	o->around = NULL;
	pattern_file_free(o->patterns);
	o->patterns = NULL;
}
