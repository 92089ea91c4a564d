/* SPDX-License-Identifier: MIT */
/* semaphore.c: a number of free permits, and a line of those who want some.
 * Invariant: the first in line wants more than are free. So whoever adds permits, or leaves the line, grants. */
#include "weir/semaphore.h"

#include "base/assert.h"
#include "runtime/owner.h"

struct semaphore {
    struct weir__loop *loop; /* NULL before init and after done */
    size_t permits;          /* that are free */
    struct weir__line line;  /* a waiter's `number` is how many it wants */
};

_Static_assert(sizeof(struct semaphore) <= sizeof(weir_semaphore), "a weir_semaphore holds a semaphore");

static inline struct semaphore *of(weir_semaphore *semaphore) { return (struct semaphore *)(void *)semaphore; }

void weir_semaphore_init(weir_semaphore *semaphore, size_t permits) {
    *of(semaphore) = (struct semaphore){.loop = weir__loop_current(__func__), .permits = permits};
    weir__line_init(&of(semaphore)->line);
}

void weir_semaphore_done(weir_semaphore *semaphore) {
    if (semaphore == NULL || of(semaphore)->loop == NULL)
        return;
    weir__owner_check(of(semaphore)->loop, __func__);
    weir__line_check_empty(&of(semaphore)->line, __func__);
    *of(semaphore) = (struct semaphore){0};
}

/** Nobody overtakes: a few free permits wait with the large request that is first. */
static inline bool take_now(struct semaphore *me, size_t permits) {
    if (!weir__line_is_empty(&me->line) || permits > me->permits)
        return false;
    me->permits -= permits;
    return true;
}

/** Serve the line from the front, as far as the permits go. */
static void grant(struct semaphore *me) {
    struct weir__waiter *first;

    while ((first = weir__line_first(&me->line)) != NULL && first->number <= me->permits) {
        me->permits -= first->number;
        weir__waiter_wake(first, 0);
    }
}

int weir_semaphore_acquire(weir_semaphore *semaphore, size_t permits) {
    struct semaphore *me = of(semaphore);
    struct weir__waiter waiter;

    weir__owner_check(me->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0 || take_now(me, permits))
        return rc;

    waiter.number = permits;
    rc = weir__line_wait(&me->line, &waiter, WEIR__WAIT_SEMAPHORE, me, WEIR__SITE);
    if (rc < 0)
        grant(me); /* we may have been first, and what is free too little for us alone */
    return rc;
}

int weir_semaphore_try_acquire(weir_semaphore *semaphore, size_t permits) {
    weir__owner_check(of(semaphore)->loop, __func__);
    return take_now(of(semaphore), permits) ? 0 : -EAGAIN;
}

void weir_semaphore_release(weir_semaphore *semaphore, size_t permits) {
    struct semaphore *me = of(semaphore);

    weir__owner_check(me->loop, __func__);
    if (__builtin_add_overflow(me->permits, permits, &me->permits))
        WEIR_MISUSE("%zu more permits than a size_t counts", permits);
    grant(me);
}
