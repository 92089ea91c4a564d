/* SPDX-License-Identifier: MIT */
/* spawn.c: the beginning and the end of a task. */
#include "base/assert.h"
#include "platform/symbol.h"
#include "runtime/detail.h"
#include "runtime/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(struct weir__task) <= WEIR__STACK_RECORD_MAX, "a record fits");

static weir_task *handle_new(struct weir__group *group, struct weir__task *task) {
    weir_task *handle = malloc(sizeof *handle);

    if (handle == NULL)
        return NULL;
    *handle = (weir_task){.loop = task->loop, .task = task};
    weir__line_init(&handle->line);
    weir__list_append(&group->handles, &handle->of_group);
    return handle;
}

/* A record on a fresh stack, in its group and below its scope, but not on the run queue yet. NULL: no memory. */
static struct weir__task *task_new(struct weir__loop *loop, struct weir__group *group, size_t stack_bytes) {
    struct weir__stack *stack = weir__stack_take(&loop->stacks, stack_bytes);

    if (stack == NULL)
        return NULL;
    struct weir__task *task = (struct weir__task *)(void *)stack;
    task->loop = loop;
    task->group = group;
    task->scope = &task->own;
    task->refused_by = NULL;
    task->details = NULL;
    task->handle = NULL;
    task->parks = 0;
    task->held = 0;
    task->name[0] = '\0';
    task->wait = WEIR__WAIT_NOTHING;
    task->id = ++loop->task_id;
    loop->tasks++;
    group->running++;
    weir__scope_link(&task->own, &group->scope, task, WEIR__SCOPE_TASK);
    weir__context_make(&task->context, task->stack.low, task, weir__task_main, task);
    return task;
}

/* Undo task_new. */
static void task_free(struct weir__loop *loop, struct weir__task *task) {
    weir__scope_unlink(&task->own);
    task->group->running--;
    loop->tasks--;
    weir__context_drop(&task->context);
    weir__stack_give(&loop->stacks, &task->stack);
}

/* Wait until running_max allows one more. Only a full group is a cancel point (SEMANTICS 7). */
static int wait_for_room(struct weir__group *group, const void *site) {
    struct weir__waiter waiter;

    if (weir__group_has_room(group))
        return 0;
    int rc = weir__checkpoint();
    if (rc < 0 || weir__group_has_room(group))
        return rc;
    rc = weir__line_wait(&group->room, &waiter, WEIR__WAIT_GROUP_ROOM, group, site);
    if (rc == 0)
        group->promised--;
    return rc;
}

/* The caller keeps the text as well. */
static int refuse(struct weir__group *group, int code, const char *why) {
    weir__fail_new(code, "spawn: %s", why);
    weir__group_record(group, NULL, code, weir__detail_copy_own(code));
    weir__group_pass_room(group);
    return code;
}

static int spawn(struct weir__group *group, weir_task_fn *fn, void *arg, weir_task **ret_task,
                 const weir_spawn_options *options, const void *site) {
    struct weir__loop *loop = weir__loop_of_thread;
    size_t stack_bytes =
        options != NULL && options->stack_bytes != 0 ? options->stack_bytes : loop->options.stack_bytes;

    if (__builtin_expect(group->running_max != 0, 0)) {
        int rc = wait_for_room(group, site);
        if (rc < 0) {
            bool is_echo = rc == -ECANCELED && group->scope.code != 0;
            if (!is_echo)
                weir__group_record(group, NULL, rc, NULL);
            return rc;
        }
    }
    if (loop->tasks >= loop->tasks_max)
        return refuse(group, -EAGAIN, "tasks_max is reached");
    struct weir__task *task = task_new(loop, group, stack_bytes);
    if (task == NULL)
        return refuse(group, -ENOMEM, "no memory for a stack");
    task->fn = fn;
    task->arg = arg;
    task->spawn_site = site;
    if (options != NULL && options->name != NULL)
        snprintf(task->name, sizeof task->name, "%s", options->name);
    if (ret_task != NULL) {
        task->handle = handle_new(group, task);
        if (task->handle == NULL) {
            task_free(loop, task);
            return refuse(group, -ENOMEM, "no memory for a handle");
        }
        *ret_task = task->handle;
    }
    weir__loop_ready(loop, task);
    return 0;
}

/* A group may be spawned into by its opener and by what runs within it. */
static struct weir__group *open_group(weir_group *public, const char *call) {
    struct weir__group *group = (struct weir__group *)(void *)public;
    const struct weir__task *self = weir__task_here(call);

    if (group->scope.kind != WEIR__SCOPE_GROUP || group->scope.task->loop != self->loop)
        weir__misuse(call, "the group is not open on this loop");
    return group;
}

int weir_spawn(weir_group *group, weir_task_fn *fn, void *arg, weir_task **ret_task) {
    return spawn(open_group(group, __func__), fn, arg, ret_task, NULL, WEIR__SITE);
}

int weir_spawn_with(weir_group *group, weir_task_fn *fn, void *arg, weir_task **ret_task,
                    const weir_spawn_options *options) {
    if (options != NULL) {
        WEIR_ASSERT(options->size_bytes == sizeof *options);
        WEIR_ASSERT(options->stack_bytes <= WEIR__STACK_BYTES_MAX);
    }
    return spawn(open_group(group, __func__), fn, arg, ret_task, options, WEIR__SITE);
}

int weir__spawn_first(struct weir__loop *loop, weir_task_fn *fn, void *arg, const void *site) {
    int rc = spawn(&loop->root, fn, arg, NULL, NULL, site);

    if (rc == 0)
        loop->main_task = WEIR__CONTAINER(loop->root.scope.first_child, struct weir__task, own);
    return rc;
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

void weir__task_overflowed(const struct weir__task *task) {
    char label[48];

    weir__misuse("stack overflow", "%s wrote over the end of its stack", weir__task_label(task, label));
}

static _Noreturn void die_open(const struct weir__task *task) {
    const char *what = task->scope->kind == WEIR__SCOPE_GROUP ? "group" : "scope";
    char label[48], site[160];

    weir__symbol_describe(task->scope->site, site, sizeof site);
    weir__misuse("task end", "%s returned with a %s open, opened at %s", weir__task_label(task, label), what, site);
}

static void check_end(const struct weir__task *task) {
    char label[48];

    if (task->loop != weir__loop_of_thread)
        weir__outside("task end");
    if (task->scope != &task->own)
        die_open(task);
    if (task->held != 0)
        weir__misuse("task end", "%s returned with a mutex held", weir__task_label(task, label));
    if (!weir__stack_is_sound(&task->stack))
        weir__task_overflowed(task);
}

void weir__task_main(void *arg) {
    struct weir__task *task = arg;

    weir__context_arrive();
    int result = task->fn(task->arg);
    struct weir__loop *loop = task->loop;
    check_end(task);
    if (task->handle != NULL)
        weir__handle_settle(task->handle, result);
    loop->tasks--;
    if (task == loop->main_task) {
        loop->main_result = result;
        loop->main_detail = result < 0 ? weir__detail_copy_own(result) : NULL;
    }
    weir__group_task_ended(task->group, task, result);
    if (__builtin_expect(task->details != NULL, 0))
        weir__details_free(task->details);
    weir__scope_unlink(&task->own);
    weir__task_leave(loop, task);
}

const char *weir__task_label(const struct weir__task *task, char text[static 48]) {
    if (task->name[0] != '\0')
        snprintf(text, 48, "task \"%s\"", task->name);
    else
        snprintf(text, 48, "task %llu", (unsigned long long)task->id);
    return text;
}
