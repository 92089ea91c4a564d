/* SPDX-License-Identifier: MIT */
/* test_lane_batch.c: lanes that run what waits as one batch. */
#include "weir/weir.h"

#include "support/test.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

enum { CALLS = 100 };

/** What the lane's functions write down; theirs alone, until the calls have returned. */
struct journal {
    unsigned begun, ended, inside; /* batches; functions of this one */
    unsigned most;
    int begin_result, end_result;
    bool open;
};

static int begin(void *arg) {
    struct journal *journal = arg;
    CHECK(!journal->open);
    if (journal->begin_result < 0)
        return weir_fail(journal->begin_result, "no begin");
    journal->open = true;
    journal->begun++;
    journal->inside = 0;
    return 0;
}

static int end(void *arg) {
    struct journal *journal = arg;
    CHECK(journal->open);
    journal->open = false;
    journal->ended++;
    if (journal->inside > journal->most)
        journal->most = journal->inside;
    return journal->end_result < 0 ? weir_fail(journal->end_result, "no end") : 0;
}

static weir_lane *lane_of(struct journal *journal, unsigned functions_max, unsigned waiting_max) {
    weir_lane_batch batch = {.size_bytes = sizeof batch,
                             .functions_max = functions_max,
                             .begin = begin,
                             .end = end,
                             .arg = journal};
    weir_lane *lane;
    CHECK_INT(weir_lane_new_batching(&lane, "batches", waiting_max, &batch), 0);
    return lane;
}

struct call {
    struct journal *journal;
    weir_lane *lane;
    int result;   /* of the function */
    int returned; /* of the call */
    bool ran;
    sem_t *hold; /* what the function waits for; NULL: nothing */
    atomic_bool started;
    char text[64];
};

static int work(void *arg, const weir_stop *stop) {
    struct call *call = arg;
    (void)stop;
    CHECK(call->journal->open);
    call->journal->inside++;
    call->ran = true;
    if (call->hold != NULL)
        sem_wait(call->hold);
    return call->result < 0 ? weir_fail(call->result, "its own") : call->result;
}

static int offload(void *arg) {
    struct call *call = arg;
    call->returned = weir_offload(call->lane, work, call);
    snprintf(call->text, sizeof call->text, "%s", call->returned < 0 ? weir_error_text(call->returned) : "");
    return 0;
}

/** Run `count` calls at once. */
static void run_calls(struct call *calls, unsigned count) {
    weir_group group;
    weir_group_open(&group);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(weir_spawn(&group, offload, &calls[i], NULL), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/** As run_calls; what holds the first is let go when all have been submitted. */
static void run_calls_behind_the_first(struct call *calls, unsigned count) {
    weir_group group;
    weir_group_open(&group);
    for (unsigned i = 0; i < count; i++)
        CHECK_INT(weir_spawn(&group, offload, &calls[i], NULL), 0);
    CHECK_INT(weir_yield(), 0); /* every one of them has run until it waits */
    if (calls[0].hold != NULL)
        sem_post(calls[0].hold);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/** @param hold  for the first call, where threads run it: else it is alone in its batch, and so might the others be */
static void check_sharing(sem_t *hold) {
    struct journal journal = {.begun = 0};
    weir_lane *lane = lane_of(&journal, CALLS, CALLS);
    struct call calls[CALLS];
    for (int i = 0; i < CALLS; i++)
        calls[i] = (struct call){.journal = &journal, .lane = lane, .result = i};
    calls[0].hold = hold;
    run_calls_behind_the_first(calls, CALLS);
    for (int i = 0; i < CALLS; i++)
        CHECK_INT(calls[i].returned, i);
    CHECK_INT(journal.begun, journal.ended);
    CHECK(journal.begun <= 2);
    weir_lane_free(lane);
}

TASK_TEST(test_lane_batch_takes_all_that_wait_simulated) { check_sharing(NULL); }
REAL_TEST(test_lane_batch_takes_all_that_wait) {
    sem_t hold;
    sem_init(&hold, 0, 0);
    check_sharing(&hold);
    sem_destroy(&hold);
}

static void check_bound(void) {
    struct journal journal = {.begun = 0};
    weir_lane *lane = lane_of(&journal, 7, 3); /* most must even wait to be let in */
    struct call calls[CALLS];
    for (int i = 0; i < CALLS; i++)
        calls[i] = (struct call){.journal = &journal, .lane = lane};
    run_calls(calls, CALLS);
    for (int i = 0; i < CALLS; i++)
        CHECK(calls[i].ran);
    CHECK(journal.most <= 7);
    CHECK(journal.begun >= CALLS / 7);
    weir_lane_free(lane);
}

TASK_TEST(test_lane_batch_is_bounded_simulated) { check_bound(); }
REAL_TEST(test_lane_batch_is_bounded) { check_bound(); }

static void check_failures(void) {
    struct journal journal = {.end_result = -EIO};
    weir_lane *lane = lane_of(&journal, 10, 10);
    struct call calls[2] = {{.journal = &journal, .lane = lane, .result = 5},
                            {.journal = &journal, .lane = lane, .result = -EDOM}};
    run_calls(calls, 2);
    CHECK_INT(calls[0].returned, -EIO);
    CHECK_STR(calls[0].text, "no end");
    CHECK_INT(calls[1].returned, -EDOM); /* it had failed before, and for a reason of its own */
    CHECK_STR(calls[1].text, "its own");

    journal.begin_result = -ENOSPC;
    calls[0].ran = calls[1].ran = false;
    run_calls(calls, 2);
    for (int i = 0; i < 2; i++) {
        CHECK(!calls[i].ran);
        CHECK_INT(calls[i].returned, -ENOSPC);
        CHECK_STR(calls[i].text, "no begin");
    }
    CHECK_INT(journal.begun, journal.ended);

    journal.begin_result = journal.end_result = 0;
    run_calls(calls, 1);
    CHECK_INT(calls[0].returned, 5);
    weir_lane_free(lane);
}

TASK_TEST(test_lane_batch_failing_fails_its_functions_simulated) { check_failures(); }
REAL_TEST(test_lane_batch_failing_fails_its_functions) { check_failures(); }

/* One waits while another's batch runs: it can still leave. One whose batch runs cannot. */
static int hold(void *arg, const weir_stop *stop) {
    struct call *call = arg;
    atomic_store(&call->started, true);
    while (!weir_stop_asked(stop))
        continue;
    call->ran = true;
    return 42;
}

static int offload_hold(void *arg) {
    struct call *call = arg;
    call->returned = weir_offload(call->lane, hold, call);
    return 0;
}

REAL_TEST(test_lane_batch_lets_go_who_waits_and_awaits_who_runs) {
    struct journal journal = {.begun = 0};
    weir_lane *lane = lane_of(&journal, 10, 10);
    struct call running = {.journal = &journal, .lane = lane}, waiting = {.journal = &journal, .lane = lane};
    weir_group group;
    weir_task *first, *second;

    weir_group_open(&group);
    CHECK_INT(weir_spawn(&group, offload_hold, &running, &first), 0);
    while (!atomic_load(&running.started))
        CHECK_INT(weir_yield(), 0);
    CHECK_INT(weir_spawn(&group, offload, &waiting, &second), 0);
    CHECK_INT(weir_yield(), 0);
    weir_task_cancel(second, "enough");
    CHECK_INT(weir_task_wait(second, NULL), 0);
    CHECK_INT(waiting.returned, -ECANCELED);
    CHECK(!waiting.ran);
    weir_task_cancel(first, "enough");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(running.returned, 42);
    CHECK_INT(journal.ended, 1);
    weir_lane_free(lane);
}
