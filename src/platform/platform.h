/* SPDX-License-Identifier: MIT */
/* platform.h: the seam to the world. Clock, randomness, sockets and the wait for them are reached through one table of
 * functions, and each platform (epoll, the simulator, later io_uring) fills one in.
 *
 * I/O is a matter of operations. Whoever wants bytes fills in a `weir__op` and starts it. Either it is done at once, or
 * the platform owns the op and its buffer until the op comes out of `wait` (a completion), or until `cancel` gives it
 * back. A readiness platform tries first and retries when the descriptor is ready; a completion platform submits.
 *
 * One loop has one platform object. But for `wake`, `clock_ns`, `wall_ns` and `random_bytes`, which any thread may
 * call, the functions belong to the loop's thread. None suspends: only `wait` blocks. */
#ifndef WEIR_SRC_PLATFORM_PLATFORM_H
#define WEIR_SRC_PLATFORM_PLATFORM_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/uio.h>

/** A socket address, IPv4, IPv6 or Unix. */
struct weir__address {
    socklen_t bytes;
    union {
        struct sockaddr any;
        struct sockaddr_storage storage;
    } u;
};

/** A socket as a platform knows it; each platform's own struct begins with this. */
struct weir__handle {
    int fd; /* the descriptor; -1 where the platform has none */
};

enum weir__op_kind {
    WEIR__OP_POLL,    /* until any descriptor of the program's is ready */
    WEIR__OP_ACCEPT,  /* the next connection of a listening handle */
    WEIR__OP_CONNECT, /* a new handle, connected */
    WEIR__OP_READ,    /* at least one byte, or the end */
    WEIR__OP_READY,   /* until a READ would find something; reads nothing. result: 0 */
    WEIR__OP_WRITE,   /* some bytes of some pieces; it is for the caller to go on with the rest */
};

enum { WEIR__POLL_READ = 1, WEIR__POLL_WRITE = 2 };

/** The result of an op that the platform has. */
#define WEIR__OP_PENDING (-EINPROGRESS)

/** How many connections may wait to be accepted; a kernel may cut it to its own bound. */
enum { WEIR__BACKLOG = 4096 };

/** One operation. The fields of its kind, `ended` and `user` are the starter's; `next` and `prev` are the platform's
 * while it runs. */
struct weir__op {
    struct weir__op *next, *prev; /* the platform's; `next` also chains what `wait` hands out */
    enum weir__op_kind kind;
    int result;                  /* set at the end: >= 0 as the kind says, or a negative errno */
    struct weir__handle *handle; /* ACCEPT, READ, READY, WRITE: the handle it is on */
    /** What the loop calls when the op comes out of `wait` (not when `start` or `cancel` ended it), on the loop's
     * stack: it must not wait. NULL: weir__task_wake(user). For an op that stands behind a waiter of a select, say. */
    void (*ended)(struct weir__op *op);
    void *user; /* the starter's */
    union {
        struct {
            int fd;     /* borrowed; registered for this op alone */
            int events; /* WEIR__POLL_...; result: those that hold, an error or hang-up counting as all asked for */
        } poll;
        struct {
            struct weir__handle *ret_handle; /* set when result is 0 */
            struct weir__address *ret_peer;  /* filled in when result is 0; may be NULL */
        } accept;
        struct {
            const struct weir__address *address;
            struct weir__handle *ret_handle; /* set when result is 0; else none is left behind */
        } connect;
        struct {
            void *buf;
            size_t bytes; /* > 0; result: > 0 bytes read, 0 the end */
        } read;
        struct {
            const struct iovec *pieces; /* together > 0 bytes; result: > 0 bytes taken */
            int count;
        } write;
    } u;
};

struct weir__platform;

struct weir__platform_ops {
    const char *name;
    /** Whether offloaded functions run on threads; else the loop runs them itself, in virtual time. */
    bool has_threads;

    int64_t (*clock_ns)(struct weir__platform *platform); /* monotonic; > 0 */
    int64_t (*wall_ns)(struct weir__platform *platform);
    void (*random_bytes)(struct weir__platform *platform, void *buf, size_t bytes);
    /** Which of `count` (>= 2) runnable tasks goes next; NULL: the first. */
    uint32_t (*pick)(struct weir__platform *platform, uint32_t count);

    /** A bound, listening, non-blocking handle. 0, or a negative errno. */
    int (*listen)(struct weir__platform *platform, const struct weir__address *address,
                  struct weir__handle **ret_handle);
    /** The address that a handle is bound to. */
    void (*local_address)(struct weir__handle *handle, struct weir__address *ret_address);
    /** Send the end of the stream. 0, or a negative errno. */
    int (*shutdown_write)(struct weir__platform *platform, struct weir__handle *handle);
    /** Reset instead of an orderly end when it is closed (SO_LINGER 0). */
    void (*set_abort)(struct weir__platform *platform, struct weir__handle *handle);
    /** Close and free. No op may be on it. */
    void (*close)(struct weir__platform *platform, struct weir__handle *handle);

    /** True: done, op->result says how. False: under way; it will come out of `wait`. */
    bool (*start)(struct weir__platform *platform, struct weir__op *op);
    /** Of an op that is pending. True: withdrawn without effect, or done (then op->result is set, else it is
     * -ECANCELED); the op is the caller's again. False: the platform still needs it; its end comes out of `wait`. */
    bool (*cancel)(struct weir__platform *platform, struct weir__op *op);
    /**
     * Wait until an op ends, `wake` was called, or the time is over; then return all ops that have ended, chained.
     * @param timeout_ns  0: only look; -1: no limit
     * It may also return early, with no op.
     * @return 0; -EDEADLK (simulator alone): with no limit, and nothing that could ever happen
     */
    int (*wait)(struct weir__platform *platform, int64_t timeout_ns, struct weir__op **ret_ended);
    /** End a `wait` that is under way, or else the next one. From any thread and from a signal handler. */
    void (*wake)(struct weir__platform *platform);
    void (*free)(struct weir__platform *platform);
};

/** A platform object begins with this. */
struct weir__platform {
    const struct weir__platform_ops *ops;
};

/** @return 0; -ENOMEM, -EMFILE, ... */
int weir__epoll_new(struct weir__platform **ret_platform);
int weir__sim_new(struct weir__platform **ret_platform, uint64_t seed);

/**
 * What is ready on a descriptor of the program's at this moment; the same on every platform.
 * @param events  WEIR__POLL_...
 * @return those that hold, as a POLL's result; 0 none; -EBADF, -EPERM
 */
int weir__kernel_poll(int fd, int events);

/** The same in poll(2)'s words: what to ask for, and what its answer means. */
short weir__kernel_poll_events(int asked);
int weir__kernel_poll_result(int asked, int revents);

/** The kernel's clocks and generator, for the real platforms and for threads without a loop. */
int64_t weir__kernel_clock_ns(void);
int64_t weir__kernel_wall_ns(void);
void weir__kernel_random(void *buf, size_t bytes);

/** Give the processor away for a moment of real time, 0.1 ms. */
void weir__kernel_rest(void);

#endif
