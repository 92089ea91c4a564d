/* SPDX-License-Identifier: MIT */
/* socket.h: the kernel's stream sockets, non-blocking and close-on-exec; each call returns at once. What the real
 * platforms share. Results are >= 0 or a negative errno; -EAGAIN means that the call would have blocked. */
#ifndef WEIR_SRC_PLATFORM_SOCKET_H
#define WEIR_SRC_PLATFORM_SOCKET_H

#include "platform/platform.h"

#include <sys/stat.h>

/** The file that a listening Unix socket has made; zero for every other socket. */
struct weir__socket_file {
    dev_t device;
    ino_t inode;
};

/** A listening socket: its descriptor. `ret_file` is filled in on success. */
int weir__socket_listen(const struct weir__address *address, struct weir__socket_file *ret_file);

/** Remove the file of a listening socket that is about to be closed, unless another has taken its place. */
void weir__socket_unlink(int fd, const struct weir__socket_file *file);

/** Begin to connect. 0: connected; -EINPROGRESS: ask weir__socket_connected when it is writable. In both cases
 * *ret_fd is the descriptor; otherwise there is none. */
int weir__socket_connect(const struct weir__address *address, int *ret_fd);

/** How a connect has ended: 0, or its error. */
int weir__socket_connected(int fd);

/** The next connection's descriptor. `ret_peer` may be NULL. */
int weir__socket_accept(int fd, struct weir__address *ret_peer);

/** Bytes read; 0 the end. */
int weir__socket_read(int fd, void *buf, size_t bytes);

/** Whether a read would return at once, with bytes, the end or an error. */
bool weir__socket_is_readable(int fd);

/** Bytes taken, > 0. At most the first IOV_MAX pieces. */
int weir__socket_write(int fd, const struct iovec *pieces, int count);

int weir__socket_shutdown_write(int fd);
void weir__socket_set_abort(int fd);
void weir__socket_local_address(int fd, struct weir__address *ret_address);

#endif
