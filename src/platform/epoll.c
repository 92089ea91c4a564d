/* SPDX-License-Identifier: MIT */
/* epoll.c: the platform on epoll: the wait, the wake, and who an event belongs to.
 *
 * An event carries a descriptor's number and the generation of its registration, never a pointer: a registration can
 * outlive its descriptor here (a child between fork and exec holds a copy), and its events must find nobody. */
#include "platform/epoll.h"

#include "base/assert.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

static struct weir__epoll *of(struct weir__platform *base) { return (struct weir__epoll *)(void *)base; }

/* ---- Descriptors ------------------------------------------------------------------------------------------------- */

struct weir__epoll_slot *weir__epoll_slot(struct weir__epoll *platform, int fd) {
    size_t needed = (size_t)fd + 1;

    if (needed > platform->slot_count) {
        size_t count = platform->slot_count * 2 > needed ? platform->slot_count * 2 : needed + 64;
        struct weir__epoll_slot *slots = reallocarray(platform->slots, count, sizeof *slots);
        if (slots == NULL)
            return NULL;
        memset(slots + platform->slot_count, 0, (count - platform->slot_count) * sizeof *slots);
        platform->slots = slots;
        platform->slot_count = count;
    }
    return &platform->slots[fd];
}

uint32_t weir__epoll_next_generation(struct weir__epoll *platform) {
    platform->generation = (platform->generation + 1) & INT32_MAX; /* bit 63 of an event's data tells polls */
    if (platform->generation == 0)
        platform->generation = 1;
    return platform->generation;
}

/* ---- Operations -------------------------------------------------------------------------------------------------- */

static bool epoll_start(struct weir__platform *base, struct weir__op *op) {
    if (op->kind == WEIR__OP_POLL)
        return weir__epoll_poll_start(of(base), op);
    return weir__epoll_socket_start(of(base), op);
}

static bool epoll_cancel(struct weir__platform *base, struct weir__op *op) {
    WEIR_ASSERT(op->result == WEIR__OP_PENDING);
    if (op->kind == WEIR__OP_POLL)
        weir__epoll_poll_cancel(of(base), op);
    else
        weir__epoll_socket_cancel(of(base), op);
    op->result = -ECANCELED;
    return true;
}

/* ---- Waiting ----------------------------------------------------------------------------------------------------- */

static int wait_ms(struct weir__epoll *self, int64_t timeout_ns) {
    int timeout_ms = -1;
    if (timeout_ns >= 0) {
        int64_t rounded_up = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
        timeout_ms = rounded_up < INT_MAX ? (int)rounded_up : INT_MAX;
    }
    return epoll_wait(self->epoll_fd, self->events, WEIR__EPOLL_EVENTS, timeout_ms);
}

/* How many events have come. epoll_wait knows milliseconds only; epoll_pwait2 came with Linux 5.11, and some
 * containers' filters refuse it. */
static int wait_for_events(struct weir__epoll *self, int64_t timeout_ns) {
    int count = -1;

    if (timeout_ns > 0 && self->has_pwait2) {
        struct timespec timeout = {timeout_ns / 1000000000, timeout_ns % 1000000000};
        count = epoll_pwait2(self->epoll_fd, self->events, WEIR__EPOLL_EVENTS, &timeout, NULL);
        if (count < 0 && (errno == ENOSYS || errno == EPERM))
            self->has_pwait2 = false;
    }
    if (timeout_ns <= 0 || !self->has_pwait2)
        count = wait_ms(self, timeout_ns);
    WEIR_ASSERT(count >= 0 || errno == EINTR);
    return count < 0 ? 0 : count; /* after a signal, the loop looks around itself */
}

static void take_event(struct weir__epoll *self, const struct epoll_event *event, struct weir__op_line *ended) {
    uint64_t data = event->data.u64;
    uint32_t generation = (uint32_t)((data & ~WEIR__EPOLL_IS_POLL) >> 32);
    size_t fd = (uint32_t)data;

    if (data == 0)
        return; /* woken: being edge-triggered, the eventfd need not be read */
    if (data & WEIR__EPOLL_IS_POLL) {
        weir__epoll_poll_event(self, (int)fd, generation, event->events, ended);
        return;
    }
    struct weir__epoll_handle *handle = self->slots[fd].handle;
    if (handle != NULL && handle->generation == generation)
        weir__epoll_socket_event(self, handle, event->events, ended);
}

static int epoll_wait_ended(struct weir__platform *base, int64_t timeout_ns, struct weir__op **ret_ended) {
    struct weir__epoll *self = of(base);
    struct weir__op_line ended = {0};

    int count = wait_for_events(self, timeout_ns);
    for (int i = 0; i < count; i++)
        take_event(self, &self->events[i], &ended);
    *ret_ended = ended.first;
    return 0;
}

/* A write is async-signal-safe. Each one is an edge, so it also ends a wait that begins later. */
static void epoll_wake(struct weir__platform *base) {
    int error = errno;
    uint64_t one = 1;
    ssize_t written = write(of(base)->wake_fd, &one, sizeof one);
    (void)written; /* it cannot fail before 2^64 wakes */
    errno = error;
}

/* ---- The rest ---------------------------------------------------------------------------------------------------- */

static int64_t clock_ns(struct weir__platform *base) {
    (void)base;
    return weir__kernel_clock_ns();
}

static int64_t wall_ns(struct weir__platform *base) {
    (void)base;
    return weir__kernel_wall_ns();
}

static void random_bytes(struct weir__platform *base, void *buf, size_t bytes) {
    (void)base;
    weir__kernel_random(buf, bytes);
}

static void local_address(struct weir__handle *handle, struct weir__address *ret_address) {
    weir__socket_local_address(handle->fd, ret_address);
}

static int shutdown_write(struct weir__platform *base, struct weir__handle *handle) {
    (void)base;
    return weir__socket_shutdown_write(handle->fd);
}

static void set_abort(struct weir__platform *base, struct weir__handle *handle) {
    (void)base;
    weir__socket_set_abort(handle->fd);
}

static void epoll_free(struct weir__platform *base) {
    struct weir__epoll *self = of(base);

    if (self->epoll_fd >= 0)
        close(self->epoll_fd);
    if (self->wake_fd >= 0)
        close(self->wake_fd);
    free(self->spare);
    free(self->slots);
    free(self);
}

static const struct weir__platform_ops epoll_ops = {
    .name = "epoll",
    .has_threads = true,
    .clock_ns = clock_ns,
    .wall_ns = wall_ns,
    .random_bytes = random_bytes,
    .listen = weir__epoll_socket_listen,
    .local_address = local_address,
    .shutdown_write = shutdown_write,
    .set_abort = set_abort,
    .close = weir__epoll_socket_close,
    .start = epoll_start,
    .cancel = epoll_cancel,
    .wait = epoll_wait_ended,
    .wake = epoll_wake,
    .free = epoll_free,
};

int weir__epoll_new(struct weir__platform **ret_platform) {
    struct epoll_event wake = {.events = EPOLLIN | EPOLLET}; /* data 0 */
    struct weir__epoll *self = calloc(1, sizeof *self);
    if (self == NULL)
        return -ENOMEM;

    self->base.ops = &epoll_ops;
    self->has_pwait2 = true;
    self->wake_fd = -1;
    self->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (self->epoll_fd >= 0)
        self->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (self->wake_fd < 0 || epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, self->wake_fd, &wake) < 0) {
        int rc = -errno;
        epoll_free(&self->base);
        return rc;
    }
    *ret_platform = &self->base;
    return 0;
}
