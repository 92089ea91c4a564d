/* SPDX-License-Identifier: MIT */
/* park.h: how a call suspends its task. What src/sync and src/io build on.
 *
 *     int weir_event_wait(weir_event *event) {
 *         int rc = weir__checkpoint();                          // refuse when cancelled; be fair
 *         if (rc < 0 || event->set)
 *             return rc;
 *         return weir__line_wait(&event->line, &waiter, WEIR__WAIT_EVENT, event, WEIR__SITE);
 *     } */
#ifndef WEIR_SRC_RUNTIME_PARK_H
#define WEIR_SRC_RUNTIME_PARK_H

#include "platform/platform.h"
#include "weir/base.h"

struct weir__task;
struct weir__loop;

/** Where a public call was called from; kept with the park (SEMANTICS 29). */
#define WEIR__SITE __builtin_return_address(0)

/** What a parked task waits for. */
enum weir__wait {
    WEIR__WAIT_NOTHING, /* it is not parked */
    WEIR__WAIT_SLEEP,
    WEIR__WAIT_TASK,
    WEIR__WAIT_GROUP,
    WEIR__WAIT_GROUP_ROOM,
    WEIR__WAIT_FAILURE,
    WEIR__WAIT_FUTURE,
    WEIR__WAIT_OFFLOAD,
    WEIR__WAIT_SIGNAL,
    WEIR__WAIT_SEVERAL,
    WEIR__WAIT_SELECT,
    WEIR__WAIT_FD,
    WEIR__WAIT_QUEUE_PUT,
    WEIR__WAIT_QUEUE_GET,
    WEIR__WAIT_MUTEX,
    WEIR__WAIT_SEMAPHORE,
    WEIR__WAIT_EVENT,
    WEIR__WAIT_ACCEPT,
    WEIR__WAIT_CONNECT,
    WEIR__WAIT_READ,
    WEIR__WAIT_WRITE,
};

/** "queue get", ...: for reports. */
const char *weir__wait_name(enum weir__wait wait);

/** The task that runs; NULL outside one. */
struct weir__task *weir__task_current(void);

/** The loop of the task that runs. Outside a task: an assertion that names `call`. */
struct weir__loop *weir__loop_current(const char *call);

/** There is no task that could make `call`: say so, or that this is the child of a fork (SEMANTICS 19). */
_Noreturn void weir__outside(const char *call) __attribute__((cold));

/** The platform of a loop. */
struct weir__platform *weir__loop_platform(struct weir__loop *loop);

/** A number that grows with each call, from 1: the order in which things happened on a loop. */
uint64_t weir__loop_stamp(struct weir__loop *loop);

/** A cheap number to choose by, not to keep secrets by; under the simulator the seed decides it. */
uint32_t weir__loop_random(struct weir__loop *loop);

/** When the clock was last read on this loop, which it is at least once a turn: for deadlines and dates that need not
 * be exact, without the 20 ns of weir_now. Shown to weir-http. */
WEIR_EXPORT weir_instant weir__loop_now(void);

/**
 * What every waiting call does on entry: refuse inside a cancelled scope, and yield when the task has had its slice
 * (SEMANTICS 15).
 * @return 0; -ECANCELED, -ETIME
 */
int weir__checkpoint(void);

/**
 * Park the running task until weir__task_wake, or until its scope is cancelled.
 * @param object  what it waits for, for reports
 * @return 0 woken (even if cancelled since); -ECANCELED, -ETIME interrupted
 */
int weir__park(enum weir__wait wait, const void *object, const void *site);

/**
 * As weir__park, for a call whose outcome may still come after the interrupt: the cancel counts as having cut something
 * short only when the call says so with weir__refused.
 */
int weir__park_quietly(enum weir__wait wait, const void *object, const void *site);

/** What a call in the running task's cancelled scope returns: -ECANCELED or -ETIME. The scope takes note. */
int weir__refused(void);

/** Park until weir__task_wake, whatever is cancelled meanwhile. */
void weir__park_uncancellable(enum weir__wait wait, const void *object, const void *site);

/** End a task's park; remembered if it has been interrupted and has not run since. Loop's thread only. */
void weir__task_wake(struct weir__task *task);

/**
 * Run an I/O operation to its end. The caller has called weir__checkpoint before.
 * When interrupted, the op is withdrawn, and awaited where the platform cannot give it back at once; an end that exists
 * by then is returned.
 * @return op->result; -ECANCELED, -ETIME: the op had no effect
 */
int weir__op_run(struct weir__op *op, enum weir__wait wait, const void *object, const void *site);

/**
 * Start an op without parking for it; its starter has set `ended`.
 * @return true: done, op->result says how, and `ended` is not called. False: `ended` will be, by the loop
 */
bool weir__op_start(struct weir__op *op);

/** Withdraw what weir__op_start has started. True: given back, `ended` is not called. False: its end is under way. */
bool weir__op_cancel(struct weir__op *op);

/** End an op that somebody else has started or runs: with -ECANCELED, if its end is not under way already. He is told
 * as the loop would tell him. */
void weir__op_abort(struct weir__op *op);

/** Give the running task's stack pages below its present frame back to the kernel: before a wait that may be long. */
WEIR_EXPORT void weir__task_trim_stack(void); /* shown to weir-http, a library of its own */

#endif
