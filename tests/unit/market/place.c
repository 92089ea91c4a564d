/* SPDX-License-Identifier: MIT */
/* place.c: a folder for files, and a small database to begin with. */
#include "place.h"

#include <sqlite3.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[256], database[300], file[600];

const char *place_make(void) {
    const char *base = getenv("TMPDIR");
    snprintf(folder, sizeof folder, "%s/market-test-XXXXXX", base == NULL ? "/tmp" : base);
    CHECK(mkdtemp(folder) != NULL);
    snprintf(database, sizeof database, "%s/market.db", folder);
    return database;
}

const char *place_file(const char *name) {
    snprintf(file, sizeof file, "%s/%s", folder, name);
    return file;
}

void place_remove(void) {
    DIR *files = opendir(folder);
    CHECK(files != NULL);
    for (struct dirent *entry; (entry = readdir(files)) != NULL;)
        if (entry->d_name[0] != '.')
            unlink(place_file(entry->d_name));
    closedir(files);
    CHECK_INT(rmdir(folder), 0);
}

void place_write(const char *path, const void *bytes, size_t count) {
    FILE *out = fopen(path, "wb");
    CHECK(out != NULL);
    CHECK_INT(fwrite(bytes, 1, count, out), count);
    CHECK_INT(fclose(out), 0);
}

static int keep_first(void *arg, int columns, char **values, char **names) {
    int64_t *number = arg;
    (void)names;
    if (*number == -1 && columns > 0 && values[0] != NULL)
        *number = strtoll(values[0], NULL, 10);
    return 0;
}

int64_t place_sql(const char *path, const char *sql) {
    sqlite3 *db;
    char *text = NULL;
    int64_t number = -1;

    CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    if (sqlite3_exec(db, sql, keep_first, &number, &text) != SQLITE_OK)
        test_fail(__FILE__, __LINE__, "%s: %s", sql, text);
    sqlite3_close(db);
    return number;
}

int place_write_one(struct db *db, int (*fn)(struct db *db, void *arg), void *arg) {
    int rc = db_begin(db);
    if (rc < 0)
        return rc;
    int result = db_member(db, fn, arg);
    rc = db_commit(db);
    return rc < 0 ? rc : result;
}

static int add_people(struct db *db, void *arg) {
    static const char *const names[] = {"Ann", "Bo"};
    (void)arg;
    for (int64_t i = 0; i < 2; i++) {
        int64_t id;
        CHECK_INT(db_user_add(db, names[i], NULL, &id), 0);
        CHECK_INT(id, i + 1);
    }
    return 0;
}

struct db *place_db(void) {
    struct db *db;
    CHECK_INT(db_open(&db, place_make(), DB_WRITER), 0);
    CHECK_INT(place_write_one(db, add_people, NULL), 0);
    return db;
}

struct adding {
    struct market_offer offer;
    int64_t id;
};

static int add_product(struct db *db, void *arg) {
    struct adding *adding = arg;
    return db_product_add(db, 1, &adding->offer, &adding->id);
}

int64_t place_add(struct db *db, const char *title, const char *description, int64_t price, int64_t stock) {
    struct adding adding = {.offer = {title, description, price, stock}};
    int rc = place_write_one(db, add_product, &adding);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "publish \"%s\": %s", title, market_error_text(rc));
    return adding.id;
}
