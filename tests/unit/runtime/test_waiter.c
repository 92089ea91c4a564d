/* SPDX-License-Identifier: MIT */
/* test_waiter.c: standing in line, where the calls above it wait more than once. */
#include "runtime/waiter.h"

#include "support/tasks.h"
#include "weir/scope.h"

TASK_TEST(test_line_refuses_in_a_cancelled_scope) {
    struct weir__line line;
    struct weir__waiter waiter;
    weir_scope scope;

    weir__line_init(&line);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir__line_wait(&line, &waiter, WEIR__WAIT_EVENT, NULL, WEIR__SITE), -ECANCELED);
    CHECK(weir__line_is_empty(&line));
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED); /* it was cut short */
}

static int fail_after_a_second(void *arg) {
    (void)arg;
    int rc = weir_sleep(WEIR_SEC);
    return rc < 0 ? rc : -EIO;
}

static int take_a_minute_to_leave(void *arg) {
    weir_scope shield;
    (void)arg;

    int rc = weir_sleep(WEIR_HOUR);
    weir_scope_open_shield(&shield, weir_after(WEIR_HOUR));
    int left = weir_sleep(WEIR_MIN);
    left = weir_scope_close(&shield, left);
    return rc < 0 ? rc : left;
}

/* The failure wakes the wait and cancels it at once: there is no outcome, so the cancel must be seen before it waits
 * on. */
TASK_TEST(test_group_wait_ends_with_the_failure_that_cancels_it) {
    weir_instant begin = weir_now();
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, fail_after_a_second, NULL, NULL);
    weir_spawn(&group, take_a_minute_to_leave, NULL, NULL);
    CHECK_INT(weir_group_wait(&group), -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), begin), WEIR_SEC);
    CHECK_INT(weir_group_close(&group, -ECANCELED), -EIO);
    CHECK_INT(weir_instant_diff(weir_now(), begin), WEIR_SEC + WEIR_MIN);
}
