/* SPDX-License-Identifier: MIT */
/* SEMANTICS 15: nobody holds the loop. Counted in calls and turns, not in time: a slow machine only makes them fewer.
 */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/queue.h"
#include "weir/scope.h"
#include "weir/task.h"
#include "weir/wait.h"

#include <unistd.h>

static int note_run(void *arg) {
    *(bool *)arg = true;
    return 0;
}

/* Until the real clock has moved by `span`: as a computation would hold the thread. */
static void compute(weir_duration span) {
    weir_instant end = weir_after(span);
    while (weir_now().ns < end.ns)
        ;
}

/* How many calls that complete at once it takes until another runnable task has run. */
static int calls_until_another_ran(weir_duration work) {
    weir_group group;
    weir_event event;
    bool ran = false;
    int calls = 0;

    weir_event_init(&event);
    weir_event_set(&event);
    CHECK_INT(weir_sleep(WEIR_US), 0); /* a fresh turn, and a fresh slice */
    weir_group_open(&group);
    weir_spawn(&group, note_run, &ran, NULL);
    while (!ran) {
        if (work > 0)
            compute(work);
        CHECK_INT(weir_event_wait(&event), 0);
        calls++;
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_event_done(&event);
    return calls;
}

REAL_TEST(test_fairness_128_calls_that_complete_at_once_are_a_slice) { CHECK(calls_until_another_ran(0) <= 128); }

REAL_TEST(test_fairness_a_millisecond_is_a_slice_however_few_the_calls) {
    CHECK(calls_until_another_ran(300 * WEIR_US) <= 8);
    CHECK(calls_until_another_ran(2 * WEIR_MS) <= 4);
}

REAL_TEST(test_fairness_a_checkpoint_after_a_millisecond_yields) {
    weir_group group;
    bool ran = false;
    int calls = 0;

    CHECK_INT(weir_sleep(WEIR_US), 0);
    weir_group_open(&group);
    weir_spawn(&group, note_run, &ran, NULL);
    while (!ran) {
        compute(2 * WEIR_MS);
        CHECK_INT(weir_checkpoint(), 0);
        calls++;
    }
    CHECK_INT(calls, 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* Items handed straight to a waiting getter count as any other call. */
static int hand_on(void *arg) {
    weir_queue *queues = arg;
    int item, rc;

    while ((rc = weir_queue_get(&queues[0], &item)) > 0 && (rc = weir_queue_put(&queues[1], &item)) == 0)
        ;
    weir_queue_close(&queues[1]);
    return rc;
}

TASK_TEST(test_fairness_hand_offs_do_not_shut_others_out) {
    weir_queue queues[2];
    weir_group group;
    bool ran = false;
    int item = 0, rounds = 0;

    weir_queue_init(&queues[0], NULL, 0, sizeof item);
    weir_queue_init(&queues[1], NULL, 0, sizeof item);
    weir_group_open(&group);
    weir_spawn(&group, hand_on, queues, NULL);
    settle();
    weir_spawn(&group, note_run, &ran, NULL);
    while (!ran) {
        CHECK(rounds++ < 1000);
        CHECK_INT(weir_queue_put(&queues[0], &item), 0);
        CHECK_INT(weir_queue_get(&queues[1], &item), 1);
    }
    weir_queue_close(&queues[0]);
    CHECK_INT(weir_queue_get(&queues[1], &item), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_queue_done(&queues[0]);
    weir_queue_done(&queues[1]);
}

/* ---- The world outside ------------------------------------------------------------------------------------------- */

static struct {
    int ends[2];
    unsigned runs; /* of tasks that keep the loop busy, since the pipe was written to */
    bool seen;
} outside;

static int wait_for_pipe(void *arg) {
    int rc = weir_fd_wait(outside.ends[0], WEIR_FD_READ);
    (void)arg;
    outside.seen = true;
    return rc < 0 ? rc : 0;
}

static int keep_yielding(void *arg) {
    (void)arg;
    while (!outside.seen) {
        int rc = weir_yield();
        if (rc < 0)
            return rc;
        outside.runs++;
    }
    return 0;
}

static int keep_computing(void *arg) {
    (void)arg;
    while (!outside.seen) {
        compute(WEIR_MS + 200 * WEIR_US);
        int rc = weir_checkpoint();
        if (rc < 0)
            return rc;
        outside.runs++;
    }
    return 0;
}

static unsigned runs_until_io_is_seen(weir_task_fn *busy, int count) {
    weir_group group;

    CHECK_INT(pipe(outside.ends), 0);
    weir_group_open(&group);
    weir_spawn(&group, wait_for_pipe, NULL, NULL);
    CHECK_INT(weir_sleep(WEIR_US), 0);
    for (int i = 0; i < count; i++)
        weir_spawn(&group, busy, NULL, NULL);
    CHECK_INT(write(outside.ends[1], "x", 1), 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    close(outside.ends[0]);
    close(outside.ends[1]);
    return outside.runs;
}

REAL_TEST(test_fairness_io_is_polled_after_64_runs) { CHECK(runs_until_io_is_seen(keep_yielding, 3) <= 3 * 64); }

REAL_TEST(test_fairness_io_is_polled_between_long_computations) {
    CHECK(runs_until_io_is_seen(keep_computing, 3) <= 12);
}

/* A deadline passes although its task never waits for anything that is not there. */
REAL_TEST(test_fairness_a_deadline_ends_a_loop_of_calls_that_complete_at_once) {
    weir_scope scope;
    weir_event event;
    int rc;

    weir_event_init(&event);
    weir_event_set(&event);
    weir_scope_open(&scope, weir_after(5 * WEIR_MS));
    while ((rc = weir_event_wait(&event)) == 0)
        ;
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    weir_event_done(&event);
}
