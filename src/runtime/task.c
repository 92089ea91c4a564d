/* SPDX-License-Identifier: MIT */
/* task.c: the calls on handles. */
#include "runtime/task.h"

#include "base/assert.h"
#include "runtime/group.h"
#include "runtime/loop.h"
#include "runtime/owner.h"
#include "weir/wait.h"

#include <stdlib.h>

void weir__handle_settle(weir_task *handle, int result) {
    struct weir__waiter *waiter;

    handle->task = NULL;
    handle->result = result;
    handle->stamp = weir__loop_stamp(handle->loop);
    while ((waiter = weir__line_first(&handle->line)) != NULL) {
        waiter->number = (unsigned)result;
        weir__waiter_wake(waiter, 0);
    }
}

static int tell(int result, int *ret_result) {
    if (ret_result == NULL)
        return result;
    *ret_result = result;
    return 0;
}

int weir_task_wait(weir_task *handle, int *ret_result) {
    struct weir__waiter waiter;

    weir__owner_check(handle->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    if (handle->task == NULL)
        return tell(handle->result, ret_result);
    if (handle->task == weir__task_current())
        WEIR_MISUSE("a task waits for itself");
    rc = weir__line_wait(&handle->line, &waiter, WEIR__WAIT_TASK, handle->task, WEIR__SITE);
    if (rc < 0)
        return rc;
    /* The result came with the wake-up: whoever ran since may have given the handle back. */
    return tell((int)waiter.number, ret_result);
}

int weir_task_try_wait(weir_task *handle, int *ret_result) {
    weir__owner_check(handle->loop, __func__);
    return handle->task != NULL ? -EAGAIN : tell(handle->result, ret_result);
}

void weir_task_cancel(weir_task *handle, const char *cause) {
    weir__owner_check(handle->loop, __func__);
    if (handle->task != NULL)
        weir__scope_cancel_with(&handle->task->own, -ECANCELED, cause);
}

void weir_task_release(weir_task *handle) {
    if (handle == NULL)
        return;
    weir__owner_check(handle->loop, __func__);
    if (!weir__line_is_empty(&handle->line))
        WEIR_MISUSE("a task still waits on the handle");
    if (handle->task != NULL)
        handle->task->handle = NULL;
    weir__list_remove(&handle->of_group);
    free(handle);
}

static bool has_ended(const struct weir_waitable *thing) { return ((const weir_task *)thing->object)->task == NULL; }

static struct weir__line *line_of(const struct weir_waitable *thing) { return &((weir_task *)thing->object)->line; }

static uint64_t stamp_of(const struct weir_waitable *thing) { return ((const weir_task *)thing->object)->stamp; }

weir_waitable weir_waitable_task(weir_task *task) {
    static const struct weir_waitable_ops ops = {.has_happened = has_ended, .line = line_of, .stamp = stamp_of};

    weir__owner_check(task->loop, __func__);
    return (weir_waitable){.ops = &ops, .object = task};
}

static bool case_try(struct weir_case *arm) {
    arm->result = 0;
    return ((const weir_task *)arm->object)->task == NULL;
}

static int case_enlist(struct weir_case *arm, struct weir__waiter *waiter) {
    weir__list_append(&((weir_task *)arm->object)->line.head, &waiter->link);
    return 0;
}

weir_case weir_case_task(weir_task *task) {
    static const struct weir_case_ops ops = {.try_now = case_try, .enlist = case_enlist};

    weir__owner_check(task->loop, __func__);
    return (weir_case){.ops = &ops, .object = task};
}
