/* SPDX-License-Identifier: MIT */
/* Waiting for a group without closing it, and taking its failures: who is woken, who is refused, what is told. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

static const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};

struct step {
    weir_duration sleep;
    int result;
};

static int take_step(void *arg) {
    const struct step *step = arg;
    int rc = weir_sleep(step->sleep);

    return rc < 0 ? rc : step->result;
}

/* Stays for a second, whatever is cancelled. */
static int stay(void *arg) {
    weir_scope shield;
    (void)arg;

    weir_scope_open_shield(&shield, weir_after(WEIR_MIN));
    int rc = weir_sleep(WEIR_SEC);
    return weir_scope_close(&shield, rc);
}

/* ---- weir_group_wait --------------------------------------------------------------------------------------------- */

/* The failure wakes who waits for the group, and cancels it: it must not go back to waiting for the one that stays. */
TASK_TEST(test_group_wait_ends_when_a_task_fails_though_another_stays) {
    struct step failing = {WEIR_MS, -EIO};
    weir_instant start = weir_now();
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, stay, NULL, NULL);
    weir_spawn(&group, take_step, &failing, NULL);
    int rc = weir_group_wait(&group);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), start), WEIR_MS);
    CHECK_INT(weir_group_close(&group, rc), -EIO);
    CHECK_INT(weir_instant_diff(weir_now(), start), WEIR_SEC);
}

TASK_TEST(test_group_wait_ends_when_the_group_is_cancelled_by_its_last_but_one_task) {
    struct step failing = {0, -EIO};
    weir_group group;

    /* The failing one has ended before anybody waits. */
    weir_group_open(&group);
    weir_spawn(&group, stay, NULL, NULL);
    weir_spawn(&group, take_step, &failing, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), -ECANCELED);
    CHECK_INT(weir_group_wait(&group), -ECANCELED);
    CHECK_INT(weir_group_close(&group, 0), -EIO);
}

TASK_TEST(test_group_wait_for_no_task_is_done) {
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_group_wait(&group), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_group_wait_leaves_the_group_open_for_more) {
    struct step step = {WEIR_MS, 0};
    weir_group group;

    weir_group_open(&group);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++)
            weir_spawn(&group, take_step, &step, NULL);
        CHECK_INT(weir_group_wait(&group), 0);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_group_wait_that_meets_a_deadline_leaves_the_tasks_alone) {
    struct step step = {WEIR_SEC, 0};
    weir_group group;
    weir_scope scope;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &step, NULL);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_group_wait(&group)), -ETIME);
    CHECK_INT(weir_group_wait(&group), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int wait_for_group(void *arg) { return weir_group_wait(arg); }

/* Who waits inside would wait for itself; who waits elsewhere may find the group closed and its storage gone. */
TASK_TEST_DIES(test_group_wait_by_another_than_its_opener_aborts, SIGABRT, "weir_group_wait: ") {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, wait_for_group, &group, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST_DIES(test_group_wait_for_a_closed_group_aborts, SIGABRT, "weir_group_wait: the group is not open") {
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir_group_wait(&group), 0);
}

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

TASK_TEST(test_group_failures_wait_ends_with_a_deadline_and_takes_nothing) {
    struct step steps[2] = {{2 * WEIR_MS, -EIO}, {5 * WEIR_MS, 0}};
    weir_failure failure;
    weir_group group;
    weir_scope scope;

    weir_group_open_with(&group, &supervising);
    weir_spawn(&group, take_step, &steps[0], NULL);
    weir_spawn(&group, take_step, &steps[1], NULL);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_group_wait_failure(&group, &failure)), -ETIME);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_group_failures_of_a_cancelled_group_can_still_be_taken) {
    struct step failing = {WEIR_MS, -EIO};
    weir_failure failure;
    weir_group group;

    weir_group_open_with(&group, &supervising);
    weir_spawn(&group, take_step, &failing, NULL);
    CHECK_INT(weir_sleep(2 * WEIR_MS), 0);
    weir_group_cancel(&group, NULL);
    CHECK_INT(weir_group_wait_failure(&group, &failure), -ECANCELED);
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_INT(weir_group_try_failure(&group, &failure), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* `untold` counts what came after the failure that is told and was not kept, not what was lost before it. */
TASK_TEST(test_group_failures_untold_are_those_that_came_later) {
    struct step steps[11];
    weir_failure failure;
    weir_group group;

    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < 11; i++)
        steps[i] = (struct step){(i + 1) * WEIR_MS, -(i + 1)};
    for (int i = 0; i < 10; i++)
        weir_spawn(&group, take_step, &steps[i], NULL);
    CHECK_INT(weir_group_wait(&group), 0);
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.untold, 2);
    weir_spawn(&group, take_step, &steps[10], NULL); /* there is room for it */
    CHECK_INT(weir_group_wait(&group), 0);
    for (int i = 2; i <= 8; i++) {
        CHECK_INT(weir_group_try_failure(&group, &failure), 1);
        CHECK_INT(failure.code, -i);
        CHECK_INT(failure.untold, 2);
    }
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -11);
    CHECK_INT(failure.untold, 0);
    CHECK_INT(weir_group_try_failure(&group, &failure), 0);
    CHECK_INT(weir_group_close(&group, 0), -9); /* the first that nobody was told */
}

TASK_TEST(test_group_supervising_under_an_outer_cancel_ends_all_and_says_so) {
    struct step steps[3] = {{WEIR_HOUR, 0}, {WEIR_HOUR, 0}, {WEIR_MS, -EPIPE}};
    weir_failure failure;
    weir_group group;
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_SEC));
    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, take_step, &steps[i], NULL);
    CHECK_INT(weir_group_wait_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EPIPE);
    int rc;
    while ((rc = weir_group_wait_failure(&group, &failure)) > 0)
        CHECK_INT(failure.code, -ETIME); /* a task was quicker than we to give in */
    CHECK_INT(rc, -ETIME);
    rc = weir_group_close(&group, rc);
    CHECK_INT(rc, -ETIME);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
}

TASK_TEST(test_group_supervising_cancelled_by_hand_takes_echoes_for_no_failures) {
    struct step steps[2] = {{WEIR_HOUR, 0}, {WEIR_HOUR, 0}};
    weir_failure failure;
    weir_group group;

    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < 2; i++)
        weir_spawn(&group, take_step, &steps[i], NULL);
    settle();
    weir_group_cancel(&group, "enough");
    CHECK_INT(weir_group_close(&group, -ECANCELED), 0);

    weir_group_open_with(&group, &supervising);
    CHECK_INT(weir_group_try_failure(&group, &failure), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- Nested ------------------------------------------------------------------------------------------------------ */

struct nest {
    int depth;
    int result; /* of the innermost */
    int closed; /* what its group's close returned */
};

/* A group in a task in a group in a task ...; the innermost fails while all the others are closing. */
static int descend(void *arg) {
    struct nest *nest = arg;
    weir_group group;

    if (nest->depth == 0) {
        int rc = weir_sleep(WEIR_MS);
        return rc < 0 ? rc : weir_fail(nest->result, "the innermost");
    }
    struct nest child = {nest->depth - 1, nest->result, 0};
    struct step sibling = {WEIR_HOUR, 0};
    weir_group_open(&group);
    weir_spawn(&group, descend, &child, NULL);
    weir_spawn(&group, take_step, &sibling, NULL);
    nest->closed = weir_group_close(&group, 0);
    return nest->closed;
}

TASK_TEST(test_group_failure_during_close_climbs_out_of_nested_groups) {
    struct nest nest = {10, -EXDEV, 0};
    weir_instant start = weir_now();

    CHECK_INT(descend(&nest), -EXDEV);
    CHECK_STR(weir_error_text(-EXDEV), "the innermost");
    CHECK_INT(weir_instant_diff(weir_now(), start), WEIR_MS);
}

static int fail_while_unwinding(void *arg) {
    struct step child = {WEIR_HOUR, 0};
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    weir_spawn(&group, take_step, &child, NULL);
    int rc = weir_group_close(&group, 0);
    CHECK_INT(rc, -ECANCELED); /* not this group's own cancel: it comes from outside */
    return weir_fail(-EBADMSG, "rollback");
}

TASK_TEST(test_group_failure_while_it_is_cancelled_is_a_failure_and_the_first_stays) {
    struct step failing = {WEIR_MS, -EIO};
    weir_failure failure;
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, fail_while_unwinding, NULL, NULL);
    weir_spawn(&group, take_step, &failing, NULL);
    CHECK_INT(weir_sleep(WEIR_HOUR), -ECANCELED);
    settle_in_a_shield();
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EIO);
    CHECK_INT(weir_group_try_failure(&group, &failure), 1);
    CHECK_INT(failure.code, -EBADMSG);
    CHECK_STR(failure.text, "rollback");
    CHECK_INT(weir_group_close(&group, 0), -EIO);
}

/* ---- A storm ----------------------------------------------------------------------------------------------------- */

static int storm_child(void *arg) {
    struct step leaf = {WEIR_HOUR, 0};
    weir_group group;
    weir_scope scope;
    (void)arg;

    weir_scope_open(&scope, weir_after(WEIR_MIN));
    weir_group_open(&group);
    weir_spawn(&group, take_step, &leaf, NULL);
    int rc = weir_group_close(&group, 0);
    return weir_scope_close(&scope, rc);
}

struct bolt {
    weir_task **tasks;
    unsigned count;
};

/* Cancels tasks at random, some twice, some that have ended. */
static int cancel_at_random(void *arg) {
    const struct bolt *bolt = arg;

    for (unsigned i = 0; i < bolt->count; i++) {
        weir_task_cancel(bolt->tasks[chance(bolt->count)], "lightning");
        if (i % 64 == 0) {
            int rc = weir_yield();
            if (rc < 0)
                return rc;
        }
    }
    return 0;
}

TASK_TEST(test_group_survives_a_storm_of_cancels) {
    enum { TASKS = 10000 };
    static weir_task *tasks[TASKS];
    weir_spawn_options small = {.size_bytes = sizeof small, .stack_bytes = 64 << 10};
    unsigned count = test_scaled(TASKS);
    struct bolt bolt = {tasks, count};
    weir_group group, storm;

    weir_group_open(&group);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(weir_spawn_with(&group, storm_child, NULL, &tasks[i], &small), 0);
    weir_group_open(&storm);
    for (int i = 0; i < 4; i++)
        weir_spawn(&storm, cancel_at_random, &bolt, NULL);
    CHECK_INT(weir_group_close(&storm, 0), 0);
    weir_group_cancel(&group, "the end");
    CHECK_INT(weir_group_close(&group, 0), 0);
}
