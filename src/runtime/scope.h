/* SPDX-License-Identifier: MIT */
/* scope.h: the tree of scopes through which cancels travel.
 *
 * A node is a scope or shield that a task opened, a group, a task, or the run itself. Cancelling pushes down: each node
 * knows in `cancelled_by` the outermost cancelled scope that it sees, so that a waiting call tests one pointer.
 * Invariant: cancelled_by is NULL, or an ancestor (or the node itself) that no shield lies below, and whose parent's
 * own cancelled_by is hidden by a shield or NULL. */
#ifndef WEIR_SRC_RUNTIME_SCOPE_H
#define WEIR_SRC_RUNTIME_SCOPE_H

#include "runtime/timer.h"
#include "weir/scope.h"

#include <stdbool.h>
#include <stddef.h>

struct weir__task;

enum weir__scope_kind { WEIR__SCOPE_PLAIN, WEIR__SCOPE_SHIELD, WEIR__SCOPE_GROUP, WEIR__SCOPE_TASK, WEIR__SCOPE_ROOT };

struct weir__scope {
    struct weir__scope *parent, *first_child, *next, *prev; /* siblings: prev of the first is NULL */
    struct weir__scope *cancelled_by;
    struct weir__task *task; /* whose waits lie within: the opener; of a task's own node, that task */
    char *cause;             /* of its own cancel; allocated; NULL: none was given, or no memory */
    const void *site;        /* where it was opened */
    int code;                /* of its own cancel: 0, -ECANCELED, -ETIME */
    uint8_t kind;
    bool interrupted; /* its cancel has ended or refused a wait */
    bool is_shield;
    struct weir__timer timer; /* its deadline; armed while one is set */
    int64_t deadline_ns;      /* INT64_MAX: none */
};

/** Hang a node into the tree, below `parent`; NULL: it is the root. */
static inline void weir__scope_link(struct weir__scope *scope, struct weir__scope *parent, struct weir__task *task,
                                    enum weir__scope_kind kind) {
    scope->parent = parent;
    scope->first_child = scope->prev = scope->next = NULL;
    scope->cancelled_by = NULL;
    scope->task = task;
    scope->cause = NULL;
    scope->code = 0;
    scope->kind = (uint8_t)kind;
    scope->interrupted = false;
    scope->is_shield = kind == WEIR__SCOPE_SHIELD;
    scope->timer.place = 0;
    scope->deadline_ns = INT64_MAX;
    if (parent == NULL)
        return;
    if (!scope->is_shield)
        scope->cancelled_by = parent->cancelled_by;
    scope->next = parent->first_child;
    if (scope->next != NULL)
        scope->next->prev = scope;
    parent->first_child = scope;
}

/** What only some nodes hold: a timer, a cause. */
void weir__scope_unlink_rest(struct weir__scope *scope);

/** Take a node without children out of the tree, and give back what it holds. */
static inline void weir__scope_unlink(struct weir__scope *scope) {
    if (__builtin_expect(scope->timer.place != 0 || scope->cause != NULL, 0))
        weir__scope_unlink_rest(scope);
    if (scope->prev != NULL)
        scope->prev->next = scope->next;
    else if (scope->parent != NULL)
        scope->parent->first_child = scope->next;
    if (scope->next != NULL)
        scope->next->prev = scope->prev;
}

/** Cancel with a code; the first stays. */
void weir__scope_cancel_with(struct weir__scope *scope, int code, const char *cause);

/** What a wait inside `scope` returns, whose cancelled_by is not NULL; the scope that did it remembers. */
int weir__scope_refuse(struct weir__scope *scope);

/** As weir_scope_open_shield, for whoever sets the deadline later: it may be weir_never(). */
void weir__scope_open_shield(weir_scope *scope, weir_instant deadline, const void *site);

/** Bring the deadlines of all shields below to `end_ns` at the latest. */
void weir__scope_cap_shields(struct weir__scope *scope, int64_t end_ns);

enum { WEIR__CANCEL_BYTES = 64 };

/** Write what the cancel of `scope` was: "cancelled by SIGINT", "the deadline passed". */
void weir__scope_describe(const struct weir__scope *scope, char text[static WEIR__CANCEL_BYTES]);

#endif
