/* SPDX-License-Identifier: MIT */
/* Handles of tasks: waited for by many, while they are released, while their group closes, from the wrong loop. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <pthread.h>

static int nap_and_tell(void *arg) {
    int rc = weir_sleep(WEIR_MS);
    return rc < 0 ? rc : *(const int *)arg;
}

struct wait {
    weir_task *task;
    int rc, result;
};

static int wait_for(void *arg) {
    struct wait *wait = arg;

    wait->result = -1;
    wait->rc = weir_task_wait(wait->task, &wait->result);
    return 0;
}

static int wait_outside(void *arg) {
    static const int answer = 42;
    struct wait waits[5];
    weir_group outside, group;
    (void)arg;

    weir_group_open(&outside);
    weir_group_open(&group);
    weir_task *task = start(&group, nap_and_tell, (void *)(uintptr_t)&answer);
    for (int i = 0; i < 5; i++) {
        waits[i].task = task;
        weir_spawn(&outside, wait_for, &waits[i], NULL);
    }
    /* Those who wait are woken by the same end as the close, which gives the handle back, perhaps before they run. */
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir_group_close(&outside, 0), 0);
    for (int i = 0; i < 5; i++) {
        CHECK_INT(waits[i].rc, 0);
        CHECK_INT(waits[i].result, 42);
    }
    return 0;
}

TEST(test_task_result_reaches_who_waits_outside_its_group_though_that_has_closed) { run_under_seeds(50, wait_outside); }

static int release_under(void *arg) {
    static const int answer = 7;
    struct wait wait;
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    wait.task = start(&group, nap_and_tell, (void *)(uintptr_t)&answer);
    weir_spawn(&group, wait_for, &wait, NULL);
    settle();
    CHECK_INT(weir_task_wait(wait.task, NULL), 7);
    weir_task_release(wait.task); /* the other one has its result, whether it has run or not */
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(wait.rc, 0);
    CHECK_INT(wait.result, 7);
    return 0;
}

TEST(test_task_handle_released_by_one_who_waited_does_not_take_it_from_the_other) {
    run_under_seeds(50, release_under);
}

TASK_TEST_DIES(test_task_handle_released_under_a_waiter_aborts, SIGABRT,
               "weir_task_release: a task still waits on the handle") {
    static const int answer = 1;
    struct wait wait;
    weir_group group;

    weir_group_open(&group);
    wait.task = start(&group, nap_and_tell, (void *)(uintptr_t)&answer);
    weir_spawn(&group, wait_for, &wait, NULL);
    CHECK_INT(weir_sleep(WEIR_US), 0);
    weir_task_release(wait.task);
}

static weir_task *self;

static int wait_for_self(void *arg) {
    (void)arg;
    return weir_task_wait(self, NULL);
}

TASK_TEST_DIES(test_task_that_waits_for_itself_aborts, SIGABRT, "weir_task_wait: a task waits for itself") {
    weir_group group;

    weir_group_open(&group);
    self = start(&group, wait_for_self, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- Cancels ----------------------------------------------------------------------------------------------------- */

static int cancel_self(void *arg) {
    (void)arg;
    weir_task_cancel(self, "itself");
    CHECK_INT(weir_scope_check(), -ECANCELED);
    int rc = weir_yield();
    CHECK_STR(weir_error_text(rc), "cancelled by itself");
    return rc;
}

TASK_TEST(test_task_may_cancel_itself) {
    weir_group group;

    weir_group_open(&group);
    self = start(&group, cancel_self, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int count_runs(void *arg) {
    ++*(int *)arg;
    return weir_sleep(WEIR_HOUR);
}

/* Cancelled before it has begun, it still begins, and sees the cancel at its first wait. */
TASK_TEST(test_task_cancelled_before_it_ran_runs_until_its_first_wait) {
    int runs = 0, result = 0;
    weir_group group;

    weir_group_open(&group);
    weir_task *task = start(&group, count_runs, &runs);
    weir_task_cancel(task, NULL);
    CHECK_INT(weir_task_wait(task, &result), 0);
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(runs, 1);
    weir_task_cancel(task, NULL); /* it has ended: left alone */
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int fail_although_cancelled(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_HOUR) < 0 ? -EIO : 0;
}

TASK_TEST(test_task_cancelled_that_fails_otherwise_is_a_failure_of_its_group) {
    weir_group group;

    weir_group_open(&group);
    weir_task *task = start(&group, fail_although_cancelled, NULL);
    settle();
    weir_task_cancel(task, NULL);
    CHECK_INT(weir_group_close(&group, 0), -EIO);
}

/* ---- Another loop ------------------------------------------------------------------------------------------------ */

static int try_from_another_loop(void *arg) { return weir_task_try_wait(arg, NULL); }

static void *run_on_a_thread(void *arg) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};
    weir_run(try_from_another_loop, arg, &options);
    return NULL;
}

/* Rule 6: an object of one loop is not to be touched from another. */
TASK_TEST_DIES(test_task_handle_of_another_loop_aborts, SIGABRT, "weir_task_try_wait: called on loop") {
    static const int answer = 1;
    pthread_t thread;
    weir_group group;

    weir_group_open(&group);
    weir_task *task = start(&group, nap_and_tell, (void *)(uintptr_t)&answer);
    CHECK_INT(pthread_create(&thread, NULL, run_on_a_thread, task), 0);
    pthread_join(thread, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static int leave_group_open(void *arg) {
    weir_group_open(arg);
    return 0;
}

TASK_TEST_DIES(test_task_that_leaves_a_group_open_aborts_naming_it, SIGABRT,
               "\" returned with a group open, opened at leave_group_open+0x") {
    weir_spawn_options named = {.size_bytes = sizeof named, .name = "sloppy"};
    weir_group group, left;

    weir_group_open(&group);
    weir_spawn_with(&group, leave_group_open, &left, NULL, &named);
    CHECK_INT(weir_group_close(&group, 0), 0);
}
