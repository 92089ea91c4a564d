/* SPDX-License-Identifier: MIT */
/* sim.c: the simulated platform: one world in one thread, whose time passes only while nothing can run. Whatever
 * happens in it, happens inside `wait`, in the order of its calendar; the seed decides everything that is open.
 *
 * Invariant: the clock never passes an event that has not happened.
 *
 * Two things come from outside, and are outside the determinism: a wake from another thread or a signal handler, and
 * descriptors of the real world that the program waits for. */
#include "platform/sim.h"

#include "base/assert.h"

#include <stdlib.h>

enum { REAL_SLICE_MS = 10 }; /* how late a wake is seen while only real descriptors can end a wait */

static const int64_t FIRST_INSTANT_NS = INT64_C(3600) * 1000000000;    /* an hour after the world's start */
static const int64_t FIRST_WALL_NS = INT64_C(1767225600) * 1000000000; /* 2026-01-01 00:00:00 UTC */

/* ---- Clock and numbers ------------------------------------------------------------------------------------------- */

static int64_t sim_clock_ns(struct weir__platform *base) { return weir__sim_now(weir__sim_of(base)); }

static int64_t sim_wall_ns(struct weir__platform *base) {
    return FIRST_WALL_NS + (weir__sim_now(weir__sim_of(base)) - FIRST_INSTANT_NS);
}

static void sim_random_bytes(struct weir__platform *base, void *buf, size_t bytes) {
    unsigned char *out = buf;
    for (size_t i = 0; i < bytes; i += 8) {
        uint64_t word = weir__sim_draw(&weir__sim_of(base)->streams[WEIR__SIM_BYTES]);
        for (size_t j = i; j < bytes && j < i + 8; j++, word >>= 8) /* the same on every machine */
            out[j] = (unsigned char)word;
    }
}

static uint32_t sim_pick(struct weir__platform *base, uint32_t count) {
    return weir__sim_draw_below(&weir__sim_of(base)->streams[WEIR__SIM_SCHEDULE], count);
}

/* ---- Operations -------------------------------------------------------------------------------------------------- */

static bool sim_start(struct weir__platform *base, struct weir__op *op) {
    if (op->kind == WEIR__OP_POLL)
        return weir__sim_poll_start(weir__sim_of(base), op);
    return weir__sim_net_start(weir__sim_of(base), op);
}

static bool sim_cancel(struct weir__platform *base, struct weir__op *op) {
    WEIR_ASSERT(op->result == WEIR__OP_PENDING);
    if (op->kind == WEIR__OP_POLL)
        weir__sim_poll_cancel(weir__sim_of(base), op);
    else
        weir__sim_net_cancel(weir__sim_of(base), op);
    op->result = -ECANCELED;
    return true;
}

/* ---- Time passes ------------------------------------------------------------------------------------------------- */

static const struct weir__sim_event *next_event(const struct weir__sim *sim) { return sim->calendar.first; }

static void let_happen_what_is_due(struct weir__sim *sim) {
    struct weir__sim_event *event;
    while ((event = sim->calendar.first) != NULL && event->at_ns <= weir__sim_now(sim)) {
        weir__sim_calendar_remove(&sim->calendar, event);
        event->happen(sim, event);
    }
}

static void set_clock(struct weir__sim *sim, int64_t now_ns) {
    atomic_store_explicit(&sim->now_ns, now_ns, memory_order_relaxed);
}

/* Whether a wait is over. Taking the wake is what ends the wait for it. */
static bool is_over(struct weir__sim *sim) {
    return atomic_exchange(&sim->is_woken, false) || sim->ended.first != NULL;
}

/* Nothing in this world can end the wait. 0 once something outside has; -EDEADLK if nothing could. A loop that knows
 * better, since a thread has promised something, will ask again: it does not spin. */
static int wait_for_outside(struct weir__sim *sim) {
    while (!is_over(sim)) {
        if (sim->polls.first == NULL) {
            poll(NULL, 0, 1);
            return is_over(sim) ? 0 : -EDEADLK;
        }
        weir__sim_poll_look(sim, REAL_SLICE_MS);
    }
    return 0;
}

/* Go from event to event until one ends an op, or to `until_ns`. */
static int pass_time(struct weir__sim *sim, int64_t until_ns) {
    weir__sim_poll_look(sim, 1); /* the real world gets a moment before a virtual hour is over */
    while (!is_over(sim)) {
        const struct weir__sim_event *event = next_event(sim);
        if (event == NULL && until_ns == INT64_MAX)
            return wait_for_outside(sim);
        if (event == NULL || event->at_ns > until_ns) {
            set_clock(sim, until_ns);
            return 0;
        }
        set_clock(sim, event->at_ns);
        let_happen_what_is_due(sim);
    }
    return 0;
}

static int sim_wait(struct weir__platform *base, int64_t timeout_ns, struct weir__op **ret_ended) {
    struct weir__sim *sim = weir__sim_of(base);
    int64_t until_ns;
    int rc = 0;

    if (timeout_ns < 0 || __builtin_add_overflow(weir__sim_now(sim), timeout_ns, &until_ns))
        until_ns = INT64_MAX;
    let_happen_what_is_due(sim);
    weir__sim_poll_look(sim, 0);
    if (!is_over(sim) && timeout_ns != 0)
        rc = pass_time(sim, until_ns);
    *ret_ended = sim->ended.first;
    sim->ended = (struct weir__op_line){0};
    return rc;
}

static void sim_wake(struct weir__platform *base) { atomic_store(&weir__sim_of(base)->is_woken, true); }

/* ---- Start and end ----------------------------------------------------------------------------------------------- */

static void sim_free(struct weir__platform *base) {
    free(weir__sim_of(base)->looks);
    free(base);
}

static const struct weir__platform_ops sim_ops = {
    .name = "sim",
    .has_threads = false,
    .clock_ns = sim_clock_ns,
    .wall_ns = sim_wall_ns,
    .random_bytes = sim_random_bytes,
    .pick = sim_pick,
    .listen = weir__sim_net_listen,
    .local_address = weir__sim_net_local_address,
    .shutdown_write = weir__sim_net_shutdown_write,
    .set_abort = weir__sim_net_set_abort,
    .close = weir__sim_net_close,
    .start = sim_start,
    .cancel = sim_cancel,
    .wait = sim_wait,
    .wake = sim_wake,
    .free = sim_free,
};

int weir__sim_new(struct weir__platform **ret_platform, uint64_t seed) {
    struct weir__sim *sim = calloc(1, sizeof *sim);
    if (sim == NULL)
        return -ENOMEM;

    sim->base.ops = &sim_ops;
    atomic_init(&sim->now_ns, FIRST_INSTANT_NS);
    atomic_init(&sim->is_woken, false);
    for (int purpose = 0; purpose < WEIR__SIM_PURPOSES; purpose++)
        weir__sim_stream_init(&sim->streams[purpose], seed, (enum weir__sim_purpose)purpose);
    *ret_platform = &sim->base;
    return 0;
}
