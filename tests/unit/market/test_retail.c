/* SPDX-License-Identifier: MIT */
#include "market/progress.h"
#include "market/retail.h"

#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static struct retail_line line;
static struct csv *csv;

/** What is made of one line of the file. The line's text lives until the next one is read. */
static enum retail_reason read_line(const char *text) {
    struct csv_record record;
    free(csv);
    csv = calloc(1, sizeof *csv);
    CHECK_INT(csv_feed(csv, text, strlen(text), true), strlen(text));
    CHECK(csv_next(csv, &record));
    return retail_read(&record, &line);
}

TEST(test_retail_reads_a_line) {
    CHECK_INT(read_line("536365,85123A, WHITE \"\"X ,6,2010-12-01 08:26:00,2.55,17850.0,UK"), RETAIL_MALFORMED);
    CHECK_INT(read_line("536365,85123A,\" WHITE \"\"X, Y \",6,2010-12-01 08:26:00,2.55,17850.0,UK"), RETAIL_GOOD);
    CHECK_STR(line.invoice, "536365");
    CHECK_STR(line.article, "85123A");
    CHECK_INT(line.description_bytes, strlen("WHITE \"X, Y"));
    CHECK_MEM(line.description, "WHITE \"X, Y", line.description_bytes);
    CHECK_INT(line.quantity, 6);
    CHECK_INT(line.price_minor, 255);
    CHECK_STR(line.customer, "17850");
    CHECK_INT(line.date.ns, INT64_C(1291191960) * WEIR_SEC);
}

TEST(test_retail_gives_one_reason_a_line) {
    CHECK_INT(read_line("C536379,D,Discount,-1,2010-12-01 09:41:00,27.5,14527.0,UK"), RETAIL_CANCELLATION);
    CHECK_INT(read_line("C536379,D,,-1,2010-12-01 09:41:00,0,14527.0,UK"), RETAIL_CANCELLATION);
    CHECK_INT(read_line("536414,22139,,56,2010-12-01 11:52:00,0.0,,UK"), RETAIL_NOTHING);
    CHECK_INT(read_line("536414,22139,,-56,2010-12-01 11:52:00,0.0,,UK"), RETAIL_NOTHING);
    CHECK_INT(read_line("536414,22139,damaged,-56,2010-12-01 11:52:00,0.0,,UK"), RETAIL_NO_QUANTITY);
    CHECK_INT(read_line("536414,22139,given,56,2010-12-01 11:52:00,0.0,,UK"), RETAIL_NO_PRICE);
    CHECK_INT(read_line("536414,22139,given,56,2010-12-01 11:52:00,0.001,,UK"), RETAIL_NO_PRICE);
    CHECK_INT(read_line("536414,22139,x,56,2010-12-01 11:52:00,-11062.06,,UK"), RETAIL_NO_PRICE);
    CHECK_INT(read_line("536414,22139,,56,2010-12-01 11:52:00,1,,UK"), RETAIL_GOOD);
    CHECK_INT(read_line("536414,22139,x,1000001,2010-12-01 11:52:00,1,,UK"), RETAIL_NO_QUANTITY);
    CHECK_INT(read_line("536414,22139,x,1,2010-12-01 11:52:00,999999999999,,UK"), RETAIL_NO_PRICE);
    CHECK_INT(read_line("536414,22139,x,90,2010-12-01 11:52:00,1000000000,,UK"), RETAIL_GOOD);
    CHECK_INT(read_line("536414,22139,x,91,2010-12-01 11:52:00,1000000000,,UK"), RETAIL_NO_PRICE);
    CHECK_INT(read_line("536414,22139,x,1000000,2010-12-01 11:52:00,1000000000,,UK"), RETAIL_NO_PRICE);
}

TEST(test_retail_refuses_what_it_cannot_read) {
    static const char *const lines[] = {
        "536365,85123A,x,6,2010-12-01 08:26:00,2.55,17850.0",      /* a field is missing */
        "536365,85123A,x,6,2010-12-01 08:26:00,2.55,17850.0,UK,",  /* one too many */
        ",85123A,x,6,2010-12-01 08:26:00,2.55,17850.0,UK",         /* no invoice */
        "536365,,x,6,2010-12-01 08:26:00,2.55,17850.0,UK",         /* no code */
        "536365,85123A,x,6.5,2010-12-01 08:26:00,2.55,17850.0,UK", /* half a thing */
        "536365,85123A,x,,2010-12-01 08:26:00,2.55,17850.0,UK",    /* no number */
        "536365,85123A,x,99999999999999999999,2010-12-01 08:26:00,2.55,,UK",
        "536365,85123A,x,6,2010-12-01 08:26:00,2.5.5,17850.0,UK",
        "536365,85123A,x,6,2010-12-01 08:26:00,1e5,17850.0,UK",
        "536365,85123A,x,6,2010-12-01 08:26:00,,17850.0,UK",
        "536365,85123A,x,6,2010-13-01 08:26:00,2.55,17850.0,UK",
        "536365,85123A,x,6,2010-02-29 08:26:00,2.55,17850.0,UK",
        "536365,85123A,x,6,2010-12-01 24:00:00,2.55,17850.0,UK",
        "536365,85123A,x,6,01/12/2010 08:26,2.55,17850.0,UK",
        "536365,85123A,\xFF,6,2010-12-01 08:26:00,2.55,17850.0,UK", /* not UTF-8 */
        "536365,85123A,\"a\nb\",6,2010-12-01 08:26:00,2.55,17850.0,UK",
        "5363651234567890123456789012345678901234567890123,85123A,x,6,2010-12-01 08:26:00,2.55,17850.0,UK",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        CHECK_INT(read_line(lines[i]), RETAIL_MALFORMED);
}

TEST(test_retail_prices_are_exact) {
    static const struct {
        const char *text;
        int64_t minor;
    } prices[] = {{"2.55", 255},  {"2.5", 250},   {"2", 200},  {"0.29", 29},
                  {"1.005", 101}, {"1.004", 100}, {"0.01", 1}, {"13541.33", 1354133}};
    for (size_t i = 0; i < sizeof prices / sizeof prices[0]; i++) {
        char text[100] = "1,2,x,1,2010-12-01 08:26:00,";
        strcat(strcat(text, prices[i].text), ",,UK");
        CHECK_INT(read_line(text), RETAIL_GOOD);
        CHECK_INT(line.price_minor, prices[i].minor);
    }
}

TEST(test_retail_dates_are_those_of_the_calendar) {
    static const struct {
        const char *text;
        int64_t seconds;
    } dates[] = {{"1970-01-01 00:00:00", 0},
                 {"2000-02-29 12:00:00", 951825600},
                 {"2011-08-31 17:45:00", 1314812700},
                 {"2100-03-01 00:00:00", 4107542400}};
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        char text[100] = "1,2,x,1,";
        strcat(strcat(text, dates[i].text), ",1,,UK");
        CHECK_INT(read_line(text), RETAIL_GOOD);
        CHECK_INT(line.date.ns, dates[i].seconds * WEIR_SEC);
    }
}

TEST(test_retail_cuts_a_long_description_at_a_character) {
    char text[2000] = "1,2,";
    for (int i = 0; i < 250; i++)
        strcat(text, "壶");
    strcat(text, ",1,2010-12-01 08:26:00,1,,UK");
    CHECK_INT(read_line(text), RETAIL_GOOD);
    CHECK_INT(line.description_bytes, 3 * MARKET_TITLE_CHARS_MAX);
}

TEST(test_retail_knows_postage_from_articles) {
    CHECK(retail_is_article("85123A"));
    CHECK(retail_is_article("DCGSSGIRL"));
    CHECK(retail_is_article("PADS"));
    CHECK(!retail_is_article("POST"));
    CHECK(!retail_is_article("m"));
    CHECK(!retail_is_article("BANK CHARGES"));
}

TEST(test_progress_words) {
    char buf[PROGRESS_BYTES];
    struct progress progress = {.done = 50, .size = 100, .lines = 320705, .elapsed = 2 * WEIR_SEC};
    CHECK_STR(progress_bar(&progress, buf),
              "[###############               ]  50 %  320,705 lines  160,352/s  0:02 left");
    CHECK_STR(progress_plain(&progress, buf), " 50 %  320,705 lines  160,352/s  0:02 left");
    progress.size = 0;
    CHECK_STR(progress_bar(&progress, buf), "320,705 lines  160,352/s");
    CHECK_INT(progress_percent(&progress), -1);
    progress = (struct progress){.done = 200, .size = 100};
    CHECK_INT(progress_percent(&progress), 100);
    progress = (struct progress){.done = UINT64_MAX, .size = UINT64_MAX, .lines = UINT64_MAX, .elapsed = INT64_MAX};
    CHECK(strlen(progress_bar(&progress, buf)) < PROGRESS_BYTES);
}
