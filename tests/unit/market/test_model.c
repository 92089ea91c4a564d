/* SPDX-License-Identifier: MIT */
#include "market/block.h"
#include "market/model.h"

#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static struct market_flaw flaw;

/** A string of `count` times `piece`; on the heap. */
static char *times(const char *piece, size_t count) {
    char *text = calloc(count, strlen(piece) + 1);
    for (size_t i = 0; i < count; i++)
        memcpy(text + i * strlen(piece), piece, strlen(piece));
    return text;
}

static void expect_flaw(int rc, const char *field, enum market_reason reason) {
    CHECK_INT(rc, -MARKET_EINVALID);
    CHECK_STR(flaw.field, field);
    CHECK_INT(flaw.reason, reason);
}

TEST(test_model_offer_bounds) {
    struct market_offer offer = {.title = "壶", .price_minor = 0, .stock = 0};
    CHECK_INT(market_offer_check(&offer, NULL), 0);
    offer = (struct market_offer){"Tea pot", "two\nlines\ttab", MARKET_PRICE_MINOR_MAX, MARKET_STOCK_MAX};
    CHECK_INT(market_offer_check(&offer, &flaw), 0);
    offer.price_minor++;
    expect_flaw(market_offer_check(&offer, &flaw), "price_minor", MARKET_FLAW_TOO_LARGE);
    CHECK(flaw.limit == MARKET_PRICE_MINOR_MAX);
    offer.price_minor = -1;
    expect_flaw(market_offer_check(&offer, &flaw), "price_minor", MARKET_FLAW_TOO_SMALL);
    offer.price_minor = INT64_MIN;
    expect_flaw(market_offer_check(&offer, &flaw), "price_minor", MARKET_FLAW_TOO_SMALL);
    offer.price_minor = 1;
    offer.stock = -1;
    expect_flaw(market_offer_check(&offer, &flaw), "stock", MARKET_FLAW_TOO_SMALL);
    offer.stock = INT64_MAX;
    expect_flaw(market_offer_check(&offer, &flaw), "stock", MARKET_FLAW_TOO_LARGE);
}

TEST(test_model_title_bounds) {
    struct market_offer offer = {.title = NULL};
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_MISSING);
    offer.title = " \t　";
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_MISSING);
    offer.title = "a\nb";
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_BAD_CHARACTER);
    offer.title = "a\x01z";
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_BAD_CHARACTER);
    offer.title = "a\xC2\x85z"; /* a control beyond ASCII */
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_BAD_CHARACTER);
    offer.title = "a\xFFz";
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_BAD_UTF8);
    char *longest = times("壶", MARKET_TITLE_CHARS_MAX), *longer = times("壶", MARKET_TITLE_CHARS_MAX + 1);
    offer.title = longest;
    CHECK_INT(market_offer_check(&offer, &flaw), 0);
    offer.title = longer;
    expect_flaw(market_offer_check(&offer, &flaw), "title", MARKET_FLAW_TOO_LONG);
    free(longest);
    free(longer);
}

TEST(test_model_description_bounds) {
    char *longer = times("x", MARKET_DESCRIPTION_CHARS_MAX + 1);
    struct market_offer offer = {.title = "a", .description = longer};
    expect_flaw(market_offer_check(&offer, &flaw), "description", MARKET_FLAW_TOO_LONG);
    offer.description = "\x02";
    expect_flaw(market_offer_check(&offer, &flaw), "description", MARKET_FLAW_BAD_CHARACTER);
    free(longer);
}

TEST(test_model_change_looks_at_what_is_set_only) {
    struct market_change change = {.set = 0, .to = {.title = NULL, .price_minor = -1, .stock = -1}};
    CHECK_INT(market_change_check(&change, &flaw), 0);
    change.set = MARKET_SET_STOCK;
    expect_flaw(market_change_check(&change, &flaw), "stock", MARKET_FLAW_TOO_SMALL);
}

TEST(test_model_name_and_password_bounds) {
    char *longest = times("名", MARKET_NAME_CHARS_MAX), *longer = times("名", MARKET_NAME_CHARS_MAX + 1);
    CHECK_INT(market_name_check(longest, &flaw), 0);
    expect_flaw(market_name_check(longer, &flaw), "name", MARKET_FLAW_TOO_LONG);
    expect_flaw(market_name_check("", &flaw), "name", MARKET_FLAW_MISSING);
    expect_flaw(market_name_check(NULL, &flaw), "name", MARKET_FLAW_MISSING);
    expect_flaw(market_name_check("a\rb", &flaw), "name", MARKET_FLAW_BAD_CHARACTER);
    CHECK_INT(market_password_check("八个字符的密码啊", &flaw), 0);
    expect_flaw(market_password_check("seven 7", &flaw), "password", MARKET_FLAW_TOO_SHORT);
    CHECK(flaw.limit == 8);
    expect_flaw(market_password_check(NULL, &flaw), "password", MARKET_FLAW_MISSING);
    expect_flaw(market_password_check("abcdefgh\xFF", &flaw), "password", MARKET_FLAW_BAD_UTF8);
    char *huge = times("x", MARKET_PASSWORD_BYTES_MAX + 1);
    expect_flaw(market_password_check(huge, &flaw), "password", MARKET_FLAW_TOO_LONG);
    free(huge);
    free(longest);
    free(longer);
}

TEST(test_model_names_that_look_alike_are_alike) {
    static const char *const fine[] = {"Ann Lee", " Ann ", "Łukasz O’Neil-Šmíd", "王小明", "アン", "Ann·Lee"};
    static const char *const hidden[] = {
        "A\u200Bnn", "A\u200Dnn",    "\u200D",       "\u202EnnA",    "A\u00ADnn",    "\uFEFF\u2060", "Ann\u3164",
        "Ann  Lee",  "Ann\u00A0Lee", "Ann\u3000Lee", "Ann\u2003Lee", "\U000E0041nn", "Ann\uFE0F",
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++)
        CHECK_INT(market_name_check(fine[i], &flaw), 0);
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        expect_flaw(market_name_check(hidden[i], &flaw), "name", MARKET_FLAW_BAD_CHARACTER);
}

TEST(test_model_quantity_and_key_bounds) {
    CHECK_INT(market_quantity_check(1, &flaw), 0);
    expect_flaw(market_quantity_check(0, &flaw), "quantity", MARKET_FLAW_TOO_SMALL);
    expect_flaw(market_quantity_check(INT64_MAX, &flaw), "quantity", MARKET_FLAW_TOO_LARGE);
    CHECK_INT(market_key_check("5f0c-\"quoted\"", &flaw), 0);
    expect_flaw(market_key_check("", &flaw), "key", MARKET_FLAW_MISSING);
    expect_flaw(market_key_check("a\tb", &flaw), "key", MARKET_FLAW_BAD_CHARACTER);
    char *longer = times("k", MARKET_KEY_BYTES_MAX + 1);
    expect_flaw(market_key_check(longer, &flaw), "key", MARKET_FLAW_TOO_LONG);
    free(longer);
}

TEST(test_model_names_its_failures) {
    for (int code = MARKET_EINVALID; code <= MARKET_EIN_USE; code++)
        CHECK(strcmp(market_error_text(-code), weir_strerror(-code)) != 0);
    CHECK_STR(market_error_text(-MARKET_EIN_USE - 1), weir_strerror(-MARKET_EIN_USE - 1));
    CHECK_STR(market_error_text(-ENOENT), weir_strerror(-ENOENT));
    CHECK_STR(market_error_text(INT32_MIN), weir_strerror(INT32_MIN));
    CHECK_STR(market_error_text(-MARKET_EBUSY), "too much to do at the moment; try again later");
    weir_fail(-MARKET_EBUSY, "the line is full");
    CHECK_STR(market_error_text(-MARKET_EBUSY), "the line is full");
}

TEST(test_block_holds_small_and_large_pieces) {
    char *result = block_new(100);
    char *texts[300];
    for (size_t i = 0; i < 300; i++) {
        texts[i] = block_text(result, "0123456789", i % 11);
        CHECK_INT(strlen(texts[i]), i % 11);
        CHECK_INT((uintptr_t)texts[i] % _Alignof(max_align_t), 0);
    }
    char *large = block_add(result, 100000);
    memset(large, 'x', 100000);
    memset(result, 'y', 100);
    for (size_t i = 0; i < 300; i++)
        CHECK_INT(strlen(texts[i]), i % 11);
    CHECK_STR(block_text(result, NULL, 0), "");
    CHECK(block_add(result, SIZE_MAX - 8) == NULL);
    CHECK(block_new(SIZE_MAX - 8) == NULL);
    market_free(result);
    market_free(NULL);
}
