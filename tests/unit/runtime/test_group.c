/* SPDX-License-Identifier: MIT */
/* Groups: ownership, first failure, supervising, bounds, cancel. */
#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct step {
    weir_duration sleep;
    int result;
    int seen; /* what the sleep returned */
    bool ended;
};

static int take_step(void *arg) {
    struct step *step = arg;

    step->seen = weir_sleep(step->sleep);
    step->ended = true;
    return step->seen < 0 ? step->seen : step->result;
}

TASK_TEST(test_group_close_waits_for_all_tasks) {
    struct step steps[10] = {{0}};
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 10; i++) {
        steps[i].sleep = (10 - i) * WEIR_MS;
        CHECK_INT(weir_spawn(&group, take_step, &steps[i], NULL), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 10; i++)
        CHECK(steps[i].ended && steps[i].seen == 0);
}

TASK_TEST(test_group_without_tasks_closes_at_once_and_hands_the_result_through) {
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_group_close(&group, 5), 5);
}

TASK_TEST(test_group_first_failure_cancels_the_others_and_is_returned) {
    struct step steps[3] = {{WEIR_HOUR, 0, 0, false}, {WEIR_MS, -EIO, 0, false}, {2 * WEIR_MS, -EPIPE, 0, false}};
    weir_group group;
    weir_instant start = weir_now();

    weir_group_open(&group);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, take_step, &steps[i], NULL);
    CHECK_INT(weir_group_close(&group, 0), -EIO);
    CHECK_INT(steps[0].seen, -ECANCELED);
    CHECK_INT(steps[2].seen, -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), start), WEIR_MS);
}

TASK_TEST(test_group_childs_failure_interrupts_the_opener) {
    struct step step = {WEIR_MS, -EIO, 0, false};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, NULL);
    int rc = weir_sleep(WEIR_HOUR);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(weir_group_close(&group, rc), -EIO);
    CHECK_INT(weir_yield(), 0);
}

TASK_TEST(test_group_openers_failure_cancels_the_tasks) {
    struct step step = {WEIR_HOUR, 0, 0, false};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, NULL);
    CHECK_INT(weir_group_close(&group, -ENOENT), -ENOENT);
    CHECK_INT(step.seen, -ECANCELED);
}

static int fail_with_text(void *arg) {
    (void)arg;
    return weir_fail(-ENOENT, "read %s", "config.ini");
}

TASK_TEST(test_group_close_brings_the_detail_of_the_failure) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, fail_with_text, NULL, NULL);
    int rc = weir_group_close(&group, 0);
    CHECK_INT(rc, -ENOENT);
    CHECK_STR(weir_error_text(rc), "read config.ini");
    CHECK_INT(weir_fail(rc, "load cart"), -ENOENT);
    CHECK_STR(weir_error_text(rc), "load cart: read config.ini");
}

TASK_TEST(test_group_cancelled_by_hand_closes_with_0) {
    struct step steps[2] = {{WEIR_HOUR, 0, 0, false}, {WEIR_HOUR, 0, 0, false}};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &steps[0], NULL);
    weir_spawn(&group, take_step, &steps[1], NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_group_cancel(&group, "enough");
    CHECK_INT(weir_yield(), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by enough");
    CHECK_INT(weir_group_close(&group, -ECANCELED), 0);
    CHECK_INT(steps[0].seen, -ECANCELED);
}

TASK_TEST(test_group_spawn_into_a_cancelled_group_runs_and_sees_the_cancel) {
    struct step step = {WEIR_HOUR, 0, 0, false};
    weir_group group;

    weir_group_open(&group);
    weir_group_cancel(&group, NULL);
    CHECK_INT(weir_spawn(&group, take_step, &step, NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK(step.ended);
    CHECK_INT(step.seen, -ECANCELED);
}

TASK_TEST(test_group_close_inside_a_cancelled_scope_still_waits) {
    struct step step = {WEIR_HOUR, 0, 0, false};
    weir_group group;
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_MS));
    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, NULL);
    int rc = weir_group_close(&group, 0);
    CHECK(step.ended);
    CHECK_INT(rc, -ETIME);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
}

static int tidy_up_in_a_shield(void *arg) {
    bool *tidied = arg;
    weir_scope shield;

    int rc = weir_sleep(WEIR_HOUR);
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    *tidied = weir_sleep(10 * WEIR_MS) == 0;
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    return rc;
}

TASK_TEST(test_group_close_waits_for_shielded_clean_up) {
    bool tidied = false;
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, tidy_up_in_a_shield, &tidied, NULL);
    CHECK_INT(weir_yield(), 0);
    CHECK_INT(weir_group_close(&group, -EIO), -EIO);
    CHECK(tidied);
}

/* ---- Supervising ------------------------------------------------------------------------------------------------- */

TASK_TEST(test_group_supervising_goes_on_after_a_failure) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = true};
    struct step steps[2] = {{WEIR_MS, -EIO, 0, false}, {10 * WEIR_MS, 0, 0, false}};
    weir_group group;
    weir_failure failure;

    weir_group_open_with(&group, &options);
    weir_spawn(&group, take_step, &steps[0], NULL);
    weir_spawn(&group, take_step, &steps[1], NULL);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 0);
    CHECK_INT(steps[1].seen, 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_group_supervising_close_returns_the_first_failure_nobody_took) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = true};
    struct step steps[3] = {{WEIR_MS, -EIO, 0, false}, {2 * WEIR_MS, -EPIPE, 0, false}, {3 * WEIR_MS, 0, 0, false}};
    weir_group group;
    weir_failure failure;

    weir_group_open_with(&group, &options);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, take_step, &steps[i], NULL);
    CHECK_INT(weir_group_wait(&group), 0);
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_INT(weir_group_close(&group, 0), -EPIPE);
}

TASK_TEST(test_group_keeps_eight_failures_and_counts_the_rest) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = true};
    struct step steps[12];
    weir_group group;
    weir_failure failure;
    int taken = 0;

    weir_group_open_with(&group, &options);
    for (int i = 0; i < 12; i++) {
        steps[i] = (struct step){(i + 1) * WEIR_MS, -(i + 1), 0, false};
        weir_spawn(&group, take_step, &steps[i], NULL);
    }
    CHECK_INT(weir_group_wait(&group), 0);
    while (weir_group_try_failure(&group, &failure) == 1)
        CHECK_INT(failure.code, -++taken);
    CHECK_INT(taken, 8);
    CHECK_INT(failure.untold, 4);
    int rc = weir_group_close(&group, 0);
    CHECK(rc < 0); /* four more that nobody was told */
}

TASK_TEST(test_group_failure_names_its_task) {
    weir_group_options options = {.size_bytes = sizeof options, .supervising = true};
    weir_spawn_options named = {.size_bytes = sizeof named, .name = "fetch 42"};
    weir_group group;
    weir_failure failure;

    weir_group_open_with(&group, &options);
    weir_spawn_with(&group, fail_with_text, NULL, NULL, &named);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 1);
    CHECK_STR(failure.task, "fetch 42");
    CHECK_STR(failure.text, "read config.ini");
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- Bounds ------------------------------------------------------------------------------------------------------ */

struct crowd {
    int running, most;
};

static int join_crowd(void *arg) {
    struct crowd *crowd = arg;

    if (++crowd->running > crowd->most)
        crowd->most = crowd->running;
    int rc = weir_sleep(WEIR_MS);
    crowd->running--;
    return rc;
}

TASK_TEST(test_group_running_max_makes_spawn_wait) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 3};
    struct crowd crowd = {0, 0};
    weir_group group;
    weir_instant start = weir_now();

    weir_group_open_with(&group, &options);
    for (int i = 0; i < 10; i++)
        CHECK_INT(weir_spawn(&group, join_crowd, &crowd, NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(crowd.most, 3);
    CHECK_INT(weir_instant_diff(weir_now(), start), 4 * WEIR_MS);
}

static int stay(void *arg) {
    weir_scope shield;
    (void)arg;

    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    int rc = weir_sleep(10 * WEIR_MS);
    return weir_scope_close(&shield, rc);
}

TASK_TEST(test_group_spawn_that_waits_for_room_can_be_cancelled) {
    weir_group_options options = {.size_bytes = sizeof options, .running_max = 1};
    struct step second = {0};
    weir_group group;
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_MS));
    weir_group_open_with(&group, &options);
    CHECK_INT(weir_spawn(&group, stay, NULL, NULL), 0);
    CHECK_INT(weir_spawn(&group, take_step, &second, NULL), -ETIME);
    int rc = weir_group_close(&group, 0);
    CHECK(!second.ended);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
}

static int run_too_many(void *arg) {
    struct step steps[3] = {{WEIR_MS, 0, 0, false}, {WEIR_MS, 0, 0, false}, {WEIR_MS, 0, 0, false}};
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, take_step, &steps[0], NULL), 0);
    CHECK_INT(weir_spawn(&group, take_step, &steps[1], NULL), 0);
    CHECK_INT(weir_spawn(&group, take_step, &steps[2], NULL), -EAGAIN);
    int rc = weir_group_close(&group, 0);
    CHECK(!steps[2].ended);
    CHECK_HAS(weir_error_text(rc), "tasks_max");
    return rc;
}

TEST(test_group_spawn_beyond_tasks_max_fails_and_the_close_tells) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .tasks_max = 3};
    CHECK_INT(weir_run(run_too_many, NULL, &options), -EAGAIN);
}

/* ---- Trees ------------------------------------------------------------------------------------------------------- */

struct tree {
    int depth, *leaves, *ended;
};

static int grow(void *arg) {
    struct tree *tree = arg, child = {tree->depth - 1, tree->leaves, tree->ended};
    weir_group group;
    int rc = 0;

    if (tree->depth == 0) {
        ++*tree->leaves;
        rc = weir_sleep(WEIR_HOUR);
    } else {
        weir_group_open(&group);
        for (int i = 0; i < 3; i++)
            weir_spawn(&group, grow, &child, NULL);
        rc = weir_group_close(&group, 0);
    }
    ++*tree->ended;
    return rc;
}

TASK_TEST(test_group_deadline_reaches_every_leaf_of_a_tree) {
    int leaves = 0, ended = 0;
    struct tree tree = {5, &leaves, &ended};
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_SEC));
    int rc = grow(&tree);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    CHECK_INT(leaves, 243);
    CHECK_INT(ended, 364);
}

static int spawn_into(void *arg) {
    static struct step step = {WEIR_MS, 0, 0, false};
    return weir_spawn(arg, take_step, &step, NULL);
}

TASK_TEST(test_group_may_be_spawned_into_by_its_own_tasks_while_closing) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, spawn_into, &group, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int cancel_group(void *arg) {
    weir_group_cancel(arg, "a child");
    return 0;
}

TASK_TEST(test_group_may_be_cancelled_by_a_task_of_its_own) {
    struct step step = {WEIR_HOUR, 0, 0, false};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, NULL);
    weir_spawn(&group, cancel_group, &group, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(step.seen, -ECANCELED);
}

TASK_TEST_DIES(test_group_spawn_into_a_closed_group_aborts, SIGABRT, "the group is not open") {
    struct step step = {0};
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_spawn(&group, take_step, &step, NULL);
}

/* ---- Task handles ------------------------------------------------------------------------------------------------ */

TASK_TEST(test_task_wait_returns_the_result_apart_from_the_outcome) {
    struct step step = {WEIR_MS, 42, 0, false};
    weir_group group;
    weir_task *task;
    int result = 0;

    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, take_step, &step, &task), 0);
    CHECK_INT(weir_task_try_wait(task, &result), -EAGAIN);
    CHECK_INT(weir_task_wait(task, &result), 0);
    CHECK_INT(result, 42);
    CHECK_INT(weir_task_wait(task, NULL), 42);
    CHECK_INT(weir_task_try_wait(task, NULL), 42);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_task_cancelled_alone_is_no_failure_of_its_group) {
    struct step steps[2] = {{WEIR_HOUR, 0, 0, false}, {2 * WEIR_MS, 0, 0, false}};
    weir_group group;
    weir_task *task;
    int result = 0;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &steps[0], &task);
    weir_spawn(&group, take_step, &steps[1], NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_task_cancel(task, "a neighbour");
    CHECK_INT(weir_task_wait(task, &result), 0);
    CHECK_INT(result, -ECANCELED);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(steps[1].seen, 0);
}

TASK_TEST(test_task_wait_that_is_interrupted_leaves_the_task_alone) {
    struct step step = {WEIR_SEC, 0, 0, false};
    weir_group group;
    weir_scope scope;
    weir_task *task;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, &task);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    int rc = weir_task_wait(task, NULL);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(step.seen, 0);
}

TASK_TEST(test_task_handle_may_be_released_before_and_after_the_end) {
    struct step steps[2] = {{WEIR_MS, 0, 0, false}, {3 * WEIR_MS, 0, 0, false}};
    weir_group group;
    weir_task *tasks[2];

    weir_group_open(&group);
    weir_spawn(&group, take_step, &steps[0], &tasks[0]);
    weir_spawn(&group, take_step, &steps[1], &tasks[1]);
    CHECK_INT(weir_sleep(2 * WEIR_MS), 0);
    weir_task_release(tasks[0]);
    weir_task_release(tasks[1]);
    weir_task_release(NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_task_cancel_reaches_what_the_task_spawned) {
    int leaves = 0, ended = 0;
    struct tree tree = {2, &leaves, &ended};
    weir_group group;
    weir_task *task;

    weir_group_open(&group);
    weir_spawn(&group, grow, &tree, &task);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_task_cancel(task, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(ended, 13);
}
