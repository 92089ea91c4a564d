/* SPDX-License-Identifier: MIT */
/* orders_sqlite.c: buying, and what somebody bought.
 * Invariant: what an order takes from the stock and what its lines say is the same, since both happen in one savepoint,
 * and the stock's own check refuses to fall below zero. */
#include "market/block.h"
#include "market/db_sqlite.h"

#include <sqlite3.h>

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static int read_lines(struct db *db, struct market_orders *orders, struct market_order *order) {
    struct sqlite3_stmt *row;
    size_t count = order->line_count;
    int rc;

    order->line_count = 0;
    order->lines = block_add(orders, (count + 1) * sizeof *order->lines);
    if (order->lines == NULL)
        return -ENOMEM;
    rc = db_query(db, &row,
                  "SELECT product_id, title, price_minor, quantity FROM order_lines WHERE order_id = ?1 ORDER BY line",
                  "i", order->id);
    while (rc == 0 && order->line_count < count && (rc = db_step(db, row)) > 0) {
        struct market_order_line *line = &order->lines[order->line_count++];
        line->product_id = sqlite3_column_int64(row, 0);
        line->title = db_text(orders, row, 1);
        line->price_minor = sqlite3_column_int64(row, 2);
        line->quantity = sqlite3_column_int64(row, 3);
        rc = line->title == NULL ? -ENOMEM : 0;
    }
    if (rc == 0 || rc == -ENOMEM)
        db_end(row);
    return rc;
}

/** Fill `orders` from a query of id, buyer, status, total, created, count of lines. At most per_page rows. */
static int read_orders(struct db *db, struct sqlite3_stmt *row, struct market_orders *orders) {
    int rc;

    orders->items = block_add(orders, (orders->per_page + 1) * sizeof *orders->items);
    if (orders->items == NULL) {
        db_end(row);
        return -ENOMEM;
    }
    while ((rc = db_step(db, row)) > 0) {
        struct market_order *order = &orders->items[orders->count];
        order->id = sqlite3_column_int64(row, 0);
        order->buyer_id = sqlite3_column_int64(row, 1);
        order->status = db_text(orders, row, 2);
        order->total_minor = sqlite3_column_int64(row, 3);
        order->created.ns = sqlite3_column_int64(row, 4);
        order->line_count = (size_t)sqlite3_column_int64(row, 5);
        rc = order->status == NULL ? -ENOMEM : read_lines(db, orders, order);
        if (rc < 0) {
            db_end(row);
            return rc;
        }
        orders->count++;
    }
    return rc;
}

#define ORDER_COLUMNS                                                                                                  \
    "id, buyer_id, status, total_minor, created_ns,"                                                                   \
    " (SELECT count(*) FROM order_lines WHERE order_id = orders.id)"

/** Fill an answer, or free it. */
static int deliver(int rc, struct market_orders *orders, struct market_orders **ret_orders) {
    if (rc < 0)
        market_free(orders);
    else
        *ret_orders = orders;
    return rc < 0 ? rc : 0;
}

/** Counting and reading in one transaction, so that they agree. */
static int find(struct db *db, int64_t buyer_id, struct market_orders *orders) {
    struct sqlite3_stmt *row;

    int rc = db_number(db, &orders->total, "SELECT count(*) FROM orders WHERE buyer_id = ?1", "i", buyer_id);
    int64_t offset = (int64_t)(orders->page - 1) * orders->per_page;
    if (rc < 0 || offset >= orders->total)
        return rc < 0 ? rc : 0;
    rc = db_query(db, &row,
                  "SELECT " ORDER_COLUMNS " FROM orders WHERE buyer_id = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3", "iii",
                  buyer_id, (int64_t)orders->per_page, offset);
    return rc < 0 ? rc : read_orders(db, row, orders);
}

int db_orders_find(struct db *db, int64_t buyer_id, unsigned page, unsigned per_page,
                   struct market_orders **ret_orders) {
    struct market_orders *orders = block_new(sizeof *orders);
    if (orders == NULL)
        return -ENOMEM;
    market_page_clamp(&page, &per_page);
    orders->page = page;
    orders->per_page = per_page;
    int rc = db_run(db, "BEGIN", "");
    if (rc >= 0)
        rc = find(db, buyer_id, orders);
    db_rollback(db);
    return deliver(rc, orders, ret_orders);
}

/** One order of the buyer's, into an answer of its own. */
static int read_one(struct db *db, int64_t buyer_id, int64_t order_id, struct market_orders **ret_orders) {
    struct sqlite3_stmt *row;
    struct market_orders *orders = block_new(sizeof *orders);

    if (orders == NULL)
        return -ENOMEM;
    orders->page = orders->per_page = 1;
    int rc = db_query(db, &row, "SELECT " ORDER_COLUMNS " FROM orders WHERE id = ?1 AND buyer_id = ?2", "ii", order_id,
                      buyer_id);
    if (rc == 0)
        rc = read_orders(db, row, orders);
    if (rc == 0 && orders->count == 0)
        rc = -MARKET_ENOT_FOUND;
    orders->total = 1;
    return deliver(rc, orders, ret_orders);
}

int db_order_get(struct db *db, int64_t buyer_id, int64_t order_id, struct market_orders **ret_orders) {
    int rc = db_run(db, "BEGIN", "");
    if (rc >= 0)
        rc = read_one(db, buyer_id, order_id, ret_orders);
    db_rollback(db);
    return rc;
}

/* ---- Buying ------------------------------------------------------------------------------------------------------ */

/** @return the order that this key has made already, > 0; 0 none; -MARKET_EKEY_REUSED */
static int look_up_key(struct db *db, int64_t buyer_id, const char *key, int64_t product_id, int64_t quantity,
                       int64_t *ret_order_id) {
    struct sqlite3_stmt *row;

    int rc =
        db_query(db, &row, "SELECT order_id, product_id, quantity FROM order_keys WHERE buyer_id = ?1 AND key = ?2",
                 "it", buyer_id, key);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc <= 0)
        return rc;
    int64_t order_id = sqlite3_column_int64(row, 0);
    bool same = sqlite3_column_int64(row, 1) == product_id && sqlite3_column_int64(row, 2) == quantity;
    db_end(row);
    if (!same)
        return -MARKET_EKEY_REUSED;
    *ret_order_id = order_id;
    return 1;
}

/** Take from the stock. @return 0; -MARKET_ENOT_FOUND, -MARKET_EOUT_OF_STOCK */
static int take_stock(struct db *db, int64_t product_id, int64_t quantity, int64_t *ret_price) {
    int64_t on_sale = 0;

    int rc = db_number(db, ret_price,
                       "UPDATE products SET stock = stock - ?2 WHERE id = ?1 AND withdrawn = 0 AND stock >= ?2"
                       " RETURNING price_minor",
                       "ii", product_id, quantity);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = db_number(db, &on_sale, "SELECT 1 FROM products WHERE id = ?1 AND withdrawn = 0", "i", product_id);
    return rc < 0 ? rc : rc == 0 ? -MARKET_ENOT_FOUND : -MARKET_EOUT_OF_STOCK;
}

static int add_order(struct db *db, int64_t buyer_id, int64_t product_id, int64_t quantity, const char *key,
                     int64_t *ret_order_id) {
    int64_t price, there = 0, order_id;

    int rc = db_number(db, &there, "SELECT 1 FROM users WHERE id = ?1", "i", buyer_id);
    if (rc <= 0)
        return rc < 0 ? rc : -MARKET_ENOT_FOUND;
    rc = take_stock(db, product_id, quantity, &price);
    if (rc < 0)
        return rc;
    rc = db_number(db, &order_id,
                   "INSERT INTO orders (buyer_id, status, total_minor, created_ns) VALUES (?1, 'confirmed', ?2, ?3)"
                   " RETURNING id",
                   "iii", buyer_id, price * quantity, weir_wall_now().ns);
    if (rc >= 0)
        rc = db_run(db,
                    "INSERT INTO order_lines (order_id, line, product_id, title, price_minor, quantity)"
                    " SELECT ?1, 1, id, title, price_minor, ?3 FROM products WHERE id = ?2",
                    "iii", order_id, product_id, quantity);
    if (rc >= 0 && key != NULL)
        rc = db_run(db,
                    "INSERT INTO order_keys (buyer_id, key, product_id, quantity, order_id)"
                    " VALUES (?1, ?2, ?3, ?4, ?5)",
                    "itiii", buyer_id, key, product_id, quantity, order_id);
    if (rc < 0)
        return rc;
    *ret_order_id = order_id;
    return 0;
}

int db_order_place(struct db *db, int64_t buyer_id, int64_t product_id, int64_t quantity, const char *key,
                   struct market_orders **ret_orders, bool *ret_again) {
    int64_t order_id = 0;
    bool again = false;
    int rc = 0;

    if (key != NULL)
        rc = look_up_key(db, buyer_id, key, product_id, quantity, &order_id);
    if (rc > 0)
        again = true;
    else if (rc == 0)
        rc = add_order(db, buyer_id, product_id, quantity, key, &order_id);
    if (rc >= 0)
        rc = read_one(db, buyer_id, order_id, ret_orders);
    if (rc == 0)
        *ret_again = again;
    return rc;
}
