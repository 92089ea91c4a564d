/* SPDX-License-Identifier: MIT */
/* base.h: what a call returns through `ret_...` is untouched when it fails. */
#include "support/tasks.h"
#include "support/test.h"
#include "weir/future.h"
#include "weir/group.h"
#include "weir/offload.h"
#include "weir/queue.h"
#include "weir/scope.h"
#include "weir/signal.h"
#include "weir/task.h"
#include "weir/wait.h"

#include <signal.h>
#include <string.h>

static int sleep_long(void *arg) {
    (void)arg;
    return weir_sleep(WEIR_HOUR);
}

static int never(void *arg, const weir_stop *stop) {
    (void)arg, (void)stop;
    return 0;
}

/* Each call that waits, in a scope that has ended. */
static void call_all(weir_group *group, weir_task *task, weir_future *future) {
    weir_waitable thing = weir_waitable_task(task);
    int result = 77, item = 77, slot = 0;
    weir_failure failure, before;
    void *value = &value;
    weir_queue queue;
    size_t index = 77;

    memset(&failure, 0x55, sizeof failure);
    before = failure;
    weir_queue_init(&queue, &slot, 1, sizeof item);
    CHECK_INT(weir_task_wait(task, &result), -ETIME);
    CHECK_INT(weir_future_wait(future, &result, &value), -ETIME);
    CHECK_INT(weir_queue_get(&queue, &item), -ETIME);
    CHECK_INT(weir_group_wait_failure(group, &failure), -ETIME);
    CHECK_INT(weir_wait_next(&thing, 1, &index), -ETIME);
    CHECK_INT(weir_task_try_wait(task, &result), -EAGAIN);
    CHECK_INT(weir_future_try_wait(future, &result, &value), -EAGAIN);
    CHECK_INT(weir_queue_try_get(&queue, &item), -EAGAIN);
    CHECK_INT(weir_group_try_failure(group, &failure), 0);
    CHECK_INT(result, 77);
    CHECK_INT(item, 77);
    CHECK_INT(index, 77);
    CHECK(value == &value && !thing.seen);
    CHECK_MEM(&failure, &before, sizeof failure);
    weir_queue_done(&queue);
}

TASK_TEST(test_outputs_of_waits_are_untouched_when_they_are_refused) {
    weir_promise *promise;
    weir_future *future;
    weir_group group;
    weir_scope scope;

    CHECK_INT(weir_future_new(&future, &promise, NULL), 0);
    weir_group_open(&group);
    weir_task *task = start(&group, sleep_long, NULL);
    weir_scope_open(&scope, weir_now());
    call_all(&group, task, future);
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);

    /* A result below 0 is told, its value is not. */
    void *value = &value;
    int result = 77;
    weir_promise_resolve(promise, -EXDEV, &value);
    CHECK_INT(weir_future_wait(future, &result, &value), 0);
    CHECK_INT(result, -EXDEV);
    CHECK(value == &value);
    weir_future_free(future);
    weir_group_cancel(&group, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

TASK_TEST(test_outputs_of_makers_are_untouched_when_they_fail) {
    weir_signal *signal = (weir_signal *)&signal, *second = signal;
    weir_future *future = (weir_future *)&future;
    weir_lane *lane;

    CHECK_INT(weir_signal_open(&signal, SIGKILL), -EINVAL);
    CHECK_INT(weir_signal_open(&signal, 0), -EINVAL);
    CHECK(signal == second);
    CHECK_INT(weir_signal_open(&signal, SIGUSR1), 0);
    CHECK_INT(weir_signal_open(&second, SIGUSR1), -EBUSY);
    CHECK(second == (weir_signal *)&signal);
    weir_signal_close(signal);

    CHECK_INT(weir_lane_new(&lane, "one", 1, 0), 0);
    weir_future *first;
    CHECK_INT(weir_offload_start(lane, never, NULL, 0, NULL, &first), 0);
    CHECK_INT(weir_offload_start(lane, never, NULL, 0, NULL, &future), -EAGAIN);
    CHECK(future == (weir_future *)&future);
    weir_future_free(first);
    weir_lane_free(lane);
}
