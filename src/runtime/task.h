/* SPDX-License-Identifier: MIT */
/* task.h: the record of a task, at the top of its stack.
 *
 * States: READY (on the loop's run queue) -> RUNNING -> PARKED (on nothing but the object it waits for) -> READY ...
 * A task ends while RUNNING; its record goes with its stack. What must outlive it is in its handle (weir_task). */
#ifndef WEIR_SRC_RUNTIME_TASK_H
#define WEIR_SRC_RUNTIME_TASK_H

#include "base/list.h"
#include "platform/context.h"
#include "platform/stack.h"
#include "runtime/park.h"
#include "runtime/scope.h"
#include "runtime/waiter.h"
#include "weir/task.h"

enum weir__task_state { WEIR__TASK_READY, WEIR__TASK_RUNNING, WEIR__TASK_PARKED };

struct weir__task {
    struct weir__stack stack; /* first: the pool finds it at the top */
    struct weir__context context;
    struct weir__task *next; /* on the run queue */
    struct weir__loop *loop;
    struct weir__scope *scope;            /* the innermost that is open */
    const struct weir__scope *refused_by; /* the cancelled one that refused it last, if still open */
    uint8_t state;                        /* enum weir__task_state; written by the loop's thread alone */
    bool woken;                           /* somebody ended the park; an interrupt does not set it */
    bool can_interrupt;                   /* a cancel ends the park */
    uint8_t wait;                         /* enum weir__wait, while parked */
    uint32_t parks;                       /* how often it has parked, or was first refused by a cancelled scope */
    const void *wait_object;
    const void *wait_site;
    int64_t wait_since_ns;

    weir_task_fn *fn;
    void *arg;
    struct weir__group *group;
    weir_task *handle;
    struct weir__detail *details; /* newest first */
    const void *spawn_site;
    uint64_t id;
    unsigned held;          /* mutexes */
    char name[32];          /* "" for none: then the function's address is */
    struct weir__scope own; /* the root of its scopes, below its group's */
};

/** A handle that was asked for. Lives until it is released or its group has closed. */
struct weir_task {
    struct weir__link of_group;
    struct weir__loop *loop;
    struct weir__task *task; /* NULL: it has ended */
    struct weir__line line;  /* who waits for the end; a waiter is given the result, as its `number` */
    uint64_t stamp;          /* when it ended, in the loop's order */
    int result;
};

/** The task of a handle has ended: keep its result, and wake those who wait. */
void weir__handle_settle(weir_task *handle, int result);

/** "NAME" or "task 17"; in `text`, of 48 bytes. */
const char *weir__task_label(const struct weir__task *task, char text[static 48]);

/** A stack whose end is a canary was overflown: say so. */
_Noreturn void weir__task_overflowed(const struct weir__task *task);

/** End a park because of a cancel; harmless where the task does not park, or not interruptibly. */
void weir__task_interrupt(struct weir__task *task);

/** The task closes a scope, which lies in its frame: another one may come to lie there. */
static inline void weir__task_forget_scope(struct weir__task *task, const struct weir__scope *scope) {
    if (__builtin_expect(task->refused_by == scope, 0))
        task->refused_by = NULL;
}

/** The first and last thing that runs on a task's stack. */
void weir__task_main(void *task);

#endif
