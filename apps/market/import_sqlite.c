/* SPDX-License-Identifier: MIT */
/* import_sqlite.c: put the lines of another shop's books into the database.
 * Invariant: at the end of each transaction, after import_db_flush, an order's total is the sum of its lines, and
 * imported_invoices.lines says how many good lines of the invoice this run has seen. */
#include "market/db_sqlite.h"
#include "market/import_db.h"

#include <sqlite3.h>

#include <stdio.h>
#include <string.h>

/* The shop itself and those who gave no name are people too; customers' ids cannot look like these. */
#define SHOP_ID "*shop"
#define GUEST_ID "*guest"

enum { NAMES_TRIED_MAX = 1000 };

/* ---- People ------------------------------------------------------------------------------------------------------ */

/** A user of this name, or of the first that is free of "name (2)", "name (3)", ... */
static int add_person(struct db *db, const char *name, int64_t *ret_user_id) {
    char free_name[RETAIL_ID_BYTES_MAX + sizeof "Customer  (999)"];

    int rc = db_user_add(db, name, NULL, ret_user_id);
    for (int i = 2; rc == -MARKET_ENAME_TAKEN && i < NAMES_TRIED_MAX; i++) {
        snprintf(free_name, sizeof free_name, "%s (%d)", name, i);
        rc = db_user_add(db, free_name, NULL, ret_user_id);
    }
    return rc;
}

int import_db_person(struct db *db, const char *source, const char *id, const char *name, int64_t run,
                     int64_t *ret_user_id, bool *ret_added) {
    int64_t user_id = 0;

    int rc = db_number(db, &user_id,
                       "SELECT user_id FROM imported_customers WHERE source = ?1 AND id = ?2 AND user_id IS NOT NULL",
                       "tt", source, id);
    *ret_added = rc == 0;
    if (rc == 0) {
        rc = add_person(db, name, &user_id);
        if (rc == 0)
            rc = db_run(db,
                        "INSERT INTO imported_customers (source, id, run, user_id) VALUES (?1, ?2, ?3, ?4)"
                        " ON CONFLICT DO UPDATE SET user_id = excluded.user_id",
                        "ttii", source, id, run, user_id);
    }
    if (rc >= 0)
        *ret_user_id = user_id;
    return rc < 0 ? rc : 0;
}

/** Count a customer when this run sees them for the first time. */
static int see_customer(struct db *db, struct import_run *run, const char *id) {
    int64_t there = 0;

    int rc = db_run(db,
                    "INSERT INTO imported_customers (source, id, run) VALUES (?1, ?2, ?3)"
                    " ON CONFLICT DO UPDATE SET run = excluded.run WHERE run <> excluded.run",
                    "tti", run->source, id, run->run);
    if (rc <= 0)
        return rc;
    run->counts.customers++;
    rc = db_number(db, &there, "SELECT user_id IS NOT NULL FROM imported_customers WHERE source = ?1 AND id = ?2", "tt",
                   run->source, id);
    run->counts.customers_there += there != 0;
    return rc;
}

/** Turn to the customer of a line, who may be nobody. */
static int turn_to_customer(struct db *db, struct import_run *run, const char *id) {
    if (run->customer.known && strcmp(run->customer.id, id) == 0)
        return 0;
    snprintf(run->customer.id, sizeof run->customer.id, "%s", id);
    run->customer.user_id = 0;
    run->customer.known = true;
    return id[0] == '\0' ? 0 : see_customer(db, run, id);
}

/** Who buys: a user, who is made when first needed. */
static int find_buyer(struct db *db, struct import_run *run, int64_t *ret_user_id) {
    const char *id = run->customer.id[0] != '\0' ? run->customer.id : GUEST_ID;
    char name[RETAIL_ID_BYTES_MAX + sizeof "Customer "] = "Guest";
    bool added = false;
    int rc = 0;

    if (run->customer.id[0] != '\0')
        snprintf(name, sizeof name, "Customer %s", id);
    if (run->customer.user_id == 0)
        rc = import_db_person(db, run->source, id, name, run->run, &run->customer.user_id, &added);
    if (rc == 0 && added && run->customer.id[0] != '\0')
        run->counts.customers_added++;
    *ret_user_id = run->customer.user_id;
    return rc;
}

/* ---- Invoices ---------------------------------------------------------------------------------------------------- */

int import_db_flush(struct db *db, struct import_run *run) {
    int rc = 0;

    if (!run->invoice.changed)
        return 0;
    if (run->invoice.added_minor > 0)
        rc = db_run(db, "UPDATE orders SET total_minor = total_minor + ?2 WHERE id = ?1", "ii", run->invoice.order_id,
                    run->invoice.added_minor);
    if (rc >= 0)
        rc = db_run(db,
                    "UPDATE imported_invoices SET run = ?3, lines = ?4, order_id = nullif(?5, 0)"
                    " WHERE source = ?1 AND id = ?2",
                    "ttiii", run->source, run->invoice.id, run->run, run->invoice.lines, run->invoice.order_id);
    run->invoice.added_minor = 0;
    run->invoice.changed = false;
    return rc < 0 ? rc : 0;
}

/** What is known of an invoice. @return whether this run has seen it before */
static int load_invoice(struct db *db, struct import_run *run) {
    struct sqlite3_stmt *row;

    int rc = db_query(db, &row,
                      "SELECT run, lines, ifnull(order_id, 0) FROM imported_invoices WHERE source = ?1 AND id = ?2",
                      "tt", run->source, run->invoice.id);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc < 0)
        return rc;
    if (rc == 0) {
        rc = db_run(db, "INSERT INTO imported_invoices (source, id, run, lines) VALUES (?1, ?2, ?3, 0)", "tti",
                    run->source, run->invoice.id, run->run);
        return rc < 0 ? rc : 0;
    }
    bool again = sqlite3_column_int64(row, 0) == run->run;
    run->invoice.lines = again ? sqlite3_column_int64(row, 1) : 0;
    run->invoice.order_id = sqlite3_column_int64(row, 2);
    run->invoice.changed = !again;
    run->invoice.order_counted = again && run->invoice.lines > 0;
    db_end(row);
    return again;
}

/** Turn to the invoice of a line. */
static int turn_to_invoice(struct db *db, struct import_run *run, const char *id) {
    if (strcmp(run->invoice.id, id) == 0)
        return 0;
    int rc = import_db_flush(db, run);
    if (rc < 0)
        return rc;
    memset(&run->invoice, 0, sizeof run->invoice);
    snprintf(run->invoice.id, sizeof run->invoice.id, "%s", id);
    rc = load_invoice(db, run);
    if (rc == 0)
        run->counts.invoices++;
    return rc;
}

/** The order that the invoice becomes. */
static int open_order(struct db *db, struct import_run *run, const struct retail_line *line) {
    bool there = run->invoice.order_id != 0;
    int64_t buyer_id;

    if (run->invoice.order_counted)
        return 0;
    if (!there) {
        int rc = find_buyer(db, run, &buyer_id);
        if (rc == 0)
            rc = db_number(db, &run->invoice.order_id,
                           "INSERT INTO orders (buyer_id, status, total_minor, created_ns)"
                           " VALUES (?1, 'imported', 0, ?2) RETURNING id",
                           "ii", buyer_id, line->date.ns);
        if (rc < 0)
            return rc;
    }
    run->invoice.order_counted = true;
    run->counts.orders_added += !there;
    run->counts.orders_there += there;
    return 0;
}

/* ---- Articles ---------------------------------------------------------------------------------------------------- */

struct article {
    int64_t product_id; /* 0: none yet */
    int64_t price_minor, stock;
    bool same_title; /* as the line's description */
};

int import_db_register_article(struct db *db, const char *source, const char *id, int64_t run, int64_t product_id) {
    int rc = db_run(db,
                    "INSERT INTO imported_articles (source, id, run, product_id) VALUES (?1, ?2, ?3, nullif(?4, 0))"
                    " ON CONFLICT DO UPDATE SET run = excluded.run,"
                    " product_id = ifnull(excluded.product_id, product_id)",
                    "ttii", source, id, run, product_id);
    return rc < 0 ? rc : 0;
}

int import_db_find_article(struct db *db, const char *source, const char *id, int64_t *ret_product_id) {
    return db_number(db, ret_product_id,
                     "SELECT product_id FROM imported_articles"
                     " WHERE source = ?1 AND id = ?2 AND product_id IS NOT NULL",
                     "tt", source, id);
}

/** What is known of a line's article; count it when this run sees it for the first time. */
static int look_up_article(struct db *db, struct import_run *run, const struct retail_line *line,
                           struct article *ret_article) {
    struct sqlite3_stmt *row;
    int64_t seen_by = 0;

    *ret_article = (struct article){.product_id = 0};
    int rc = db_query(db, &row,
                      "SELECT a.run, ifnull(a.product_id, 0), p.price_minor, p.stock, ifnull(p.title = ?3, 0)"
                      " FROM imported_articles a LEFT JOIN products p ON p.id = a.product_id"
                      " WHERE a.source = ?1 AND a.id = ?2",
                      "tts", run->source, line->article, line->description, line->description_bytes);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc < 0)
        return rc;
    if (rc > 0) {
        seen_by = sqlite3_column_int64(row, 0);
        ret_article->product_id = sqlite3_column_int64(row, 1);
        ret_article->price_minor = sqlite3_column_int64(row, 2);
        ret_article->stock = sqlite3_column_int64(row, 3);
        ret_article->same_title = sqlite3_column_int(row, 4) != 0;
        db_end(row);
    }
    if (seen_by == run->run)
        return 0;
    run->counts.articles++;
    run->counts.articles_there += ret_article->product_id != 0;
    return import_db_register_article(db, run->source, line->article, run->run, 0);
}

static int add_article(struct db *db, struct import_run *run, const struct retail_line *line, struct article *article) {
    char description[RETAIL_ID_BYTES_MAX + sizeof "Stock code "];
    bool named = line->description_bytes > 0;

    snprintf(description, sizeof description, "Stock code %s", line->article);
    int rc = db_number(db, &article->product_id,
                       "INSERT INTO products (seller_id, title, description, price_minor, stock, withdrawn, created_ns)"
                       " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) RETURNING id",
                       "istiiii", run->shop_id, named ? line->description : line->article,
                       named ? line->description_bytes : strlen(line->article), description, line->price_minor,
                       line->quantity, (int64_t)!retail_is_article(line->article), line->date.ns);
    if (rc < 0)
        return rc;
    run->counts.articles_added++;
    return import_db_register_article(db, run->source, line->article, run->run, article->product_id);
}

/** What the newest line says holds: title and price; and the shop could once deliver so many. */
static int update_article(struct db *db, const struct retail_line *line, const struct article *article) {
    int rc = 0;

    if (!article->same_title && line->description_bytes > 0)
        rc = db_run(db, "UPDATE products SET title = ?2 WHERE id = ?1", "is", article->product_id, line->description,
                    line->description_bytes);
    if (rc >= 0 && (article->price_minor != line->price_minor || article->stock < line->quantity))
        rc = db_run(db, "UPDATE products SET price_minor = ?2, stock = max(stock, ?3) WHERE id = ?1", "iii",
                    article->product_id, line->price_minor, line->quantity);
    return rc < 0 ? rc : 0;
}

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

/** @return 1 added; 0 it was there */
static int add_order_line(struct db *db, const struct import_run *run, const struct retail_line *line,
                          const struct article *article) {
    return db_run(db,
                  "INSERT INTO order_lines (order_id, line, product_id, title, price_minor, quantity)"
                  " SELECT ?1, ?2, id, ifnull(nullif(?4, ''), title), ?5, ?6 FROM products WHERE id = ?3"
                  " ON CONFLICT DO NOTHING",
                  "iiisii", run->invoice.order_id, run->invoice.lines, article->product_id, line->description,
                  line->description_bytes, line->price_minor, line->quantity);
}

/** @return 0; < 0 */
static int add_good_line(struct db *db, struct import_run *run, const struct retail_line *line,
                         struct article *article) {
    int rc = open_order(db, run, line);
    bool fresh = article->product_id == 0;
    if (rc == 0 && fresh)
        rc = add_article(db, run, line, article);
    if (rc < 0)
        return rc;

    run->invoice.lines++;
    run->invoice.changed = true;
    rc = add_order_line(db, run, line, article);
    if (rc <= 0) {
        run->counts.lines_there += rc == 0;
        return rc;
    }
    run->counts.lines_added++;
    run->invoice.added_minor += line->price_minor * line->quantity;
    return fresh ? 0 : update_article(db, line, article);
}

int import_db_line(struct db *db, struct import_run *run, const struct retail_line *line, enum retail_reason reason) {
    struct article article;

    run->counts.lines++;
    if (reason != RETAIL_GOOD)
        run->counts.skipped[reason]++;
    if (reason == RETAIL_MALFORMED)
        return 0;
    run->counts.nameless += line->customer[0] == '\0';
    int rc = turn_to_customer(db, run, line->customer);
    if (rc >= 0)
        rc = turn_to_invoice(db, run, line->invoice);
    if (rc >= 0)
        rc = look_up_article(db, run, line, &article);
    if (rc < 0 || reason != RETAIL_GOOD)
        return rc < 0 ? rc : 0;
    if (run->invoice.lines < RETAIL_LINES_MAX)
        return add_good_line(db, run, line, &article);
    run->counts.skipped[RETAIL_MALFORMED]++;
    return 0;
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

int import_db_begin(struct db *db, struct import_run *run, const char *source, const char *shop) {
    bool added;

    run->source = source;
    int rc = db_number(db, &run->run, "INSERT INTO imports (source, started_ns) VALUES (?1, ?2) RETURNING run", "ti",
                       source, weir_wall_now().ns);
    return rc < 0 ? rc : import_db_person(db, source, SHOP_ID, shop, run->run, &run->shop_id, &added);
}

int import_db_end(struct db *db, struct import_run *run) {
    int rc = import_db_flush(db, run);
    if (rc == 0)
        rc = db_run(db, "UPDATE imports SET ended_ns = ?2 WHERE run = ?1", "ii", run->run, weir_wall_now().ns);
    return rc < 0 ? rc : 0;
}
