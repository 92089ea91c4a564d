/* SPDX-License-Identifier: MIT */
/* run.c: setting a loop up on this thread, and taking it down. */
#include "base/assert.h"
#include "platform/thread.h"
#include "runtime/detail.h"
#include "runtime/door.h"
#include "runtime/lane.h"
#include "runtime/loop.h"
#include "runtime/stop.h"
#include "runtime/watch.h"
#include "weir/runtime.h"

#include <stdlib.h>
#include <string.h>

enum { TASKS_MAX = 4 << 20, GRACE_S = 5 };

/* The caller's options with the defaults filled in. 0; -EINVAL. */
static int take_options(const weir_run_options *given, weir_run_options *options) {
    *options = (weir_run_options){.size_bytes = sizeof *options};
    if (given != NULL) {
        if (given->size_bytes != sizeof *given)
            return weir__fail_new(-EINVAL, "weir_run: the options' size_bytes is %zu, not %zu", given->size_bytes,
                                  sizeof *given);
        *options = *given;
    }
    if (options->tasks_max == 0)
        options->tasks_max = TASKS_MAX;
    if (options->grace == 0)
        options->grace = GRACE_S * WEIR_SEC;
    if (options->stack_bytes == 0)
        options->stack_bytes = WEIR__STACK_NORMAL_BYTES;
    if (options->stack_bytes > WEIR__STACK_BYTES_MAX || options->grace < 0)
        return weir__fail_new(-EINVAL, "weir_run: stack_bytes or grace is out of range");
    return 0;
}

static int platform_new(const weir_run_options *options, struct weir__platform **ret_platform) {
    switch (options->backend) {
    case WEIR_BACKEND_AUTO:
    case WEIR_BACKEND_EPOLL:
        return weir__epoll_new(ret_platform);
    case WEIR_BACKEND_SIM:
        return weir__sim_new(ret_platform, options->seed);
    case WEIR_BACKEND_URING:
        return weir__fail_new(-ENOSYS, "weir_run: io_uring is not built in");
    default:
        return weir__fail_new(-EINVAL, "weir_run: no such backend");
    }
}

static void loop_init(struct weir__loop *loop, struct weir__platform *platform, const weir_run_options *options) {
    memset(loop, 0, sizeof *loop);
    loop->platform = platform;
    loop->is_seeded = platform->ops->pick != NULL;
    loop->options = *options;
    loop->ready_end = &loop->ready;
    loop->tasks_max = options->tasks_max;
    loop->grace_end_ns = INT64_MAX;
    loop->now_ns = platform->ops->clock_ns(platform);
    platform->ops->random_bytes(platform, &loop->draws, sizeof loop->draws);
    weir__timers_init(&loop->timers, loop->now_ns);
    weir__stack_pool_init(&loop->stacks, sizeof(struct weir__task), WEIR__GUARD_ADVICE);
    weir__group_init(&loop->root, NULL, NULL, NULL);
}

/* What fn returned, or what went wrong around it; its text passes to the thread. */
static int outcome(struct weir__loop *loop, int shutdown_rc) {
    const struct weir__scope *root = &loop->root.scope;
    int rc = loop->main_result;

    if (loop->deadlocked) {
        weir__detail_give(loop->deadlock);
        rc = -EDEADLK;
    } else if (shutdown_rc < 0) {
        rc = shutdown_rc;
    } else if (loop->main_detail != NULL) {
        weir__detail_give(loop->main_detail);
        loop->main_detail = NULL;
    } else if (rc < 0 && rc == root->code) {
        char text[WEIR__CANCEL_BYTES];
        weir__scope_describe(root, text);
        weir__fail_new(rc, "%s", text);
    }
    weir__detail_free(loop->main_detail);
    return rc;
}

/* Everything but the loop's memory is there; run, and take it down again. */
static int run(struct weir__loop *loop, weir_task_fn *fn, void *arg, const void *site) {
    int rc = weir__spawn_first(loop, fn, arg, site);

    if (rc == 0) {
        weir__loop_run(loop);
        rc = weir__lanes_shutdown(loop, weir_instant_add(weir_now(), loop->options.grace).ns);
        rc = outcome(loop, rc);
    }
    weir__details_free(loop->root.failures);
    weir__scope_unlink(&loop->root.scope);
    return rc;
}

static int run_watched(struct weir__loop *loop, weir_task_fn *fn, void *arg, const void *site) {
    int rc = loop->options.stop_on_signals ? weir__stop_open(loop, weir__loop_cancel) : 0;

    if (rc < 0)
        return weir__fail_new(rc, "weir_run: SIGINT or SIGTERM is taken over already");
    rc = weir__watch_open(loop);
    if (rc == 0) {
        rc = run(loop, fn, arg, site);
        weir__watch_close(loop);
    }
    if (loop->options.stop_on_signals)
        weir__stop_close(loop);
    return rc;
}

static int run_with_signals(struct weir__loop *loop, weir_task_fn *fn, void *arg, const void *site) {
    weir__signals_open(loop);
    int rc = run_watched(loop, fn, arg, site);
    weir__signals_close(loop);
    return rc;
}

int weir_run(weir_task_fn *fn, void *arg, const weir_run_options *given) {
    weir_run_options options;
    struct weir__platform *platform;

    WEIR_ASSERT(fn != NULL);
    if (weir__task_current() != NULL)
        WEIR_MISUSE("called inside a run");
    if (weir__loop_of_thread != NULL)
        weir__outside(__func__);
    weir__detail_clear_thread();
    int rc = take_options(given, &options);
    if (rc == 0)
        rc = weir__fork_watch(weir__loop_forked);
    if (rc == 0)
        rc = platform_new(&options, &platform);
    if (rc < 0)
        return rc;
    struct weir__loop *loop = malloc(sizeof *loop);
    struct weir__door *door = loop != NULL ? weir__door_new(platform) : NULL;
    if (door == NULL) {
        free(loop);
        platform->ops->free(platform);
        return -ENOMEM;
    }
    loop_init(loop, platform, &options);
    loop->door = door;
    weir__loop_of_thread = loop;
    rc = run_with_signals(loop, fn, arg, WEIR__SITE);
    weir__door_close(door);
    weir__loop_of_thread = NULL;
    weir__door_release(door);
    weir__stack_pool_done(&loop->stacks);
    platform->ops->free(platform);
    free(loop);
    return rc;
}
