/* SPDX-License-Identifier: MIT */
/* waiter.c: standing in line, and being woken out of it.
 * Invariant: a waiter in a line belongs to a task that is parked, or that was interrupted and has not run since. */
#include "runtime/waiter.h"

#include "base/assert.h"
#include "runtime/loop.h"

int weir__line_wait(struct weir__line *line, struct weir__waiter *waiter, enum weir__wait wait, const void *object,
                    const void *site) {
    struct weir__task *self = weir__loop_of_thread->current;

    /* Whoever waits a second time in one call may have been cancelled together with the wake-up. */
    if (__builtin_expect(self->scope->cancelled_by != NULL, 0))
        return weir__refused();

    waiter->task = self;
    waiter->set = NULL;
    waiter->woken = 0;
    weir__list_append(&line->head, &waiter->link);

    int rc = weir__park(wait, object, site);
    if (waiter->woken)
        return 0; /* also when a cancel came first: the outcome exists */

    WEIR_ASSERT(rc < 0);
    weir__waiter_leave(waiter);
    return rc;
}

/** One arm goes: the others step back, so that none of them can be given anything. */
static void decide(struct weir__waiter_set *set, struct weir__waiter *winner) {
    set->winner = winner;
    if (!set->parked)
        return; /* whoever enlists the arms looks at `winner` before it parks */
    set->withdraw(set);
    weir__task_wake(winner->task);
}

void weir__waiter_wake(struct weir__waiter *waiter, int result) {
    weir__waiter_leave(waiter);
    waiter->result = result;
    waiter->woken = 1;
    if (waiter->set == NULL)
        weir__task_wake(waiter->task);
    else
        decide(waiter->set, waiter);
}

void weir__line_wake_all(struct weir__line *line, int result) {
    struct weir__waiter *waiter;

    /* From the front each time: waking one arm of a select takes its other arms off this line too. */
    while ((waiter = weir__line_first(line)) != NULL)
        weir__waiter_wake(waiter, result);
}
