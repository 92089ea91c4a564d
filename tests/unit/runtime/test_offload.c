/* SPDX-License-Identifier: MIT */
/* test_offload.c: functions on threads, and the tasks that wait for them. */
#include "weir/offload.h"

#include "platform/thread.h"
#include "runtime/lane.h"
#include "support/test.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

/* Most cases hold on both platforms: the body is written once. */
#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

static atomic_int calls; /* of the functions below */

static int add(void *arg, const weir_stop *stop) {
    int *sum = arg;

    CHECK(!weir_stop_asked(stop));
    atomic_fetch_add(&calls, 1);
    return sum[2] = sum[0] + sum[1];
}

static int fail(void *arg, const weir_stop *stop) {
    (void)stop;
    return weir_fail(-EIO, "read %s: cable cut", (const char *)arg);
}

static int recover(void *arg, const weir_stop *stop) {
    (void)fail(arg, stop);
    return 0;
}

static int fail_without_a_word(void *arg, const weir_stop *stop) {
    (void)arg, (void)stop;
    return -EIO;
}

BOTH_TEST(test_offload_returns_what_the_function_returned) {
    int sum[3] = {20, 22, 0};

    CHECK_INT(weir_offload(NULL, add, sum), 42);
    CHECK_INT(sum[2], 42);
}

BOTH_TEST(test_offload_failure_is_the_callers_with_its_text) {
    CHECK_INT(weir_offload(NULL, fail, "disk"), -EIO);
    CHECK_STR(weir_error_text(-EIO), "read disk: cable cut");
}

BOTH_TEST(test_offload_text_of_one_call_is_not_taken_for_the_next) {
    weir_lane *lane;

    /* One thread runs both, and the first one's text was never asked for. */
    CHECK_INT(weir_lane_new(&lane, "one", 1, 4), 0);
    CHECK_INT(weir_offload(lane, recover, "disk"), 0);
    CHECK_INT(weir_offload(lane, fail_without_a_word, NULL), -EIO);
    CHECK_STR(weir_error_text(-EIO), weir_strerror(-EIO));
    weir_lane_free(lane);
}

struct adding {
    weir_lane *lane;
    int sum[3];
};

static int offload_adding(void *arg) {
    struct adding *adding = arg;
    return weir_offload(adding->lane, add, adding->sum) == adding->sum[0] + 1 ? 0 : -EPROTO;
}

static void add_at_once(weir_lane *lane, int count) {
    static struct adding adding[1000];
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < count; i++) {
        adding[i] = (struct adding){.lane = lane, .sum = {i, 1, 0}};
        weir_spawn(&group, offload_adding, &adding[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(calls, count);
}

BOTH_TEST(test_offload_of_a_thousand_calls_at_once) { add_at_once(NULL, (int)test_scaled(1000)); }

BOTH_TEST(test_offload_of_more_calls_than_a_lane_lets_in) {
    weir_lane *lane;

    CHECK_INT(weir_lane_new(&lane, "narrow", 2, 3), 0);
    add_at_once(lane, (int)test_scaled(500));
    weir_lane_free(lane);
}

BOTH_TEST(test_offload_on_a_lane_without_a_line) {
    weir_lane *lane;

    CHECK_INT(weir_lane_new(&lane, "no line", 1, 0), 0);
    add_at_once(lane, (int)test_scaled(100));
    weir_lane_free(lane);
}

/* ---- Order ------------------------------------------------------------------------------------------------------- */

/** Calls on a lane of one thread, in the order in which they ran. */
static struct {
    int numbers[100];
    pthread_t threads[100];
    int count;
} track;

static int note(void *arg, const weir_stop *stop) {
    (void)stop;
    track.threads[track.count] = pthread_self();
    track.numbers[track.count++] = *(int *)arg; /* no lock: one thread is one */
    return 0;
}

struct noting {
    weir_lane *lane;
    int number;
};

static int offload_note(void *arg) {
    struct noting *noting = arg;
    return weir_offload(noting->lane, note, &noting->number);
}

REAL_TEST(test_offload_lane_of_one_thread_keeps_order_and_thread) {
    struct noting noting[100];
    weir_lane *lane;
    weir_group group;

    CHECK_INT(weir_lane_new(&lane, "writer", 1, 10), 0);
    weir_group_open(&group);
    for (int i = 0; i < 100; i++) {
        noting[i] = (struct noting){lane, i};
        weir_spawn(&group, offload_note, &noting[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    for (int i = 0; i < 100; i++) {
        CHECK_INT(track.numbers[i], i);
        CHECK(pthread_equal(track.threads[i], track.threads[0]) && !pthread_equal(track.threads[i], pthread_self()));
    }
    weir_lane_free(lane);
}

enum { MEETING = 4 };

/* Ends only when all of them run at the same time. */
static int meet(void *arg, const weir_stop *stop) {
    (void)stop;
    pthread_barrier_wait(arg);
    return 0;
}

struct meeting {
    weir_lane *lane;
    pthread_barrier_t barrier;
};

static int offload_meet(void *arg) {
    struct meeting *meeting = arg;
    return weir_offload(meeting->lane, meet, &meeting->barrier);
}

REAL_TEST(test_offload_runs_functions_side_by_side) {
    struct meeting meeting;
    weir_group group;

    pthread_barrier_init(&meeting.barrier, NULL, MEETING);
    CHECK_INT(weir_lane_new(&meeting.lane, "meeting", MEETING, 100), 0);
    weir_group_open(&group);
    for (int i = 0; i < 10 * MEETING; i++)
        weir_spawn(&group, offload_meet, &meeting, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK(weir__lane_count_threads(meeting.lane) <= MEETING);
    weir_lane_free(meeting.lane);
    pthread_barrier_destroy(&meeting.barrier);
}

REAL_TEST(test_offload_threads_end_when_idle_but_one) {
    struct meeting meeting;
    weir_group group;
    int sum[3] = {1, 1, 0};

    pthread_barrier_init(&meeting.barrier, NULL, MEETING);
    CHECK_INT(weir_lane_new(&meeting.lane, "shrinking", MEETING, 100), 0);
    weir_group_open(&group);
    for (int i = 0; i < MEETING; i++)
        weir_spawn(&group, offload_meet, &meeting, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir__lane_count_threads(meeting.lane), MEETING);

    weir__lane_set_idle(meeting.lane, WEIR_US);
    while (weir__lane_count_threads(meeting.lane) > 1)
        CHECK_INT(weir_sleep(WEIR_MS), 0);
    CHECK_INT(weir_sleep(5 * WEIR_MS), 0);
    CHECK_INT(weir__lane_count_threads(meeting.lane), 1);
    CHECK_INT(weir_offload(meeting.lane, add, sum), 2); /* it still works */
    weir_lane_free(meeting.lane);
    pthread_barrier_destroy(&meeting.barrier);
}

/** A function that says when it has begun, and ends when it may. */
struct gate {
    sem_t begun, may_end;
    atomic_bool saw_stop;
};

static void gate_init(struct gate *gate) {
    sem_init(&gate->begun, 0, 0);
    sem_init(&gate->may_end, 0, 0);
    gate->saw_stop = false;
}

static int pass_gate(void *arg, const weir_stop *stop) {
    struct gate *gate = arg;

    sem_post(&gate->begun);
    sem_wait(&gate->may_end);
    gate->saw_stop = weir_stop_asked(stop);
    return 5;
}

/* The way in which a function is meant to poll. */
static int run_until_stopped(void *arg, const weir_stop *stop) {
    struct gate *gate = arg;

    sem_post(&gate->begun);
    while (!weir_stop_asked(stop))
        sched_yield();
    return 6;
}

static int open_gate(void *arg) {
    sem_post(&((struct gate *)arg)->may_end);
    return 0;
}

REAL_TEST(test_offload_lets_other_tasks_run_meanwhile) {
    struct gate gate;
    weir_group group;

    gate_init(&gate);
    weir_group_open(&group);
    weir_spawn(&group, open_gate, &gate, NULL); /* only a task opens it */
    CHECK_INT(weir_offload(NULL, pass_gate, &gate), 5);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

/* ---- Cancel ------------------------------------------------------------------------------------------------------ */

BOTH_TEST(test_offload_refuses_when_cancelled_on_entry) {
    int sum[3] = {0};
    weir_scope scope;

    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "enough");
    CHECK_INT(weir_offload(NULL, add, sum), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK_INT(calls, 0);
}

struct blocking {
    weir_lane *lane;
    struct gate gate;
};

static int offload_pass_gate(void *arg) {
    struct blocking *blocking = arg;
    return weir_offload(blocking->lane, pass_gate, &blocking->gate) == 5 ? 0 : -EPROTO;
}

/** A lane of one thread, which is taken. */
static void block_lane(struct blocking *blocking, weir_group *group, unsigned waiting_max) {
    gate_init(&blocking->gate);
    CHECK_INT(weir_lane_new(&blocking->lane, "blocked", 1, waiting_max), 0);
    weir_group_open(group);
    weir_spawn(group, offload_pass_gate, blocking, NULL);
    while (sem_trywait(&blocking->gate.begun) != 0)
        CHECK_INT(weir_yield(), 0);
}

static void unblock_lane(struct blocking *blocking, weir_group *group) {
    sem_post(&blocking->gate.may_end);
    CHECK_INT(weir_group_close(group, 0), 0);
    CHECK(!blocking->gate.saw_stop);
    weir_lane_free(blocking->lane);
}

/** Let an offload's deadline pass behind a function that does not end. */
static void cancel_in_line(unsigned waiting_max) {
    struct blocking blocking;
    int sum[3] = {0};
    weir_group group;
    weir_scope scope;

    block_lane(&blocking, &group, waiting_max);
    for (int i = 0; i < 3; i++) {
        weir_scope_open(&scope, weir_after(WEIR_MS));
        CHECK_INT(weir_offload(blocking.lane, add, sum), -ETIME);
        CHECK_INT(weir_scope_close(&scope, 0), -ETIME);
    }
    unblock_lane(&blocking, &group);
    CHECK_INT(calls, 0);
}

REAL_TEST(test_offload_cancelled_in_line_for_a_thread_never_runs) { cancel_in_line(1); }

REAL_TEST(test_offload_cancelled_before_it_was_let_in_never_runs) { cancel_in_line(0); }

struct expiring {
    struct gate gate;
    weir_scope scope;
};

/* The deadline passes when the function runs, however long its thread takes to start. */
static int expire_when_begun(void *arg) {
    struct expiring *expiring = arg;

    while (sem_trywait(&expiring->gate.begun) != 0)
        CHECK_INT(weir_yield(), 0);
    weir_scope_set_deadline(&expiring->scope, weir_now());
    return 0;
}

REAL_TEST(test_offload_cancelled_while_running_raises_stop_and_waits) {
    struct expiring expiring;
    weir_group group;

    gate_init(&expiring.gate);
    weir_group_open(&group);
    weir_spawn(&group, expire_when_begun, &expiring, NULL);
    weir_scope_open(&expiring.scope, weir_never());
    CHECK_INT(weir_offload(NULL, run_until_stopped, &expiring.gate), 6); /* an outcome that exists is returned */
    CHECK_INT(weir_yield(), -ETIME);
    CHECK_INT(weir_scope_close(&expiring.scope, 0), -ETIME);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

static int cancel_when_begun(void *arg) {
    struct gate *gate = arg;

    while (sem_trywait(&gate->begun) != 0)
        CHECK_INT(weir_yield(), 0);
    return -ENOTTY; /* the group cancels its opener */
}

REAL_TEST(test_offload_cancelled_by_a_sibling_is_still_awaited) {
    struct gate gate;
    weir_group group;

    gate_init(&gate);
    weir_group_open(&group);
    weir_spawn(&group, cancel_when_begun, &gate, NULL);
    int rc = weir_offload(NULL, run_until_stopped, &gate);
    CHECK_INT(rc, 6);
    CHECK_INT(weir_group_close(&group, 0), -ENOTTY);
}

/** In the simulator a call may be cancelled at any moment; either it ran, or it did not. */
TASK_TEST(test_offload_cancelled_at_any_moment_ran_or_did_not) {
    int ran = 0, refused = 0;

    for (int i = 0; i < 300; i++) {
        int sum[3] = {i, 1, 0};
        weir_scope scope;
        weir_scope_open(&scope, weir_after(10 * WEIR_US * i));
        int rc = weir_offload(NULL, add, sum);
        CHECK(rc == -ETIME || rc == i + 1);
        CHECK_INT(sum[2], rc == -ETIME ? 0 : i + 1);
        ran += rc != -ETIME;
        refused += rc == -ETIME;
        rc = weir_scope_close(&scope, 0);
        CHECK(rc == 0 || rc == -ETIME);
    }
    CHECK_INT(calls, ran);
    CHECK(ran > 0 && refused > 0);
}

/** Two tasks and one place: the second stands in line for it, and is cancelled by the first. */
struct rivals {
    weir_lane *lane;
    weir_scope second;
    int sums[2][3];
    int outcome;
};

static int offload_first(void *arg) {
    struct rivals *rivals = arg;

    CHECK_INT(weir_offload(rivals->lane, add, rivals->sums[0]), 2);
    weir_scope_cancel(&rivals->second, "the first is through");
    return 0;
}

static int offload_second(void *arg) {
    struct rivals *rivals = arg;

    weir_scope_open(&rivals->second, weir_never());
    rivals->outcome = weir_offload(rivals->lane, add, rivals->sums[1]);
    int rc = weir_sleep(WEIR_SEC); /* until the first has cancelled, in any case */
    CHECK_INT(rc, -ECANCELED);
    CHECK_INT(weir_scope_close(&rivals->second, rc), -ECANCELED);
    return 0;
}

/* Whether the second is given the place before it is cancelled or after is the seed's choice. */
TASK_TEST(test_offload_cancelled_with_a_place_in_hand_passes_it_on) {
    int ran = 0;

    for (int i = 0; i < 100; i++) {
        struct rivals rivals = {.sums = {{1, 1, 0}, {1, 1, 0}}};
        weir_group group;
        CHECK_INT(weir_lane_new(&rivals.lane, "one place", 1, 0), 0);
        weir_group_open(&group);
        weir_spawn(&group, offload_first, &rivals, NULL);
        weir_spawn(&group, offload_second, &rivals, NULL);
        CHECK_INT(weir_group_close(&group, 0), 0);
        CHECK_INT(rivals.outcome, rivals.sums[1][2] == 2 ? 2 : -ECANCELED);
        ran += rivals.outcome == 2;
        weir_lane_free(rivals.lane); /* asserts that no place is taken */
    }
    CHECK_INT(calls, 100 + ran);
}

/* ---- The owning form --------------------------------------------------------------------------------------------- */

static atomic_int done;
static sem_t was_done;

static void count_done(void *arg) {
    CHECK(arg != NULL);
    atomic_fetch_add(&done, 1);
}

static void tell_done(void *arg) {
    count_done(arg);
    sem_post(&was_done);
}

BOTH_TEST(test_offload_start_works_on_a_copy) {
    int sum[3] = {20, 22, 0};
    weir_future *future;
    void *copy = NULL;
    int result = 0;

    CHECK_INT(weir_offload_start(NULL, add, sum, sizeof sum, count_done, &future), 0);
    sum[0] = 1000;
    CHECK_INT(weir_future_wait(future, &result, &copy), 0);
    CHECK_INT(result, 42);
    CHECK_INT(((int *)copy)[2], 42);
    CHECK_INT(sum[2], 0);
    CHECK_INT(done, 0);
    weir_future_free(future);
    CHECK_INT(done, 1);
}

BOTH_TEST(test_offload_start_failure_brings_its_text) {
    weir_future *future;

    CHECK_INT(weir_offload_start(NULL, fail, "tape", 5, NULL, &future), 0);
    CHECK_INT(weir_future_wait(future, NULL, NULL), -EIO);
    CHECK_STR(weir_error_text(-EIO), "read tape: cable cut");
    weir_future_free(future);
}

static int nothing(void *arg, const weir_stop *stop) {
    (void)arg, (void)stop;
    atomic_fetch_add(&calls, 1);
    return 0;
}

BOTH_TEST(test_offload_start_needs_no_argument) {
    weir_future *future;

    CHECK_INT(weir_offload_start(NULL, nothing, NULL, 0, NULL, &future), 0);
    CHECK_INT(weir_future_wait(future, NULL, NULL), 0);
    CHECK_INT(calls, 1);
    weir_future_free(future);
}

BOTH_TEST(test_offload_start_is_one_arm_of_a_select) {
    weir_future *slow, *quick;
    weir_lane *lane;

    CHECK_INT(weir_lane_new(&lane, "one", 1, 1), 0);
    CHECK_INT(weir_offload_start(lane, nothing, NULL, 0, NULL, &quick), 0);
    CHECK_INT(weir_offload_start(lane, nothing, NULL, 0, NULL, &slow), 0);
    weir_case cases[] = {weir_case_future(slow), weir_case_future(quick)};
    int first = weir_select(cases, 2);
    CHECK(first == 1 || weir_future_try_wait(quick, NULL, NULL) == 0);
    weir_waitable both[] = {weir_waitable_future(slow), weir_waitable_future(quick)};
    CHECK_INT(weir_wait_all(both, 2), 0);
    weir_future_free(slow);
    weir_future_free(quick);
    weir_lane_free(lane);
}

BOTH_TEST(test_offload_start_on_a_full_lane_keeps_nothing) {
    weir_future *futures[3], *refused = NULL;
    weir_lane *lane;
    int sum[3] = {1, 2, 0};

    CHECK_INT(weir_lane_new(&lane, "full", 1, 2), 0);
    for (int i = 0; i < 3; i++)
        CHECK_INT(weir_offload_start(lane, add, sum, sizeof sum, count_done, &futures[i]), 0);
    CHECK_INT(weir_offload_start(lane, add, sum, sizeof sum, count_done, &refused), -EAGAIN);
    CHECK_STR(weir_error_text(-EAGAIN), "lane full is full");
    CHECK(refused == NULL);
    CHECK_INT(done, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(weir_future_wait(futures[i], NULL, NULL), 3);
        weir_future_free(futures[i]);
    }
    CHECK_INT(done, 3);
    CHECK_INT(weir_offload_start(lane, add, sum, sizeof sum, count_done, &refused), 0); /* there is room again */
    CHECK_INT(weir_future_wait(refused, NULL, NULL), 3);
    weir_future_free(refused);
    weir_lane_free(lane);
}

BOTH_TEST(test_offload_start_freed_at_once_never_runs_or_runs_to_its_end) {
    weir_lane *lane;
    int sum[3] = {1, 2, 0};

    CHECK_INT(weir_lane_new(&lane, "dropped", 2, 100), 0);
    for (int i = 0; i < 50; i++) {
        weir_future *future;
        CHECK_INT(weir_offload_start(lane, nothing, sum, sizeof sum, count_done, &future), 0);
        if (i % 3 == 0)
            CHECK_INT(weir_sleep(300 * WEIR_US), 0);
        weir_future_free(future);
    }
    weir_lane_free(lane); /* an abandoned function does not hold it */
    while (atomic_load(&done) < 50)
        CHECK_INT(weir_sleep(WEIR_MS), 0);
}

struct owned_gate {
    struct gate *gate;
};

static int run_owned_until_stopped(void *arg, const weir_stop *stop) {
    return run_until_stopped(((struct owned_gate *)arg)->gate, stop);
}

REAL_TEST(test_offload_start_freed_early_raises_stop) {
    struct gate gate;
    struct owned_gate arg = {&gate};
    weir_future *future;

    gate_init(&gate);
    CHECK_INT(weir_offload_start(NULL, run_owned_until_stopped, &arg, sizeof arg, count_done, &future), 0);
    sem_wait(&gate.begun);
    weir_future_free(future);
    while (atomic_load(&done) == 0)
        CHECK_INT(weir_yield(), 0);
}

REAL_TEST(test_offload_start_freed_in_line_never_runs) {
    struct blocking blocking;
    weir_group group;
    weir_future *future;
    int sum[3] = {0};

    block_lane(&blocking, &group, 1);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(weir_offload_start(blocking.lane, add, sum, sizeof sum, count_done, &future), 0);
        weir_future_free(future);
        CHECK_INT(done, i + 1);
    }
    unblock_lane(&blocking, &group);
    CHECK_INT(calls, 0);
}

REAL_TEST_DIES(test_offload_lane_is_not_freed_under_a_function, SIGABRT,
               "weir_lane_free: lane blocked still runs 1 functions that somebody waits for") {
    struct blocking blocking;
    weir_group group;

    block_lane(&blocking, &group, 0);
    weir_lane_free(blocking.lane);
}

REAL_TEST_DIES(test_offload_lane_forgets_abandoned_functions_that_have_ended, SIGABRT, "weir_lane_free: lane blocked") {
    struct gate gate;
    struct owned_gate arg = {&gate};
    weir_future *future;
    weir_lane *lane;

    gate_init(&gate);
    CHECK_INT(weir_lane_new(&lane, "blocked", 1, 1), 0);
    CHECK_INT(weir_offload_start(lane, run_owned_until_stopped, &arg, sizeof arg, count_done, &future), 0);
    sem_wait(&gate.begun);
    weir_future_free(future);
    while (atomic_load(&done) == 0)
        CHECK_INT(weir_yield(), 0);
    CHECK_INT(weir_offload_start(lane, nothing, NULL, 0, NULL, &future), 0);
    weir_lane_free(lane);
}

/* ---- The end of the run ------------------------------------------------------------------------------------------ */

static struct gate last_gate;

__attribute__((noinline)) static int never_ending_function(void *arg, const weir_stop *stop) {
    return pass_gate(((struct owned_gate *)arg)->gate, stop);
}

/* Two lanes, so that what is left behind is more than one function. */
static int abandon(void *arg) {
    struct owned_gate owned = {&last_gate};
    weir_future *future;
    weir_lane *lane;
    int sum[3] = {1, 1, 0};

    CHECK_INT(weir_lane_new(&lane, "own", 2, 2), 0);
    for (int i = 0; i < *(int *)arg; i++) {
        weir_lane *on = i == 0 ? lane : NULL;
        CHECK_INT(weir_offload_start(on, never_ending_function, &owned, sizeof owned, tell_done, &future), 0);
        sem_wait(&last_gate.begun);
        weir_future_free(future);
    }
    CHECK_INT(weir_offload(lane, add, sum), 2);
    CHECK_INT(weir_offload(NULL, add, sum), 2);
    weir_lane_free(lane);
    return 0;
}

static int run_with_grace(weir_task_fn *fn, int count, weir_duration grace) {
    weir_run_options options = {.size_bytes = sizeof options, .grace = grace};

    gate_init(&last_gate);
    sem_init(&was_done, 0, 0);
    return weir_run(fn, &count, &options);
}

/** Let the functions go, and wait until their threads have given everything back. */
static void let_go(int count) {
    for (int i = 0; i < count; i++)
        sem_post(&last_gate.may_end);
    for (int i = 0; i < count; i++)
        sem_wait(&was_done);
    CHECK(last_gate.saw_stop);
}

TEST(test_offload_that_does_not_end_makes_the_run_busy_and_is_named) {
    CHECK_INT(run_with_grace(abandon, 1, WEIR_MS), -EBUSY);
    CHECK_HAS(weir_error_text(-EBUSY), "offloaded function never_ending_function+0x0 (test_offload+0x");
    CHECK_HAS(weir_error_text(-EBUSY), ") has not ended");
    let_go(1);
}

TEST(test_offload_several_that_do_not_end_are_counted) {
    CHECK_INT(run_with_grace(abandon, 3, WEIR_MS), -EBUSY);
    CHECK_HAS(weir_error_text(-EBUSY), ") and 2 more have not ended");
    let_go(3);
}

static int leave_everything(void *arg) {
    weir_lane *lane;
    int sum[3] = {1, 1, 0};
    (void)arg;

    CHECK_INT(weir_lane_new(&lane, "left", 2, 2), 0);
    return weir_offload(lane, add, sum) == 2 ? 0 : -EPROTO;
}

static int batch_begin(void *arg) {
    (void)arg;
    return 0;
}

/* The first function blocks the lane, so that the second and the third make up a batch; the third gets stuck in it. */
static int abandon_a_batch(void *arg) {
    const weir_lane_batch batch = {.size_bytes = sizeof batch,
                                   .functions_max = 8,
                                   .begin = batch_begin,
                                   .end = batch_begin};
    struct gate first;
    struct owned_gate owned_first = {&first}, owned_last = {&last_gate};
    weir_future *futures[3];
    weir_lane *lane;
    int sum[3] = {1, 1, 0};
    (void)arg;

    gate_init(&first);
    CHECK_INT(weir_lane_new_batching(&lane, "batch", 8, &batch), 0);
    CHECK_INT(weir_offload_start(lane, run_owned_until_stopped, &owned_first, sizeof owned_first, NULL, &futures[0]),
              0);
    sem_wait(&first.begun);
    CHECK_INT(weir_offload_start(lane, nothing, NULL, 0, NULL, &futures[1]), 0);
    CHECK_INT(weir_offload_start(lane, never_ending_function, &owned_last, sizeof owned_last, tell_done, &futures[2]),
              0);
    weir_future_free(futures[0]);
    sem_wait(&last_gate.begun);
    weir_future_free(futures[1]);
    weir_future_free(futures[2]);
    CHECK_INT(weir_offload(NULL, add, sum), 2); /* another lane, whose thread has nothing to do at the end */
    return 0;
}

static int count_threads(void) {
    DIR *tasks = opendir("/proc/self/task");
    int count = 0;

    CHECK(tasks != NULL);
    for (const struct dirent *entry; (entry = readdir(tasks)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(tasks);
    return count;
}

TEST(test_offload_that_does_not_end_in_a_batch_is_named_and_alone_left_behind) {
    CHECK_INT(run_with_grace(leave_everything, 0, WEIR_MIN), 0); /* a sanitizer starts a thread with the first */
    int before = count_threads();

    CHECK_INT(run_with_grace(abandon_a_batch, 0, WEIR_MS), -EBUSY);
    CHECK_HAS(weir_error_text(-EBUSY), "offloaded function never_ending_function+0x0 (");
    CHECK_HAS(weir_error_text(-EBUSY), ") and 1 more have not ended");
    while (count_threads() != before + 1) /* one that was joined may be listed for a moment */
        sched_yield();
    let_go(1);
}

static void release_late(void *arg) {
    (void)arg;
    sem_post(&last_gate.may_end);
}

static int abandon_to_a_helper(void *arg) {
    static struct weir__thread thread;
    int rc = abandon(arg);

    CHECK_INT(weir__thread_start(&thread, "late", release_late, NULL), 0);
    weir__thread_join(&thread);
    return rc;
}

TEST(test_offload_that_ends_within_the_grace_time_is_awaited) {
    CHECK_INT(run_with_grace(abandon_to_a_helper, 1, WEIR_MIN), 0);
    CHECK_INT(done, 1); /* before the run was over */
}

TEST(test_offload_lane_that_was_left_ends_with_the_run) {
    CHECK_INT(run_with_grace(leave_everything, 0, WEIR_NS), 0);
    CHECK_INT(run_with_grace(leave_everything, 0, WEIR_NS), 0);
}

/* ---- The simulator ----------------------------------------------------------------------------------------------- */

/** In which order ten calls on two threads came back. */
static char order[2][32];
static int round_number;

struct ordered {
    weir_lane *lane;
    char letter;
};

static int offload_ordered(void *arg) {
    struct ordered *ordered = arg;
    char *text = order[round_number];

    CHECK_INT(weir_offload(ordered->lane, nothing, NULL), 0);
    text[strlen(text)] = ordered->letter;
    return 0;
}

static int order_ten(void *arg) {
    struct ordered ordered[10];
    weir_instant start = weir_now();
    weir_group group;
    weir_lane *lane;
    (void)arg;

    CHECK_INT(weir_lane_new(&lane, "two", 2, 100), 0);
    weir_group_open(&group);
    for (int i = 0; i < 10; i++) {
        ordered[i] = (struct ordered){lane, (char)('a' + i)};
        weir_spawn(&group, offload_ordered, &ordered[i], NULL);
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK(weir_instant_diff(weir_now(), start) > 0); /* it took virtual time */
    weir_lane_free(lane);
    return 0;
}

TEST(test_offload_simulated_repeats_itself_with_its_seed) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .seed = test_seed()};

    for (round_number = 0; round_number < 2; round_number++)
        CHECK_INT(weir_run(order_ten, NULL, &options), 0);
    CHECK_INT(strlen(order[0]), 10);
    CHECK_STR(order[0], order[1]);
}
