/* SPDX-License-Identifier: MIT */
/* loop.c: the turns of a loop. The phases of a turn are numbered here and in ARCHITECTURE.md. */
#include "runtime/loop.h"

#include "base/assert.h"
#include "platform/symbol.h"
#include "runtime/detail.h"
#include "runtime/door.h"
#include "runtime/stop.h"

#include <stdio.h>
#include <string.h>

static void take_ended(struct weir__loop *loop, struct weir__op *ended) {
    while (ended != NULL) {
        struct weir__op *op = ended;
        ended = op->next;
        loop->ops--;
        if (op->ended != NULL)
            op->ended(op);
        else
            weir__task_wake(op->user);
    }
}

/* How long the platform may wait; 0 when there is work, -1 when only it can bring some. */
static int64_t wait_span(struct weir__loop *loop) {
    if (loop->ready != NULL)
        return 0;
    int64_t next_ns = weir__timers_next(&loop->timers);
    if (next_ns == INT64_MAX)
        return -1;
    return next_ns > loop->now_ns ? next_ns - loop->now_ns : 0;
}

/* ---- Deadlock ---------------------------------------------------------------------------------------------------- */

/* "; task 7 (farm) waits for event 0x7f... in wait_for_rain+0x2c". What a sleep waits for has no address. */
static size_t describe_task(const struct weir__task *task, char *text, size_t bytes) {
    char label[48], object[24] = "", site[96];
    struct weir__symbol function = {.function = ""};

    if (task->wait_object != NULL)
        snprintf(object, sizeof object, " %p", task->wait_object);
    if (task->name[0] == '\0')
        weir__symbol_find((const void *)(uintptr_t)task->fn, &function);
    weir__symbol_describe(task->wait_site, site, sizeof site); /* "function+0x2c (module+0x1f2c)" */
    site[strcspn(site, " ")] = '\0';
    bool is_named = function.function[0] != '\0';
    int n =
        snprintf(text, bytes, "; %s%s%s%s waits for %s%s in %s", weir__task_label(task, label), is_named ? " (" : "",
                 function.function, is_named ? ")" : "", weir__wait_name(task->wait), object, site);
    return n > 0 ? (size_t)n : 0;
}

/* The parked tasks below `node`, as far as the text reaches. */
static void describe_all(const struct weir__scope *top, char *text, size_t bytes) {
    const struct weir__scope *node = top;
    size_t used = strlen(text);

    while (node != NULL && used < bytes) {
        if (node->kind == WEIR__SCOPE_TASK)
            used += describe_task(node->task, text + used, bytes - used);
        if (node->first_child != NULL) {
            node = node->first_child;
            continue;
        }
        while (node != top && node->next == NULL)
            node = node->parent;
        node = node != top ? node->next : NULL;
    }
}

/* Nothing can ever make a task runnable: say who waits for what, and unwind. */
static void break_deadlock(struct weir__loop *loop) {
    char text[WEIR__DETAIL_BYTES];

    if (loop->deadlocked)
        weir__misuse("weir_run", "tasks wait for ever although they were cancelled");
    loop->deadlocked = true;
    snprintf(text, sizeof text, "deadlock of %u task%s", loop->tasks, loop->tasks == 1 ? "" : "s");
    describe_all(&loop->root.scope, text, sizeof text);
    weir__fail_new(-EDEADLK, "%s", text);
    loop->deadlock = weir__detail_take(-EDEADLK); /* functions that clean up may yet run on this thread */
    weir__loop_cancel(loop, "a deadlock of all tasks");
}

/* ---- Turns ------------------------------------------------------------------------------------------------------- */

void weir__loop_cancel(struct weir__loop *loop, const char *cause) {
    if (loop->grace_end_ns != INT64_MAX)
        return;
    loop->grace_end_ns = weir_instant_add((weir_instant){loop->now_ns}, loop->options.grace).ns;
    weir__scope_cancel_with(&loop->root.scope, -ECANCELED, cause);
    weir__scope_cap_shields(&loop->root.scope, loop->grace_end_ns);
}

static void look_at_the_world(struct weir__loop *loop) {
    struct weir__op *ended = NULL;
    int64_t span_ns = wait_span(loop);

    if (span_ns != 0 && weir__stack_pool_trim(&loop->stacks))
        span_ns = 0; /* there is more to give back before it sleeps */
    if (span_ns == 0 && loop->ops == 0)
        return; /* nothing could have ended */

    if (span_ns != 0 && !weir__door_sleep(loop->door))
        span_ns = 0; /* a message has come in between */
    if (span_ns < 0 && loop->ops == 0 && loop->external == 0) {
        weir__door_awake(loop->door);
        break_deadlock(loop);
        return;
    }
    int rc = loop->platform->ops->wait(loop->platform, span_ns, &ended);
    if (span_ns != 0)
        weir__door_awake(loop->door);
    take_ended(loop, ended);
    if (rc == -EDEADLK && loop->external == 0)
        break_deadlock(loop);
    else if (rc == -EDEADLK)
        weir__kernel_rest(); /* a thread or a signal may still come into the simulated world, in real time */
}

void weir__loop_run(struct weir__loop *loop) {
    weir__context_adopt(&loop->context);
    while (loop->root.running > 0) {
        loop->turn_ns = loop->now_ns = loop->platform->ops->clock_ns(loop->platform); /* 1. the clock */
        weir__door_deliver(loop->door);                                               /* 2. messages of other threads */
        weir__stop_poll(loop);                                                        /*    and signals */
        weir__timers_fire(&loop->timers, loop->now_ns);                               /* 3. timers that are due */
        weir__loop_run_ready(loop);                                                   /* 4. a burst of runnable tasks */
        if (loop->root.running == 0)
            break;
        look_at_the_world(loop); /* 5. I/O that has ended; the wait, when nothing can run */
    }
}

void weir__timer_arm(struct weir__loop *loop, struct weir__timer *timer, int64_t deadline_ns,
                     enum weir__timer_class kind) {
    weir__timers_arm(&loop->timers, timer, deadline_ns, kind);
}

void weir__timer_disarm(struct weir__loop *loop, struct weir__timer *timer) {
    weir__timers_disarm(&loop->timers, timer);
}
