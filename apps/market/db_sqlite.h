/* SPDX-License-Identifier: MIT */
/* db_sqlite.h: a connection and its statements, for the files that speak SQL.
 *
 *     rc = db_query(db, &row, "SELECT name FROM users WHERE id = ?1", "i", id);
 *     while (rc == 0 && (more = db_step(db, row)) > 0)
 *         ... sqlite3_column_text(row, 0) ...
 *
 * A statement is prepared when it is first used, and kept until the connection closes. A query ends, and its statement
 * is free again, when db_step returns <= 0 or with db_end; one statement serves one query at a time. */
#ifndef MARKET_DB_SQLITE_H
#define MARKET_DB_SQLITE_H

#include "market/db.h"

struct sqlite3;
struct sqlite3_stmt;

enum { DB_STATEMENTS_MAX = 128 }; /* a power of two, well above the number of statements in the source */

enum { DB_LOG_KEPT_BYTES = 64 * 1024 * 1024 }; /* the log's file becomes no longer for good */

struct db_statement {
    const char *sql; /* found by its address: a constant */
    struct sqlite3_stmt *statement;
};

struct db {
    struct sqlite3 *sqlite;
    char *path;
    enum db_role role;
    unsigned members; /* of the transaction, so far */
    int log_pages, log_pages_max;
    int lost; /* a failure that ended the transaction before its time; 0: none */
    struct db_statement statements[DB_STATEMENTS_MAX];
};

/** A failure of SQLite's, with `doing` and its message for a detail. @return a negative code, never 0 */
int db_failed(struct db *db, int sqlite_rc, const char *doing);

/**
 * Bind values and get ready to step.
 * @param sql    a string constant: its address is its name
 * @param types  one letter a value: i int64_t; t const char * up to its NUL, or NULL; s const char * and size_t;
 *               b const void * and size_t. Text and blobs are borrowed until the query ends
 */
int db_query(struct db *db, struct sqlite3_stmt **ret_row, const char *sql, const char *types, ...) WEIR_MUST_CHECK;

/** @return 1 a row; 0 there are no more; < 0 */
int db_step(struct db *db, struct sqlite3_stmt *row) WEIR_MUST_CHECK;

/** End a query early. NULL is fine. */
void db_end(struct sqlite3_stmt *row);

/** Run a query whose rows do not matter. @return how many rows it changed, INT_MAX at most; < 0 */
int db_run(struct db *db, const char *sql, const char *types, ...) WEIR_MUST_CHECK;

/** Run a query that gives one number. @return 1; 0 it gave no row (ret_number is untouched); < 0 */
int db_number(struct db *db, int64_t *ret_number, const char *sql, const char *types, ...) WEIR_MUST_CHECK;

/** Run statements that give no rows, once. */
int db_script(struct db *db, const char *sql) WEIR_MUST_CHECK;

/** A copy of a text column in a result's block; NULL: no memory. */
const char *db_text(void *result, struct sqlite3_stmt *row, int column);

/** Whether the file is still where it was opened: what is written to one without a name is on no disk that anybody
 * finds again. @return 0; -MARKET_EDISK */
int db_check_place(struct db *db) WEIR_MUST_CHECK;

/** Keep the log short from now on (commit_sqlite.c). */
void db_watch_log(struct db *db);

/** Make market's tokenizer known to the connection (tokenizer_sqlite.c). */
int db_add_tokenizer(struct db *db) WEIR_MUST_CHECK;

/** Check the file, and bring it up to `version` (schema_sqlite.c). */
int db_bring_up(struct db *db, int version) WEIR_MUST_CHECK;

/** Whether the caller may change the article: @return 0; -MARKET_ENOT_FOUND (also withdrawn); -MARKET_ENOT_YOURS */
int db_product_check_seller(struct db *db, int64_t caller_id, int64_t product_id) WEIR_MUST_CHECK;

#endif
