/* SPDX-License-Identifier: MIT */
/* lane_threads.c: lanes on real threads.
 * Invariant: one thread of an open lane is always there, so a job that waits is always taken; `threads` counts those
 * that have not decided to end. A thread's end is a message as well: the loop joins it, or, when that is too late, it
 * is detached. */
#include "runtime/lane.h"

#include "base/assert.h"
#include "runtime/loop.h"

#include <stdlib.h>

struct worker {
    struct weir__thread thread;
    struct weir__message message; /* its end */
    weir_lane *lane;              /* held */
};

/** The next job, or batch of them, which has begun then; NULL: the thread is to end. Under the lock. */
static struct weir__job *next_jobs(weir_lane *lane) {
    bool in_time = true;

    while (lane->waiting_count == 0) {
        if (lane->closed || (!in_time && lane->threads > 1))
            return NULL;
        /* The last one has nothing to time. */
        int64_t until_ns = in_time && lane->idle_ns != INT64_MAX ? weir__kernel_clock_ns() + lane->idle_ns : INT64_MAX;
        lane->idle++;
        in_time = weir__bell_wait_until(&lane->bell, &lane->lock, until_ns);
        lane->idle--;
    }
    return weir__lane_take(lane, lane->batch.functions_max);
}

static void job_ended(struct weir__message *message, bool open) {
    weir__job_end(WEIR__CONTAINER(message, struct weir__job, message), open);
}

static void work(void *arg) {
    struct worker *worker = arg;
    weir_lane *lane = worker->lane;
    struct weir__job *job, *next;

    weir__lock_take(&lane->lock);
    while ((job = next_jobs(lane)) != NULL) {
        weir__lock_give(&lane->lock);
        weir__jobs_run(job);
        for (; job != NULL; job = next) {
            next = job->next_in_batch;
            weir__door_post(lane->door, &job->message); /* the job may be gone now */
        }
        weir__lock_take(&lane->lock);
    }
    lane->threads--;
    weir__lock_give(&lane->lock);
    weir__door_post(lane->door, &worker->message);
}

static void worker_ended(struct weir__message *message, bool open) {
    struct worker *worker = WEIR__CONTAINER(message, struct worker, message);
    weir_lane *lane = worker->lane;

    if (open) {
        lane->loop->lanes->workers--;
        weir__thread_join(&worker->thread); /* posting was the last thing it did */
    } else {
        weir__thread_detach(&worker->thread); /* this is it, or a loop that will not see it end */
    }
    weir__lane_release(lane);
    free(worker);
}

/** One thread more. 0; -EAGAIN, -ENOMEM */
static int start_worker(weir_lane *lane) {
    struct worker *worker = calloc(1, sizeof *worker);

    if (worker == NULL)
        return -ENOMEM;
    worker->lane = lane;
    worker->message.deliver = worker_ended;
    atomic_fetch_add_explicit(&lane->holders, 1, memory_order_relaxed);
    int rc = weir__thread_start(&worker->thread, lane->name, work, worker);
    if (rc < 0) {
        weir__lane_release(lane);
        free(worker);
        return rc;
    }
    lane->loop->lanes->workers++;
    return 0;
}

static int threads_open(weir_lane *lane) {
    lane->threads = 1;
    return start_worker(lane);
}

static void threads_submit(struct weir__job *job) {
    weir_lane *lane = job->lane;

    job->message.deliver = job_ended;
    weir__lock_take(&lane->lock);
    weir__list_append(&lane->waiting, &job->link);
    lane->waiting_count++;
    bool needs_one = lane->waiting_count > lane->idle && lane->threads < lane->threads_max;
    if (needs_one)
        lane->threads++;
    else
        weir__bell_ring(&lane->bell);
    weir__lock_give(&lane->lock);

    if (needs_one && start_worker(lane) < 0) {
        /* Those that are there take it, one after another. */
        weir__lock_take(&lane->lock);
        lane->threads--;
        weir__bell_ring(&lane->bell);
        weir__lock_give(&lane->lock);
    }
}

static bool threads_withdraw(struct weir__job *job) {
    weir_lane *lane = job->lane;

    weir__lock_take(&lane->lock);
    bool waits = weir__link_is_on(&job->link);
    if (waits) {
        weir__list_remove(&job->link);
        lane->waiting_count--;
    }
    weir__lock_give(&lane->lock);
    return waits;
}

static void threads_close(weir_lane *lane) {
    weir__lock_take(&lane->lock);
    lane->closed = true;
    weir__bell_ring_all(&lane->bell);
    weir__lock_give(&lane->lock);
}

const struct weir__lane_engine weir__lane_threads = {
    .open = threads_open,
    .submit = threads_submit,
    .withdraw = threads_withdraw,
    .close = threads_close,
};

void weir__lane_set_idle(weir_lane *lane, int64_t idle_ns) {
    weir__lock_take(&lane->lock);
    lane->idle_ns = idle_ns;
    weir__bell_ring_all(&lane->bell);
    weir__lock_give(&lane->lock);
}

unsigned weir__lane_count_threads(weir_lane *lane) {
    weir__lock_take(&lane->lock);
    unsigned threads = lane->threads;
    weir__lock_give(&lane->lock);
    return threads;
}
