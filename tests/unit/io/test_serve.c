/* SPDX-License-Identifier: MIT */
/* test_serve.c: a task for each connection: limits, failures, and the end in good order. */
#include "weir/tcp.h"

#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/queue.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

/* A server in a task of its own. */
struct server {
    weir_listener *listener;
    weir_serve_fn *fn;
    weir_serve_options options;
    weir_group group;
    weir_task *task;
    unsigned now, most, served; /* handlers that run, that ran at once, that have ended */
    int result;                 /* of weir_serve */
    char text[256];             /* its weir_error_text */
};

static int run_server(void *arg) {
    struct server *server = arg;
    server->options.size_bytes = sizeof server->options;
    server->result = weir_serve(server->listener, server->fn, server, &server->options);
    snprintf(server->text, sizeof server->text, "%s", weir_error_text(server->result));
    return 0;
}

static void start(struct server *server) {
    CHECK_INT(weir_tcp_listen(&server->listener, "127.0.0.1:0"), 0);
    weir_group_open(&server->group);
    CHECK_INT(weir_spawn(&server->group, run_server, server, &server->task), 0);
}

static void wait_for_end(struct server *server) {
    CHECK_INT(weir_group_close(&server->group, 0), 0);
    CHECK_INT(server->now, 0);
    weir_listener_free(server->listener);
}

static int stop(struct server *server) {
    weir_group_cancel(&server->group, "the test");
    wait_for_end(server);
    return server->result;
}

static void enter(struct server *server) {
    server->now++;
    if (server->now > server->most)
        server->most = server->now;
}

static int leave(struct server *server, int rc) {
    server->now--;
    server->served++;
    return rc;
}

/* ---- Handlers and clients ---------------------------------------------------------------------------------------- */

static int echo(weir_stream *stream, void *arg) {
    char buf[512];
    int rc;

    enter(arg);
    while ((rc = weir_stream_read_some(stream, buf, sizeof buf)) > 0) {
        rc = weir_stream_write_all(stream, buf, (size_t)rc, NULL);
        if (rc < 0)
            break;
    }
    return leave(arg, rc);
}

static weir_stream *connect_to(const struct server *server) {
    weir_stream *stream;
    CHECK_INT(weir_tcp_connect(&stream, weir_listener_address(server->listener)), 0);
    return stream;
}

static void check_echo(weir_stream *stream, const char *text) {
    char buf[64] = "";

    CHECK_INT(weir_stream_write_all(stream, text, strlen(text), NULL), 0);
    CHECK_INT(weir_stream_read_exactly(stream, buf, strlen(text), NULL), 0);
    CHECK_STR(buf, text);
}

static int talk(void *server) {
    weir_stream *stream = connect_to(server);

    check_echo(stream, "hello");
    CHECK_INT(weir_yield(), 0);
    check_echo(stream, "again");
    CHECK_INT(weir_stream_close(stream), 0);
    weir_stream_free(stream);
    return 0;
}

static void talk_at_once(struct server *server, int count) {
    weir_group clients;

    weir_group_open(&clients);
    for (int i = 0; i < count; i++)
        weir_spawn(&clients, talk, server, NULL);
    CHECK_INT(weir_group_close(&clients, 0), 0);
}

/* ---- Serving ----------------------------------------------------------------------------------------------------- */

BOTH_TEST(test_serve_gives_each_connection_a_task) {
    struct server server = {.fn = echo};

    start(&server);
    weir_stream *idle[3];
    for (int i = 0; i < 3; i++) {
        idle[i] = connect_to(&server);
        check_echo(idle[i], "I am here");
    }
    talk_at_once(&server, 20);
    CHECK(server.most >= 4); /* the idle ones and somebody else */
    for (int i = 0; i < 3; i++) {
        check_echo(idle[i], "and still");
        CHECK_INT(weir_stream_close(idle[i]), 0);
        weir_stream_free(idle[i]);
    }
    CHECK_INT(stop(&server), 0);
    CHECK_INT(server.served, 23);
}

BOTH_TEST(test_serve_keeps_its_limit_and_leaves_the_rest_in_line) {
    struct server server = {.fn = echo, .options.connections_max = 2};

    start(&server);
    talk_at_once(&server, 15);
    CHECK_INT(server.most, 2);
    CHECK_INT(stop(&server), 0);
    CHECK_INT(server.served, 15);
}

BOTH_TEST(test_serve_survives_clients_that_reset) {
    struct server server = {.fn = echo};

    start(&server);
    for (int i = 0; i < 5; i++) {
        weir_stream *rude = connect_to(&server);
        CHECK_INT(weir_stream_write_all(rude, "x", 1, NULL), 0);
        weir_stream_free(rude); /* a reset */
    }
    talk_at_once(&server, 3);
    CHECK_INT(stop(&server), 0);
}

BOTH_TEST(test_serve_runs_with_its_defaults) {
    weir_listener *listener;
    weir_scope scope;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_serve(listener, echo, NULL, NULL), 0);
    CHECK_INT(weir_yield(), -ECANCELED); /* the next wait sees the cancel */
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    weir_listener_free(listener);
}

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

static int fail(weir_stream *stream, void *arg) {
    char byte;
    int rc = weir_stream_read_some(stream, &byte, 1);

    enter(arg);
    return leave(arg, rc > 0 ? weir_fail(-EIO, "the letter %c is not for me", byte) : rc);
}

static void make_it_fail(struct server *server, const char *letter) {
    weir_stream *stream = connect_to(server);
    char byte;

    CHECK_INT(weir_stream_write_all(stream, letter, 1, NULL), 0);
    CHECK_INT(weir_stream_read_some(stream, &byte, 1), 0);
    weir_stream_free(stream);
}

BOTH_TEST(test_serve_tells_failures_and_goes_on) {
    weir_failure slots[2], failure;
    weir_queue failures;
    struct server server = {.fn = fail, .options.failures = &failures};

    weir_queue_init(&failures, slots, 2, sizeof slots[0]);
    start(&server);
    make_it_fail(&server, "a");
    make_it_fail(&server, "b");
    make_it_fail(&server, "c"); /* the queue is full: this one is not told */
    CHECK_INT(weir_queue_get(&failures, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_STR(failure.text, "the letter a is not for me");
    CHECK_HAS(failure.task, "127.0.0.1:");
    CHECK(failure.task_id > 0);
    CHECK_INT(weir_queue_get(&failures, &failure), 1);
    CHECK_STR(failure.text, "the letter b is not for me");
    CHECK_INT(weir_queue_try_get(&failures, &failure), -EAGAIN);
    make_it_fail(&server, "d");
    CHECK_INT(weir_queue_get(&failures, &failure), 1);
    CHECK_STR(failure.text, "the letter d is not for me");
    CHECK_INT(stop(&server), 0);
    CHECK_INT(server.served, 4);
    weir_queue_done(&failures);
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static int answer_late(weir_stream *stream, void *arg) {
    char byte;

    enter(arg);
    int rc = weir_stream_read_some(stream, &byte, 1);
    if (rc > 0)
        rc = weir_sleep(3 * WEIR_SEC);
    if (rc == 0)
        rc = weir_stream_write_all(stream, "late, but here", 14, NULL);
    return leave(arg, rc);
}

TASK_TEST(test_serve_drains_what_is_under_way) {
    weir_event draining;
    struct server server = {.fn = answer_late, .options.draining = &draining};
    char buf[15] = "";

    weir_event_init(&draining);
    start(&server);
    weir_stream *stream = connect_to(&server);
    CHECK_INT(weir_stream_write_all(stream, "?", 1, NULL), 0);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK(!weir_event_is_set(&draining));
    weir_task_cancel(server.task, "the test");
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    CHECK(weir_event_is_set(&draining));
    weir_stream *too_late = connect_to(&server); /* in the kernel's line, and there it stays */
    CHECK_INT(weir_stream_read_exactly(stream, buf, 14, NULL), 0);
    CHECK_STR(buf, "late, but here");
    CHECK_INT(weir_stream_read_some(stream, buf, 1), 0);
    wait_for_end(&server);
    CHECK_INT(server.result, 0);
    CHECK_INT(server.served, 1);
    CHECK_INT(weir_stream_read_some(too_late, buf, 1), -ECONNRESET);
    weir_stream_free(stream);
    weir_stream_free(too_late);
    weir_event_done(&draining);
}

TASK_TEST(test_serve_cuts_what_outlasts_the_drain) {
    weir_failure slot, failure;
    weir_queue failures;
    struct server server = {.fn = answer_late, .options = {.drain = 500 * WEIR_MS, .failures = &failures}};
    weir_stream *streams[3];

    weir_queue_init(&failures, &slot, 1, sizeof slot);
    start(&server);
    for (int i = 0; i < 3; i++) {
        streams[i] = connect_to(&server);
        CHECK_INT(weir_stream_write_all(streams[i], "?", 1, NULL), 0);
    }
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    weir_instant start_of_drain = weir_now();
    CHECK_INT(stop(&server), -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), start_of_drain), 500 * WEIR_MS);
    CHECK_HAS(server.text, "3 of the server's connections were cut");
    CHECK_INT(server.served, 3);
    CHECK_INT(weir_queue_try_get(&failures, &failure), -EAGAIN); /* being cut is no failure of theirs */
    for (int i = 0; i < 3; i++)
        weir_stream_free(streams[i]);
    weir_queue_done(&failures);
}

TASK_TEST(test_serve_without_a_drain_cuts_at_once) {
    struct server server = {.fn = echo, .options.drain = -1};

    start(&server);
    weir_stream *stream = connect_to(&server);
    check_echo(stream, "hello");
    weir_instant start_of_drain = weir_now();
    CHECK_INT(stop(&server), -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), start_of_drain), 0);
    CHECK_HAS(server.text, "1 of the server's connections were cut");
    weir_stream_free(stream);

    server = (struct server){.fn = echo, .options.drain = -1};
    start(&server);
    talk_at_once(&server, 2);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK_INT(stop(&server), 0); /* nobody was there */
}

TASK_TEST(test_serve_ends_by_its_deadline) {
    struct server server = {.fn = echo};
    weir_scope scope;

    CHECK_INT(weir_tcp_listen(&server.listener, "127.0.0.1:0"), 0);
    server.options = (weir_serve_options){.size_bytes = sizeof server.options, .drain = WEIR_SEC};
    weir_stream *stream = connect_to(&server);
    weir_instant before = weir_now();
    weir_scope_open(&scope, weir_after(10 * WEIR_SEC));
    int rc = weir_serve(server.listener, echo, &server, &server.options);
    CHECK_INT(rc, -ETIME);
    CHECK_HAS(weir_error_text(rc), "1 of the server's connections were cut");
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    CHECK_INT(weir_instant_diff(weir_now(), before), 11 * WEIR_SEC);
    weir_stream_free(stream);
    weir_listener_free(server.listener);
}

static int idle_until_drained(weir_stream *stream, void *arg) {
    struct server *server = arg;
    weir_case arms[] = {weir_case_readable(stream), weir_case_event(server->options.draining)};

    enter(server);
    return leave(server, weir_select(arms, 2) == 1 ? 0 : -EIO);
}

TASK_TEST(test_serve_tells_idle_connections_of_the_drain) {
    weir_event draining;
    struct server server = {.fn = idle_until_drained, .options = {.drain = WEIR_HOUR, .draining = &draining}};
    char byte;

    weir_event_init(&draining);
    start(&server);
    weir_stream *stream = connect_to(&server);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    weir_instant before = weir_now();
    CHECK_INT(stop(&server), 0);
    CHECK_INT(weir_instant_diff(weir_now(), before), 0);
    CHECK_INT(weir_stream_read_some(stream, &byte, 1), 0);
    weir_stream_free(stream);
    weir_event_done(&draining);
}

/* ---- Shortages --------------------------------------------------------------------------------------------------- */

static struct rlimit leave_descriptors(unsigned spare) {
    struct rlimit was, now;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

    close(next);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &was), 0);
    now = (struct rlimit){(rlim_t)next + spare, was.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &now), 0);
    return was;
}

REAL_TEST(test_serve_goes_on_once_a_connection_frees_a_descriptor) {
    struct server server = {.fn = echo};

    if (test_is_under("valgrind"))
        SKIP("Valgrind keeps descriptors of its own");
    start(&server);
    weir_stream *first = connect_to(&server);
    check_echo(first, "hello");
    struct rlimit was = leave_descriptors(1); /* the second client's; none for the server's end of it */
    weir_stream *second = connect_to(&server);
    CHECK_INT(weir_stream_write_all(second, "hello", 5, NULL), 0);
    check_echo(first, "you first"); /* the server has met the shortage, and serves on */
    CHECK_INT(weir_stream_close(first), 0);
    weir_stream_free(first);
    char buf[6] = "";
    CHECK_INT(weir_stream_read_exactly(second, buf, 5, NULL), 0);
    CHECK_STR(buf, "hello");
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &was), 0);
    weir_stream_free(second);
    CHECK_INT(stop(&server), 0);
    CHECK_INT(server.served, 2);
}

static int64_t cpu_ns(void) {
    struct rusage usage;
    CHECK_INT(getrusage(RUSAGE_SELF, &usage), 0);
    return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * WEIR_SEC +
           (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * WEIR_US;
}

struct lifted {
    struct rlimit limit;
    weir_duration after;
};

static int lift_limit(void *arg) {
    const struct lifted *lifted = arg;
    int rc = weir_sleep(lifted->after);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &lifted->limit), 0);
    return rc;
}

REAL_TEST(test_serve_looks_again_without_spinning) {
    struct server server = {.fn = echo};
    weir_group group;
    char buf[6] = "";

    if (test_is_under("valgrind"))
        SKIP("Valgrind keeps descriptors of its own");
    start(&server);
    CHECK_INT(weir_yield(), 0);
    struct lifted lifted = {leave_descriptors(1), 250 * WEIR_MS};
    weir_stream *stream = connect_to(&server);
    int64_t before = cpu_ns();
    weir_group_open(&group);
    weir_spawn(&group, lift_limit, &lifted, NULL);
    CHECK_INT(weir_stream_write_all(stream, "hello", 5, NULL), 0);
    CHECK_INT(weir_stream_read_exactly(stream, buf, 5, NULL), 0); /* no connection has ended, only time has passed */
    CHECK(cpu_ns() - before < 100 * WEIR_MS);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_stream_free(stream);
    CHECK_INT(stop(&server), 0);
}

static int serve_with_few_tasks(void *arg) {
    weir_failure slots[4], failure;
    weir_queue failures;
    struct server server = {.fn = echo, .options.failures = &failures};
    char byte;

    (void)arg;
    weir_queue_init(&failures, slots, 4, sizeof slots[0]);
    start(&server);
    weir_stream *first = connect_to(&server);
    check_echo(first, "hello");
    weir_stream *second = connect_to(&server); /* there is no task for it */
    CHECK(weir_stream_read_some(second, &byte, 1) < 0);
    CHECK_INT(weir_queue_get(&failures, &failure), 1);
    CHECK_INT(failure.code, -EAGAIN);
    check_echo(first, "still here");
    weir_stream_free(first);
    weir_stream_free(second);
    CHECK_INT(talk(&server), 0);
    CHECK_INT(stop(&server), 0);
    weir_queue_done(&failures);
    return 0;
}

TEST(test_serve_drops_a_connection_that_finds_no_task) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .tasks_max = 4};
    CHECK_INT(weir_run(serve_with_few_tasks, NULL, &options), 0);
}

/* ---- Misuse ------------------------------------------------------------------------------------------------------ */

TASK_TEST(test_serve_refuses_an_impossible_stack) {
    weir_serve_options options = {.size_bytes = sizeof options, .stack_bytes = SIZE_MAX};
    weir_listener *listener;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    CHECK_INT(weir_serve(listener, echo, NULL, &options), -EINVAL);
    weir_listener_free(listener);
}

TASK_TEST_DIES(test_serve_options_without_a_size_are_a_misuse, SIGABRT, "size_bytes") {
    weir_serve_options options = {.connections_max = 1};
    weir_listener *listener;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    CHECK(weir_serve(listener, echo, NULL, &options) < 0);
}
