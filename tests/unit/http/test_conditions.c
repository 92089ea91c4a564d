/* SPDX-License-Identifier: MIT */
/* Entity tags, conditions, dates, ranges and types of content. */
#include "support/test.h"

#include "http/date.h"
#include "http/etag.h"
#include "http/media_type.h"
#include "http/range.h"
#include "weir/http_server.h"

#include <stdio.h>
#include <string.h>

static struct weir__span span(const char *text) { return (struct weir__span){text, text != NULL ? strlen(text) : 0}; }

static bool weakly(const char *list, const char *tag) {
    return weir__etag_is_listed(span(list), span(tag), WEIR__ETAG_WEAK);
}

static bool strongly(const char *list, const char *tag) {
    return weir__etag_is_listed(span(list), span(tag), WEIR__ETAG_STRONG);
}

TEST(test_etag_lists) {
    CHECK(weakly("\"a\"", "\"a\""));
    CHECK(!weakly("\"a\"", "\"b\""));
    CHECK(!weakly("\"a\"", "\"A\""));
    CHECK(weakly("\"x\", \"a\"", "\"a\""));
    CHECK(weakly("\"x\",\"a\" ,\"y\"", "\"a\""));
    CHECK(weakly(" , \"x\",, \"a\"", "\"a\"") == false); /* begins with what is no tag */
    CHECK(weakly("\"x\",, \"a\"", "\"a\""));
    CHECK(weakly("\"a,b\"", "\"a,b\""));
    CHECK(!weakly("\"a,b\"", "\"a\""));
    CHECK(weakly("*", "\"a\""));
    CHECK(weakly(" * ", "\"a\""));
    CHECK(!weakly("*", ""));
    CHECK(weakly("W/\"a\"", "\"a\""));
    CHECK(weakly("\"a\"", "W/\"a\""));
    CHECK(!strongly("W/\"a\"", "\"a\""));
    CHECK(!strongly("W/\"a\"", "W/\"a\""));
    CHECK(strongly("\"a\"", "\"a\""));
    CHECK(!weakly("a", "a"));
    CHECK(!weakly("\"a", "\"a\""));
    CHECK(!weakly("", "\"a\""));
    CHECK(!weakly("W/", "\"a\""));
    CHECK(!weakly("w/\"a\"", "\"a\""));
}

TEST(test_etag_validity) {
    CHECK(weir__etag_is_valid(span("\"\"")));
    CHECK(weir__etag_is_valid(span("\"17-a\"")));
    CHECK(weir__etag_is_valid(span("W/\"17\"")));
    CHECK(!weir__etag_is_valid(span("17")));
    CHECK(!weir__etag_is_valid(span("\"17\"x")));
    CHECK(!weir__etag_is_valid(span("\"a b\"")));
    CHECK(!weir__etag_is_valid(span("\"a\"b\"")));
    CHECK(!weir__etag_is_valid(span("\"a\r\n\"")));
    CHECK(!weir__etag_is_valid(span("")));
}

TEST(test_etag_of_bytes) {
    char one[WEIR_HTTP_ETAG_BYTES], other[WEIR_HTTP_ETAG_BYTES], bytes[64] = {0};

    weir_http_etag(one, bytes, 40);
    CHECK(weir__etag_is_valid(span(one)));
    weir_http_etag(other, bytes, 40);
    CHECK_STR(one, other);
    weir_http_etag(other, bytes, 41); /* only zeros more */
    CHECK(strcmp(one, other) != 0);
    for (size_t i = 0; i < 40 * 8; i++) { /* each bit counts */
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
        weir_http_etag(other, bytes, 40);
        CHECK(strcmp(one, other) != 0);
        bytes[i / 8] = (char)(bytes[i / 8] ^ 1 << i % 8);
    }
    weir_http_etag(one, NULL, 0);
    CHECK(weir__etag_is_valid(span(one)));
}

#define OLD "Sun, 06 Nov 1994 08:49:36 GMT"
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define DATE_SECONDS 784111777

static enum weir__condition weigh(const char *match, const char *none_match, const char *modified,
                                  const char *unmodified, bool is_read) {
    struct weir__conditions conditions = {span(match), span(none_match), span(modified), span(unmodified), is_read};
    return weir__conditions_weigh(&conditions, span("\"a\""), DATE_SECONDS);
}

TEST(test_conditions_of_tags) {
    CHECK_INT(weigh(NULL, NULL, NULL, NULL, true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, "\"a\"", NULL, NULL, true), WEIR__CONDITION_NOT_MODIFIED);
    CHECK_INT(weigh(NULL, "W/\"a\"", NULL, NULL, true), WEIR__CONDITION_NOT_MODIFIED);
    CHECK_INT(weigh(NULL, "\"b\"", NULL, NULL, true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, "*", NULL, NULL, true), WEIR__CONDITION_NOT_MODIFIED);
    CHECK_INT(weigh(NULL, "*", NULL, NULL, false), WEIR__CONDITION_FAILED);
    CHECK_INT(weigh(NULL, "\"a\"", NULL, NULL, false), WEIR__CONDITION_FAILED);
    CHECK_INT(weigh("\"a\"", NULL, NULL, NULL, false), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh("\"b\"", NULL, NULL, NULL, false), WEIR__CONDITION_FAILED);
    CHECK_INT(weigh("W/\"a\"", NULL, NULL, NULL, false), WEIR__CONDITION_FAILED);
    CHECK_INT(weigh("\"a\"", "\"a\"", NULL, NULL, true), WEIR__CONDITION_NOT_MODIFIED);
}

TEST(test_conditions_of_dates) {
    CHECK_INT(weigh(NULL, NULL, DATE, NULL, true), WEIR__CONDITION_NOT_MODIFIED);
    CHECK_INT(weigh(NULL, NULL, OLD, NULL, true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, NULL, DATE, NULL, false), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, NULL, "yesterday", NULL, true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, "\"b\"", DATE, NULL, true), WEIR__CONDITION_GO_ON); /* the tag decides */
    CHECK_INT(weigh(NULL, NULL, NULL, DATE, true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh(NULL, NULL, NULL, OLD, true), WEIR__CONDITION_FAILED);
    CHECK_INT(weigh(NULL, NULL, NULL, "yesterday", true), WEIR__CONDITION_GO_ON);
    CHECK_INT(weigh("\"a\"", NULL, NULL, OLD, true), WEIR__CONDITION_GO_ON); /* the tag decides */
}

static const char *written(int64_t seconds) {
    static char text[WEIR__HTTP_DATE_BYTES + 1];
    weir__http_date_write(text, seconds);
    return text;
}

TEST(test_dates_written) {
    CHECK_STR(written(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK_STR(written(DATE_SECONDS), DATE);
    CHECK_STR(written(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK_STR(written(951868799), "Tue, 29 Feb 2000 23:59:59 GMT");
    CHECK_STR(written(951868800), "Wed, 01 Mar 2000 00:00:00 GMT");
    CHECK_STR(written(4107542399), "Sun, 28 Feb 2100 23:59:59 GMT");
    CHECK_STR(written(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
    CHECK_STR(written(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
}

static int64_t date_read(const char *text) {
    int64_t seconds = 0;
    int rc = weir__http_date_read(span(text), &seconds);
    return rc < 0 ? rc : seconds;
}

TEST(test_dates_read) {
    CHECK_INT(date_read(DATE), DATE_SECONDS);
    CHECK_INT(date_read("Sunday, 06-Nov-94 08:49:37 GMT"), DATE_SECONDS);
    CHECK_INT(date_read("Sun Nov  6 08:49:37 1994"), DATE_SECONDS);
    CHECK_INT(date_read("Tue, 29 Feb 2000 00:00:00 GMT"), 951782400);
    CHECK_INT(date_read(""), -EINVAL);
    CHECK_INT(date_read("Sun, 06 Nov 1994 08:49:37"), -EINVAL);
    CHECK_INT(date_read("Sun, 06 Nov 1994 08:49:37 CET"), -EINVAL);
    CHECK_INT(date_read("Sun, 06 Nov 1994 24:49:37 GMT"), -EINVAL);
    CHECK_INT(date_read("Sun, 00 Nov 1994 08:49:37 GMT"), -EINVAL);
    CHECK_INT(date_read("Sun, 06 Foo 1994 08:49:37 GMT"), -EINVAL);
    CHECK_INT(date_read("Sun, 06 Nov 94 08:49:37 GMT"), -EINVAL);
    CHECK_INT(date_read("784111777"), -EINVAL);
    for (int64_t seconds = 0; seconds < 8000000000; seconds += 86400 * 13 + 12345)
        CHECK_INT(date_read(written(seconds)), seconds);
}

/* "first+bytes", "whole" or "none". */
static const char *ranged(const char *text, uint64_t size) {
    static char told[64];
    uint64_t first, bytes;

    switch (weir__range_read(span(text), size, &first, &bytes)) {
    case WEIR__RANGE_WHOLE:
        return "whole";
    case WEIR__RANGE_NONE:
        return "none";
    default:
        snprintf(told, sizeof told, "%llu+%llu", (unsigned long long)first, (unsigned long long)bytes);
        return told;
    }
}

TEST(test_ranges) {
    CHECK_STR(ranged("bytes=0-9", 100), "0+10");
    CHECK_STR(ranged("bytes=0-0", 100), "0+1");
    CHECK_STR(ranged("Bytes=10-", 100), "10+90");
    CHECK_STR(ranged("bytes=99-", 100), "99+1");
    CHECK_STR(ranged("bytes=100-", 100), "none");
    CHECK_STR(ranged("bytes=0-99999", 100), "0+100");
    CHECK_STR(ranged("bytes=-10", 100), "90+10");
    CHECK_STR(ranged("bytes=-1000", 100), "0+100");
    CHECK_STR(ranged("bytes=-0", 100), "none");
    CHECK_STR(ranged("bytes=0-", 0), "none");
    CHECK_STR(ranged("bytes=-1", 0), "none");
    CHECK_STR(ranged("bytes= 5-6 ", 100), "5+2");
    CHECK_STR(ranged("bytes=0-99999999999999999999999", 100), "0+100");
    CHECK_STR(ranged("bytes=99999999999999999999999-", 100), "none");
    CHECK_STR(ranged("bytes=9-5", 100), "whole");
    CHECK_STR(ranged("bytes=0-1,5-6", 100), "whole");
    CHECK_STR(ranged("bytes=", 100), "whole");
    CHECK_STR(ranged("bytes=-", 100), "whole");
    CHECK_STR(ranged("bytes=5", 100), "whole");
    CHECK_STR(ranged("bytes=+5-6", 100), "whole");
    CHECK_STR(ranged("bytes=5--6", 100), "whole");
    CHECK_STR(ranged("lines=5-6", 100), "whole");
    CHECK_STR(ranged("", 100), "whole");
}

TEST(test_media_types_of_names) {
    CHECK_STR(weir__media_type_of_name("a.html"), "text/html; charset=utf-8");
    CHECK_STR(weir__media_type_of_name("a/b.c/x.JPG"), "image/jpeg");
    CHECK_STR(weir__media_type_of_name("a.tar.gz"), "application/gzip");
    CHECK_STR(weir__media_type_of_name("a.css/x"), "application/octet-stream");
    CHECK_STR(weir__media_type_of_name("css"), "application/octet-stream");
    CHECK_STR(weir__media_type_of_name("a."), "application/octet-stream");
    CHECK_STR(weir__media_type_of_name(""), "application/octet-stream");
}

static const char *parameter(const char *value, const char *name) {
    static char out[16];
    int rc = weir__media_parameter(span(value), name, out, sizeof out);
    return rc < 0 ? weir_error_name(rc) : out;
}

TEST(test_media_type_parameters) {
    CHECK(weir__media_type_is(span("Text/HTML ; charset=utf-8"), "text/html"));
    CHECK(weir__media_type_is(span("text/html"), "text/html"));
    CHECK(!weir__media_type_is(span("text/html5"), "text/html"));
    CHECK(!weir__media_type_is(span(""), "text/html"));
    CHECK_STR(parameter("a/b; x=1; Y=\"two; three\"", "y"), "two; three");
    CHECK_STR(parameter("a/b; x=1; Y=2", "X"), "1");
    CHECK_STR(parameter("a/b;x=\"a\\\"b\\c\"", "x"), "a\"b\\c");
    CHECK_STR(parameter("a/b;", "x"), "ENOENT");
    CHECK_STR(parameter("a/b", "x"), "ENOENT");
    CHECK_STR(parameter("a/b; y=1", "x"), "ENOENT");
    CHECK_STR(parameter("a/b; x=\"1", "x"), "EINVAL");
    CHECK_STR(parameter("a/b; x", "x"), "EINVAL");
    CHECK_STR(parameter("a/b; x=", "x"), "EINVAL");
    CHECK_STR(parameter("a/b; =1", "x"), "EINVAL");
    CHECK_STR(parameter("a/b; x=1 y=2", "y"), "EINVAL");
    CHECK_STR(parameter("a/b; x=123456789012345", "x"), "123456789012345");
    CHECK_STR(parameter("a/b; x=1234567890123456", "x"), "WEIR_ELIMIT");
    CHECK_STR(parameter("a/b; x=\"1234567890123456\"", "x"), "WEIR_ELIMIT");
}
