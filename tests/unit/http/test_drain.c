/* SPDX-License-Identifier: MIT */
/* Serving a listener, and ending: what is under way is answered, what is idle ends at once. */
#include "support/test.h"

#include "weir/weir.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static weir_http_router *router;
static weir_listener *listener;
static weir_http_options options;
static weir_http_counters counters;
static weir_group group;
static weir_task *server;
static int server_result;

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request, (void)arg;
    return weir_http_reply_send(reply, 200, NULL, "hello", 5);
}

static int slow(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = weir_sleep(*(weir_duration *)arg);
    return rc < 0 ? rc : hello(request, reply, arg);
}

static int serve(void *arg) {
    (void)arg;
    server_result = weir_http_serve(listener, router, &options);
    return 0;
}

static weir_duration two_seconds = 2 * WEIR_SEC, an_hour = WEIR_HOUR;

static void begin(void) {
    options = (weir_http_options){.size_bytes = sizeof options, .counters = &counters};
    CHECK_INT(weir_http_router_new(&router), 0);
    weir_http_router_add(router, "GET", "/", hello, NULL);
    weir_http_router_add(router, "GET", "/slow", slow, &two_seconds);
    weir_http_router_add(router, "GET", "/never", slow, &an_hour);
    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, serve, NULL, &server), 0);
}

static void end(int expected) {
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(server_result, expected);
    CHECK_INT(counters.connections_open, 0);
    CHECK_INT(counters.connections_idle, 0);
    weir_listener_free(listener);
    weir_http_router_free(router);
}

static void say(weir_stream *stream, const char *text) {
    CHECK_INT(weir_stream_write_all(stream, text, strlen(text), NULL), 0);
}

static weir_stream *client(const char *text) {
    weir_stream *stream;
    CHECK_INT(weir_tcp_connect(&stream, weir_listener_address(listener)), 0);
    say(stream, text);
    return stream;
}

static const char *heard(weir_stream *stream) {
    static char text[4096];
    size_t bytes;
    CHECK_INT(weir_stream_read_exactly(stream, text, sizeof text - 1, &bytes), -WEIR_EEOF);
    text[bytes] = '\0';
    weir_stream_free(stream);
    return text;
}

static void hear(weir_stream *stream, const char *expected) {
    char text[256];
    size_t bytes = strlen(expected);
    do
        CHECK(weir_stream_read_until(stream, text, sizeof text, "\r\n") > 0);
    while (strcmp(text, "\r\n") != 0);
    CHECK_INT(weir_stream_read_exactly(stream, text, bytes, NULL), 0);
    CHECK_MEM(text, expected, bytes);
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: a\r\n\r\n"

static weir_instant start;
#define CHECK_SECONDS(from, to)                                                                                        \
    CHECK((double)weir_instant_diff(weir_now(), start) / 1e9 >= (from) &&                                              \
          (double)weir_instant_diff(weir_now(), start) / 1e9 <= (to))

TASK_TEST(test_http_drain_ends_idle_connections_at_once) {
    weir_stream *used, *silent;

    begin();
    used = client(GET("/"));
    hear(used, "hello");
    silent = client("");
    CHECK_INT(weir_sleep(3 * WEIR_SEC), 0);
    CHECK_INT(counters.connections_open, 2);
    CHECK_INT(counters.connections_idle, 2);
    start = weir_now();
    weir_task_cancel(server, "test");
    CHECK_STR(heard(used), "");
    CHECK_STR(heard(silent), "");
    CHECK_SECONDS(0, 0.1);
    end(0);
    CHECK_SECONDS(0, 0.1);
}

/* A client under load has its next request on the way when the drain begins: it is answered, not reset. */
TASK_TEST(test_http_drain_answers_what_is_on_its_way) {
    weir_stream *used, *silent, *early, *partial, *stuck;

    begin();
    stuck = client("GET / HT");
    used = client(GET("/"));
    hear(used, "hello");
    CHECK_INT(weir_sleep(500 * WEIR_MS), 0);
    silent = client(GET("/"));
    hear(silent, "hello");
    early = client("");
    partial = client("GET / HT");
    CHECK_INT(weir_sleep(200 * WEIR_MS), 0);
    start = weir_now();
    weir_task_cancel(server, "test");
    CHECK_INT(weir_sleep(100 * WEIR_MS), 0);
    say(used, GET("/"));
    CHECK_HAS(heard(used), "Connection: close\r\n\r\nhello");
    say(early, GET("/"));
    CHECK_HAS(heard(early), "Connection: close\r\n\r\nhello");
    say(partial, "TP/1.1\r\nHost: a\r\n\r\n");
    CHECK_HAS(heard(partial), "Connection: close\r\n\r\nhello");
    CHECK_SECONDS(0.1, 0.3);
    CHECK_STR(heard(silent), "");
    CHECK_SECONDS(0.7, 1.1);
    CHECK_HAS(heard(stuck), "408");
    end(0);
    CHECK_SECONDS(0.9, 1.5);
}

TASK_TEST(test_http_drain_answers_what_is_under_way) {
    weir_stream *stream;

    begin();
    stream = client(GET("/slow") GET("/"));
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    start = weir_now();
    weir_task_cancel(server, "test");
    const char *text = heard(stream);
    CHECK_HAS(text, "HTTP/1.1 200 OK\r\n");
    CHECK_HAS(text, "Connection: close\r\n\r\nhello");
    CHECK(strlen(strstr(text, "hello")) == 5); /* nothing after it */
    CHECK_SECONDS(1, 2.1);
    end(0);
}

TASK_TEST(test_http_drain_cuts_what_takes_too_long) {
    weir_stream *stream;

    begin();
    stream = client(GET("/never"));
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    start = weir_now();
    weir_task_cancel(server, "test");
    char byte;
    CHECK(weir_stream_read_some(stream, &byte, 1) <= 0);
    CHECK_SECONDS(5, 5.1);
    weir_stream_free(stream);
    end(-ECANCELED);
    CHECK_INT(counters.requests_cut, 1);
}

TASK_TEST(test_http_drain_tells_the_programs_event) {
    weir_event draining;
    weir_serve_options serve_options = {.size_bytes = sizeof serve_options, .draining = &draining};
    weir_stream *stream;

    weir_event_init(&draining);
    begin();
    options.serve = &serve_options;
    stream = client(GET("/"));
    hear(stream, "hello");
    CHECK(!weir_event_is_set(&draining));
    CHECK_INT(weir_sleep(2 * WEIR_SEC), 0);
    weir_task_cancel(server, "test");
    CHECK_STR(heard(stream), "");
    end(0);
    CHECK(weir_event_is_set(&draining));
    weir_event_done(&draining);
}

TASK_TEST(test_http_stream_drains_by_its_event) {
    weir_event draining;
    weir_serve_options serve_options = {.size_bytes = sizeof serve_options, .draining = &draining};
    weir_stream *ours, *theirs;
    char byte;

    weir_event_init(&draining);
    options = (weir_http_options){.size_bytes = sizeof options, .serve = &serve_options};
    CHECK_INT(weir_http_router_new(&router), 0);
    CHECK_INT(weir_stream_pair(&ours, &theirs, 1000), 0);
    start = weir_now();
    weir_event_set(&draining);
    CHECK_INT(weir_http_serve_stream(theirs, router, &options), 0);
    CHECK_SECONDS(0, 1.1);
    weir_stream_close(theirs);
    CHECK_INT(weir_stream_read_some(ours, &byte, 1), 0);
    weir_stream_free(ours);
    weir_stream_free(theirs);
    weir_http_router_free(router);
    weir_event_done(&draining);
}

/* A stream that writes for ever is cut with the drain; its peer sees no end of the body. */
static int endless(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = 0;
    (void)request, (void)arg;
    while (rc == 0) {
        rc = weir_http_reply_write(reply, "x", 1);
        if (rc == 0)
            rc = weir_sleep(100 * WEIR_MS);
    }
    return rc;
}

TASK_TEST(test_http_drain_cuts_an_endless_answer) {
    weir_stream *stream;
    char text[4096];
    size_t bytes;

    begin();
    weir_http_router_add(router, "GET", "/endless", endless, NULL);
    stream = client(GET("/endless"));
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    weir_task_cancel(server, "test");
    CHECK(weir_stream_read_exactly(stream, text, sizeof text - 1, &bytes) < 0);
    text[bytes] = '\0';
    CHECK(bytes > 40 * 6); /* pieces went on leaving during the drain */
    CHECK(strstr(text, "\r\n0\r\n\r\n") == NULL);
    weir_stream_free(stream);
    end(-ECANCELED);
}

TASK_TEST(test_http_many_clients_at_once) {
    weir_stream *streams[100];

    begin();
    for (int i = 0; i < 100; i++)
        streams[i] = client(i % 3 == 0 ? GET("/slow") GET("/") : GET("/") GET("/"));
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 100; i++)
            hear(streams[i], "hello");
    CHECK_INT(counters.connections_open, 100);
    CHECK_INT(counters.requests, 200);
    for (int i = 0; i < 100; i++)
        weir_stream_free(streams[i]);
    weir_task_cancel(server, "test");
    end(0);
}

static long resident_bytes(void) {
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    CHECK(file != NULL && fscanf(file, "%*s %ld", &pages) == 1);
    fclose(file);
    return pages * sysconf(_SC_PAGESIZE);
}

enum { CROWD = 1500 };

/* Clients that come, say `text`, and go. @return what the program holds then */
static long crowd(const char *text) {
    weir_stream *streams[CROWD];

    for (int i = 0; i < CROWD; i++)
        streams[i] = client(text);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK_INT(counters.connections_open, CROWD);
    void *behind = malloc(100); /* lives on behind whatever malloc gave to the crowd */
    for (int i = 0; i < CROWD; i++)
        weir_stream_free(streams[i]);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK_INT(counters.connections_open, 0);
    long bytes = resident_bytes();
    free(behind);
    return bytes;
}

/* Not that of a sanitizer or of Valgrind, which keep what they get back, to see whether it is used again. */
static bool malloc_is_the_c_librarys(void) {
    size_t before = mallinfo2().uordblks;
    void *volatile some = malloc((size_t)64 * 1024);
    bool is_told = mallinfo2().uordblks > before;

    free(some);
    return is_told;
}

TASK_TEST(test_http_memory_of_a_crowd_goes_back) {
    if (!malloc_is_the_c_librarys())
        SKIP("this malloc keeps what it gets back");
    begin();
    long idle = crowd(""), busy = crowd("GET /");
    busy = crowd("GET /"); /* malloc remembers the size of what it got back, and keeps it the next time */
    if (busy > idle + 4 * 1024 * 1024)
        test_fail(__FILE__, __LINE__, "%ld bytes, and with requests in progress %ld", idle, busy);
    weir_task_cancel(server, "test");
    end(0);
}

TASK_TEST(test_http_serve_reports_a_bad_route) {
    begin();
    weir_http_router_add(router, "GET", "/{a}/{a}", hello, NULL);
    end(-EINVAL);
}
