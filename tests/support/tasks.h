/* SPDX-License-Identifier: MIT */
/* tasks.h: what tests of tasks do over and over. For cases on the simulator. */
#ifndef WEIR_TESTS_SUPPORT_TASKS_H
#define WEIR_TESTS_SUPPORT_TASKS_H

#include "support/test.h"

#include "weir/random.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdlib.h>

/** Spawn, and have a handle. */
static inline weir_task *start(weir_group *group, weir_task_fn *fn, void *arg) {
    weir_task *task = NULL;
    CHECK_INT(weir_spawn(group, fn, arg, &task), 0);
    return task;
}

/** Let every other task run until it waits: the virtual clock moves only when nothing can run. */
static inline void settle(void) { CHECK_INT(weir_sleep(1), 0); }

/** The same inside a cancelled scope. */
static inline void settle_in_a_shield(void) {
    weir_scope shield;

    weir_scope_open_shield(&shield, weir_after(WEIR_SEC));
    settle();
    CHECK_INT(weir_scope_close(&shield, 0), 0);
}

/** A number below `below`, that the run's seed decides. */
static inline uint32_t chance(uint32_t below) {
    uint32_t number;
    weir_random(&number, sizeof number);
    return number % below;
}

/** Run `fn` as the first task of `count` fresh simulated runtimes, each with a seed of its own; of fewer in a build
 * that is slow. */
static inline void run_under_seeds(unsigned count, weir_task_fn *fn) {
    if (getenv("WEIR_TEST_SLOW") != NULL)
        count = count / 10 + 10;
    for (unsigned i = 0; i < count; i++) {
        weir_run_options options = {.size_bytes = sizeof options, .backend = WEIR_BACKEND_SIM, .seed = test_seed() + i};
        int rc = weir_run(fn, NULL, &options);
        if (rc < 0)
            test_fail(__FILE__, __LINE__, "run %u of %u: %s (%s)", i + 1, count, weir_error_name(rc),
                      weir_error_text(rc));
    }
}

#endif
