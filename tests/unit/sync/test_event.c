/* SPDX-License-Identifier: MIT */
/* test_event.c: closed, set once, open for good. */
#include "weir/event.h"

#include "support/tasks.h"
#include "weir/scope.h"

struct waiter {
    weir_event *event;
    int rc, next;
    bool done;
};

static int wait_once(void *arg) {
    struct waiter *me = arg;

    me->rc = weir_event_wait(me->event);
    me->next = weir_scope_check();
    me->done = true;
    return 0;
}

TASK_TEST(test_event_set_wakes_all_that_wait) {
    enum { WAITERS = 50 };
    struct waiter waiters[WAITERS];
    weir_event event;
    weir_group group;

    weir_event_init(&event);
    weir_group_open(&group);
    for (int i = 0; i < WAITERS; i++) {
        waiters[i] = (struct waiter){.event = &event};
        weir_spawn(&group, wait_once, &waiters[i], NULL);
    }
    settle();
    CHECK(!weir_event_is_set(&event));
    for (int i = 0; i < WAITERS; i++)
        CHECK(!waiters[i].done);
    weir_event_set(&event);
    weir_event_set(&event);
    CHECK(weir_event_is_set(&event));
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < WAITERS; i++)
        CHECK_INT(waiters[i].rc, 0);
    weir_event_done(&event);
}

TASK_TEST(test_event_that_is_set_stays_open_and_can_still_be_cancelled) {
    weir_event event;
    weir_scope scope;

    weir_event_init(&event);
    weir_event_set(&event);
    CHECK_INT(weir_event_wait(&event), 0);
    CHECK_INT(weir_event_wait(&event), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_event_wait(&event), -ECANCELED); /* or a loop over it could not be left */
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
    weir_event_done(&event);
}

TASK_TEST(test_event_wait_ends_with_a_deadline) {
    weir_event event;
    weir_scope scope;

    weir_event_init(&event);
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    CHECK_INT(weir_event_wait(&event), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    weir_event_done(&event); /* nobody is in line any more */
}

static void check_race(bool cancel_first) {
    struct waiter waiter;
    weir_event event;
    weir_group group;

    weir_event_init(&event);
    waiter = (struct waiter){.event = &event};
    weir_group_open(&group);
    weir_task *task = start(&group, wait_once, &waiter);
    settle();
    if (cancel_first)
        weir_task_cancel(task, "the test");
    weir_event_set(&event);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(waiter.rc, 0);
    CHECK_INT(waiter.next, -ECANCELED);
    weir_event_done(&event);
}

TASK_TEST(test_event_set_before_a_cancel_is_seen) { check_race(false); }
TASK_TEST(test_event_set_after_a_cancel_is_seen) { check_race(true); }

TASK_TEST(test_event_done_takes_what_was_never_begun) {
    weir_event zeroed = {{0}}, twice;

    weir_event_done(NULL);
    weir_event_done(&zeroed);
    weir_event_init(&twice);
    weir_event_done(&twice);
    weir_event_done(&twice);
}

TASK_TEST_DIES(test_event_done_with_waiting_tasks_is_misuse, SIGABRT, "weir_event_done: 2 still waiting") {
    struct waiter waiters[2];
    weir_event event;
    weir_group group;

    weir_event_init(&event);
    weir_group_open(&group);
    for (int i = 0; i < 2; i++) {
        waiters[i] = (struct waiter){.event = &event};
        weir_spawn(&group, wait_once, &waiters[i], NULL);
    }
    settle();
    weir_event_done(&event);
}
