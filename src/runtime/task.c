/* SPDX-License-Identifier: MIT */
/* task.c: the calls on handles. */
#include "runtime/task.h"

#include "base/assert.h"
#include "runtime/group.h"
#include "runtime/loop.h"
#include "weir/wait.h"

#include <stdlib.h>

int weir_task_wait(weir_task *handle, int *ret_result) {
    int rc = weir__checkpoint();

    if (rc < 0)
        return rc;
    if (handle->task != NULL) {
        if (handle->task == weir__task_current())
            WEIR_MISUSE("a task waits for itself");
        struct weir__waiter waiter;
        rc = weir__line_wait(&handle->line, &waiter, WEIR__WAIT_TASK, handle->task, WEIR__SITE);
        if (rc < 0)
            return rc;
    }
    if (ret_result == NULL)
        return handle->result;
    *ret_result = handle->result;
    return 0;
}

int weir_task_try_wait(weir_task *handle, int *ret_result) {
    if (handle->task != NULL)
        return -EAGAIN;
    if (ret_result == NULL)
        return handle->result;
    *ret_result = handle->result;
    return 0;
}

void weir_task_cancel(weir_task *handle, const char *cause) {
    if (handle->task != NULL)
        weir__scope_cancel_with(&handle->task->own, -ECANCELED, cause);
}

void weir_task_release(weir_task *handle) {
    if (handle == NULL)
        return;
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
    static const struct weir_waitable_ops ops = {has_ended, line_of, stamp_of};
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
    return (weir_case){.ops = &ops, .object = task};
}
