/* SPDX-License-Identifier: MIT */
/* lane_sim.c: lanes without threads, for a loop in virtual time.
 * A job that gets one of the lane's imagined threads begins after a while and ends after another while; the seed
 * decides both. It runs in one go in between, on the loop's own stack, so it sees a stop that was asked for before it
 * began, and none later. A batch is one job that takes along what waits when it begins. Invariant: `threads` jobs have
 * a timer armed, and others wait only when that is all threads_max of them. */
#include "runtime/lane.h"

#include "runtime/loop.h"

enum { DELAY_NS_MAX = 1000 * 1000 };

static struct weir__job *job_of(struct weir__timer *timer) { return WEIR__CONTAINER(timer, struct weir__job, timer); }

static void arm(struct weir__job *job, void (*fire)(struct weir__timer *timer)) {
    struct weir__loop *loop = job->lane->loop;
    uint32_t draw;

    loop->platform->ops->random_bytes(loop->platform, &draw, sizeof draw);
    job->timer.fire = fire;
    weir__timer_arm(loop, &job->timer, loop->platform->ops->clock_ns(loop->platform) + 1 + draw % DELAY_NS_MAX,
                    WEIR__TIMER_SLEEP);
}

static void begin(struct weir__timer *timer);

static void get_thread(struct weir__job *job) {
    job->lane->threads++;
    atomic_fetch_add_explicit(&job->lane->holders, 1, memory_order_relaxed);
    arm(job, begin);
}

/** A job, or batch of them, gives its thread to the next. */
static void pass_thread_on(weir_lane *lane) {
    struct weir__job *next = weir__lane_take(lane, 1);

    lane->threads--;
    if (next != NULL)
        get_thread(next);
    weir__lane_release(lane);
}

static void finish(struct weir__timer *timer) {
    struct weir__job *job = job_of(timer), *next;
    weir_lane *lane = job->lane;

    for (; job != NULL; job = next) {
        next = job->next_in_batch;
        weir__job_end(job, true); /* the job may be gone now */
    }
    pass_thread_on(lane);
}

static void begin(struct weir__timer *timer) {
    struct weir__job *job = job_of(timer);

    job->next_in_batch = weir__lane_take(job->lane, job->lane->batch.functions_max - 1);
    weir__jobs_run(job);
    arm(job, finish);
}

static int sim_open(weir_lane *lane) {
    (void)lane;
    return 0;
}

static void sim_submit(struct weir__job *job) {
    weir_lane *lane = job->lane;

    if (lane->threads < lane->threads_max) {
        get_thread(job);
        return;
    }
    weir__list_append(&lane->waiting, &job->link);
    lane->waiting_count++;
}

static bool sim_withdraw(struct weir__job *job) {
    weir_lane *lane = job->lane;

    if (weir__link_is_on(&job->link)) {
        weir__list_remove(&job->link);
        lane->waiting_count--;
        return true;
    }
    if (job->timer.fire != begin)
        return false;
    weir__timer_disarm(lane->loop, &job->timer);
    pass_thread_on(lane);
    return true;
}

static void sim_close(weir_lane *lane) { (void)lane; }

const struct weir__lane_engine weir__lane_sim = {
    .open = sim_open,
    .submit = sim_submit,
    .withdraw = sim_withdraw,
    .close = sim_close,
};
