/* SPDX-License-Identifier: MIT */
/* stream.h: what is behind a weir_stream. A kind of stream (a socket, a pair, later TLS) is a table of functions; what
 * all kinds share is above it, in stream.c: who may call when, the bytes that were read ahead, how a failure lasts.
 *
 * The functions are called with the cancel and the arguments tested, by one reader and one writer at a time. `site` is
 * where the public call was called from. */
#ifndef WEIR_SRC_IO_STREAM_H
#define WEIR_SRC_IO_STREAM_H

#include "runtime/waiter.h"
#include "weir/stream.h"

struct weir__read_ahead;
struct weir__server;

struct weir__stream_ops {
    /** > 0 bytes read; 0 the end; -ECANCELED, -ETIME nothing was consumed; -ECANCELED also: closed meanwhile. */
    int (*read)(weir_stream *stream, void *buf, size_t bytes, const void *site);
    /** 0 once a read would return at once. */
    int (*wait_readable)(weir_stream *stream, const void *site);
    /** > 0 bytes taken of pieces that hold at least one. */
    int (*write)(weir_stream *stream, const struct iovec *pieces, int count, const void *site);
    /** Send the end. 0, or why not. */
    int (*finish)(weir_stream *stream);
    /** Make an end of it: whoever is in a read, a write or a select wakes with -ECANCELED. Hard: the peer shall see a
     * reset where the kind has one. */
    void (*close)(weir_stream *stream, bool hard);
    /** Give the memory back; closed, and nobody is in a call. */
    void (*free)(weir_stream *stream);
    const char *(*peer)(weir_stream *stream);

    /** For a select: whether a read would return at once. */
    bool (*is_readable)(weir_stream *stream);
    /** Wake `waiter` with 0 once it would, or with an error; perhaps at once. 0, or a negative code. */
    int (*arm)(weir_stream *stream, struct weir__waiter *waiter);
    /** No longer; harmless when it has been woken. */
    void (*disarm)(weir_stream *stream, struct weir__waiter *waiter);
};

/** Each kind's own struct begins with this. */
struct weir_stream {
    const struct weir__stream_ops *ops;
    struct weir__loop *loop;         /* the owner */
    struct weir__read_ahead *ahead;  /* bytes read but not yet asked for; NULL: none */
    struct weir__server *server;     /* whose connection it is; NULL: nobody's */
    struct weir__waiter *select_arm; /* the select that waits to read */
    bool is_reading, is_writing;     /* a task is in such a call */
    bool is_finished, is_closed;
    int failure; /* of the connection: what every later read answers once no bytes are left */
};

/** Fill in what all kinds share. The owner is the running task's loop. */
void weir__stream_init(weir_stream *stream, const struct weir__stream_ops *ops);

/* ---- A socket's stream (stream_socket.c) --------------------------------------------------------------------------
 */

struct weir__address;
struct weir__handle;
struct weir__socket_stream;

/** Memory for one, so that nothing can fail once there is a connection. NULL: none. */
struct weir__socket_stream *weir__socket_stream_new(void);

/** Make it the stream of a connection, which it owns from now on. @param peer  copied */
weir_stream *weir__socket_stream_open(struct weir__socket_stream *memory, struct weir__handle *handle,
                                      const struct weir__address *peer);

/** Give the memory back instead. */
void weir__socket_stream_drop(struct weir__socket_stream *memory);

#endif
