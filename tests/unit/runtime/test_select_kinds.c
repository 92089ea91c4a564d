/* SPDX-License-Identifier: MIT */
/* One select with an arm of every kind there is, and each of them twice: whichever becomes ready, exactly one arm of it
 * goes, and all others are left as they were. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/queue.h"
#include "weir/scope.h"
#include "weir/signal.h"
#include "weir/stream.h"
#include "weir/task.h"
#include "weir/wait.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum kind { GET, PUT, TASK, FUTURE, EVENT, INSTANT, FD, SIGNAL, READABLE, KINDS };

static struct world {
    weir_queue full, empty;
    int slot, got, item;
    weir_group group;
    weir_event gate, event;
    weir_task *task;
    weir_promise *promise;
    weir_future *future;
    weir_instant instant;
    int ends[2];
    weir_signal *signal;
    weir_stream *here, *there;
    weir_case cases[2 * KINDS];
} world;

static int wait_at_gate(void *arg) {
    (void)arg;
    return weir_event_wait(&world.gate);
}

static void world_begin(void) {
    memset(&world, 0, sizeof world);
    weir_queue_init(&world.empty, NULL, 0, sizeof(int));
    weir_queue_init(&world.full, &world.slot, 1, sizeof(int));
    CHECK_INT(weir_queue_try_put(&world.full, &(int){5}), 0);
    weir_event_init(&world.gate);
    weir_event_init(&world.event);
    weir_group_open(&world.group);
    world.task = start(&world.group, wait_at_gate, NULL);
    CHECK_INT(weir_future_new(&world.future, &world.promise, NULL), 0);
    world.instant = weir_never();
    CHECK_INT(pipe(world.ends), 0);
    CHECK_INT(weir_signal_open(&world.signal, SIGUSR1), 0);
    CHECK_INT(weir_stream_pair(&world.here, &world.there, 64), 0);
    world.item = 6;
}

static void world_end(void) {
    weir_event_set(&world.gate);
    weir_promise_free(world.promise);
    CHECK_INT(weir_group_close(&world.group, 0), 0);
    weir_future_free(world.future);
    weir_queue_done(&world.empty); /* each asserts that nobody is left in its lines */
    weir_queue_done(&world.full);
    weir_event_done(&world.gate);
    weir_event_done(&world.event);
    close(world.ends[0]);
    close(world.ends[1]);
    weir_signal_close(world.signal);
    weir_stream_free(world.here);
    weir_stream_free(world.there);
}

static weir_case make(enum kind kind) {
    switch (kind) {
    case GET:
        return weir_case_get(&world.empty, &world.got);
    case PUT:
        return weir_case_put(&world.full, &world.item);
    case TASK:
        return weir_case_task(world.task);
    case FUTURE:
        return weir_case_future(world.future);
    case EVENT:
        return weir_case_event(&world.event);
    case INSTANT:
        return weir_case_at(world.instant);
    case FD:
        return weir_case_fd(world.ends[0], WEIR_FD_READ);
    case SIGNAL:
        return weir_case_signal(world.signal);
    default:
        return weir_case_readable(world.here);
    }
}

/* Arms of every kind, each twice; a pair is at k and KINDS + k. But for a stream, which has one reader at a time. */
static void make_all(void) {
    for (int i = 0; i < 2 * KINDS; i++)
        world.cases[i] = make((enum kind)(i % KINDS));
    world.cases[KINDS + READABLE].ops = NULL;
}

/* Let one of them happen. */
static int happen(void *arg) {
    int item = 0;

    switch (*(const enum kind *)arg) {
    case GET:
        return weir_queue_put(&world.empty, &(int){7});
    case PUT:
        CHECK_INT(weir_queue_get(&world.full, &item), 1);
        CHECK_INT(item, 5);
        return 0;
    case TASK:
        weir_event_set(&world.gate);
        return 0;
    case FUTURE:
        weir_promise_resolve(world.promise, 3, NULL);
        world.promise = NULL;
        return 0;
    case EVENT:
        weir_event_set(&world.event);
        return 0;
    case INSTANT:
        return 0; /* it comes by itself */
    case FD:
        CHECK_INT(write(world.ends[1], "x", 1), 1);
        return 0;
    case SIGNAL:
        raise(SIGUSR1);
        raise(SIGUSR1);
        return 0;
    default:
        return weir_stream_write_all(world.there, "y", 1, NULL);
    }
}

static void check_result(enum kind kind, const weir_case *arm) {
    static const int results[KINDS] = {[GET] = 1, [FD] = WEIR_FD_READ, [SIGNAL] = 2};
    int item = 0;
    char byte;

    CHECK_INT(arm->result, results[kind]);
    CHECK_INT(world.got, kind == GET ? 7 : 0);
    if (kind == PUT) {
        CHECK_INT(weir_queue_try_get(&world.full, &item), 1);
        CHECK_INT(item, 6);
    }
    if (kind == READABLE)
        CHECK_INT(weir_stream_read_some(world.here, &byte, 1), 1);
}

/* `waits`: the select is parked when it happens; else it has happened before. */
static void select_one(enum kind kind, bool waits) {
    weir_group other;

    world_begin();
    if (kind == INSTANT)
        world.instant = weir_after(waits ? WEIR_MS : 0);
    weir_group_open(&other);
    weir_spawn(&other, happen, &kind, NULL);
    if (!waits && kind != GET) /* a meeting takes place only while both are there */
        CHECK_INT(weir_sleep(2 * WEIR_MS), 0);
    make_all();
    int went = weir_select(world.cases, 2 * KINDS);
    CHECK_INT(went % KINDS, kind);
    check_result(kind, &world.cases[went]);
    CHECK_INT(weir_group_close(&other, 0), 0);

    /* Nobody stands in any line: what happens now is there for the next who asks. */
    enum kind next = kind == EVENT ? FUTURE : EVENT;
    CHECK_INT(happen(&next), 0);
    weir_case again = make(next);
    CHECK_INT(weir_try_select(&again, 1), 0);
    world_end();
}

static void select_each(bool waits) {
    for (int kind = 0; kind < KINDS; kind++)
        select_one((enum kind)kind, waits);
}

TASK_TEST(test_select_of_every_kind_waits_for_each_simulated) { select_each(true); }
TASK_TEST(test_select_of_every_kind_finds_each_simulated) { select_each(false); }
REAL_TEST(test_select_of_every_kind_waits_for_each) { select_each(true); }
REAL_TEST(test_select_of_every_kind_finds_each) { select_each(false); }

/* ---- Cancelled, and a moment too late ------------------------------------------------------------------------------
 */

static void cancel_all(void) {
    weir_scope scope;

    world_begin();
    make_all();
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_select(world.cases, 2 * KINDS), -ETIME);
    CHECK_INT(weir_select(world.cases, 2 * KINDS), -ETIME);
    CHECK_INT(weir_scope_close(&scope, -ETIME), -ETIME);
    for (int kind = 0; kind < KINDS; kind++) {
        enum kind each = (enum kind)kind;
        if (each == GET || each == INSTANT)
            continue;
        weir_group other;
        weir_group_open(&other);
        weir_spawn(&other, happen, &each, NULL);
        CHECK_INT(weir_group_close(&other, 0), 0);
        weir_case arm = make(each);
        CHECK_INT(weir_select(&arm, 1), 0);
        check_result(each, &arm);
    }
    world_end();
}

TASK_TEST(test_select_of_every_kind_that_was_cancelled_takes_nothing_simulated) { cancel_all(); }
REAL_TEST(test_select_of_every_kind_that_was_cancelled_takes_nothing) { cancel_all(); }

/* Everything happens at once: one goes, and the select may be asked until each has gone, once. */
static void take_all(void) {
    unsigned times[KINDS] = {0};
    weir_group others;
    enum kind kinds[KINDS];

    world_begin();
    world.instant = weir_after(WEIR_MS);
    weir_group_open(&others);
    for (int kind = 0; kind < KINDS; kind++) {
        kinds[kind] = (enum kind)kind;
        weir_spawn(&others, happen, &kinds[kind], NULL);
    }
    make_all();
    for (int left = KINDS; left > 0; left--) {
        int went = weir_select(world.cases, 2 * KINDS);
        CHECK(went >= 0);
        times[went % KINDS]++;
        world.cases[went % KINDS].ops = world.cases[went % KINDS + KINDS].ops = NULL;
    }
    for (int kind = 0; kind < KINDS; kind++)
        CHECK_INT(times[kind], 1);
    CHECK_INT(world.got, 7);
    CHECK_INT(weir_group_close(&others, 0), 0);
    world_end();
}

static int take_all_once(void *arg) {
    (void)arg;
    take_all();
    return 0;
}

TEST(test_select_of_every_kind_takes_each_once_simulated) { run_under_seeds(50, take_all_once); }
REAL_TEST(test_select_of_every_kind_takes_each_once) { take_all(); }

/* ---- Many arms --------------------------------------------------------------------------------------------------- */

/* A thousand arms on queues that several tasks serve and select on at once: each item arrives once. */
enum { QUEUES = 500, ITEMS = 2000 };

static struct crowd {
    weir_queue queues[QUEUES];
    unsigned char seen[ITEMS];
    int sent, received;
} crowd;

static int send_items(void *arg) {
    (void)arg;
    while (crowd.sent < ITEMS) {
        int item = crowd.sent++;
        int rc = weir_queue_put(&crowd.queues[chance(QUEUES)], &item);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int receive_items(void *arg) {
    static weir_case arms[4][2 * QUEUES];
    weir_case *cases = arms[(uintptr_t)arg];
    int item, rc;

    for (int i = 0; i < 2 * QUEUES; i++)
        cases[i] = weir_case_get(&crowd.queues[i % QUEUES], &item);
    while ((rc = weir_select(cases, 2 * QUEUES)) >= 0 && cases[rc].result > 0) {
        CHECK_INT(crowd.seen[item]++, 0);
        if (++crowd.received == ITEMS)
            for (int i = 0; i < QUEUES; i++)
                weir_queue_close(&crowd.queues[i]);
    }
    return rc < 0 ? rc : 0;
}

TASK_TEST(test_select_of_a_thousand_arms_by_several_tasks_loses_nothing) {
    weir_group group;

    for (int i = 0; i < QUEUES; i++)
        weir_queue_init(&crowd.queues[i], NULL, 0, sizeof(int));
    weir_group_open(&group);
    for (uintptr_t i = 0; i < 4; i++)
        weir_spawn(&group, receive_items, (void *)i, NULL);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, send_items, NULL, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(crowd.received, ITEMS);
    for (int i = 0; i < QUEUES; i++)
        weir_queue_done(&crowd.queues[i]);
}
