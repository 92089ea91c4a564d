/* SPDX-License-Identifier: MIT */
/* test_select.c: exactly one arm goes, whoever comes first and whatever is cancelled. */
#include "weir/wait.h"

#include "runtime/waiter.h"
#include "support/tasks.h"
#include "weir/event.h"
#include "weir/queue.h"
#include "weir/scope.h"

#include <string.h>

/* ---- What can go at once ----------------------------------------------------------------------------------------- */

TASK_TEST(test_select_takes_the_arm_that_can_go) {
    int a_slots[1], b_slots[1], item = 4, got = 0;
    weir_queue a, b;

    weir_queue_init(&a, a_slots, 1, sizeof item);
    weir_queue_init(&b, b_slots, 1, sizeof item);
    CHECK_INT(weir_queue_put(&b, &item), 0);
    weir_case cases[] = {weir_case_get(&a, &got), weir_case_get(&b, &got)};
    CHECK_INT(weir_select(cases, 2), 1);
    CHECK_INT(cases[1].result, 1);
    CHECK_INT(got, 4);
    CHECK_INT(weir_try_select(cases, 2), -EAGAIN);

    cases[0] = weir_case_put(&a, &item);
    CHECK_INT(weir_try_select(cases, 2), 0);
    CHECK_INT(cases[0].result, 0);
    CHECK_INT(weir_queue_length(&a), 1);
    weir_queue_done(&a);
    weir_queue_done(&b);
}

TASK_TEST(test_select_skips_arms_that_are_switched_off) {
    weir_event event;

    weir_event_init(&event);
    weir_event_set(&event);
    weir_case cases[5];
    memset(cases, 0, sizeof cases);
    CHECK_INT(weir_try_select(cases, 5), -EAGAIN);
    cases[3] = weir_case_event(&event);
    for (int i = 0; i < 50; i++)
        CHECK_INT(weir_select(cases, 5), 3);
    CHECK_INT(cases[3].result, 0);
    weir_event_done(&event);
}

TASK_TEST(test_select_tells_how_a_closed_queue_answers) {
    int slots[1], item = 1, got = 0;
    weir_queue queue;

    weir_queue_init(&queue, slots, 1, sizeof item);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    weir_queue_close(&queue);
    weir_case get = weir_case_get(&queue, &got), put = weir_case_put(&queue, &item);
    CHECK_INT(weir_select(&get, 1), 0);
    CHECK_INT(get.result, 1);
    CHECK_INT(weir_select(&get, 1), 0); /* always ready from now on */
    CHECK_INT(get.result, 0);
    CHECK_INT(weir_select(&put, 1), 0);
    CHECK_INT(put.result, -WEIR_ECLOSED);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_starts_elsewhere_each_time) {
    enum { ARMS = 4, ROUNDS = 4000 };
    int taken[ARMS] = {0};
    weir_event event;
    weir_case cases[ARMS];

    weir_event_init(&event);
    weir_event_set(&event);
    for (int i = 0; i < ARMS; i++)
        cases[i] = weir_case_event(&event);
    for (int i = 0; i < ROUNDS; i++)
        taken[weir_select(cases, ARMS)]++;
    for (int i = 0; i < ARMS; i++)
        CHECK(taken[i] > ROUNDS / ARMS * 3 / 4);
    weir_event_done(&event);
}

enum { PICKS = 64 };

static int record_picks(void *arg) {
    unsigned char *picks = arg;
    weir_event event;

    weir_event_init(&event);
    weir_event_set(&event);
    for (int i = 0; i < PICKS; i++) {
        weir_case cases[] = {weir_case_event(&event), weir_case_event(&event), weir_case_event(&event)};
        picks[i] = (unsigned char)weir_select(cases, 3);
    }
    weir_event_done(&event);
    return 0;
}

TEST(test_select_choices_are_the_seeds) {
    unsigned char picks[3][PICKS];
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};

    for (int i = 0; i < 3; i++) {
        options.seed = test_seed() + (i == 2);
        CHECK_INT(weir_run(record_picks, picks[i], &options), 0);
    }
    CHECK_MEM(picks[1], picks[0], PICKS);
    CHECK(memcmp(picks[2], picks[0], PICKS) != 0);
}

/* ---- Waiting ----------------------------------------------------------------------------------------------------- */

struct selector {
    weir_case cases[4];
    size_t count;
    int which, next;
    bool done;
};

static int select_once(void *arg) {
    struct selector *me = arg;

    me->which = weir_select(me->cases, me->count);
    me->next = weir_scope_check();
    me->done = true;
    return 0;
}

TASK_TEST(test_select_waits_for_the_first_arm_and_leaves_the_others) {
    int a_slots[1], b_slots[1], item = 6, got[2] = {0, 0};
    weir_queue a, b;
    weir_group group;

    weir_queue_init(&a, a_slots, 1, sizeof item);
    weir_queue_init(&b, b_slots, 1, sizeof item);
    struct selector selector = {.cases = {weir_case_get(&a, &got[0]), weir_case_get(&b, &got[1])}, .count = 2};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &selector, NULL);
    settle();
    CHECK(!selector.done);
    CHECK_INT(weir_queue_try_put(&b, &item), 0);
    CHECK_INT(weir_queue_try_put(&a, &item), 0); /* before the task runs: this one is not its any more */
    CHECK_INT(weir_queue_length(&a), 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(selector.which, 1);
    CHECK_INT(selector.cases[1].result, 1);
    CHECK_INT(got[1], 6);
    CHECK_INT(got[0], 0);
    CHECK_INT(weir_queue_length(&a), 1);
    weir_queue_done(&a);
    weir_queue_done(&b);
}

TASK_TEST(test_select_stands_in_the_line_like_everybody) {
    int first_got = 0, second_got = 0;
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, NULL, 0, sizeof(int));
    struct selector first = {.cases = {weir_case_get(&queue, &first_got)}, .count = 1};
    struct selector second = {.cases = {weir_case_get(&queue, &second_got)}, .count = 1};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &first, NULL);
    settle();
    weir_spawn(&group, select_once, &second, NULL);
    settle();
    for (int i = 1; i <= 2; i++)
        CHECK_INT(weir_queue_try_put(&queue, &i), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(first_got, 1);
    CHECK_INT(second_got, 2);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_puts_to_whoever_gets_first) {
    int item = 11, got = 0;
    weir_queue a, b;
    weir_group group;

    weir_queue_init(&a, NULL, 0, sizeof item);
    weir_queue_init(&b, NULL, 0, sizeof item);
    struct selector selector = {.cases = {weir_case_put(&a, &item), weir_case_put(&b, &item)}, .count = 2};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &selector, NULL);
    settle();
    item = 12; /* read when the case goes */
    CHECK_INT(weir_queue_try_get(&b, &got), 1);
    CHECK_INT(got, 12);
    CHECK_INT(weir_queue_try_get(&a, &got), -EAGAIN);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(selector.which, 1);
    CHECK_INT(selector.cases[1].result, 0);
    weir_queue_done(&a);
    weir_queue_done(&b);
}

TASK_TEST(test_select_on_both_ends_of_a_queue_does_not_meet_itself) {
    int out = 1, in = 0, got = 0;
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, NULL, 0, sizeof(int));
    struct selector selector = {.cases = {weir_case_get(&queue, &in), weir_case_put(&queue, &out)}, .count = 2};
    weir_group_open(&group);
    for (int round = 0; round < 2; round++) {
        weir_spawn(&group, select_once, &selector, NULL);
        settle();
        CHECK(!selector.done);
        if (round == 0)
            CHECK_INT(weir_queue_try_get(&queue, &got), 1);
        else
            CHECK_INT(weir_queue_try_put(&queue, &(int){9}), 0);
        settle();
        CHECK(selector.done);
        CHECK_INT(selector.which, 1 - round);
        selector.done = false;
        CHECK_INT(weir_queue_try_get(&queue, &got), -EAGAIN); /* neither arm was left behind */
        CHECK_INT(weir_queue_try_put(&queue, &got), -EAGAIN);
    }
    CHECK_INT(in, 9);
    CHECK_INT(got, 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_meets_another_select_on_a_queue_without_slots) {
    int out[2] = {1, 2}, in[2] = {0, 0};
    struct selector selectors[2];
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, NULL, 0, sizeof(int));
    weir_group_open(&group);
    for (int i = 0; i < 2; i++) {
        selectors[i] =
            (struct selector){.cases = {weir_case_get(&queue, &in[i]), weir_case_put(&queue, &out[i])}, .count = 2};
        weir_spawn(&group, select_once, &selectors[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(selectors[0].which + selectors[1].which, 1); /* one got, the other put */
    CHECK_INT(in[0] + in[1], selectors[0].which == 0 ? 2 : 1);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_with_the_same_queue_twice_takes_one_item) {
    int item = 5, got[2] = {0, 0};
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, NULL, 0, sizeof item);
    struct selector selector = {.cases = {weir_case_get(&queue, &got[0]), weir_case_get(&queue, &got[1])}, .count = 2};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &selector, NULL);
    settle();
    CHECK_INT(weir_queue_try_put(&queue, &item), 0);
    CHECK_INT(weir_queue_try_put(&queue, &item), -EAGAIN);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(got[0] + got[1], 5);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_ends_when_its_queue_is_closed) {
    int got = 0;
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, NULL, 0, sizeof got);
    struct selector selector = {.cases = {weir_case_get(&queue, &got), weir_case_get(&queue, &got)}, .count = 2};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &selector, NULL);
    settle();
    weir_queue_close(&queue); /* wakes all in line, of which two are arms of one select */
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK(selector.which >= 0);
    CHECK_INT(selector.cases[selector.which].result, 0);
    weir_queue_done(&queue);
}

static int nap(void *arg) {
    int rc = weir_sleep(*(weir_duration *)arg);
    return rc < 0 ? rc : 17;
}

TASK_TEST(test_select_sees_tasks_end_and_events_set) {
    weir_duration long_nap = WEIR_HOUR, short_nap = WEIR_SEC;
    weir_event event;
    weir_group group;
    int result = 0;

    weir_event_init(&event);
    weir_group_open(&group);
    weir_task *slow = start(&group, nap, &long_nap), *quick = start(&group, nap, &short_nap);
    weir_case cases[] = {weir_case_task(slow), weir_case_event(&event), weir_case_task(quick)};
    CHECK_INT(weir_select(cases, 3), 2);
    CHECK_INT(cases[2].result, 0);
    CHECK_INT(weir_task_try_wait(quick, &result), 0);
    CHECK_INT(result, 17);
    cases[2] = (weir_case){0};
    weir_event_set(&event);
    CHECK_INT(weir_select(cases, 3), 1);
    weir_group_cancel(&group, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_event_done(&event);
}

/* ---- Instants ---------------------------------------------------------------------------------------------------- */

TASK_TEST(test_select_wakes_at_the_earliest_instant) {
    weir_instant begin = weir_now();
    weir_case cases[] = {weir_case_at(weir_never()), weir_case_at(weir_after(3 * WEIR_SEC)),
                         weir_case_at(weir_after(2 * WEIR_SEC)), weir_case_at(weir_after(4 * WEIR_SEC))};

    CHECK_INT(weir_try_select(cases, 4), -EAGAIN);
    CHECK_INT(weir_select(cases, 4), 2);
    CHECK_INT(cases[2].result, 0);
    CHECK_INT(weir_instant_diff(weir_now(), begin), 2 * WEIR_SEC);
    cases[2] = (weir_case){0};
    CHECK_INT(weir_select(cases, 4), 1);
    CHECK_INT(weir_instant_diff(weir_now(), begin), 3 * WEIR_SEC);
    CHECK_INT(weir_select(cases, 4), 1); /* it has come, and has always come */
    CHECK_INT(weir_instant_diff(weir_now(), begin), 3 * WEIR_SEC);
}

TASK_TEST(test_select_deadline_beats_an_instant_that_comes_with_it) {
    weir_instant end = weir_after(WEIR_SEC);
    weir_case at = weir_case_at(end);
    weir_scope scope;

    weir_scope_open(&scope, end);
    CHECK_INT(weir_select(&at, 1), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    CHECK_INT(weir_instant_diff(weir_now(), end), 0);
    CHECK_INT(weir_select(&at, 1), 0);
}

TASK_TEST(test_select_leaves_no_timer_behind) {
    int slots[1], item = 1, got = 0;
    weir_instant begin = weir_now();
    weir_queue queue;
    weir_group group;

    weir_queue_init(&queue, slots, 1, sizeof item);
    struct selector selector = {.cases = {weir_case_get(&queue, &got), weir_case_at(weir_after(WEIR_SEC))}, .count = 2};
    weir_group_open(&group);
    weir_spawn(&group, select_once, &selector, NULL);
    settle();
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(selector.which, 0);
    CHECK_INT(weir_sleep(WEIR_MIN), 0); /* a timer in a frame that is gone would fire now */
    CHECK_INT(weir_instant_diff(weir_now(), begin), WEIR_MIN + 1);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_without_arms_waits_for_its_deadline) {
    weir_case cases[] = {weir_case_at(weir_never()), {0}};
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_HOUR));
    CHECK_INT(weir_select(cases, 2), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
}

/* ---- Cancels ----------------------------------------------------------------------------------------------------- */

TASK_TEST(test_select_refuses_in_a_cancelled_scope) {
    int slots[1], item = 1, got = 0;
    weir_queue queue;
    weir_scope scope;

    weir_queue_init(&queue, slots, 1, sizeof item);
    CHECK_INT(weir_queue_put(&queue, &item), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    weir_case get = weir_case_get(&queue, &got);
    CHECK_INT(weir_select(&get, 1), -ECANCELED);
    CHECK_INT(weir_queue_length(&queue), 1);
    CHECK_INT(weir_scope_close(&scope, -ECANCELED), -ECANCELED);
    weir_queue_done(&queue);
}

TASK_TEST(test_select_that_was_cancelled_leaves_every_line) {
    int out = 1, got = 0;
    weir_queue a, b;
    weir_event event;
    weir_group group;

    weir_queue_init(&a, NULL, 0, sizeof(int));
    weir_queue_init(&b, NULL, 0, sizeof(int));
    weir_event_init(&event);
    struct selector selector = {.cases = {weir_case_get(&a, &got), weir_case_put(&b, &out), weir_case_event(&event),
                                          weir_case_at(weir_after(WEIR_SEC))},
                                .count = 4};
    weir_group_open(&group);
    weir_task *task = start(&group, select_once, &selector);
    settle();
    weir_task_cancel(task, "the test");
    settle();
    CHECK(selector.done);
    CHECK_INT(selector.which, -ECANCELED);
    CHECK_INT(weir_queue_try_put(&a, &out), -EAGAIN);
    CHECK_INT(weir_queue_try_get(&b, &got), -EAGAIN);
    weir_event_done(&event);
    CHECK_INT(weir_sleep(WEIR_MIN), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_queue_done(&a);
    weir_queue_done(&b);
}

static void check_race(bool cancel_first) {
    int item = 21, got = 0;
    weir_queue a, b;
    weir_group group;

    weir_queue_init(&a, NULL, 0, sizeof item);
    weir_queue_init(&b, NULL, 0, sizeof item);
    struct selector selector = {.cases = {weir_case_get(&a, &got), weir_case_get(&b, &got)}, .count = 2};
    weir_group_open(&group);
    weir_task *task = start(&group, select_once, &selector);
    settle();
    if (cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_queue_try_put(&b, &item), 0);
    if (!cancel_first)
        weir_task_cancel(task, "the test");
    CHECK_INT(weir_queue_try_put(&a, &item), -EAGAIN); /* it has what it waited for */
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(selector.which, 1);
    CHECK_INT(selector.next, -ECANCELED);
    CHECK_INT(got, 21);
    weir_queue_done(&a);
    weir_queue_done(&b);
}

TASK_TEST(test_select_served_before_a_cancel_says_which) { check_race(false); }
TASK_TEST(test_select_served_after_a_cancel_says_which) { check_race(true); }

/* ---- The contract with the nouns --------------------------------------------------------------------------------- */

/* An arm that writes down what is done to it. */
struct probe {
    int enlist_rc;
    bool wakes_at_once;
    int tried, enlisted, delisted;
};

static bool probe_try(weir_case *arm) {
    ((struct probe *)arm->object)->tried++;
    return false;
}

static int probe_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct probe *probe = arm->object;

    probe->enlisted++;
    if (probe->wakes_at_once)
        weir__waiter_wake(waiter, 33);
    return probe->enlist_rc;
}

static void probe_delist(weir_case *arm, struct weir__waiter *waiter) {
    (void)waiter;
    ((struct probe *)arm->object)->delisted++;
}

static const struct weir_case_ops probe_ops = {probe_try, probe_enlist, probe_delist};

static void check_probes(struct probe *probes, int which, int result, int enlisted_last) {
    weir_case cases[3];
    int slots[1];
    weir_queue queue;

    weir_queue_init(&queue, slots, 1, sizeof slots[0]);
    cases[0] = weir_case_get(&queue, &slots[0]);
    for (int i = 1; i < 3; i++)
        cases[i] = (weir_case){.ops = &probe_ops, .object = &probes[i - 1]};
    CHECK_INT(weir_select(cases, 3), which);
    CHECK_INT(cases[which].result, result);
    CHECK_INT(probes[0].tried + probes[1].tried, 2);
    CHECK_INT(probes[0].enlisted, 1);
    CHECK_INT(probes[0].delisted, 1);
    CHECK_INT(probes[1].enlisted, enlisted_last);
    CHECK_INT(probes[1].delisted, enlisted_last); /* as often as it was enlisted */
    weir_queue_done(&queue);                      /* nobody is in line */
}

TASK_TEST(test_select_ends_with_an_arm_that_cannot_be_waited_for) {
    struct probe probes[2] = {{.enlist_rc = -EBADF}};
    check_probes(probes, 1, -EBADF, 0);
}

TASK_TEST(test_select_ends_with_an_arm_that_is_woken_while_it_enlists) {
    struct probe first[2] = {{.wakes_at_once = true}}, last[2] = {{0}, {.wakes_at_once = true}};
    check_probes(first, 1, 33, 0);
    check_probes(last, 2, 33, 1);
}

/* ---- Many tasks, many seeds -------------------------------------------------------------------------------------- */

enum { QUEUES = 3, TASKS = 8, ROUNDS = 40 };

struct exchange {
    weir_queue queues[QUEUES];
    int slots[QUEUES][2];
    int next;                          /* each item is another number */
    bool put[TASKS * ROUNDS * QUEUES]; /* what the calls said */
    bool got[TASKS * ROUNDS * QUEUES];
};

/* Both ends of every queue, a timer, and now and then a deadline. */
static int deal(void *arg) {
    struct exchange *all = arg;
    int out[QUEUES], in[QUEUES];

    for (int round = 0; round < ROUNDS; round++) {
        weir_case cases[2 * QUEUES + 1];
        weir_scope scope;

        for (int i = 0; i < QUEUES; i++) {
            out[i] = all->next++;
            cases[2 * i] = weir_case_get(&all->queues[i], &in[i]);
            cases[2 * i + 1] = weir_case_put(&all->queues[i], &out[i]);
        }
        cases[2 * QUEUES] = weir_case_at(weir_after(chance(20)));
        weir_scope_open(&scope, chance(4) == 0 ? weir_after(chance(10)) : weir_never());
        int which = weir_select(cases, 2 * QUEUES + 1);
        if (which >= 0 && which < 2 * QUEUES) {
            CHECK_INT(cases[which].result, which % 2 == 0 ? 1 : 0);
            bool *side = which % 2 == 0 ? &all->got[in[which / 2]] : &all->put[out[which / 2]];
            CHECK(!*side);
            *side = true;
        }
        int rc = weir_scope_close(&scope, which);
        if (rc < 0 && rc != -ETIME)
            return rc;
        rc = weir_sleep(chance(3));
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int deal_all(void *arg) {
    struct exchange all = {.next = 0};
    weir_task *tasks[TASKS];
    weir_group group;
    int item;
    (void)arg;

    for (int i = 0; i < QUEUES; i++)
        weir_queue_init(&all.queues[i], all.slots[i], (size_t)i, sizeof(int));
    weir_group_open(&group);
    for (int i = 0; i < TASKS; i++)
        tasks[i] = start(&group, deal, &all);
    for (int i = 0; i < TASKS / 2; i++) {
        CHECK_INT(weir_sleep(chance(60)), 0);
        weir_task_cancel(tasks[chance(TASKS)], "the test");
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < QUEUES; i++) {
        while (weir_queue_try_get(&all.queues[i], &item) > 0)
            all.got[item] = true;
        weir_queue_done(&all.queues[i]);
    }
    CHECK_MEM(all.got, all.put, sizeof all.put);
    return 0;
}

TEST(test_select_loses_and_doubles_nothing_whoever_is_cancelled) { run_under_seeds(300, deal_all); }

TASK_TEST(test_select_waits_on_a_thousand_arms) {
    enum { ARMS = 1000 };
    static weir_event events[ARMS];
    static weir_case cases[ARMS];

    for (int i = 0; i < ARMS; i++) {
        weir_event_init(&events[i]);
        cases[i] = weir_case_event(&events[i]);
    }
    weir_scope scope;
    weir_scope_open(&scope, weir_after(WEIR_SEC));
    CHECK_INT(weir_select(cases, ARMS), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    weir_event_set(&events[ARMS / 2]);
    CHECK_INT(weir_select(cases, ARMS), ARMS / 2);
    for (int i = 0; i < ARMS; i++)
        weir_event_done(&events[i]);
}

TASK_TEST_DIES(test_select_of_no_arms_is_misuse, SIGABRT, "weir_select") {
    weir_case none;
    CHECK_INT(weir_select(&none, 0), 0);
}
