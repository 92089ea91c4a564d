/* SPDX-License-Identifier: MIT */
/* commit_sqlite.c: the commit that writers share, and the log that it goes into.
 * Invariant: between db_begin and db_commit or db_rollback a transaction is open, or `lost` says why it is not. */
#include "market/db_sqlite.h"

#include <sqlite3.h>

/* Pages of 4 KiB in the log: moved into the file from so many on; and from so many on whatever readers are at work. */
enum { LOG_PAGES = 1000, LOG_PAGES_MAX = DB_LOG_KEPT_BYTES / 4096 };

int db_begin(struct db *db) {
    db->lost = 0;
    db->members = 0;
    int rc = db_check_place(db);
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

void db_watch_log(struct db *db) {
    db->log_pages_max = LOG_PAGES_MAX;
    sqlite3_wal_hook(db->sqlite, note_log, db); /* in place of SQLite's own, which does the first half of trim_log */
}

void db_set_log_max(struct db *db, int pages) { db->log_pages_max = pages; }

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
