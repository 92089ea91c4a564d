/* SPDX-License-Identifier: MIT */
/* test_mutex.c: one at a time, first come first served, and what a cancel leaves behind. */
#include "weir/mutex.h"

#include "support/tasks.h"
#include "weir/scope.h"

struct locker {
    weir_mutex *mutex;
    int *begun, *served; /* counts of lock calls, and of those that returned */
    int place, turn;
    weir_duration hold;
    int rc, next;
    bool done;
};

static int lock_once(void *arg) {
    struct locker *me = arg;

    me->place = (*me->begun)++;
    me->rc = weir_mutex_lock(me->mutex);
    me->next = weir_scope_check();
    if (me->rc == 0) {
        me->turn = (*me->served)++;
        if (me->hold > 0 && weir_sleep(me->hold) < 0)
            me->next = -ECANCELED;
        weir_mutex_unlock(me->mutex);
    }
    me->done = true;
    return 0;
}

TASK_TEST(test_mutex_is_held_until_it_is_unlocked) {
    int begun = 0, served = 0;
    weir_mutex mutex;
    weir_group group;
    struct locker other = {.mutex = &mutex, .begun = &begun, .served = &served};

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_group_open(&group);
    weir_spawn(&group, lock_once, &other, NULL);
    settle();
    CHECK_INT(begun, 1);
    CHECK_INT(served, 0);
    weir_mutex_unlock(&mutex);
    CHECK_INT(served, 0); /* an unlock runs nobody */
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(served, 1);
    weir_mutex_done(&mutex);
}

TASK_TEST(test_mutex_serves_in_the_order_of_asking) {
    enum { LOCKERS = 30 };
    struct locker lockers[LOCKERS];
    int begun = 0, served = 0;
    weir_mutex mutex;
    weir_group group;

    weir_mutex_init(&mutex);
    weir_group_open(&group);
    for (int i = 0; i < LOCKERS; i++) {
        lockers[i] = (struct locker){.mutex = &mutex, .begun = &begun, .served = &served, .hold = chance(3)};
        weir_spawn(&group, lock_once, &lockers[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < LOCKERS; i++)
        CHECK_INT(lockers[i].turn, lockers[i].place);
    weir_mutex_done(&mutex);
}

TASK_TEST(test_mutex_unlocked_with_a_task_in_line_is_never_free) {
    int begun = 0, served = 0;
    weir_mutex mutex;
    weir_group group;
    struct locker other = {.mutex = &mutex, .begun = &begun, .served = &served};

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_group_open(&group);
    weir_spawn(&group, lock_once, &other, NULL);
    settle();
    weir_mutex_unlock(&mutex);
    CHECK_INT(weir_mutex_try_lock(&mutex), -EBUSY); /* it is the other's, though that has not run yet */
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    CHECK_INT(served, 1);
    weir_mutex_unlock(&mutex);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_mutex_done(&mutex);
}

TASK_TEST(test_mutex_is_not_recursive) {
    weir_mutex mutex;

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_try_lock(&mutex), 0);
    CHECK_INT(weir_mutex_lock(&mutex), -EDEADLK);
    CHECK_INT(weir_mutex_try_lock(&mutex), -EBUSY);
    weir_mutex_unlock(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_mutex_unlock(&mutex);
    weir_mutex_done(&mutex);
}

TASK_TEST(test_mutex_refuses_in_a_cancelled_scope_and_still_unlocks) {
    weir_mutex mutex, held;
    weir_scope scope;

    weir_mutex_init(&mutex);
    weir_mutex_init(&held);
    weir_scope_open(&scope, weir_never());
    CHECK_INT(weir_mutex_lock(&held), 0);
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_mutex_lock(&mutex), -ECANCELED);
    weir_mutex_unlock(&held);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK_INT(weir_mutex_try_lock(&mutex), 0); /* it was not taken */
    weir_mutex_unlock(&mutex);
    weir_mutex_done(&held);
    weir_mutex_done(&mutex);
}

/* The first in line is cancelled; the second must have it. */
TASK_TEST(test_mutex_passes_over_a_cancelled_task) {
    int begun = 0, served = 0;
    weir_mutex mutex;
    weir_group group;
    struct locker first = {.mutex = &mutex, .begun = &begun, .served = &served}, second = first;

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_group_open(&group);
    weir_task *task = start(&group, lock_once, &first);
    settle();
    weir_spawn(&group, lock_once, &second, NULL);
    settle();
    weir_task_cancel(task, "the test");
    settle();
    CHECK(first.done);
    CHECK_INT(first.rc, -ECANCELED);
    weir_mutex_unlock(&mutex);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(second.rc, 0);
    weir_mutex_done(&mutex);
}

/* Unlocked to a task that is cancelled before it runs again: it holds the mutex, and hands it on as always. */
static void check_race(bool cancel_first) {
    int begun = 0, served = 0;
    weir_mutex mutex;
    weir_group group;
    struct locker first = {.mutex = &mutex, .begun = &begun, .served = &served}, second = first;

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_group_open(&group);
    weir_task *task = start(&group, lock_once, &first);
    settle();
    weir_spawn(&group, lock_once, &second, NULL);
    settle();
    if (cancel_first)
        weir_task_cancel(task, "the test");
    weir_mutex_unlock(&mutex);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(first.rc, 0);
    CHECK_INT(first.next, -ECANCELED);
    CHECK_INT(second.rc, 0);
    CHECK_INT(second.turn, 1);
    weir_mutex_done(&mutex);
}

TASK_TEST(test_mutex_given_before_a_cancel_is_held) { check_race(false); }
TASK_TEST(test_mutex_given_after_a_cancel_is_held) { check_race(true); }

/* ---- Many tasks, many seeds -------------------------------------------------------------------------------------- */

struct room {
    weir_mutex mutex;
    int inside, visits;
};

static int visit(void *arg) {
    struct room *room = arg;
    int rc;

    for (int i = 0; i < 20; i++) {
        rc = weir_mutex_lock(&room->mutex);
        if (rc < 0)
            return rc;
        CHECK_INT(++room->inside, 1);
        room->visits++;
        rc = chance(2) == 0 ? weir_sleep(chance(5)) : 0;
        CHECK_INT(room->inside--, 1);
        weir_mutex_unlock(&room->mutex);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int visit_all(void *arg) {
    enum { VISITORS = 8 };
    struct room room = {.visits = 0};
    weir_task *tasks[VISITORS];
    weir_group group;
    (void)arg;

    weir_mutex_init(&room.mutex);
    weir_group_open(&group);
    for (int i = 0; i < VISITORS; i++)
        tasks[i] = start(&group, visit, &room);
    for (int i = 0; i < VISITORS / 2; i++) {
        CHECK_INT(weir_sleep(chance(30)), 0);
        weir_task_cancel(tasks[chance(VISITORS)], "the test");
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(room.inside, 0);
    CHECK(room.visits >= VISITORS / 2 * 20); /* those that were not cancelled had all their turns */
    weir_mutex_done(&room.mutex);
    return 0;
}

TEST(test_mutex_lets_one_in_whoever_is_cancelled) { run_under_seeds(200, visit_all); }

/* ---- Misuse ------------------------------------------------------------------------------------------------------ */

TASK_TEST(test_mutex_done_takes_what_was_never_begun) {
    weir_mutex zeroed = {{0}}, twice;

    weir_mutex_done(NULL);
    weir_mutex_done(&zeroed);
    weir_mutex_init(&twice);
    weir_mutex_done(&twice);
    weir_mutex_done(&twice);
}

TASK_TEST_DIES(test_mutex_done_while_locked_is_misuse, SIGABRT, "weir_mutex_done: it is locked") {
    weir_mutex mutex;

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_mutex_done(&mutex);
}

static int unlock(void *arg) {
    weir_mutex_unlock(arg);
    return 0;
}

TASK_TEST_DIES(test_mutex_unlocked_by_another_is_misuse, SIGABRT, "weir_mutex_unlock: the caller does not hold it") {
    weir_mutex mutex;
    weir_group group;

    weir_mutex_init(&mutex);
    CHECK_INT(weir_mutex_lock(&mutex), 0);
    weir_group_open(&group);
    weir_spawn(&group, unlock, &mutex, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int lock_and_leave(void *arg) { return weir_mutex_lock(arg); }

TASK_TEST_DIES(test_mutex_held_at_a_tasks_end_is_misuse, SIGABRT, "mutex") {
    weir_mutex mutex;
    weir_group group;

    weir_mutex_init(&mutex);
    weir_group_open(&group);
    weir_spawn(&group, lock_and_leave, &mutex, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}
