/* SPDX-License-Identifier: MIT */
/* test_memory_of_runtime.c: each allocation of tasks, groups, scopes, futures, lanes and signals fails once. What an
 * allocation was for is refused with -ENOMEM; a text or a cause that there was no memory for is merely not told, and
 * never changes what a call returns. */
#include "memory.h"
#include "support/test.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/offload.h"
#include "weir/scope.h"
#include "weir/signal.h"
#include "weir/task.h"

#include <signal.h>
#include <stdlib.h>

static int fail_with_text(void *arg) {
    (void)arg;
    weir_fail(-EXDEV, "as it should");
    return weir_fail(-EXDEV, "fail");
}

static int sleep_long(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_HOUR);
}

/* A failure among many, with and without handles, names and texts. */
static int fail_in_group(void) {
    weir_spawn_options named = {.size_bytes = sizeof named, .name = "named"};
    weir_spawn_options large = {.size_bytes = sizeof large, .stack_bytes = 1 << 20};
    weir_task *task;
    weir_group group;
    int rc = 0;

    weir_group_open(&group);
    for (int i = 0; i < 20 && rc == 0; i++)
        rc = weir_spawn_with(&group, sleep_long, NULL, i % 2 ? &task : NULL, i % 3 ? &named : &large);
    if (rc == 0)
        rc = weir_spawn(&group, fail_with_text, NULL, NULL);
    rc = weir_group_close(&group, rc);
    CHECK(rc == -EXDEV || rc == -ENOMEM);
    CHECK(weir_error_text(rc) != NULL);
    return rc == -EXDEV ? 0 : rc;
}

static int supervise(void) {
    const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    weir_failure failure;
    weir_group group;
    int failures = 0, rc = 0;

    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < 12 && rc == 0; i++)
        rc = weir_spawn(&group, fail_with_text, NULL, NULL);
    CHECK_INT(weir_group_wait(&group), 0);
    while (weir_group_try_failure(&group, &failure) > 0)
        failures++;
    CHECK(failures <= 8);
    int closed = weir_group_close(&group, 0);
    CHECK(closed < 0); /* of twelve some were not kept */
    return rc;
}

/* Causes and texts: what is lost is the text. */
static int cancel_with_causes(void) {
    weir_scope outer, inner, shield;
    weir_group group;

    weir_scope_open(&outer, weir_never());
    weir_scope_open(&inner, weir_after(WEIR_MS));
    weir_scope_cancel(&outer, "a cause");
    int rc = weir_yield();
    CHECK_INT(rc, -ECANCELED);
    CHECK(weir_error_text(rc) != NULL);
    CHECK_INT(weir_fail(rc, "in between"), -ECANCELED);
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    CHECK_INT(weir_sleep(WEIR_US), 0);
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    CHECK_INT(weir_scope_close(&inner, rc), -ECANCELED);
    weir_group_open(&group);
    CHECK_INT(weir_group_close(&group, rc), -ECANCELED);
    CHECK_INT(weir_scope_close(&outer, rc), -ECANCELED);
    return 0;
}

static int resolve_both_ways(void) {
    weir_promise *promise;
    weir_future *future;
    int result;
    int rc = weir_future_new(&future, &promise, free);

    if (rc < 0)
        return rc;
    weir_fail(-EXDEV, "no result");
    weir_promise_resolve(promise, -EXDEV, NULL);
    CHECK_INT(weir_future_wait(future, &result, NULL), 0);
    CHECK_INT(result, -EXDEV);
    weir_future_free(future);

    rc = weir_future_new(&future, &promise, free);
    if (rc < 0)
        return rc;
    weir_promise_free(promise);
    CHECK_INT(weir_future_wait(future, NULL, NULL), -WEIR_EABANDONED);
    weir_future_free(future);
    return 0;
}

static int take_signal(void) {
    weir_signal *signal;
    int rc = weir_signal_open(&signal, SIGUSR1);

    if (rc < 0)
        return rc;
    raise(SIGUSR1);
    CHECK_INT(weir_signal_wait(signal), 1);
    weir_signal_close(signal);
    return 0;
}

static int work(void *arg, const weir_stop *stop) {
    (void)stop;
    return *(int *)arg < 0 ? weir_fail(*(int *)arg, "work") : *(int *)arg;
}

static int begin_batch(void *arg) {
    (void)arg;
    return 0;
}

static int end_batch(void *arg) {
    (void)arg;
    return weir_fail(-EXDEV, "commit");
}

/* The owning form, both ways; the copy is given back whatever comes of it. */
static int start_owned(weir_lane *lane) {
    weir_future *future;
    int one = 1;
    int rc = weir_offload_start(lane, work, &one, sizeof one, NULL, &future);

    if (rc == 0) {
        rc = weir_future_wait(future, NULL, NULL);
        CHECK_INT(rc, 1);
        weir_future_free(future);
        rc = weir_offload_start(lane, work, &one, sizeof one, NULL, &future);
    }
    if (rc == 0)
        weir_future_free(future); /* withdrawn, or abandoned */
    return rc;
}

static int use_lanes(void) {
    weir_lane_batch batch = {.size_bytes = sizeof batch, .functions_max = 4, .begin = begin_batch, .end = end_batch};
    int failing = -EXDEV;
    weir_lane *lane;
    int rc = weir_offload(NULL, work, &failing);

    if (rc != -EXDEV)
        return rc;
    rc = weir_lane_new(&lane, "mine", 1, 4);
    if (rc == 0) {
        rc = start_owned(lane);
        weir_lane_free(lane);
    }
    if (rc == 0)
        rc = weir_lane_new_batching(&lane, "batch", 4, &batch);
    if (rc == 0) {
        rc = weir_offload(lane, work, &failing);
        CHECK_INT(rc, -EXDEV);
        weir_lane_free(lane);
        rc = 0;
    }
    return rc;
}

static int without_lanes(void *arg) {
    (void)arg;
    int rc = fail_in_group();
    if (rc == 0)
        rc = supervise();
    if (rc == 0)
        rc = cancel_with_causes();
    if (rc == 0)
        rc = resolve_both_ways();
    return rc == 0 ? take_signal() : rc;
}

static int with_lanes(void *arg) {
    int rc = without_lanes(arg);
    return rc == 0 ? use_lanes() : rc;
}

TEST(test_memory_of_the_runtime_may_run_out_anywhere_simulated) { memory_fail_each(with_lanes, WEIR_BACKEND_SIM, 40); }

/* Without threads, whose stacks libc keeps. */
TEST(test_memory_of_the_runtime_may_run_out_anywhere_for_real) {
    memory_fail_each(without_lanes, WEIR_BACKEND_EPOLL, 30);
}
