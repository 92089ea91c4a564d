/* SPDX-License-Identifier: MIT */
/* test_orders.c: buying, people and sessions, the shared commit: the database's side. */
#include "place.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

struct buying {
    int64_t buyer, product, quantity;
    const char *key;
    struct market_orders *orders;
    bool again;
};

static int buy(struct db *db, void *arg) {
    struct buying *b = arg;
    return db_order_place(db, b->buyer, b->product, b->quantity, b->key, &b->orders, &b->again);
}

static int buy_free(struct db *db, void *arg) {
    struct buying *b = arg;
    int rc = buy(db, b);
    if (rc == 0)
        market_free(b->orders);
    return rc;
}

static int64_t stock_of(struct db *db, int64_t id) {
    struct market_products *products;
    CHECK_INT(db_product_get(db, id, &products), 0);
    int64_t stock = products->items[0].stock;
    market_free(products);
    return stock;
}

TEST(test_orders_take_from_the_stock_and_remember_the_price) {
    struct db *db = place_db();
    struct buying b = {2, place_add(db, "Lantern", "", 250, 3), 2, NULL, NULL, true};
    CHECK_INT(place_write_one(db, buy, &b), 0);
    CHECK(!b.again);
    CHECK_INT(b.orders->count, 1);
    struct market_order *order = &b.orders->items[0];
    CHECK_INT(order->total_minor, 500);
    CHECK_INT(order->buyer_id, 2);
    CHECK_STR(order->status, "confirmed");
    CHECK_INT(order->line_count, 1);
    CHECK_STR(order->lines[0].title, "Lantern");
    CHECK_INT(order->lines[0].quantity, 2);
    CHECK_INT(order->lines[0].price_minor, 250);
    CHECK(order->created.ns > 0);
    market_free(b.orders);
    CHECK_INT(stock_of(db, 1), 1);
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_EOUT_OF_STOCK);
    CHECK_INT(stock_of(db, 1), 1);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_orders_of_what_is_not_on_sale_are_refused) {
    struct db *db = place_db();
    struct buying b = {.buyer = 2, .product = 5, .quantity = 1};
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_ENOT_FOUND);
    b = (struct buying){.buyer = 77, .product = place_add(db, "x", "", 1, 1), .quantity = 1};
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_ENOT_FOUND); /* no such buyer */
    CHECK_INT(stock_of(db, 1), 1);
    CHECK_INT(db_close(db), 0);
    place_sql(place_file("market.db"), "UPDATE products SET withdrawn = 1 WHERE id = 1");
    CHECK_INT(db_open(&db, place_file("market.db"), DB_WRITER), 0);
    b.buyer = 2;
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_orders_with_the_same_key_are_one) {
    struct db *db = place_db();
    struct buying b = {2, place_add(db, "Lantern", "", 250, 2), 1, "k1", NULL, false};
    CHECK_INT(place_write_one(db, buy, &b), 0);
    int64_t id = b.orders->items[0].id;
    market_free(b.orders);
    CHECK_INT(place_write_one(db, buy, &b), 0);
    CHECK(b.again);
    CHECK_INT(b.orders->items[0].id, id);
    CHECK_INT(b.orders->items[0].total_minor, 250);
    market_free(b.orders);
    CHECK_INT(stock_of(db, 1), 1);

    b.quantity = 2; /* another body */
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_EKEY_REUSED);
    b.quantity = 1;
    b.buyer = 1; /* another's key of the same name */
    CHECK_INT(place_write_one(db, buy_free, &b), 0);
    CHECK(!b.again);
    CHECK_INT(stock_of(db, 1), 0);

    /* What was refused is not remembered: the same key may succeed later. */
    b = (struct buying){2, 1, 1, "k2", NULL, false};
    CHECK_INT(place_write_one(db, buy, &b), -MARKET_EOUT_OF_STOCK);
    CHECK_INT(db_close(db), 0);
    place_sql(place_file("market.db"), "UPDATE products SET stock = 1");
    CHECK_INT(db_open(&db, place_file("market.db"), DB_WRITER), 0);
    CHECK_INT(place_write_one(db, buy_free, &b), 0);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_orders_are_read_by_their_buyer_only_newest_first) {
    struct db *db = place_db();
    struct buying b = {2, place_add(db, "Lantern", "", 250, 100), 1, NULL, NULL, false};
    struct market_orders *orders;
    for (int i = 0; i < 5; i++)
        CHECK_INT(place_write_one(db, buy_free, &b), 0);
    CHECK_INT(db_orders_find(db, 2, 2, 2, &orders), 0);
    CHECK_INT(orders->total, 5);
    CHECK_INT(orders->count, 2);
    CHECK_INT(orders->items[0].id, 3);
    CHECK_INT(orders->items[1].id, 2);
    CHECK_STR(orders->items[1].lines[0].title, "Lantern");
    market_free(orders);
    CHECK_INT(db_orders_find(db, 1, 0, 0, &orders), 0);
    CHECK_INT(orders->total, 0);
    CHECK_INT(orders->count, 0);
    CHECK_INT(orders->page, 1);
    CHECK_INT(orders->per_page, MARKET_PER_PAGE_DEFAULT);
    market_free(orders);
    CHECK_INT(db_order_get(db, 2, 3, &orders), 0);
    CHECK_INT(orders->items[0].id, 3);
    market_free(orders);
    CHECK_INT(db_order_get(db, 1, 3, &orders), -MARKET_ENOT_FOUND);
    CHECK_INT(db_order_get(db, 2, 99, &orders), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

/* ---- People and sessions ----------------------------------------------------------------------------------------- */

struct person {
    const char *name, *password;
    int64_t id;
};

static int add_person(struct db *db, void *arg) {
    struct person *p = arg;
    return db_user_add(db, p->name, p->password, &p->id);
}

TEST(test_users_have_names_of_their_own_whatever_the_case) {
    struct db *db = place_db();
    struct person p = {" 小明 Li ", "hash", 0};
    struct market_user *user;
    char password[DB_PASSWORD_BYTES];
    CHECK_INT(place_write_one(db, add_person, &p), 0);
    CHECK_INT(db_user_find(db, "小明 LI", password, &user), 0);
    CHECK_STR(user->name, "小明 Li");
    CHECK_STR(password, "hash");
    CHECK_INT(user->id, p.id);
    market_free(user);
    p.name = "小明 lI";
    CHECK_INT(place_write_one(db, add_person, &p), -MARKET_ENAME_TAKEN);
    CHECK_INT(db_user_find(db, "nobody", password, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(db_user_find(db, "Ann", password, &user), 0);
    CHECK_STR(password, "");
    market_free(user);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

static const unsigned char token_a[DB_TOKEN_BYTES] = {1}, token_b[DB_TOKEN_BYTES] = {2};

static int add_sessions(struct db *db, void *arg) {
    (void)arg;
    CHECK_INT(db_session_add(db, token_a, 1, (weir_wall){1000}, (weir_wall){2000}), 0);
    return db_session_add(db, token_b, 2, (weir_wall){1500}, (weir_wall){9000});
}

static int add_later_session(struct db *db, void *arg) {
    unsigned char token[DB_TOKEN_BYTES] = {3};
    (void)arg;
    return db_session_add(db, token, 2, (weir_wall){5000}, (weir_wall){9000});
}

static int remove_b(struct db *db, void *arg) {
    (void)arg;
    return db_session_remove(db, token_b);
}

TEST(test_sessions_end_by_time_or_by_logging_out) {
    struct db *db = place_db();
    struct market_user *user;
    CHECK_INT(place_write_one(db, add_sessions, NULL), 0);
    CHECK_INT(db_session_find(db, token_a, (weir_wall){1999}, &user), 0);
    CHECK_STR(user->name, "Ann");
    market_free(user);
    CHECK_INT(db_session_find(db, token_a, (weir_wall){2000}, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(db_session_find(db, token_b, (weir_wall){2000}, &user), 0);
    market_free(user);
    CHECK_INT(place_write_one(db, remove_b, NULL), 0);
    CHECK_INT(place_write_one(db, remove_b, NULL), 0);
    CHECK_INT(db_session_find(db, token_b, (weir_wall){2000}, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(place_write_one(db, add_later_session, NULL), 0); /* clears the expired one away */
    CHECK_INT(db_close(db), 0);
    CHECK_INT(place_sql(place_file("market.db"), "SELECT count(*) FROM sessions"), 1);
    place_remove();
}

/* ---- The shared commit ------------------------------------------------------------------------------------------- */

static int fail_after_writing(struct db *db, void *arg) {
    int64_t id;
    (void)arg;
    CHECK_INT(db_user_add(db, "Ghost", NULL, &id), 0);
    return -MARKET_ENOT_YOURS;
}

TEST(test_db_a_failing_member_takes_nothing_of_its_neighbours_along) {
    struct db *db = place_db();
    struct person first = {.name = "First"}, last = {.name = "Last"};
    struct market_user *user;
    char password[DB_PASSWORD_BYTES];
    CHECK_INT(db_begin(db), 0);
    CHECK_INT(db_member(db, add_person, &first), 0);
    CHECK_INT(db_member(db, fail_after_writing, NULL), -MARKET_ENOT_YOURS);
    CHECK_INT(db_member(db, add_person, &last), 0);
    CHECK_INT(db_commit(db), 0);
    CHECK_INT(db_user_find(db, "Ghost", password, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(db_user_find(db, "First", password, &user), 0);
    market_free(user);
    CHECK_INT(db_user_find(db, "Last", password, &user), 0);
    market_free(user);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_db_a_first_member_that_fails_leaves_nothing) {
    struct db *db = place_db();
    struct person next = {.name = "Next"};
    struct market_user *user;
    char password[DB_PASSWORD_BYTES];
    CHECK_INT(db_begin(db), 0);
    CHECK_INT(db_member(db, fail_after_writing, NULL), -MARKET_ENOT_YOURS);
    CHECK_INT(db_member(db, add_person, &next), 0);
    CHECK_INT(db_commit(db), 0);
    CHECK_INT(db_user_find(db, "Ghost", password, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(db_user_find(db, "Next", password, &user), 0);
    market_free(user);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_db_what_is_rolled_back_is_gone) {
    struct db *db = place_db();
    struct person p = {.name = "Gone"};
    struct market_user *user;
    char password[DB_PASSWORD_BYTES];
    CHECK_INT(db_begin(db), 0);
    CHECK_INT(db_member(db, add_person, &p), 0);
    db_rollback(db);
    CHECK_INT(db_user_find(db, "Gone", password, &user), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

static unsigned char blob[100000];

static int add_large(struct db *db, void *arg) {
    char title[] = "large";
    struct market_offer offer = {.title = title, .description = (const char *)blob};
    return db_product_add(db, 1, &offer, arg);
}

TEST(test_db_the_log_is_bounded) {
    struct db *db = place_db();
    struct stat status;
    int64_t id;
    memset(blob, 'x', 9999);
    db_set_log_max(db, 50);
    for (int i = 0; i < 200; i++)
        CHECK_INT(place_write_one(db, add_large, &id), 0);
    CHECK_INT(stat(place_file("market.db-wal"), &status), 0);
    CHECK(status.st_size < 100 * 4096); /* 200 times 10 kB went through it */
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_db_a_full_disk_fails_the_write_and_only_for_as_long_as_it_lasts) {
    struct db *db = place_db();
    struct buying b = {2, place_add(db, "Lantern", "", 250, 100), 1, NULL, NULL, false};
    int64_t id;
    memset(blob, 'x', 9999);

    CHECK_INT(db_close(db), 0);
    int64_t pages = place_sql(place_file("market.db"), "PRAGMA page_count");
    CHECK_INT(db_open(&db, place_file("market.db"), DB_WRITER), 0);
    CHECK_INT(db_set_pages_max(db, pages), 0);
    CHECK_INT(place_write_one(db, add_large, &id), -MARKET_EDISK_FULL);
    CHECK_HAS(market_error_text(-MARKET_EDISK_FULL), "the disk is full; nothing was changed");

    /* In a shared commit: whoever comes before or after it is answered truly. */
    CHECK_INT(db_begin(db), 0);
    int first = db_member(db, buy_free, &b);
    int full = db_member(db, add_large, &id);
    int last = db_member(db, buy_free, &b);
    int commit = db_commit(db);
    CHECK_INT(full, -MARKET_EDISK_FULL);
    int64_t bought = commit == 0 ? (first == 0) + (last == 0) : 0;
    CHECK_INT(stock_of(db, 1), 100 - bought);

    CHECK_INT(db_set_pages_max(db, 0), 0);
    CHECK_INT(place_write_one(db, add_large, &id), 0);
    CHECK_INT(place_write_one(db, buy_free, &b), 0);
    CHECK_INT(stock_of(db, 1), 99 - bought);
    CHECK_INT(db_close(db), 0);
    place_remove();
}
