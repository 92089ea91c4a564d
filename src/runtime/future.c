/* SPDX-License-Identifier: MIT */
/* future.c: a result that arrives once.
 * Invariant: once `resolved` is true the line is empty or about to be drained, and the outcome does not change. Each
 * end holds the future once; the promise's hold travels with its message. */
#include "runtime/future.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/loop.h"
#include "runtime/owner.h"

#include <stdlib.h>

static weir_future *future_of(struct weir_promise *promise) { return WEIR__CONTAINER(promise, weir_future, promise); }

void weir__future_init(weir_future *future, struct weir__loop *loop, void (*destroy)(weir_future *future)) {
    *future = (weir_future){.loop = loop, .door = weir__door_hold(loop->door), .destroy = destroy};
    atomic_init(&future->holders, 2);
    weir__line_init(&future->line);
}

void weir__future_release(weir_future *future) {
    if (atomic_fetch_sub_explicit(&future->holders, 1, memory_order_acq_rel) > 1)
        return;
    struct weir__door *door = future->door;
    weir__detail_free(future->detail);
    if (future->value_free != NULL && future->value != NULL)
        future->value_free(future->value);
    future->destroy(future);
    weir__door_release(door);
}

static void stop_expecting(weir_future *future) {
    if (future->expected)
        weir__loop_unexpect(future->loop);
    future->expected = false;
}

void weir__future_resolve(weir_future *future) {
    stop_expecting(future);
    future->resolved = true;
    future->stamp = weir__loop_stamp(future->loop);
    weir__line_wake_all(&future->line, 0);
}

/* ---- The promise's end ------------------------------------------------------------------------------------------- */

static void deliver(struct weir__message *message, bool open) {
    weir_future *future = future_of(WEIR__CONTAINER(message, struct weir_promise, message));

    if (open)
        weir__future_resolve(future);
    weir__future_release(future);
}

static void free_future(weir_future *future) { free(future); }

int weir_future_new(weir_future **ret_future, weir_promise **ret_promise, void (*value_free)(void *value)) {
    struct weir__loop *loop = weir__loop_current(__func__);
    weir_future *future = malloc(sizeof *future);

    if (future == NULL)
        return -ENOMEM;
    weir__future_init(future, loop, free_future);
    future->promise.message.deliver = deliver;
    future->value_free = value_free;
    future->expected = true;
    weir__loop_expect(loop);
    *ret_future = future;
    *ret_promise = &future->promise;
    return 0;
}

/** Give the outcome to the loop: at once from one of its own tasks, else through its door. */
static void hand_over(weir_future *future, const char *call) {
    weir__loop_check_not_forked(call); /* another thread of the parent's may have held the door's lock */
    /* A later loop may lie where ours was, but the door that we hold has its address for itself. */
    if (weir__task_current() != NULL && weir__loop_of_thread->door == future->door)
        deliver(&future->promise.message, true);
    else
        weir__door_post(future->door, &future->promise.message);
}

void weir_promise_resolve(weir_promise *promise, int result, void *value) {
    WEIR_ASSERT(promise != NULL);
    weir_future *future = future_of(promise);

    future->result = result;
    future->value = value;
    future->detail = result < 0 ? weir__detail_copy_own(result) : NULL; /* the caller keeps its own */
    hand_over(future, __func__);
}

void weir_promise_free(weir_promise *promise) {
    if (promise == NULL)
        return;
    weir_future *future = future_of(promise);

    future->result = -WEIR_EABANDONED;
    hand_over(future, __func__);
}

/* ---- The future's end -------------------------------------------------------------------------------------------- */

/** Tell the outcome; the task that asks gets the failure's text as its own. */
static int tell(const weir_future *future, int *ret_result, void **ret_value) {
    weir__detail_give(weir__detail_copy(future->detail));
    if (future->result >= 0 && ret_value != NULL)
        *ret_value = future->value;
    if (ret_result == NULL)
        return future->result;
    *ret_result = future->result;
    return 0;
}

int weir_future_wait(weir_future *future, int *ret_result, void **ret_value) {
    struct weir__waiter waiter;

    weir__owner_check(future->loop, __func__);
    int rc = weir__checkpoint();
    if (rc == 0 && !future->resolved) {
        future->waiting++;
        rc = weir__line_wait(&future->line, &waiter, WEIR__WAIT_FUTURE, future, WEIR__SITE);
        future->waiting--;
    }
    return rc < 0 ? rc : tell(future, ret_result, ret_value);
}

int weir_future_try_wait(weir_future *future, int *ret_result, void **ret_value) {
    weir__owner_check(future->loop, __func__);
    return future->resolved ? tell(future, ret_result, ret_value) : -EAGAIN;
}

void weir_future_free(weir_future *future) {
    if (future == NULL)
        return;
    weir__owner_check(future->loop, __func__);
    if (future->waiting > 0 || !weir__line_is_empty(&future->line))
        WEIR_MISUSE("a task still waits for the future");

    stop_expecting(future);
    if (!future->resolved && future->dropped != NULL)
        future->dropped(future);
    weir__future_release(future);
}

/* ---- One of several ---------------------------------------------------------------------------------------------- */

static bool has_happened(const weir_waitable *thing) { return ((const weir_future *)thing->object)->resolved; }

static struct weir__line *line_of(const weir_waitable *thing) { return &((weir_future *)thing->object)->line; }

static uint64_t stamp_of(const weir_waitable *thing) { return ((const weir_future *)thing->object)->stamp; }

weir_waitable weir_waitable_future(weir_future *future) {
    static const struct weir_waitable_ops ops = {.has_happened = has_happened, .line = line_of, .stamp = stamp_of};

    WEIR_ASSERT(future != NULL);
    return (weir_waitable){.ops = &ops, .object = future};
}

static bool case_try_now(weir_case *arm) {
    const weir_future *future = arm->object;

    arm->result = 0;
    return future->resolved;
}

static int case_enlist(weir_case *arm, struct weir__waiter *waiter) {
    weir_future *future = arm->object;

    weir__list_append(&future->line.head, &waiter->link);
    return 0;
}

weir_case weir_case_future(weir_future *future) {
    static const struct weir_case_ops ops = {.try_now = case_try_now, .enlist = case_enlist};

    WEIR_ASSERT(future != NULL);
    return (weir_case){.ops = &ops, .object = future};
}
