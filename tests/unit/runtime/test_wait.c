/* SPDX-License-Identifier: MIT */
/* test_wait.c: waiting for one, the next or all of several tasks. */
#include "weir/wait.h"

#include "support/tasks.h"
#include "weir/scope.h"

enum { TASKS = 8 };

/* Tasks that sleep for given times, and what to wait for them with. */
struct crowd {
    weir_group group;
    weir_duration naps[TASKS];
    weir_task *tasks[TASKS];
    weir_waitable ends[TASKS];
};

static int nap(void *arg) { return weir_sleep(*(weir_duration *)arg); }

static void crowd_open(struct crowd *crowd, const int *naps_s) {
    weir_group_open(&crowd->group);
    for (int i = 0; i < TASKS; i++) {
        crowd->naps[i] = naps_s[i] * WEIR_SEC;
        crowd->tasks[i] = start(&crowd->group, nap, &crowd->naps[i]);
        crowd->ends[i] = weir_waitable_task(crowd->tasks[i]);
    }
}

static void crowd_close(struct crowd *crowd) {
    weir_group_cancel(&crowd->group, "the end of the test");
    CHECK_INT(weir_group_close(&crowd->group, 0), 0);
}

static const int mixed_s[TASKS] = {5, 3, 8, 1, 7, 2, 6, 4};

/* ---- All --------------------------------------------------------------------------------------------------------- */

TASK_TEST(test_wait_all_takes_as_long_as_the_slowest) {
    struct crowd crowd;
    weir_instant begin = weir_now();

    crowd_open(&crowd, mixed_s);
    CHECK_INT(weir_wait_all(crowd.ends, TASKS), 0);
    CHECK_INT(weir_instant_diff(weir_now(), begin), 8 * WEIR_SEC);
    CHECK_INT(weir_wait_all(crowd.ends, TASKS), 0); /* consumes nothing */
    for (int i = 0; i < TASKS; i++)
        CHECK_INT(weir_task_try_wait(crowd.tasks[i], NULL), 0);
    crowd_close(&crowd);
}

TASK_TEST(test_wait_all_of_nothing_is_done) {
    weir_scope scope;

    CHECK_INT(weir_wait_all(NULL, 0), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_wait_all(NULL, 0), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
}

static int fail_at_once(void *arg) { return *(int *)arg; }

TASK_TEST(test_wait_all_waits_for_failures_too) {
    int code = -EIO, result = 0;
    weir_duration span = WEIR_SEC;
    weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    weir_group group;

    weir_group_open_with(&group, &supervising);
    weir_task *bad = start(&group, fail_at_once, &code), *good = start(&group, nap, &span);
    weir_waitable ends[] = {weir_waitable_task(bad), weir_waitable_task(good)};
    CHECK_INT(weir_wait_all(ends, 2), 0);
    CHECK_INT(weir_task_try_wait(bad, &result), 0);
    CHECK_INT(result, -EIO);
    CHECK_INT(weir_task_try_wait(good, &result), 0);
    CHECK_INT(result, 0);
    CHECK_INT(weir_group_close(&group, 0), -EIO);
}

TASK_TEST(test_wait_all_ends_with_a_deadline_in_the_middle) {
    struct crowd crowd;
    weir_scope scope;

    crowd_open(&crowd, mixed_s);
    weir_scope_open(&scope, weir_after(4500 * WEIR_MS));
    CHECK_INT(weir_wait_all(crowd.ends, TASKS), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    for (int i = 0; i < TASKS; i++)
        CHECK_INT(weir_task_try_wait(crowd.tasks[i], NULL), mixed_s[i] < 5 ? 0 : -EAGAIN);
    crowd_close(&crowd);
}

/* ---- Any --------------------------------------------------------------------------------------------------------- */

TASK_TEST(test_wait_any_tells_the_first) {
    struct crowd crowd;
    weir_instant begin = weir_now();

    crowd_open(&crowd, mixed_s);
    CHECK_INT(weir_wait_any(crowd.ends, TASKS), 3);
    CHECK_INT(weir_instant_diff(weir_now(), begin), WEIR_SEC);
    CHECK_INT(weir_sleep(WEIR_SEC), 0);
    CHECK_INT(weir_wait_any(crowd.ends, TASKS), 3);
    CHECK_INT(weir_sleep(WEIR_SEC + 1), 0);
    CHECK_INT(weir_wait_any(crowd.ends, TASKS), 1); /* the lowest of several */
    crowd_close(&crowd);
}

TASK_TEST(test_wait_any_tells_the_lowest_of_those_that_end_together) {
    static const int same_s[TASKS] = {9, 9, 2, 2, 2, 2, 2, 2};
    struct crowd crowd;

    crowd_open(&crowd, same_s);
    int which = weir_wait_any(crowd.ends, TASKS);
    for (int i = 0; i < which; i++)
        CHECK_INT(weir_task_try_wait(crowd.tasks[i], NULL), -EAGAIN);
    CHECK_INT(weir_task_try_wait(crowd.tasks[which], NULL), 0);
    crowd_close(&crowd);
}

TASK_TEST(test_wait_any_leaves_no_line_behind) {
    struct crowd crowd;
    weir_scope scope;

    crowd_open(&crowd, mixed_s);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_wait_any(crowd.ends, TASKS), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    CHECK_INT(weir_wait_any(crowd.ends, TASKS), 3);
    for (int i = 0; i < TASKS; i++)
        weir_task_release(crowd.tasks[i]); /* an assertion, if somebody were in line */
    crowd_close(&crowd);
}

/* ---- Next -------------------------------------------------------------------------------------------------------- */

TASK_TEST(test_wait_next_tells_each_once_in_the_order_of_their_ends) {
    struct crowd crowd;
    weir_instant begin = weir_now();
    size_t which = 99;
    int told = 0, rc;

    crowd_open(&crowd, mixed_s);
    while ((rc = weir_wait_next(crowd.ends, TASKS, &which)) > 0) {
        told++;
        CHECK_INT(mixed_s[which], told);
        CHECK(crowd.ends[which].seen);
        CHECK_INT(weir_instant_diff(weir_now(), begin), told * WEIR_SEC);
    }
    CHECK_INT(rc, 0);
    CHECK_INT(told, TASKS);
    crowd.ends[2].seen = false; /* to be told again */
    CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), 1);
    CHECK_INT(which, 2);
    crowd_close(&crowd);
}

TASK_TEST(test_wait_next_keeps_the_order_of_what_ended_before_it_was_asked) {
    struct crowd crowd;
    size_t which = 99;

    crowd_open(&crowd, mixed_s);
    CHECK_INT(weir_sleep(5500 * WEIR_MS), 0);
    for (int told = 1; told <= TASKS; told++) {
        CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), 1);
        CHECK_INT(mixed_s[which], told);
    }
    CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), 0);
    CHECK_INT(weir_wait_next(NULL, 0, &which), 0);
    crowd_close(&crowd);
}

TASK_TEST(test_wait_next_passes_over_what_is_marked_as_seen) {
    struct crowd crowd;
    size_t which = 99;

    crowd_open(&crowd, mixed_s);
    crowd.ends[3].seen = true; /* the first to end: nobody asks for it */
    CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), 1);
    CHECK_INT(which, 5);
    crowd_close(&crowd);
}

TASK_TEST(test_wait_next_marks_nothing_when_it_is_interrupted) {
    struct crowd crowd;
    weir_scope scope;
    size_t which = 99;

    crowd_open(&crowd, mixed_s);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_sleep(1), -ECANCELED);
    CHECK_INT(weir_wait_next(crowd.ends, TASKS, &which), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
    CHECK_INT(which, 99);
    for (int i = 0; i < TASKS; i++)
        CHECK(!crowd.ends[i].seen);
    crowd_close(&crowd);
}

/* ---- Races ------------------------------------------------------------------------------------------------------- */

enum how { ALL, ANY, NEXT };

struct watcher {
    enum how how;
    weir_task *tasks[2];
    int rc;
};

static int watch(void *arg) {
    struct watcher *me = arg;
    weir_waitable ends[] = {weir_waitable_task(me->tasks[0]), weir_waitable_task(me->tasks[1])};
    size_t which;

    if (me->how == ALL)
        me->rc = weir_wait_all(ends, 2);
    else if (me->how == ANY)
        me->rc = weir_wait_any(ends, 2);
    else
        me->rc = weir_wait_next(ends, 2, &which);

    /* An outcome that existed when we went on was told; one that did not was not. */
    int ended = (weir_task_try_wait(me->tasks[0], NULL) == 0) + (weir_task_try_wait(me->tasks[1], NULL) == 0);
    CHECK_INT(me->rc < 0 ? me->rc : 0, ended >= (me->how == ALL ? 2 : 1) ? 0 : -ECANCELED);
    CHECK_INT(ends[0].seen + ends[1].seen, me->how == NEXT && me->rc == 1);
    return 0;
}

/* Two tasks end, and the one that waits for them is cancelled, at one instant; the seed decides who comes first. */
static int end_and_cancel(enum how how) {
    weir_duration span = WEIR_SEC;
    struct watcher watcher = {.how = how};
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 2; i++)
        watcher.tasks[i] = start(&group, nap, &span);
    weir_task *task = start(&group, watch, &watcher);
    CHECK_INT(weir_sleep(span), 0);
    weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    return watcher.rc;
}

static int told, interrupted; /* of the runs of one case */

static int count_outcome(int rc) {
    if (rc < 0)
        interrupted++;
    else
        told++;
    return 0;
}

static int race_all(void *arg) {
    (void)arg;
    return count_outcome(end_and_cancel(ALL));
}

static int race_any(void *arg) {
    (void)arg;
    return count_outcome(end_and_cancel(ANY));
}

static int race_next(void *arg) {
    (void)arg;
    return count_outcome(end_and_cancel(NEXT));
}

static void check_race(weir_task_fn *race) {
    run_under_seeds(200, race);
    CHECK(told > 0 && interrupted > 0); /* or the seeds decide nothing */
}

TEST(test_wait_all_tells_its_outcome_or_the_cancel_but_never_neither) { check_race(race_all); }
TEST(test_wait_any_tells_its_outcome_or_the_cancel_but_never_neither) { check_race(race_any); }
TEST(test_wait_next_tells_its_outcome_or_the_cancel_but_never_neither) { check_race(race_next); }

/* The cancel comes with the first of two ends: there is no outcome yet, and the wait for the second must see it. */
static int cancel_in_the_middle(void *arg) {
    weir_duration span = WEIR_SEC, longer = WEIR_HOUR;
    struct watcher watcher = {.how = ALL};
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    watcher.tasks[0] = start(&group, nap, &span);
    watcher.tasks[1] = start(&group, nap, &longer);
    weir_task *task = start(&group, watch, &watcher);
    CHECK_INT(weir_sleep(span), 0);
    weir_task_cancel(task, "the test");
    settle();
    CHECK_INT(weir_task_try_wait(task, NULL), 0);
    CHECK_INT(watcher.rc, -ECANCELED);
    weir_group_cancel(&group, "the end of the test");
    return weir_group_close(&group, 0);
}

TEST(test_wait_all_sees_a_cancel_between_two_ends) { run_under_seeds(50, cancel_in_the_middle); }

TASK_TEST_DIES(test_wait_any_of_nothing_is_misuse, SIGABRT, "weir_wait_any") { CHECK_INT(weir_wait_any(NULL, 0), 0); }
