/* SPDX-License-Identifier: MIT */
/* schema_sqlite.c: the tables, how they came to be, and whether a file is one that this market may use.
 *
 * The file's header holds market's own number (application_id) and the schema's version (user_version). Each migration
 * is one transaction that ends with the new version, so a file always stands at a whole version. A migration that has
 * been released is never changed: a new one is added. */
#include "market/db_sqlite.h"

#include <sqlite3.h>

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- The migrations ---------------------------------------------------------------------------------------------- */

/** Version 1: people, articles, orders. Times are ns since 1970 UTC, money is in minor units. */
static const char people_articles_orders[] =
    "CREATE TABLE users ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (length(name) BETWEEN 1 AND 64),"
    "  password TEXT," /* an Argon2id hash; NULL: cannot log in */
    "  created_ns INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE sessions ("
    "  token BLOB PRIMARY KEY CHECK (length(token) = 32)," /* a hash of the token */
    "  user_id INTEGER NOT NULL REFERENCES users,"
    "  expires_ns INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX sessions_by_expiry ON sessions (expires_ns);"
    "CREATE INDEX sessions_by_user ON sessions (user_id);"

    /* AUTOINCREMENT: an id is never used again, since browsers keep pictures by their id. */
    "CREATE TABLE pictures ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  type TEXT NOT NULL CHECK (type IN ('image/png', 'image/jpeg')),"
    "  width INTEGER NOT NULL CHECK (width > 0),"
    "  height INTEGER NOT NULL CHECK (height > 0),"
    "  bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 5000000)"
    ") STRICT;"

    "CREATE TABLE products ("
    "  id INTEGER PRIMARY KEY,"
    "  seller_id INTEGER NOT NULL REFERENCES users,"
    "  title TEXT NOT NULL CHECK (length(title) BETWEEN 1 AND 200),"
    "  description TEXT NOT NULL CHECK (length(description) <= 10000),"
    "  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),"
    "  stock INTEGER NOT NULL CHECK (stock >= 0),"
    "  withdrawn INTEGER NOT NULL DEFAULT 0 CHECK (withdrawn IN (0, 1)),"
    "  created_ns INTEGER NOT NULL,"
    "  picture_id INTEGER REFERENCES pictures"
    ") STRICT;"
    "CREATE INDEX products_by_seller ON products (seller_id, id);"
    "CREATE INDEX products_by_picture ON products (picture_id) WHERE picture_id IS NOT NULL;"
    "CREATE INDEX products_on_sale ON products (id) WHERE withdrawn = 0;"
    "CREATE INDEX products_on_sale_by_price ON products (price_minor, id) WHERE withdrawn = 0;"

    /* The words of articles. Buying touches neither title nor description, so it does not come here. */
    "CREATE VIRTUAL TABLE products_text USING fts5 ("
    "  title, description, content = 'products', content_rowid = 'id', tokenize = 'market', prefix = '1 2 3'"
    ");"
    "CREATE TRIGGER products_text_insert AFTER INSERT ON products BEGIN"
    "  INSERT INTO products_text (rowid, title, description) VALUES (new.id, new.title, new.description);"
    "END;"
    "CREATE TRIGGER products_text_update AFTER UPDATE OF title, description ON products BEGIN"
    "  INSERT INTO products_text (products_text, rowid, title, description)"
    "    VALUES ('delete', old.id, old.title, old.description);"
    "  INSERT INTO products_text (rowid, title, description) VALUES (new.id, new.title, new.description);"
    "END;"
    "CREATE TRIGGER products_text_delete AFTER DELETE ON products BEGIN"
    "  INSERT INTO products_text (products_text, rowid, title, description)"
    "    VALUES ('delete', old.id, old.title, old.description);"
    "END;"

    "CREATE TABLE orders ("
    "  id INTEGER PRIMARY KEY,"
    "  buyer_id INTEGER NOT NULL REFERENCES users,"
    "  status TEXT NOT NULL CHECK (status IN ('confirmed', 'imported')),"
    "  total_minor INTEGER NOT NULL CHECK (total_minor >= 0),"
    "  created_ns INTEGER NOT NULL"
    ") STRICT;"
    "CREATE INDEX orders_by_buyer ON orders (buyer_id, id);"

    "CREATE TABLE order_lines ("
    "  order_id INTEGER NOT NULL REFERENCES orders,"
    "  line INTEGER NOT NULL CHECK (line >= 1),"
    "  product_id INTEGER NOT NULL REFERENCES products,"
    "  title TEXT NOT NULL," /* this and the price as they were then */
    "  price_minor INTEGER NOT NULL CHECK (price_minor >= 0),"
    "  quantity INTEGER NOT NULL CHECK (quantity >= 1),"
    "  PRIMARY KEY (order_id, line)"
    ") STRICT, WITHOUT ROWID;"

    /* What was asked for under a key, and what came of it. */
    "CREATE TABLE order_keys ("
    "  buyer_id INTEGER NOT NULL REFERENCES users,"
    "  key TEXT NOT NULL,"
    "  product_id INTEGER NOT NULL,"
    "  quantity INTEGER NOT NULL,"
    "  order_id INTEGER NOT NULL REFERENCES orders,"
    "  PRIMARY KEY (buyer_id, key)"
    ") STRICT, WITHOUT ROWID;";

/** Version 2: what came from another shop's books. `source` names the shop; an id is the shop's own; `run` is the
 * import that saw it last. What is NULL was seen, but has not become anything here. */
static const char imports[] =
    "CREATE TABLE imports ("
    "  run INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  source TEXT NOT NULL,"
    "  started_ns INTEGER NOT NULL,"
    "  ended_ns INTEGER" /* NULL: it runs, or was cut short */
    ") STRICT;"
    "CREATE TABLE imported_articles ("
    "  source TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, product_id INTEGER REFERENCES products,"
    "  PRIMARY KEY (source, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE imported_customers ("
    "  source TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, user_id INTEGER REFERENCES users,"
    "  PRIMARY KEY (source, id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE imported_invoices ("
    "  source TEXT NOT NULL, id TEXT NOT NULL, run INTEGER NOT NULL, order_id INTEGER REFERENCES orders,"
    "  lines INTEGER NOT NULL," /* that this run has seen of it */
    "  PRIMARY KEY (source, id)"
    ") STRICT, WITHOUT ROWID;";

static const char *const migrations[] = {people_articles_orders, imports};
_Static_assert(sizeof migrations / sizeof migrations[0] == DB_SCHEMA_VERSION, "one migration a version");

static int migrate(struct db *db, int version) {
    char sql[128];

    int rc = db_begin(db);
    if (rc < 0)
        return rc;
    snprintf(sql, sizeof sql, "PRAGMA application_id = %d; PRAGMA user_version = %d", DB_APPLICATION_ID, version);
    rc = db_script(db, migrations[version - 1]);
    if (rc == 0)
        rc = db_script(db, sql);
    if (rc == 0)
        rc = db_commit(db);
    if (rc < 0) {
        db_rollback(db);
        return weir_fail(rc, "bring the database to version %d", version);
    }
    return 0;
}

/* ---- Is it ours, and sound? -------------------------------------------------------------------------------------- */

enum { CHECKED_PAGES_MAX = 64 * 1024 }; /* a larger file takes too long to be read as a whole at each start */

static int refuse(struct db *db, int code) {
    switch (code) {
    case -MARKET_EFOREIGN:
        return weir_fail(code, "%s is not a database of market's; name another file, or move this one away", db->path);
    case -MARKET_ECORRUPT:
        return weir_fail(code, "%s is damaged; bring back a copy of it, or move it away to start with an empty one",
                         db->path);
    case -MARKET_EBUSY:
        return weir_fail(-MARKET_EIN_USE, "%s is locked by another process; stop that one first", db->path);
    default:
        return code;
    }
}

/** Whose it is, by the numbers in its header. @return the version, 0 for a new file; < 0 not ours */
static int identify(struct db *db) {
    int64_t application = 0, version = 0, things = 0;

    int rc = db_number(db, &application, "PRAGMA application_id", "");
    if (rc > 0)
        rc = db_number(db, &version, "PRAGMA user_version", "");
    if (rc > 0)
        rc = db_number(db, &things, "SELECT count(*) FROM sqlite_schema", "");
    if (rc < 0)
        return refuse(db, rc);
    if (application == 0 && version == 0 && things == 0)
        return 0;
    if (application != DB_APPLICATION_ID || version < 1)
        return refuse(db, -MARKET_EFOREIGN);
    if (version > DB_SCHEMA_VERSION)
        return weir_fail(-MARKET_ENEWER,
                         "%s was written by a newer market: its schema is of version %lld, this one knows %d; run the "
                         "newer market, or name another file",
                         db->path, (long long)version, DB_SCHEMA_VERSION);
    return (int)version;
}

static int check_pages(struct db *db) {
    struct sqlite3_stmt *row;
    int64_t pages = 0;

    int rc = db_number(db, &pages, "PRAGMA page_count", "");
    if (rc > 0 && pages > CHECKED_PAGES_MAX)
        return 0;
    if (rc >= 0)
        rc = db_query(db, &row, "PRAGMA quick_check(1)", "");
    if (rc == 0)
        rc = db_step(db, row);
    if (rc <= 0)
        return rc < 0 ? refuse(db, rc) : refuse(db, -MARKET_ECORRUPT);
    const char *word = (const char *)sqlite3_column_text(row, 0);
    bool sound = word != NULL && strcmp(word, "ok") == 0;
    if (!sound)
        rc = weir_fail(-MARKET_ECORRUPT, "%s", word == NULL ? "no memory to check" : word);
    db_end(row);
    return sound ? 0 : refuse(db, rc);
}

/** A log that is synced at each commit: what was answered is on disk. */
static int use_log(struct db *db) {
    struct sqlite3_stmt *row;

    int rc = db_query(db, &row, "PRAGMA journal_mode = WAL", "");
    if (rc == 0)
        rc = db_step(db, row);
    if (rc < 0)
        return refuse(db, rc);
    const char *mode = rc == 1 ? (const char *)sqlite3_column_text(row, 0) : NULL;
    bool logs = mode != NULL && strcmp(mode, "wal") == 0;
    db_end(row);
    return logs ? 0 : weir_fail(-MARKET_EDISK, "%s: this file system offers no write-ahead log", db->path);
}

int db_bring_up(struct db *db, int to) {
    int version = identify(db);
    int rc = version < 0 ? version : use_log(db);
    if (rc == 0 && version > 0)
        rc = check_pages(db);
    for (int next = version + 1; rc == 0 && next <= to; next++)
        rc = refuse(db, migrate(db, next));
    if (rc < 0)
        return rc;

    /* Somebody else's transaction would otherwise be noticed by the first order only. */
    rc = db_begin(db);
    if (rc < 0)
        return refuse(db, rc);
    db_rollback(db);
    return 0;
}
