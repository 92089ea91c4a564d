/* SPDX-License-Identifier: MIT */
/* epoll.h: what the files of the epoll platform share. */
#ifndef WEIR_SRC_PLATFORM_EPOLL_H
#define WEIR_SRC_PLATFORM_EPOLL_H

#include "platform/op_line.h"
#include "platform/platform.h"
#include "platform/socket.h"

#include <sys/epoll.h>

/** A socket. Registered with epoll at the first op that has to wait, once, edge-triggered, for both directions; from
 * then on the flags say what the kernel has told, and no op asks it in vain.
 * Invariant: `may_read` is false only if an edge will come before a read can succeed; `may_write` likewise. */
struct weir__epoll_handle {
    struct weir__handle base;
    uint32_t generation; /* which registration its events carry; 0: not registered */
    bool is_listener;    /* it is a weir__epoll_listener */
    bool may_read;       /* a read is worth a system call */
    bool has_input;      /* and would not be in vain: told by an event since the last read */
    bool may_write;
    bool ends;               /* an end, an error or urgent data was told: a short read proves nothing any more */
    struct weir__op *reader; /* READ or READY that waits */
    struct weir__op *writer; /* WRITE or CONNECT that waits */
};

struct weir__epoll_listener {
    struct weir__epoll_handle handle;
    struct weir__op_line accepts; /* ACCEPTs that wait */
    struct weir__socket_file file;
};

/** What stands behind a descriptor's number. */
struct weir__epoll_slot {
    struct weir__epoll_handle *handle; /* a registered socket of ours, or ... */
    struct weir__op_line polls;        /* ... POLLs of a descriptor of the program's */
    uint32_t poll_generation;          /* which registration of it counts */
    bool poll_is_known;                /* epoll knows it, disarmed or armed */
};

enum { WEIR__EPOLL_EVENTS = 256 };

struct weir__epoll {
    struct weir__platform base;
    int epoll_fd;
    int wake_fd; /* an eventfd */
    bool has_pwait2;
    uint32_t generation;            /* the last one given out */
    struct weir__epoll_slot *slots; /* by descriptor */
    size_t slot_count;
    struct weir__epoll_handle *spare; /* the next accepted connection's, so that none is taken without a place for it */
    struct epoll_event events[WEIR__EPOLL_EVENTS];
};

/** The slot of a descriptor; NULL: no memory. Valid until the next call. */
struct weir__epoll_slot *weir__epoll_slot(struct weir__epoll *platform, int fd);

/** A number for a new registration, never 0. An event that carries an older one is stale. */
uint32_t weir__epoll_next_generation(struct weir__epoll *platform);

/** An event's data: which registration of which descriptor it is about. */
#define WEIR__EPOLL_IS_POLL (UINT64_C(1) << 63)

static inline uint64_t weir__epoll_data(uint32_t generation, int fd) {
    return (uint64_t)generation << 32 | (uint32_t)fd;
}

/* ---- Sockets (epoll_socket.c): start and cancel are those of the platform, for the kinds of op on a handle ------- */

bool weir__epoll_socket_start(struct weir__epoll *platform, struct weir__op *op);
void weir__epoll_socket_cancel(struct weir__epoll *platform, struct weir__op *op);
/** Take an event, and append the ops that have ended. */
void weir__epoll_socket_event(struct weir__epoll *platform, struct weir__epoll_handle *handle, uint32_t events,
                              struct weir__op_line *ended);
int weir__epoll_socket_listen(struct weir__platform *base, const struct weir__address *address,
                              struct weir__handle **ret_handle);
void weir__epoll_socket_close(struct weir__platform *base, struct weir__handle *handle);

/* ---- Descriptors of the program's (epoll_poll.c): the same for WEIR__OP_POLL ------------------------------------- */

bool weir__epoll_poll_start(struct weir__epoll *platform, struct weir__op *op);
void weir__epoll_poll_cancel(struct weir__epoll *platform, struct weir__op *op);
void weir__epoll_poll_event(struct weir__epoll *platform, int fd, uint32_t generation, uint32_t events,
                            struct weir__op_line *ended);

#endif
