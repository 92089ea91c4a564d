/* SPDX-License-Identifier: MIT */
/* wait.h: wait for several things.
 * weir_wait_... look at what happens once (tasks, futures) and consume nothing; weir_task_try_wait reads the result.
 * weir_select also gives and takes (queues, signals, descriptors, timers), and commits to exactly one case. */
#ifndef WEIR_WAIT_H
#define WEIR_WAIT_H

#include "weir/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Something that happens once. Made by weir_waitable_task and weir_waitable_future; lives in the caller's array. What
 * it is made of must last while a task waits for it. */
typedef struct weir_waitable {
    const struct weir_waitable_ops *ops; /* private */
    void *object;
    bool seen;          /* weir_wait_next has told it; set to false to be told again */
    uint64_t waiter[8]; /* private: links it while a task waits */
} weir_waitable;

/**
 * Wait until all have happened, well or badly. (To stop at the first failure, use a group.)
 * @param things  borrowed; `count` of them, 0 allowed
 * @return 0; -ECANCELED, -ETIME. Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_wait_all(weir_waitable *things, size_t count) WEIR_MUST_CHECK;

/**
 * Wait until one has happened.
 * @param count  1 to INT_MAX
 * @return its index, the lowest of several; -ECANCELED, -ETIME. Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_wait_any(weir_waitable *things, size_t count) WEIR_MUST_CHECK;

/**
 * Wait for the next one, in the order in which they happen: `while ((rc = weir_wait_next(things, count, &i)) > 0) ...`
 * @param things     borrowed; the one told is marked `seen`
 * @param ret_index  which it was
 * @return 1; 0 all have been seen
 *         -ECANCELED, -ETIME  nothing was marked
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_wait_next(weir_waitable *things, size_t count, size_t *ret_index) WEIR_MUST_CHECK;

enum { WEIR_FD_READ = 1, WEIR_FD_WRITE = 2 };

/**
 * Wait until a descriptor is ready; for libraries that do their own I/O on a non-blocking one.
 * @param fd      borrowed; registered for this wait only
 * @param events  WEIR_FD_READ, WEIR_FD_WRITE, or both
 * @return the events that hold, > 0 (an error or hang-up counts as both)
 *         -EBADF; -EPERM a kind that cannot be polled; -ECANCELED, -ETIME
 * Suspends. Cancel: entry, wait. Thread: task.
 */
WEIR_EXPORT int weir_fd_wait(int fd, int events) WEIR_MUST_CHECK;

/**
 * One arm of a select. Each noun's header has those that it offers: weir_case_get and weir_case_put (queue.h),
 * weir_case_task, weir_case_future, weir_case_event, weir_case_signal, weir_case_readable (stream.h).
 * All of them: cannot fail, do not suspend, borrow until the select has returned. Thread: owner.
 */
typedef struct weir_case {
    const struct weir_case_ops *ops; /* private; NULL is never ready, so a zeroed case is an arm switched off */
    void *object;
    void *item;
    int64_t number;
    int result; /* of the case that went: what the plain call would have returned */
    int reserved;
    uint64_t waiter[8]; /* private: links it while a task waits */
} weir_case;

/** The instant comes; weir_never() is a case that never does. result: 0. */
WEIR_EXPORT weir_case weir_case_at(weir_instant instant);

/** The descriptor is ready: as weir_fd_wait. result: its events, or -EBADF, -EPERM. */
WEIR_EXPORT weir_case weir_case_fd(int fd, int events);

/**
 * Wait until one case can go, and do it; the others are left as they were. Starts looking at another case each time.
 * @param cases  borrowed; may be used again
 * @param count  1 to INT_MAX
 * @return the index of the case that went; its `result` says how
 *         -ECANCELED, -ETIME  none went
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_select(weir_case *cases, size_t count) WEIR_MUST_CHECK;

/** As weir_select, without waiting. @return also -EAGAIN, none can go. Suspends: no. Cancel: none. Thread: owner. */
WEIR_EXPORT int weir_try_select(weir_case *cases, size_t count) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
