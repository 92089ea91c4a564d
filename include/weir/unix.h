/* SPDX-License-Identifier: MIT */
/* unix.h: streams over Unix sockets. A listener is that of tcp.h: accept, serve and free are the same calls. */
#ifndef WEIR_UNIX_H
#define WEIR_UNIX_H

#include "weir/base.h"
#include "weir/stream.h"
#include "weir/tcp.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Connect to a listening Unix socket.
 * @param path        1 to 107 bytes; a leading '@' names the abstract space
 * @param ret_stream  to be freed
 * @return 0; -EINVAL the path; -ENOENT, -ECONNREFUSED, -EACCES, -EAGAIN (its line is full), -EMFILE, -ENOMEM
 *         -ECANCELED, -ETIME  no connection is left behind
 * Suspends. Cancel: entry, wait. Thread: task.
 */
WEIR_EXPORT int weir_unix_connect(weir_stream **ret_stream, const char *path) WEIR_MUST_CHECK;

/**
 * Listen on a path. A socket file that nobody listens on any more is replaced; any other file is not. The file is
 * removed when the listener is freed.
 * @param path          as above
 * @param ret_listener  to be freed
 * @return 0; -EINVAL the path; -EADDRINUSE somebody listens, or it is another kind of file; -EACCES, -ENOENT,
 *         -EMFILE, -ENOMEM. Suspends: no. Thread: task.
 */
WEIR_EXPORT int weir_unix_listen(weir_listener **ret_listener, const char *path) WEIR_MUST_CHECK;

#ifdef __cplusplus
}
#endif
#endif
