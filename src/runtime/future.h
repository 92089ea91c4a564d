/* SPDX-License-Identifier: MIT */
/* future.h: the state that a future and its promise share, for those in this layer that resolve one themselves.
 *
 * Who touches what, and when:
 *   result, value, detail   the promise's holder, until it posts `resolve` (or resolves at once); then the loop
 *   line, resolved, ...     the loop's thread
 *   holders                 anybody; the last one frees */
#ifndef WEIR_SRC_RUNTIME_FUTURE_H
#define WEIR_SRC_RUNTIME_FUTURE_H

#include "runtime/door.h"
#include "runtime/waiter.h"
#include "weir/future.h"

#include <stdatomic.h>

struct weir__detail;

/** The resolver's end. It lies in the future, and is the message that carries the outcome to the loop. */
struct weir_promise {
    struct weir__message message;
};

struct weir_future {
    atomic_uint holders; /* the future's end, and the promise's or the function's */
    struct weir__loop *loop;
    struct weir__door *door; /* the loop's, held */
    struct weir__line line;  /* who waits */
    struct weir_promise promise;
    int result;
    void *value;
    struct weir__detail *detail; /* the text behind `result`; NULL: none */
    void (*value_free)(void *value);
    uint64_t stamp;   /* when it was resolved, in the loop's order */
    unsigned waiting; /* tasks inside weir_future_wait: in line, or woken and not run since */
    bool resolved;
    bool expected; /* the loop counts on somebody outside */

    /** The future's end was dropped unresolved; NULL: that concerns nobody. On the loop's thread. */
    void (*dropped)(weir_future *future);
    /** Both ends are gone: give back what holds the future. On either's thread. */
    void (*destroy)(weir_future *future);
};

/** Fill in a future of the loop that runs, held by both ends, `value_free` and `dropped` left empty. */
void weir__future_init(weir_future *future, struct weir__loop *loop, void (*destroy)(weir_future *future));

/** The outcome is there: wake who waits. On the loop's thread; result, value and detail are set. */
void weir__future_resolve(weir_future *future);

/** Drop one end's hold. Any thread. */
void weir__future_release(weir_future *future);

#endif
