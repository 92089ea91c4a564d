/* SPDX-License-Identifier: MIT */
/* mutex.c: an owner, and a line of those who want to be it.
 * Invariant: somebody waits only while it is locked; an unlock makes the first of them the owner before anybody runs,
 * so nobody can slip in between. Each task counts the mutexes that it holds. */
#include "weir/mutex.h"

#include "base/assert.h"
#include "runtime/owner.h"

struct mutex {
    struct weir__loop *loop; /* NULL before init and after done */
    struct weir__task *owner;
    struct weir__line line;
};

_Static_assert(sizeof(struct mutex) <= sizeof(weir_mutex), "a weir_mutex holds a mutex");

static inline struct mutex *of(weir_mutex *mutex) { return (struct mutex *)(void *)mutex; }

void weir_mutex_init(weir_mutex *mutex) {
    *of(mutex) = (struct mutex){.loop = weir__loop_current(__func__)};
    weir__line_init(&of(mutex)->line);
}

void weir_mutex_done(weir_mutex *mutex) {
    if (mutex == NULL || of(mutex)->loop == NULL)
        return;
    weir__owner_check(of(mutex)->loop, __func__);
    weir__line_check_empty(&of(mutex)->line, __func__);
    if (of(mutex)->owner != NULL)
        WEIR_MISUSE("it is locked");
    *of(mutex) = (struct mutex){0};
}

static inline void give_to(struct mutex *me, struct weir__task *task) {
    me->owner = task;
    task->held++;
}

int weir_mutex_lock(weir_mutex *mutex) {
    struct mutex *me = of(mutex);
    struct weir__waiter waiter;

    weir__owner_check(me->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    if (me->owner == NULL) {
        give_to(me, me->loop->current);
        return 0;
    }
    if (me->owner == me->loop->current)
        return -EDEADLK;
    /* Once woken it is ours, even if we have been cancelled since: the caller unlocks it as always. */
    return weir__line_wait(&me->line, &waiter, WEIR__WAIT_MUTEX, me, WEIR__SITE);
}

int weir_mutex_try_lock(weir_mutex *mutex) {
    weir__owner_check(of(mutex)->loop, __func__);
    if (of(mutex)->owner != NULL)
        return -EBUSY;
    give_to(of(mutex), of(mutex)->loop->current);
    return 0;
}

void weir_mutex_unlock(weir_mutex *mutex) {
    struct mutex *me = of(mutex);

    weir__owner_check(me->loop, __func__);
    if (me->owner == NULL || me->owner != me->loop->current)
        WEIR_MISUSE("the caller does not hold it");

    struct weir__waiter *first = weir__line_first(&me->line);
    me->owner->held--;
    me->owner = NULL;
    if (first != NULL) {
        give_to(me, first->task);
        weir__waiter_wake(first, 0);
    }
}
