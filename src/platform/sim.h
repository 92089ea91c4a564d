/* SPDX-License-Identifier: MIT */
/* sim.h: what the files of the simulated platform share. */
#ifndef WEIR_SRC_PLATFORM_SIM_H
#define WEIR_SRC_PLATFORM_SIM_H

#include "platform/op_line.h"
#include "platform/platform.h"
#include "platform/sim_calendar.h"
#include "platform/sim_random.h"

#include <poll.h>

struct weir__sim_listener;

struct weir__sim {
    struct weir__platform base;
    _Atomic int64_t now_ns;
    atomic_bool is_woken;
    struct weir__sim_stream streams[WEIR__SIM_PURPOSES];
    struct weir__sim_calendar calendar;
    struct weir__op_line ended; /* filled by what happens during a wait, which then hands it out */

    struct weir__op_line polls; /* ops on real descriptors, and ... */
    struct pollfd *looks;       /* ... room to ask for all of them at once */
    size_t poll_count, look_count;

    struct weir__sim_listener *listeners; /* the ports and paths that are bound */
    uint16_t last_port;
};

static inline struct weir__sim *weir__sim_of(struct weir__platform *base) { return (struct weir__sim *)(void *)base; }

static inline int64_t weir__sim_now(struct weir__sim *sim) {
    return atomic_load_explicit(&sim->now_ns, memory_order_relaxed);
}

/** End an op that waits: it is told by the wait that is under way. */
static inline void weir__sim_end_op(struct weir__sim *sim, struct weir__op *op, int result) {
    op->result = result;
    weir__op_line_append(&sim->ended, op);
}

/* ---- The network (sim_net.c): who listens where, connect and accept; the table's functions ------------------------
 */

int weir__sim_net_listen(struct weir__platform *base, const struct weir__address *address,
                         struct weir__handle **ret_handle);
void weir__sim_net_local_address(struct weir__handle *handle, struct weir__address *ret_address);
int weir__sim_net_shutdown_write(struct weir__platform *base, struct weir__handle *handle);
void weir__sim_net_set_abort(struct weir__platform *base, struct weir__handle *handle);
void weir__sim_net_close(struct weir__platform *base, struct weir__handle *handle);
bool weir__sim_net_start(struct weir__sim *sim, struct weir__op *op);
void weir__sim_net_cancel(struct weir__sim *sim, struct weir__op *op);

/* ---- Real descriptors (sim_poll.c) --------------------------------------------------------------------------------
 */

bool weir__sim_poll_start(struct weir__sim *sim, struct weir__op *op);
void weir__sim_poll_cancel(struct weir__sim *sim, struct weir__op *op);
/** Look for up to `timeout_ms` of real time; ends the ops whose descriptors are ready. */
void weir__sim_poll_look(struct weir__sim *sim, int timeout_ms);

#endif
