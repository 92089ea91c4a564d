/* SPDX-License-Identifier: MIT */
/* Every waiting call, cancelled before, at and after each of its parks: a step is run over and over, and interrupted at
 * its Nth park, for every N, in one of several ways, under many seeds. Each step proves that nothing was lost, doubled
 * or left behind, whatever came of it; AddressSanitizer's build sees what leaks. */
#include "runtime/task.h" /* how often a task has parked */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/mutex.h"
#include "weir/offload.h"
#include "weir/queue.h"
#include "weir/scope.h"
#include "weir/semaphore.h"
#include "weir/stream.h"
#include "weir/task.h"

#include <stdlib.h>
#include <string.h>

enum { TICK = 16 }; /* ns; whoever cancels looks more often than anything happens */

/* How the step is interrupted. */
enum means { BY_TASK, BY_SCOPE, BY_GROUP, BY_DEADLINE, BY_DEADLINE_SOON, MEANS };

typedef int step_fn(void);

static struct {
    step_fn *step;
    enum means means;
    unsigned at; /* the park at which to interrupt it */

    weir_group *group;
    weir_task *task; /* that takes the step */
    weir_scope scope;
    bool has_begun, has_ended, was_interrupted;
    uint32_t parks_before;
    unsigned parks;
    int rc;
} trial;

static int a_while(void) { return weir_sleep((weir_duration)chance(4) * TICK); }

/* Whether an interrupt is what came of a call. */
static bool is_interrupt(int rc) { return rc == -ECANCELED || rc == -ETIME; }

/* ---- The steps: 0, or the interrupt; all else they check themselves ---------------------------------------------- */

static int step_sleep(void) {
    weir_instant start = weir_now();
    int rc = 0;

    for (int i = 0; i < 3 && rc == 0; i++) {
        rc = weir_sleep(TICK);
        CHECK(rc < 0 || weir_instant_diff(weir_now(), start) >= (i + 1) * TICK);
    }
    return rc;
}

static int step_yield(void) {
    int rc = weir_yield();
    return rc < 0 ? rc : weir_checkpoint();
}

/* Items 1, 2, 3, ... go in at one end and come out at the other, each once and in order. */
static struct trade {
    weir_queue queue;
    int slots[2];
    int put, got; /* the last of each */
} trade;

static void trade_begin(size_t items_max) {
    trade = (struct trade){.put = 0};
    weir_queue_init(&trade.queue, items_max > 0 ? trade.slots : NULL, items_max, sizeof(int));
}

static int put_items(void *arg) {
    (void)arg;
    for (int item = 1; item <= 6; item++) {
        int rc = weir_queue_put(&trade.queue, &item);
        if (rc < 0)
            return is_interrupt(rc) ? rc : 0;
        trade.put = item;
        rc = a_while();
        if (rc < 0)
            return rc;
    }
    weir_queue_close(&trade.queue);
    return 0;
}

static int get_items(void *arg) {
    int item, rc;
    (void)arg;

    while ((rc = weir_queue_get(&trade.queue, &item)) > 0) {
        CHECK_INT(item, ++trade.got);
        rc = a_while();
        if (rc < 0)
            return rc;
    }
    return rc;
}

static int trade_end(int rc) {
    int item;

    weir_queue_close(&trade.queue);
    while (weir_queue_try_get(&trade.queue, &item) > 0)
        CHECK_INT(item, ++trade.got);
    CHECK_INT(trade.got, trade.put);
    CHECK(rc < 0 || trade.got == 6);
    weir_queue_done(&trade.queue);
    return rc;
}

static int run_trade(size_t items_max, int (*mine)(void *), weir_task_fn *theirs) {
    weir_group group;

    trade_begin(items_max);
    weir_group_open(&group);
    weir_spawn(&group, theirs, NULL, NULL);
    int rc = mine(NULL);
    rc = weir_group_close(&group, rc);
    return trade_end(rc);
}

static int step_queue_get(void) { return run_trade(2, get_items, put_items); }
static int step_queue_put(void) { return run_trade(2, put_items, get_items); }
static int step_meeting_get(void) { return run_trade(0, get_items, put_items); }
static int step_meeting_put(void) { return run_trade(0, put_items, get_items); }

static struct section {
    weir_mutex mutex;
    weir_semaphore semaphore;
    int inside, permits;
} section;

static int enter_section(void *arg) {
    (void)arg;
    for (int i = 0; i < 2; i++) {
        int rc = weir_mutex_lock(&section.mutex);
        if (rc < 0)
            return rc;
        CHECK_INT(++section.inside, 1);
        rc = a_while();
        section.inside--;
        weir_mutex_unlock(&section.mutex);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int share(weir_task_fn *fn) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, fn, NULL, NULL);
    weir_spawn(&group, fn, NULL, NULL);
    return weir_group_close(&group, fn(NULL));
}

static int step_mutex(void) {
    weir_mutex_init(&section.mutex);
    int rc = share(enter_section);
    weir_mutex_done(&section.mutex); /* asserts that it is free */
    return rc;
}

static int take_permits(void *arg) {
    (void)arg;
    for (size_t want = 1; want <= 3; want++) {
        int rc = weir_semaphore_acquire(&section.semaphore, want);
        if (rc < 0)
            return rc;
        section.permits += (int)want;
        CHECK(section.permits <= 3);
        rc = a_while();
        section.permits -= (int)want;
        weir_semaphore_release(&section.semaphore, want);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int step_semaphore(void) {
    weir_semaphore_init(&section.semaphore, 3);
    int rc = share(take_permits);
    CHECK_INT(weir_semaphore_try_acquire(&section.semaphore, 3), 0);
    CHECK_INT(weir_semaphore_try_acquire(&section.semaphore, 1), -EAGAIN);
    weir_semaphore_done(&section.semaphore);
    return rc;
}

static int set_event(void *arg) {
    int rc = a_while();
    weir_event_set(arg);
    return rc;
}

static int step_event(void) {
    weir_event event;
    weir_group group;

    weir_event_init(&event);
    weir_group_open(&group);
    weir_spawn(&group, set_event, &event, NULL);
    int rc = weir_group_close(&group, weir_event_wait(&event));
    CHECK(rc < 0 || weir_event_is_set(&event));
    weir_event_done(&event);
    return rc;
}

static int values; /* that nobody has freed */

static void *value_new(void) {
    values++;
    return malloc(1);
}

static void value_free(void *value) {
    values--;
    free(value);
}

static int resolve(void *arg) {
    int rc = a_while();

    if (chance(4) == 0)
        weir_promise_free(arg);
    else
        weir_promise_resolve(arg, 1, value_new());
    return rc;
}

static int step_future(void) {
    weir_promise *promise;
    weir_future *future;
    weir_group group;
    void *value = NULL;
    int result = 0;

    CHECK_INT(weir_future_new(&future, &promise, value_free), 0);
    weir_group_open(&group);
    weir_spawn(&group, resolve, promise, NULL);
    int rc = weir_future_wait(future, &result, &value);
    CHECK(rc < 0 || (result == 1 && value != NULL) || (result == -WEIR_EABANDONED && value == NULL));
    if (chance(2) > 0) {
        weir_future_free(future); /* the promise may be resolved afterwards */
        future = NULL;
    }
    rc = weir_group_close(&group, rc);
    weir_future_free(future);
    CHECK_INT(values, 0);
    return rc;
}

static int nap(void *arg) {
    (void)arg;
    return a_while();
}

static int step_task_wait(void) {
    weir_group group;
    int result = 1;

    weir_group_open(&group);
    weir_task *task = start(&group, nap, NULL);
    int rc = weir_task_wait(task, &result);
    CHECK(rc < 0 || result <= 0);
    if (chance(2) > 0)
        weir_task_release(task);
    return weir_group_close(&group, rc);
}

static int step_wait_several(void) {
    weir_waitable things[4];
    weir_promise *promise;
    weir_future *future;
    weir_group group;
    size_t index;
    int told = 0, rc;

    CHECK_INT(weir_future_new(&future, &promise, value_free), 0);
    weir_group_open(&group);
    for (int i = 0; i < 3; i++)
        things[i] = weir_waitable_task(start(&group, nap, NULL));
    things[3] = weir_waitable_future(future);
    weir_spawn(&group, resolve, promise, NULL);
    rc = weir_wait_any(things, 4);
    CHECK(rc < 4);
    while (rc >= 0 && (rc = weir_wait_next(things, 4, &index)) > 0) {
        CHECK(index < 4 && things[index].seen);
        told++;
    }
    CHECK(rc < 0 || told == 4);
    if (rc == 0)
        rc = weir_wait_all(things, 4);
    rc = weir_group_close(&group, rc);
    weir_future_free(future);
    CHECK_INT(values, 0);
    return rc;
}

/* One select over all that there is; it goes on until the queue and everything else is through. */
static int step_select(void) {
    weir_promise *promise;
    weir_future *future;
    weir_group group;
    weir_event event;
    int item = 0, rc = 0, left = 4;

    trade_begin(1);
    weir_event_init(&event);
    CHECK_INT(weir_future_new(&future, &promise, value_free), 0);
    weir_group_open(&group);
    weir_spawn(&group, put_items, NULL, NULL);
    weir_spawn(&group, set_event, &event, NULL);
    weir_spawn(&group, resolve, promise, NULL);
    weir_task *task = start(&group, nap, NULL);
    weir_case cases[] = {weir_case_get(&trade.queue, &item),
                         weir_case_get(&trade.queue, &item),
                         weir_case_event(&event),
                         weir_case_task(task),
                         weir_case_future(future),
                         weir_case_at(weir_after(2 * TICK))};

    while (left > 0 && (rc = weir_select(cases, 6)) >= 0) {
        if (rc < 2 && cases[rc].result > 0) {
            CHECK_INT(item, ++trade.got);
        } else if (rc < 2) {
            cases[0].ops = cases[1].ops = NULL; /* closed */
            left--;
        } else {
            left -= rc < 5;
            cases[rc].ops = NULL;
        }
    }
    rc = weir_group_close(&group, rc < 0 ? rc : 0);
    weir_future_free(future);
    CHECK_INT(values, 0);
    weir_event_done(&event);
    return trade_end(rc);
}

static int started, ended;

static int branch(void *arg) {
    weir_group group;
    uintptr_t depth = (uintptr_t)arg;
    int rc = 0;

    started++;
    weir_group_open(&group);
    for (int i = 0; i < 2 && depth > 0; i++)
        weir_spawn(&group, branch, (void *)(depth - 1), NULL);
    rc = weir_group_close(&group, a_while());
    ended++;
    return rc;
}

static int step_nested_groups(void) {
    started = ended = 0;
    int rc = branch((void *)2);
    CHECK_INT(started, ended);
    CHECK(rc < 0 || started == 7);
    return rc;
}

static int step_room(void) {
    const weir_group_options one = {.size_bytes = sizeof one, .running_max = 1};
    weir_group group;
    int spawned = 0, rc = 0;

    started = ended = 0;
    weir_group_open_with(&group, &one);
    for (int i = 0; i < 4 && rc == 0; i++) {
        rc = weir_spawn(&group, branch, NULL, NULL);
        spawned += rc == 0;
    }
    rc = weir_group_close(&group, rc);
    CHECK_INT(started, spawned);
    CHECK_INT(ended, spawned);
    CHECK(rc < 0 || spawned == 4);
    return rc;
}

static int nap_and_fail(void *arg) {
    int rc = a_while();
    (void)arg;
    return rc < 0 ? rc : weir_fail(-EXDEV, "as it should");
}

static int step_supervise(void) {
    const weir_group_options supervising = {.size_bytes = sizeof supervising, .supervising = true};
    weir_failure failure;
    weir_group group;
    int failures = 0, rc;

    weir_group_open_with(&group, &supervising);
    for (int i = 0; i < 4; i++)
        weir_spawn(&group, nap_and_fail, NULL, NULL);
    while ((rc = weir_group_wait_failure(&group, &failure)) > 0) {
        CHECK(failure.code == -EXDEV || is_interrupt(failure.code));
        failures += failure.code == -EXDEV;
    }
    CHECK(rc < 0 || failures <= 4);
    if (rc == 0)
        rc = weir_group_wait(&group);
    return weir_group_close(&group, rc);
}

static int step_failing_group(void) {
    weir_group group;

    started = ended = 0;
    weir_group_open(&group);
    weir_spawn(&group, nap_and_fail, NULL, NULL);
    weir_spawn(&group, branch, (void *)1, NULL);
    int rc = weir_group_close(&group, weir_group_wait(&group));
    CHECK_INT(started, ended);
    CHECK(rc < 0);
    return rc == -EXDEV ? 0 : rc;
}

static int began; /* functions on the lane */

static int begin(void *arg, const weir_stop *stop) {
    (void)stop;
    began++;
    return *(int *)arg;
}

static weir_lane *lane;

static int offload_one(void *arg) {
    int five = 5, before = began;
    (void)arg;

    int rc = weir_offload(lane, begin, &five);
    if (rc != 5)
        return rc; /* it never began: what `began` counts since is the others' */
    CHECK(began > before);
    return 0;
}

static int step_offload(void) {
    weir_group group;
    int calls = 0;

    began = 0;
    CHECK_INT(weir_lane_new(&lane, "narrow", 1, 1), 0);
    weir_group_open(&group);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, offload_one, NULL, NULL);
    int rc = weir_group_close(&group, offload_one(NULL));
    calls = rc == 0 ? 4 : 0;
    CHECK(began >= calls && began <= 4);
    weir_lane_free(lane);
    return rc;
}

static void argument_done(void *arg) {
    (void)arg;
    values--;
}

static int step_offload_start(void) {
    weir_future *futures[2];
    int five = 5, result, rc = 0;

    for (int i = 0; i < 2; i++) {
        CHECK_INT(weir_offload_start(NULL, begin, &five, sizeof five, argument_done, &futures[i]), 0);
        values++;
    }
    rc = weir_future_wait(futures[1], &result, NULL);
    CHECK(rc < 0 || result == 5);
    if (rc == 0)
        rc = weir_future_wait(futures[0], NULL, NULL) == 5 ? 0 : weir_scope_check();
    weir_future_free(futures[0]); /* withdrawn, or abandoned */
    weir_future_free(futures[1]);

    /* What was abandoned gives its argument back when it ends. */
    weir_scope shield;
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    CHECK_INT(weir_sleep(10 * WEIR_MS), 0);
    CHECK_INT(weir_scope_close(&shield, 0), 0);
    CHECK_INT(values, 0);
    return rc;
}

static struct {
    weir_stream *ends[2];
    size_t written, read;
} wire;

static int write_bytes(void *arg) {
    unsigned char bytes[40];
    size_t progress;
    (void)arg;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    int rc = weir_stream_write_all(wire.ends[0], bytes, sizeof bytes, &progress);
    wire.written += progress;
    return rc == -EPIPE || rc == -ECONNRESET ? 0 : rc;
}

static int step_stream(void) {
    unsigned char bytes[40];
    weir_group group;
    int rc;

    memset(&wire, 0, sizeof wire);
    CHECK_INT(weir_stream_pair(&wire.ends[0], &wire.ends[1], 7), 0);
    weir_group_open(&group);
    weir_spawn(&group, write_bytes, NULL, NULL);
    rc = weir_stream_read_exactly(wire.ends[1], bytes, sizeof bytes, &wire.read);
    CHECK(rc < 0 || wire.read == sizeof bytes);
    for (size_t i = 0; i < wire.read; i++)
        CHECK_INT(bytes[i], i);
    rc = weir_group_close(&group, rc);
    CHECK(wire.read <= wire.written && wire.written - wire.read <= 7);
    weir_stream_free(wire.ends[0]);
    weir_stream_free(wire.ends[1]);
    return rc;
}

/* Clean-up in a shield is not interrupted: it ends, each time. */
static int step_shield(void) {
    weir_scope shield;
    int rc = a_while(), clean_up;

    trade_begin(2);
    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    weir_group group;
    weir_group_open(&group);
    weir_spawn(&group, put_items, NULL, NULL);
    clean_up = weir_group_close(&group, get_items(NULL));
    CHECK_INT(weir_scope_close(&shield, clean_up), 0);
    CHECK_INT(trade_end(0), 0);
    return rc;
}

/* Scopes within scopes: each ends what is in it, and absorbs its own deadline only. */
static int step_scopes(void) {
    weir_scope scopes[4];
    int rc;

    for (int i = 0; i < 4; i++)
        weir_scope_open(&scopes[i], weir_after((weir_duration)(4 - i) * TICK + chance(TICK)));
    for (int i = 3; i >= 0; i--) {
        rc = weir_sleep(WEIR_SEC);
        CHECK(is_interrupt(rc));
        rc = weir_scope_close(&scopes[i], rc);
        CHECK(is_interrupt(rc));
    }
    return weir_scope_check();
}

/* ---- The run of a step --------------------------------------------------------------------------------------------
 */

static int take_step(void *arg) {
    const struct weir__task *me = weir__task_current();
    (void)arg;

    weir_scope_open(&trial.scope, weir_never());
    trial.parks_before = me->parks;
    trial.has_begun = true;
    int rc = trial.step();
    trial.parks = me->parks - trial.parks_before;
    trial.rc = weir_scope_close(&trial.scope, rc);
    trial.has_ended = true;
    return trial.rc;
}

static bool is_time(void) {
    bool can_be_early = trial.means == BY_TASK || trial.means == BY_GROUP;

    if (!trial.has_begun)
        return trial.at == 0 && can_be_early;
    return trial.task->task->parks - trial.parks_before >= trial.at;
}

static void interrupt(void) {
    trial.was_interrupted = true;
    switch (trial.means) {
    case BY_TASK:
        weir_task_cancel(trial.task, "a test");
        break;
    case BY_SCOPE:
        weir_scope_cancel(&trial.scope, "a test");
        break;
    case BY_GROUP:
        weir_group_cancel(trial.group, "a test");
        break;
    case BY_DEADLINE:
        weir_scope_set_deadline(&trial.scope, weir_now());
        break;
    default:
        weir_scope_set_deadline(&trial.scope, weir_after(1 + chance(2 * TICK)));
    }
}

/* Looks again and again, at the same instant or a little later; ever more seldom, since some steps take long. */
static int interrupt_in_time(void *arg) {
    uint32_t patience = 2;
    (void)arg;

    while (!trial.has_ended) {
        if (is_time()) {
            interrupt();
            break;
        }
        CHECK_INT(chance(2) > 0 ? weir_yield() : weir_sleep(1 + chance(patience)), 0);
        patience += patience / 8 + (chance(8) == 0);
    }
    return 0;
}

static int run_step(void *arg) {
    int code = trial.means == BY_DEADLINE || trial.means == BY_DEADLINE_SOON ? -ETIME : -ECANCELED;
    weir_group outer, group;
    (void)arg;

    weir_group_open(&outer);
    weir_spawn(&outer, interrupt_in_time, NULL, NULL);
    weir_group_open(&group);
    trial.group = &group;
    trial.task = start(&group, take_step, NULL);
    int rc = weir_group_close(&group, 0);
    CHECK_INT(weir_group_close(&outer, 0), 0);

    CHECK(trial.has_ended);
    CHECK(trial.rc == 0 || (trial.was_interrupted && trial.rc == code));
    bool is_echo = trial.means == BY_TASK || trial.means == BY_GROUP;
    CHECK_INT(rc, is_echo ? 0 : trial.rc);
    return 0;
}

static unsigned take(step_fn *step, uint64_t seed, enum means means, unsigned at) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .seed = seed};

    memset(&trial, 0, sizeof trial);
    trial.step = step;
    trial.means = means;
    trial.at = at;
    CHECK_INT(weir_run(run_step, NULL, &options), 0);
    CHECK(at < UINT32_MAX || !trial.was_interrupted);
    return trial.parks;
}

static void take_at_every_park(step_fn *step) {
    unsigned seeds = test_scaled(200);

    for (unsigned i = 0; i < seeds; i++) {
        uint64_t seed = test_seed() + i;
        unsigned parks = take(step, seed, BY_TASK, UINT32_MAX);
        for (unsigned at = 0; at <= parks; at++)
            take(step, seed, (enum means)((i + at) % MEANS), at);
    }
}

#define CANCEL_TEST(step)                                                                                              \
    TEST(test_cancel_at_every_park_of_##step) { take_at_every_park(step_##step); }

CANCEL_TEST(sleep)
CANCEL_TEST(yield)
CANCEL_TEST(queue_get)
CANCEL_TEST(queue_put)
CANCEL_TEST(meeting_get)
CANCEL_TEST(meeting_put)
CANCEL_TEST(mutex)
CANCEL_TEST(semaphore)
CANCEL_TEST(event)
CANCEL_TEST(future)
CANCEL_TEST(task_wait)
CANCEL_TEST(wait_several)
CANCEL_TEST(select)
CANCEL_TEST(nested_groups)
CANCEL_TEST(room)
CANCEL_TEST(supervise)
CANCEL_TEST(failing_group)
CANCEL_TEST(offload)
CANCEL_TEST(offload_start)
CANCEL_TEST(stream)
CANCEL_TEST(shield)
CANCEL_TEST(scopes)
