/* SPDX-License-Identifier: MIT */
/* store_calls.c: the typed calls of store.h, each a struct of arguments and a function that runs on a thread.
 * Invariant: what a call allocates for its answer is handed out or, when it failed after that (a commit may), freed. */
#include "market/store_run.h"

/* ---- Articles ---------------------------------------------------------------------------------------------------- */

struct products_call {
    const struct market_query *query;
    int64_t product_id;
    struct market_products *products;
};

static int products_find(struct db *db, void *arg) {
    struct products_call *call = arg;
    return db_products_find(db, call->query, &call->products);
}

int store_products_find(struct store *store, const struct market_query *query, struct market_products **ret_products) {
    struct products_call call = {.query = query};
    int rc = store_read(store, products_find, &call);
    if (rc == 0)
        *ret_products = call.products;
    return rc;
}

static int product_get(struct db *db, void *arg) {
    struct products_call *call = arg;
    return db_product_get(db, call->product_id, &call->products);
}

int store_product_get(struct store *store, int64_t product_id, struct market_products **ret_products) {
    struct products_call call = {.product_id = product_id};
    int rc = store_read(store, product_get, &call);
    if (rc == 0)
        *ret_products = call.products;
    return rc;
}

struct offer_call {
    int64_t caller_id, product_id;
    const struct market_offer *offer;
    const struct market_change *change;
};

static int product_add(struct db *db, void *arg) {
    struct offer_call *call = arg;
    return db_product_add(db, call->caller_id, call->offer, &call->product_id);
}

int store_product_add(struct store *store, int64_t seller_id, const struct market_offer *offer, int64_t *ret_product_id,
                      struct market_flaw *ret_flaw) {
    struct offer_call call = {.caller_id = seller_id, .offer = offer};
    int rc = market_offer_check(offer, ret_flaw);
    if (rc == 0)
        rc = store_write(store, product_add, &call);
    if (rc == 0)
        *ret_product_id = call.product_id;
    return rc;
}

static int product_change(struct db *db, void *arg) {
    struct offer_call *call = arg;
    return db_product_change(db, call->caller_id, call->product_id, call->change);
}

int store_product_change(struct store *store, int64_t caller_id, int64_t product_id, const struct market_change *change,
                         struct market_flaw *ret_flaw) {
    struct offer_call call = {.caller_id = caller_id, .product_id = product_id, .change = change};
    int rc = market_change_check(change, ret_flaw);
    return rc < 0 ? rc : store_write(store, product_change, &call);
}

static int product_withdraw(struct db *db, void *arg) {
    struct offer_call *call = arg;
    return db_product_withdraw(db, call->caller_id, call->product_id);
}

int store_product_withdraw(struct store *store, int64_t caller_id, int64_t product_id) {
    struct offer_call call = {.caller_id = caller_id, .product_id = product_id};
    return store_write(store, product_withdraw, &call);
}

/* ---- Pictures ---------------------------------------------------------------------------------------------------- */

struct picture_call {
    int64_t caller_id, product_id, picture_id, offset;
    const void *bytes;
    size_t count;
    void *buf;
};

static int picture_set(struct db *db, void *arg) {
    struct picture_call *call = arg;
    return db_picture_set(db, call->caller_id, call->product_id, call->bytes, call->count, &call->picture_id);
}

int store_picture_set(struct store *store, int64_t caller_id, int64_t product_id, const void *bytes, size_t bytes_count,
                      int64_t *ret_picture_id) {
    struct picture_call call = {.caller_id = caller_id, .product_id = product_id, .bytes = bytes, .count = bytes_count};
    int rc = store_write(store, picture_set, &call);
    if (rc == 0 && ret_picture_id != NULL)
        *ret_picture_id = call.picture_id;
    return rc;
}

static int picture_read(struct db *db, void *arg) {
    struct picture_call *call = arg;
    return db_picture_read(db, call->picture_id, call->offset, call->buf, call->count);
}

int store_picture_read(struct store *store, int64_t picture_id, int64_t offset, void *buf, size_t buf_bytes) {
    struct picture_call call = {.picture_id = picture_id, .offset = offset, .buf = buf, .count = buf_bytes};
    return store_read(store, picture_read, &call);
}

/* ---- Orders ------------------------------------------------------------------------------------------------------ */

struct order_call {
    int64_t buyer_id, product_id, quantity, order_id;
    const char *key;
    unsigned page, per_page;
    bool again;
    struct market_orders *orders;
};

static int order_place(struct db *db, void *arg) {
    struct order_call *call = arg;
    return db_order_place(db, call->buyer_id, call->product_id, call->quantity, call->key, &call->orders, &call->again);
}

int store_order_place(struct store *store, int64_t buyer_id, int64_t product_id, int64_t quantity, const char *key,
                      struct market_orders **ret_orders, bool *ret_again, struct market_flaw *ret_flaw) {
    struct order_call call = {.buyer_id = buyer_id, .product_id = product_id, .quantity = quantity, .key = key};

    int rc = market_quantity_check(quantity, ret_flaw);
    if (rc == 0 && key != NULL)
        rc = market_key_check(key, ret_flaw);
    if (rc == 0)
        rc = store_write(store, order_place, &call);
    if (rc < 0) {
        market_free(call.orders);
        return rc;
    }
    *ret_orders = call.orders;
    if (ret_again != NULL)
        *ret_again = call.again;
    return 0;
}

static int orders_find(struct db *db, void *arg) {
    struct order_call *call = arg;
    return db_orders_find(db, call->buyer_id, call->page, call->per_page, &call->orders);
}

int store_orders_find(struct store *store, int64_t buyer_id, unsigned page, unsigned per_page,
                      struct market_orders **ret_orders) {
    struct order_call call = {.buyer_id = buyer_id, .page = page, .per_page = per_page};
    int rc = store_read(store, orders_find, &call);
    if (rc == 0)
        *ret_orders = call.orders;
    return rc;
}

static int order_get(struct db *db, void *arg) {
    struct order_call *call = arg;
    return db_order_get(db, call->buyer_id, call->order_id, &call->orders);
}

int store_order_get(struct store *store, int64_t buyer_id, int64_t order_id, struct market_orders **ret_orders) {
    struct order_call call = {.buyer_id = buyer_id, .order_id = order_id};
    int rc = store_read(store, order_get, &call);
    if (rc == 0)
        *ret_orders = call.orders;
    return rc;
}

/* ---- Health ------------------------------------------------------------------------------------------------------ */

static int check(struct db *db, void *arg) {
    (void)arg;
    return db_check(db);
}

int store_check(struct store *store) { return store_read(store, check, NULL); }
