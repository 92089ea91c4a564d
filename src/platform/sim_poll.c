/* SPDX-License-Identifier: MIT */
/* sim_poll.c: a simulated program may still wait for a descriptor of the real world, a pipe to a thread, say. What such
 * a descriptor does, and when, no seed decides: a run that uses one is repeatable only as far as the outside is.
 * Invariant: `looks` has room for every op in `polls`. */
#include "platform/sim.h"

#include <stdlib.h>

static int make_room(struct weir__sim *sim) {
    if (sim->poll_count < sim->look_count)
        return 0;
    size_t count = sim->look_count * 2 + 16;
    struct pollfd *looks = reallocarray(sim->looks, count, sizeof *looks);
    if (looks == NULL)
        return -ENOMEM;
    sim->looks = looks;
    sim->look_count = count;
    return 0;
}

bool weir__sim_poll_start(struct weir__sim *sim, struct weir__op *op) {
    op->result = weir__kernel_poll(op->u.poll.fd, op->u.poll.events);
    if (op->result == 0)
        op->result = make_room(sim);
    if (op->result != 0)
        return true;

    op->result = WEIR__OP_PENDING;
    weir__op_line_append(&sim->polls, op);
    sim->poll_count++;
    return false;
}

void weir__sim_poll_cancel(struct weir__sim *sim, struct weir__op *op) {
    weir__op_line_remove(&sim->polls, op);
    sim->poll_count--;
}

void weir__sim_poll_look(struct weir__sim *sim, int timeout_ms) {
    struct pollfd *look = sim->looks;
    struct weir__op *op, *next;

    if (sim->polls.first == NULL)
        return;
    for (op = sim->polls.first; op != NULL; op = op->next)
        *look++ = (struct pollfd){.fd = op->u.poll.fd, .events = weir__kernel_poll_events(op->u.poll.events)};
    if (poll(sim->looks, sim->poll_count, timeout_ms) <= 0)
        return; /* nothing, or a signal */

    look = sim->looks;
    for (op = sim->polls.first; op != NULL; op = next) {
        int result = weir__kernel_poll_result(op->u.poll.events, (look++)->revents);
        next = op->next;
        if (result == 0)
            continue;
        weir__sim_poll_cancel(sim, op);
        weir__sim_end_op(sim, op, result);
    }
}
