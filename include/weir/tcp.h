/* SPDX-License-Identifier: MIT */
/* tcp.h: connect, listen, serve. Addresses are "host:port", "127.0.0.1:8080", "[::1]:80".
 * Unix sockets are a header beside this one (unix.h), with the same two calls that make a stream and a listener. */
#ifndef WEIR_TCP_H
#define WEIR_TCP_H

#include "weir/base.h"
#include "weir/event.h"
#include "weir/queue.h"
#include "weir/stream.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct weir_listener weir_listener;

/**
 * Answers one connection, in a task of its own.
 * @param stream  borrowed; closed and freed by weir_serve
 * @return < 0 is told to `failures`, and ends this connection only
 */
typedef int weir_serve_fn(weir_stream *stream, void *arg);

/** A field left at zero takes its default. */
typedef struct weir_serve_options {
    size_t size_bytes;        /* sizeof(weir_serve_options) */
    unsigned connections_max; /* default 10,000; more wait in the kernel's line */
    weir_duration drain;      /* how long connections may go on after a cancel; default 5 s; below 0: not at all */
    weir_event *draining;     /* borrowed; set when draining begins, for handlers that idle; may be NULL */
    weir_queue *failures;     /* borrowed; of weir_failure: gets each handler's, unless it is full; may be NULL */
    size_t stack_bytes;       /* of each handler's task; default the run's */
} weir_serve_options;

/**
 * Connect to a numeric address, "127.0.0.1:80" or "[::1]:80", or to "localhost:80" (127.0.0.1, then ::1).
 * @param address     borrowed
 * @param ret_stream  to be freed; Nagle's algorithm is off
 * @return 0; -EINVAL the address is malformed; -ENOENT a host name; -ECONNREFUSED, -ETIMEDOUT, ... of the last tried
 *         -ECANCELED, -ETIME  no connection is left behind
 * Suspends. Cancel: entry, wait. Thread: task.
 */
WEIR_EXPORT int weir_tcp_connect(weir_stream **ret_stream, const char *address) WEIR_MUST_CHECK;

/**
 * Listen. A numeric host only, or "*", which is every address of the machine, IPv6 and IPv4; port 0 takes a free one.
 * @param ret_listener  to be freed
 * @return 0; -EINVAL; -EADDRINUSE, -EACCES, -EMFILE, -ENOMEM. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_tcp_listen(weir_listener **ret_listener, const char *address) WEIR_MUST_CHECK;

/** The address that it is bound to, as text; valid while the listener lives. Suspends: no. Thread: owner. */
WEIR_EXPORT const char *weir_listener_address(const weir_listener *listener);

/**
 * Take the next connection.
 * @param ret_stream  to be freed
 * @return 0; -EMFILE, -ENFILE no descriptor is free (the connection waits on); -ECANCELED, -ETIME none was taken
 * Suspends. Cancel: entry, wait; a connection that was taken is returned. Thread: owner.
 */
WEIR_EXPORT int weir_listener_accept(weir_listener *listener, weir_stream **ret_stream) WEIR_MUST_CHECK;

/** Stop listening and release. No task may be in a call on it. NULL is fine. Suspends: no. Thread: owner. */
WEIR_EXPORT void weir_listener_free(weir_listener *listener);

/**
 * Accept, and run `fn(stream, arg)` in a task for each connection, until cancelled. A handler's failure ends its own
 * connection only. A cancel drains: no new connection, those open go on for `drain`, then they are cancelled.
 *
 * @param listener  borrowed; stays open, but takes no connection after the return
 * @param arg       borrowed until the return; shared by all connections
 * @param options   borrowed until the return; NULL for the defaults
 * @return 0 cancelled, and every connection ended by itself. The next wait sees the cancel
 *         -ECANCELED, -ETIME  connections had to be cut; weir_error_text counts them
 *         < 0  the listener is broken, or -EINVAL an option
 * Suspends. Cancel: as told. Thread: owner.
 */
WEIR_EXPORT int weir_serve(weir_listener *listener, weir_serve_fn *fn, void *arg,
                           const weir_serve_options *options) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
