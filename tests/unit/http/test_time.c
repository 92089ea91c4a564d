/* SPDX-License-Identifier: MIT */
/* Clients that are slow, silent or deaf, on virtual time; and answers that must not wait for slow handlers. */
#include "support/test.h"

#include "talk.h"

#include <stdio.h>
#include <string.h>

static struct talk talk;
static int handler_result; /* what the handler's last call met */

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)arg;
    return weir_http_reply_send(reply, 200, NULL, "hello", 5);
}

static int slow(weir_http_request *request, weir_http_reply *reply, void *arg) {
    handler_result = weir_sleep(5 * WEIR_SEC);
    return handler_result < 0 ? handler_result : hello(request, reply, arg);
}

static int read_body(weir_http_request *request, weir_http_reply *reply, void *arg) {
    char buf[100];
    do
        handler_result = weir_http_request_read_some(request, buf, sizeof buf);
    while (handler_result > 0);
    return handler_result < 0 ? handler_result : hello(request, reply, arg);
}

static int ticks(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = 0;
    (void)request, (void)arg;
    for (int i = 0; i < 3 && rc == 0; i++) {
        rc = weir_http_reply_write(reply, "tick\n", 5);
        if (rc == 0)
            rc = weir_sleep(WEIR_SEC);
    }
    return rc;
}

/* More than the stream and the output hold. */
static int flood(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char piece[10000];
    (void)request, (void)arg;
    do
        handler_result = weir_http_reply_write(reply, piece, sizeof piece);
    while (handler_result == 0);
    return handler_result;
}

static void begin(void) {
    talk_init(&talk);
    weir_http_router_add(talk.router, "GET", "/", hello, NULL);
    weir_http_router_add(talk.router, "GET", "/slow", slow, NULL);
    weir_http_router_add(talk.router, "POST", "/body", read_body, NULL);
    weir_http_router_add(talk.router, "GET", "/ticks", ticks, NULL);
    weir_http_router_add(talk.router, "GET", "/flood", flood, NULL);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"
#define HELLO "HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"

static weir_instant start;
static double seconds(void) { return (double)weir_instant_diff(weir_now(), start) / (double)WEIR_SEC; }

#define CHECK_SECONDS(from, to) CHECK(seconds() >= (from) && seconds() <= (to))

/* Sends a byte every `pause`, until the server has enough. */
static void drip(const char *text, weir_duration pause) {
    for (; *text != '\0'; text++) {
        if (weir_stream_write_all(talk.client, text, 1, NULL) < 0)
            return;
        CHECK_INT(weir_sleep(pause), 0);
    }
}

TASK_TEST(test_http_idle_connection_ends) {
    begin();
    talk_begin(&talk);
    start = weir_now();
    CHECK_STR(talk_rest(&talk), ""); /* never said anything */
    CHECK_SECONDS(60, 60.1);
    CHECK_INT(talk_over(&talk), 0);

    begin();
    talk.options.idle_time = 500 * WEIR_MS;
    talk_begin(&talk);
    CHECK_INT(weir_sleep(300 * WEIR_MS), 0);
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    start = weir_now();
    CHECK_STR(talk_rest(&talk), "");
    CHECK_SECONDS(0.5, 0.6);
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_idle_connection_may_wake_late) {
    begin();
    talk_begin(&talk);
    CHECK_INT(weir_sleep(59 * WEIR_SEC), 0);
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    CHECK_INT(weir_sleep(59 * WEIR_SEC), 0);
    CHECK_STR(talk_ask(&talk, "\r\n" GET("/")), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_slow_head_is_408) {
    begin();
    talk_begin(&talk);
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    start = weir_now();
    drip("GET / HTTP/1.1\r\n", WEIR_SEC); /* a byte a second */
    CHECK_SECONDS(10, 17);
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 408 Request Timeout\r\n");
    CHECK_INT(talk_over(&talk), 0);
    CHECK_INT(talk.counters.by_status[408], 1);
}

TASK_TEST(test_http_head_within_its_time) {
    begin();
    talk_begin(&talk);
    drip(GET("/"), 300 * WEIR_MS);
    CHECK_STR(talk_answer(&talk), HELLO);
    for (int i = 0; i < 2; i++) { /* blank lines are no head that could be late */
        talk_send(&talk, "\r\n");
        CHECK_INT(weir_sleep(20 * WEIR_SEC), 0);
    }
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

#define POST "POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"

TASK_TEST(test_http_body_that_stops_is_408) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, POST "abc");
    start = weir_now();
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 408 Request Timeout\r\n");
    CHECK_SECONDS(60, 66);
    CHECK_INT(handler_result, -ETIMEDOUT);
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_body_of_a_byte_a_second_is_408) {
    static char body[200];

    begin();
    talk_begin(&talk);
    talk_send(&talk, POST);
    memset(body, 'x', sizeof body - 1);
    start = weir_now();
    drip(body, WEIR_SEC);
    CHECK_INT(handler_result, -ETIMEDOUT);
    CHECK_SECONDS(60, 75);
    CHECK_HAS(talk_rest(&talk), "HTTP/1.1 408 Request Timeout\r\n");
    CHECK_INT(talk_over(&talk), 0);
}

TASK_TEST(test_http_body_above_the_least_rate_takes_its_time) {
    static char piece[500];

    begin();
    talk_begin(&talk);
    talk_send(&talk, POST);
    memset(piece, 'x', sizeof piece);
    for (int i = 0; i < 200; i++) { /* 500 bytes a second, for more than three minutes */
        talk_send_bytes(&talk, piece, sizeof piece);
        CHECK_INT(weir_sleep(WEIR_SEC), 0);
    }
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_client_that_never_reads_is_cut) {
    begin();
    talk_begin(&talk);
    talk_send(&talk, GET("/flood"));
    start = weir_now();
    CHECK_INT(weir_event_wait(&talk.over), 0);
    CHECK_SECONDS(30, 31);
    CHECK_INT(handler_result, -ETIMEDOUT);
    CHECK_INT(talk_over(&talk), -ETIMEDOUT);
    CHECK_INT(talk.counters.requests_cut, 1);
}

TASK_TEST(test_http_answer_waits_for_its_reader) {
    begin();
    talk.pair_bytes = 20;
    talk_begin(&talk);
    talk_send(&talk, GET("/"));
    CHECK_INT(weir_sleep(20 * WEIR_SEC), 0);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_STR(talk_ask(&talk, GET("/")), HELLO);
    talk_send(&talk, GET("/"));
    start = weir_now();
    CHECK_INT(weir_event_wait(&talk.over), 0);
    CHECK_SECONDS(30, 32);
    CHECK_INT(talk_over(&talk), -ETIMEDOUT);
}

TASK_TEST(test_http_slow_reader_is_served) {
    char buf[5000];
    size_t bytes = 0;

    begin();
    talk.pair_bytes = 1000;
    talk_begin(&talk);
    talk_send(&talk, GET("/flood"));
    for (int i = 0; i < 60; i++) { /* for ten minutes */
        CHECK_INT(weir_stream_read_exactly(talk.client, buf, sizeof buf, NULL), 0);
        bytes += sizeof buf;
        CHECK_INT(weir_sleep(10 * WEIR_SEC), 0);
    }
    CHECK(talk.counters.bytes_out >= bytes);
    weir_stream_close(talk.client);
    int rc = talk_over(&talk);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
}

TASK_TEST(test_http_request_time_is_503) {
    weir_http_route_options patient = {.size_bytes = sizeof patient, .request_time = 10 * WEIR_SEC};

    begin();
    talk.options.request_time = WEIR_SEC;
    weir_http_router_add_with(talk.router, "GET", "/patient", slow, NULL, &patient);
    talk_begin(&talk);
    start = weir_now();
    CHECK_HAS(talk_ask(&talk, GET("/slow")), "HTTP/1.1 503 Service Unavailable\n");
    CHECK_SECONDS(1, 1.1);
    CHECK_INT(handler_result, -ETIME);
    CHECK_STR(talk_ask(&talk, GET("/patient")), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_earlier_answers_do_not_wait_for_a_slow_handler) {
    begin();
    talk_begin(&talk);
    start = weir_now();
    talk_send(&talk, GET("/") GET("/slow") GET("/"));
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_SECONDS(0, 0.1);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_SECONDS(5, 5.1);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_INT(talk_end(&talk), 0);
}

TASK_TEST(test_http_pieces_leave_when_the_handler_waits) {
    char line[64];

    begin();
    talk_begin(&talk);
    start = weir_now();
    talk_send(&talk, GET("/ticks") GET("/"));
    CHECK(weir_stream_read_until(talk.client, line, sizeof line, "\r\n") > 0);
    for (int i = 0; i < 3; i++) {
        do
            CHECK(weir_stream_read_until(talk.client, line, sizeof line, "\n") > 0);
        while (strcmp(line, "tick\n") != 0);
        CHECK_SECONDS(i, i + 0.1);
    }
    CHECK_INT(weir_stream_read_exactly(talk.client, line, 7, NULL), 0);
    CHECK(memcmp(line, "\r\n0\r\n\r\n", 7) == 0);
    CHECK_STR(talk_answer(&talk), HELLO);
    CHECK_SECONDS(3, 3.1);
    CHECK_INT(talk_end(&talk), 0);
}

/* The writer beside a handler that waits and puts more meanwhile, and a peer that takes little at a time. */
static int trickle(weir_http_request *request, weir_http_reply *reply, void *arg) {
    char piece[3000];
    int rc = 0;
    (void)request, (void)arg;
    for (int i = 0; i < 100 && rc == 0; i++) {
        memset(piece, 'a' + i % 26, sizeof piece);
        rc = weir_http_reply_write(reply, piece, sizeof piece);
        if (rc == 0)
            rc = weir_sleep(i % 7 * WEIR_MS);
    }
    return rc;
}

TASK_TEST(test_http_writer_beside_the_handler_keeps_the_order) {
    begin();
    talk.pair_bytes = 700;
    weir_http_router_add(talk.router, "GET", "/trickle", trickle, NULL);
    talk_begin(&talk);
    for (int round = 0; round < 3; round++) {
        talk_send(&talk, GET("/") GET("/trickle") GET("/"));
        CHECK_STR(talk_answer(&talk), HELLO);
        const char *body = strstr(talk_answer(&talk), "\n\n") + 2;
        CHECK_INT(strlen(body), 300000);
        for (int i = 0; i < 300000; i++)
            CHECK(body[i] == 'a' + i / 3000 % 26);
        CHECK_STR(talk_answer(&talk), HELLO);
    }
    CHECK_INT(talk_end(&talk), 0);
}

/* Its deadline passes while it waits for the writer beside it, whose peer reads nothing. */
static int hurried(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char piece[60000];
    weir_scope scope;
    (void)request, (void)arg;
    CHECK_INT(weir_http_reply_write(reply, "abc", 3), 0);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    start = weir_now();
    weir_scope_open(&scope, weir_after(2 * WEIR_SEC));
    handler_result = weir_http_reply_write(reply, piece, sizeof piece);
    handler_result = weir_scope_close(&scope, handler_result);
    CHECK_SECONDS(2, 2.1);
    CHECK_INT(weir_http_reply_write(reply, "def", 3), -ETIME); /* amid a chunk nothing can follow */
    return 0;
}

TASK_TEST(test_http_write_behind_a_writer_keeps_its_deadline) {
    begin();
    talk.pair_bytes = 10;
    weir_http_router_add(talk.router, "GET", "/hurried", hurried, NULL);
    talk_begin(&talk);
    talk_send(&talk, GET("/hurried"));
    CHECK_INT(weir_event_wait(&talk.over), 0);
    CHECK_INT(handler_result, -ETIME);
    CHECK_INT(talk_over(&talk), -ECONNRESET);
    CHECK_INT(talk.counters.requests_cut, 1);
    CHECK_INT(talk.counters.requests, 1);
}

/* Each call is made cancelled first, and does nothing then, however ready it was. */
static int cancelled_first(weir_http_request *request, weir_http_reply *reply, void *arg) {
    char buf[10];
    weir_scope scope;
    (void)arg;
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "test");
    CHECK_INT(weir_http_request_read_some(request, buf, sizeof buf), -ECANCELED);
    CHECK_INT(weir_http_reply_send(reply, 200, NULL, "abc", 3), -ECANCELED);
    CHECK_INT(weir_http_reply_write(reply, "abc", 3), -ECANCELED);
    CHECK(!weir_http_reply_is_begun(reply));
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
    CHECK_INT(weir_http_request_read_some(request, buf, sizeof buf), 5);
    return weir_http_reply_send(reply, 200, NULL, buf, 5);
}

TASK_TEST(test_http_calls_see_a_cancel_on_entry) {
    begin();
    weir_http_router_add(talk.router, "POST", "/cancelled", cancelled_first, NULL);
    talk_begin(&talk);
    CHECK_HAS(talk_ask(&talk, "POST /cancelled HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"), "\n\nhello");
    CHECK_INT(talk_end(&talk), 0);
}

static int some(weir_http_request *request, weir_http_reply *reply, void *arg) {
    static char piece[3000];
    (void)request, (void)arg;
    return weir_http_reply_write(reply, piece, sizeof piece);
}

TASK_TEST(test_http_1_0_answer_that_a_deaf_client_cuts_is_a_reset) {
    char buf[4000];
    size_t bytes;

    begin();
    talk.pair_bytes = 1000;
    weir_http_router_add(talk.router, "GET", "/some", some, NULL);
    talk_begin(&talk);
    talk_send(&talk, "GET /some HTTP/1.0\r\n\r\n");
    CHECK_INT(weir_event_wait(&talk.over), 0);
    CHECK_INT(weir_stream_read_exactly(talk.client, buf, sizeof buf, &bytes), -ECONNRESET);
    CHECK_INT(talk_over(&talk), -ETIMEDOUT);
}

TASK_TEST(test_http_peer_that_leaves_ends_what_the_writer_writes) {
    begin();
    talk.pair_bytes = 700;
    weir_http_router_add(talk.router, "GET", "/trickle", trickle, NULL);
    talk_begin(&talk);
    talk_send(&talk, GET("/trickle"));
    CHECK_INT(weir_sleep(5 * WEIR_MS), 0);
    weir_stream_close(talk.client);
    int rc = talk_over(&talk);
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK_INT(talk.counters.requests_cut, 1);
}
