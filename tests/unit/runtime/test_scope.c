/* SPDX-License-Identifier: MIT */
/* Scopes: deadlines, cancels, shields, and who absorbs what. */
#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

TASK_TEST(test_scope_deadline_ends_a_sleep_at_its_instant) {
    weir_scope scope;
    weir_instant start = weir_now();

    weir_scope_open(&scope, weir_after(200 * WEIR_MS));
    int rc = weir_sleep(WEIR_HOUR);
    CHECK_INT(rc, -ETIME);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    CHECK_INT(weir_instant_diff(weir_now(), start), 200 * WEIR_MS);
}

TASK_TEST(test_scope_that_cut_nothing_reports_nothing) {
    weir_scope scope;

    weir_scope_open(&scope, weir_after(10 * WEIR_MS));
    CHECK_INT(weir_sleep(5 * WEIR_MS), 0);
    CHECK_INT(weir_scope_close(&scope, 7), 7);
}

TASK_TEST(test_scope_expired_without_a_wait_within_reports_nothing) {
    weir_scope scope;

    weir_scope_open(&scope, weir_now());
    CHECK_INT(weir_scope_check(), -ETIME);
    CHECK_INT(weir_scope_close(&scope, 0), 0);
}

TASK_TEST(test_scope_with_a_past_deadline_refuses_the_first_wait) {
    weir_scope scope;

    weir_scope_open(&scope, weir_now());
    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_sleep(0), -ETIME);
    CHECK_INT(weir_checkpoint(), -ETIME);
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);
    CHECK_INT(weir_yield(), 0);
}

TASK_TEST(test_scope_keeps_refusing_until_it_is_left) {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "a test");
    for (int i = 0; i < 3; i++)
        CHECK_INT(weir_sleep(WEIR_MS), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by a test");
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by a test");
    CHECK_INT(weir_sleep(WEIR_MS), 0);
}

TASK_TEST(test_scope_hands_another_failure_through) {
    weir_scope scope;

    weir_scope_open(&scope, weir_now());
    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -EIO), -EIO);
}

TASK_TEST(test_scope_first_cancel_and_its_cause_stay) {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the first");
    weir_scope_cancel(&scope, "the second");
    CHECK_INT(weir_yield(), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by the first");
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
}

TASK_TEST(test_scope_inner_deadline_is_not_the_outer_scopes) {
    weir_scope outer, inner;

    weir_scope_open(&outer, weir_after(WEIR_SEC));
    weir_scope_open(&inner, weir_after(WEIR_MS));
    int rc = weir_sleep(WEIR_MIN);
    CHECK_INT(weir_scope_close(&inner, rc), -ETIME);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    CHECK_INT(weir_scope_close(&outer, 0), 0);
}

TASK_TEST(test_scope_outer_cancel_is_not_absorbed_by_an_inner_scope) {
    weir_scope outer, inner;

    weir_scope_open(&outer, weir_never());
    weir_scope_open(&inner, weir_never());
    weir_scope_cancel(&outer, "outside");
    int rc = weir_yield();
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(weir_scope_close(&inner, rc), -ECANCELED);
    CHECK_INT(weir_yield(), -ECANCELED);
    CHECK_INT(weir_scope_close(&outer, rc), -ECANCELED);
    CHECK_INT(weir_yield(), 0);
}

TASK_TEST(test_scope_outermost_of_several_cancels_decides) {
    weir_scope outer, inner;

    weir_scope_open(&outer, weir_after(10 * WEIR_MS));
    weir_scope_open(&inner, weir_never());
    weir_scope_cancel(&inner, "inside");
    CHECK_INT(weir_yield(), -ECANCELED);

    weir_scope shield;
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    CHECK_INT(weir_sleep(20 * WEIR_MS), 0); /* the outer deadline passes meanwhile */
    CHECK_INT(weir_scope_close(&shield, 0), 0);

    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_scope_close(&inner, -ETIME), -ETIME);
    CHECK_INT(weir_scope_close(&outer, -ETIME), -ETIME);
}

TASK_TEST(test_scope_shield_hides_outer_cancels_but_not_its_own_deadline) {
    weir_scope outer, shield;

    weir_scope_open(&outer, weir_now());
    weir_scope_open_shield(&shield, weir_after(10 * WEIR_MS));
    CHECK_INT(weir_scope_check(), 0);
    CHECK_INT(weir_sleep(5 * WEIR_MS), 0);
    int rc = weir_sleep(WEIR_SEC);
    CHECK_INT(weir_scope_close(&shield, rc), -ETIME);
    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_scope_close(&outer, 0), -ETIME);
}

TASK_TEST(test_scope_in_a_shield_is_shielded_too) {
    weir_scope outer, shield, inner;

    weir_scope_open(&outer, weir_never());
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    weir_scope_open(&inner, weir_never());
    weir_scope_cancel(&outer, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    CHECK_INT(weir_scope_close(&inner, 0), 0);
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    CHECK_INT(weir_scope_close(&outer, 0), 0); /* it never got to refuse anything */
}

TASK_TEST(test_scope_deadline_can_be_moved) {
    weir_scope scope;
    weir_instant start = weir_now();

    weir_scope_open(&scope, weir_after(10 * WEIR_MS));
    weir_scope_set_deadline(&scope, weir_after(30 * WEIR_MS));
    CHECK_INT(weir_sleep(20 * WEIR_MS), 0);
    weir_scope_set_deadline(&scope, weir_after(5 * WEIR_MS));
    int rc = weir_sleep(WEIR_SEC);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
    CHECK_INT(weir_instant_diff(weir_now(), start), 25 * WEIR_MS);
}

TASK_TEST(test_scope_deadline_once_fired_stays) {
    weir_scope scope;

    weir_scope_open(&scope, weir_now());
    weir_scope_set_deadline(&scope, weir_never());
    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);
}

TASK_TEST(test_scope_deadline_asked_for_is_the_earliest_up_to_a_shield) {
    weir_scope outer, middle, shield;
    weir_instant soon = weir_after(WEIR_MS), later = weir_after(WEIR_SEC);

    CHECK(weir_scope_deadline().ns == weir_never().ns);
    weir_scope_open(&outer, soon);
    weir_scope_open(&middle, later);
    CHECK(weir_scope_deadline().ns == soon.ns);
    weir_scope_open_shield(&shield, later);
    CHECK(weir_scope_deadline().ns == later.ns);
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    CHECK_INT(weir_scope_close(&middle, 0), 0);
    CHECK_INT(weir_scope_close(&outer, 0), 0);
}

/* SEMANTICS 5: at one instant the deadline goes first. */
TASK_TEST(test_scope_deadline_beats_a_sleep_of_the_same_instant) {
    weir_scope scope;
    weir_instant at = weir_after(3 * WEIR_MS);

    weir_scope_open(&scope, at);
    int rc = weir_sleep_until(at);
    CHECK_INT(rc, -ETIME);
    CHECK_INT(weir_scope_close(&scope, rc), -ETIME);
}

TASK_TEST_DIES(test_scope_closed_out_of_order_aborts, SIGABRT, "not the scope that this task opened last") {
    weir_scope outer, inner;

    weir_scope_open(&outer, weir_never());
    weir_scope_open(&inner, weir_never());
    CHECK_INT(weir_scope_close(&outer, 0), 0);
}

TASK_TEST_DIES(test_scope_shield_without_a_deadline_aborts, SIGABRT, "a shield needs a finite deadline") {
    weir_scope shield;
    weir_scope_open_shield(&shield, weir_never());
}

static int leave_open(void *scope) {
    weir_scope_open(scope, weir_never());
    return 0;
}

TASK_TEST_DIES(test_scope_left_open_by_a_task_aborts_naming_it, SIGABRT,
               "\"sloppy\" returned with a scope open, opened at leave_open+0x") {
    weir_group group;
    weir_scope scope;
    weir_spawn_options options = {.size_bytes = sizeof options, .name = "sloppy"};

    weir_group_open(&group);
    weir_spawn_with(&group, leave_open, &scope, NULL, &options);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST_DIES(test_scope_cancelled_after_its_close_aborts, SIGABRT, "weir_scope_cancel: ") {
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    CHECK_INT(weir_scope_close(&scope, 0), 0);
    weir_scope_cancel(&scope, NULL);
}

TEST_DIES(test_scope_outside_a_task_aborts, SIGABRT, "called outside a task") {
    weir_scope scope;
    weir_scope_open(&scope, weir_never());
}
