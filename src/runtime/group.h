/* SPDX-License-Identifier: MIT */
/* group.h: what is inside a weir_group.
 * Invariant: `running` tasks have this group; a handle is on `handles` until it is released; `failures` holds at most
 * WEIR__FAILURES_KEPT details, oldest first. */
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
    unsigned promised;             /* places that came free for those who were in line */
    int first_code;                /* the first failure, taken or not; 0: none */
    bool supervising;
};

void weir__group_init(struct weir__group *group, struct weir__scope *parent, struct weir__task *opener,
                      const weir_group_options *options);

/** A task of the group has ended; its stack is still there. */
void weir__group_task_ended(struct weir__group *group, struct weir__task *task, int result);

/** Promise a place that is free to the first who waits to spawn. */
void weir__group_pass_place(struct weir__group *group);

/** Record a failure; takes over `detail`, which may be NULL. Cancels the group unless it supervises. */
void weir__group_record(struct weir__group *group, const struct weir__task *task, int code, struct weir__detail *detail);

#endif
