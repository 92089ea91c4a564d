/* SPDX-License-Identifier: MIT */
/* db_sqlite.c: a connection to the database: opened, set up, checked, closed. */
#include "market/db_sqlite.h"

#include <sqlite3.h>

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPEN_BUSY_MS = 1000, WRITE_BUSY_MS = 5000, CACHE_KIB = 16 * 1024 };

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
    db_watch_log(db);
    return db_add_tokenizer(db);
}

static int set_up(struct db *db) {
    char sql[256];

    snprintf(sql, sizeof sql,
             "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
             "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d; PRAGMA journal_size_limit = %d; PRAGMA query_only = "
             "%d",
             CACHE_KIB, DB_LOG_KEPT_BYTES, db->role == DB_READER);
    return db_script(db, sql);
}

static int open_as(struct db **ret_db, const char *path, enum db_role role, int version) {
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL)
        return -ENOMEM;
    db->role = role;
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

int db_check_place(struct db *db) {
    int moved = 0;

    sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved ? weir_fail(-MARKET_EDISK, "%s was moved or removed while it was in use", db->path) : 0;
}

int db_check(struct db *db) {
    int64_t version;

    int rc = db_check_place(db);
    if (rc == 0)
        rc = db_number(db, &version, "PRAGMA user_version", "");
    if (rc < 0)
        return rc;
    if (version != DB_SCHEMA_VERSION)
        return weir_fail(-MARKET_ENEWER, "%s: somebody changed the schema to version %lld", db->path,
                         (long long)version);
    return 0;
}

int db_set_pages_max(struct db *db, int64_t pages_max) {
    char sql[64];

    snprintf(sql, sizeof sql, "PRAGMA max_page_count = %lld", (long long)(pages_max == 0 ? INT_MAX : pages_max));
    return db_script(db, sql);
}
