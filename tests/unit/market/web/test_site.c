/* SPDX-License-Identifier: MIT */
/* test_site.c: origins, paths to go on to, counts, and the patterns in the place of pictures. */
#include "market/number.h"
#include "market/web/access.h"
#include "market/web/metrics.h"
#include "market/web/pattern.h"
#include "market/web/site.h"
#include "support/test.h"

#include <string.h>

TEST(test_site_knows_its_own_origin_by_the_host_that_was_asked_for) {
    struct site site = {.origin = NULL};

    CHECK(site_is_own_origin(&site, "http://127.0.0.1:8080", "127.0.0.1:8080"));
    CHECK(site_is_own_origin(&site, "http://Shop.Example", "shop.example"));
    CHECK(!site_is_own_origin(&site, "http://127.0.0.1:8081", "127.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "https://127.0.0.1:8080", "127.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "http://127.0.0.1:8080.evil.example", "127.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "null", "127.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, NULL, "127.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "http://", ""));
    CHECK(!site_is_secure(&site));
}

TEST(test_site_behind_a_proxy_takes_only_the_origin_it_was_given) {
    struct site site = {.origin = "https://shop.example"};

    CHECK(site_is_own_origin(&site, "https://shop.example", "10.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "http://10.0.0.1:8080", "10.0.0.1:8080"));
    CHECK(!site_is_own_origin(&site, "http://shop.example", "shop.example"));
    CHECK(site_is_secure(&site));
}

TEST(test_access_goes_on_to_paths_of_the_site_alone) {
    const char *foreign[] =
        {NULL,   "",      "orders",       "//evil.example", "/\\evil.example", "https://evil.example",
         "/a b", "/a\nb", "/caf\xC3\xA9", "\\\\evil",       " /orders"};

    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++)
        CHECK_STR(access_local_path(foreign[i]), "/");
    CHECK_STR(access_local_path("/orders/1?q=%20#x"), "/orders/1?q=%20#x");
}

TEST(test_metrics_sort_answers_into_buckets_that_add_up) {
    struct metrics metrics = {.orders_placed = 3};
    struct text out = text_make(100000);
    uint64_t by_status[600] = {[200] = 5, [404] = 1};

    metrics_answered(&metrics, 0);
    metrics_answered(&metrics, WEIR_MS);
    metrics_answered(&metrics, WEIR_MS + 1);
    metrics_answered(&metrics, WEIR_MIN);
    metrics_write(&out, &metrics);
    metrics_write_statuses(&out, by_status, 600);
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_bucket{le=\"0.0005\"} 1\n");
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_bucket{le=\"0.001\"} 2\n");
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_bucket{le=\"0.0025\"} 3\n");
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_bucket{le=\"5\"} 3\n");
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_bucket{le=\"+Inf\"} 4\n");
    CHECK_HAS(text_string(&out), "market_http_answer_seconds_sum 60.002000\n");
    CHECK_HAS(text_string(&out), "# TYPE market_orders_placed_total counter\nmarket_orders_placed_total 3\n");
    CHECK_HAS(text_string(&out), "market_http_answers_total{status=\"404\"} 1\n");
    CHECK(strstr(text_string(&out), "status=\"201\"") == NULL);
    text_done(&out);
}

TEST(test_numbers_are_grouped_in_threes) {
    char buf[NUMBER_TEXT_BYTES];

    CHECK_STR(number_format(buf, 0), "0");
    CHECK_STR(number_format(buf, 999), "999");
    CHECK_STR(number_format(buf, 1000), "1,000");
    CHECK_STR(number_format(buf, 320705), "320,705");
    CHECK_STR(number_format(buf, UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(test_patterns_are_the_same_for_one_article_and_unlike_for_others) {
    struct text one = text_make(10000), again = text_make(10000), other = text_make(10000);

    pattern_put(&one, 17);
    pattern_put(&again, 17);
    pattern_put(&other, 18);
    CHECK_INT(one.error, 0);
    CHECK_STR(text_string(&one), text_string(&again));
    CHECK(strcmp(text_string(&one), text_string(&other)) != 0);
    CHECK(strstr(text_string(&one), "style=") == NULL); /* the Content-Security-Policy would not have it */
    text_done(&one);
    text_done(&again);
    text_done(&other);
}
