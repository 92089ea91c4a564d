/* SPDX-License-Identifier: MIT */
/* SEMANTICS 19: in the child of a fork every call asserts, until it execs; the parent does not notice. */
#include "support/test.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/random.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static weir_event event;
static weir_group group;
static weir_scope scope;
static weir_promise *promise;

static int do_nothing(void *arg) {
    (void)arg;
    return 0;
}

static void call_yield(void) { (void)!weir_yield(); }
static void call_sleep(void) { (void)!weir_sleep(1); }
static void call_event_wait(void) { (void)!weir_event_wait(&event); }
static void call_event_set(void) { weir_event_set(&event); }
static void call_spawn(void) { weir_spawn(&group, do_nothing, NULL, NULL); }
static void call_group_close(void) { (void)!weir_group_close(&group, 0); }
static void call_scope_close(void) { (void)!weir_scope_close(&scope, 0); }
static void call_run(void) { weir_run(do_nothing, NULL, NULL); }
static void call_resolve(void) { weir_promise_resolve(promise, 0, NULL); }
static void return_from_task(void) {}

/* What a child that makes the call prints, and how it ended. Forked inside a task. */
static int status_of(void (*call)(void), char *text, size_t bytes) {
    int ends[2], status;
    size_t used = 0;
    ssize_t got;

    CHECK_INT(pipe(ends), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        call();
        if (call == return_from_task)
            return -1; /* the whole way out of the task */
        _exit(0);
    }
    close(ends[1]);
    while (used + 1 < bytes && (got = read(ends[0], text + used, bytes - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    close(ends[0]);
    CHECK_INT(waitpid(child, &status, 0), child);
    return status;
}

static const struct call {
    void (*call)(void);
    const char *name;
} calls[] = {
    {call_yield, "weir_yield"},
    {call_sleep, "weir_sleep"},
    {call_event_wait, "weir_event_wait"},
    {call_event_set, "weir_event_set"},
    {call_spawn, "weir_spawn"},
    {call_group_close, "weir_group_close"},
    {call_scope_close, "weir_scope_close"},
    {call_run, "weir_run"},
    {call_resolve, "weir_promise_resolve"},
    {return_from_task, "task end"},
};

static int fork_with(void *arg) {
    const struct call *call = arg;
    char text[4096], expected[128];

    int status = status_of(call->call, text, sizeof text);
    if (status < 0)
        return 0; /* in the child */
    snprintf(expected, sizeof expected, "weir: %s: called in a child process", call->name);
    CHECK_HAS(text, expected);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    return 0;
}

static int fork_all(void *arg) {
    weir_future *future;
    (void)arg;

    weir_event_init(&event);
    CHECK_INT(weir_future_new(&future, &promise, NULL), 0);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        weir_group forkers;
        weir_group_open(&group);
        weir_scope_open(&scope, weir_never());
        weir_group_open(&forkers);
        weir_spawn(&forkers, fork_with, (void *)(uintptr_t)&calls[i], NULL);
        CHECK_INT(weir_group_close(&forkers, 0), 0);
        CHECK_INT(weir_scope_close(&scope, 0), 0);
        CHECK_INT(weir_group_close(&group, 0), 0);
    }
    weir_promise_free(promise);
    CHECK_INT(weir_future_wait(future, NULL, NULL), -WEIR_EABANDONED);
    weir_future_free(future);
    weir_event_done(&event);
    return 0;
}

TEST(test_fork_inside_a_run_makes_every_call_of_the_child_assert) {
    for (int real = 0; real < 2; real++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = real ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM};
        CHECK_INT(weir_run(fork_all, NULL, &options), 0);
    }
}

/* What needs no loop is answered as on any thread without one: a child may still want to say what went wrong. */
static void ask_what_needs_no_loop(void) {
    unsigned char bytes[16];

    CHECK(weir_now().ns > 0 && weir_wall_now().ns > 0 && weir_after(1).ns > 0);
    weir_random(bytes, sizeof bytes);
    CHECK_INT(weir_fail(-EIO, "child %d", 1), -EIO);
    CHECK_STR(weir_error_text(-EIO), "child 1");
}

static int fork_and_ask(void *arg) {
    char text[4096];
    (void)arg;

    int status = status_of(ask_what_needs_no_loop, text, sizeof text);
    CHECK_STR(text, "");
    CHECK_INT(status, 0);
    return weir_sleep(WEIR_MS);
}

TEST(test_fork_leaves_the_child_what_needs_no_loop) {
    for (int real = 0; real < 2; real++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = real ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM};
        CHECK_INT(weir_run(fork_and_ask, NULL, &options), 0);
    }
}

static int sleep_a_little(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_MS);
}

/* A process that forks outside its runs may run in the child. */
TEST(test_fork_outside_a_run_lets_the_child_run) {
    int status;

    CHECK_INT(weir_run(sleep_a_little, NULL, NULL), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0)
        _exit(weir_run(sleep_a_little, NULL, NULL) == 0 ? 0 : 1);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    CHECK_INT(weir_run(sleep_a_little, NULL, NULL), 0);
}
