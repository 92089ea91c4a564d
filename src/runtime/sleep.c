/* SPDX-License-Identifier: MIT */
/* sleep.c: waiting for an instant. */
#include "base/assert.h"
#include "runtime/loop.h"

struct sleeper {
    struct weir__timer timer;
    struct weir__task *task;
};

/* A deadline of the same instant has fired before, and ended the sleep: nothing is lost by saying so (SEMANTICS 5). */
static void wake(struct weir__timer *timer) {
    struct weir__task *task = WEIR__CONTAINER(timer, struct sleeper, timer)->task;

    if (task->state == WEIR__TASK_PARKED)
        weir__task_wake(task);
}

static int sleep_until(struct weir__loop *loop, int64_t instant_ns, const void *site) {
    struct sleeper sleeper = {.timer = {.fire = wake}, .task = loop->current};
    int rc = weir__checkpoint();

    if (rc < 0)
        return rc;
    if (instant_ns != INT64_MAX) /* which no clock reaches, a virtual one neither */
        weir__timer_arm(loop, &sleeper.timer, instant_ns, WEIR__TIMER_SLEEP);
    rc = weir__park(WEIR__WAIT_SLEEP, NULL, site);
    weir__timer_disarm(loop, &sleeper.timer);
    return rc;
}

int weir_sleep(weir_duration span) {
    struct weir__loop *loop = weir__loop_current(__func__);

    if (span <= 0)
        return weir_yield();
    return sleep_until(loop, weir_after(span).ns, WEIR__SITE);
}

int weir_sleep_until(weir_instant instant) {
    struct weir__loop *loop = weir__loop_current(__func__);

    if (instant.ns <= weir_now().ns)
        return weir_yield();
    return sleep_until(loop, instant.ns, WEIR__SITE);
}
