/* SPDX-License-Identifier: MIT */
/* lane.h: a lane, and the calls of functions that go through it.
 *
 * A job is one call. It enters the lane (there is room for so many), waits for a thread, runs, and its end comes back
 * to the loop as a message; only then is its place free again. Lanes of a loop without threads (the simulator) do the
 * same in virtual time; what differs is behind weir__lane_engine: lane_threads.c, lane_sim.c.
 *
 * Who touches what: the fields under "loop" belong to the loop's thread, those under "lock" to who holds the lane's
 * lock, and `result` and `detail` to the function's thread until its message has come. */
#ifndef WEIR_SRC_RUNTIME_LANE_H
#define WEIR_SRC_RUNTIME_LANE_H

#include "base/list.h"
#include "platform/thread.h"
#include "runtime/door.h"
#include "runtime/timer.h"
#include "runtime/waiter.h"
#include "weir/offload.h"

#include <stdatomic.h>

struct weir__detail;
struct weir__job;

struct weir_stop {
    atomic_bool asked;
};

/** What runs the jobs. All on the loop's thread. */
struct weir__lane_engine {
    /** 0; -EAGAIN, -ENOMEM */
    int (*open)(weir_lane *lane);
    void (*submit)(struct weir__job *job);
    /** True: the function has not begun, and never will. */
    bool (*withdraw)(struct weir__job *job);
    /** No more jobs come. */
    void (*close)(weir_lane *lane);
};

extern const struct weir__lane_engine weir__lane_threads;
extern const struct weir__lane_engine weir__lane_sim;

struct weir_lane {
    const struct weir__lane_engine *engine;
    struct weir__door *door; /* the loop's, held */
    atomic_uint holders;     /* the loop, each thread, each simulated job that runs */
    char name[WEIR__THREAD_NAME_BYTES];
    unsigned threads_max;
    weir_lane_batch batch; /* functions_max 1 and no functions: each job runs alone */

    /* loop */
    struct weir__loop *loop;
    struct weir__link of_loop;
    unsigned inside, inside_max; /* jobs that have entered and not ended, abandoned ones included */
    unsigned abandoned;          /* of these, those that nobody waits for any more */
    struct weir__line room;      /* who waits to enter */

    /* lock (the simulator, which has no threads, uses the first three without it) */
    struct weir__lock lock;
    struct weir__link waiting; /* jobs that have not begun, first in, first out */
    unsigned waiting_count;
    unsigned threads; /* that take jobs; simulated: that have one */
    unsigned idle;    /* of these, those that wait for one */
    int64_t idle_ns;  /* after so long one ends, unless it is the last */
    bool closed;
    struct weir__bell bell; /* a job came, or the lane was closed */
};

struct weir__job {
    weir_lane *lane;
    weir_offload_fn *fn;
    void *arg;
    weir_stop stop;
    /** Called once on the loop's thread; where `open` is false, with the loop gone, on the function's. May free the
     * job. Not called when the job was withdrawn. */
    void (*ended)(struct weir__job *job, bool open);

    struct weir__job *next_in_batch; /* from when it has begun until its end is told */
    atomic_bool has_returned;        /* the function has; the batch may go on */
    int result;
    struct weir__detail *detail; /* the text behind a failure; NULL: none. Passes to `ended` */

    /* loop */
    struct weir__link of_loop;
    bool abandoned;
    struct weir__timer timer; /* the simulator's */
    struct weir__message message;

    /* lock */
    struct weir__link link; /* in lane->waiting; on no list: it has begun */
};

/** A loop's lanes. */
struct weir__lanes {
    struct weir__link lanes;
    struct weir__link jobs; /* inside any of them */
    weir_lane *shared;      /* NULL: nobody has needed it yet */
    unsigned workers;       /* threads that have not been joined */
};

/** The lanes of a loop, made when first asked for; NULL: no memory. */
struct weir__lanes *weir__lanes_of(struct weir__loop *loop);

/** The lane for those who name none. 0; -ENOMEM, -EAGAIN */
int weir__lanes_shared(struct weir__loop *loop, weir_lane **ret_lane);

/**
 * End all lanes, when the last task has ended, and wait for their threads. The door is to be closed right after.
 * @param deadline_ns  of the platform's clock
 * @return 0; -EBUSY a function has not ended by then, which the text names. Its thread gives its memory back when it
 *         does end
 */
int weir__lanes_shutdown(struct weir__loop *loop, int64_t deadline_ns);

/** Wait for a place. 0; -ECANCELED, -ETIME */
int weir__lane_enter(weir_lane *lane, const void *site);
/** False: there is none. */
bool weir__lane_try_enter(weir_lane *lane);
/** Give a place back that no job was submitted to. */
void weir__lane_leave(weir_lane *lane);

/** Bring a job in, whose place was entered before: lane, fn, arg and ended are set, the rest is zero. */
void weir__lane_submit(struct weir__job *job);

/** True: the function never runs, and the job is out of the lane. False: it runs, or has run; its end will come. */
bool weir__lane_withdraw(struct weir__job *job);

/** For the function to see, should it look. */
static inline void weir__job_ask_stop(struct weir__job *job) {
    atomic_store_explicit(&job->stop.asked, true, memory_order_relaxed);
}

/** Nobody waits for a job any more that could not be withdrawn; its lane may be freed. */
void weir__lane_abandon(struct weir__job *job);

/** End a lane: its threads end as soon as they have nothing to run. */
void weir__lane_end(weir_lane *lane);

/** Drop a hold; the last one frees. Any thread. */
void weir__lane_release(weir_lane *lane);

/** For the engines: take the next jobs off the line, chained, count_max at most; NULL: none waits. Under the lock. */
struct weir__job *weir__lane_take(weir_lane *lane, unsigned count_max);
/** For the engines: call the functions of a chain, and what goes around them. */
void weir__jobs_run(struct weir__job *first);
/** For the engines: tell the loop, on whose thread this must be called. */
void weir__job_end(struct weir__job *job, bool open);

/** For tests. */
void weir__lane_set_idle(weir_lane *lane, int64_t idle_ns);
unsigned weir__lane_count_threads(weir_lane *lane);

#endif
