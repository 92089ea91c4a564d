/* SPDX-License-Identifier: MIT */
/* scope.c: the tree of scopes, and the calls on those that a task opens. */
#include "runtime/scope.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/loop.h"
#include "runtime/owner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CAUSE_BYTES = 48 };

_Static_assert(sizeof "cancelled by " + CAUSE_BYTES <= WEIR__CANCEL_BYTES, "a cause is told in full");
_Static_assert(sizeof(struct weir__scope) <= sizeof(weir_scope), "weir_scope has room");

static struct weir__scope *inside(weir_scope *scope) { return (struct weir__scope *)(void *)scope; }

/* ---- The tree ---------------------------------------------------------------------------------------------------- */

void weir__scope_unlink_rest(struct weir__scope *scope) {
    if (scope->timer.place != 0) /* the run's own root has no task, and never a deadline */
        weir__timer_disarm(scope->task->loop, &scope->timer);
    free(scope->cause);
}

/* The node after `node` in `top`'s tree, children first; without its children when `skip`. NULL: that was all. */
static struct weir__scope *walk(struct weir__scope *top, struct weir__scope *node, bool skip) {
    if (!skip && node->first_child != NULL)
        return node->first_child;
    while (node != top) {
        if (node->next != NULL)
            return node->next;
        node = node->parent;
    }
    return NULL;
}

/* Tell everything below that no shield hides, and end the waits there. */
static void push_down(struct weir__scope *top) {
    struct weir__scope *node = top;

    while (node != NULL) {
        bool hidden = node != top && node->is_shield;
        if (!hidden) {
            node->cancelled_by = top;
            if (node->task != NULL && node->task->scope == node)
                weir__task_interrupt(node->task);
        }
        node = walk(top, node, hidden);
    }
}

void weir__scope_cancel_with(struct weir__scope *scope, int code, const char *cause) {
    if (scope->code != 0)
        return;
    scope->code = code;
    if (cause != NULL)
        scope->cause = strndup(cause, CAUSE_BYTES - 1);
    bool outer_decides = scope->cancelled_by != NULL;
    if (!outer_decides)
        push_down(scope);
}

int weir__scope_refuse(struct weir__scope *scope) {
    struct weir__task *task = weir__loop_of_thread->current;
    struct weir__scope *by = scope->cancelled_by;

    by->interrupted = true;
    if (task->refused_by != by) {
        task->refused_by = by;
        task->parks++; /* what was recorded before is another matter */
    }
    return by->code;
}

void weir__scope_describe(const struct weir__scope *scope, char text[static WEIR__CANCEL_BYTES]) {
    if (scope->cause != NULL)
        snprintf(text, WEIR__CANCEL_BYTES, "cancelled by %s", scope->cause);
    else
        snprintf(text, WEIR__CANCEL_BYTES, "%s", weir_strerror(scope->code));
}

/* ---- Deadlines --------------------------------------------------------------------------------------------------- */

static void deadline_passed(struct weir__timer *timer) {
    weir__scope_cancel_with(WEIR__CONTAINER(timer, struct weir__scope, timer), -ETIME, NULL);
}

/* A deadline that has passed binds at once, not only when the loop next looks at its timers (SEMANTICS 6). */
static void set_deadline(struct weir__scope *scope, struct weir__loop *loop, int64_t deadline_ns) {
    weir__timer_disarm(loop, &scope->timer);
    scope->deadline_ns = deadline_ns;
    if (deadline_ns == INT64_MAX)
        return;
    if (deadline_ns <= loop->now_ns) {
        weir__scope_cancel_with(scope, -ETIME, NULL);
        return;
    }
    scope->timer.fire = deadline_passed;
    weir__timer_arm(loop, &scope->timer, deadline_ns, WEIR__TIMER_DEADLINE);
}

void weir__scope_cap_shields(struct weir__scope *top, int64_t end_ns) {
    for (struct weir__scope *node = top; node != NULL; node = walk(top, node, false)) {
        if (node->is_shield && node->deadline_ns > end_ns)
            set_deadline(node, node->task->loop, end_ns);
    }
}

/* ---- The calls --------------------------------------------------------------------------------------------------- */

static void open_inside(struct weir__scope *scope, struct weir__task *task, enum weir__scope_kind kind,
                        int64_t deadline_ns, const void *site) {
    weir__scope_link(scope, task->scope, task, kind);
    scope->site = site;
    task->scope = scope;
    if (deadline_ns != INT64_MAX)
        set_deadline(scope, task->loop, deadline_ns);
}

void weir_scope_open(weir_scope *scope, weir_instant deadline) {
    open_inside(inside(scope), weir__task_here(__func__), WEIR__SCOPE_PLAIN, deadline.ns, WEIR__SITE);
}

void weir__scope_open_shield(weir_scope *scope, weir_instant deadline, const void *site) {
    struct weir__task *task = weir__task_here("weir_scope_open_shield");
    int64_t end_ns = task->loop->grace_end_ns;

    open_inside(inside(scope), task, WEIR__SCOPE_SHIELD, deadline.ns < end_ns ? deadline.ns : end_ns, site);
}

void weir_scope_open_shield(weir_scope *scope, weir_instant deadline) {
    if (deadline.ns == INT64_MAX)
        WEIR_MISUSE("a shield needs a finite deadline");
    weir__scope_open_shield(scope, deadline, WEIR__SITE);
}

int weir_scope_close(weir_scope *public, int result) {
    struct weir__task *task = weir__task_here(__func__);
    struct weir__scope *scope = inside(public);

    if (task->scope != scope)
        WEIR_MISUSE("not the scope that this task opened last");
    int code = scope->code;
    bool ours = code != 0 && scope->interrupted && (result >= 0 || result == code);
    if (ours)
        weir__detail_tell_cancel(scope);
    task->scope = scope->parent;
    weir__task_forget_scope(task, scope);
    weir__scope_unlink(scope);
    scope->task = NULL; /* it is not open any more */
    return ours ? code : result;
}

static void check_open(const struct weir__scope *scope, const char *call) {
    weir__owner_check(scope->task != NULL ? scope->task->loop : NULL, call);
}

void weir_scope_cancel(weir_scope *scope, const char *cause) {
    check_open(inside(scope), __func__);
    weir__scope_cancel_with(inside(scope), -ECANCELED, cause);
}

void weir_scope_set_deadline(weir_scope *public, weir_instant deadline) {
    struct weir__scope *scope = inside(public);

    check_open(scope, __func__);
    int64_t end_ns = scope->is_shield ? scope->task->loop->grace_end_ns : INT64_MAX;
    WEIR_ASSERT(!scope->is_shield || deadline.ns != INT64_MAX);
    if (scope->code == 0)
        set_deadline(scope, scope->task->loop, deadline.ns < end_ns ? deadline.ns : end_ns);
}

weir_instant weir_scope_deadline(void) {
    weir_instant deadline = weir_never();

    for (const struct weir__scope *scope = weir__task_here(__func__)->scope; scope != NULL; scope = scope->parent) {
        if (scope->deadline_ns < deadline.ns)
            deadline.ns = scope->deadline_ns;
        if (scope->is_shield)
            break;
    }
    return deadline;
}

int weir_scope_check(void) {
    const struct weir__scope *scope = weir__task_here(__func__)->scope;
    return scope->cancelled_by != NULL ? scope->cancelled_by->code : 0;
}
