/* SPDX-License-Identifier: MIT */
/* test_memory_of_io.c: each allocation of a server and its client fails once. Whatever they then return: nothing
 * crashes, nothing hangs, and all memory that was got is given back. */
#include "memory.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"
#include "weir/tcp.h"
#include "weir/unix.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int echo_lines(weir_stream *stream, void *arg) {
    char line[64];
    int rc;

    (void)arg;
    while ((rc = weir_stream_read_until(stream, line, sizeof line, "\n")) > 0) {
        rc = weir_stream_write_all(stream, line, (size_t)rc, NULL);
        if (rc < 0)
            break;
    }
    return rc;
}

static int talk(weir_stream *stream) {
    char line[64];

    for (int i = 0; i < 3; i++) {
        int rc = weir_stream_write_all(stream, "a line\nand one\n", 15, NULL);
        for (int n = 0; n < 2 && rc >= 0; n++)
            rc = weir_stream_read_until(stream, line, sizeof line, "\n");
        if (rc <= 0)
            return rc == 0 ? -WEIR_EEOF : rc;
    }
    return 0;
}

struct scene {
    weir_listener *listener;
    int (*connect)(weir_stream **ret_stream, const char *address);
};

static int serve(void *arg) {
    const struct scene *scene = arg;
    return weir_serve(scene->listener, echo_lines, NULL, NULL);
}

static int visit(const struct scene *scene) {
    weir_stream *stream;
    int rc = scene->connect(&stream, weir_listener_address(scene->listener));

    if (rc < 0)
        return rc;
    rc = talk(stream);
    weir_stream_peer(stream);
    weir_stream_close(stream);
    weir_stream_free(stream);
    return rc;
}

static int play(const struct scene *scene) {
    weir_group group;

    weir_group_open(&group);
    int rc = weir_spawn(&group, serve, (void *)(uintptr_t)scene, NULL);
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = visit(scene);
    weir_group_cancel(&group, "the end");
    return weir_group_close(&group, rc);
}

static int wait_for_pipe(void) {
    int ends[2], rc = pipe(ends);

    CHECK_INT(rc, 0);
    CHECK_INT(write(ends[1], "x", 1), 1);
    rc = weir_fd_wait(ends[0], WEIR_FD_READ);
    if (rc > 0) {
        weir_case arms[] = {weir_case_fd(ends[1], WEIR_FD_READ), weir_case_at(weir_after(WEIR_MS))};
        rc = weir_select(arms, 2);
        rc = rc == 0 ? arms[0].result : rc;
    }
    close(ends[0]);
    close(ends[1]);
    return rc;
}

static int join_pair(void) {
    weir_stream *a, *b;
    char line[8];
    int rc = weir_stream_pair(&a, &b, 16);

    if (rc < 0)
        return rc;
    rc = weir_stream_write_all(a, "line\nx", 6, NULL);
    if (rc == 0)
        rc = weir_stream_read_until(b, line, sizeof line, "\n");
    weir_stream_free(a);
    weir_stream_free(b);
    return rc;
}

static int everything(void *arg) {
    struct scene tcp = {.connect = weir_tcp_connect}, local = {.connect = weir_unix_connect};
    char path[64];

    (void)arg;
    int rc = weir_tcp_listen(&tcp.listener, "127.0.0.1:0");
    if (rc == 0) {
        rc = play(&tcp);
        weir_listener_free(tcp.listener);
    }
    snprintf(path, sizeof path, "@weir-memory-%d", (int)getpid());
    if (rc == 0)
        rc = weir_unix_listen(&local.listener, path);
    if (rc == 0) {
        rc = play(&local);
        weir_listener_free(local.listener);
    }
    if (rc >= 0)
        rc = join_pair();
    return rc < 0 ? rc : wait_for_pipe();
}

TEST(test_memory_of_io_may_run_out_anywhere_simulated) { memory_fail_each(everything, WEIR_BACKEND_SIM, 20); }

TEST(test_memory_of_io_may_run_out_anywhere_for_real) { memory_fail_each(everything, WEIR_BACKEND_EPOLL, 20); }
