/* SPDX-License-Identifier: MIT */
/* Sleeps and deadlines: their order (SEMANTICS 5), instants at the edge of what can be told, and sleeping for ever. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/task.h"
#include "weir/wait.h"

enum { SLEEPERS = 200 };

static struct {
    int order[SLEEPERS];
    int count;
} woken;

struct sleeper {
    weir_instant until;
    int number;
    int rc;
};

static int sleep_and_note(void *arg) {
    struct sleeper *sleeper = arg;

    sleeper->rc = weir_sleep_until(sleeper->until);
    woken.order[woken.count++] = sleeper->number;
    return 0;
}

/* In the order of their instants, whatever the seed; the clock stands at each one's instant, exactly. */
static int wake_in_order(void *arg) {
    static struct sleeper sleepers[SLEEPERS];
    weir_instant start = weir_now();
    weir_group group;
    (void)arg;

    woken.count = 0;
    weir_group_open(&group);
    for (int i = 0; i < SLEEPERS; i++) {
        weir_duration span = (weir_duration)chance(1u << (4 + i % 28)) * SLEEPERS + i; /* each another */
        sleepers[i] = (struct sleeper){.until = weir_instant_add(start, span + 1), .number = i};
        weir_spawn(&group, sleep_and_note, &sleepers[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(woken.count, SLEEPERS);
    for (int i = 1; i < SLEEPERS; i++)
        CHECK(sleepers[woken.order[i - 1]].until.ns < sleepers[woken.order[i]].until.ns);
    return 0;
}

TEST(test_sleep_ends_in_the_order_of_instants) { run_under_seeds(20, wake_in_order); }

/* At one instant in the order in which they were armed; on the real platform, where nobody shuffles who runs. */
REAL_TEST(test_sleep_of_one_instant_ends_in_the_order_of_arming) {
    static struct sleeper sleepers[SLEEPERS];
    weir_instant at = weir_after(100 * WEIR_MS); /* all of them have armed by then */
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){.until = at, .number = i};
        weir_spawn(&group, sleep_and_note, &sleepers[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < SLEEPERS; i++) {
        CHECK_INT(woken.order[i], i);
        CHECK_INT(sleepers[i].rc, 0);
    }
}

static int sleep_under_a_deadline(void *arg) {
    struct sleeper *sleeper = arg;
    weir_scope scope;

    weir_scope_open(&scope, sleeper->until);
    sleeper->rc = weir_scope_close(&scope, weir_sleep_until(sleeper->until));
    return 0;
}

/* Whichever was armed first: of the same instant the deadline goes first, in every task. */
static int deadlines_first(void *arg) {
    static struct sleeper sleepers[SLEEPERS];
    weir_instant at = weir_after(WEIR_MS);
    weir_group group;
    (void)arg;

    weir_group_open(&group);
    for (int i = 0; i < SLEEPERS; i++) {
        sleepers[i] = (struct sleeper){.until = at, .number = i};
        weir_spawn(&group, i % 2 ? sleep_under_a_deadline : sleep_and_note, &sleepers[i], NULL);
    }
    woken.count = 0;
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < SLEEPERS; i++)
        CHECK_INT(sleepers[i].rc, i % 2 ? -ETIME : 0);
    return 0;
}

TEST(test_sleep_gives_way_to_a_deadline_of_its_instant) { run_under_seeds(20, deadlines_first); }

/* ---- Moving a deadline under somebody who is parked ----------------------------------------------------------------
 */

struct parked {
    weir_scope scope;
    weir_instant deadline;
    weir_duration lasted;
    int rc;
};

static int park_in_scope(void *arg) {
    struct parked *parked = arg;
    weir_instant start = weir_now();

    weir_scope_open(&parked->scope, parked->deadline);
    parked->rc = weir_scope_close(&parked->scope, weir_sleep(WEIR_HOUR));
    parked->lasted = weir_instant_diff(weir_now(), start);
    return 0;
}

TASK_TEST(test_sleep_ends_when_another_task_moves_its_deadline) {
    struct parked earlier = {.deadline = weir_after(WEIR_MIN)}, later = {.deadline = weir_after(10 * WEIR_MS)},
                  past = {.deadline = weir_never()}, never = {.deadline = weir_after(10 * WEIR_MS)};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, park_in_scope, &earlier, NULL);
    weir_spawn(&group, park_in_scope, &later, NULL);
    weir_spawn(&group, park_in_scope, &past, NULL);
    weir_spawn(&group, park_in_scope, &never, NULL);
    CHECK_INT(weir_sleep(5 * WEIR_MS), 0);
    weir_scope_set_deadline(&earlier.scope, weir_after(WEIR_MS));
    weir_scope_set_deadline(&later.scope, weir_after(WEIR_MIN));
    weir_scope_set_deadline(&past.scope, (weir_instant){0});
    weir_scope_set_deadline(&never.scope, weir_never());
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(earlier.rc, -ETIME);
    CHECK_INT(earlier.lasted, 6 * WEIR_MS);
    CHECK_INT(later.rc, -ETIME);
    CHECK_INT(later.lasted, WEIR_MIN + 5 * WEIR_MS);
    CHECK_INT(past.rc, -ETIME);
    CHECK_INT(past.lasted, 5 * WEIR_MS);
    CHECK_INT(never.rc, 0);
    CHECK_INT(never.lasted, WEIR_HOUR);
}

TASK_TEST(test_sleep_ends_when_another_task_cancels_its_scope) {
    struct parked parked = {.deadline = weir_never()};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, park_in_scope, &parked, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_scope_cancel(&parked.scope, "a neighbour");
    CHECK_INT(weir_group_close(&group, 0), 0); /* the scope has absorbed it */
    CHECK_INT(parked.rc, -ECANCELED);
    CHECK_INT(parked.lasted, WEIR_MS);
}

/* ---- For ever ---------------------------------------------------------------------------------------------------- */

static weir_instant last;

static int sleep_for_ever(void *arg) {
    last = weir_now();
    int rc = arg != NULL ? weir_sleep_until(weir_never()) : weir_sleep(INT64_MAX);
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(weir_instant_diff(weir_now(), last), 0); /* no clock reaches weir_never() */
    return rc;
}

TEST(test_sleep_for_ever_is_not_waited_for_by_any_clock) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};

    CHECK_INT(weir_run(sleep_for_ever, NULL, &options), -EDEADLK);
    CHECK_HAS(weir_error_text(-EDEADLK), "waits for sleep");
    CHECK_INT(weir_run(sleep_for_ever, &last, &options), -EDEADLK);
}

static int select_for_ever(void *arg) {
    weir_case never = weir_case_at(weir_never());
    (void)arg;

    CHECK_INT(weir_try_select(&never, 1), -EAGAIN);
    return weir_select(&never, 1);
}

TEST(test_sleep_for_ever_in_a_select_neither) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};
    CHECK_INT(weir_run(select_for_ever, NULL, &options), -EDEADLK);
}

TASK_TEST(test_sleep_for_centuries_ends_in_virtual_time) {
    weir_instant start = weir_now(), far = {INT64_MAX - 1};

    CHECK_INT(weir_sleep(100 * 365 * 24 * WEIR_HOUR), 0);
    CHECK_INT(weir_instant_diff(weir_now(), start), 100 * 365 * 24 * WEIR_HOUR);
    CHECK_INT(weir_sleep_until(far), 0);
    CHECK_INT(weir_now().ns, far.ns);
    CHECK(weir_after(WEIR_HOUR).ns == weir_never().ns); /* saturates */
}

TASK_TEST(test_sleep_instants_saturate) {
    weir_instant now = weir_now();

    CHECK(weir_instant_add(now, INT64_MAX).ns == weir_never().ns);
    CHECK(weir_instant_add(weir_never(), -WEIR_SEC).ns == weir_never().ns);
    CHECK(weir_instant_add((weir_instant){-2}, INT64_MIN).ns == 0);
    CHECK_INT(weir_instant_diff(weir_instant_add(now, -WEIR_SEC), now), -WEIR_SEC);
    CHECK(weir_instant_diff(weir_never(), now) == INT64_MAX);
    CHECK(weir_instant_diff(weir_never(), weir_never()) == INT64_MAX);
    CHECK(weir_instant_diff(now, weir_never()) < 0);
    CHECK(weir_after(-WEIR_SEC).ns == now.ns);
    CHECK(weir_after(INT64_MIN).ns == now.ns);
}
