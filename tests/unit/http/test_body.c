/* SPDX-License-Identifier: MIT */
/* Bodies of requests and replies, whole and in pieces, and what becomes of those that nobody reads. */
#include "support/test.h"

#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct talk talk;

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)arg;
    return weir_http_reply_send(reply, 200, NULL, "hello", 5);
}

/* Reads in pieces of `*arg` bytes, and answers with the count and the sum of the bytes. */
static int sum(weir_http_request *request, weir_http_reply *reply, void *arg) {
    size_t step = *(size_t *)arg, bytes = 0, total = 0;
    unsigned char *buf = malloc(step);
    int rc;

    while ((rc = weir_http_request_read_some(request, buf, step)) > 0) {
        CHECK((size_t)rc <= step);
        for (int i = 0; i < rc; i++)
            total += buf[i];
        bytes += (size_t)rc;
    }
    CHECK_INT(weir_http_request_read_some(request, buf, step), rc); /* and from then on always */
    free(buf);
    return rc < 0 ? rc : weir_http_reply_printf(reply, 200, NULL, "%zu %zu", bytes, total);
}

/* Answers what it read whole, at most 10 bytes. */
static int whole(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *body;
    size_t bytes;
    int rc = weir_http_request_read_all(request, 10, &body, &bytes);
    (void)arg;
    if (rc < 0)
        return rc;
    CHECK(body[bytes] == '\0');
    return weir_http_reply_send(reply, 200, NULL, body, bytes);
}

static size_t step = 100;

static void begin(void) {
    talk_init(&talk);
    weir_http_router_add(talk.router, "GET", "/", hello, NULL);
    weir_http_router_add(talk.router, "POST", "/hello", hello, NULL);
    weir_http_router_add(talk.router, "POST", "/sum", sum, &step);
    weir_http_router_add(talk.router, "POST", "/whole", whole, NULL);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST(path, fields) "POST " path " HTTP/1.1\r\nHost: a\r\n" fields "\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define HELLO "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

TASK_TEST(test_http_body_in_pieces_of_any_size) {
    static char body[200 * 1024];
    char head[128], expected[64];
    size_t total = 0;

    for (size_t i = 0; i < sizeof body; i++)
        total += (unsigned char)(body[i] = (char)(i * 31 % 251));
    for (step = 1; step < 100000; step = step * 7 + 3) {
        begin();
        talk.options.body_bytes_max = sizeof body;
        talk_begin(&talk);
        snprintf(head, sizeof head, POST("/sum", "Content-Length: %zu\r\n"), sizeof body);
        talk_send(&talk, head);
        talk_send_bytes(&talk, body, sizeof body);
        snprintf(expected, sizeof expected, "\n\n%zu %zu", sizeof body, total);
        CHECK_HAS(talk_answer(&talk), expected);
        talk_send(&talk, POST("/sum", CHUNKED));
        for (size_t at = 0, piece = 1; at < sizeof body; at += piece) {
            piece = at * 13 % 9000 + 1 < sizeof body - at ? at * 13 % 9000 + 1 : sizeof body - at;
            snprintf(head, sizeof head, "%zx\r\n", piece);
            talk_send(&talk, head);
            talk_send_bytes(&talk, body + at, piece);
            talk_send(&talk, "\r\n");
        }
        talk_send(&talk, "0\r\n\r\n" GET("/"));
        CHECK_HAS(talk_answer(&talk), expected);
        CHECK_STR(talk_answer(&talk), HELLO);
        CHECK_INT(talk_end(&talk), 0);
    }
}

/* A receive buffer holds some 8,700 bytes here. Wherever in it a head ends, its body still has room. */
TASK_TEST(test_http_body_after_a_head_that_ends_anywhere_in_the_buffer) {
    static const char post[] = POST("/sum", CHUNKED);
    static char text[10000];
    step = 10;
    begin();
    talk.options.head_bytes_max = 512;
    talk_begin(&talk);
    for (int bytes = 8600; bytes < 8800; bytes++) {
        int at = 0, requests = 0;
        for (; bytes - at > 200; requests++)
            at += sprintf(text + at, GET("/"));
        at += sprintf(text + at, "GET /%0*d HTTP/1.1\r\nHost: a\r\n\r\n",
                      bytes - at - (int)strlen(post) - (int)strlen(GET("/")), 0);
        strcpy(text + at, post);
        talk_send_bytes(&talk, text, (size_t)bytes);
        for (int i = 0; i < requests; i++)
            CHECK_STR(talk_answer(&talk), HELLO);
        CHECK_HAS(talk_answer(&talk), "404");
        talk_send(&talk, "3\r\nabc\r\n0\r\n\r\n");
        CHECK_HAS(talk_answer(&talk), "\n\n3 294");
    }
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_body_whole_and_its_limit) {
    begin();
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, POST("/whole", "Content-Length: 10\r\n") "0123456789"), "\n\n0123456789");
    CHECK_HAS(talk_ask(&talk, POST("/whole", "")), "Content-Length: 0\n\n");
    CHECK_HAS(talk_ask(&talk, POST("/whole", CHUNKED) "0\r\n\r\n"), "Content-Length: 0\n\n");
    CHECK_HAS(talk_ask(&talk, POST("/whole", CHUNKED) "6\r\n012345\r\n4\r\n6789\r\n0\r\n\r\n"), "\n\n0123456789");
    talk_send(&talk, POST("/whole", CHUNKED) "6\r\n012345\r\n5\r\n6789a\r\n0\r\n\r\n" GET("/"));
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 413 Content Too Large\r\n");
    CHECK_INT(talk_over(&talk), 0);

    begin();
    talk_begin(&talk);
    talk_send(&talk, POST("/whole", "Content-Length: 11\r\n") "0123456789a" GET("/"));
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 413 Content Too Large\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_body_limit_of_server_and_route) {
    weir_http_route_options large = {.size_bytes = sizeof large, .body_bytes_max = 2000};

    for (int i = 0; i < 3; i++) {
        static const char *const requests[] = {POST("/sum", "Content-Length: 101\r\n"),
                                               POST("/large", "Content-Length: 2001\r\n"),
                                               POST("/sum", CHUNKED) "65\r\n"};
        begin();
        talk.options.body_bytes_max = 100;
        weir_http_router_add_with(talk.router, "POST", "/large", sum, &step, &large);
        talk_begin(&talk);
        char body[2001] = "";
        talk_send(&talk, POST("/large", "Content-Length: 2000\r\n"));
        talk_send_bytes(&talk, body, 2000);
        CHECK_HAS(talk_answer(&talk), "\n\n2000 0");
        talk_send(&talk, requests[i]);
        talk_send_bytes(&talk, body, 101);
        CHECK_HAS(talk_rest(&talk), "HTTP/1.1 413 Content Too Large\r\n");
        CHECK_INT(talk_over(&talk), 0);
    }
}

TASK_TEST(test_http_body_malformed) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, POST("/sum", CHUNKED) "3\r\nabcX\r\n0\r\n\r\n" GET("/"));
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 400 Bad Request\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_body_cut) {
    static const char *const requests[] = {POST("/sum", "Content-Length: 5\r\n") "abc",
                                           POST("/sum", CHUNKED) "3\r\nab"};

    for (int i = 0; i < 2; i++) {
        begin();
        talk_begin(&talk);
        talk_send(&talk, requests[i]);
        CHECK_INT(talk_end(&talk), -WEIR_EEOF); /* nobody hears an answer */
        CHECK_INT(talk.counters.requests_cut, 1);
    }
}

TASK_TEST(test_http_unread_body_is_dropped) {
    static char body[300 * 1024];

    begin();
    talk.options.body_bytes_max = sizeof body;
    talk_begin(&talk);
    talk_send(&talk, POST("/hello", "Content-Length: 262144\r\n"));
    talk_send_bytes(&talk, body, 262144);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_STR(talk_ask(&talk, POST("/hello", CHUNKED) "3\r\nabc\r\n0\r\nX: y\r\n\r\n" GET("/")), HELLO);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_HAS(talk_ask(&talk, POST("/nothing", "Content-Length: 3\r\n") "abc" GET("/")), "404");
    CHECK_STR(talk_answer(&talk), HELLO);
    talk_send(&talk, POST("/hello", "Content-Length: 262145\r\n"));
    CHECK_HAS(talk_answer(&talk), "Connection: close\n"); /* told before it is sent */
    talk_send_bytes(&talk, body, 262145);
    CHECK_STR(talk_rest(&talk), "");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_unread_malformed_body_ends_the_connection) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, POST("/hello", CHUNKED) "x\r\n" GET("/"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_expect_continue) {
    char line[64];

    begin();
    talk_begin(&talk);
    talk_send(&talk, POST("/sum", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    CHECK(weir_stream_read_until(talk.client, line, sizeof line, "\r\n\r\n") > 0);
    CHECK_STR(line, "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK_HAS(talk_ask(&talk, "\1\2\3"), "\n\n3 6");
    /* who has sent something already is not asked to */
    CHECK_HAS(talk_ask(&talk, POST("/sum", "Expect: 100-continue\r\nContent-Length: 3\r\n") "\1\2\3"), "200 OK");
    /* who is answered without being asked may send the body or not: the connection ends */
    talk_send(&talk, POST("/hello", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    CHECK_INT(talk_over(&talk), 0);

    begin();
    talk_begin(&talk);
    talk_send(&talk, POST("/sum", "Expect: 100-continue\r\nContent-Length: 300000000\r\n"));
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 413 Content Too Large\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

/* ---- Replies ----------------------------------------------------------------------------------------------------- */

static int chunks(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = weir_http_reply_write(reply, NULL, 0);
    (void)request, (void)arg;
    CHECK(weir_http_reply_is_begun(reply));
    for (int i = 0; i < 3 && rc == 0; i++)
        rc = weir_http_reply_write(reply, "abcdefghijklmnopqrstuvwxyz", 26);
    return rc;
}

static int large(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char body[300000];
    (void)request, (void)arg;
    memset(body, 'x', sizeof body);
    return weir_http_reply_send(reply, 200, NULL, body, sizeof body);
}

static int large_chunks(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char piece[50000];
    int rc = 0;
    (void)request, (void)arg;
    memset(piece, 'y', sizeof piece);
    for (int i = 0; i < 6 && rc == 0; i++)
        rc = weir_http_reply_write(reply, piece, sizeof piece);
    return rc;
}

static int told_length(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *path = weir_http_request_path(request);
    (void)arg;
    weir_http_reply_set_header(reply, "Content-Length", "5");
    int rc = weir_http_reply_write(reply, "abc", 3);
    if (rc == 0 && strcmp(path, "/short") != 0)
        rc = weir_http_reply_write(reply, "de", strcmp(path, "/long") == 0 ? 3 : 2);
    return rc;
}

/* What its name says. */
static int odd(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *what = weir_http_request_param(request, "what");
    int rc = 0;
    (void)arg;
    if (strcmp(what, "empty") == 0)
        weir_http_reply_set_status(reply, 202);
    else if (strcmp(what, "no-content") == 0)
        rc = weir_http_reply_send(reply, 204, "text/plain", "x", 1);
    else if (strcmp(what, "no-length") == 0) {
        weir_http_reply_set_header(reply, "Content-Length", "1");
        weir_http_reply_set_status(reply, 204);
        rc = weir_http_reply_write(reply, "x", 1);
    } else if (strcmp(what, "close") == 0)
        weir_http_reply_set_header(reply, "Connection", "close");
    else if (strcmp(what, "split") == 0)
        weir_http_reply_set_header(reply, "X", "a\r\nSet-Cookie: b"); /* the send reports it */
    else if (strcmp(what, "fields") == 0) {
        weir_http_reply_set_header(reply, "X-One", "1");
        weir_http_reply_set_header(reply, "x-one", " 2\t");
        weir_http_reply_add_header(reply, "X-Two", "a");
        weir_http_reply_add_header(reply, "X-Two", "b");
        weir_http_reply_set_header(reply, "X-Three", "c");
        weir_http_reply_set_header(reply, "X-Three", NULL);
        weir_http_reply_set_header(reply, "Content-Type", "a/b");
        rc = weir_http_reply_send(reply, 200, "c/d", NULL, 0);
    } else if (strcmp(what, "cookies") == 0) {
        weir_http_cookie_options options = {.size_bytes = sizeof options,
                                            .max_age = WEIR_HOUR,
                                            .secure = true,
                                            .strict = true,
                                            .path = "/x"};
        weir_http_reply_set_cookie(reply, "a", "1", NULL);
        weir_http_reply_set_cookie(reply, "b", "2", &options);
        options = (weir_http_cookie_options){.size_bytes = sizeof options, .max_age = -1, .for_scripts = true};
        weir_http_reply_set_cookie(reply, "c", "", &options);
    } else if (strcmp(what, "redirect") == 0)
        rc = weir_http_reply_redirect(reply, 303, "/there?x");
    else if (strcmp(what, "after") == 0) {
        rc = weir_http_reply_send(reply, 200, NULL, "whole", 5);
        rc = rc < 0 ? rc : -EIO; /* the answer stands */
    } else if (strcmp(what, "late") == 0) {
        rc = weir_http_reply_write(reply, "abc", 3);
        rc = rc < 0 ? rc : -EIO; /* too late for another answer */
    }
    return rc;
}

static void begin_replies(void) {
    begin();
    weir_http_router_add(talk.router, "GET", "/chunks", chunks, NULL);
    weir_http_router_add(talk.router, "GET", "/large", large, NULL);
    weir_http_router_add(talk.router, "GET", "/large-chunks", large_chunks, NULL);
    weir_http_router_add(talk.router, "GET", "/exact", told_length, NULL);
    weir_http_router_add(talk.router, "GET", "/short", told_length, NULL);
    weir_http_router_add(talk.router, "GET", "/long", told_length, NULL);
    weir_http_router_add(talk.router, "GET", "/odd/{what}", odd, NULL);
    talk_begin(&talk);
}

TASK_TEST(test_http_reply_in_chunks) {
    begin_replies();
    talk_send(&talk, GET("/chunks") "HEAD /chunks HTTP/1.1\r\nHost: a\r\n\r\n" GET("/"));
    CHECK_STR(talk_answer(&talk), "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\nabcdefghijklmnopqrstuvwxyz"
                                  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    CHECK_STR(talk_head(&talk), "HTTP/1.1 200 OK\nTransfer-Encoding: chunked\n\n");
    CHECK_STR(talk_answer(&talk), HELLO);
    talk_send(&talk, "GET /chunks HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nabcdefghijklmnopqrstuvwxyz"
                                "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_reply_large) {
    begin_replies();
    talk_send(&talk, GET("/") GET("/large") GET("/large-chunks") GET("/"));
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_INT(strspn(strstr(talk_answer(&talk), "\n\n") + 2, "x"), 300000);
    CHECK_INT(strspn(strstr(talk_answer(&talk), "\n\n") + 2, "y"), 300000);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_reply_of_a_length_that_was_told) {
    begin_replies();
    talk_send(&talk, GET("/exact"));
    CHECK_STR(talk_answer(&talk), "HTTP/1.1 200 OK\nContent-Length: 5\n\nabcde");
    talk_send(&talk, GET("/short"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc"); /* cut, and seen to be */
    CHECK_INT(talk_over(&talk), -WEIR_EPROTO);
    CHECK_INT(talk.counters.requests_cut, 1);
    begin_replies();
    talk_send(&talk, GET("/long"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc");
    CHECK_INT(talk_over(&talk), -WEIR_ELIMIT);
}

TASK_TEST(test_http_reply_oddities) {
    begin_replies();
    CHECK_STR(talk_ask(&talk, GET("/odd/empty")), "HTTP/1.1 202 Accepted\nContent-Length: 0\n\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/no-content")), "HTTP/1.1 204 No Content\nContent-Type: text/plain\n\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/no-length")), "HTTP/1.1 204 No Content\n\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/fields")), "HTTP/1.1 200 OK\nx-one: 2\nX-Two: a\nX-Two: b\nContent-Type: a/b\n"
                                                   "Content-Length: 0\n\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/cookies")),
              "HTTP/1.1 200 OK\nSet-Cookie: a=1; Path=/; HttpOnly; SameSite=Lax\n"
              "Set-Cookie: b=2; Path=/x; Max-Age=3600; Secure; HttpOnly; SameSite=Strict\n"
              "Set-Cookie: c=; Path=/; Max-Age=0; SameSite=Lax\nContent-Length: 0\n\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/redirect")),
              "HTTP/1.1 303 See Other\nLocation: /there?x\nContent-Length: 0\n\n");
    CHECK_HAS(talk_ask(&talk, GET("/odd/split")), "HTTP/1.1 500 Internal Server Error\n");
    CHECK_STR(talk_ask(&talk, GET("/odd/after")), "HTTP/1.1 200 OK\nContent-Length: 5\n\nwhole");
    talk_send(&talk, GET("/odd/close") GET("/"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_reply_that_fails_too_late_is_cut) {
    begin_replies();
    talk_send(&talk, GET("/odd/late") GET("/"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n");
    CHECK_INT(talk_over(&talk), -EIO);
}

TASK_TEST(test_http_reply_cut_without_framing_is_a_reset) {
    char text[4096];
    size_t bytes;

    begin_replies();
    talk_send(&talk, "GET /odd/late HTTP/1.0\r\n\r\n");
    CHECK_INT(weir_stream_read_exactly(talk.client, text, sizeof text, &bytes), -ECONNRESET);
    CHECK_INT(talk_over(&talk), -EIO);
}

static int refused_fields(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char huge[20000];
    (void)request, (void)arg;
    memset(huge, 'x', sizeof huge - 1);
    CHECK_INT(weir_http_reply_set_header(reply, "X", "a\rb"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "X", "a\nb"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "X", "\x01"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "X Y", "a"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "X:", "a"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "", "a"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "Transfer-Encoding", "chunked"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "connection", "upgrade"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "Content-Length", "1x"), -EINVAL);
    CHECK_INT(weir_http_reply_set_header(reply, "X", huge), -WEIR_ELIMIT);
    CHECK_INT(weir_http_reply_set_cookie(reply, "a", "b;c", NULL), -EINVAL);
    CHECK_INT(weir_http_reply_set_cookie(reply, "a b", "c", NULL), -EINVAL);
    CHECK_INT(weir_http_reply_send(reply, 200, NULL, NULL, 0), -EINVAL); /* the first */
    return weir_http_reply_send(reply, 200, NULL, NULL, 0);
}

TASK_TEST(test_http_reply_fields_refused) {
    begin();
    weir_http_router_add(talk.router, "GET", "/refused", refused_fields, NULL);
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, GET("/refused")), "500 Internal Server Error");
    CHECK_INT(talk_end(&talk), 0);
}

/* ---- Forms ------------------------------------------------------------------------------------------------------- */

static int form(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const weir_http_fields *fields;
    int rc = weir_http_request_form(request, 100, &fields);
    (void)arg;
    if (rc < 0)
        return rc;
    return weir_http_reply_printf(reply, 200, NULL, "a=%s", weir_http_fields_get(fields, "a"));
}

#define FORM(length, body)                                                                                             \
    POST("/form", "Content-Type: application/x-www-form-urlencoded; charset=utf-8\r\nContent-Length: " #length "\r\n") \
    body

TASK_TEST(test_http_form) {
    begin();
    weir_http_router_add(talk.router, "POST", "/form", form, NULL);
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, FORM(10, "b=&a=1+%32")), "\n\na=1 2");
    CHECK_HAS(talk_ask(&talk, FORM(5, "a=%00")), "400 Bad Request");
    CHECK_HAS(talk_ask(&talk, POST("/form", "Content-Length: 3\r\n") "a=1"), "415 Unsupported Media Type");
    CHECK_HAS(talk_ask(&talk, POST("/form", "Content-Type: text/plain\r\nContent-Length: 3\r\n") "a=1"), "415");
    talk_send(&talk, FORM(101, ""));
    CHECK_HAS(talk_answer(&talk), "413 Content Too Large");
    CHECK_INT(talk_end(&talk), 0);
}

/* "name(filename):bytes,sum;" of each part; a plain field is read whole. */
static int parts(weir_http_request *request, weir_http_reply *reply, void *arg) {
    weir_http_multipart *multipart;
    weir_http_part part;
    int rc = weir_http_multipart_open(&multipart, request), n;
    (void)arg;
    if (rc < 0)
        return rc;
    while ((rc = weir_http_multipart_next(multipart, &part)) > 0) {
        char line[256], buf[1000];
        size_t bytes = 0, total = 0;
        const char *text = "";

        if (strcmp(part.name, "skip") == 0)
            continue;
        if (part.filename == NULL) {
            n = weir_http_multipart_read_all(multipart, 5000, &text, &bytes);
            CHECK(n < 0 || strlen(text) == bytes);
        } else
            while ((n = weir_http_multipart_read_some(multipart, buf, sizeof buf)) > 0) {
                bytes += (size_t)n;
                for (int i = 0; i < n; i++)
                    total += (unsigned char)buf[i];
            }
        if (n < 0)
            return n;
        n = snprintf(line, sizeof line, "%s(%s):%zu,%zu,%.8s;", part.name, part.filename ? part.filename : "-", bytes,
                     total, text);
        n = weir_http_reply_write(reply, line, (size_t)n);
        if (n < 0)
            return n;
    }
    return rc;
}

static char *add_part(char *at, const char *disposition, const char *bytes, size_t count) {
    at += sprintf(at, "--B\r\nContent-Disposition: form-data; %s\r\n\r\n", disposition);
    at = mempcpy(at, bytes, count);
    return stpcpy(at, "\r\n");
}

TASK_TEST(test_http_multipart) {
    static char body[200000], file[120000], head[256];
    size_t total = 0;
    char expected[128], *at = body;

    for (size_t i = 0; i < sizeof file; i++)
        total += (unsigned char)(file[i] = (char)(i * 17 % 253));
    at = add_part(at, "name=\"title\"", "A lamp", 6);
    at = add_part(at, "name=\"skip\"", file, 20000);
    at = add_part(at, "name=\"picture\"; filename=\"lamp.png\"", file, sizeof file);
    at = add_part(at, "name=\"text\"", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 50);
    at = stpcpy(at, "--B--\r\n");

    begin();
    weir_http_router_add(talk.router, "POST", "/parts", parts, NULL);
    talk_begin(&talk);
    for (size_t piece = 100; piece < 70000; piece = piece * 9 + 1) {
        snprintf(head, sizeof head,
                 POST("/parts", "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n"),
                 (size_t)(at - body));
        talk_send(&talk, head);
        for (char *from = body; from < at; from += piece)
            talk_send_bytes(&talk, from, (size_t)(at - from) < piece ? (size_t)(at - from) : piece);
        snprintf(expected, sizeof expected, "\n\ntitle(-):6,0,A lamp;picture(lamp.png):%zu,%zu,;text(-):50,0,aaaaaaaa;",
                 sizeof file, total);
        CHECK_HAS(talk_answer(&talk), expected);
    }
    CHECK_HAS(talk_ask(&talk, POST("/parts", "Content-Type: text/plain\r\nContent-Length: 3\r\n") "a=1"), "415");
    CHECK_HAS(talk_ask(&talk, POST("/parts", "Content-Type: multipart/form-data\r\nContent-Length: 3\r\n") "a=1"),
              "400 Bad Request");
    CHECK_HAS(talk_ask(&talk,
                       POST("/parts", "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: 3\r\n") "--B"),
              "400 Bad Request");
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    at = add_part(body, "name=\"text\"", file, 5001);
    at = stpcpy(at, "--B--\r\n");
    snprintf(head, sizeof head,
             POST("/parts", "Content-Type: multipart/form-data; boundary=B\r\nContent-Length: %zu\r\n"),
             (size_t)(at - body));
    talk_send(&talk, head);
    talk_send_bytes(&talk, body, (size_t)(at - body));
    CHECK_HAS(talk_answer(&talk), "413 Content Too Large");
    CHECK_INT(talk_end(&talk), 0);
}
