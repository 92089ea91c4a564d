/* SPDX-License-Identifier: MIT */
/* epoll_socket.c: operations on sockets of ours: try first, and wait only for what the kernel has said is not there.
 *
 * A request on a kept connection costs one recv, one send and its share of an epoll_wait: a read that got less than it
 * asked for has emptied the socket, so the next one waits without asking (epoll(7) allows that for streams). That ends
 * to hold once an end, an error or urgent data was told, which a short read may have stopped in front of. */
#include "platform/epoll.h"

#include "base/assert.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static struct weir__epoll *of(struct weir__platform *base) { return (struct weir__epoll *)(void *)base; }

static struct weir__epoll_handle *handle_of(struct weir__handle *base) {
    return (struct weir__epoll_handle *)(void *)base;
}

static struct weir__epoll_listener *listener_of(struct weir__epoll_handle *handle) {
    WEIR_ASSERT(handle->is_listener);
    return (struct weir__epoll_listener *)(void *)handle;
}

/* ---- Handles ----------------------------------------------------------------------------------------------------- */

static void init_handle(struct weir__epoll_handle *handle, int fd) {
    *handle = (struct weir__epoll_handle){.base.fd = fd, .may_read = true, .may_write = true};
}

/* Not at creation, since a connection may well end before it has to wait. The first event tells what holds then, so
 * nothing that came before is missed. */
static __attribute__((noinline)) int register_handle(struct weir__epoll *self, struct weir__epoll_handle *handle) {
    struct epoll_event event = {.events = EPOLLET | EPOLLIN};
    int fd = handle->base.fd;

    struct weir__epoll_slot *slot = weir__epoll_slot(self, fd);
    if (slot == NULL)
        return -ENOMEM;
    if (slot->polls.first != NULL)
        WEIR_MISUSE("descriptor %d was closed while a task waited for it", fd);

    uint32_t generation = weir__epoll_next_generation(self);
    event.data.u64 = weir__epoll_data(generation, fd);
    if (!handle->is_listener)
        event.events |= EPOLLOUT | EPOLLRDHUP | EPOLLPRI;
    if (epoll_ctl(self->epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0)
        return -errno;
    *slot = (struct weir__epoll_slot){.handle = handle};
    handle->generation = generation;
    return 0;
}

static inline int ensure_registered(struct weir__epoll *self, struct weir__epoll_handle *handle) {
    return __builtin_expect(handle->generation != 0, 1) ? 0 : register_handle(self, handle);
}

static void close_handle(struct weir__epoll *self, struct weir__epoll_handle *handle) {
    if (handle->generation != 0)
        self->slots[handle->base.fd].handle = NULL;
    close(handle->base.fd);
    free(handle);
}

void weir__epoll_socket_close(struct weir__platform *base, struct weir__handle *base_handle) {
    struct weir__epoll_handle *handle = handle_of(base_handle);

    WEIR_ASSERT(handle->reader == NULL && handle->writer == NULL);
    if (handle->is_listener) {
        WEIR_ASSERT(listener_of(handle)->accepts.first == NULL);
        if (listener_of(handle)->file.inode != 0)
            weir__socket_unlink(handle->base.fd, &listener_of(handle)->file);
    }
    close_handle(of(base), handle);
}

int weir__epoll_socket_listen(struct weir__platform *base, const struct weir__address *address,
                              struct weir__handle **ret_handle) {
    (void)base;
    struct weir__epoll_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL)
        return -ENOMEM;

    int fd = weir__socket_listen(address, &listener->file);
    if (fd < 0) {
        free(listener);
        return fd;
    }
    init_handle(&listener->handle, fd);
    listener->handle.is_listener = true;
    *ret_handle = &listener->handle.base;
    return 0;
}

/* ---- Attempts: each returns false when the op has to wait ----------------------------------------------------------
 */

static bool end(struct weir__op *op, int result) {
    op->result = result;
    return true;
}

static bool try_read(struct weir__epoll_handle *handle, struct weir__op *op) {
    if (!handle->may_read)
        return false;
    int got = weir__socket_read(handle->base.fd, op->u.read.buf, op->u.read.bytes);
    if (got == -EAGAIN) {
        handle->may_read = handle->has_input = false;
        return false;
    }
    if (!handle->ends) {
        handle->has_input = false;
        handle->may_read = got <= 0 || (size_t)got == op->u.read.bytes;
    }
    return end(op, got);
}

/* A socket that is not registered yet is not asked: its registration will tell, and most often it has to be made. */
static bool try_ready(struct weir__epoll_handle *handle, struct weir__op *op) {
    if (!handle->may_read || handle->generation == 0)
        return false;
    if (!handle->has_input && !weir__socket_is_readable(handle->base.fd)) {
        handle->may_read = false;
        return false;
    }
    handle->has_input = true;
    return end(op, 0);
}

static bool is_all(const struct weir__op *op, int taken) {
    size_t bytes = op->u.write.pieces[0].iov_len;
    for (int i = 1; i < op->u.write.count; i++)
        bytes += op->u.write.pieces[i].iov_len;
    return (size_t)taken == bytes;
}

static bool try_write(struct weir__epoll_handle *handle, struct weir__op *op) {
    if (!handle->may_write)
        return false;
    int taken = weir__socket_write(handle->base.fd, op->u.write.pieces, op->u.write.count);
    if (taken == -EAGAIN) {
        handle->may_write = false;
        return false;
    }
    if (taken > 0 && !handle->ends)
        handle->may_write = op->u.write.count > IOV_MAX || is_all(op, taken);
    return end(op, taken);
}

static bool try_accept(struct weir__epoll *self, struct weir__epoll_handle *handle, struct weir__op *op) {
    if (!handle->may_read)
        return false;
    if (self->spare == NULL)
        self->spare = malloc(sizeof *self->spare);
    if (self->spare == NULL)
        return end(op, -ENOMEM);

    int fd = weir__socket_accept(handle->base.fd, op->u.accept.ret_peer);
    if (fd == -EAGAIN) {
        handle->may_read = false;
        return false;
    }
    if (fd < 0)
        return end(op, fd); /* -EMFILE, say: the connection stays in the kernel's line, and no edge will tell of it */
    init_handle(self->spare, fd);
    op->u.accept.ret_handle = &self->spare->base;
    self->spare = NULL;
    return end(op, 0);
}

static void finish_connect(struct weir__epoll *self, struct weir__epoll_handle *handle, struct weir__op *op) {
    op->result = weir__socket_connected(handle->base.fd);
    if (op->result == 0)
        op->u.connect.ret_handle = &handle->base;
    else
        close_handle(self, handle);
}

/* ---- Start and cancel -------------------------------------------------------------------------------------------- */

/* Wait for the handle's next event. The registration may fail, which ends the op. */
static inline bool wait_on(struct weir__epoll *self, struct weir__epoll_handle *handle, struct weir__op *op,
                           struct weir__op **place) {
    int rc = ensure_registered(self, handle);
    if (rc < 0)
        return end(op, rc);
    op->result = WEIR__OP_PENDING;
    *place = op;
    return false;
}

/* Apart from the start of reads and writes, whose frame stays small. */
static __attribute__((noinline)) bool start_accept(struct weir__epoll *self, struct weir__epoll_listener *listener,
                                                   struct weir__op *op) {
    if (listener->accepts.first == NULL && try_accept(self, &listener->handle, op))
        return true;
    int rc = ensure_registered(self, &listener->handle);
    if (rc < 0)
        return end(op, rc);
    op->result = WEIR__OP_PENDING;
    weir__op_line_append(&listener->accepts, op);
    return false;
}

static __attribute__((noinline)) bool start_connect(struct weir__epoll *self, struct weir__op *op) {
    struct weir__epoll_handle *handle = malloc(sizeof *handle);
    int fd;
    if (handle == NULL)
        return end(op, -ENOMEM);

    int rc = weir__socket_connect(op->u.connect.address, &fd);
    if (rc < 0 && rc != -EINPROGRESS) {
        free(handle);
        return end(op, rc);
    }
    init_handle(handle, fd);
    op->handle = &handle->base;
    if (rc == 0) {
        finish_connect(self, handle, op);
        return true;
    }
    if (!wait_on(self, handle, op, &handle->writer))
        return false;
    close_handle(self, handle);
    return true;
}

bool weir__epoll_socket_start(struct weir__epoll *self, struct weir__op *op) {
    struct weir__epoll_handle *handle = op->kind == WEIR__OP_CONNECT ? NULL : handle_of(op->handle);

    switch (op->kind) {
    case WEIR__OP_READ:
        WEIR_ASSERT(handle->reader == NULL);
        return try_read(handle, op) || wait_on(self, handle, op, &handle->reader);
    case WEIR__OP_READY:
        WEIR_ASSERT(handle->reader == NULL);
        return try_ready(handle, op) || wait_on(self, handle, op, &handle->reader);
    case WEIR__OP_WRITE:
        WEIR_ASSERT(handle->writer == NULL);
        return try_write(handle, op) || wait_on(self, handle, op, &handle->writer);
    case WEIR__OP_ACCEPT:
        return start_accept(self, listener_of(handle), op);
    case WEIR__OP_CONNECT:
        return start_connect(self, op);
    case WEIR__OP_POLL:
        break;
    }
    WEIR_MISUSE("an operation of kind %d", (int)op->kind);
}

void weir__epoll_socket_cancel(struct weir__epoll *self, struct weir__op *op) {
    struct weir__epoll_handle *handle = handle_of(op->handle);

    if (op->kind == WEIR__OP_ACCEPT)
        weir__op_line_remove(&listener_of(handle)->accepts, op);
    else if (op->kind == WEIR__OP_CONNECT)
        close_handle(self, handle);
    else if (handle->reader == op)
        handle->reader = NULL;
    else
        handle->writer = NULL;
}

/* ---- Events ------------------------------------------------------------------------------------------------------ */

static void retry_reader(struct weir__epoll_handle *handle, struct weir__op_line *ended) {
    struct weir__op *op = handle->reader;
    if (op->kind == WEIR__OP_READY ? try_ready(handle, op) : try_read(handle, op)) {
        handle->reader = NULL;
        weir__op_line_append(ended, op);
    }
}

static void retry_writer(struct weir__epoll *self, struct weir__epoll_handle *handle, struct weir__op_line *ended) {
    struct weir__op *op = handle->writer;
    if (op->kind == WEIR__OP_CONNECT) {
        handle->writer = NULL;
        finish_connect(self, handle, op);
        weir__op_line_append(ended, op);
    } else if (try_write(handle, op)) {
        handle->writer = NULL;
        weir__op_line_append(ended, op);
    }
}

static void retry_accepts(struct weir__epoll *self, struct weir__epoll_listener *listener,
                          struct weir__op_line *ended) {
    struct weir__op *op;
    while ((op = listener->accepts.first) != NULL && try_accept(self, &listener->handle, op)) {
        weir__op_line_remove(&listener->accepts, op);
        weir__op_line_append(ended, op);
    }
}

void weir__epoll_socket_event(struct weir__epoll *self, struct weir__epoll_handle *handle, uint32_t events,
                              struct weir__op_line *ended) {
    if (events & (EPOLLIN | EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        handle->may_read = handle->has_input = true;
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
        handle->may_write = true;
    if (events & (EPOLLPRI | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
        handle->ends = true;

    if (handle->is_listener) {
        retry_accepts(self, listener_of(handle), ended);
        return;
    }
    if (handle->reader != NULL)
        retry_reader(handle, ended);
    if (handle->writer != NULL && (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)))
        retry_writer(self, handle, ended);
}
