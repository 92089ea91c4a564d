/* SPDX-License-Identifier: MIT */
/* offload_start.c: the owning form: the argument, the job and the future lie together on the heap.
 * Invariant: the future's two holds are the caller's and the job's. The job's is dropped by the end of the function, or
 * when it is withdrawn; so the argument is given back by whoever comes last. */
#include "weir/offload.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/future.h"
#include "runtime/lane.h"
#include "runtime/loop.h"

#include <stdlib.h>
#include <string.h>

struct owned {
    weir_future future;
    struct weir__job job;
    void (*arg_done)(void *arg);
    _Alignas(max_align_t) unsigned char arg[];
};

static void destroy(weir_future *future) {
    struct owned *owned = WEIR__CONTAINER(future, struct owned, future);

    if (owned->arg_done != NULL)
        owned->arg_done(owned->arg);
    free(owned);
}

static void owned_ended(struct weir__job *job, bool open) {
    struct owned *owned = WEIR__CONTAINER(job, struct owned, job);

    owned->future.result = job->result;
    owned->future.detail = job->detail;
    if (open)
        weir__future_resolve(&owned->future);
    weir__future_release(&owned->future);
}

/** Nobody wants the result: the function does not begin any more, or is asked to stop. */
static void dropped(weir_future *future) {
    struct owned *owned = WEIR__CONTAINER(future, struct owned, future);

    if (weir__lane_withdraw(&owned->job)) {
        weir__future_release(future);
        return;
    }
    weir__job_ask_stop(&owned->job);
    weir__lane_abandon(&owned->job);
}

/** NULL: no memory. */
static struct owned *owned_new(struct weir__loop *loop, const void *arg, size_t arg_bytes) {
    struct owned *owned = arg_bytes < SIZE_MAX - sizeof *owned ? malloc(sizeof *owned + arg_bytes) : NULL;

    if (owned == NULL)
        return NULL;
    weir__future_init(&owned->future, loop, destroy);
    owned->future.dropped = dropped;
    owned->future.value = owned->arg;
    if (arg_bytes > 0)
        memcpy(owned->arg, arg, arg_bytes);
    return owned;
}

int weir_offload_start(weir_lane *lane, weir_offload_fn *fn, const void *arg, size_t arg_bytes,
                       void (*arg_done)(void *arg), weir_future **ret_future) {
    WEIR_ASSERT(fn != NULL && (arg != NULL || arg_bytes == 0) && ret_future != NULL);
    struct weir__loop *loop = weir__loop_current(__func__);

    int rc = lane == NULL ? weir__lanes_shared(loop, &lane) : 0;
    if (rc < 0)
        return rc;
    if (!weir__lane_try_enter(lane))
        return weir__fail_new(-EAGAIN, "lane %s is full", lane->name);
    struct owned *owned = owned_new(loop, arg, arg_bytes);
    if (owned == NULL) {
        weir__lane_leave(lane);
        return -ENOMEM;
    }
    owned->arg_done = arg_done;
    owned->job = (struct weir__job){.lane = lane, .fn = fn, .arg = owned->arg, .ended = owned_ended};
    weir__lane_submit(&owned->job);
    *ret_future = &owned->future;
    return 0;
}
