/* SPDX-License-Identifier: MIT */
/* db.h: the database file, as the threads see it that may block. Nothing here knows of tasks or of the loop; store.h is
 * the same for tasks. One connection is used by one thread at a time.
 *
 * All calls return 0, or a failure as told in store.h, with a detail; what a single call adds to that is said there.
 * Those under "Writes" are called within db_member, on a connection that has begun. */
#ifndef MARKET_DB_H
#define MARKET_DB_H

#include "market/model.h"

struct db;

enum db_role { DB_WRITER, DB_READER };

/** This market's schema, and the number in the file's header that says it is market's ("MRKT"). */
enum { DB_SCHEMA_VERSION = 2, DB_APPLICATION_ID = 0x4D524B54 };

/**
 * Open the file. The writer makes it if it is not there, checks it and brings it up to date; so open it first.
 * @param path     borrowed during the call
 * @param ret_db   to be closed
 * @return 0; -MARKET_ECORRUPT, -MARKET_ENEWER, -MARKET_EFOREIGN, -MARKET_EIN_USE; -EACCES, -ENOENT, -EISDIR, ...
 */
int db_open(struct db **ret_db, const char *path, enum db_role role) WEIR_MUST_CHECK;

/** Close; a writer also moves the log into the file. NULL is fine. @return 0, or what went wrong with that */
int db_close(struct db *db);

/** Run the migrations up to `version` only; for tests of those after it. */
int db_open_at(struct db **ret_db, const char *path, int version) WEIR_MUST_CHECK;

/** Whether it can be read, and is still where it was opened. */
int db_check(struct db *db) WEIR_MUST_CHECK;

/** Let the file grow to so many pages at most: a full disk, for tests. 0: no bound. @return 0 */
int db_set_pages_max(struct db *db, int64_t pages_max);

/** How long the log may become before readers are waited for to shorten it; for tests. */
void db_set_log_max(struct db *db, int pages);

/* ---- A shared commit: begin, members, commit --------------------------------------------------------------------- */

/** Start to write. */
int db_begin(struct db *db) WEIR_MUST_CHECK;

/**
 * Run `fn(db, arg)` apart from the other members: what it wrote is kept only if it returns >= 0.
 * @return what fn returned; < 0 also when the savepoint failed. When the whole transaction is lost, its failure, for
 *         this member and all that follow; db_commit returns it again
 */
int db_member(struct db *db, int (*fn)(struct db *db, void *arg), void *arg) WEIR_MUST_CHECK;

/** Commit to disk. @return 0; < 0 nothing was kept; -WEIR_EINDOUBT it is not known whether all or nothing was kept */
int db_commit(struct db *db) WEIR_MUST_CHECK;

/** Give up what was begun. Cannot fail. */
void db_rollback(struct db *db);

/* ---- Reads ------------------------------------------------------------------------------------------------------- */

int db_products_find(struct db *db, const struct market_query *query,
                     struct market_products **ret_products) WEIR_MUST_CHECK;
int db_product_get(struct db *db, int64_t product_id, struct market_products **ret_products) WEIR_MUST_CHECK;
int db_picture_read(struct db *db, int64_t picture_id, int64_t offset, void *buf, size_t buf_bytes) WEIR_MUST_CHECK;
int db_orders_find(struct db *db, int64_t buyer_id, unsigned page, unsigned per_page,
                   struct market_orders **ret_orders) WEIR_MUST_CHECK;
int db_order_get(struct db *db, int64_t buyer_id, int64_t order_id, struct market_orders **ret_orders) WEIR_MUST_CHECK;

#define DB_PASSWORD_BYTES 128 /* of a hash as text, with its NUL */
#define DB_TOKEN_BYTES 32     /* of a token's hash */

/** Who has this name. `password` becomes "" for somebody who cannot log in. @return 0; -MARKET_ENOT_FOUND */
int db_user_find(struct db *db, const char *name, char password[DB_PASSWORD_BYTES],
                 struct market_user **ret_user) WEIR_MUST_CHECK;

/** Whose session this is, if it has not expired at `now`. @return 0; -MARKET_ENOT_FOUND */
int db_session_find(struct db *db, const unsigned char token[DB_TOKEN_BYTES], weir_wall now,
                    struct market_user **ret_user) WEIR_MUST_CHECK;

/* ---- Writes ------------------------------------------------------------------------------------------------------ */

int db_product_add(struct db *db, int64_t seller_id, const struct market_offer *offer,
                   int64_t *ret_product_id) WEIR_MUST_CHECK;
int db_product_change(struct db *db, int64_t caller_id, int64_t product_id,
                      const struct market_change *change) WEIR_MUST_CHECK;
int db_product_withdraw(struct db *db, int64_t caller_id, int64_t product_id) WEIR_MUST_CHECK;
int db_picture_set(struct db *db, int64_t caller_id, int64_t product_id, const void *bytes, size_t bytes_count,
                   int64_t *ret_picture_id) WEIR_MUST_CHECK;
int db_order_place(struct db *db, int64_t buyer_id, int64_t product_id, int64_t quantity, const char *key,
                   struct market_orders **ret_orders, bool *ret_again) WEIR_MUST_CHECK;

/** @param password  a hash as text; NULL: cannot log in. @return 0; -MARKET_ENAME_TAKEN */
int db_user_add(struct db *db, const char *name, const char *password, int64_t *ret_user_id) WEIR_MUST_CHECK;

/** Also forgets some sessions that have expired at `now`. */
int db_session_add(struct db *db, const unsigned char token[DB_TOKEN_BYTES], int64_t user_id, weir_wall now,
                   weir_wall expires) WEIR_MUST_CHECK;
int db_session_remove(struct db *db, const unsigned char token[DB_TOKEN_BYTES]) WEIR_MUST_CHECK;

#endif
