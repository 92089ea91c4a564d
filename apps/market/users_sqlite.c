/* SPDX-License-Identifier: MIT */
/* users_sqlite.c: people and their sessions. */
#include "market/block.h"
#include "market/db_sqlite.h"
#include "market/utf8.h"

#include <sqlite3.h>

#include <string.h>

enum { PURGED_MAX = 100 }; /* expired sessions that a login clears away */

/** The user in a row that begins with id and name. @return 0; -ENOMEM */
static int read_user(struct sqlite3_stmt *row, struct market_user **ret_user) {
    struct market_user *user = block_new(sizeof *user);

    if (user == NULL || (user->name = db_text(user, row, 1)) == NULL) {
        market_free(user);
        return -ENOMEM;
    }
    user->id = sqlite3_column_int64(row, 0);
    *ret_user = user;
    return 0;
}

int db_user_find(struct db *db, const char *name, char password[DB_PASSWORD_BYTES], struct market_user **ret_user) {
    struct sqlite3_stmt *row;
    size_t bytes = strlen(name);

    name = utf8_trim(name, &bytes);
    int rc = db_query(db, &row, "SELECT id, name, password FROM users WHERE name = ?1", "s", name, bytes);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc <= 0)
        return rc < 0 ? rc : -MARKET_ENOT_FOUND;

    const char *hash = (const char *)sqlite3_column_text(row, 2);
    memset(password, 0, DB_PASSWORD_BYTES);
    if (hash != NULL && strlen(hash) < DB_PASSWORD_BYTES)
        memcpy(password, hash, strlen(hash));
    rc = read_user(row, ret_user);
    db_end(row);
    return rc;
}

int db_user_add(struct db *db, const char *name, const char *password, int64_t *ret_user_id) {
    size_t bytes = strlen(name);

    name = utf8_trim(name, &bytes);
    int rc = db_number(db, ret_user_id,
                       "INSERT INTO users (name, password, created_ns) VALUES (?1, ?2, ?3)"
                       " ON CONFLICT (name) DO NOTHING RETURNING id",
                       "sti", name, bytes, password, weir_wall_now().ns);
    return rc == 0 ? -MARKET_ENAME_TAKEN : rc < 0 ? rc : 0;
}

int db_session_add(struct db *db, const unsigned char token[DB_TOKEN_BYTES], int64_t user_id, weir_wall now,
                   weir_wall expires) {
    int rc = db_run(db,
                    "DELETE FROM sessions WHERE token IN"
                    " (SELECT token FROM sessions WHERE expires_ns <= ?1 ORDER BY expires_ns LIMIT ?2)",
                    "ii", now.ns, (int64_t)PURGED_MAX);
    if (rc >= 0)
        rc = db_run(db, "INSERT INTO sessions (token, user_id, expires_ns) VALUES (?1, ?2, ?3)", "bii", token,
                    (size_t)DB_TOKEN_BYTES, user_id, expires.ns);
    return rc < 0 ? rc : 0;
}

int db_session_remove(struct db *db, const unsigned char token[DB_TOKEN_BYTES]) {
    int rc = db_run(db, "DELETE FROM sessions WHERE token = ?1", "b", token, (size_t)DB_TOKEN_BYTES);
    return rc < 0 ? rc : 0;
}

int db_session_find(struct db *db, const unsigned char token[DB_TOKEN_BYTES], weir_wall now,
                    struct market_user **ret_user) {
    struct sqlite3_stmt *row;

    int rc = db_query(db, &row,
                      "SELECT users.id, users.name FROM sessions JOIN users ON users.id = sessions.user_id"
                      " WHERE sessions.token = ?1 AND sessions.expires_ns > ?2",
                      "bi", token, (size_t)DB_TOKEN_BYTES, now.ns);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc <= 0)
        return rc < 0 ? rc : -MARKET_ENOT_FOUND;

    rc = read_user(row, ret_user);
    db_end(row);
    return rc;
}
