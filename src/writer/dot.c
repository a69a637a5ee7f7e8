/* SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <graphviz/cgraph.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "clean.h"
#include "words.h"
#include "writers.h"

/*
 * Graphviz through libcgraph. Its traps: it takes char *, says errors by itself unless told
 * not to, and expands "\N" and the like in labels, so backslashes are doubled there. Nodes
 * get plain ids; what comes from the log is only ever an attribute, which agwrite() quotes.
 * It sorts subgraphs by an id which is the address of their name, so these get ids of ours.
 */

#define NAME_MAX_SHOWN 64 /* characters of a name on a node; its tooltip has all of them */
/* dot takes strings of up to 16384 bytes; of longer ones it gets so much. */
#define STRING_MAX 16000
#define STRING_MAX_SHOWN 2000

/* A backslash that is only that. */
#define IN_LABEL "\\\\"
#define IN_TOOLTIP "\\\\\\\\"

/* The ids of graphs; "cluster_N" has the N-th. */
struct graph_ids {
	Agdisc_t disc; /* first: libcgraph knows us by it */
	Agiddisc_t ids;
	Agraph_t *g;
	void *plain; /* state of AgIdDisc, which all but graphs use */
	struct arena *mem;
	VEC(char *) names;
};

struct dot_state {
	struct graph_ids ids;
	Agraph_t *g;
	struct arena *mem;
	unsigned int reports;
};

/* "&lt;" and the like, which dot would show as the character that it names. */
static bool is_entity(struct str s)
{
	size_t i = 1;

	if (*s.p != '&')
		return false;
	i += s.len > 1 && s.p[1] == '#';
	while (i < s.len && isalnum((unsigned char)s.p[i]))
		i++;
	return i > 1 && i < s.len && s.p[i] == ';';
}

static bool is_inside_character(struct str s, size_t i)
{
	return i < s.len && ((unsigned char)s.p[i] & 0xc0) == 0x80;
}

/*
 * What dot would take for an escape is not one; newlines are ours alone. @p backslash is what
 * stands for one: dot takes escapes out of labels once, out of tooltips twice.
 */
static int quoted(struct arena *mem, struct str s, size_t limit, const char *backslash,
		  struct str *ret)
{
	struct str clean;
	char *p, *end;
	size_t head, tail;

	if (clean_str(mem, s, &clean) < 0)
		return -ENOMEM;
	p = end = arena_alloc(mem, clean.len * strlen("&amp;") + sizeof("..."));
	if (!p)
		return -ENOMEM;
	head = tail = clean.len;
	if (limit && clean.len > limit) { /* both ends of a name tell more than its middle */
		for (head = limit / 2; is_inside_character(clean, head);)
			head--;
		for (tail = clean.len - limit / 2; is_inside_character(clean, tail);)
			tail++;
	}
	for (size_t i = 0; i < clean.len; i++) {
		if (i == head) {
			end = stpcpy(end, "...");
			i = tail;
		}
		if (clean.p[i] == '\\')
			end = stpcpy(end, backslash);
		else if (is_entity(str_from(clean, i)))
			end = stpcpy(end, "&amp;");
		else
			*end++ = clean.p[i];
	}
	*ret = (struct str){ p, (size_t)(end - p) };
	return 0;
}

static int set(void *object, const char *key, const char *value)
{
	return agsafeset(object, (char *)(uintptr_t)key, (char *)(uintptr_t)value,
			 (char *)(uintptr_t) "") ?
		       -ENOMEM :
		       0;
}

/* With the backslashes that agwrite() puts before quotes. */
static size_t written_len(struct str s)
{
	size_t n = s.len;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '"';
	return n;
}

static int set_str(struct dot_state *s, void *object, const char *key, struct str value,
		   size_t limit)
{
	const char *backslash = strcmp(key, "tooltip") ? IN_LABEL : IN_TOOLTIP;
	struct str q;
	int err = quoted(s->mem, value, limit, backslash, &q);

	if (!err && written_len(q) > STRING_MAX)
		err = quoted(s->mem, value, STRING_MAX_SHOWN, backslash, &q);
	return err ? err : set(object, key, q.p);
}

static int defaults(Agraph_t *g)
{
	static const struct {
		int kind;
		const char *key, *value;
	} attributes[] = {
		{ AGRAPH, "rankdir", "TB" },
		{ AGRAPH, "fontname", "Helvetica,Arial,sans-serif" },
		{ AGRAPH, "nodesep", "0.4" },
		{ AGRAPH, "ranksep", "0.45" },
		{ AGRAPH, "label", "" },
		{ AGRAPH, "labelloc", "t" },
		{ AGRAPH, "color", "gray70" },
		{ AGRAPH, "style", "" },
		{ AGNODE, "shape", "box" },
		{ AGNODE, "style", "rounded,filled" },
		{ AGNODE, "fillcolor", "gray96" },
		{ AGNODE, "fontname", "Helvetica,Arial,sans-serif" },
		{ AGNODE, "fontsize", "12" },
		{ AGNODE, "label", "\\N" },
		{ AGNODE, "color", "gray40" },
		{ AGNODE, "penwidth", "1" },
		{ AGEDGE, "fontname", "Helvetica,Arial,sans-serif" },
		{ AGEDGE, "fontsize", "10" },
		{ AGEDGE, "label", "" },
		{ AGEDGE, "color", "gray40" },
		{ AGEDGE, "fontcolor", "gray25" },
		{ AGEDGE, "style", "solid" },
		{ AGEDGE, "penwidth", "1" },
		{ AGEDGE, "tooltip", "" },
		{ AGNODE, "tooltip", "" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(attributes); i++)
		if (!agattr(g, attributes[i].kind, (char *)(uintptr_t)attributes[i].key,
			    (char *)(uintptr_t)attributes[i].value))
			return -ENOMEM;
	return 0;
}

static void *ids_open(Agraph_t *g, Agdisc_t *disc)
{
	struct graph_ids *ids = (struct graph_ids *)disc;

	ids->g = g;
	ids->plain = AgIdDisc.open(g, disc);
	return ids;
}

/* No two subgraphs have the same name, so there is nothing to be found. */
static long ids_map(void *state, int type, char *name, IDTYPE *id, int create)
{
	struct graph_ids *ids = state;
	char **place;

	if (type != AGRAPH)
		return AgIdDisc.map(ids->plain, type, name, id, create);
	place = create && name ? vec_push(ids->mem, &ids->names) : NULL;
	if (!place)
		return 0;
	*place = agstrdup(ids->g, name); /* it must be one of these: a flag stands before it */
	*id = ids->names.n;
	return 1;
}

static long ids_alloc(void *state, int type, IDTYPE id)
{
	return AgIdDisc.alloc(((struct graph_ids *)state)->plain, type, id);
}

static void ids_free(void *state, int type, IDTYPE id)
{
	if (type != AGRAPH)
		AgIdDisc.free(((struct graph_ids *)state)->plain, type, id);
}

static char *ids_print(void *state, int type, IDTYPE id)
{
	struct graph_ids *ids = state;

	if (type != AGRAPH)
		return AgIdDisc.print(ids->plain, type, id);
	return id && id <= ids->names.n ? ids->names.p[id - 1] : NULL;
}

static void ids_close(void *state)
{
	AgIdDisc.close(((struct graph_ids *)state)->plain);
}

static void ids_register(void *state, int type, void *object)
{
	AgIdDisc.idregister(((struct graph_ids *)state)->plain, type, object);
}

static void ids_init(struct graph_ids *ids, struct arena *mem)
{
	ids->mem = mem;
	ids->ids = (Agiddisc_t){ ids_open,  ids_map,   ids_alloc,   ids_free,
				 ids_print, ids_close, ids_register };
	ids->disc.id = &ids->ids;
}

static int dot_begin(void **state, FILE *out, const struct writer_options *opt)
{
	struct dot_state *s = calloc(1, sizeof(*s));

	(void)out;
	(void)opt;
	if (!s)
		return -ENOMEM;
	*state = s;
	agseterr(AGMAX); /* errors are seen in what is returned */
	s->mem = arena_new();
	if (!s->mem)
		return -ENOMEM;
	ids_init(&s->ids, s->mem);
	s->g = agopen((char *)(uintptr_t) "unsplat", Agdirected, &s->ids.disc);
	return s->g ? defaults(s->g) : -ENOMEM;
}

static Agnode_t *lock_node(struct dot_state *s, Agraph_t *g, struct str lock)
{
	struct str key;
	Agnode_t *n;

	/* The id has the whole name, so that equal locks of a report are one node. */
	if (arena_printf(s->mem, &key, "r%u:" STR_FMT, s->reports, STR_ARG(lock)) < 0)
		return NULL;
	if (lock.len > STRING_MAX_SHOWN &&
	    arena_printf(s->mem, &key, "r%u:%016" PRIx64, s->reports,
			 (uint64_t)XXH3_64bits(lock.p, lock.len)) < 0)
		return NULL;
	if (quoted(s->mem, key, 0, IN_LABEL, &key) < 0)
		return NULL;
	n = agnode(g, (char *)(uintptr_t)key.p, 0);
	if (n)
		return n;
	n = agnode(g, (char *)(uintptr_t)key.p, 1);
	if (!n || set_str(s, n, "label", lock, NAME_MAX_SHOWN) < 0 ||
	    set_str(s, n, "tooltip", lock, 0) < 0)
		return NULL;
	return n;
}

/* "#3 msr_device_create()" and below it what the edge is, when it is no plain acquisition. */
static int edge_label(struct dot_state *s, const struct dependency *d, const struct telling *t,
		      const struct suggestion *g, struct str *ret)
{
	const char *words = relation_words(d);
	struct str f;
	char place[32] = "";

	if (d->index >= 0)
		snprintf(place, sizeof(place), "#%" PRId64 " ", d->index);
	if (quoted(s->mem, t->function, NAME_MAX_SHOWN, IN_LABEL, &f) < 0)
		return -ENOMEM;
	return arena_printf(s->mem, ret, "%s%s" STR_FMT "%s%s%s%s%s%s",
			    g && g->rank == 1 ? "break here: " : "", place, STR_ARG(f),
			    f.len ? "()" : "", *words ? "\\n" : "", words, t->boot ? "\\n" : "",
			    t->boot ? "(boot)" : "", "");
}

/* The functions of the stack, innermost first: the witness. */
static int edge_tooltip(struct dot_state *s, Agedge_t *e, const struct dependency *d)
{
	struct str all = { "", 0 };

	for (size_t i = 0; i < d->frames->n && i < 40; i++)
		if (arena_printf(s->mem, &all, STR_FMT "%s" STR_FMT, STR_ARG(all), i ? " < " : "",
				 STR_ARG(d->frames->p[i].function)) < 0)
			return -ENOMEM;
	return set_str(s, e, "tooltip", all, 0);
}

static const struct suggestion *suggestion_of(const struct verdict *v, const struct dependency *d)
{
	for (size_t i = 0; i < v->suggestions.n; i++)
		if (v->suggestions.p[i].edge == d)
			return &v->suggestions.p[i];
	return NULL;
}

static int draw_edge(struct dot_state *s, Agraph_t *g, const struct verdict *v,
		     const struct dependency *d, const struct telling *t)
{
	const struct suggestion *best = suggestion_of(v, d);
	Agnode_t *from = lock_node(s, g, d->from), *to = lock_node(s, g, d->to);
	Agedge_t *e = from && to ? agedge(g, from, to, NULL, 1) : NULL;
	struct str label;
	int err;

	if (!e)
		return -ENOMEM;
	if (d->derived) {
		err = set(e, "style", "dotted");
		return err ? err : set(e, "label", "also held");
	}
	err = edge_label(s, d, t, best, &label);
	if (!err)
		err = set(e, "label", label.p);
	if (!err)
		err = edge_tooltip(s, e, d);
	if (!err && best && best->rank == 1) {
		err = set(e, "color", "red3");
		if (!err)
			err = set(e, "fontcolor", "red3");
		if (!err)
			err = set(e, "penwidth", "3");
	}
	if (!err && d->relation != RELATION_HELD)
		err = set(e, "style", "dashed");
	return err;
}

static int set_all(void *object, const char *const (*pairs)[2], size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = set(object, pairs[i][0], pairs[i][1]);
	return err;
}

/* "zoo_list_scan()\nwith hardirqs enabled" */
static int use_label(struct dot_state *s, const struct lock_use *u, const char *first,
		     struct str *ret)
{
	struct str f, words = STR("");

	if (quoted(s->mem, u->telling.function, NAME_MAX_SHOWN, IN_LABEL, &f) < 0 ||
	    (!u->inside && use_words(s->mem, u, &words) < 0))
		return -ENOMEM;
	return arena_printf(s->mem, ret, "%s" STR_FMT "%s%s" STR_FMT, first, STR_ARG(f),
			    f.len ? "()" : "", f.len && words.len ? "\\n" : "", STR_ARG(words));
}

/*
 * An interrupt as a node: it comes where the unsafe lock is held, and wants the safe one. So
 * the picture has the cycle that the report is about.
 */
static int draw_interrupt(struct dot_state *s, Agraph_t *g, const struct verdict *v)
{
	static const char *const looks[][2] = { { "shape", "ellipse" },
						{ "style", "filled" },
						{ "fillcolor", "lightyellow" } };
	static const char *const red[][2] = { { "color", "red3" },
					      { "fontcolor", "red3" },
					      { "penwidth", "3" },
					      { "style", "dashed" } };
	static const char *const plain[][2] = { { "style", "dashed" } };
	const struct lock_use *inside = &v->uses.p[0], *enabled = &v->uses.p[1];
	bool best = v->suggestions.n && v->suggestions.p[0].edge->pseudo;
	Agnode_t *irq, *safe = lock_node(s, g, inside->lock),
		       *unsafe = lock_node(s, g, enabled->lock);
	Agedge_t *in, *on;
	struct str id, label;
	int err;

	if (!safe || !unsafe || arena_printf(s->mem, &id, "i%u", s->reports) < 0)
		return -ENOMEM;
	irq = agnode(g, (char *)(uintptr_t)id.p, 1);
	on = irq ? agedge(g, unsafe, irq, NULL, 1) : NULL;
	in = irq ? agedge(g, irq, safe, NULL, 1) : NULL;
	if (!on || !in)
		return -ENOMEM;
	err = set(irq, "label", inside->context);
	if (!err)
		err = set_all(irq, looks, ARRAY_SIZE(looks));
	if (!err)
		err = use_label(s, enabled, best ? "break here: " : "", &label);
	if (!err)
		err = set(on, "label", label.p);
	if (!err)
		err = best ? set_all(on, red, ARRAY_SIZE(red)) :
			     set_all(on, plain, ARRAY_SIZE(plain));
	if (!err)
		err = use_label(s, inside, "", &label);
	return err ? err : set(in, "label", label.p);
}

static bool is_drawn_already(const struct verdict *v, const struct dependency *d)
{
	for (size_t i = 0; i < v->n_chain_edges; i++)
		if (str_eq(v->edges.p[i].from, d->from) && str_eq(v->edges.p[i].to, d->to))
			return true;
	return false;
}

static int dot_report(void *state, FILE *out, const struct report *r, const struct verdict *v,
		      const struct source *src)
{
	struct dot_state *s = state;
	char name[32];
	struct str title;
	Agraph_t *g;
	int err;

	(void)out;
	(void)src;
	snprintf(name, sizeof(name), "cluster_%u", ++s->reports);
	g = agsubg(s->g, name, 1);
	if (!g)
		return -ENOMEM;
	if (arena_printf(s->mem, &title, STR_FMT " (%s:%" PRIu64 ")", STR_ARG(v->title), r->source,
			 r->line) < 0)
		return -ENOMEM;
	err = set_str(s, g, "label", title, 200);
	for (size_t i = 0; !err && i < r->chain.n; i++) /* in the order of the cycle, from #0 on */
		err = lock_node(s, g, r->chain.p[i].lock.name) ? 0 : -ENOMEM;
	for (size_t i = 0; !err && i < v->edges.n; i++)
		if (i < v->n_chain_edges || !is_drawn_already(v, &v->edges.p[i]))
			err = draw_edge(s, g, v, &v->edges.p[i], &v->tellings[i]);
	if (!err && v->uses.n)
		err = draw_interrupt(s, g, v);
	if (!err && r->kind == KIND_INVALID_WAIT && v->suggestions.n) {
		struct telling here = { .function = v->explanation.function };

		err = draw_edge(s, g, v, v->suggestions.p[0].edge, &here);
	}
	if (!err && r->has_acquiring && agfstnode(g)) {
		Agnode_t *wanted = lock_node(s, g, r->acquiring.name);

		err = wanted ? set(wanted, "penwidth", "2") : -ENOMEM;
	}
	if (!err && !agfstnode(g)) { /* a cluster needs a node to be seen */
		struct str held =
			r->held_locks.n ? r->held_locks.p[0].lock.name : STR("(no locks read)");

		err = lock_node(s, g, held.len ? held : STR("(no locks read)")) ? 0 : -ENOMEM;
	}
	return err;
}

static int dot_end(void *state, FILE *out)
{
	struct dot_state *s = state;

	return agwrite(s->g, out) == 0 ? 0 : -EIO;
}

static void dot_free(void *state)
{
	struct dot_state *s = state;

	if (!s)
		return;
	if (s->g)
		agclose(s->g);
	arena_free(s->mem);
	free(s);
}

const struct writer writer_dot = {
	.name = "dot",
	.help = "a graph for dot, the suggested edge in red",
	.begin = dot_begin,
	.report = dot_report,
	.end = dot_end,
	.free = dot_free,
};
