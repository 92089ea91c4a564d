/* SPDX-License-Identifier: MIT */
/* test_schema.c: which files are taken for a database, and which are refused, with which words. */
#include "place.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void expect_refused(const char *path, int code, const char *word) {
    struct db *db;
    CHECK_INT(db_open(&db, path, DB_WRITER), code);
    CHECK_HAS(market_error_text(code), word);
    CHECK_HAS(market_error_text(code), path);
}

TEST(test_schema_a_new_file_gets_the_newest_version_and_is_private) {
    const char *path = place_make();
    struct db *db;
    struct stat status;
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(db_check(db), 0);
    CHECK_INT(db_close(db), 0);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(status.st_mode & 0777, 0600);
    CHECK_INT(place_sql(path, "PRAGMA user_version"), DB_SCHEMA_VERSION);
    CHECK_INT(place_sql(path, "PRAGMA application_id"), DB_APPLICATION_ID);
    CHECK_INT(place_sql(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_schema_an_empty_file_is_a_new_one) {
    struct db *db;
    const char *path = place_make();
    place_write(path, "", 0);
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_schema_version_1_is_brought_up_with_what_it_holds) {
    struct db *db;
    const char *path = place_make();
    CHECK_INT(db_open_at(&db, path, 1), 0);
    CHECK_INT(db_check(db), -MARKET_ENEWER); /* not this market's version, whichever way */
    CHECK_INT(db_close(db), 0);
    CHECK_INT(place_sql(path, "PRAGMA user_version"), 1);
    CHECK_INT(place_sql(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'imports'"), 0);
    place_sql(path, "INSERT INTO users (id, name, created_ns) VALUES (7, 'Old Hand', 1)");

    struct market_user *user;
    char password[DB_PASSWORD_BYTES];
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(db_check(db), 0);
    CHECK_INT(db_user_find(db, "old hand", password, &user), 0);
    CHECK_INT(user->id, 7);
    market_free(user);
    CHECK_INT(db_close(db), 0);
    CHECK_INT(place_sql(path, "SELECT count(*) FROM sqlite_schema WHERE name = 'imports'"), 1);
    place_remove();
}

TEST(test_schema_a_newer_file_is_refused_and_left_alone) {
    struct db *db;
    const char *path = place_make();
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    place_sql(path, "PRAGMA user_version = 99");
    expect_refused(path, -MARKET_ENEWER, "version 99");
    CHECK_INT(place_sql(path, "PRAGMA user_version"), 99);
    place_remove();
}

TEST(test_schema_foreign_files_are_refused_and_left_alone) {
    const char *path = place_make();
    char before[64] = "InvoiceNo,StockCode,Description\n", after[64] = "";
    place_write(path, before, sizeof before);
    expect_refused(path, -MARKET_EFOREIGN, "not a database of market's");
    FILE *in = fopen(path, "rb");
    CHECK_INT(fread(after, 1, sizeof after, in), sizeof after);
    fclose(in);
    CHECK_MEM(after, before, sizeof before);
    unlink(path);

    place_sql(path, "CREATE TABLE songs (title TEXT)");
    expect_refused(path, -MARKET_EFOREIGN, "not a database of market's");
    place_sql(path, "PRAGMA application_id = 7; PRAGMA user_version = 1");
    expect_refused(path, -MARKET_EFOREIGN, "not a database of market's");
    CHECK_INT(place_sql(path, "SELECT count(*) FROM sqlite_schema"), 1);
    place_remove();
}

TEST(test_schema_a_damaged_file_is_refused) {
    struct db *db = place_db();
    char path[300];
    snprintf(path, sizeof path, "%s", place_file("market.db"));
    for (int i = 0; i < 50; i++)
        place_add(db, "Tea pot", "with a long description, so that there are some pages", 100, 1);
    CHECK_INT(db_close(db), 0);

    /* Overwrite the middle of the file, page by page, with noise. */
    struct stat status;
    CHECK_INT(stat(path, &status), 0);
    FILE *out = fopen(path, "r+b");
    for (long at = 8192; at < status.st_size; at += 4096) {
        CHECK_INT(fseek(out, at, SEEK_SET), 0);
        for (int i = 0; i < 200; i++)
            fputc(i * 37 & 0xFF, out);
    }
    fclose(out);
    expect_refused(path, -MARKET_ECORRUPT, "damaged");
    place_remove();
}

TEST(test_schema_a_file_cut_short_is_refused) {
    struct db *db = place_db();
    char path[300];
    snprintf(path, sizeof path, "%s", place_file("market.db"));
    CHECK_INT(db_close(db), 0);
    CHECK_INT(truncate(path, 5 * 4096), 0);
    expect_refused(path, -MARKET_ECORRUPT, "damaged");
    CHECK_INT(truncate(path, 50), 0);
    struct db *none;
    CHECK(db_open(&none, path, DB_WRITER) < 0);
    place_remove();
}

TEST(test_schema_a_locked_file_is_refused) {
    struct db *db = place_db();
    sqlite3 *other;
    CHECK_INT(sqlite3_open(place_file("market.db"), &other), SQLITE_OK);
    CHECK_INT(db_close(db), 0);
    CHECK_INT(sqlite3_exec(other, "BEGIN EXCLUSIVE", NULL, NULL, NULL), SQLITE_OK);
    expect_refused(place_file("market.db"), -MARKET_EIN_USE, "locked by another process");
    CHECK_INT(sqlite3_close(other), SQLITE_OK);
    CHECK_INT(db_open(&db, place_file("market.db"), DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_schema_odd_paths_are_names_or_clear_errors) {
    struct db *db;
    place_make();
    CHECK_INT(db_open(&db, place_file("no/such/folder.db"), DB_WRITER), -ENOENT);
    CHECK_HAS(market_error_text(-ENOENT), "no/such/folder.db");
    CHECK_INT(db_open(&db, place_file(""), DB_WRITER), -EISDIR);
    CHECK_INT(chdir(place_file("")), 0);
    CHECK_INT(db_open(&db, "file:x?mode=memory", DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    CHECK_INT(access("file:x?mode=memory", F_OK), 0);
    CHECK_INT(db_open(&db, ":memory:", DB_WRITER), 0);
    CHECK_INT(db_close(db), 0);
    CHECK_INT(access(":memory:", F_OK), 0);
    place_remove();
}

/* A process that is killed with a transaction open leaves what was committed, and nothing else. */
static int add_cid(struct db *db, void *arg) {
    int64_t id;
    (void)arg;
    return db_user_add(db, "Cid", NULL, &id);
}

TEST(test_schema_a_file_that_was_moved_away_takes_no_writes) {
    const char *path = place_make();
    char *away = strdup(place_file("away.db"));
    struct db *db;
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    CHECK_INT(rename(path, away), 0);
    CHECK_INT(place_write_one(db, add_cid, NULL), -MARKET_EDISK);
    CHECK_HAS(market_error_text(-MARKET_EDISK), "moved");
    CHECK_INT(db_check(db), -MARKET_EDISK);
    CHECK_INT(rename(away, path), 0);
    CHECK_INT(place_write_one(db, add_cid, NULL), 0);
    CHECK_INT(db_check(db), 0);
    CHECK_INT(db_close(db), 0);
    free(away);
    place_remove();
}

TEST(test_schema_a_killed_writer_leaves_whole_commits) {
    struct db *db = place_db();
    char path[300];
    int64_t total;
    snprintf(path, sizeof path, "%s", place_file("market.db"));
    CHECK_INT(db_close(db), 0);
    pid_t child = fork();
    if (child == 0) {
        int64_t id;
        struct market_offer offer = {.title = "half", .stock = 1};
        CHECK_INT(db_open(&db, path, DB_WRITER), 0);
        place_add(db, "whole", NULL, 1, 1);
        CHECK_INT(db_begin(db), 0);
        CHECK_INT(db_product_add(db, 1, &offer, &id), 0);
        kill(getpid(), SIGKILL);
    }
    int status;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(WTERMSIG(status), SIGKILL);
    CHECK_INT(db_open(&db, path, DB_WRITER), 0);
    struct market_products *products;
    struct market_query query = {.words = NULL};
    CHECK_INT(db_products_find(db, &query, &products), 0);
    total = products->total;
    CHECK_INT(total, 1);
    CHECK_STR(products->items[0].title, "whole");
    market_free(products);
    CHECK_INT(db_close(db), 0);
    place_remove();
}
