/* SPDX-License-Identifier: MIT */
/* A server over a stream in memory: what it answers, and when it ends the connection. */
#include "support/test.h"

#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)arg;
    return weir_http_reply_send(reply, 200, "text/plain", "hello", 5);
}

/* Tells what the request says. */
static int tell(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *x = weir_http_request_header(request, "X-Test"), *q = weir_http_request_query(request, "q");
    const char *c = weir_http_request_cookie(request, "c");
    (void)arg;
    return weir_http_reply_printf(reply, 200, NULL, "%s %s id=%s host=%s x=%s q=%s c=%s length=%lld",
                                  weir_http_request_method(request), weir_http_request_path(request),
                                  weir_http_request_param(request, "id"), weir_http_request_host(request), x ? x : "-",
                                  q ? q : "-", c ? c : "-", (long long)weir_http_request_length(request));
}

static int echo(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *body;
    size_t bytes;
    int rc = weir_http_request_read_all(request, (size_t)1 << 20, &body, &bytes);
    (void)arg;
    return rc < 0 ? rc : weir_http_reply_send(reply, 200, NULL, body, bytes);
}

/* Its argument is what it returns. */
static int fail_with(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)reply;
    return *(int *)arg;
}

static struct talk talk;

static void begin(void) {
    talk_init(&talk);
    weir_http_router_add(talk.router, "GET", "/", hello, NULL);
    weir_http_router_add(talk.router, "GET", "/tell/{id}", tell, NULL);
    weir_http_router_add(talk.router, "POST", "/echo", echo, NULL);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HELLO "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\nhello"
#define NOT_FOUND "HTTP/1.1 404 Not Found\nContent-Type: text/plain\nContent-Length: 14\n\n404 Not Found\n"

TASK_TEST(test_http_keeps_the_connection) {
    begin();
    talk_begin(&talk);
    for (int i = 0; i < 3; i++)
        CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    CHECK_STR(talk_ask(&talk, GET("/nothing")), NOT_FOUND);
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    CHECK_INT(talk_end(&talk), 0);
    CHECK_INT(talk.counters.requests, 5);
    CHECK_INT(talk.counters.by_status[200], 4);
    CHECK_INT(talk.counters.by_status[404], 1);
    CHECK_INT(talk.counters.connections, 1);
}

TASK_TEST(test_http_request_says_all) {
    begin();
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, "GET /tell/a%2Fb%20c?p=1&q=%C3%A9+e HTTP/1.1\r\nHost: Shop:81\r\nX-Test: one\r\n"
                              "Cookie: b=2; c=\"3\"\r\nx-test:two \r\n\r\n"),
              "\n\nGET /tell/a%2Fb%20c id=a/b c host=Shop:81 x=one, two q=\xc3\xa9 e c=3 length=0");
    CHECK_HAS(talk_ask(&talk, "GET http://shop/tell/1?q HTTP/1.1\r\nHost: shop\r\nCookie: a=1\r\nCookie: c=2\r\n\r\n"),
              "\n\nGET /tell/1 id=1 host=shop x=- q= c=2 length=0");
    CHECK_HAS(talk_ask(&talk, "GET http://shop/tell/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "\n\nGET /tell/1 id=1 host=shop x=- q=- c=- length=0");
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_pipelined_answers_in_order) {
    begin();
    talk_begin(&talk);
    talk_send(&talk,
              GET("/tell/1") GET("/")
                  GET("/nothing") "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n"
                                  "abc" GET(
                                      "/tell/2") "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                                                 "1\r\nd\r\n2\r\nef\r\n0\r\n\r\n" GET("/"));
    CHECK_HAS(talk_answer(&talk), "id=1");
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_STR(talk_answer(&talk), NOT_FOUND);
    CHECK_HAS(talk_answer(&talk), "\n\nabc");
    CHECK_HAS(talk_answer(&talk), "id=2");
    CHECK_HAS(talk_answer(&talk), "\n\ndef");
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_request_split_anywhere) {
    static const char text[] = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
                               "3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nT: 1\r\n\r\n";
    begin();
    talk_begin(&talk);
    for (size_t first = 1; first < sizeof text - 1; first++) {
        talk_send_bytes(&talk, text, first);
        CHECK_INT(weir_sleep(WEIR_MS), 0);
        talk_send_bytes(&talk, text + first, sizeof text - 1 - first);
        CHECK_HAS(talk_answer(&talk), "\n\nabcde");
    }
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_large_head_and_pipelined_beyond_the_buffer) {
    static char text[15000];
    int requests = 200;

    begin();
    talk_begin(&talk);
    snprintf(text, sizeof text, "GET /tell/1 HTTP/1.1\r\nHost: a\r\nX-Other: %012000d\r\n\r\n", 7);
    for (int i = 0; i < requests; i++) {
        if (i % 20 == 0)
            talk_send(&talk, text);
        talk_send(&talk, GET("/"));
    }
    for (int i = 0; i < requests; i++) {
        if (i % 20 == 0)
            CHECK_HAS(talk_answer(&talk), "GET /tell/1 id=1 host=a x=- q=-");
        CHECK_STR(talk_answer(&talk), HELLO);
    }
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_head_is_get_without_a_body) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" GET("/"));
    CHECK_STR(talk_head(&talk), "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\n\n");
    CHECK_STR(talk_answer(&talk), HELLO);
    talk_send(&talk, "HEAD /nothing HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_HAS(talk_head(&talk), "404 Not Found\n");
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_options_and_405) {
    begin();
    talk_begin(&talk);
    CHECK_STR(talk_ask(&talk, "OPTIONS /tell/1 HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 204 No Content\nAllow: GET, HEAD, OPTIONS\n\n");
    CHECK_STR(talk_ask(&talk, "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 204 No Content\nAllow: GET, HEAD, POST, OPTIONS\n\n");
    CHECK_STR(talk_ask(&talk, "DELETE /tell/1 HTTP/1.1\r\nHost: a\r\n\r\n"),
              "HTTP/1.1 405 Method Not Allowed\nContent-Type: text/plain\nAllow: GET, HEAD, OPTIONS\n"
              "Content-Length: 23\n\n405 Method Not Allowed\n");
    CHECK_HAS(talk_ask(&talk, "OPTIONS /nothing HTTP/1.1\r\nHost: a\r\n\r\n"), "404");
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_close_when_asked) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" GET("/"));
    CHECK_STR(talk_rest(&talk), "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
                                "Connection: close\r\n\r\nhello");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_1_0) {
    begin();
    talk_begin(&talk);
    CHECK_STR(talk_ask(&talk, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"),
              "HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: 5\nConnection: keep-alive\n\nhello");
    talk_send(&talk, "GET / HTTP/1.0\r\n\r\n");
    CHECK_HAS(talk_rest(&talk), "Connection: close\r\n\r\nhello");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_refusal_ends_the_connection) {
    static const struct {
        const char *text, *answer;
    } cases[] = {
        {"GET / HTTP/1.1\r\n\r\n", "400 Bad Request"},
        {"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "400 Bad Request"},
        {"BREW / HTTP/1.1\r\nHost: a\r\n\r\n", "501 Not Implemented"},
        {"GET / HTTP/3.0\r\nHost: a\r\n\r\n", "505 HTTP Version Not Supported"},
        {"GET / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n\r\n", "417 Expectation Failed"},
        {"\x16\x03\x01", "400 Bad Request"},
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[256];
        begin();
        talk_begin(&talk);
        CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
        talk_send(&talk, cases[i].text);
        talk_send(&talk, GET("/"));
        snprintf(expected, sizeof expected,
                 "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s\n",
                 cases[i].answer, strlen(cases[i].answer) + 1, cases[i].answer);
        CHECK_STR(talk_rest(&talk), expected);
        CHECK_INT(talk_over(&talk), 0);
    }
}

TASK_TEST(test_http_long_target_and_head_statuses) {
    static char text[40000];

    begin();
    talk_begin(&talk);
    snprintf(text, sizeof text, "GET /%09000d HTTP/1.1\r\nHost: a\r\n\r\n", 1);
    talk_send(&talk, text);
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 414 URI Too Long\r\n");
    CHECK_INT(talk_over(&talk), 0);

    begin();
    talk_begin(&talk);
    snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: a\r\nX: %020000d\r\n\r\n", 1);
    talk_send(&talk, text);
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 431 Request Header Fields Too Large\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_codes_become_statuses) {
    static const struct {
        int code, status;
    } cases[] = {{-EINVAL, 400},      {-WEIR_EPROTO, 400}, {-WEIR_EEOF, 400}, {-ETIMEDOUT, 408},  {-WEIR_ELIMIT, 413},
                 {-EMEDIUMTYPE, 415}, {-ETIME, 503},       {-ENOENT, 500},    {-ECONNRESET, 500}, {-ENOMEM, 503}};
    int code;

    begin();
    weir_http_router_add(talk.router, "GET", "/fail", fail_with, &code);
    talk_begin(&talk);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char expected[32];
        code = cases[i].code;
        snprintf(expected, sizeof expected, "HTTP/1.1 %d ", cases[i].status);
        CHECK_HAS(talk_ask(&talk, GET("/fail")), expected);
    }
    code = 7;
    CHECK_STR(talk_ask(&talk, GET("/fail")), "HTTP/1.1 200 OK\nContent-Length: 0\n\n");
    CHECK_INT(talk_end(&talk), 0);
}

static int render(weir_http_request *request, weir_http_reply *reply, int status, int code, void *arg) {
    (void)arg;
    if (code == -ENOTEMPTY)
        return -ENOMEM; /* the renderer itself fails */
    weir_http_reply_set_header(reply, "X-Rendered", "yes");
    return weir_http_reply_printf(reply, status, "application/problem+json",
                                  "{\"status\":%d,\"path\":\"%s\",\"code\":%d}", status,
                                  weir_http_request_path(request), code);
}

TASK_TEST(test_http_errors_are_rendered_by_the_program) {
    int code = -ENOENT;

    begin();
    weir_http_router_add(talk.router, "GET", "/fail", fail_with, &code);
    talk.options.on_error = render;
    talk_begin(&talk);
    CHECK_STR(talk_ask(&talk, GET("/nothing")),
              "HTTP/1.1 404 Not Found\nContent-Type: application/problem+json\nX-Rendered: yes\nContent-Length: 41\n\n"
              "{\"status\":404,\"path\":\"/nothing\",\"code\":0}");
    CHECK_HAS(talk_ask(&talk, "POST / HTTP/1.1\r\nHost: a\r\n\r\n"), "Allow: GET, HEAD, OPTIONS\nX-Rendered: yes\n");
    CHECK_HAS(talk_ask(&talk, GET("/fail")), "{\"status\":500,\"path\":\"/fail\",\"code\":-2}");
    code = -ENOTEMPTY;
    CHECK_STR(talk_ask(&talk, GET("/fail")), "HTTP/1.1 500 Internal Server Error\nContent-Type: text/plain\n"
                                             "Content-Length: 26\n\n500 Internal Server Error\n");
    talk_send(&talk, "GET /\r\n\r\n");
    CHECK_HAS(talk_rest(&talk), "{\"status\":400,\"path\":\"\",\"code\":0}");
    CHECK_INT(talk_over(&talk), 0);
}

static int check_token(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *token = weir_http_request_header(request, "Authorization");
    (void)arg;
    weir_http_reply_set_header(reply, "X-Frame-Options", "DENY");
    return token != NULL ? 0 : weir_http_reply_send(reply, 401, NULL, NULL, 0);
}

TASK_TEST(test_http_on_request_comes_before_the_handler) {
    begin();
    talk.options.on_request = check_token;
    talk_begin(&talk);
    CHECK_STR(talk_ask(&talk, GET("/")), "HTTP/1.1 401 Unauthorized\nX-Frame-Options: DENY\nContent-Length: 0\n\n");
    CHECK_HAS(talk_ask(&talk, "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\n\r\n"),
              "200 OK\nContent-Type: text/plain\nX-Frame-Options: DENY\n");
    CHECK_INT(talk_end(&talk), 0);
}

static int list_headers(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *name, *value;
    size_t cursor = 0;
    int rc = 0;
    (void)arg;

    CHECK_STR(weir_http_request_header(request, "b"), "2, 4");
    while (rc == 0 && weir_http_request_header_next(request, &cursor, &name, &value) > 0) {
        char line[64];
        rc = weir_http_reply_write(reply, line, (size_t)snprintf(line, sizeof line, "%s=%s;", name, value));
    }
    return rc;
}

TASK_TEST(test_http_headers_one_after_another) {
    begin();
    weir_http_router_add(talk.router, "GET", "/list", list_headers, NULL);
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, "GET /list HTTP/1.1\r\nHost: a\r\nB:2\r\nC: \r\nb: 4\r\n\r\n"), "\n\nHost=a;B=2, 4;C=;");
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_options_out_of_range) {
    weir_http_options options = {.size_bytes = sizeof options};
    weir_stream *a, *b;

    begin();
    CHECK_INT(weir_stream_pair(&a, &b, 1024), 0);
    options.head_bytes_max = 100;
    CHECK_INT(weir_http_serve_stream(a, talk.router, &options), -EINVAL);
    options.head_bytes_max = 1 << 20;
    CHECK_INT(weir_http_serve_stream(a, talk.router, &options), -EINVAL);
    options.head_bytes_max = 4096;
    options.target_bytes_max = 4096;
    CHECK_INT(weir_http_serve_stream(a, talk.router, &options), -EINVAL);
    options = (weir_http_options){.size_bytes = sizeof options, .head_time = -1};
    CHECK_INT(weir_http_serve_stream(a, talk.router, &options), -EINVAL);
    weir_http_router_add(talk.router, "GET", "bad", hello, NULL);
    CHECK_INT(weir_http_serve_stream(a, talk.router, NULL), -EINVAL);
    CHECK_HAS(weir_error_text(-EINVAL), "route GET bad");
    weir_stream_free(a);
    weir_stream_free(b);
    weir_http_router_free(talk.router);
}
