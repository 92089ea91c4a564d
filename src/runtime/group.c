/* SPDX-License-Identifier: MIT */
/* group.c: the owner of tasks. */
#include "runtime/group.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOT_OPEN = 0xff }; /* the kind of a scope whose group has closed */

_Static_assert(sizeof(struct weir__group) <= sizeof(weir_group), "weir_group has room");

static struct weir__group *inside(weir_group *group) { return (struct weir__group *)(void *)group; }

/* The group, which must be open on the caller's loop. */
static struct weir__group *open_here(weir_group *public, const char *call) {
    struct weir__group *group = inside(public);

    if (group->scope.kind != WEIR__SCOPE_GROUP || group->scope.task->loop != weir__loop_of_thread)
        weir__misuse(call, "the group is not open on this loop");
    return group;
}

/* The same for a call that waits: another task than the opener might find the group closed, and its storage gone. */
static struct weir__group *own(weir_group *public, const char *call) {
    struct weir__group *group = open_here(public, call);

    if (group->scope.task != weir__task_current())
        weir__misuse(call, "called by another task than the group's opener");
    return group;
}

void weir__group_init(struct weir__group *group, struct weir__scope *parent, struct weir__task *opener,
                      const weir_group_options *options) {
    weir__scope_link(&group->scope, parent, opener, opener != NULL ? WEIR__SCOPE_GROUP : WEIR__SCOPE_ROOT);
    weir__list_init(&group->handles);
    weir__line_init(&group->room);
    weir__line_init(&group->observers);
    group->failures = NULL;
    group->kept = group->untold = group->running = group->promised = 0;
    group->first_code = group->untold_code = 0;
    group->running_max = options != NULL ? options->running_max : 0;
    group->supervising = options != NULL && options->supervising;
}

static void open_group(weir_group *public, const weir_group_options *options, const char *call, const void *site) {
    struct weir__task *task = weir__task_here(call);
    struct weir__group *group = inside(public);

    weir__group_init(group, task->scope, task, options);
    group->scope.site = site;
    task->scope = &group->scope;
}

void weir_group_open(weir_group *group) { open_group(group, NULL, __func__, WEIR__SITE); }

void weir_group_open_with(weir_group *group, const weir_group_options *options) {
    WEIR_ASSERT(options == NULL || options->size_bytes == sizeof *options);
    open_group(group, options, __func__, WEIR__SITE);
}

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

/* What the group keeps of a failure: of one of its tasks, of its opener, or (NULL) of a spawn. */
static struct weir__detail *detail_of(const struct weir__group *group, const struct weir__task *task, int code,
                                      struct weir__detail *detail) {
    bool is_inside = task != NULL && task->group == group;

    if (detail == NULL) {
        const struct weir__scope *by = is_inside ? task->own.cancelled_by : group->scope.cancelled_by;
        detail = malloc(sizeof *detail);
        if (detail == NULL)
            return NULL;
        if (by != NULL && by->code == code)
            weir__scope_describe(by, detail->text);
        else
            snprintf(detail->text, sizeof detail->text, "%s", weir_strerror(code));
    }
    char label[48] = "";
    detail->next = NULL;
    detail->code = code;
    detail->task_id = task != NULL ? task->id : 0;
    if (task != NULL && task->name[0] == '\0')
        weir__task_label(task, label);
    snprintf(detail->task, sizeof detail->task, "%.31s", task != NULL && task->name[0] != '\0' ? task->name : label);
    return detail;
}

void weir__group_record(struct weir__group *group, const struct weir__task *task, int code,
                        struct weir__detail *detail) {
    struct weir__detail **end = &group->failures;

    if (group->first_code == 0)
        group->first_code = code;
    if (group->kept < WEIR__FAILURES_KEPT)
        detail = detail_of(group, task, code, detail);
    if (group->kept < WEIR__FAILURES_KEPT && detail != NULL) {
        while (*end != NULL)
            end = &(*end)->next;
        *end = detail;
        detail->untold_before = group->untold;
        group->kept++;
    } else {
        weir__detail_free(detail);
        if (group->untold++ == 0)
            group->untold_code = code;
    }
    if (!group->supervising)
        weir__scope_cancel_with(&group->scope, -ECANCELED, "the failure of another task of the group");
    weir__line_wake_all(&group->observers, 0);
}

void weir__group_pass_room(struct weir__group *group) {
    if (weir__line_is_empty(&group->room) || !weir__group_has_room(group))
        return;
    group->promised++;
    weir__waiter_wake(weir__line_first(&group->room), 0);
}

void weir__group_task_ended(struct weir__group *group, struct weir__task *task, int result) {
    group->running--;
    bool is_echo = result == -ECANCELED && (group->scope.code != 0 || task->own.code != 0);
    if (result < 0 && !is_echo)
        weir__group_record(group, task, result, weir__detail_take(result));
    if (group->running == 0 && !weir__line_is_empty(&group->observers))
        weir__line_wake_all(&group->observers, 0);
    if (__builtin_expect(!weir__line_is_empty(&group->room), 0))
        weir__group_pass_room(group);
}

static void take_failure(struct weir__group *group, weir_failure *ret_failure) {
    struct weir__detail *first = group->failures;

    group->failures = first->next;
    group->kept--;
    *ret_failure =
        (weir_failure){.code = first->code, .untold = group->untold - first->untold_before, .task_id = first->task_id};
    snprintf(ret_failure->task, sizeof ret_failure->task, "%s", first->task);
    snprintf(ret_failure->text, sizeof ret_failure->text, "%.*s", (int)sizeof ret_failure->text - 1, first->text);
    weir__detail_free(first);
}

int weir_group_try_failure(weir_group *public, weir_failure *ret_failure) {
    struct weir__group *group = open_here(public, __func__);

    if (group->failures == NULL)
        return 0;
    take_failure(group, ret_failure);
    return 1;
}

int weir_group_wait_failure(weir_group *public, weir_failure *ret_failure) {
    struct weir__group *group = own(public, __func__);
    int rc = weir__checkpoint();

    while (rc == 0 && group->failures == NULL) {
        if (group->running == 0)
            return 0;
        struct weir__waiter waiter;
        rc = weir__line_wait(&group->observers, &waiter, WEIR__WAIT_FAILURE, group, WEIR__SITE);
    }
    if (rc < 0)
        return rc;
    take_failure(group, ret_failure);
    return 1;
}

/* ---- Waiting and the end ----------------------------------------------------------------------------------------- */

int weir_group_wait(weir_group *public) {
    struct weir__group *group = own(public, __func__);
    int rc = weir__checkpoint();

    while (rc == 0 && group->running > 0) {
        struct weir__waiter waiter;
        rc = weir__line_wait(&group->observers, &waiter, WEIR__WAIT_GROUP, group, WEIR__SITE);
    }
    return rc;
}

void weir_group_cancel(weir_group *group, const char *cause) {
    weir__scope_cancel_with(&open_here(group, __func__)->scope, -ECANCELED, cause);
}

static void wait_for_tasks(struct weir__group *group, struct weir__task *self, const void *site) {
    while (group->running > 0) {
        struct weir__waiter waiter = {.task = self};
        weir__list_append(&group->observers.head, &waiter.link);
        weir__park_uncancellable(WEIR__WAIT_GROUP, group, site);
        weir__waiter_leave(&waiter);
    }
}

static void free_handles(struct weir__group *group) {
    for (struct weir__link *link; (link = weir__list_take_first(&group->handles)) != NULL;)
        free(WEIR__CONTAINER(link, weir_task, of_group)); /* its task has ended, so nobody is in line */
}

/* Of a supervising group: the first failure that nobody took, or 0. */
static int first_untaken(const struct weir__group *group) {
    if (group->failures != NULL && group->failures->untold_before == 0)
        return group->failures->code;
    return group->untold_code;
}

/* What the close returns; the detail that belongs to it goes to the closing task. */
static int outcome(struct weir__group *group, int result, bool is_echo) {
    if (group->supervising && result < 0 && !is_echo)
        return result;
    int code = group->supervising ? first_untaken(group) : group->first_code;
    if (code == 0)
        return is_echo ? 0 : result;
    if (group->failures != NULL && group->failures->code == code) {
        struct weir__detail *detail = group->failures;
        group->failures = detail->next;
        weir__detail_give(detail);
    }
    return code;
}

int weir_group_close(weir_group *public, int result) {
    struct weir__task *self = weir__task_here(__func__);
    struct weir__group *group = inside(public);

    if (self->scope != &group->scope)
        WEIR_MISUSE("not the group that this task opened last");
    bool is_echo = result == -ECANCELED && group->scope.code != 0;
    if (__builtin_expect(result < 0 && !is_echo, 0)) {
        if (group->supervising)
            weir__scope_cancel_with(&group->scope, -ECANCELED, "the failure of the group's opener");
        else
            weir__group_record(group, self, result, weir__detail_take(result));
    }
    wait_for_tasks(group, self, WEIR__SITE);
    if (!weir__line_is_empty(&group->room))
        WEIR_MISUSE("a task still waits to spawn into the group");
    free_handles(group);
    self->scope = group->scope.parent;
    weir__task_forget_scope(self, &group->scope);
    weir__scope_unlink(&group->scope);
    group->scope.kind = NOT_OPEN;
    int rc = outcome(group, result, is_echo);
    if (__builtin_expect(group->failures != NULL, 0))
        weir__details_free(group->failures);
    return rc;
}
