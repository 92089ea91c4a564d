/* SPDX-License-Identifier: MIT */
/* products_sqlite.c: articles: browsing, searching, publishing, changing.
 *
 * A search goes in two steps within one transaction: which articles are on the page, sorted, and then for each of those
 * alone where its words matched; so marking costs a page and not all that was found. */
#include "market/block.h"
#include "market/db_sqlite.h"
#include "market/match.h"
#include "market/utf8.h"

#include <sqlite3.h>

#include <string.h>

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

#define PRODUCT_COLUMNS                                                                                                \
    "SELECT p.id, p.seller_id, u.name, p.title, p.description, p.price_minor, p.stock, p.withdrawn, p.created_ns,"     \
    " ifnull(p.picture_id, 0), i.type, ifnull(i.width, 0), ifnull(i.height, 0), ifnull(length(i.bytes), 0)"
#define PRODUCT_TABLES " products p JOIN users u ON u.id = p.seller_id LEFT JOIN pictures i ON i.id = p.picture_id"

static int read_product(struct sqlite3_stmt *row, struct market_products *products) {
    struct market_product *product = &products->items[products->count];

    product->id = sqlite3_column_int64(row, 0);
    product->seller_id = sqlite3_column_int64(row, 1);
    product->seller = db_text(products, row, 2);
    product->title = db_text(products, row, 3);
    product->description = db_text(products, row, 4);
    product->price_minor = sqlite3_column_int64(row, 5);
    product->stock = sqlite3_column_int64(row, 6);
    product->withdrawn = sqlite3_column_int(row, 7) != 0;
    product->created.ns = sqlite3_column_int64(row, 8);
    product->picture_id = sqlite3_column_int64(row, 9);
    const char *type = (const char *)sqlite3_column_text(row, 10);
    if (type != NULL)
        product->picture_type = strcmp(type, "image/png") == 0 ? "image/png" : "image/jpeg";
    product->picture_width = sqlite3_column_int(row, 11);
    product->picture_height = sqlite3_column_int(row, 12);
    product->picture_bytes = sqlite3_column_int64(row, 13);
    if (product->seller == NULL || product->title == NULL || product->description == NULL)
        return -ENOMEM;
    products->count++;
    return 0;
}

/** Read rows into an answer, per_page at most; the query ends in any case. */
static int read_products(struct db *db, struct sqlite3_stmt *row, struct market_products *products) {
    int rc = 0;

    products->items = block_add(products, products->per_page * sizeof *products->items);
    if (products->items == NULL)
        rc = -ENOMEM;
    while (rc == 0 && products->count < products->per_page && (rc = db_step(db, row)) > 0)
        rc = read_product(row, products);
    db_end(row);
    return rc;
}

/* ---- Browsing and searching -------------------------------------------------------------------------------------- */

/** What is asked for; each has statements of its own, so that each can use its index. */
enum kind { ON_SALE, OF_SELLER, WITH_WORDS };

/* ?1 the seller, 0 for everybody's; ?2 the words. */
#define COUNT_ON_SALE "SELECT count(*) FROM products WHERE withdrawn = 0 AND ?1 = 0"
#define COUNT_OF_SELLER "SELECT count(*) FROM products WHERE seller_id = ?1"
#define COUNT_WITH_WORDS                                                                                               \
    "SELECT count(*) FROM products_text t JOIN products p ON p.id = t.rowid"                                           \
    " WHERE products_text MATCH ?2 AND (p.seller_id = ?1 OR (?1 = 0 AND p.withdrawn = 0))"

static const char *const counting[] =
    {[ON_SALE] = COUNT_ON_SALE, [OF_SELLER] = COUNT_OF_SELLER, [WITH_WORDS] = COUNT_WITH_WORDS};

/* ?1 the seller, ?2 the words, ?3 how many, ?4 how many before them. */
#define PAGE " LIMIT ?3 OFFSET ?4"
#define BROWSE PRODUCT_COLUMNS " FROM" PRODUCT_TABLES " WHERE p.withdrawn = 0 ORDER BY "
#define SELLING PRODUCT_COLUMNS " FROM" PRODUCT_TABLES " WHERE p.seller_id = ?1 ORDER BY "
#define SEARCH                                                                                                         \
    PRODUCT_COLUMNS " FROM products_text t JOIN" PRODUCT_TABLES " WHERE products_text MATCH ?2 AND p.id = t.rowid"     \
                    " AND (p.seller_id = ?1 OR (?1 = 0 AND p.withdrawn = 0)) ORDER BY "
#define CHEAP_FIRST "p.price_minor, p.id"
#define DEAR_FIRST "p.price_minor DESC, p.id DESC"
#define NEW_FIRST "p.id DESC"

static const char *const finding[][4] = {
    [ON_SALE] = {[MARKET_SORT_BEST] = BROWSE NEW_FIRST PAGE,
                 [MARKET_SORT_CHEAP] = BROWSE CHEAP_FIRST PAGE,
                 [MARKET_SORT_DEAR] = BROWSE DEAR_FIRST PAGE,
                 [MARKET_SORT_NEWEST] = BROWSE NEW_FIRST PAGE},
    [OF_SELLER] = {[MARKET_SORT_BEST] = SELLING NEW_FIRST PAGE,
                   [MARKET_SORT_CHEAP] = SELLING CHEAP_FIRST PAGE,
                   [MARKET_SORT_DEAR] = SELLING DEAR_FIRST PAGE,
                   [MARKET_SORT_NEWEST] = SELLING NEW_FIRST PAGE},
    [WITH_WORDS] = {[MARKET_SORT_BEST] = SEARCH "bm25(products_text, 5.0, 1.0), p.id DESC" PAGE,
                    [MARKET_SORT_CHEAP] = SEARCH CHEAP_FIRST PAGE,
                    [MARKET_SORT_DEAR] = SEARCH DEAR_FIRST PAGE,
                    [MARKET_SORT_NEWEST] = SEARCH NEW_FIRST PAGE},
};

/** Mark in title and description what matched. */
static int mark(struct db *db, const char *expression, struct market_products *products,
                struct market_product *product) {
    struct sqlite3_stmt *row;

    int rc = db_query(db, &row,
                      "SELECT highlight(products_text, 0, char(1), char(2)),"
                      " snippet(products_text, 1, char(1), char(2), '…', 40)"
                      " FROM products_text WHERE products_text MATCH ?1 AND rowid = ?2",
                      "ti", expression, product->id);
    if (rc == 0)
        rc = db_step(db, row);
    if (rc < 0)
        return rc;
    product->title_marked = rc > 0 ? db_text(products, row, 0) : product->title;
    product->excerpt_marked = rc > 0 ? db_text(products, row, 1) : product->description;
    db_end(row);
    return product->title_marked == NULL || product->excerpt_marked == NULL ? -ENOMEM : 0;
}

static int find(struct db *db, const struct market_query *query, enum kind kind, const char *expression,
                struct market_products *products) {
    struct sqlite3_stmt *row;
    int64_t offset = (int64_t)(products->page - 1) * products->per_page;

    int rc = kind == WITH_WORDS ? db_number(db, &products->total, counting[kind], "it", query->seller_id, expression)
                                : db_number(db, &products->total, counting[kind], "i", query->seller_id);
    if (rc < 0 || offset >= products->total)
        return rc < 0 ? rc : 0;
    rc = db_query(db, &row, finding[kind][query->sort], "itii", query->seller_id, expression,
                  (int64_t)products->per_page, offset);
    if (rc == 0)
        rc = read_products(db, row, products);
    for (size_t i = 0; rc == 0 && kind == WITH_WORDS && i < products->count; i++)
        rc = mark(db, expression, products, &products->items[i]);
    return rc;
}

/** @return whether anything but white space was typed */
static bool has_words(const struct market_query *query) {
    size_t bytes = query->words == NULL ? 0 : strlen(query->words);
    if (bytes > 0)
        utf8_trim(query->words, &bytes);
    return bytes > 0;
}

int db_products_find(struct db *db, const struct market_query *query, struct market_products **ret_products) {
    char expression[MATCH_BYTES_MAX];
    enum kind kind = has_words(query) ? WITH_WORDS : query->seller_id > 0 ? OF_SELLER : ON_SALE;
    struct market_products *products = block_new(sizeof *products);

    if (products == NULL)
        return -ENOMEM;
    products->page = query->page;
    products->per_page = query->per_page;
    market_page_clamp(&products->page, &products->per_page);
    int rc = 0;
    /* Where nothing but signs was typed, nothing is found. */
    if (kind != WITH_WORDS || match_build(query->words, expression) > 0) {
        rc = db_run(db, "BEGIN", "");
        if (rc >= 0)
            rc = find(db, query, kind, kind == WITH_WORDS ? expression : NULL, products);
        db_rollback(db);
    }
    if (rc < 0) {
        market_free(products);
        return rc;
    }
    *ret_products = products;
    return 0;
}

int db_product_get(struct db *db, int64_t product_id, struct market_products **ret_products) {
    struct sqlite3_stmt *row;
    struct market_products *products = block_new(sizeof *products);

    if (products == NULL)
        return -ENOMEM;
    products->page = products->per_page = 1;
    products->total = 1;
    int rc = db_query(db, &row, PRODUCT_COLUMNS " FROM" PRODUCT_TABLES " WHERE p.id = ?1", "i", product_id);
    if (rc == 0)
        rc = read_products(db, row, products);
    if (rc == 0 && products->count == 0)
        rc = -MARKET_ENOT_FOUND;
    if (rc < 0) {
        market_free(products);
        return rc;
    }
    *ret_products = products;
    return 0;
}

/* ---- Publishing and changing ------------------------------------------------------------------------------------- */

int db_product_check_seller(struct db *db, int64_t caller_id, int64_t product_id) {
    int64_t seller_id;

    int rc =
        db_number(db, &seller_id, "SELECT seller_id FROM products WHERE id = ?1 AND withdrawn = 0", "i", product_id);
    if (rc <= 0)
        return rc < 0 ? rc : -MARKET_ENOT_FOUND;
    return seller_id == caller_id ? 0 : -MARKET_ENOT_YOURS;
}

int db_product_add(struct db *db, int64_t seller_id, const struct market_offer *offer, int64_t *ret_product_id) {
    size_t bytes = strlen(offer->title);
    const char *title = utf8_trim(offer->title, &bytes);
    int64_t there;

    int rc = db_number(db, &there, "SELECT 1 FROM users WHERE id = ?1", "i", seller_id);
    if (rc <= 0)
        return rc < 0 ? rc : -MARKET_ENOT_FOUND;
    rc = db_number(db, ret_product_id,
                   "INSERT INTO products (seller_id, title, description, price_minor, stock, created_ns)"
                   " VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING id",
                   "istiii", seller_id, title, bytes, offer->description == NULL ? "" : offer->description,
                   offer->price_minor, offer->stock, weir_wall_now().ns);
    return rc < 0 ? rc : 0;
}

/** Change the words, where they are named in the change; only those cost the index of words anything. */
static int change_words(struct db *db, int64_t product_id, const struct market_change *change) {
    int rc = 0;

    if (change->set & MARKET_SET_TITLE) {
        size_t bytes = strlen(change->to.title);
        const char *title = utf8_trim(change->to.title, &bytes);
        rc = db_run(db, "UPDATE products SET title = ?2 WHERE id = ?1", "is", product_id, title, bytes);
    }
    if (rc >= 0 && (change->set & MARKET_SET_DESCRIPTION))
        rc = db_run(db, "UPDATE products SET description = ?2 WHERE id = ?1", "it", product_id,
                    change->to.description == NULL ? "" : change->to.description);
    return rc;
}

int db_product_change(struct db *db, int64_t caller_id, int64_t product_id, const struct market_change *change) {
    int rc = db_product_check_seller(db, caller_id, product_id);
    if (rc == 0)
        rc = change_words(db, product_id, change);
    if (rc >= 0 && (change->set & MARKET_SET_PRICE))
        rc = db_run(db, "UPDATE products SET price_minor = ?2 WHERE id = ?1", "ii", product_id, change->to.price_minor);
    if (rc >= 0 && (change->set & MARKET_SET_STOCK))
        rc = db_run(db, "UPDATE products SET stock = ?2 WHERE id = ?1", "ii", product_id, change->to.stock);
    return rc < 0 ? rc : 0;
}

int db_product_withdraw(struct db *db, int64_t caller_id, int64_t product_id) {
    int rc = db_product_check_seller(db, caller_id, product_id);
    if (rc == 0)
        rc = db_run(db, "UPDATE products SET withdrawn = 1 WHERE id = ?1", "i", product_id);
    return rc < 0 ? rc : 0;
}
