/* SPDX-License-Identifier: MIT */
/* test_memory_of_io.c: each allocation of a server and its client fails once. Whatever they then return: nothing
 * crashes, nothing hangs, and all memory that was got is given back. */
#include "runtime/detail.h"
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

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_ALLOCATOR 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OWN_ALLOCATOR 1
#endif
#endif

static bool is_counting;
static unsigned allocations, fails_at; /* 0: none */
static int held;                       /* blocks got and not given back, while counting */

#ifndef OWN_ALLOCATOR
#pragma GCC visibility push(default) /* libc's own calls shall find them too */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *block, size_t bytes);
void __libc_free(void *block);

static bool fails(void) { return is_counting && ++allocations == fails_at; }

static void *count(void *block) {
    held += is_counting && block != NULL;
    return block;
}

void *malloc(size_t bytes) { return fails() ? NULL : count(__libc_malloc(bytes)); }
void *calloc(size_t n, size_t bytes) { return fails() ? NULL : count(__libc_calloc(n, bytes)); }

void *realloc(void *block, size_t bytes) {
    if (fails())
        return NULL;
    return block == NULL ? count(__libc_realloc(NULL, bytes)) : __libc_realloc(block, bytes);
}

void free(void *block) {
    held -= is_counting && block != NULL;
    __libc_free(block);
}
#pragma GCC visibility pop
#endif

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

/* Run everything with one allocation failing. @return whether there were so many */
static bool run_failing(enum weir_backend backend, unsigned which) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = backend, .seed = test_seed()};

    allocations = 0;
    fails_at = which;
    held = 0;
    is_counting = true;
    int rc = weir_run(everything, NULL, &options);
    const char *text = weir_error_text(rc);
    bool is_ours = rc == -ENOMEM || rc == -ENOBUFS || rc == -EAGAIN;
    bool is_the_peers = rc == -ECONNRESET || rc == -EPIPE || rc == -WEIR_EEOF;
    if (rc < 0 && !is_ours && !is_the_peers)
        test_fail(__FILE__, __LINE__, "allocation %u failing gives %d: %s", which, rc, text);
    if (which == 0)
        CHECK(rc >= 0);
    weir__detail_clear_thread(); /* the text of the failure */
    is_counting = false;
    if (held != 0)
        test_fail(__FILE__, __LINE__, "allocation %u failing leaves %d blocks", which, held);
    return allocations >= which;
}

static void fail_each(enum weir_backend backend) {
#ifdef OWN_ALLOCATOR
    SKIP("the sanitizer has an allocator of its own");
#endif
    unsigned which = 0;

    while (run_failing(backend, which))
        which++;
    CHECK(which > 20); /* there were that many to fail */
}

TEST(test_memory_of_io_may_run_out_anywhere_simulated) { fail_each(WEIR_BACKEND_SIM); }

TEST(test_memory_of_io_may_run_out_anywhere_for_real) { fail_each(WEIR_BACKEND_EPOLL); }
