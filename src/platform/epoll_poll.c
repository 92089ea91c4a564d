/* SPDX-License-Identifier: MIT */
/* epoll_poll.c: waiting for descriptors of the program's, whose numbers libraries close and reuse as they like.
 *
 * Each wait arms the descriptor anew, once (EPOLLONESHOT); the event disarms it. What stays behind is a disarmed
 * registration, so that the next wait costs one epoll_ctl and not two; where the number has come to mean another file
 * in between, the kernel says so (ENOENT), and it is added. Several ops on one descriptor share its registration. */
#include "platform/epoll.h"

#include <errno.h>

static uint32_t wanted(const struct weir__op *op) {
    uint32_t events = 0;
    if (op->u.poll.events & WEIR__POLL_READ)
        events |= EPOLLIN | EPOLLRDHUP;
    if (op->u.poll.events & WEIR__POLL_WRITE)
        events |= EPOLLOUT;
    return events;
}

/* Which of the events asked for hold. */
static int holding(const struct weir__op *op, uint32_t events) {
    int result = 0;
    if (events & (EPOLLERR | EPOLLHUP))
        return op->u.poll.events;
    if (events & (EPOLLIN | EPOLLRDHUP))
        result |= WEIR__POLL_READ;
    if (events & EPOLLOUT)
        result |= WEIR__POLL_WRITE;
    return result & op->u.poll.events;
}

/* Arm a descriptor for all that its ops want. */
static int arm(struct weir__epoll *self, int fd) {
    struct weir__epoll_slot *slot = &self->slots[fd];
    struct epoll_event event = {.events = EPOLLONESHOT};

    for (const struct weir__op *op = slot->polls.first; op != NULL; op = op->next)
        event.events |= wanted(op);
    slot->poll_generation = weir__epoll_next_generation(self);
    event.data.u64 = WEIR__EPOLL_IS_POLL | weir__epoll_data(slot->poll_generation, fd);

    int how = slot->poll_is_known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    int rc = epoll_ctl(self->epoll_fd, how, fd, &event);
    if (rc < 0 && (errno == ENOENT || errno == EEXIST))
        rc = epoll_ctl(self->epoll_fd, errno == ENOENT ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
    slot->poll_is_known = rc == 0;
    return rc < 0 ? -errno : 0;
}

bool weir__epoll_poll_start(struct weir__epoll *self, struct weir__op *op) {
    int fd = op->u.poll.fd;
    struct weir__epoll_slot *slot = fd < 0 ? NULL : weir__epoll_slot(self, fd);
    int rc;

    if (fd < 0 || (slot != NULL && slot->handle != NULL) || fd == self->epoll_fd || fd == self->wake_fd)
        rc = -EBADF; /* one of ours is not the program's */
    else if (slot == NULL)
        rc = -ENOMEM;
    else {
        op->result = WEIR__OP_PENDING;
        weir__op_line_append(&slot->polls, op);
        rc = arm(self, fd);
        if (rc < 0)
            weir__op_line_remove(&slot->polls, op);
    }
    if (rc < 0)
        op->result = rc;
    return rc < 0;
}

void weir__epoll_poll_cancel(struct weir__epoll *self, struct weir__op *op) {
    struct weir__epoll_slot *slot = &self->slots[op->u.poll.fd];

    weir__op_line_remove(&slot->polls, op);
    if (slot->polls.first != NULL)
        return; /* what the others do not want finds nobody, and the descriptor is armed again for them */
    slot->poll_is_known = false;
    slot->poll_generation = 0;
    (void)epoll_ctl(self->epoll_fd, EPOLL_CTL_DEL, op->u.poll.fd, NULL); /* it may be closed already */
}

/* What is left in line when its descriptor has gone bad ends with the reason. */
static void fail_all(struct weir__epoll_slot *slot, int result, struct weir__op_line *ended) {
    struct weir__op *op;
    while ((op = slot->polls.first) != NULL) {
        weir__op_line_remove(&slot->polls, op);
        op->result = result;
        weir__op_line_append(ended, op);
    }
}

void weir__epoll_poll_event(struct weir__epoll *self, int fd, uint32_t generation, uint32_t events,
                            struct weir__op_line *ended) {
    struct weir__epoll_slot *slot = &self->slots[fd];
    struct weir__op *next;

    if (slot->poll_generation != generation)
        return; /* of a wait that is over */
    for (struct weir__op *op = slot->polls.first; op != NULL; op = next) {
        next = op->next;
        int result = holding(op, events);
        if (result == 0)
            continue;
        weir__op_line_remove(&slot->polls, op);
        op->result = result;
        weir__op_line_append(ended, op);
    }
    int rc = slot->polls.first != NULL ? arm(self, fd) : 0;
    if (rc < 0)
        fail_all(slot, rc, ended);
}
