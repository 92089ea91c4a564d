/* SPDX-License-Identifier: MIT */
/* test_tcp.c: connecting, listening and accepting, simulated and for real. */
#include "weir/tcp.h"

#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"
#include "weir/unix.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

BOTH_TEST(test_tcp_refuses_bad_addresses_with_a_text) {
    weir_stream *stream = NULL;
    weir_listener *listener = NULL;

    CHECK_INT(weir_tcp_connect(&stream, "127.0.0.1"), -EINVAL);
    CHECK_HAS(weir_error_text(-EINVAL), "connect 127.0.0.1: not an address");
    CHECK_INT(weir_tcp_connect(&stream, "shop.example:443"), -ENOENT);
    CHECK_HAS(weir_error_text(-ENOENT), "connect shop.example:443: a host name");
    CHECK_INT(weir_tcp_listen(&listener, "localhost:0"), -EINVAL);
    CHECK_HAS(weir_error_text(-EINVAL), "listen localhost:0");
    CHECK(stream == NULL && listener == NULL);
}

BOTH_TEST(test_tcp_connect_says_who_refused) {
    weir_stream *stream = NULL;
    weir_listener *listener;
    char address[64], expected[128];

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    snprintf(address, sizeof address, "%s", weir_listener_address(listener));
    weir_listener_free(listener);
    CHECK_INT(weir_tcp_connect(&stream, address), -ECONNREFUSED);
    CHECK(stream == NULL);
    snprintf(expected, sizeof expected, "connect %s: %s", address, weir_strerror(-ECONNREFUSED));
    CHECK_STR(weir_error_text(-ECONNREFUSED), expected);
}

BOTH_TEST(test_tcp_localhost_tries_both_loopbacks) {
    static const char *const hosts[] = {"127.0.0.1:0", "[::1]:0"};

    for (int i = 0; i < 2; i++) {
        weir_stream *client, *server;
        weir_listener *listener;
        char address[64];

        int rc = weir_tcp_listen(&listener, hosts[i]);
        if (rc == -EADDRNOTAVAIL || rc == -EAFNOSUPPORT)
            SKIP("this machine has no IPv6");
        CHECK_INT(rc, 0);
        snprintf(address, sizeof address, "localhost%s", strrchr(weir_listener_address(listener), ':'));
        CHECK_INT(weir_tcp_connect(&client, address), 0);
        CHECK_INT(weir_listener_accept(listener, &server), 0);
        weir_stream_free(client);
        weir_stream_free(server);
        weir_listener_free(listener);
    }
}

BOTH_TEST(test_tcp_star_listens_for_ip4_and_ip6) {
    static const char *const hosts[] = {"127.0.0.1", "[::1]"};
    weir_listener *listener;

    int rc = weir_tcp_listen(&listener, "*:0");
    if (rc == -EAFNOSUPPORT)
        SKIP("this machine has no IPv6");
    CHECK_INT(rc, 0);
    CHECK_HAS(weir_listener_address(listener), "[::]:");
    for (int i = 0; i < 2; i++) {
        weir_stream *client, *server;
        char address[64];
        snprintf(address, sizeof address, "%s%s", hosts[i], strrchr(weir_listener_address(listener), ':'));
        CHECK_INT(weir_tcp_connect(&client, address), 0);
        CHECK_INT(weir_listener_accept(listener, &server), 0);
        CHECK_STR(weir_stream_peer(client), address);
        weir_stream_free(client);
        weir_stream_free(server);
    }
    weir_listener_free(listener);
}

BOTH_TEST(test_tcp_address_in_use_is_refused) {
    weir_listener *listener, *second = NULL;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    CHECK_INT(weir_tcp_listen(&second, weir_listener_address(listener)), -EADDRINUSE);
    CHECK(second == NULL);
    weir_listener_free(listener);
    weir_listener_free(NULL);
}

BOTH_TEST(test_tcp_cancelled_scope_refuses_to_connect_and_to_accept) {
    weir_listener *listener;
    weir_stream *stream = NULL;
    weir_scope scope;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_tcp_connect(&stream, weir_listener_address(listener)), -ECANCELED);
    CHECK_INT(weir_listener_accept(listener, &stream), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK(stream == NULL);
    weir_listener_free(listener);
}

BOTH_TEST(test_tcp_accept_obeys_a_deadline) {
    weir_listener *listener;
    weir_stream *stream, *client;
    weir_scope scope;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_scope_open(&scope, weir_after(2 * WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_listener_accept(listener, &stream)), -ETIME);
    CHECK_INT(weir_tcp_connect(&client, weir_listener_address(listener)), 0);
    CHECK_INT(weir_listener_accept(listener, &stream), 0);
    weir_stream_free(client);
    weir_stream_free(stream);
    weir_listener_free(listener);
}

TASK_TEST(test_tcp_connect_that_is_cancelled_under_way_leaves_nothing) {
    weir_listener *listener;
    weir_stream *stream, *server;
    weir_scope scope;
    char byte;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    for (int us = 0; us < 500; us += 20) { /* a round trip takes 100 to 500 us here */
        weir_scope_open(&scope, weir_after(us * WEIR_US));
        int rc = weir_scope_close(&scope, weir_tcp_connect(&stream, weir_listener_address(listener)));
        CHECK(rc == 0 || rc == -ETIME);
        if (rc == 0)
            weir_stream_free(stream);
    }
    for (int rc = 0; rc == 0;) { /* what got as far as the line has ended */
        weir_scope_open(&scope, weir_after(WEIR_SEC));
        rc = weir_scope_close(&scope, weir_listener_accept(listener, &server));
        CHECK(rc == 0 || rc == -ETIME);
        if (rc < 0)
            break;
        CHECK(weir_stream_read_some(server, &byte, 1) <= 0);
        weir_stream_free(server);
    }
    weir_listener_free(listener);
}

struct acceptor {
    weir_listener *listener;
    weir_stream *stream;
    int result;
};

static int accept_one(void *arg) {
    struct acceptor *acceptor = arg;
    acceptor->result = weir_listener_accept(acceptor->listener, &acceptor->stream);
    return 0;
}

BOTH_TEST(test_tcp_several_tasks_accept_from_one_listener) {
    struct acceptor acceptors[3];
    weir_listener *listener;
    weir_stream *clients[3];
    weir_group group;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_group_open(&group);
    for (int i = 0; i < 3; i++) {
        acceptors[i] = (struct acceptor){.listener = listener};
        weir_spawn(&group, accept_one, &acceptors[i], NULL);
    }
    for (int i = 0; i < 3; i++)
        CHECK_INT(weir_tcp_connect(&clients[i], weir_listener_address(listener)), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(acceptors[i].result, 0);
        weir_stream_free(acceptors[i].stream);
        weir_stream_free(clients[i]);
    }
    weir_listener_free(listener);
}

static int accept_until_cancelled(void *listener) {
    weir_stream *stream;
    CHECK_INT(weir_listener_accept(listener, &stream), -ECANCELED);
    return 0;
}

TASK_TEST_DIES(test_tcp_listener_is_not_freed_under_an_accept, SIGABRT, "1 tasks still wait for a connection") {
    weir_listener *listener;
    weir_group group;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    weir_group_open(&group);
    weir_spawn(&group, accept_until_cancelled, listener, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_listener_free(listener);
}

static int read_until_cancelled(void *stream) {
    char byte;
    return weir_stream_read_some(stream, &byte, 1);
}

TASK_TEST_DIES(test_stream_is_not_freed_under_a_read, SIGABRT, "a task still reads") {
    weir_stream *a, *b;
    weir_group group;

    CHECK_INT(weir_stream_pair(&a, &b, 10), 0);
    weir_group_open(&group);
    weir_spawn(&group, read_until_cancelled, a, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_stream_free(a);
}

TEST_DIES(test_tcp_connect_outside_a_task_is_a_misuse, SIGABRT, "outside a task") {
    weir_stream *stream;
    CHECK(weir_tcp_connect(&stream, "127.0.0.1:1") < 0);
}

REAL_TEST(test_tcp_accept_says_when_descriptors_have_run_out) {
    struct rlimit was, now;
    weir_listener *listener;
    weir_stream *client, *server, *more;

    if (test_is_under("valgrind"))
        SKIP("Valgrind keeps descriptors of its own");
    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);
    close(next);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &was), 0);
    now = (struct rlimit){(rlim_t)next + 1, was.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &now), 0);
    CHECK_INT(weir_tcp_connect(&client, weir_listener_address(listener)), 0);
    CHECK_INT(weir_tcp_connect(&more, weir_listener_address(listener)), -EMFILE);
    CHECK_INT(weir_listener_accept(listener, &server), -EMFILE);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &was), 0);
    CHECK_INT(weir_listener_accept(listener, &server), 0); /* it has waited on */
    weir_stream_free(client);
    weir_stream_free(server);
    weir_listener_free(listener);
}

/* ---- Unix sockets ------------------------------------------------------------------------------------------------ */

BOTH_TEST(test_unix_refuses_bad_paths) {
    char path[109];
    weir_listener *listener;
    weir_stream *stream;

    memset(path, 'p', sizeof path);
    path[108] = '\0';
    CHECK_INT(weir_unix_listen(&listener, path), -EINVAL);
    CHECK_INT(weir_unix_connect(&stream, path), -EINVAL);
    CHECK_HAS(weir_error_text(-EINVAL), "a path has 1 to 107 bytes");
    CHECK_INT(weir_unix_connect(&stream, ""), -EINVAL);
    CHECK_INT(weir_unix_connect(&stream, "/nowhere/at/all"), -ENOENT);
    CHECK_HAS(weir_error_text(-ENOENT), "connect /nowhere/at/all: ");
    CHECK_INT(weir_unix_connect(&stream, "@weir-nobody-listens-here"), -ECONNREFUSED);
}

REAL_TEST(test_unix_listener_takes_its_file_with_it) {
    char folder[] = "/tmp/weir-test-XXXXXX", path[64];
    weir_listener *listener;
    weir_stream *client, *server;
    struct stat status;

    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof path, "%s/socket", folder);
    CHECK_INT(weir_unix_listen(&listener, path), 0);
    CHECK_STR(weir_listener_address(listener), path);
    CHECK_INT(stat(path, &status), 0);
    CHECK_INT(weir_unix_connect(&client, path), 0);
    CHECK_STR(weir_stream_peer(client), path);
    CHECK_INT(weir_listener_accept(listener, &server), 0);
    weir_stream_free(client);
    weir_stream_free(server);
    weir_listener_free(listener);
    CHECK(stat(path, &status) < 0);
    rmdir(folder);
}
