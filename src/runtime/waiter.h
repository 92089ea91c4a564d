/* SPDX-License-Identifier: MIT */
/* waiter.h: how a task waits in line at an object (a queue, a mutex, a future), alone or at several at once.
 *
 * A waiter lives in the waiting task's frame (or in a weir_case), and stands in at most one line. Whoever has something
 * to give takes the first waiter of the line, fills in what passes, and calls weir__waiter_wake; that takes it, and
 * with it every other arm of the same select, out of line. So a line never holds a waiter that must be skipped.
 *
 * A cancel does not take the waiter out of line: the task does, when it runs again. What is handed to it in between is
 * an outcome that exists, and is returned (SEMANTICS 1); so no wake-up is lost on a cancelled task. */
#ifndef WEIR_SRC_RUNTIME_WAITER_H
#define WEIR_SRC_RUNTIME_WAITER_H

#include "base/list.h"
#include "runtime/park.h"

#include <stddef.h>

struct weir__waiter {
    struct weir__link link;       /* in the object's line */
    struct weir__task *task;      /* who waits */
    struct weir__waiter_set *set; /* the select that this is an arm of (it fills that in); NULL: alone */
    void *item;                   /* what passes, and ... */
    size_t number;                /* ... how many: the object's own meaning */
    int result;                   /* set by the waker: what the call returns */
    unsigned woken : 1;
};

/** A line of waiters, first come, first served. */
struct weir__line {
    struct weir__link head;
};

static inline void weir__line_init(struct weir__line *line) { weir__list_init(&line->head); }

static inline bool weir__line_is_empty(const struct weir__line *line) { return weir__list_is_empty(&line->head); }

/** The first in line, still in it; NULL when nobody waits. */
static inline struct weir__waiter *weir__line_first(const struct weir__line *line) {
    if (weir__line_is_empty(line))
        return NULL;
    return WEIR__CONTAINER(line->head.next, struct weir__waiter, link);
}

/**
 * Stand in line and park until woken or interrupted; in a cancelled scope refuse at once. The caller has called
 * weir__checkpoint before, and has set `item` and `number`; the rest of `waiter` is filled in here.
 * @return 0 woken: waiter->result is the outcome; -ECANCELED, -ETIME: out of line again, nothing has happened
 */
int weir__line_wait(struct weir__line *line, struct weir__waiter *waiter, enum weir__wait wait, const void *object,
                    const void *site);

/** Take a waiter out of line, with the other arms of its select, and make its task runnable. Runs nobody yet. */
void weir__waiter_wake(struct weir__waiter *waiter, int result);

/** Wake all in line with one result. */
void weir__line_wake_all(struct weir__line *line, int result);

/* ---- Several at once ----------------------------------------------------------------------------------------------
 * What a noun hands to weir_select and to weir_wait_...: a table, the first field of its weir_case or weir_waitable. */

struct weir_case;
struct weir_waitable;

struct weir_case_ops {
    /** Do it now if it can be done now. True: done, case->result says how. */
    bool (*try_now)(struct weir_case *arm);
    /** Stand in line; the waker fills in waiter->result, which becomes case->result. It may be woken in here already.
     * 0, or a negative code that ends the select with this arm. */
    int (*enlist)(struct weir_case *arm, struct weir__waiter *waiter);
    /** Step out of line again; harmless when out already, for it is called for the arm that went as well. Runs in the
     * waker's context, or in the selecting task's when that was interrupted. NULL: weir__waiter_leave. */
    void (*delist)(struct weir_case *arm, struct weir__waiter *waiter);
};

struct weir_waitable_ops {
    bool (*has_happened)(const struct weir_waitable *thing);
    /** The line in which those wait to whom it has not happened yet. */
    struct weir__line *(*line)(const struct weir_waitable *thing);
    /** When it happened, as the weir__loop_stamp that was taken then; for weir_wait_next, which tells things in that
     * order. NULL: not known, and told in the order of the array. */
    uint64_t (*stamp)(const struct weir_waitable *thing);
};

/** What the waiters of one select (or weir_wait_...) share; in the waiting task's frame, inside what select.c and
 * wait.c keep there. Nobody else looks into it. */
struct weir__waiter_set {
    /** Take every arm that was enlisted out of line. */
    void (*withdraw)(struct weir__waiter_set *set);
    struct weir__waiter *winner; /* the arm that went; at most one ever does */
    bool parked;                 /* false while arms are still being enlisted: then a wake only names the winner */
};

/** Take a waiter out of its line; harmless when it is in none. */
static inline void weir__waiter_leave(struct weir__waiter *waiter) {
    if (weir__link_is_on(&waiter->link))
        weir__list_remove(&waiter->link);
}

#endif
