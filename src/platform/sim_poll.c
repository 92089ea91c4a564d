/* SPDX-License-Identifier: MIT */
/* sim_poll.c: a simulated program may still wait for a descriptor of the real world, a pipe to a thread, say. What such
 * a descriptor does, and when, no seed decides: a run that uses one is repeatable only as far as the outside is.
 * Invariant: `looks` has room for every op in `polls`. */
#include "platform/sim.h"

#include <stdlib.h>
#include <sys/stat.h>

/* As epoll sees it: 0, -EBADF, or -EPERM for what is always ready. */
static int check(int fd) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? -EPERM : 0;
}

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
    op->result = check(op->u.poll.fd);
    if (op->result == 0)
        op->result = make_room(sim);
    if (op->result < 0)
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

static short wanted(const struct weir__op *op) {
    int events = 0;
    if (op->u.poll.events & WEIR__POLL_READ)
        events |= POLLIN | POLLRDHUP;
    if (op->u.poll.events & WEIR__POLL_WRITE)
        events |= POLLOUT;
    return (short)events;
}

static int outcome(const struct weir__op *op, int events) {
    int result = 0;
    if (events & POLLNVAL)
        return -EBADF;
    if (events & (POLLERR | POLLHUP))
        return op->u.poll.events;
    if (events & (POLLIN | POLLRDHUP))
        result |= WEIR__POLL_READ;
    if (events & POLLOUT)
        result |= WEIR__POLL_WRITE;
    return result & op->u.poll.events;
}

void weir__sim_poll_look(struct weir__sim *sim, int timeout_ms) {
    struct pollfd *look = sim->looks;
    struct weir__op *op, *next;

    if (sim->polls.first == NULL)
        return;
    for (op = sim->polls.first; op != NULL; op = op->next)
        *look++ = (struct pollfd){.fd = op->u.poll.fd, .events = wanted(op)};
    if (poll(sim->looks, sim->poll_count, timeout_ms) <= 0)
        return; /* nothing, or a signal */

    look = sim->looks;
    for (op = sim->polls.first; op != NULL; op = next) {
        int result = outcome(op, (look++)->revents);
        next = op->next;
        if (result == 0)
            continue;
        weir__sim_poll_cancel(sim, op);
        weir__sim_end_op(sim, op, result);
    }
}
