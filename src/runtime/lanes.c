/* SPDX-License-Identifier: MIT */
/* lanes.c: a loop's lanes: the shared one, and the end of all.
 * Invariant: a thread is counted in `workers` from its start until the loop has joined it, and a job is on the list
 * from its submission until its end has been delivered; so when both are empty nothing of a lane runs any more. */
#include "platform/symbol.h"
#include "runtime/lane.h"
#include "runtime/loop.h"

#include <stdlib.h>

enum { SHARED_WAITING_MAX = 1024, SHARED_THREADS_MIN = 4, THREADS_PER_CORE = 2 };

struct weir__lanes *weir__lanes_of(struct weir__loop *loop) {
    if (loop->lanes == NULL) {
        loop->lanes = calloc(1, sizeof *loop->lanes);
        if (loop->lanes == NULL)
            return NULL;
        weir__list_init(&loop->lanes->lanes);
        weir__list_init(&loop->lanes->jobs);
    }
    return loop->lanes;
}

int weir__lanes_shared(struct weir__loop *loop, weir_lane **ret_lane) {
    struct weir__lanes *lanes = weir__lanes_of(loop);
    unsigned threads_max = loop->options.offload_threads_max;

    if (lanes == NULL)
        return -ENOMEM;
    if (threads_max == 0) {
        /* A simulated run must not depend on the machine. */
        unsigned cores = loop->platform->ops->has_threads ? weir__thread_cores() : 1;
        threads_max = cores * THREADS_PER_CORE > SHARED_THREADS_MIN ? cores * THREADS_PER_CORE : SHARED_THREADS_MIN;
    }
    int rc = 0;
    if (lanes->shared == NULL)
        rc = weir_lane_new(&lanes->shared, "weir-offload", threads_max, SHARED_WAITING_MAX);
    if (rc == 0)
        *ret_lane = lanes->shared;
    return rc;
}

/* ---- The end of the run ------------------------------------------------------------------------------------------ */

/** A turn of the loop without tasks: let in what has happened, or wait for it. False: the time is over. */
static bool turn(struct weir__loop *loop, int64_t deadline_ns) {
    struct weir__platform *platform = loop->platform;
    struct weir__op *ended;

    loop->now_ns = platform->ops->clock_ns(platform);
    weir__timers_fire(&loop->timers, loop->now_ns);
    if (weir__door_deliver(loop->door))
        return true;
    if (loop->now_ns >= deadline_ns)
        return false;
    int64_t next_ns = weir__timers_next(&loop->timers);
    int64_t until_ns = next_ns < deadline_ns ? next_ns : deadline_ns;
    int64_t timeout_ns = until_ns == INT64_MAX ? -1 : until_ns - loop->now_ns;
    if (weir__door_sleep(loop->door))
        platform->ops->wait(platform, timeout_ns > 0 || until_ns == INT64_MAX ? timeout_ns : 0, &ended);
    weir__door_awake(loop->door);
    return true;
}

static struct weir__job *first_job(const struct weir__lanes *lanes) {
    return WEIR__CONTAINER(lanes->jobs.next, struct weir__job, of_loop);
}

/** Futures that their tasks forgot to free may have left jobs that wait. */
static void withdraw_all(struct weir__lanes *lanes) {
    struct weir__link *next;

    for (struct weir__link *link = lanes->jobs.next; link != &lanes->jobs; link = next) {
        struct weir__job *job = WEIR__CONTAINER(link, struct weir__job, of_loop);
        next = link->next;
        if (weir__lane_withdraw(job))
            job->ended(job, false);
    }
}

/** One that has not returned; where all of a batch have, and its end is stuck, the first of them. */
static const struct weir__job *culprit(const struct weir__lanes *lanes) {
    for (const struct weir__link *link = lanes->jobs.next; link != &lanes->jobs; link = link->next) {
        const struct weir__job *job = WEIR__CONTAINER(link, struct weir__job, of_loop);
        if (!atomic_load_explicit(&job->has_returned, memory_order_relaxed))
            return job;
    }
    return first_job(lanes);
}

static int fail_busy(const struct weir__lanes *lanes, unsigned jobs) {
    char name[160];

    weir__symbol_describe((const void *)(uintptr_t)culprit(lanes)->fn, name, sizeof name);
    if (jobs > 1)
        return weir_fail(-EBUSY, "offloaded function %s and %u more have not ended", name, jobs - 1);
    return weir_fail(-EBUSY, "offloaded function %s has not ended", name);
}

/** Whether an earlier job is of the same batch. */
static bool shares_thread(const struct weir__lanes *lanes, const struct weir__job *job) {
    if (job->lane->batch.functions_max == 1)
        return false;
    for (const struct weir__link *link = lanes->jobs.next; link != &job->of_loop; link = link->next) {
        if (WEIR__CONTAINER(link, struct weir__job, of_loop)->lane == job->lane)
            return true;
    }
    return false;
}

int weir__lanes_shutdown(struct weir__loop *loop, int64_t deadline_ns) {
    struct weir__lanes *lanes = loop->lanes;
    unsigned jobs = 0, busy = 0;

    if (lanes == NULL)
        return 0;
    if (!loop->platform->ops->has_threads)
        deadline_ns = INT64_MAX; /* what has begun has ended, and its last timer is near */
    withdraw_all(lanes);
    while (!weir__list_is_empty(&lanes->lanes))
        weir__lane_end(WEIR__CONTAINER(lanes->lanes.next, weir_lane, of_loop));
    while (!weir__list_is_empty(&lanes->jobs) && turn(loop, deadline_ns))
        ;
    for (struct weir__link *link = lanes->jobs.next; link != &lanes->jobs; link = link->next, jobs++)
        busy += !shares_thread(lanes, WEIR__CONTAINER(link, struct weir__job, of_loop));
    int rc = jobs > 0 ? fail_busy(lanes, jobs) : 0;
    /* The other threads have nothing to run, and end at once. */
    while (lanes->workers > busy && turn(loop, INT64_MAX))
        ;
    loop->lanes = NULL;
    free(lanes);
    return rc;
}
