/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "atlas_parts.h"

/*
 * Which lock of the atlas a name of a report means. The key is the name that all kernels share,
 * where it says nothing also the place where it was taken, and the number that tells two names of
 * one report apart.
 */

/* One class per file system type (fs/super.c, alloc_super()). */
static const char *const of_file_systems[] = {
	"&type->s_umount_key",
	"&sb->s_type->i_mutex_key",
	"&type->i_mutex_dir_key",
	"&type->i_mutex_key",
	"&sb->s_type->i_lock_key",
	"sb_writers",
	"sb_internal",
	"sb_pagefaults",
};

/* What the functions of a file system begin with; the second word: its name, where it differs. */
static const struct {
	const char *prefix, *name;
} file_systems[] = {
	{ "ext4_", "ext4" },
	{ "jbd2_", "ext4" },
	{ "ext2_", "ext2" },
	{ "btrfs_", "btrfs" },
	{ "xfs_", "xfs" },
	{ "f2fs_", "f2fs" },
	{ "ocfs2_", "ocfs2" },
	{ "gfs2_", "gfs2" },
	{ "nfs_", "nfs" },
	{ "nfs4_", "nfs" },
	{ "nilfs_", "nilfs2" },
	{ "reiserfs_", "reiserfs" },
	{ "jfs_", "jfs" },
	{ "hfs_", "hfs" },
	{ "hfsplus_", "hfsplus" },
	{ "ntfs_", "ntfs3" },
	{ "ntfs3_", "ntfs3" },
	{ "fuse_", "fuse" },
	{ "ovl_", "overlay" },
	{ "shmem_", "tmpfs" },
	{ "hugetlbfs_", "hugetlbfs" },
	{ "devtmpfs", "devtmpfs" },
	{ "debugfs_", "debugfs" },
	{ "tracefs_", "tracefs" },
	{ "kernfs_", "kernfs" },
	{ "sysfs_", "kernfs" },
	{ "proc_", "proc" },
	{ "cifs_", "cifs" },
	{ "ceph_", "ceph" },
	{ "v9fs_", "9p" },
	{ "afs_", "afs" },
	{ "ubifs_", "ubifs" },
	{ "udf_", "udf" },
	{ "isofs_", "isofs" },
	{ "fat_", "fat" },
	{ "vfat_", "fat" },
	{ "exfat_", "exfat" },
	{ "erofs_", "erofs" },
	{ "squashfs_", "squashfs" },
	{ "bch2_", "bcachefs" },
	{ "configfs_", "configfs" },
	{ "cgroup_", "cgroup" },
	{ "rpc_pipe", "rpc_pipefs" },
	{ "ecryptfs_", "ecryptfs" },
};

static struct str file_system_of(const stack *s)
{
	for (size_t i = 0; i < s->n; i++)
		for (size_t k = 0; s->p[i].reliable && k < ARRAY_SIZE(file_systems); k++)
			if (str_starts(s->p[i].function, str_of(file_systems[k].prefix)))
				return str_of(file_systems[k].name);
	return (struct str){ NULL, 0 };
}

static bool is_of_file_system(struct str base)
{
	if (base.len > 2 && base.p[base.len - 2] == '/')
		base.len -= 2;
	for (size_t i = 0; i < ARRAY_SIZE(of_file_systems); i++)
		if (str_eq(base, str_of(of_file_systems[i])))
			return true;
	return false;
}

/* The file system, else the module, else the function. */
static struct str scope_of_stack(const struct atlas_options *opt, struct str base, const stack *s)
{
	struct place p = { 0 };
	struct str fs = is_of_file_system(base) ? file_system_of(s) : (struct str){ NULL, 0 };

	if (fs.len)
		return fs;
	if (opt->place)
		opt->place(opt->ctx, s, &p);
	return p.module.len ? p.module : p.function;
}

static struct str scope_of_lock(const struct atlas_options *opt, struct str base, struct lock *lock)
{
	stack one = { &lock->at_frame, 1, 1 };
	struct str scope = scope_of_stack(opt, base, &one);

	return scope.len ? scope : lock->at_frame.function;
}

/* Where @p name was taken, as its report tells it. */
static struct str scope_of(const struct atlas_options *opt, const struct sighting *s,
			   struct str name, struct str base)
{
	for (size_t i = 0; i < s->edges.n; i++)
		if (s->edges.p[i].frames->n && str_eq(s->edges.p[i].to, name))
			return scope_of_stack(opt, base, s->edges.p[i].frames);
	for (size_t i = 0; i < s->r->held_locks.n; i++)
		if (str_eq(s->r->held_locks.p[i].lock.name, name))
			return scope_of_lock(opt, base, &s->r->held_locks.p[i].lock);
	if (s->r->has_holding && str_eq(s->r->holding.name, name))
		return scope_of_lock(opt, base, &s->r->holding);
	return (struct str){ NULL, 0 };
}

/* The number in "name#5/1", 1 when there is none. */
static uint64_t class_number(struct str name)
{
	ptrdiff_t hash = str_rfind(name, STR("#"));
	struct str digits = str_from(name, (size_t)hash + 1);
	uint64_t number;

	return hash > 0 && str_skip_uint(&digits, &number) == 0 ? number : 1;
}

static int by_name(const void *a, const void *b)
{
	return str_cmp(((const struct named_lock *)a)->name, ((const struct named_lock *)b)->name);
}

static int by_key(const void *a, const void *b)
{
	const struct named_lock *x = *(const struct named_lock *const *)a;
	const struct named_lock *y = *(const struct named_lock *const *)b;
	int d = str_cmp(x->key, y->key);

	if (d)
		return d;
	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return str_cmp(x->name, y->name);
}

static int name_lock(const struct atlas_options *opt, const struct sighting *s,
		     struct named_lock *n)
{
	struct arena *mem = s->r->mem;
	int err = 0;

	n->number = class_number(n->name);
	n->anonymous = lock_is_anonymous(n->name);
	if (opt->keep_class_index)
		n->base = n->name;
	else
		err = lock_common_name(mem, n->name, &n->base);
	if (!err && n->anonymous && !opt->keep_class_index)
		n->scope = scope_of(opt, s, n->name, n->base);
	if (!err)
		err = arena_printf(mem, &n->key, STR_FMT "\037" STR_FMT, STR_ARG(n->base),
				   STR_ARG(n->scope));
	return err;
}

/* Two names of one report are two locks, whatever they have in common. */
static int number_equals(struct arena *mem, struct named_lock *names, size_t n)
{
	struct named_lock **order = arena_alloc(mem, (n + 1) * sizeof(struct named_lock *));
	struct str first = { NULL, 0 };
	uint32_t ordinal = 1;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		order[i] = &names[i];
	if (n)
		qsort(order, n, sizeof(*order), by_key);
	for (size_t i = 0; i < n; i++) {
		bool again = i && str_eq(first, order[i]->key);

		ordinal = again ? ordinal + 1 : 1;
		first = order[i]->key;
		order[i]->ordinal = ordinal;
	}
	for (size_t i = 0; i < n; i++)
		if (names[i].ordinal > 1 && arena_printf(mem, &names[i].key, STR_FMT "\037%" PRIu32,
							 STR_ARG(names[i].key), names[i].ordinal))
			return -ENOMEM;
	return 0;
}

int atlas_names(const struct atlas_options *opt, const struct sighting *s, struct named_lock **ret,
		size_t *n)
{
	size_t all = 2 * s->edges.n + s->n_locks, kept = 0;
	struct named_lock *names = arena_alloc(s->r->mem, (all + 1) * sizeof(*names));
	int err = 0;

	if (!names)
		return -ENOMEM;
	for (size_t i = 0; i < s->edges.n; i++) {
		names[2 * i].name = s->edges.p[i].from;
		names[2 * i + 1].name = s->edges.p[i].to;
	}
	for (size_t i = 0; i < s->n_locks; i++)
		names[2 * s->edges.n + i].name = s->locks[i];
	if (all)
		qsort(names, all, sizeof(*names), by_name);
	for (size_t i = 0; i < all; i++)
		if (!kept || !str_eq(names[kept - 1].name, names[i].name))
			names[kept++] = names[i];
	for (size_t i = 0; !err && i < kept; i++)
		err = name_lock(opt, s, &names[i]);
	if (!err)
		err = number_equals(s->r->mem, names, kept);
	if (err)
		return err;
	*ret = names;
	*n = kept;
	return 0;
}

const struct named_lock *atlas_name_find(const struct named_lock *names, size_t n, struct str name)
{
	struct named_lock key = { .name = name };

	return n ? bsearch(&key, names, n, sizeof(*names), by_name) : NULL;
}
