/* SPDX-License-Identifier: MIT */
/* test_products.c: browsing, searching, publishing, changing, pictures: the database's side. */
#include "place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** What is found, as "id id id", and the total behind it: "3 1 / 2". */
static const char *find(struct db *db, struct market_query query) {
    static char found[4096];
    struct market_products *products;
    size_t used = 0;

    int rc = db_products_find(db, &query, &products);
    if (rc < 0)
        test_fail(__FILE__, __LINE__, "find %s: %s", query.words, market_error_text(rc));
    for (size_t i = 0; i < products->count; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%lld ", (long long)products->items[i].id);
    snprintf(found + used, sizeof found - used, "/ %lld", (long long)products->total);
    market_free(products);
    return found;
}

#define FIND(...) find(db, (struct market_query){__VA_ARGS__})

TEST(test_products_are_browsed_newest_first_or_by_price) {
    struct db *db = place_db();
    place_add(db, "a", "", 300, 1);
    place_add(db, "b", "", 100, 1);
    place_add(db, "c", "", 200, 1);
    place_add(db, "d", "", 100, 1);
    CHECK_STR(FIND(.words = NULL), "4 3 2 1 / 4");
    CHECK_STR(FIND(.words = "  "), "4 3 2 1 / 4");
    CHECK_STR(FIND(.sort = MARKET_SORT_NEWEST), "4 3 2 1 / 4");
    CHECK_STR(FIND(.sort = MARKET_SORT_CHEAP), "2 4 3 1 / 4");
    CHECK_STR(FIND(.sort = MARKET_SORT_DEAR), "1 3 4 2 / 4");
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_come_in_pages) {
    struct db *db = place_db();
    for (int i = 0; i < 5; i++)
        place_add(db, "lantern", "", 100, 1);
    CHECK_STR(FIND(.per_page = 2), "5 4 / 5");
    CHECK_STR(FIND(.per_page = 2, .page = 2), "3 2 / 5");
    CHECK_STR(FIND(.per_page = 2, .page = 3), "1 / 5");
    CHECK_STR(FIND(.per_page = 2, .page = 4), "/ 5");
    CHECK_STR(FIND(.per_page = 2, .page = 4000000000u), "/ 5");
    CHECK_STR(FIND(.per_page = 4000000000u), "5 4 3 2 1 / 5");
    CHECK_STR(FIND(.words = "lan", .per_page = 2, .page = 3, .sort = MARKET_SORT_NEWEST), "1 / 5");
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_are_searched_by_beginnings_of_words) {
    struct db *db = place_db();
    place_add(db, "WHITE HANGING HEART T-LIGHT HOLDER", "", 255, 1);
    place_add(db, "Glass lantern", "holds one t-light", 300, 1);
    place_add(db, "Light bulb", "for a holder", 300, 1);
    place_add(db, "Crème brûlée dish", "", 300, 1);
    CHECK_STR(FIND(.words = "t-light holder"), "1 / 1");
    CHECK_STR(FIND(.words = "T LIGHT"), "1 2 / 2"); /* a title counts more than a description */
    CHECK_STR(FIND(.words = "hold"), "1 3 2 / 3");
    CHECK_STR(FIND(.words = "\"light holder\""), "1 / 1");
    CHECK_STR(FIND(.words = "\"holder light\""), "/ 0");
    CHECK_STR(FIND(.words = "creme BRULEE"), "4 / 1");
    CHECK_STR(FIND(.words = "brûl"), "4 / 1");
    CHECK_STR(FIND(.words = "nothing like it"), "/ 0");
    CHECK_STR(FIND(.words = "\" OR ("), "/ 0");
    CHECK_STR(FIND(.words = "?!"), "/ 0");
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_are_found_by_one_two_and_more_chinese_characters) {
    struct db *db = place_db();
    place_add(db, "蓝色茶壶", "手工陶瓷，可装一升水", 100, 1);
    place_add(db, "红色茶杯", "配茶壶使用", 100, 1);
    place_add(db, "壶茶", "词序相反", 100, 1);
    place_add(db, "白色T恤", "", 100, 1);
    CHECK_STR(FIND(.words = "壶", .sort = MARKET_SORT_NEWEST), "3 2 1 / 3");
    CHECK_STR(FIND(.words = "茶壶", .sort = MARKET_SORT_NEWEST), "2 1 / 2");
    CHECK_STR(FIND(.words = "蓝色茶壶"), "1 / 1");
    CHECK_STR(FIND(.words = "色茶"), "2 1 / 2");
    CHECK_STR(FIND(.words = "蓝色 升水"), "1 / 1");
    CHECK_STR(FIND(.words = "蓝茶"), "/ 0");
    CHECK_STR(FIND(.words = "t恤"), "4 / 1");
    CHECK_STR(FIND(.words = "Ｔ恤"), "4 / 1");
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_mark_what_matched) {
    struct db *db = place_db();
    struct market_products *products;
    place_add(db, "Blue <b>tea pot</b> 蓝色茶壶", "The tea pot holds a litre.", 100, 1);
    CHECK_INT(db_products_find(db, &(struct market_query){.words = "\"tea pot\" 茶壶"}, &products), 0);
    CHECK_STR(products->items[0].title_marked, "Blue <b>\x01tea pot\x02</b> 蓝色\x01茶壶\x02");
    CHECK_STR(products->items[0].excerpt_marked, "The \x01tea pot\x02 holds a litre.");
    CHECK_STR(products->items[0].title, "Blue <b>tea pot</b> 蓝色茶壶");
    market_free(products);
    CHECK_INT(db_products_find(db, &(struct market_query){.words = NULL}, &products), 0);
    CHECK(products->items[0].title_marked == NULL);
    market_free(products);

    char text[9000];
    for (size_t i = 0; i < 1000; i++)
        memcpy(text + 9 * i, "fillword ", 9);
    memcpy(text + 4500, "needle", 6);
    text[8999] = '\0';
    place_add(db, "Haystack", text, 100, 1);
    CHECK_INT(db_products_find(db, &(struct market_query){.words = "needle"}, &products), 0);
    CHECK_HAS(products->items[0].excerpt_marked, "\x01needle");
    CHECK_HAS(products->items[0].excerpt_marked, "…");
    CHECK(strlen(products->items[0].excerpt_marked) < 500);
    market_free(products);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

struct change {
    int64_t caller, product;
    struct market_change change;
};

static int change(struct db *db, void *arg) {
    struct change *c = arg;
    return db_product_change(db, c->caller, c->product, &c->change);
}

static int withdraw(struct db *db, void *arg) {
    struct change *c = arg;
    return db_product_withdraw(db, c->caller, c->product);
}

TEST(test_products_change_in_the_index_of_words_too) {
    struct db *db = place_db();
    struct change c = {1, place_add(db, "lantern", "old", 100, 1), {MARKET_SET_TITLE, {.title = " lamp "}}};
    CHECK_INT(place_write_one(db, change, &c), 0);
    CHECK_STR(FIND(.words = "lantern"), "/ 0");
    CHECK_STR(FIND(.words = "lamp old"), "1 / 1");
    c.change = (struct market_change){MARKET_SET_DESCRIPTION | MARKET_SET_PRICE | MARKET_SET_STOCK, {NULL, NULL, 7, 8}};
    CHECK_INT(place_write_one(db, change, &c), 0);
    CHECK_STR(FIND(.words = "old"), "/ 0");
    struct market_products *products;
    CHECK_INT(db_product_get(db, 1, &products), 0);
    CHECK_STR(products->items[0].title, "lamp");
    CHECK_STR(products->items[0].description, "");
    CHECK_STR(products->items[0].seller, "Ann");
    CHECK_INT(products->items[0].price_minor, 7);
    CHECK_INT(products->items[0].stock, 8);
    CHECK(products->items[0].created.ns > 0);
    market_free(products);
    CHECK_INT(db_product_get(db, 2, &products), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_belong_to_their_seller) {
    struct db *db = place_db();
    struct change c = {2, place_add(db, "lantern", "", 100, 1), {MARKET_SET_PRICE, {.price_minor = 1}}};
    CHECK_INT(place_write_one(db, change, &c), -MARKET_ENOT_YOURS);
    CHECK_INT(place_write_one(db, withdraw, &c), -MARKET_ENOT_YOURS);
    c.product = 99;
    CHECK_INT(place_write_one(db, change, &c), -MARKET_ENOT_FOUND);
    CHECK_INT(place_write_one(db, withdraw, &c), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_products_withdrawn_are_seen_by_their_seller_only) {
    struct db *db = place_db();
    struct change c = {1, place_add(db, "lantern", "", 100, 1), {.set = 0}};
    place_add(db, "lantern two", "", 100, 1);
    CHECK_INT(place_write_one(db, withdraw, &c), 0);
    CHECK_INT(place_write_one(db, withdraw, &c), -MARKET_ENOT_FOUND);
    CHECK_INT(place_write_one(db, change, &c), -MARKET_ENOT_FOUND);
    CHECK_STR(FIND(.words = NULL), "2 / 1");
    CHECK_STR(FIND(.words = "lantern"), "2 / 1");
    CHECK_STR(FIND(.sort = MARKET_SORT_CHEAP), "2 / 1");
    CHECK_STR(FIND(.seller_id = 1), "2 1 / 2");
    CHECK_STR(FIND(.seller_id = 1, .sort = MARKET_SORT_CHEAP), "1 2 / 2");
    CHECK_STR(FIND(.seller_id = 1, .words = "lantern", .sort = MARKET_SORT_NEWEST), "2 1 / 2");
    CHECK_STR(FIND(.seller_id = 2), "/ 0");
    struct market_products *products;
    CHECK_INT(db_product_get(db, 1, &products), 0);
    CHECK(products->items[0].withdrawn);
    market_free(products);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

static int add_for_nobody(struct db *db, void *arg) {
    struct market_offer offer = {.title = "x"};
    return db_product_add(db, 99, &offer, arg);
}

TEST(test_products_need_a_seller) {
    struct db *db = place_db();
    int64_t id;
    CHECK_INT(place_write_one(db, add_for_nobody, &id), -MARKET_ENOT_FOUND);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

/* ---- Pictures ---------------------------------------------------------------------------------------------------- */

static unsigned char jpeg[200000] = {0xFF, 0xD8, 0xFF, 0xC0, 0, 11, 8, 0, 200, 1,  0x2C, 1, 1,    0x11,
                                     0,    0xFF, 0xDA, 0,    8, 1,  1, 0, 0,   63, 0,    9, 0xFF, 0xD9};

struct setting {
    int64_t caller, product, picture;
    size_t bytes;
};

static int set_picture(struct db *db, void *arg) {
    struct setting *s = arg;
    return db_picture_set(db, s->caller, s->product, jpeg, s->bytes, &s->picture);
}

TEST(test_pictures_are_set_replaced_and_read_in_pieces) {
    struct db *db = place_db();
    struct setting s = {1, place_add(db, "lantern", "", 100, 1), 0, sizeof jpeg};
    unsigned char piece[65536];
    struct market_products *products;

    jpeg[sizeof jpeg - 1] = 42;
    CHECK_INT(place_write_one(db, set_picture, &s), 0);
    CHECK_INT(db_product_get(db, s.product, &products), 0);
    CHECK_INT(products->items[0].picture_id, s.picture);
    CHECK_INT(products->items[0].picture_bytes, sizeof jpeg);
    CHECK_INT(products->items[0].picture_width, 300);
    CHECK_INT(products->items[0].picture_height, 200);
    CHECK_STR(products->items[0].picture_type, "image/jpeg");
    market_free(products);

    size_t read = 0;
    int rc;
    while ((rc = db_picture_read(db, s.picture, (int64_t)read, piece, sizeof piece)) > 0) {
        CHECK_MEM(piece, jpeg + read, (size_t)rc);
        read += (size_t)rc;
    }
    CHECK_INT(rc, 0);
    CHECK_INT(read, sizeof jpeg);

    int64_t before = s.picture;
    CHECK_INT(place_write_one(db, set_picture, &s), 0);
    CHECK(s.picture > before);
    CHECK_INT(db_picture_read(db, before, 0, piece, sizeof piece), -MARKET_ENOT_FOUND);
    CHECK_INT(db_picture_read(db, s.picture, 0, piece, 2), 2);
    CHECK_INT(db_close(db), 0);
    place_remove();
}

TEST(test_pictures_are_refused_where_articles_are) {
    struct db *db = place_db();
    struct setting s = {2, place_add(db, "lantern", "", 100, 1), 0, sizeof jpeg};
    CHECK_INT(place_write_one(db, set_picture, &s), -MARKET_ENOT_YOURS);
    s = (struct setting){1, 99, 0, sizeof jpeg};
    CHECK_INT(place_write_one(db, set_picture, &s), -MARKET_ENOT_FOUND);
    s = (struct setting){1, 1, 0, 10};
    CHECK_INT(place_write_one(db, set_picture, &s), -MARKET_EPICTURE_TYPE);
    s = (struct setting){1, 1, 0, MARKET_PICTURE_BYTES_MAX + 1};
    CHECK_INT(place_write_one(db, set_picture, &s), -MARKET_EPICTURE_SIZE);
    CHECK_INT(db_close(db), 0);
    place_remove();
}
