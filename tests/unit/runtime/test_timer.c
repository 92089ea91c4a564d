/* SPDX-License-Identifier: MIT */
/* Timers: order, cancelling, and the wheel's edges. */
#include "runtime/timer.h"
#include "support/test.h"

#include <stdlib.h>

enum { TICK_NS = 1 << 20 };

static struct weir__timer *fired[4096];
static size_t fired_count;

static void note(struct weir__timer *timer) {
    CHECK(fired_count < sizeof fired / sizeof fired[0]);
    fired[fired_count++] = timer;
}

/* Jumps as the loop does, from one instant worth looking at to the next; returns the number of jumps. */
static unsigned run_until(struct weir__timers *timers, int64_t end_ns) {
    unsigned jumps = 0;
    for (int64_t next; (next = weir__timers_next(timers)) <= end_ns; jumps++)
        weir__timers_fire(timers, next);
    return jumps;
}

TEST(test_timers_fire_in_order_of_instant) {
    struct weir__timers timers;
    struct weir__timer timer[3] = {{.fire = note}, {.fire = note}, {.fire = note}};

    weir__timers_init(&timers, 1000);
    weir__timers_arm(&timers, &timer[0], 3 * TICK_NS, WEIR__TIMER_SLEEP);
    weir__timers_arm(&timers, &timer[1], 1100, WEIR__TIMER_SLEEP);
    weir__timers_arm(&timers, &timer[2], 3 * TICK_NS - 1, WEIR__TIMER_SLEEP);
    run_until(&timers, INT64_MAX - 1);
    CHECK_INT(fired_count, 3);
    CHECK(fired[0] == &timer[1] && fired[1] == &timer[2] && fired[2] == &timer[0]);
    CHECK(weir__timers_next(&timers) == INT64_MAX);
}

TEST(test_timers_at_one_instant_deadlines_go_before_sleeps_and_else_as_armed) {
    struct weir__timers timers;
    struct weir__timer timer[4] = {{.fire = note}, {.fire = note}, {.fire = note}, {.fire = note}};
    int64_t at = 77 * TICK_NS + 5;

    weir__timers_init(&timers, 0);
    weir__timers_arm(&timers, &timer[0], at, WEIR__TIMER_SLEEP);
    weir__timers_arm(&timers, &timer[1], at, WEIR__TIMER_SLEEP);
    weir__timers_arm(&timers, &timer[2], at, WEIR__TIMER_DEADLINE);
    weir__timers_arm(&timers, &timer[3], at, WEIR__TIMER_DEADLINE);
    run_until(&timers, at);
    CHECK_INT(fired_count, 4);
    CHECK(fired[0] == &timer[2] && fired[1] == &timer[3] && fired[2] == &timer[0] && fired[3] == &timer[1]);
}

TEST(test_timers_do_not_fire_early) {
    struct weir__timers timers;
    struct weir__timer timer = {.fire = note};

    weir__timers_init(&timers, 0);
    weir__timers_arm(&timers, &timer, 100 * TICK_NS + 7, WEIR__TIMER_SLEEP);
    weir__timers_fire(&timers, 100 * TICK_NS + 6);
    CHECK_INT(fired_count, 0);
    CHECK_INT(weir__timers_next(&timers), 100 * TICK_NS + 7);
    weir__timers_fire(&timers, 100 * TICK_NS + 7);
    CHECK_INT(fired_count, 1);
}

TEST(test_timers_far_away_cost_few_looks) {
    struct weir__timers timers;
    struct weir__timer timer = {.fire = note};

    weir__timers_init(&timers, 12345);
    weir__timers_arm(&timers, &timer, INT64_MAX - 1, WEIR__TIMER_SLEEP);
    CHECK(run_until(&timers, INT64_MAX - 2) <= WEIR__TIMER_LEVELS);
    CHECK_INT(fired_count, 0);
    run_until(&timers, INT64_MAX - 1);
    CHECK_INT(fired_count, 1);
}

static struct weir__timers *rearming;

static void rearm_once(struct weir__timer *timer) {
    note(timer);
    timer->fire = note;
    weir__timers_arm(rearming, timer, timer->deadline_ns, WEIR__TIMER_SLEEP);
}

TEST(test_timers_armed_while_firing_fire_if_due) {
    struct weir__timers timers;
    struct weir__timer timer = {.fire = rearm_once};

    weir__timers_init(&timers, 0);
    rearming = &timers;
    weir__timers_arm(&timers, &timer, 10, WEIR__TIMER_SLEEP);
    weir__timers_fire(&timers, 10);
    CHECK_INT(fired_count, 2);
}

static int64_t any_instant(int64_t now_ns) {
    static const int64_t spans[] =
        {1, 1000, TICK_NS, 64 * TICK_NS, 4096LL * TICK_NS, INT64_C(1) << 40, INT64_C(1) << 55};
    int64_t span = spans[(size_t)rand() % (sizeof spans / sizeof spans[0])];
    return now_ns + (int64_t)((uint64_t)rand() * (uint64_t)rand() % (uint64_t)span);
}

/* Against the plainest model there is: a timer is due or it is not. */
TEST(test_timers_agree_with_a_list_under_random_use) {
    enum { COUNT = 500, STEPS = 20000 };
    static struct weir__timer timer[COUNT];
    static struct weir__timers timers;
    int64_t now_ns = 5 * TICK_NS;

    srand((unsigned)test_seed());
    weir__timers_init(&timers, now_ns);
    for (unsigned step = 0; step < test_scaled(STEPS); step++) {
        struct weir__timer *one = &timer[rand() % COUNT];
        one->fire = note;
        switch (rand() % 4) {
        case 0:
            weir__timers_disarm(&timers, one);
            CHECK_INT(one->place, 0);
            break;
        case 1:
            now_ns += rand() % 3 == 0 ? any_instant(0) % (INT64_C(1) << 42) : rand() % TICK_NS;
            fired_count = 0;
            weir__timers_fire(&timers, now_ns);
            for (size_t i = 0; i < fired_count; i++) {
                CHECK(fired[i]->deadline_ns <= now_ns);
                CHECK(i == 0 || fired[i - 1]->deadline_ns < fired[i]->deadline_ns ||
                      fired[i - 1]->order < fired[i]->order);
            }
            for (size_t i = 0; i < COUNT; i++)
                CHECK(timer[i].place == 0 || timer[i].deadline_ns > now_ns);
            break;
        default:
            if (one->place == 0)
                weir__timers_arm(&timers, one, any_instant(now_ns), (enum weir__timer_class)(rand() % 2));
            break;
        }
    }
    run_until(&timers, INT64_MAX - 1);
    for (size_t i = 0; i < COUNT; i++)
        CHECK_INT(timer[i].place, 0);
}
