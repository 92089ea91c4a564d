/* SPDX-License-Identifier: MIT */
/* group.h: the owner of tasks. A group closes only after all its tasks have ended.
 *
 * Run N functions and gather, first failure cancels the rest:
 *
 *     weir_group_open(&group);
 *     for (size_t i = 0; i < n; i++)
 *         weir_spawn(&group, fetch, &fetches[i], NULL);
 *     rc = weir_group_close(&group, 0);
 *
 * From open to close the opener's own waits are part of the group: a child's failure interrupts them too. And the
 * close takes the opener's result, so one label serves every early exit, and no failure is lost:
 *
 *     rc = connect(...);
 *     if (rc < 0)
 *         goto out;                               // the children are cancelled and awaited
 *     ...
 * out:
 *     rc = weir_group_close(&group, rc);
 *     return weir_scope_close(&scope, rc); */
#ifndef WEIR_GROUP_H
#define WEIR_GROUP_H

#include "weir/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Lives in the opener's frame; never moved or copied. A task that returns with one open aborts, naming it. */
typedef struct weir_group {
    uint64_t opaque[40];
} weir_group;

/** A field left at zero takes its default. */
typedef struct weir_group_options {
    size_t size_bytes;    /* sizeof(weir_group_options) */
    bool supervising;     /* a failure is recorded and cancels nobody */
    unsigned running_max; /* weir_spawn waits while so many tasks run; default no bound */
} weir_group_options;

/** One task's failure. */
typedef struct weir_failure {
    int code;        /* < 0 */
    unsigned untold; /* failures that came after this one, until now, and were not kept */
    uint64_t task_id;
    char task[32];  /* its name */
    char text[216]; /* its weir_error_text */
} weir_failure;

/**
 * Open a plain group: the first failure cancels the others and the opener's waits.
 * @param group  the caller's storage, uninitialised; must be closed, last opened first
 * Cannot fail. Suspends: no. Thread: task.
 */
WEIR_EXPORT void weir_group_open(weir_group *group);

/** As weir_group_open, with options (borrowed during the call). An option out of range is an assertion. */
WEIR_EXPORT void weir_group_open_with(weir_group *group, const weir_group_options *options);

/**
 * Wait for every task of the group, then close it.
 *
 * @param group   open, and opened last by this task; afterwards plain storage again
 * @param result  the opener's own part: below 0 counts as a failure and cancels the tasks; else they are awaited
 * @return the first failure, task's or opener's, that was no echo of the group's own cancel; with its detail
 *         of a supervising group: `result` when it is < 0, else the first failure that nobody took (one that was not
 *         kept counts as not taken)
 *         else `result`, or 0 where that is an echo itself
 *
 * Suspends. Cancel: does not interrupt it, but reaches the tasks. Thread: the task that opened it.
 */
WEIR_EXPORT int weir_group_close(weir_group *group, int result) WEIR_MUST_CHECK;

/**
 * Cancel all tasks of the group, and those spawned later. Their echoes are no failure: the close then returns 0.
 * @param cause  the text behind -ECANCELED
 * Cannot fail. Suspends: no. Thread: owner; any task while the group is open.
 */
WEIR_EXPORT void weir_group_cancel(weir_group *group, const char *cause);

/**
 * Wait until no task of the group runs; it stays open.
 * @return 0, or -ECANCELED, -ETIME (also when a task failed in a plain group: go and close it).
 * Suspends. Cancel: entry, wait. Thread: the task that opened it.
 */
WEIR_EXPORT int weir_group_wait(weir_group *group) WEIR_MUST_CHECK;

/**
 * Take the oldest failure not yet taken, of the eight that are kept; for whoever supervises.
 * @param ret_failure  filled on 1
 * @return 1 one taken; 0 none is left and no task runs
 *         -ECANCELED, -ETIME  nothing was taken
 * Suspends. Cancel: entry, wait. Thread: the task that opened it.
 */
WEIR_EXPORT int weir_group_wait_failure(weir_group *group, weir_failure *ret_failure) WEIR_MUST_CHECK;

/**
 * As weir_group_wait_failure, without waiting: 1, or 0 none now. Works in a cancelled group. Suspends: no.
 * Thread: owner; any task while the group is open.
 */
WEIR_EXPORT int weir_group_try_failure(weir_group *group, weir_failure *ret_failure) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
