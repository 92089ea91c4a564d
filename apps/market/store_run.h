/* SPDX-License-Identifier: MIT */
/* store_run.h: run a function with a connection to the database, on a thread of the store's. For the files that put the
 * typed calls of store.h and auth.h, and the import, on top of it. */
#ifndef MARKET_STORE_RUN_H
#define MARKET_STORE_RUN_H

#include "market/db.h"
#include "market/store.h"

/** Runs on a thread; may block, may not wait. */
typedef int store_fn(struct db *db, void *arg);

/**
 * Read: `fn` has a connection of its own until it returns.
 * @return what fn returned; -ECANCELED, -ETIME, -ENOMEM, -EAGAIN: it did not run
 * Suspends. Cancel: entry, and while no connection is free. Thread: owner.
 */
int store_read(struct store *store, store_fn *fn, void *arg) WEIR_MUST_CHECK;

/**
 * Write: `fn` runs in a savepoint of a commit that it shares with those who write at the same time; what it wrote stays
 * only if it returns >= 0, and the answer comes after the commit.
 * @return what fn returned; a failure of the commit, and then nothing was written, though fn has returned >= 0
 *         -ECANCELED, -ETIME, -ENOMEM, -EAGAIN: fn did not run
 * Suspends. Cancel: entry, and until the commit has begun. Thread: owner.
 */
int store_write(struct store *store, store_fn *fn, void *arg) WEIR_MUST_CHECK;

/** How many cores this process may use; > 0. */
unsigned store_cores(void);

#endif
