/* SPDX-License-Identifier: MIT */
/* A request's head: every case of heads.h, in every way its bytes can arrive; its limits; and what it says. */
#include "support/test.h"

#include "heads.h"
#include "http/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct weir__http_limits limits = {.head_bytes_max = 4096, .target_bytes_max = 1024};

/* Reads a head whose bytes come in pieces: all up to `first`, then `step` at a time. 0, or a refusal. */
static int read_in_pieces(const char *bytes, size_t count, size_t first, size_t step,
                          struct weir__http_head *ret_head) {
    static struct weir__http_splitter splitter;
    struct weir__http_scan scan = {.line = 0};
    size_t come = first;

    weir__http_splitter_init(&splitter);
    for (;;) {
        char *exact = malloc(come > 0 ? come : 1); /* so that a sanitizer sees a look beyond it */
        memcpy(exact, bytes, come);
        int rc = weir__http_head_scan(&scan, exact, come, &limits);
        if (rc > 0) {
            rc = weir__http_head_parse(&splitter, ret_head, exact, (size_t)rc, &scan);
            free(exact);
            return rc;
        }
        free(exact);
        if (rc < 0 || come == count)
            return rc < 0 ? rc : 1;
        come += step < count - come ? step : count - come;
    }
}

static void check_case(const struct head_case *head_case, size_t first, size_t step) {
    struct weir__http_head head;
    int rc = read_in_pieces(head_case->bytes, head_case->count, first, step, &head);

    if (rc != -head_case->status)
        test_fail(__FILE__, __LINE__, "%d for %.*s(first %zu bytes, then %zu)", rc, (int)head_case->count,
                  head_case->bytes, first, step);
}

TEST(test_heads_in_one_piece) {
    for (size_t i = 0; i < sizeof head_cases / sizeof *head_cases; i++)
        check_case(&head_cases[i], head_cases[i].count, 1);
}

TEST(test_heads_byte_by_byte) {
    for (size_t i = 0; i < sizeof head_cases / sizeof *head_cases; i++)
        check_case(&head_cases[i], 0, 1);
}

TEST(test_heads_split_anywhere) {
    for (size_t i = 0; i < sizeof head_cases / sizeof *head_cases; i++)
        for (size_t first = 0; first <= head_cases[i].count; first++)
            check_case(&head_cases[i], first, head_cases[i].count);
}

/* A limit's answer must not depend on how the bytes came, either. */
static void check_long(int status, const char *before, char filler, size_t fillers, const char *after) {
    size_t count = strlen(before) + fillers + strlen(after);
    char *bytes = malloc(count + 1);

    memcpy(bytes, before, strlen(before));
    memset(bytes + strlen(before), filler, fillers);
    memcpy(bytes + strlen(before) + fillers, after, strlen(after));
    for (size_t step = 1; step <= count; step += 1 + step / 2) {
        struct head_case head_case = {bytes, count, status};
        check_case(&head_case, 0, step);
        check_case(&head_case, count, 1);
    }
    free(bytes);
}

#define REST " HTTP/1.1\r\nHost: a\r\n\r\n"

TEST(test_head_target_limit) {
    check_long(0, "GET /", 'a', 1023, REST);
    check_long(414, "GET /", 'a', 1024, REST);
    check_long(414, "GET /", 'a', 2000, REST);
    check_long(414, "GET /", 'a', 20000, REST);
    check_long(414, "GET /", 'a', 20000, "");
    check_long(414, "", 'A', 20000, " / HTTP/1.1\r\nHost: a\r\n\r\n");
    check_long(501, "", 'A', 33, " / HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(test_head_size_limit) {
    const char *before = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    size_t others = strlen(before) + 4;

    check_long(0, before, 'x', 4096 - others, "\r\n\r\n");
    check_long(431, before, 'x', 4096 - others + 1, "\r\n\r\n");
    check_long(431, before, 'x', 20000, "\r\n\r\n");
    check_long(431, before, 'x', 20000, "");
    check_long(431, before, 'x', 4096 - others + 2, "\r\n"); /* the last line is whole, the head is not */
}

TEST(test_head_field_count_limit) {
    char bytes[4096];

    for (int extra = 0; extra < 2; extra++) {
        size_t at = (size_t)sprintf(bytes, "GET / HTTP/1.1\r\nHost: a\r\n");
        for (int i = 0; i < WEIR__HTTP_FIELDS_MAX - 1 + extra; i++)
            at += (size_t)sprintf(bytes + at, "X%d: y\r\n", i);
        at += (size_t)sprintf(bytes + at, "\r\n");
        struct head_case head_case = {bytes, at, extra == 0 ? 0 : 431};
        check_case(&head_case, at, 1);
        check_case(&head_case, 0, 1);
    }
}

TEST(test_head_query_field_limit) {
    char target[1024] = "GET /?", bytes[2048];

    for (int extra = 0; extra < 2; extra++) {
        memset(target + 6, '&', 255 + (size_t)extra);
        target[6 + 255 + extra] = '\0';
        struct head_case head_case = {bytes, (size_t)sprintf(bytes, "%s" REST, target), extra == 0 ? 0 : 414};
        check_case(&head_case, head_case.count, 1);
    }
}

static struct weir__http_head parsed(const char *text) {
    struct weir__http_head head;
    static char kept[4096];
    static struct weir__http_splitter splitter;
    struct weir__http_scan scan = {.line = 0};

    strcpy(kept, text);
    weir__http_splitter_init(&splitter);
    int bytes = weir__http_head_scan(&scan, kept, strlen(kept), &limits);
    CHECK(bytes > 0);
    CHECK_INT(weir__http_head_parse(&splitter, &head, kept, (size_t)bytes, &scan), 0);
    return head;
}

static const char *text_of(struct weir__span span) {
    static char texts[8][256];
    static int next;
    char *text = texts[next++ % 8];
    memcpy(text, span.at, span.bytes);
    text[span.bytes] = '\0';
    return text;
}

TEST(test_head_says_method_path_query_fields) {
    struct weir__http_head head =
        parsed("\r\nPUT /a%20b/c?d=e?f HTTP/1.1\r\nHost: a:80\r\nX-One:  two three\t \r\nx-one:\r\n\r\n");
    struct weir__http_field *field = weir__http_head_find(&head, "X-ONE", 5);

    CHECK_INT(head.method, WEIR__HTTP_PUT);
    CHECK_STR(text_of(head.path), "/a%20b/c");
    CHECK(head.path_is_escaped && head.has_query);
    CHECK_STR(text_of(head.query), "d=e?f");
    CHECK_STR(text_of(head.host), "a:80");
    CHECK_INT(head.fields_count, 3);
    CHECK_STR(text_of((struct weir__span){field->value, field->value_bytes}), "two three");
    CHECK_INT(head.fields[2].value_bytes, 0);
    CHECK(head.fields[2].value != NULL);
    CHECK(weir__http_head_find(&head, "X-On", 4) == NULL);
}

TEST(test_head_absolute_target) {
    struct weir__http_head head = parsed("GET http://Shop.example:81/x?y HTTP/1.1\r\nHost: shop.example:81\r\n\r\n");
    CHECK_STR(text_of(head.path), "/x");
    CHECK_STR(text_of(head.query), "y");
    CHECK_STR(text_of(head.host), "shop.example:81");

    head = parsed("GET http://a?y HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_STR(text_of(head.path), "/");
    CHECK_STR(text_of(head.query), "y");

    head = parsed("GET http://a HTTP/1.0\r\n\r\n");
    CHECK_STR(text_of(head.path), "/");
    CHECK(!head.has_query);
    CHECK_STR(text_of(head.host), "a");
}

TEST(test_head_body_length) {
    CHECK_INT(parsed(GET_WITH("")).length, 0);
    CHECK_INT(parsed(POST_WITH("Content-Length: 17\r\n")).length, 17);
    CHECK(!parsed(POST_WITH("Content-Length: 17\r\n")).is_chunked);
    CHECK(parsed(POST_WITH("Transfer-Encoding: chunked\r\n")).is_chunked);
    CHECK_INT(parsed(POST_WITH("Transfer-Encoding: chunked\r\n")).length, 0);
}

TEST(test_head_persistence) {
    CHECK(parsed(GET_WITH("")).keep_alive);
    CHECK(!parsed(GET_WITH("Connection: close\r\n")).keep_alive);
    CHECK(!parsed(GET_WITH("Connection: x, CLOSE\r\n")).keep_alive);
    CHECK(!parsed(GET_WITH("Connection: keep-alive\r\nConnection: close\r\n")).keep_alive);
    CHECK(parsed(GET_WITH("Connection: closed\r\n")).keep_alive);
    CHECK(!parsed("GET / HTTP/1.0\r\n\r\n").keep_alive);
    CHECK(parsed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
    CHECK(!parsed("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").keep_alive);
}

TEST(test_head_expectation) {
    CHECK(parsed(POST_WITH("Expect: 100-continue\r\nContent-Length: 1\r\n")).expects);
    CHECK(parsed(POST_WITH("Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n")).expects);
    CHECK(!parsed(POST_WITH("Expect: 100-continue\r\nContent-Length: 0\r\n")).expects);
    CHECK(!parsed("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n").expects);
}

TEST(test_head_after_head_in_one_buffer) {
    static const char both[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n";
    struct weir__http_scan scan = {.line = 0};
    int bytes = weir__http_head_scan(&scan, both, sizeof both - 1, &limits);
    CHECK_INT(bytes, (sizeof both - 1) / 2);
}
