/* SPDX-License-Identifier: MIT */
/* group.h: what is inside a weir_group.
 * Invariant: `running` tasks have this group; while anybody waits for room, all places are taken or promised; a handle
 * is on `handles` until it is released; `failures` holds at most WEIR__FAILURES_KEPT details, oldest first. */
#ifndef WEIR_SRC_RUNTIME_GROUP_H
#define WEIR_SRC_RUNTIME_GROUP_H

#include "base/list.h"
#include "runtime/scope.h"
#include "runtime/waiter.h"
#include "weir/group.h"

enum { WEIR__FAILURES_KEPT = 8 };

struct weir__detail;

struct weir__group {
    struct weir__scope scope; /* below the opener's innermost; its task is the opener */
    struct weir__link handles;
    struct weir__line room;      /* who waits to spawn, running_max being reached */
    struct weir__line observers; /* who waits for a failure or for the end of all */
    struct weir__detail *failures;
    unsigned kept, untold;
    unsigned running, running_max; /* 0: no bound */
    unsigned promised;             /* places of those who were woken to spawn, and have not run yet */
    int first_code;                /* the first failure, taken or not; 0: none */
    int untold_code;               /* the first of `untold` */
    bool supervising;
};

void weir__group_init(struct weir__group *group, struct weir__scope *parent, struct weir__task *opener,
                      const weir_group_options *options);

/** Whether running_max, which is set, allows one more. */
static inline bool weir__group_has_room(const struct weir__group *group) {
    return group->running + group->promised < group->running_max;
}

/** A place has become free: the first who waits for one gets it. */
void weir__group_pass_room(struct weir__group *group);

/** A task of the group has ended; its stack is still there. */
void weir__group_task_ended(struct weir__group *group, struct weir__task *task, int result);

/** Record a failure; takes over `detail`, which may be NULL. Cancels the group unless it supervises. */
void weir__group_record(struct weir__group *group, const struct weir__task *task, int code,
                        struct weir__detail *detail);

#endif
