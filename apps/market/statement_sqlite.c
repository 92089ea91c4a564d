/* SPDX-License-Identifier: MIT */
/* statement_sqlite.c: statements of a connection, and what their failures are called.
 * Invariant: a statement stands in the table at its text's address, or at the next free place behind it. */
#include "market/db_sqlite.h"

#include "market/block.h"

#include <sqlite3.h>

#include <limits.h>
#include <stdarg.h>

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

static int code_of(int sqlite_rc, int system_errno) {
    switch (sqlite_rc & 0xFF) {
    case SQLITE_FULL:
        return -MARKET_EDISK_FULL;
    case SQLITE_IOERR:
        if (sqlite_rc == SQLITE_IOERR_NOMEM)
            return -ENOMEM;
        return system_errno == ENOSPC || system_errno == EDQUOT ? -MARKET_EDISK_FULL : -MARKET_EDISK;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_CORRUPT:
        return -MARKET_ECORRUPT;
    case SQLITE_NOTADB:
        return -MARKET_EFOREIGN;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -MARKET_EBUSY;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_CANTOPEN:
        return system_errno != 0 ? -system_errno : -MARKET_EDISK;
    default:
        return -MARKET_EDISK;
    }
}

int db_failed(struct db *db, int sqlite_rc, const char *doing) {
    int extended = db->sqlite == NULL ? sqlite_rc : sqlite3_extended_errcode(db->sqlite);
    if ((extended & 0xFF) != (sqlite_rc & 0xFF))
        extended = sqlite_rc;
    int code = code_of(extended, db->sqlite == NULL ? 0 : sqlite3_system_errno(db->sqlite));

    if (code == -MARKET_EDISK_FULL)
        return weir_fail(code, "%s: the disk is full; nothing was changed (%.60s)", db->path, doing);
    return weir_fail(code, "%s: %s (%d) at %.60s", db->path,
                     db->sqlite == NULL ? sqlite3_errstr(sqlite_rc) : sqlite3_errmsg(db->sqlite), extended, doing);
}

/* ---- Statements -------------------------------------------------------------------------------------------------- */

/** Where a statement is, or would be; NULL: there is no room. */
static struct db_statement *find_statement(struct db *db, const char *sql) {
    size_t mask = DB_STATEMENTS_MAX - 1, first = ((uintptr_t)sql >> 3) & mask;

    for (size_t i = 0; i <= mask; i++) {
        struct db_statement *statement = &db->statements[(first + i) & mask];
        if (statement->sql == NULL || statement->sql == sql)
            return statement;
    }
    return NULL;
}

static int prepare(struct db *db, const char *sql, sqlite3_stmt **ret_statement) {
    struct db_statement *statement = find_statement(db, sql);

    if (statement == NULL)
        return weir_fail(-ENOMEM, "more than %d statements", DB_STATEMENTS_MAX);
    if (statement->sql == NULL) {
        int rc = sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->statement, NULL);
        if (rc != SQLITE_OK)
            return db_failed(db, rc, sql);
        statement->sql = sql;
    }
    *ret_statement = statement->statement;
    return 0;
}

static int bind(struct sqlite3_stmt *row, const char *types, va_list values) {
    int rc = SQLITE_OK;

    for (int i = 1; *types != '\0' && rc == SQLITE_OK; types++, i++) {
        const void *bytes = NULL;
        switch (*types) {
        case 'i':
            rc = sqlite3_bind_int64(row, i, va_arg(values, int64_t));
            break;
        case 't':
            rc = sqlite3_bind_text(row, i, va_arg(values, const char *), -1, SQLITE_STATIC);
            break;
        case 's':
            bytes = va_arg(values, const char *);
            rc = sqlite3_bind_text64(row, i, bytes, va_arg(values, size_t), SQLITE_STATIC, SQLITE_UTF8);
            break;
        case 'b':
            bytes = va_arg(values, const void *);
            rc = sqlite3_bind_blob64(row, i, bytes, va_arg(values, size_t), SQLITE_STATIC);
            break;
        default:
            rc = SQLITE_MISUSE;
        }
    }
    return rc;
}

static int query(struct db *db, struct sqlite3_stmt **ret_row, const char *sql, const char *types, va_list values) {
    sqlite3_stmt *row = NULL;

    int rc = prepare(db, sql, &row);
    if (rc < 0)
        return rc;
    sqlite3_reset(row);
    rc = bind(row, types, values);
    if (rc != SQLITE_OK)
        return db_failed(db, rc, sql);
    *ret_row = row;
    return 0;
}

int db_query(struct db *db, struct sqlite3_stmt **ret_row, const char *sql, const char *types, ...) {
    va_list values;
    va_start(values, types);
    int rc = query(db, ret_row, sql, types, values);
    va_end(values);
    return rc;
}

void db_end(struct sqlite3_stmt *row) {
    if (row == NULL)
        return;
    sqlite3_reset(row);
    sqlite3_clear_bindings(row); /* what was borrowed may go now */
}

int db_step(struct db *db, struct sqlite3_stmt *row) {
    int rc = sqlite3_step(row);
    if (rc == SQLITE_ROW)
        return 1;
    int failure = rc == SQLITE_DONE ? 0 : db_failed(db, rc, sqlite3_sql(row));
    db_end(row);
    return failure;
}

int db_run(struct db *db, const char *sql, const char *types, ...) {
    sqlite3_stmt *row = NULL;
    va_list values;

    va_start(values, types);
    int rc = query(db, &row, sql, types, values);
    va_end(values);
    while (rc == 0 && (rc = db_step(db, row)) > 0)
        rc = 0;
    if (rc < 0)
        return rc;
    int64_t changes = sqlite3_changes64(db->sqlite);
    return changes > INT_MAX ? INT_MAX : (int)changes;
}

int db_number(struct db *db, int64_t *ret_number, const char *sql, const char *types, ...) {
    sqlite3_stmt *row = NULL;
    va_list values;

    va_start(values, types);
    int rc = query(db, &row, sql, types, values);
    va_end(values);
    if (rc < 0)
        return rc;
    rc = db_step(db, row);
    if (rc <= 0)
        return rc;
    int64_t number = sqlite3_column_int64(row, 0);
    rc = db_step(db, row); /* to its end: an INSERT with RETURNING has its effect then */
    db_end(row);
    if (rc < 0)
        return rc;
    *ret_number = number;
    return 1;
}

int db_script(struct db *db, const char *sql) {
    int rc = sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL);
    return rc == SQLITE_OK ? 0 : db_failed(db, rc, sql);
}

const char *db_text(void *result, struct sqlite3_stmt *row, int column) {
    const unsigned char *text = sqlite3_column_text(row, column);
    return block_text(result, text, (size_t)sqlite3_column_bytes(row, column));
}
