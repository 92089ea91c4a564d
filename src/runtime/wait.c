/* SPDX-License-Identifier: MIT */
/* wait.c: wait for one, the next or all of several things that happen once. They are looked at, never consumed.
 * Invariant: while the task is parked in weir_wait_any or _next, it stands in line at all that it waits for, or in none
 * of the lines, and one has happened. */
#include "weir/wait.h"

#include "base/assert.h"
#include "runtime/waiter.h"

#include <limits.h>

_Static_assert(sizeof(struct weir__waiter) <= sizeof(((weir_waitable *)NULL)->waiter),
               "a thing has room for its waiter");

/** A wait for whichever comes first; in its task's frame. */
struct race {
    struct weir__waiter_set set;
    weir_waitable *things;
    size_t count;
    bool unseen_only;
};

static struct weir__waiter *waiter_of(weir_waitable *thing) { return (struct weir__waiter *)(void *)thing->waiter; }

static bool has_happened(const weir_waitable *thing) { return thing->ops->has_happened(thing); }

/** From `from` on, the first that has not happened; `count` when all have. */
static size_t first_pending(const weir_waitable *things, size_t count, size_t from) {
    while (from < count && has_happened(&things[from]))
        from++;
    return from;
}

int weir_wait_all(weir_waitable *things, size_t count) {
    struct weir__waiter waiter;
    size_t i = 0;

    /* One after the other, in any order: the last one to happen is what the wait takes. */
    int rc = weir__checkpoint();
    while (rc == 0 && (i = first_pending(things, count, i)) < count)
        rc = weir__line_wait(things[i].ops->line(&things[i]), &waiter, WEIR__WAIT_SEVERAL, things, WEIR__SITE);
    return rc;
}

/* ---- The first of several ---------------------------------------------------------------------------------------- */

static bool takes_part(const struct race *race, const weir_waitable *thing) {
    return !(race->unseen_only && thing->seen);
}

static void withdraw(struct weir__waiter_set *set) {
    struct race *race = WEIR__CONTAINER(set, struct race, set);

    for (size_t i = 0; i < race->count; i++)
        if (takes_part(race, &race->things[i]))
            weir__waiter_leave(waiter_of(&race->things[i]));
}

/** Park until one has happened. @return its index; -ECANCELED, -ETIME */
static int wait_for_first(struct race *race, const void *site) {
    struct weir__task *task = weir__task_current();

    for (size_t i = 0; i < race->count; i++) {
        weir_waitable *thing = &race->things[i];
        if (!takes_part(race, thing))
            continue;
        struct weir__waiter *waiter = waiter_of(thing);
        *waiter = (struct weir__waiter){.task = task, .set = &race->set};
        weir__list_append(&thing->ops->line(thing)->head, &waiter->link);
    }
    race->set.parked = true;

    int rc = weir__park(WEIR__WAIT_SEVERAL, race->things, site);
    if (race->set.winner == NULL) {
        WEIR_ASSERT(rc < 0);
        withdraw(&race->set);
        return rc;
    }
    return (int)(WEIR__CONTAINER(race->set.winner, weir_waitable, waiter) - race->things);
}

/** The lowest that has happened, or -EAGAIN. */
static int lowest_happened(const weir_waitable *things, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (has_happened(&things[i]))
            return (int)i;
    return -EAGAIN;
}

int weir_wait_any(weir_waitable *things, size_t count) {
    struct race race = {.set.withdraw = withdraw, .things = things, .count = count};

    WEIR_ASSERT(count >= 1 && count <= INT_MAX);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    rc = lowest_happened(things, count);
    if (rc != -EAGAIN)
        return rc;
    rc = wait_for_first(&race, WEIR__SITE);
    return rc < 0 ? rc : lowest_happened(things, count); /* by now others may have happened as well */
}

/** Of those not seen, the one that happened first, or -EAGAIN. `ret_left` counts those not seen. */
static int earliest_unseen(const weir_waitable *things, size_t count, size_t *ret_left) {
    uint64_t earliest_stamp = 0;
    int earliest = -EAGAIN;

    *ret_left = 0;
    for (size_t i = 0; i < count; i++) {
        if (things[i].seen)
            continue;
        ++*ret_left;
        if (!has_happened(&things[i]))
            continue;
        uint64_t stamp = things[i].ops->stamp != NULL ? things[i].ops->stamp(&things[i]) : 0;
        if (earliest == -EAGAIN || stamp < earliest_stamp) {
            earliest = (int)i;
            earliest_stamp = stamp;
        }
    }
    return earliest;
}

int weir_wait_next(weir_waitable *things, size_t count, size_t *ret_index) {
    struct race race = {.set.withdraw = withdraw, .things = things, .count = count, .unseen_only = true};
    size_t left;

    WEIR_ASSERT(count <= INT_MAX);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    int index = earliest_unseen(things, count, &left);
    if (left == 0)
        return 0;
    if (index == -EAGAIN)
        index = wait_for_first(&race, WEIR__SITE);
    if (index < 0)
        return index;
    things[index].seen = true;
    *ret_index = (size_t)index;
    return 1;
}
