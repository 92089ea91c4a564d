/* SPDX-License-Identifier: MIT */
/* import.h: read a shop's order book into the database: what `market import` does, without its words. */
#ifndef MARKET_IMPORT_H
#define MARKET_IMPORT_H

#include "market/import_db.h"
#include "market/progress.h"
#include "market/store.h"

/** Called now and then, on a thread that may block. */
typedef void import_tell_fn(const struct progress *progress, void *arg);

struct import_options {
    const char *path;     /* of the file, plain or gzip */
    import_tell_fn *tell; /* may be NULL */
    void *arg;            /* of `tell` */
};

/**
 * Read the file in one pass, in a bounded piece of memory; each piece of it is one commit.
 * @param ret_counts   written always: what is in the database by then
 * @param ret_elapsed  likewise
 * @return 0
 *         -ENOENT, ...         the file cannot be read; -EBADMSG, -WEIR_EEOF it is damaged or cut short
 *         -MARKET_EINVALID     it is no order book; nothing was written
 *         -ECANCELED, -ETIME   stopped between two pieces; as with every failure, what is in stays in, and importing
 * the file again adds the rest -MARKET_EDISK_FULL, ... Suspends. Cancel: entry, wait. Thread: the store's loop.
 */
int import_file(struct store *store, const struct import_options *options, struct import_counts *ret_counts,
                weir_duration *ret_elapsed) WEIR_MUST_CHECK;

#endif
