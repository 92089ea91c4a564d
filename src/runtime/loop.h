/* SPDX-License-Identifier: MIT */
/* loop.h: one thread's scheduler. Everything here belongs to that thread, but for the door. */
#ifndef WEIR_SRC_RUNTIME_LOOP_H
#define WEIR_SRC_RUNTIME_LOOP_H

#include "base/assert.h"
#include "platform/context.h"
#include "platform/platform.h"
#include "platform/stack.h"
#include "runtime/group.h"
#include "runtime/signal.h"
#include "runtime/task.h"
#include "runtime/timer.h"
#include "weir/runtime.h"

struct weir__door;
struct weir__lanes;

enum {
    WEIR__BURST = 64,   /* tasks run before I/O is looked at (SEMANTICS 15) */
    WEIR__BUDGET = 128, /* calls that may complete at once before a task yields */
    WEIR__LOOK = 4,     /* of these, those before the clock is first asked */
};

struct weir__loop {
    struct weir__platform *platform;
    struct weir__task *current; /* NULL: the loop itself runs */
    struct weir__task *ready;   /* the run queue, first in, first out */
    struct weir__task **ready_end;
    unsigned burst;               /* tasks that may still be run in this turn */
    int budget;                   /* calls that the running task may still complete at once */
    int look;                     /* what `budget` is then when the clock is asked whether the slice is over */
    bool is_seeded;               /* the platform picks who runs next */
    int64_t turn_ns;              /* when this turn began */
    int64_t now_ns;               /* the clock, as it was read last */
    struct weir__context context; /* the thread's own stack */
    struct weir__task *dead;      /* ended; its stack is to be given back by the loop */
    struct weir__timers timers;
    struct weir__stack_pool stacks;

    unsigned ops;      /* I/O operations under way */
    unsigned external; /* unresolved promises, offloaded functions, open signals: others who may still come */
    unsigned tasks, tasks_max;
    uint64_t task_id;
    uint64_t stamp; /* of what happened last */
    uint64_t draws; /* the state of weir__loop_random */

    struct weir__group root; /* the first task's group */
    struct weir__task *main_task;
    int main_result;
    struct weir__detail *main_detail; /* its text; NULL: none */
    bool deadlocked;
    struct weir__detail *deadlock; /* who waited for what; NULL: no memory */
    int64_t grace_end_ns;          /* once the run has been cancelled: shields last no longer; INT64_MAX: it has not */
    weir_run_options options;
    struct weir__door *door;
    struct weir__lanes *lanes; /* made when first needed */
    struct weir__signals signals;
};

extern __thread struct weir__loop *weir__loop_of_thread __attribute__((tls_model("initial-exec")));

/** Make the first task of a run. 0; -ENOMEM. */
int weir__spawn_first(struct weir__loop *loop, weir_task_fn *fn, void *arg, const void *site);

/** Run turns until the first task has ended. */
void weir__loop_run(struct weir__loop *loop);

/** Run what is runnable, at most a burst of it. */
void weir__loop_run_ready(struct weir__loop *loop);

/** Give back the stack of the task that ended last. */
void weir__loop_bury(struct weir__loop *loop);

/** The end of a task: go on with somebody else, for good. */
_Noreturn void weir__task_leave(struct weir__loop *loop, struct weir__task *self);

/** In the child of a fork, on the thread that is left: it is in no run any more, and in nothing else either. */
void weir__loop_forked(void);

/** For what may be called outside a task, but not in such a child. */
void weir__loop_check_not_forked(const char *call);

/** Cancel the whole run; shields have the grace time left. */
void weir__loop_cancel(struct weir__loop *loop, const char *cause);

/** The task that runs. Outside a task: an assertion that names `call`. */
static inline struct weir__task *weir__task_here(const char *call) {
    struct weir__loop *loop = weir__loop_of_thread;

    if (__builtin_expect(loop == NULL || loop->current == NULL, 0))
        weir__outside(call);
    return loop->current;
}

/** Somebody outside (a thread, a signal) may still make a task runnable; or no longer. */
static inline void weir__loop_expect(struct weir__loop *loop) { loop->external++; }
static inline void weir__loop_unexpect(struct weir__loop *loop) { loop->external--; }

static inline void weir__loop_ready(struct weir__loop *loop, struct weir__task *task) {
    task->state = WEIR__TASK_READY;
    task->next = NULL;
    *loop->ready_end = task;
    loop->ready_end = &task->next;
}

#endif
