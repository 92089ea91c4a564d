/* SPDX-License-Identifier: MIT */
/* test_future.c: a result that arrives once, from a task or from a thread. */
#include "weir/future.h"

#include "platform/thread.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>

/* Most cases hold on both platforms: the body is written once. */
#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

static atomic_int freed; /* calls of value_free */

static void count_freed(void *value) {
    CHECK(value != NULL);
    atomic_fetch_add(&freed, 1);
}

static char value[] = "a value";

struct pair {
    weir_future *future;
    weir_promise *promise;
};

static struct pair make(void (*value_free)(void *)) {
    struct pair pair;

    CHECK_INT(weir_future_new(&pair.future, &pair.promise, value_free), 0);
    return pair;
}

static int resolve_with_value(void *arg) {
    weir_promise_resolve(arg, 7, value);
    return 0;
}

static int fail_with_text(void *arg) {
    int rc = weir_fail(-EIO, "disk %d is on fire", 3);

    weir_promise_resolve(arg, rc, NULL);
    CHECK_STR(weir_error_text(rc), "disk 3 is on fire"); /* who resolves keeps its own */
    return 0;
}

BOTH_TEST(test_future_that_is_resolved_already_answers_at_once) {
    struct pair pair = make(NULL);
    int result = 0;
    void *got = NULL;

    weir_promise_resolve(pair.promise, 7, value);
    CHECK_INT(weir_future_wait(pair.future, &result, &got), 0);
    CHECK_INT(result, 7);
    CHECK(got == value);
    CHECK_INT(weir_future_wait(pair.future, NULL, NULL), 7); /* any number of times */
    weir_future_free(pair.future);
}

BOTH_TEST(test_future_wait_ends_when_another_task_resolves) {
    struct pair pair = make(NULL);
    weir_group group;
    int result = 0;
    void *got = NULL;

    weir_group_open(&group);
    weir_spawn(&group, resolve_with_value, pair.promise, NULL);
    CHECK_INT(weir_future_try_wait(pair.future, &result, &got), -EAGAIN);
    CHECK_INT(weir_future_wait(pair.future, &result, &got), 0);
    CHECK_INT(result, 7);
    CHECK(got == value);
    CHECK_INT(weir_future_try_wait(pair.future, NULL, NULL), 7);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_future_free(pair.future);
}

static int expect_seven(void *arg) {
    CHECK_INT(weir_future_wait(arg, NULL, NULL), 7);
    return 0;
}

BOTH_TEST(test_future_wakes_all_who_wait) {
    struct pair pair = make(NULL);
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 10; i++)
        weir_spawn(&group, expect_seven, pair.future, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_promise_resolve(pair.promise, 7, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_future_free(pair.future);
}

BOTH_TEST(test_future_of_a_dropped_promise_is_abandoned) {
    struct pair pair = make(count_freed);
    void *got = value;

    weir_promise_free(pair.promise);
    CHECK_INT(weir_future_wait(pair.future, NULL, &got), -WEIR_EABANDONED);
    CHECK(got == value); /* untouched */
    weir_future_free(pair.future);
    weir_promise_free(NULL);
    weir_future_free(NULL);
    CHECK_INT(freed, 0); /* there was no value */
}

BOTH_TEST(test_future_keeps_its_own_cancel_apart_from_the_waiters) {
    struct pair pair = make(NULL), other = make(NULL);
    weir_scope scope;
    int result = 0;

    weir_promise_resolve(pair.promise, -ECANCELED, NULL);
    CHECK_INT(weir_future_wait(pair.future, &result, NULL), 0);
    CHECK_INT(result, -ECANCELED);

    weir_scope_open(&scope, weir_after(5 * WEIR_MS));
    result = 1;
    CHECK_INT(weir_future_wait(other.future, &result, NULL), -ETIME);
    CHECK_INT(result, 1);
    CHECK_INT(weir_future_wait(pair.future, &result, NULL), -ETIME); /* refused on entry, though resolved */
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);

    weir_promise_resolve(other.promise, 4, NULL); /* the future went on */
    CHECK_INT(weir_future_wait(other.future, NULL, NULL), 4);
    weir_future_free(pair.future);
    weir_future_free(other.future);
}

BOTH_TEST(test_future_failure_brings_its_text) {
    struct pair pair = make(count_freed);
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, fail_with_text, pair.promise, NULL);
    for (int i = 0; i < 2; i++) {
        CHECK_INT(weir_future_wait(pair.future, NULL, NULL), -EIO);
        CHECK_STR(weir_error_text(-EIO), "disk 3 is on fire");
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_future_free(pair.future);
}

BOTH_TEST(test_future_frees_its_value_when_both_ends_are_gone) {
    struct pair waited = make(count_freed), dropped = make(count_freed), failed = make(count_freed);
    void *got = NULL;

    weir_promise_resolve(waited.promise, 0, value);
    CHECK_INT(freed, 0);
    weir_future_free(waited.future);
    CHECK_INT(freed, 1);

    weir_future_free(dropped.future);
    CHECK_INT(freed, 1);
    weir_promise_resolve(dropped.promise, 0, value);
    CHECK_INT(freed, 2);

    weir_promise_resolve(failed.promise, -EIO, value);
    CHECK_INT(weir_future_wait(failed.future, NULL, &got), -EIO);
    CHECK(got == NULL);
    weir_future_free(failed.future);
    CHECK_INT(freed, 3);
}

BOTH_TEST(test_future_can_be_one_of_several_that_are_waited_for) {
    struct pair first = make(NULL), second = make(NULL);
    weir_waitable things[] = {weir_waitable_future(first.future), weir_waitable_future(second.future)};
    weir_group group;
    size_t index = 9;

    weir_group_open(&group);
    weir_spawn(&group, resolve_with_value, second.promise, NULL);
    CHECK_INT(weir_wait_any(things, 2), 1);
    CHECK_INT(weir_wait_next(things, 2, &index), 1);
    CHECK_INT(index, 1);
    weir_spawn(&group, resolve_with_value, first.promise, NULL);
    CHECK_INT(weir_wait_all(things, 2), 0);
    CHECK_INT(weir_wait_next(things, 2, &index), 1);
    CHECK_INT(index, 0);
    CHECK_INT(weir_wait_next(things, 2, &index), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_future_free(first.future);
    weir_future_free(second.future);
}

BOTH_TEST(test_future_can_be_an_arm_of_a_select) {
    struct pair first = make(NULL), second = make(NULL);
    weir_case cases[] = {weir_case_future(first.future), weir_case_future(second.future)};
    weir_group group;

    weir_group_open(&group);
    CHECK_INT(weir_try_select(cases, 2), -EAGAIN);
    weir_spawn(&group, resolve_with_value, second.promise, NULL);
    CHECK_INT(weir_select(cases, 2), 1);
    CHECK_INT(cases[1].result, 0);
    CHECK_INT(weir_try_select(cases, 2), 1); /* nothing was consumed */
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_promise_free(first.promise);
    weir_future_free(first.future);
    weir_future_free(second.future);
}

static int wait_for_ever(void *arg) {
    int result;
    return weir_future_wait(arg, &result, NULL);
}

TASK_TEST_DIES(test_future_is_not_freed_under_a_waiter, SIGABRT,
               "weir_future_free: a task still waits for the future") {
    struct pair pair = make(NULL);
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, wait_for_ever, pair.future, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_future_free(pair.future);
}

/* It has been woken, and left the line; but it has not run yet, and would read what is freed. */
TASK_TEST_DIES(test_future_is_not_freed_under_a_waiter_that_was_woken, SIGABRT,
               "weir_future_free: a task still waits for the future") {
    struct pair pair = make(NULL);
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, wait_for_ever, pair.future, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_promise_resolve(pair.promise, 0, NULL);
    weir_future_free(pair.future);
}

/* ---- From threads ------------------------------------------------------------------------------------------------ */

enum { RESOLVERS = 4 };

struct resolver {
    struct weir__thread thread;
    weir_promise **promises;
    unsigned count;
};

static void resolve_all(void *arg) {
    const struct resolver *resolver = arg;

    for (unsigned i = 0; i < resolver->count; i++) {
        if (i % 5 == 4)
            weir_promise_free(resolver->promises[i]);
        else
            weir_promise_resolve(resolver->promises[i], (int)i, value);
    }
}

REAL_TEST(test_future_is_resolved_from_four_threads) {
    static weir_future *futures[RESOLVERS][1000];
    static weir_promise *promises[RESOLVERS][1000];
    static struct resolver resolvers[RESOLVERS];
    unsigned count = test_scaled(1000);

    for (size_t r = 0; r < RESOLVERS; r++)
        for (size_t i = 0; i < count; i++)
            CHECK_INT(weir_future_new(&futures[r][i], &promises[r][i], count_freed), 0);
    for (size_t r = 0; r < RESOLVERS; r++) {
        resolvers[r].promises = promises[r];
        resolvers[r].count = count;
        CHECK_INT(weir__thread_start(&resolvers[r].thread, "resolver", resolve_all, &resolvers[r]), 0);
    }
    unsigned with_value = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t r = 0; r < RESOLVERS; r++) {
            int rc = i % 7 == 6 ? 0 : weir_future_wait(futures[r][i], NULL, NULL); /* some are freed unseen */
            CHECK(i % 7 == 6 || rc == (i % 5 == 4 ? -WEIR_EABANDONED : (int)i));
            with_value += i % 5 != 4;
            weir_future_free(futures[r][i]);
        }
    }
    for (size_t r = 0; r < RESOLVERS; r++)
        weir__thread_join(&resolvers[r].thread);
    /* What was freed unseen may be on its way still; a turn of the loop brings it. */
    while (atomic_load(&freed) < (int)with_value)
        CHECK_INT(weir_sleep(WEIR_MS), 0);
}

static void fail_on_thread(void *arg) { weir_promise_resolve(arg, weir_fail(-EACCES, "no key for %s", "door"), NULL); }

REAL_TEST(test_future_failure_brings_the_text_of_another_thread) {
    struct pair pair = make(NULL);
    struct weir__thread thread;

    CHECK_INT(weir__thread_start(&thread, "resolver", fail_on_thread, pair.promise), 0);
    CHECK_INT(weir_future_wait(pair.future, NULL, NULL), -EACCES);
    CHECK_STR(weir_error_text(-EACCES), "no key for door");
    weir__thread_join(&thread);
    weir_future_free(pair.future);
}

/* ---- The end of the loop ----------------------------------------------------------------------------------------- */

static sem_t loop_is_gone;

static void resolve_late(void *arg) {
    sem_wait(&loop_is_gone);
    weir_promise_resolve(arg, 0, value);
}

static int start_late_resolver(void *arg) {
    struct pair pair = make(count_freed);

    CHECK_INT(weir__thread_start(arg, "late", resolve_late, pair.promise), 0);
    weir_future_free(pair.future);
    return 0;
}

TEST(test_future_of_a_loop_that_is_gone_leaks_nothing) {
    struct weir__thread thread;

    sem_init(&loop_is_gone, 0, 0);
    CHECK_INT(weir_run(start_late_resolver, &thread, NULL), 0);
    CHECK_INT(freed, 0);
    sem_post(&loop_is_gone);
    weir__thread_join(&thread);
    CHECK_INT(freed, 1);
}

static int resolve_and_return(void *arg) {
    weir_promise *promise = *(weir_promise **)arg;

    weir_promise_resolve(promise, 0, value);
    return 0;
}

static int keep_promise(void *arg) {
    struct pair pair = make(count_freed);

    *(weir_promise **)arg = pair.promise;
    weir_future_free(pair.future);
    return 0;
}

TEST(test_future_of_a_former_loop_is_not_taken_for_one_of_the_next) {
    weir_promise *promise;

    CHECK_INT(weir_run(keep_promise, &promise, NULL), 0);
    CHECK_INT(weir_run(resolve_and_return, &promise, NULL), 0);
    CHECK_INT(freed, 1);
}

static weir_promise *kept;

static int free_and_wait_for_ever(void *arg) {
    struct pair pair = make(NULL);
    weir_event never;
    (void)arg;

    kept = pair.promise;
    weir_future_free(pair.future); /* nobody is left to whom the promise could matter */
    weir_event_init(&never);
    return weir_event_wait(&never);
}

TEST(test_future_that_was_freed_does_not_hide_a_deadlock) {
    CHECK_INT(weir_run(free_and_wait_for_ever, NULL, NULL), -EDEADLK);
    weir_promise_free(kept);
}
