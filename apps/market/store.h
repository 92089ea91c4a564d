/* SPDX-License-Identifier: MIT */
/* store.h: market's database, as tasks see it.
 *
 * Every call here runs its SQL on a thread of the store's, never on the loop. Reads use one of several connections.
 * Writes go through one writer: those that wait together share one commit, each inside a savepoint of its own, and each
 * is answered after the commit. What was answered with 0 is on disk.
 *
 * All but store_open: Suspends. Cancel: entry, and while it waits for its turn; a write that has begun is awaited, and
 * its outcome returned. Thread: tasks of the loop that opened the store.
 * Beside what each call names, all may return
 *     -ECANCELED, -ETIME   interrupted; a write did not happen
 *     -ENOMEM
 *     -MARKET_EDISK_FULL   a write found no room; it did not happen, and the store goes on
 *     -MARKET_EDISK, -MARKET_ECORRUPT   the disk or the file failed; a write did not happen
 *     -WEIR_EINDOUBT       the commit failed in a way that leaves open whether it happened */
#ifndef MARKET_STORE_H
#define MARKET_STORE_H

#include "market/model.h"

struct store;

/** A field left at zero takes its default. */
struct store_options {
    size_t size_bytes;    /* sizeof(struct store_options) */
    const char *path;     /* of the database; its last folder is made if it is not there. Borrowed during the call */
    unsigned readers;     /* connections that read; default one per core, 2 at least, 16 at most */
    unsigned writes_max;  /* writes that share a commit at most; default 256 */
    unsigned waiting_max; /* writes that may wait for the writer; more wait to be let in; default 4096 */
};

/** What happened since store_open; for /metrics. */
struct store_stats {
    uint64_t reads;
    uint64_t writes;        /* answered with success */
    uint64_t writes_failed; /* refused, rolled back or withdrawn */
    uint64_t commits;       /* writes / commits: how many share one */
    uint64_t commits_failed;
    unsigned batch_max;      /* the most writes in one commit */
    unsigned writes_waiting; /* now */
    unsigned reads_running;  /* now, waiting ones included */
    unsigned readers;
};

/**
 * Open the database, make it if it is not there, bring its schema up to date; lock it against other processes.
 * @param ret_store  to be closed
 * @return 0
 *         -MARKET_ECORRUPT, -MARKET_ENEWER, -MARKET_EFOREIGN, -MARKET_EIN_USE, -MARKET_EDISK_FULL, -MARKET_EDISK
 *         -EACCES, -ENOENT, -EISDIR, ...  the file; -ENOMEM; -ECANCELED, -ETIME
 *         market_error_text has a sentence that names the file and says what to do
 * Suspends. Cancel: entry. Thread: task; its loop owns the store.
 */
int store_open(struct store **ret_store, const struct store_options *options) WEIR_MUST_CHECK;

/**
 * Wait for what runs, truncate the log, close, unlock. No task may be in a call on it. NULL is fine.
 * @return 0; < 0 closing failed (what was committed is safe all the same). The store is gone in any case.
 * Suspends. Cancel: none (it uses a shield).
 */
int store_close(struct store *store);

/** Whether it can read now: for /readyz. @return 0, or why not. */
int store_check(struct store *store) WEIR_MUST_CHECK;

/** Cannot fail. Suspends: no. */
void store_get_stats(const struct store *store, struct store_stats *ret_stats);

/* ---- Articles ---------------------------------------------------------------------------------------------------- */

/**
 * Browse or search. Any text is a valid search: words are matched from their beginning and all must occur, "quoted
 * words" match as they stand, each run of Chinese characters matches as a whole. Accents and case do not count.
 * Titles count more than descriptions.
 * @param query         borrowed
 * @param ret_products  to be given back with market_free
 * @return 0
 */
int store_products_find(struct store *store, const struct market_query *query,
                        struct market_products **ret_products) WEIR_MUST_CHECK;

/**
 * One article; withdrawn ones are found too (orders link to them): look at `withdrawn`.
 * @param ret_products  `items[0]`; to be given back with market_free
 * @return 0; -MARKET_ENOT_FOUND
 */
int store_product_get(struct store *store, int64_t product_id, struct market_products **ret_products) WEIR_MUST_CHECK;

/**
 * Publish.
 * @param ret_product_id  > 0
 * @param ret_flaw        may be NULL; set on -MARKET_EINVALID
 * @return 0; -MARKET_EINVALID; -MARKET_ENOT_FOUND no such seller
 */
int store_product_add(struct store *store, int64_t seller_id, const struct market_offer *offer, int64_t *ret_product_id,
                      struct market_flaw *ret_flaw) WEIR_MUST_CHECK;

/**
 * Change what the caller sells.
 * @param caller_id  must be the seller
 * @param change     borrowed; with `set` 0 only the right is checked
 * @return 0; -MARKET_EINVALID; -MARKET_ENOT_FOUND (also when withdrawn); -MARKET_ENOT_YOURS
 */
int store_product_change(struct store *store, int64_t caller_id, int64_t product_id, const struct market_change *change,
                         struct market_flaw *ret_flaw) WEIR_MUST_CHECK;

/** Take it off sale for good; orders keep it. @return 0; -MARKET_ENOT_FOUND (also the second time); -MARKET_ENOT_YOURS
 */
int store_product_withdraw(struct store *store, int64_t caller_id, int64_t product_id) WEIR_MUST_CHECK;

/* ---- Pictures: immutable; a new one has a new id ----------------------------------------------------------------- */

/**
 * Give an article its picture, in place of an earlier one. The kind is read from the bytes, not taken from a header.
 * @param bytes           borrowed until the return
 * @param bytes_count     a count over MARKET_PICTURE_BYTES_MAX is refused before the bytes are looked at
 * @param ret_picture_id  may be NULL
 * @return 0; -MARKET_EPICTURE_TYPE; -MARKET_EPICTURE_SIZE; -MARKET_ENOT_FOUND; -MARKET_ENOT_YOURS
 */
int store_picture_set(struct store *store, int64_t caller_id, int64_t product_id, const void *bytes, size_t bytes_count,
                      int64_t *ret_picture_id) WEIR_MUST_CHECK;

/**
 * Read a piece of a picture, so that a slow client costs a piece and not a picture. Its whole length and type are in
 * market_product.
 * @param offset  < picture_bytes
 * @return > 0 bytes read, fewer than asked for only at the end; 0 at the end
 *         -MARKET_ENOT_FOUND  also when it was replaced meanwhile
 */
int store_picture_read(struct store *store, int64_t picture_id, int64_t offset, void *buf,
                       size_t buf_bytes) WEIR_MUST_CHECK;

/* ---- Orders ------------------------------------------------------------------------------------------------------ */

/**
 * Buy. Stock and order change together or not at all.
 * @param key         the buyer's idempotency key; the same key with the same article and quantity gives the same order
 *                    again, also when both arrive at once. NULL: none. Only orders that were made are remembered
 * @param ret_orders  `items[0]`; to be given back with market_free
 * @param ret_again   may be NULL; whether this was an order made before
 * @return 0; -MARKET_EINVALID; -MARKET_ENOT_FOUND no such article on sale, or no such buyer; -MARKET_EOUT_OF_STOCK;
 *         -MARKET_EKEY_REUSED
 */
int store_order_place(struct store *store, int64_t buyer_id, int64_t product_id, int64_t quantity, const char *key,
                      struct market_orders **ret_orders, bool *ret_again, struct market_flaw *ret_flaw) WEIR_MUST_CHECK;

/**
 * The buyer's orders, newest first, with their lines.
 * @param page, per_page  as in market_query
 * @param ret_orders      to be given back with market_free
 * @return 0
 */
int store_orders_find(struct store *store, int64_t buyer_id, unsigned page, unsigned per_page,
                      struct market_orders **ret_orders) WEIR_MUST_CHECK;

/** One order. @return 0 (`items[0]`); -MARKET_ENOT_FOUND, also when it is another's */
int store_order_get(struct store *store, int64_t buyer_id, int64_t order_id,
                    struct market_orders **ret_orders) WEIR_MUST_CHECK;

#endif
