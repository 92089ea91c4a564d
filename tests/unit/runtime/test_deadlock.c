/* SPDX-License-Identifier: MIT */
/* Rule 9: a total deadlock is told, with who waits for what and where; and what is none is not taken for one. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/event.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/mutex.h"
#include "weir/offload.h"
#include "weir/queue.h"
#include "weir/runtime.h"
#include "weir/scope.h"
#include "weir/semaphore.h"
#include "weir/task.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
    weir_event event;
    weir_mutex mutex;
    weir_semaphore semaphore;
    weir_queue full, empty;
    int slot;
    weir_task *task;
} object;

static int ended; /* so that a wait is no jump, and is seen in its function */

static int wait_for_event(void *arg) {
    (void)arg;
    int rc = weir_event_wait(&object.event);
    ended++;
    return rc;
}

static int wait_for_mutex(void *arg) {
    (void)arg;
    int rc = weir_mutex_lock(&object.mutex);
    ended++;
    return rc;
}

static int wait_for_semaphore(void *arg) {
    (void)arg;
    int rc = weir_semaphore_acquire(&object.semaphore, 2);
    ended++;
    return rc;
}

static int wait_for_put(void *arg) {
    int item = 0;
    (void)arg;
    int rc = weir_queue_put(&object.full, &item);
    ended++;
    return rc;
}

static int wait_for_get(void *arg) {
    int item;
    (void)arg;
    int rc = weir_queue_get(&object.empty, &item);
    ended++;
    return rc;
}

static int wait_for_task(void *arg) {
    (void)arg;
    int rc = weir_task_wait(object.task, NULL);
    ended++;
    return rc;
}

static int wait_for_any(void *arg) {
    weir_waitable thing = weir_waitable_task(object.task);
    (void)arg;
    int rc = weir_wait_any(&thing, 1);
    ended++;
    return rc;
}

static int wait_in_select(void *arg) {
    weir_case arm = weir_case_event(&object.event);
    (void)arg;
    int rc = weir_select(&arm, 1);
    ended++;
    return rc;
}

static const struct {
    weir_task_fn *fn;
    const char *what, *where;
} waits[] = {
    {wait_for_event, "waits for event 0x", "in wait_for_event+0x"},
    {wait_for_mutex, "waits for mutex 0x", "in wait_for_mutex+0x"},
    {wait_for_semaphore, "waits for semaphore 0x", "in wait_for_semaphore+0x"},
    {wait_for_put, "waits for queue put 0x", "in wait_for_put+0x"},
    {wait_for_get, "waits for queue get 0x", "in wait_for_get+0x"},
    {wait_for_task, "waits for task 0x", "in wait_for_task+0x"},
    {wait_for_any, "waits for several 0x", "in wait_for_any+0x"},
    {wait_in_select, "waits for select 0x", "in wait_in_select+0x"},
};

/* The one under test, a helper that is waited for, and the first task, which waits for their group. */
static int lock_up(void *arg) {
    weir_spawn_options named = {.size_bytes = sizeof named, .name = "stuck"};
    weir_task_fn *fn = waits[*(const size_t *)arg].fn;
    weir_group group;

    weir_event_init(&object.event);
    weir_mutex_init(&object.mutex);
    weir_semaphore_init(&object.semaphore, 1);
    weir_queue_init(&object.full, &object.slot, 1, sizeof(int));
    weir_queue_init(&object.empty, NULL, 0, sizeof(int));
    CHECK_INT(weir_queue_try_put(&object.full, &object.slot), 0);
    CHECK_INT(weir_mutex_try_lock(&object.mutex), 0);
    weir_group_open(&group);
    object.task = start(&group, wait_for_event, NULL);
    weir_spawn_with(&group, fn, NULL, NULL, &named);
    int rc = weir_group_close(&group, 0);
    weir_mutex_unlock(&object.mutex);
    weir_mutex_done(&object.mutex);
    weir_semaphore_done(&object.semaphore);
    weir_queue_done(&object.full);
    weir_queue_done(&object.empty);
    weir_event_done(&object.event);
    return rc;
}

TEST(test_deadlock_tells_what_each_task_waits_for_and_where) {
    char expected[80];

    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = i % 2 ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM};
        CHECK_INT(weir_run(lock_up, &i, &options), -EDEADLK);
        const char *text = weir_error_text(-EDEADLK);
        CHECK_HAS(text, "deadlock of 3 tasks; task 1 (lock_up) waits for group 0x");
        CHECK_HAS(text, " in lock_up+0x");
        CHECK_HAS(text, "; task 2 (wait_for_event) waits for event 0x");
        snprintf(expected, sizeof expected, "; task \"stuck\" %s", waits[i].what);
        CHECK_HAS(text, expected);
        CHECK_HAS(text, waits[i].where);
    }
}

/* More tasks than a text holds: cut, and whole all the same. */
static int lock_up_many(void *arg) {
    weir_group group;
    (void)arg;

    weir_event_init(&object.event);
    weir_group_open(&group);
    for (int i = 0; i < 1000; i++)
        weir_spawn(&group, wait_for_event, NULL, NULL);
    int rc = weir_group_close(&group, 0);
    weir_event_done(&object.event);
    return rc;
}

TEST(test_deadlock_of_many_tells_as_many_as_fit) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM};

    CHECK_INT(weir_run(lock_up_many, NULL, &options), -EDEADLK);
    CHECK_HAS(weir_error_text(-EDEADLK), "deadlock of 1001 tasks; task 1 (lock_up_many) waits for group");
    CHECK_INT(strlen(weir_error_text(-EDEADLK)), 511);
}

/* Two tasks, two mutexes: each is cancelled, and both give back what they hold. */
static weir_mutex mutexes[2];

static int lock_both(void *arg) {
    int first = *(const int *)arg, rc = weir_mutex_lock(&mutexes[first]);

    if (rc == 0)
        rc = weir_sleep(WEIR_MS);
    int both = rc == 0 ? weir_mutex_lock(&mutexes[1 - first]) : rc;
    if (both == 0)
        weir_mutex_unlock(&mutexes[1 - first]);
    weir_mutex_unlock(&mutexes[first]);
    return both;
}

static int lock_crosswise(void *arg) {
    static const int order[] = {0, 1};
    weir_group group;
    (void)arg;

    for (int i = 0; i < 2; i++)
        weir_mutex_init(&mutexes[i]);
    weir_group_open(&group);
    for (int i = 0; i < 2; i++)
        weir_spawn(&group, lock_both, (void *)(uintptr_t)&order[i], NULL);
    CHECK_INT(weir_group_close(&group, 0), -ECANCELED);
    CHECK_STR(weir_error_text(-ECANCELED), "cancelled by a deadlock of all tasks");
    for (int i = 0; i < 2; i++)
        weir_mutex_done(&mutexes[i]);
    return 0;
}

TEST(test_deadlock_of_locks_taken_crosswise_is_unwound) {
    weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .seed = test_seed()};
    CHECK_INT(weir_run(lock_crosswise, NULL, &options), -EDEADLK);
}

/* ---- None -------------------------------------------------------------------------------------------------------- */

static int resolve_later(void *arg, const weir_stop *stop) {
    (void)stop;
    weir_promise_resolve(*(weir_promise **)arg, 5, NULL);
    return 0;
}

static void *resolve_on_thread(void *arg) {
    usleep(2000);
    weir_promise_resolve(arg, 5, NULL);
    return NULL;
}

/* Nobody here can run, but a thread, a deadline or a shield's end will come. */
static int wait_for_outsiders(void *arg) {
    weir_promise *promise;
    weir_future *future;
    pthread_t thread;
    weir_event never;
    weir_scope scope;
    (void)arg;

    CHECK_INT(weir_future_new(&future, &promise, NULL), 0);
    CHECK_INT(pthread_create(&thread, NULL, resolve_on_thread, promise), 0);
    CHECK_INT(weir_future_wait(future, NULL, NULL), 5);
    pthread_join(thread, NULL);
    weir_future_free(future);

    CHECK_INT(weir_future_new(&future, &promise, NULL), 0);
    CHECK_INT(weir_offload(NULL, resolve_later, &promise), 0);
    CHECK_INT(weir_future_wait(future, NULL, NULL), 5);
    weir_future_free(future);

    weir_event_init(&never);
    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_event_wait(&never)), -ETIME);
    weir_scope_open_shield(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_event_wait(&never)), -ETIME);
    weir_event_done(&never);
    return 0;
}

TEST(test_deadlock_is_not_what_somebody_outside_will_end) {
    for (int real = 0; real < 2; real++) {
        weir_run_options options = {.size_bytes = sizeof options,
                                    .backend = real ? WEIR_BACKEND_AUTO : WEIR_BACKEND_SIM};
        CHECK_INT(weir_run(wait_for_outsiders, NULL, &options), 0);
    }
}
