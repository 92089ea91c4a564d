/* SPDX-License-Identifier: MIT */
/* offload.h: run what blocks or computes for long on a thread, while the task waits and its loop goes on.
 * The function has a type of its own, so that a task's function, which may wait, cannot be passed by mistake. */
#ifndef WEIR_OFFLOAD_H
#define WEIR_OFFLOAD_H

#include "weir/base.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_future weir_future; /* future.h */

/** Whether the task that waits has been cancelled; for the function to poll. */
typedef struct weir_stop weir_stop;

/**
 * Runs on a plain thread with 1 MiB of stack: no call of Weir but weir_stop_asked, weir_now, weir_fail and those for
 * any thread. Signals are blocked there, so whoever starts a child from it sets the child's mask. Under
 * WEIR_BACKEND_SIM it runs on the loop, in one go: a function that ends only when it is asked to stop would never end.
 */
typedef int weir_offload_fn(void *arg, const weir_stop *stop);

/** Threads of one purpose behind a bounded line. */
typedef struct weir_lane weir_lane;

/** @return true once the task was cancelled, or the owned form's future freed. Suspends: no. Thread: the function's. */
WEIR_EXPORT bool weir_stop_asked(const weir_stop *stop);

/**
 * Make a lane: one thread for a library that wants always the same, few for what must not crowd out the rest.
 * @param name         copied, cut at 15 bytes; the threads' name
 * @param threads_max  > 0; the first is kept, others end when idle
 * @param waiting_max  how many calls may wait for a thread; more wait to be let in
 * @return 0; -ENOMEM, -EAGAIN no thread. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_lane_new(weir_lane **ret_lane, const char *name, unsigned threads_max,
                              unsigned waiting_max) WEIR_MUST_CHECK;

/**
 * What goes around functions that run together: for work whose beginning and end cost more than its parts, such as
 * writes that share one commit. Both run on the lane's thread, as a weir_offload_fn does.
 */
typedef struct weir_lane_batch {
    size_t size_bytes;       /* sizeof(weir_lane_batch) */
    unsigned functions_max;  /* > 0; that share a batch at most */
    int (*begin)(void *arg); /* < 0: none of the batch runs, and this is what their calls return */
    int (*end)(void *arg);   /* after the last has run; < 0 is what those calls return whose function returned >= 0 */
    void *arg;               /* borrowed until the lane is freed and runs no abandoned function any more */
} weir_lane_batch;

/**
 * Make a lane of one thread that takes all functions that wait, and runs them as a batch: begin, each in its turn, end.
 * Their calls return after the end. Nobody is waited for: what arrives while a batch runs makes up the next one.
 * A call that waits can still be withdrawn until its batch begins.
 * @param name, waiting_max  as above
 * @param batch              borrowed during the call
 * @return as above. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_lane_new_batching(weir_lane **ret_lane, const char *name, unsigned waiting_max,
                                       const weir_lane_batch *batch) WEIR_MUST_CHECK;

/**
 * End a lane that runs nothing, but for abandoned functions (an assertion); one that is left ends with the run.
 * NULL is fine. Suspends: no. Thread: owner.
 */
WEIR_EXPORT void weir_lane_free(weir_lane *lane);

/**
 * Run `fn(arg)` on a thread and wait for its end. It has always ended when this returns, so `arg` may point into the
 * caller's frame.
 *
 * @param lane  borrowed; NULL for the shared one
 * @param arg   the function's until the return
 * @return what fn returned; its weir_fail is the caller's detail. A -ECANCELED of a function that was asked to stop is
 *         -ECANCELED or -ETIME, as the cancel was
 *         -ECANCELED, -ETIME, -ENOMEM, -EAGAIN (no thread)  fn did not run, unless it returns these itself
 *
 * Suspends. Cancel: entry, and while in line; once fn (or its batch) runs, raises `stop` and waits on. Thread: task.
 */
WEIR_EXPORT int weir_offload(weir_lane *lane, weir_offload_fn *fn, void *arg) WEIR_MUST_CHECK;

/**
 * The owning form, for what cannot be asked to stop: `fn` works on a copy of the argument, and may be abandoned.
 *
 * @param lane        as above
 * @param arg         copied, arg_bytes long; fn may write results into its copy, which becomes the future's value
 * @param arg_done    called on the copy when fn has ended and the future is freed; not on failure; may be NULL
 * @param ret_future  result: what fn returned. Freeing it early raises `stop` and abandons fn
 * @return 0; -ENOMEM, -EAGAIN the lane is full or has no thread: the argument stays the caller's
 * Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_offload_start(weir_lane *lane, weir_offload_fn *fn, const void *arg, size_t arg_bytes,
                                   void (*arg_done)(void *arg), weir_future **ret_future) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
