/* SPDX-License-Identifier: MIT */
/* test_json.c: what programs send is read strictly, and what they get parses. */
#include "market/utf8.h"
#include "market/web/json_read.h"
#include "market/web/json_write.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static struct json_body body;
static struct json_member members[2];

static enum json_fault read_bytes(const char *data, size_t bytes) {
    members[0] = (struct json_member){.name = "title", .type = JSON_MEMBER_STRING};
    members[1] = (struct json_member){.name = "stock", .type = JSON_MEMBER_INTEGER};
    json_body_done(&body);
    return json_body_read(&body, data, bytes, members, 2);
}

static enum json_fault read_string(const char *text) { return read_bytes(text, strlen(text)); }

TEST(test_json_read_cuts_a_long_name_between_characters) {
    char text[300] = "{\"";

    for (int i = 0; i < 60; i++)
        strcat(text, "茶");
    strcat(text, "\":1}");
    CHECK_INT(read_string(text), JSON_UNKNOWN);
    CHECK_INT(utf8_length(body.detail, strlen(body.detail)), (sizeof body.detail - 1) / 3);
    memcpy(strstr(text, ":1}"), ":12345678901234567890}", 23);
    CHECK_INT(read_string(text), JSON_OUT_OF_RANGE);
    CHECK_INT(utf8_length(body.detail, strlen(body.detail)), (sizeof body.detail - 1) / 3);
    json_body_done(&body);
}

TEST(test_json_read_takes_what_is_there) {
    CHECK_INT(read_string(" {\"stock\": -12, \"title\": \"Tea \\u8336\"} "), JSON_OK);
    CHECK(members[0].present && members[1].present);
    CHECK_STR(members[0].string, "Tea 茶");
    CHECK_INT(members[0].string_bytes, 7);
    CHECK_INT(members[1].integer, -12);
    CHECK_INT(read_string("{}"), JSON_OK);
    CHECK(!members[0].present && !members[1].present);
    json_body_done(&body);
}

TEST(test_json_read_refuses_what_is_no_json) {
    const char *texts[] = {"{",   "",          "{\"title\":}", "{'title':1}", "{} x", "{\"title\":\"\\u0000\"}",
                           "nul", "{\"a\":01}"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(read_string(texts[i]), JSON_MALFORMED);
    CHECK_INT(read_string("{\n  \"title\": ?}"), JSON_MALFORMED);
    CHECK_HAS(body.detail, "line 2");
    json_body_done(&body);
}

TEST(test_json_read_wants_an_object) {
    const char *texts[] = {"[]", "5", "\"title\"", "null", "[{\"title\":\"a\"}]"};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        CHECK_INT(read_string(texts[i]), JSON_NO_OBJECT);
    json_body_done(&body);
}

TEST(test_json_read_names_the_member_that_is_wrong) {
    CHECK_INT(read_string("{\"title\":5}"), JSON_WRONG_TYPE);
    CHECK_STR(body.detail, "title");
    CHECK_INT(read_string("{\"title\":null}"), JSON_WRONG_TYPE);
    CHECK_INT(read_string("{\"stock\":\"5\"}"), JSON_WRONG_TYPE);
    CHECK_STR(body.detail, "stock");
    CHECK_INT(read_string("{\"stock\":true}"), JSON_WRONG_TYPE);
    CHECK_INT(read_string("{\"stock\":1.5}"), JSON_OUT_OF_RANGE);
    CHECK_INT(read_string("{\"stock\":1e3}"), JSON_OUT_OF_RANGE);
    CHECK_INT(read_string("{\"title\":\"a\",\"colour\":1}"), JSON_UNKNOWN);
    CHECK_STR(body.detail, "colour");
    CHECK_INT(read_string("{\"title\":\"a\",\"title\":\"b\"}"), JSON_DUPLICATE);
    json_body_done(&body);
}

TEST(test_json_read_names_the_member_of_a_number_that_64_bits_do_not_hold) {
    CHECK_INT(read_string("{\"title\":\"\\\"stock\\\": x\", \"stock\" : 99999999999999999999999}"), JSON_OUT_OF_RANGE);
    CHECK_STR(body.detail, "stock");
    CHECK_INT(read_string("{\"stock\":-99999999999999999999,\"title\":\"x\"}"), JSON_OUT_OF_RANGE);
    CHECK_STR(body.detail, "stock");
    CHECK_INT(read_string("{\"stock\":1e999}"), JSON_OUT_OF_RANGE);
    CHECK_STR(body.detail, "stock");
    CHECK_INT(read_string("99999999999999999999999"), JSON_OUT_OF_RANGE);
    json_body_done(&body);
}

TEST(test_json_read_looks_at_depth_before_it_parses) {
    enum { DEPTH = 100000 };
    char *text = malloc(2 * DEPTH);

    memset(text, '[', DEPTH);
    CHECK_INT(read_bytes(text, DEPTH), JSON_TOO_DEEP);
    memset(text + DEPTH, ']', DEPTH);
    CHECK_INT(read_bytes(text, 2 * DEPTH), JSON_TOO_DEEP);
    CHECK_INT(read_bytes(text + DEPTH - JSON_DEPTH_MAX, 2 * JSON_DEPTH_MAX), JSON_NO_OBJECT);
    CHECK_INT(read_bytes(text + DEPTH - JSON_DEPTH_MAX - 1, 2 * JSON_DEPTH_MAX + 2), JSON_TOO_DEEP);
    free(text);
    CHECK_INT(read_string("{\"title\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\"}"), JSON_OK);
    json_body_done(&body);
}

TEST(test_json_read_refuses_bytes_that_are_no_utf8) {
    CHECK_INT(read_string("{\"title\":\"\xC0\xAF\"}"), JSON_BAD_UTF8);
    CHECK_INT(read_string("{\"title\":\"\xED\xA0\x80\"}"), JSON_BAD_UTF8);
    CHECK_INT(read_string("{\"title\":\"\xFF\"}"), JSON_BAD_UTF8);
    CHECK_INT(read_string("{\"title\":\"\xE8\x8C\"}"), JSON_BAD_UTF8);
    json_body_done(&body);
}

TEST(test_json_written_puts_commas_and_escapes) {
    struct text out = text_make(1000);
    struct json_writer json = json_writer_make(&out);

    json_open(&json, NULL, '{');
    json_put_int(&json, "total", INT64_MIN);
    json_open(&json, "items", '[');
    json_open(&json, NULL, '{');
    json_put_string(&json, "title", "\"Tea\\\n\x01\" 茶 </script>");
    json_put_string(&json, "picture", NULL);
    json_close(&json, '}');
    json_open(&json, NULL, '{');
    json_close(&json, '}');
    json_close(&json, ']');
    json_close(&json, '}');
    CHECK_STR(text_string(&out), "{\"total\":-9223372036854775808,\"items\":[{\"title\":\"\\\"Tea\\\\\\n\\u0001\\\" 茶 "
                                 "</script>\",\"picture\":null},{}]}");
    text_done(&out);
}
