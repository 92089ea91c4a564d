/* SPDX-License-Identifier: MIT */
/* lane.c: who may enter a lane.
 * Invariant: a place that a job leaves passes straight to the first who waits for one; so while anybody waits, the lane
 * is full, and nobody overtakes. */
#include "runtime/lane.h"

#include "base/assert.h"
#include "runtime/detail.h"
#include "runtime/loop.h"
#include "runtime/owner.h"
#include "weir/scope.h"

#include <stdlib.h>
#include <string.h>

#define IDLE_NS (10 * WEIR_SEC)

/* ---- Making and freeing ------------------------------------------------------------------------------------------ */

/** Everything but the threads. NULL: no memory. */
static weir_lane *lane_make(struct weir__loop *loop, const char *name, unsigned threads_max, unsigned waiting_max) {
    weir_lane *lane = calloc(1, sizeof *lane);

    if (lane == NULL)
        return NULL;
    lane->engine = loop->platform->ops->has_threads ? &weir__lane_threads : &weir__lane_sim;
    lane->door = weir__door_hold(loop->door);
    atomic_init(&lane->holders, 1);
    memcpy(lane->name, name, strnlen(name, sizeof lane->name - 1));
    lane->threads_max = threads_max;
    lane->loop = loop;
    lane->inside_max = waiting_max > UINT32_MAX - threads_max ? UINT32_MAX : threads_max + waiting_max;
    weir__line_init(&lane->room);
    weir__lock_init(&lane->lock);
    weir__bell_init(&lane->bell);
    weir__list_init(&lane->waiting);
    lane->idle_ns = IDLE_NS;
    return lane;
}

void weir__lane_release(weir_lane *lane) {
    if (atomic_fetch_sub_explicit(&lane->holders, 1, memory_order_acq_rel) > 1)
        return;
    weir__bell_done(&lane->bell);
    weir__lock_done(&lane->lock);
    weir__door_release(lane->door);
    free(lane);
}

static int lane_new(weir_lane **ret_lane, struct weir__loop *loop, const char *name, unsigned threads_max,
                    unsigned waiting_max, const weir_lane_batch *batch) {
    struct weir__lanes *lanes = weir__lanes_of(loop);
    weir_lane *lane = lanes != NULL ? lane_make(loop, name, threads_max, waiting_max) : NULL;

    if (lane == NULL)
        return -ENOMEM;
    lane->batch = *batch;
    int rc = lane->engine->open(lane);
    if (rc < 0) {
        weir__lane_release(lane);
        return rc;
    }
    weir__list_append(&lanes->lanes, &lane->of_loop);
    *ret_lane = lane;
    return 0;
}

int weir_lane_new(weir_lane **ret_lane, const char *name, unsigned threads_max, unsigned waiting_max) {
    static const weir_lane_batch alone = {.functions_max = 1};

    WEIR_ASSERT(name != NULL && threads_max > 0);
    return lane_new(ret_lane, weir__loop_current(__func__), name, threads_max, waiting_max, &alone);
}

int weir_lane_new_batching(weir_lane **ret_lane, const char *name, unsigned waiting_max, const weir_lane_batch *batch) {
    WEIR_ASSERT(name != NULL && batch != NULL && batch->size_bytes == sizeof *batch);
    WEIR_ASSERT(batch->functions_max > 0 && batch->begin != NULL && batch->end != NULL);
    return lane_new(ret_lane, weir__loop_current(__func__), name, 1, waiting_max, batch);
}

void weir__lane_end(weir_lane *lane) {
    weir__list_remove(&lane->of_loop);
    lane->engine->close(lane);
    weir__lane_release(lane);
}

void weir_lane_free(weir_lane *lane) {
    if (lane == NULL)
        return;
    weir__owner_check(lane->loop, __func__);
    if (lane->inside > lane->abandoned || !weir__line_is_empty(&lane->room))
        WEIR_MISUSE("lane %s still runs %u functions that somebody waits for", lane->name,
                    lane->inside - lane->abandoned);
    weir__lane_end(lane);
}

/* ---- Places ------------------------------------------------------------------------------------------------------ */

bool weir__lane_try_enter(weir_lane *lane) {
    weir__owner_check(lane->loop, __func__);

    if (lane->inside == lane->inside_max)
        return false;
    lane->inside++;
    return true;
}

void weir__lane_leave(weir_lane *lane) {
    struct weir__waiter *next = weir__line_first(&lane->room);

    if (next != NULL)
        weir__waiter_wake(next, 0); /* our place is its place */
    else
        lane->inside--;
}

int weir__lane_enter(weir_lane *lane, const void *site) {
    struct weir__waiter waiter;

    if (weir__lane_try_enter(lane))
        return 0;
    int rc = weir__line_wait(&lane->room, &waiter, WEIR__WAIT_OFFLOAD, lane, site);
    if (rc < 0)
        return rc;
    /* A place is no outcome yet: who was cancelled since it was given has not begun anything. */
    if (weir_scope_check() == 0)
        return 0;
    weir__lane_leave(lane);
    return weir__refused();
}

/* ---- Jobs -------------------------------------------------------------------------------------------------------- */

bool weir_stop_asked(const weir_stop *stop) { return atomic_load_explicit(&stop->asked, memory_order_relaxed); }

void weir__lane_submit(struct weir__job *job) {
    weir__list_append(&job->lane->loop->lanes->jobs, &job->of_loop);
    weir__loop_expect(job->lane->loop);
    job->lane->engine->submit(job);
}

/** Take a job off the books. */
static void job_leave(struct weir__job *job) {
    weir__list_remove(&job->of_loop);
    weir__loop_unexpect(job->lane->loop);
    if (job->abandoned)
        job->lane->abandoned--;
    weir__lane_leave(job->lane);
}

bool weir__lane_withdraw(struct weir__job *job) {
    if (!job->lane->engine->withdraw(job))
        return false;
    job_leave(job);
    return true;
}

void weir__lane_abandon(struct weir__job *job) {
    job->abandoned = true;
    job->lane->abandoned++;
}

struct weir__job *weir__lane_take(weir_lane *lane, unsigned count_max) {
    struct weir__job *first = NULL, **end = &first;

    for (unsigned i = 0; i < count_max && lane->waiting_count > 0; i++) {
        lane->waiting_count--;
        *end = WEIR__CONTAINER(weir__list_take_first(&lane->waiting), struct weir__job, link);
        end = &(*end)->next_in_batch;
    }
    return first;
}

static void run_alone(struct weir__job *job) {
    weir__detail_clear_thread();
    job->result = job->fn(job->arg, &job->stop);
    job->detail = job->result < 0 ? weir__detail_take(job->result) : NULL;
    atomic_store_explicit(&job->has_returned, true, memory_order_relaxed);
}

/** A failure of the batch is that of each job that has none of its own. */
static void fail_all(struct weir__job *first, int rc) {
    struct weir__detail *detail = weir__detail_take(rc);

    for (struct weir__job *job = first; job != NULL; job = job->next_in_batch) {
        if (job->result < 0)
            continue;
        job->result = rc;
        job->detail = weir__detail_copy(detail);
    }
    weir__detail_free(detail);
}

void weir__jobs_run(struct weir__job *first) {
    const weir_lane_batch *batch = &first->lane->batch;

    if (batch->begin == NULL) {
        run_alone(first);
        return;
    }
    weir__detail_clear_thread();
    int rc = batch->begin(batch->arg);
    if (rc >= 0) {
        for (struct weir__job *job = first; job != NULL; job = job->next_in_batch)
            run_alone(job);
        weir__detail_clear_thread();
        rc = batch->end(batch->arg);
    }
    if (rc < 0)
        fail_all(first, rc);
}

void weir__job_end(struct weir__job *job, bool open) {
    if (open)
        job_leave(job);
    job->ended(job, open);
}
