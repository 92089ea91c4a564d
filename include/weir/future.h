/* SPDX-License-Identifier: MIT */
/* future.h: a result that arrives once, from any thread, and that any number of tasks may wait for.
 * Two ends: the promise is resolved by one, the future is awaited by many. A promise that is dropped resolves too. */
#ifndef WEIR_FUTURE_H
#define WEIR_FUTURE_H

#include "weir/base.h"
#include "weir/wait.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_future weir_future;
typedef struct weir_promise weir_promise;

/**
 * Make a future and the promise of it.
 * @param ret_future   to be freed; belongs to this loop
 * @param ret_promise  to be resolved or freed, on any thread
 * @param value_free   called on the value when both ends are gone, on either's thread; must not wait; may be NULL
 * @return 0; -ENOMEM. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_future_new(weir_future **ret_future, weir_promise **ret_promise,
                                void (*value_free)(void *value)) WEIR_MUST_CHECK;

/**
 * Wait for the result.
 * @param ret_result  as resolved, kept apart from the outcome of the wait, since both may be -ECANCELED; or NULL: the
 *                    result is then what this call returns
 * @param ret_value   as resolved: the future's, valid until it is freed; may be NULL; untouched when the result is < 0
 * @return 0 resolved (with NULL: the result)
 *         -ECANCELED, -ETIME  the caller was interrupted; the future goes on
 * Suspends. Cancel: entry, wait. Thread: owner.
 */
WEIR_EXPORT int weir_future_wait(weir_future *future, int *ret_result, void **ret_value) WEIR_MUST_CHECK;

/** As weir_future_wait, without waiting. @return also -EAGAIN, not yet. Suspends: no. Thread: owner. */
WEIR_EXPORT int weir_future_try_wait(weir_future *future, int *ret_result, void **ret_value) WEIR_MUST_CHECK;

/** Drop the future; the promise stays good. No task may wait on it. NULL is fine. Suspends: no. Thread: owner. */
WEIR_EXPORT void weir_future_free(weir_future *future);

/**
 * Resolve, wake the waiters, and consume the promise.
 * @param result  any value; below 0 is a failure. The detail of weir_fail travels along
 * @param value   passes to the future, or to value_free when nobody holds that any more; may be NULL
 * Cannot fail. Suspends: no. Thread: any; never inside a signal handler.
 */
WEIR_EXPORT void weir_promise_resolve(weir_promise *promise, int result, void *value);

/** Drop the promise: the future resolves with -WEIR_EABANDONED. NULL is fine. Suspends: no. Thread: any. */
WEIR_EXPORT void weir_promise_free(weir_promise *promise);

/** For weir_wait_...: the future is resolved. Borrowed while the array is used. Cannot fail. Suspends: no. */
WEIR_EXPORT weir_waitable weir_waitable_future(weir_future *future);

/** Select: the future is resolved; its result is read with weir_future_try_wait. result: 0. */
WEIR_EXPORT weir_case weir_case_future(weir_future *future);

#ifdef __cplusplus
}
#endif
#endif
