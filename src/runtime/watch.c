/* SPDX-License-Identifier: MIT */
/* watch.c: finds the task whose guard a fault met. Runs in a signal handler. */
#include "runtime/watch.h"

#include "platform/fault.h"
#include "runtime/loop.h"

static bool find_overflow(void *arg, const void *address, struct weir__overflow *ret_overflow) {
    const struct weir__loop *loop = arg;
    const struct weir__task *task = loop->current;
    uintptr_t at = (uintptr_t)address;

    /* A wild pointer into another task's guard is no overflow: only the running task's stack can overflow. */
    if (task == NULL)
        return false;
    uintptr_t low = (uintptr_t)task->stack.low, guard = weir__stack_guard_bytes(&task->stack);
    if (at >= low || at < low - guard)
        return false;
    *ret_overflow = (struct weir__overflow){.task = task->name,
                                            .function = (const void *)(uintptr_t)task->fn,
                                            .spawned_at = task->spawn_site,
                                            .stack_bytes = task->stack.bytes};
    return true;
}

int weir__watch_open(struct weir__loop *loop) { return weir__fault_open(find_overflow, loop); }

void weir__watch_close(struct weir__loop *loop) {
    (void)loop;
    weir__fault_close();
}
