/* SPDX-License-Identifier: MIT */
/* offload.c: run a function on a thread while the task waits.
 * Invariant: the job lies in the caller's frame, so the call returns only when the function has ended, or never will
 * begin. */
#include "weir/offload.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/lane.h"
#include "runtime/loop.h"

struct call {
    struct weir__job job;
    struct weir__task *task;
    bool has_ended;
};

static void call_ended(struct weir__job *job, bool open) {
    struct call *call = WEIR__CONTAINER(job, struct call, job);

    WEIR_ASSERT(open); /* the task is there, so the loop is */
    call->has_ended = true;
    weir__task_wake(call->task);
}

/** @return 0 the function has ended; -ECANCELED, -ETIME: it never began */
static int wait_for_end(struct call *call, const void *site) {
    const void *fn = (const void *)(uintptr_t)call->job.fn;

    if (weir__park_quietly(WEIR__WAIT_OFFLOAD, fn, site) == 0 || call->has_ended)
        return 0;
    if (weir__lane_withdraw(&call->job))
        return weir__refused();
    weir__job_ask_stop(&call->job);
    weir__park_uncancellable(WEIR__WAIT_OFFLOAD, fn, site);
    return 0;
}

int weir_offload(weir_lane *lane, weir_offload_fn *fn, void *arg) {
    WEIR_ASSERT(fn != NULL);
    struct weir__loop *loop = weir__loop_current(__func__);

    int rc = weir__checkpoint();
    if (rc == 0 && lane == NULL)
        rc = weir__lanes_shared(loop, &lane);
    if (rc == 0)
        rc = weir__lane_enter(lane, WEIR__SITE);
    if (rc < 0)
        return rc;

    struct call call = {.job = {.lane = lane, .fn = fn, .arg = arg, .ended = call_ended}, .task = weir__task_current()};
    weir__lane_submit(&call.job);
    rc = wait_for_end(&call, WEIR__SITE);
    if (rc < 0)
        return rc;
    weir__detail_give(call.job.detail);
    /* A function that gave in is the echo of the cancel, whichever it was. */
    return weir_stop_asked(&call.job.stop) && call.job.result == -ECANCELED ? weir__refused() : call.job.result;
}
