/* SPDX-License-Identifier: MIT */
/* lane.c: who may enter a lane, and the end of all lanes.
 * Invariant: a place that a job leaves passes straight to the first who waits for one; so while anybody waits, the lane
 * is full, and nobody overtakes. */
#include "runtime/lane.h"

#include "base/assert.h"
#include "platform/symbol.h"
#include "runtime/detail.h"
#include "runtime/loop.h"
#include "weir/scope.h"

#include <stdlib.h>
#include <string.h>

enum { SHARED_WAITING_MAX = 1024, SHARED_THREADS_MIN = 4, THREADS_PER_CORE = 2 };

#define IDLE_NS (10 * WEIR_SEC)

/* ---- Making and freeing ------------------------------------------------------------------------------------------ */

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

static void lane_end(weir_lane *lane) {
    weir__list_remove(&lane->of_loop);
    lane->engine->close(lane);
    weir__lane_release(lane);
}

void weir_lane_free(weir_lane *lane) {
    if (lane == NULL)
        return;
    WEIR_ASSERT(weir__loop_is_current(lane->loop));
    if (lane->inside > lane->abandoned || !weir__line_is_empty(&lane->room))
        WEIR_MISUSE("lane %s still runs %u functions that somebody waits for", lane->name,
                    lane->inside - lane->abandoned);
    lane_end(lane);
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

/* ---- Places ------------------------------------------------------------------------------------------------------ */

bool weir__lane_try_enter(weir_lane *lane) {
    WEIR_ASSERT(weir__loop_is_current(lane->loop));

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
    rc = weir_scope_check();
    if (rc < 0)
        weir__lane_leave(lane);
    return rc;
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

/** Say which function does not end. */
static int fail_busy(const struct weir__lanes *lanes, unsigned jobs) {
    char name[160];

    weir__symbol_describe((const void *)(uintptr_t)first_job(lanes)->fn, name, sizeof name);
    if (jobs > 1)
        return weir_fail(-EBUSY, "offloaded function %s has not ended, nor have %u more", name, jobs - 1);
    return weir_fail(-EBUSY, "offloaded function %s has not ended", name);
}

int weir__lanes_shutdown(struct weir__loop *loop, int64_t deadline_ns) {
    struct weir__lanes *lanes = loop->lanes;
    unsigned jobs = 0;

    if (lanes == NULL)
        return 0;
    if (!loop->platform->ops->has_threads)
        deadline_ns = INT64_MAX; /* what has begun has ended, and its last timer is near */
    withdraw_all(lanes);
    while (!weir__list_is_empty(&lanes->lanes))
        lane_end(WEIR__CONTAINER(lanes->lanes.next, weir_lane, of_loop));
    while (!weir__list_is_empty(&lanes->jobs) && turn(loop, deadline_ns))
        ;
    for (struct weir__link *link = lanes->jobs.next; link != &lanes->jobs; link = link->next)
        jobs++;
    int rc = jobs > 0 ? fail_busy(lanes, jobs) : 0;
    /* A thread without a job ends at once. */
    while (lanes->workers > jobs && turn(loop, INT64_MAX))
        ;
    loop->lanes = NULL;
    free(lanes);
    return rc;
}
