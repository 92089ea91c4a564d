/* SPDX-License-Identifier: MIT */
/* The end of a run that was cancelled: shields hold it up for the grace time, and no longer. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <signal.h>

static weir_run_options stoppable(weir_duration grace) {
    return (weir_run_options){.size_bytes = sizeof(weir_run_options),
                              .backend = WEIR_BACKEND_SIM,
                              .seed = test_seed(),
                              .stop_on_signals = true,
                              .grace = grace};
}

/* What a shield of an hour saw. */
static struct {
    weir_duration before, after; /* how long it sleeps before the stop, and how long it lasted after it */
    weir_instant stop;
    int rc, closed;
    bool set_later; /* its deadline is moved after the stop */
} shield_of;

static void stop(void) {
    shield_of.stop = weir_now();
    raise(SIGTERM);
    (void)!weir_sleep(1); /* the next turn sees it, before any time passes */
}

static void note_end(int rc) {
    shield_of.rc = rc;
    shield_of.after = weir_instant_diff(weir_now(), shield_of.stop);
}

static int shield_before_the_stop(void *arg) {
    weir_scope shield;
    (void)arg;

    weir_scope_open_shield(&shield, weir_after(WEIR_HOUR));
    stop();
    note_end(weir_sleep(WEIR_HOUR));
    shield_of.closed = weir_scope_close(&shield, shield_of.rc);
    return weir_scope_check();
}

static int shield_after_the_stop(void *arg) {
    weir_scope shield;
    (void)arg;

    stop();
    CHECK_INT(weir_scope_check(), -ECANCELED);
    weir_scope_open_shield(&shield, weir_after(WEIR_HOUR));
    CHECK_INT(weir_instant_diff(weir_scope_deadline(), shield_of.stop), WEIR_SEC);
    if (shield_of.set_later)
        weir_scope_set_deadline(&shield, weir_after(WEIR_MIN));
    note_end(weir_sleep(WEIR_HOUR));
    shield_of.closed = weir_scope_close(&shield, shield_of.rc);
    return weir_yield();
}

static void check_grace(weir_task_fn *fn) {
    weir_run_options options = stoppable(WEIR_SEC);

    CHECK_INT(weir_run(fn, NULL, &options), -ECANCELED);
    CHECK_INT(shield_of.rc, -ETIME);
    CHECK_INT(shield_of.closed, -ETIME);
    CHECK_INT(shield_of.after, WEIR_SEC);
}

TEST(test_grace_ends_a_shield_that_was_open_at_the_stop) { check_grace(shield_before_the_stop); }
TEST(test_grace_ends_a_shield_that_was_opened_after_the_stop) { check_grace(shield_after_the_stop); }

TEST(test_grace_is_not_extended_by_moving_a_shields_deadline) {
    shield_of.set_later = true;
    check_grace(shield_after_the_stop);
}

/* One after another: the grace time is the run's, not each shield's. */
static int shield_again_and_again(void *arg) {
    weir_scope shield;
    (void)arg;

    stop();
    for (int i = 0; i < 5; i++) {
        weir_scope_open_shield(&shield, weir_after(400 * WEIR_MS));
        int rc = weir_sleep(WEIR_HOUR);
        CHECK_INT(weir_scope_close(&shield, rc), -ETIME);
    }
    note_end(0);
    return weir_yield();
}

TEST(test_grace_is_the_runs_not_each_shields) {
    weir_run_options options = stoppable(WEIR_SEC);

    CHECK_INT(weir_run(shield_again_and_again, NULL, &options), -ECANCELED);
    CHECK_INT(shield_of.after, WEIR_SEC);
}

static int nested_shields(void *arg) {
    weir_scope outer, inner;
    (void)arg;

    weir_scope_open_shield(&outer, weir_after(WEIR_HOUR));
    weir_scope_open_shield(&inner, weir_after(2 * WEIR_HOUR));
    stop();
    note_end(weir_sleep(WEIR_HOUR));
    CHECK_INT(weir_scope_close(&inner, shield_of.rc), -ETIME);
    CHECK_INT(weir_yield(), -ETIME); /* the outer one is over, too */
    shield_of.closed = weir_scope_close(&outer, -ETIME);
    return weir_yield();
}

TEST(test_grace_ends_shields_within_shields) { check_grace(nested_shields); }

/* A short shield is not made longer. */
static int short_shield(void *arg) {
    weir_scope shield;
    (void)arg;

    weir_scope_open_shield(&shield, weir_after(WEIR_MS));
    stop();
    note_end(weir_sleep(WEIR_HOUR));
    shield_of.closed = weir_scope_close(&shield, shield_of.rc);
    return weir_yield();
}

TEST(test_grace_does_not_lengthen_a_short_shield) {
    weir_run_options options = stoppable(WEIR_SEC);

    CHECK_INT(weir_run(short_shield, NULL, &options), -ECANCELED);
    CHECK_INT(shield_of.after, WEIR_MS);
}

/* Many tasks, each with clean-up of its own length: those that need more than the grace time are cut, the others end.
 */
static int clean_up(void *arg) {
    weir_duration *span = arg;
    weir_scope shield;

    int rc = weir_sleep(WEIR_HOUR);
    CHECK_INT(rc, -ECANCELED);
    weir_scope_open_shield(&shield, weir_after(WEIR_MIN));
    int done = weir_sleep(*span);
    CHECK_INT(weir_scope_close(&shield, done), *span < WEIR_SEC ? 0 : -ETIME);
    return rc;
}

static int clean_up_all(void *arg) {
    weir_duration spans[200];
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < 200; i++) {
        spans[i] = (i + 1) * 10 * WEIR_MS;
        weir_spawn(&group, clean_up, &spans[i], NULL);
    }
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    stop();
    int rc = weir_group_close(&group, weir_yield());
    note_end(rc);
    return rc;
}

TEST(test_grace_lets_clean_up_end_that_fits) {
    weir_run_options options = stoppable(WEIR_SEC);

    CHECK_INT(weir_run(clean_up_all, NULL, &options), -ECANCELED);
    CHECK_INT(shield_of.after, WEIR_SEC);
}

/* After a deadlock, clean-up that waits for what never comes is ended too. */
static int wait_in_a_shield_for_ever(void *arg) {
    weir_event never;
    weir_scope shield;
    (void)arg;

    weir_event_init(&never);
    CHECK_INT(weir_event_wait(&never), -ECANCELED);
    shield_of.stop = weir_now();
    weir_scope_open_shield(&shield, weir_after(WEIR_HOUR));
    note_end(weir_event_wait(&never));
    shield_of.closed = weir_scope_close(&shield, shield_of.rc);
    weir_event_done(&never);
    return 0;
}

TEST(test_grace_ends_clean_up_that_waits_for_ever_after_a_deadlock) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .grace = WEIR_SEC};

    CHECK_INT(weir_run(wait_in_a_shield_for_ever, NULL, &options), -EDEADLK);
    CHECK_INT(shield_of.closed, -ETIME);
    CHECK_INT(shield_of.after, WEIR_SEC);
}

/* Whoever catches the cancel and goes on is refused again, and again: no run can be kept up in this way. */
static int ignore_the_cancel(void *arg) {
    int refused = 0;
    (void)arg;

    stop();
    for (int i = 0; i < 1000; i++)
        refused += weir_sleep(WEIR_HOUR) == -ECANCELED;
    CHECK_INT(refused, 1000);
    return 7;
}

TEST(test_grace_is_not_needed_by_a_task_that_ignores_the_cancel) {
    weir_run_options options = stoppable(WEIR_SEC);
    CHECK_INT(weir_run(ignore_the_cancel, NULL, &options), 7);
}
