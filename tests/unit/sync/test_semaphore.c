/* SPDX-License-Identifier: MIT */
/* test_semaphore.c: permits are neither lost nor made, and nobody overtakes. */
#include "weir/semaphore.h"

#include "support/tasks.h"
#include "weir/scope.h"

struct taker {
    weir_semaphore *semaphore;
    size_t permits;
    int rc, next;
    bool done;
};

static int take(void *arg) {
    struct taker *me = arg;

    me->rc = weir_semaphore_acquire(me->semaphore, me->permits);
    me->next = weir_scope_check();
    me->done = true;
    return 0;
}

static weir_task *start_taker(weir_group *group, struct taker *taker, weir_semaphore *semaphore, size_t permits) {
    *taker = (struct taker){.semaphore = semaphore, .permits = permits};
    weir_task *task = start(group, take, taker);
    settle();
    return task;
}

TASK_TEST(test_semaphore_gives_what_it_has) {
    weir_semaphore semaphore;

    weir_semaphore_init(&semaphore, 3);
    CHECK_INT(weir_semaphore_acquire(&semaphore, 2), 0);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 2), -EAGAIN);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 1), 0);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 1), -EAGAIN);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 0), 0);
    weir_semaphore_release(&semaphore, 5); /* more than it began with: it may grow */
    CHECK_INT(weir_semaphore_acquire(&semaphore, 5), 0);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_release_serves_the_line_as_far_as_it_goes) {
    weir_semaphore semaphore;
    weir_group group;
    struct taker takers[4];

    weir_semaphore_init(&semaphore, 0);
    weir_group_open(&group);
    for (size_t i = 0; i < 4; i++)
        start_taker(&group, &takers[i], &semaphore, i + 1);
    weir_semaphore_release(&semaphore, 4); /* 1 and 2 of 1, 2, 3, 4; one is left */
    settle();
    CHECK(takers[0].done && takers[1].done && !takers[2].done);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 1), -EAGAIN); /* one is free, but a task waits for three */
    weir_semaphore_release(&semaphore, 6);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 1), -EAGAIN);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_large_request_is_not_overtaken) {
    weir_semaphore semaphore;
    weir_group group;
    struct taker large, small;

    weir_semaphore_init(&semaphore, 4);
    weir_group_open(&group);
    start_taker(&group, &large, &semaphore, 5);
    start_taker(&group, &small, &semaphore, 1);
    CHECK(!large.done && !small.done);
    weir_semaphore_release(&semaphore, 1);
    settle();
    CHECK(large.done && !small.done);
    weir_semaphore_release(&semaphore, 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_refuses_in_a_cancelled_scope_and_still_releases) {
    weir_semaphore semaphore;
    weir_scope scope;

    weir_semaphore_init(&semaphore, 1);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_semaphore_acquire(&semaphore, 1), -ECANCELED);
    weir_semaphore_release(&semaphore, 1);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 2), 0);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_cancelled_large_request_lets_those_behind_it_go) {
    weir_semaphore semaphore;
    weir_group group;
    struct taker large, fits[2], too_large;

    weir_semaphore_init(&semaphore, 4);
    weir_group_open(&group);
    weir_task *task = start_taker(&group, &large, &semaphore, 5);
    start_taker(&group, &fits[0], &semaphore, 1);
    start_taker(&group, &fits[1], &semaphore, 2);
    start_taker(&group, &too_large, &semaphore, 2);
    weir_task_cancel(task, "the test");
    settle();
    CHECK_INT(large.rc, -ECANCELED);
    CHECK(fits[0].done && fits[1].done && !too_large.done);
    weir_semaphore_release(&semaphore, 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(too_large.rc, 0);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_deadline_lets_those_behind_it_go) {
    weir_semaphore semaphore;
    weir_scope scope;
    weir_group group;
    struct taker small;

    weir_semaphore_init(&semaphore, 1);
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    weir_group_open(&group);
    CHECK_INT(weir_semaphore_acquire(&semaphore, 2), -ETIME);
    CHECK_INT(weir_group_close(&group, -ETIME), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);

    weir_group_open(&group);
    start_taker(&group, &small, &semaphore, 1);
    CHECK(small.done);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_semaphore_done(&semaphore);
}

static void check_race(bool cancel_first) {
    weir_semaphore semaphore;
    weir_group group;
    struct taker taker;

    weir_semaphore_init(&semaphore, 0);
    weir_group_open(&group);
    weir_task *task = start_taker(&group, &taker, &semaphore, 2);
    if (cancel_first)
        weir_task_cancel(task, "the test");
    weir_semaphore_release(&semaphore, 3);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(taker.rc, 0);
    CHECK_INT(taker.next, -ECANCELED);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 2), -EAGAIN);
    CHECK_INT(weir_semaphore_try_acquire(&semaphore, 1), 0);
    weir_semaphore_done(&semaphore);
}

TASK_TEST(test_semaphore_granted_before_a_cancel_is_taken) { check_race(false); }
TASK_TEST(test_semaphore_granted_after_a_cancel_is_taken) { check_race(true); }

/* ---- Many tasks, many seeds -------------------------------------------------------------------------------------- */

enum { PERMITS = 7 };

struct pool {
    weir_semaphore semaphore;
    size_t taken;
};

static int take_and_give(void *arg) {
    struct pool *pool = arg;
    int rc;

    for (int i = 0; i < 20; i++) {
        size_t permits = chance(PERMITS) + 1;
        rc = weir_semaphore_acquire(&pool->semaphore, permits);
        if (rc < 0)
            return rc;
        pool->taken += permits;
        CHECK(pool->taken <= PERMITS);
        rc = weir_sleep(chance(5));
        pool->taken -= permits;
        weir_semaphore_release(&pool->semaphore, permits);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int take_and_give_all(void *arg) {
    enum { TASKS = 8 };
    struct pool pool = {.taken = 0};
    weir_task *tasks[TASKS];
    weir_group group;
    (void)arg;

    weir_semaphore_init(&pool.semaphore, PERMITS);
    weir_group_open(&group);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(&group, take_and_give, &pool);
    for (int i = 0; i < TASKS / 2; i++) {
        CHECK_INT(weir_sleep(chance(40)), 0);
        weir_task_cancel(tasks[chance(TASKS)], "the test");
    }
    CHECK_INT(weir_group_close(&group, 0), 0); /* nobody is left waiting for what nobody holds */
    CHECK_INT(weir_semaphore_try_acquire(&pool.semaphore, PERMITS), 0);
    CHECK_INT(weir_semaphore_try_acquire(&pool.semaphore, 1), -EAGAIN);
    weir_semaphore_done(&pool.semaphore);
    return 0;
}

TEST(test_semaphore_keeps_its_permits_whoever_is_cancelled) { run_under_seeds(200, take_and_give_all); }

/* ---- Misuse ------------------------------------------------------------------------------------------------------ */

TASK_TEST(test_semaphore_done_takes_what_was_never_begun) {
    weir_semaphore zeroed = {{0}}, twice;

    weir_semaphore_done(NULL);
    weir_semaphore_done(&zeroed);
    weir_semaphore_init(&twice, 1);
    weir_semaphore_done(&twice);
    weir_semaphore_done(&twice);
}

TASK_TEST_DIES(test_semaphore_done_with_a_waiting_task_is_misuse, SIGABRT, "weir_semaphore_done: 1 still waiting") {
    weir_semaphore semaphore;
    weir_group group;
    struct taker taker;

    weir_semaphore_init(&semaphore, 0);
    weir_group_open(&group);
    start_taker(&group, &taker, &semaphore, 1);
    weir_semaphore_done(&semaphore);
}

TASK_TEST_DIES(test_semaphore_of_too_many_permits_is_misuse, SIGABRT, "weir_semaphore_release") {
    weir_semaphore semaphore;

    weir_semaphore_init(&semaphore, 2);
    weir_semaphore_release(&semaphore, SIZE_MAX);
}
