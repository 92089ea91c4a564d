/* SPDX-License-Identifier: MIT */
/* test_words_of_pages.c: languages, messages, money, times, names of orders and failures. */
#include "market/model.h"
#include "market/web/failure.h"
#include "market/web/language.h"
#include "market/web/messages.h"
#include "market/web/money.h"
#include "market/web/sorts.h"
#include "market/web/timestamp.h"
#include "support/test.h"

#include <string.h>

TEST(test_language_follows_quality_then_place) {
    const struct {
        const char *accept;
        enum language language;
    } cases[] = {
        {NULL, LANGUAGE_ENGLISH},
        {"", LANGUAGE_ENGLISH},
        {"zh-CN,zh;q=0.9,en;q=0.8", LANGUAGE_CHINESE},
        {"en-GB,en;q=0.9,zh;q=0.8", LANGUAGE_ENGLISH},
        {"en;q=0.5, zh;q=0.7", LANGUAGE_CHINESE},
        {"fr, zh, en", LANGUAGE_CHINESE},
        {"fr, en, zh", LANGUAGE_ENGLISH},
        {"zh;q=0", LANGUAGE_ENGLISH},
        {"zh;q=0, *", LANGUAGE_ENGLISH},
        {"en;q=0, *;q=0.5", LANGUAGE_CHINESE},
        {"*", LANGUAGE_ENGLISH},
        {"ZH-hant ; q=1.0", LANGUAGE_CHINESE},
        {"zhx, de", LANGUAGE_ENGLISH},
        {"zh;q=abc, en;q=0.1", LANGUAGE_ENGLISH},
        {"zh;q=7, en;q=0.1", LANGUAGE_ENGLISH},
        {",,, zh ,", LANGUAGE_CHINESE},
        {"zh;q=0.0001", LANGUAGE_ENGLISH},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK_INT((int)language_negotiate(cases[i].accept) * 100 + (int)i, (int)cases[i].language * 100 + (int)i);
}

static int holes(const char *text) {
    int count = 0;
    for (; (text = strstr(text, "{}")) != NULL; text += 2)
        count++;
    return count;
}

TEST(test_messages_say_the_same_in_each_language) {
    for (int i = M_NONE + 1; i < M_COUNT; i++) {
        const char *english = message_text((enum message)i, LANGUAGE_ENGLISH);
        const char *chinese = message_text((enum message)i, LANGUAGE_CHINESE);
        CHECK(english[0] != '\0' && chinese[0] != '\0');
        CHECK_INT(holes(chinese), holes(english));
    }
}

TEST(test_money_is_shown_as_each_language_has_it) {
    char buf[MONEY_TEXT_BYTES];

    CHECK_STR(money_format(buf, 0, LANGUAGE_ENGLISH), "£0.00");
    CHECK_STR(money_format(buf, 5, LANGUAGE_ENGLISH), "£0.05");
    CHECK_STR(money_format(buf, 99999, LANGUAGE_ENGLISH), "£999.99");
    CHECK_STR(money_format(buf, 123456789, LANGUAGE_ENGLISH), "£1,234,567.89");
    CHECK_STR(money_format(buf, 100000, LANGUAGE_CHINESE), "1,000.00 英镑");
    CHECK_STR(money_format(buf, MARKET_PRICE_MINOR_MAX * MARKET_QUANTITY_MAX, LANGUAGE_CHINESE),
              "1,000,000,000,000,000.00 英镑");
    CHECK_STR(money_format_plain(buf, 123405), "1234.05");
}

TEST(test_money_is_read_as_people_type_it) {
    const char *bad[] = {"", ".", "1.", ".5", "1.234", "1,234", "-1", "1e3", "12 x", "£", "9999999999999999", "１２"};
    int64_t minor = 0;

    CHECK_INT(money_parse("12", &minor), 0);
    CHECK_INT(minor, 1200);
    CHECK_INT(money_parse("12.5", &minor), 0);
    CHECK_INT(minor, 1250);
    CHECK_INT(money_parse(" £0.07 ", &minor), 0);
    CHECK_INT(minor, 7);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CHECK_INT(money_parse(bad[i], &minor), -EINVAL);
    CHECK_INT(minor, 7);
}

TEST(test_timestamps_are_utc_in_both_languages) {
    weir_wall wall = {INT64_C(1795157345) * WEIR_SEC + 5};
    char buf[TIMESTAMP_BYTES];

    CHECK_STR(timestamp_format(buf, wall), "2026-11-20T06:49:05Z");
    CHECK_STR(timestamp_format_words(buf, wall, LANGUAGE_ENGLISH), "20 November 2026, 06:49 UTC");
    CHECK_STR(timestamp_format_words(buf, wall, LANGUAGE_CHINESE), "2026年11月20日 06:49 UTC");
}

TEST(test_sorts_have_names_that_lead_back) {
    enum market_sort sort;

    for (int i = MARKET_SORT_BEST; i <= MARKET_SORT_NEWEST; i++) {
        CHECK(sort_from_name(sort_name((enum market_sort)i), &sort));
        CHECK_INT(sort, i);
    }
    CHECK(sort_from_name(NULL, &sort));
    CHECK_INT(sort, MARKET_SORT_BEST);
    CHECK(!sort_from_name("colour", &sort));
}

TEST(test_failures_have_a_status_each_and_never_tell_what_is_inside) {
    CHECK_INT(failure_of(-MARKET_EOUT_OF_STOCK)->status, 409);
    CHECK_STR(failure_of(-MARKET_EOUT_OF_STOCK)->name, "out_of_stock");
    CHECK_INT(failure_of(-WEIR_ELIMIT)->status, 413);
    CHECK_INT(failure_of(-ETIME)->status, 503);
    CHECK_INT(failure_of(-MARKET_ECORRUPT)->status, 500);
    CHECK_INT(failure_of(-ENXIO)->status, 500);
    CHECK(!failure_of(-ENXIO)->tells);
    CHECK_INT(failure_of_status(404)->status, 404);
    CHECK_INT(failure_of_status(405)->status, 405);
    CHECK_INT(failure_of_status(418)->status, 400);
    CHECK_INT(failure_of_status(505)->status, 500);
    CHECK_STR(failure_named("name_taken")->name, "name_taken");
    CHECK(failure_named("nothing") == NULL);
}

TEST(test_failures_of_the_model_have_an_answer_of_their_own) {
    for (int code = MARKET_EINVALID; code <= MARKET_EDISK_FULL; code++)
        CHECK_INT(failure_of(-code)->code, code);
}
