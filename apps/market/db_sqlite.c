/* SPDX-License-Identifier: MIT */
/* db_sqlite.c: a connection to the database: opening, statements, the shared commit, failures.
 * Invariant: between db_begin and db_commit or db_rollback a transaction is open, or `lost` says why it is not. */
#include "market/db_sqlite.h"

#include "market/block.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OPEN_BUSY_MS = 1000, WRITE_BUSY_MS = 5000, CACHE_KIB = 16 * 1024 };

/* Pages of 4 KiB in the log: moved into the file from so many on; and from so many on whatever readers are at work. */
enum { LOG_PAGES = 1000, LOG_PAGES_MAX = 16 * 1024, LOG_KEPT_BYTES = LOG_PAGES_MAX * 4096 };

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

/* ---- The shared commit ------------------------------------------------------------------------------------------- */

/** What is written to a file without a name is on no disk that anybody finds again. */
static int check_place(struct db *db) {
    int moved = 0;

    sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved ? weir_fail(-MARKET_EDISK, "%s was moved or removed while it was in use", db->path) : 0;
}

int db_begin(struct db *db) {
    db->lost = 0;
    db->members = 0;
    int rc = check_place(db);
    if (rc == 0)
        rc = db_run(db, "BEGIN IMMEDIATE", "");
    return rc < 0 ? rc : 0;
}

/** A full disk or a failed one makes SQLite drop the whole transaction, not the one statement alone. */
static bool is_lost(struct db *db, int why) {
    if (db->lost == 0 && sqlite3_get_autocommit(db->sqlite))
        db->lost = why < 0 ? why : -MARKET_EDISK;
    return db->lost != 0;
}

/** The first member needs no savepoint: what it leaves behind when it fails is all there is, so the transaction begins
 * anew. A lone write is cheaper by that, and a large one (an import's) much: SQLite keeps a list of all pages that
 * changed since a savepoint, and walks along it after each statement. */
static int first_member(struct db *db, int (*fn)(struct db *db, void *arg), void *arg) {
    int result = fn(db, arg);

    if (result >= 0)
        return is_lost(db, result) ? db->lost : result;
    db_rollback(db);
    int rc = db_run(db, "BEGIN IMMEDIATE", "");
    if (rc < 0)
        db->lost = rc;
    return result;
}

int db_member(struct db *db, int (*fn)(struct db *db, void *arg), void *arg) {
    if (db->lost != 0)
        return db->lost;
    if (db->members++ == 0)
        return first_member(db, fn, arg);
    int rc = db_run(db, "SAVEPOINT member", "");
    if (rc < 0)
        return is_lost(db, rc) ? db->lost : rc;

    int result = fn(db, arg);
    if (is_lost(db, result))
        return db->lost;
    if (result < 0 && (rc = db_run(db, "ROLLBACK TO member", "")) < 0)
        result = rc;
    rc = db_run(db, "RELEASE member", "");
    if (rc < 0)
        result = is_lost(db, rc) ? db->lost : rc;
    return result;
}

void db_rollback(struct db *db) {
    if (!sqlite3_get_autocommit(db->sqlite))
        (void)!db_run(db, "ROLLBACK", "");
}

/** SQLite tells after each commit how long the log is. */
static int note_log(void *arg, sqlite3 *sqlite, const char *name, int pages) {
    struct db *db = arg;
    (void)sqlite, (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

/** Move the log into the file. As long as it is short, what a reader still needs stays in it; readers that always
 * overlap could let it grow without end, so a long one waits for them. What fails here is tried again at the next
 * commit, and nothing is lost: what was committed is safe in the log. */
static void trim_log(struct db *db) {
    if (db->log_pages < LOG_PAGES && db->log_pages < db->log_pages_max)
        return;
    int how = db->log_pages < db->log_pages_max ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_RESTART;
    sqlite3_wal_checkpoint_v2(db->sqlite, NULL, how, NULL, NULL);
}

int db_commit(struct db *db) {
    if (db->lost != 0)
        return db->lost;
    int rc = db_run(db, "COMMIT", "");
    if (rc >= 0) {
        trim_log(db);
        return 0;
    }
    int extended = sqlite3_extended_errcode(db->sqlite);
    /* Once the log is being synced, its last record is written: it may be found by the next one who opens the file. */
    if (extended == SQLITE_IOERR_FSYNC || extended == SQLITE_IOERR_DIR_FSYNC)
        rc = weir_fail(-WEIR_EINDOUBT, "%s: the log could not be synced: %s", db->path, sqlite3_errmsg(db->sqlite));
    db_rollback(db);
    return rc;
}

/* ---- Opening and closing ----------------------------------------------------------------------------------------- */

/** Make the file if it is not there, for its owner's eyes only, since it holds password hashes. */
static int make_file(const char *path) {
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0) {
        int rc = -errno;
        return weir_fail(rc, "open %s: %s", path, strerror(-rc));
    }
    close(fd);
    return 0;
}

static int open_sqlite(struct db *db) {
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;

    int rc = db->role == DB_WRITER ? make_file(db->path) : 0;
    if (rc < 0)
        return rc;
    rc = sqlite3_open_v2(db->path, &db->sqlite, flags, NULL);
    if (rc != SQLITE_OK)
        return db_failed(db, rc, "open");
    sqlite3_busy_timeout(db->sqlite, OPEN_BUSY_MS);
    sqlite3_limit(db->sqlite, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    return db_add_tokenizer(db);
}

static int set_up(struct db *db) {
    char sql[256];

    snprintf(sql, sizeof sql,
             "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
             "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d; PRAGMA journal_size_limit = %d; PRAGMA query_only = "
             "%d",
             CACHE_KIB, LOG_KEPT_BYTES, db->role == DB_READER);
    return db_script(db, sql);
}

static int open_as(struct db **ret_db, const char *path, enum db_role role, int version) {
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return -ENOMEM;
    db->role = role;
    db->log_pages_max = LOG_PAGES_MAX;
    /* With "./" before it, a name that begins with "file:" or ":" is a name and nothing else. */
    int rc = asprintf(&db->path, "%s%s", path[0] == '/' ? "" : "./", path) < 0 ? -ENOMEM : 0;
    if (rc < 0)
        db->path = NULL;
    if (rc == 0)
        rc = open_sqlite(db);
    if (rc == 0 && role == DB_WRITER)
        rc = db_bring_up(db, version); /* which also tells what is wrong with the file, so it comes first */
    if (rc == 0)
        rc = set_up(db);
    if (rc == 0 && role == DB_READER)
        rc = db_check(db);
    if (rc < 0) {
        (void)!db_close(db);
        return rc;
    }
    sqlite3_busy_timeout(db->sqlite, WRITE_BUSY_MS);
    sqlite3_wal_hook(db->sqlite, note_log, db); /* in place of SQLite's own, which does the first half of trim_log */
    *ret_db = db;
    return 0;
}

int db_open(struct db **ret_db, const char *path, enum db_role role) {
    return open_as(ret_db, path, role, DB_SCHEMA_VERSION);
}

int db_open_at(struct db **ret_db, const char *path, int version) { return open_as(ret_db, path, DB_WRITER, version); }

int db_close(struct db *db) {
    if (db == NULL)
        return 0;
    int rc = 0;
    for (size_t i = 0; i < DB_STATEMENTS_MAX; i++)
        sqlite3_finalize(db->statements[i].statement);
    if (db->sqlite != NULL) {
        /* The last connection to close also moves the log into the file; that may fail without any loss. */
        int closed = sqlite3_close(db->sqlite);
        if (closed != SQLITE_OK)
            rc = weir_fail(-MARKET_EDISK, "close %s: %s", db->path, sqlite3_errstr(closed));
    }
    free(db->path);
    free(db);
    return rc;
}

int db_check(struct db *db) {
    int64_t version;

    int rc = check_place(db);
    if (rc == 0)
        rc = db_number(db, &version, "PRAGMA user_version", "");
    if (rc < 0)
        return rc;
    if (version != DB_SCHEMA_VERSION)
        return weir_fail(-MARKET_ENEWER, "%s: somebody changed the schema to version %lld", db->path,
                         (long long)version);
    return 0;
}

void db_set_log_max(struct db *db, int pages) { db->log_pages_max = pages; }

int db_set_pages_max(struct db *db, int64_t pages_max) {
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)(pages_max == 0 ? INT_MAX : pages_max));
    return db_script(db, sql);
}
