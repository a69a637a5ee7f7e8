/* SPDX-License-Identifier: MIT */
#ifndef UNSPLAT_GRAPH_ATLAS_PARTS_H
#define UNSPLAT_GRAPH_ATLAS_PARTS_H

#include "unsplat/atlas.h"
#include "unsplat/table.h"

/* What the files of the atlas share: atlas.c takes in, atlas_names.c names, atlas_order.c orders. */

struct stat_row {
	struct str name; /* in the words of the atlas */
	uint64_t contentions, acquisitions;
	double wait_us;
};

struct atlas {
	struct atlas_options opt;
	struct arena *mem; /* of what is made at the end */
	struct intern *keys, *kernels, *sources, *words;
	unsigned char *told; /* per word: 0 unknown, 1 tells nothing, 2 telling */
	size_t n_told;
	struct atlas_lock *locks; /* by the ids of keys; ordered at the end */
	struct atlas_edge *edges;
	struct atlas_report *reports;
	struct atlas_cycle *cycles;
	struct stat_row *stats;
	size_t n_locks, n_edges, n_reports, n_cycles, n_stats;
	size_t cap_locks, cap_edges, cap_reports, cap_cycles, cap_stats;
	struct map edge_of, report_of, cycle_of;
	uint32_t *final_lock; /* after atlas_finish(): id of a key -> lock */
	uint32_t *first_edge;
	bool finished;
};

/** One more element. @return -ENOMEM, or 0 with room for it (not zeroed, not counted) */
int atlas_grow(void **array, size_t *cap, size_t n, size_t size);
/** Add @p id. @return 1, 0 when it was there, or -ENOMEM */
int ids_add(struct ids *s, uint32_t id);
bool ids_has(const struct ids *s, uint32_t id);
void ids_done(struct ids *s);
/** Put in ascending order, once each. */
void ids_sort(struct ids *s);

/** A name of a sighting and the lock that it means. */
struct named_lock {
	struct str name, key, base, scope;
	uint64_t number; /* of its class: 1 when there is none */
	uint32_t ordinal;
	uint32_t lock; /* set by the caller */
	bool anonymous;
};

/**
 * The names of a sighting, in byte order, each with the key under which the atlas knows it.
 * @param ret  in the arena of the report
 * @return 0 or -ENOMEM
 */
int atlas_names(const struct atlas_options *opt, const struct sighting *s, struct named_lock **ret,
		size_t *n);
/** @return the entry of @p name, or NULL */
const struct named_lock *atlas_name_find(const struct named_lock *names, size_t n, struct str name);

#endif
