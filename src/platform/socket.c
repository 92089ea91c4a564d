/* SPDX-License-Identifier: MIT */
/* socket.c: the system calls on stream sockets, with the kernel's corners rounded off: interrupted calls are repeated,
 * errors are values, no call raises SIGPIPE, and nothing is left open where a call fails. */
#include "platform/socket.h"

#include "base/assert.h"

#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static int new_socket(int family) {
    int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return fd < 0 ? -errno : fd;
}

/* A failed setsockopt of these costs speed or comfort, never correctness: they are hints. */
static void switch_on(int fd, int level, int option) {
    int on = 1;
    (void)setsockopt(fd, level, option, &on, sizeof on);
}

/* ---- Listening --------------------------------------------------------------------------------------------------- */

static bool is_path(const struct weir__address *address) {
    const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&address->u;
    return address->u.any.sa_family == AF_UNIX && address->bytes > offsetof(struct sockaddr_un, sun_path) &&
           un->sun_path[0] != '\0';
}

/* Whether the path is a socket file on which nobody listens: one that a program has left when it was killed. */
static bool is_stale(const struct weir__address *address) {
    const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&address->u;
    struct stat status;
    int fd;

    if (lstat(un->sun_path, &status) < 0 || !S_ISSOCK(status.st_mode))
        return false;
    int rc = weir__socket_connect(address, &fd);
    if (rc == 0)
        close(fd);
    return rc == -ECONNREFUSED;
}

static int bind_path(int fd, const struct weir__address *address, struct weir__socket_file *ret_file) {
    const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&address->u;
    struct stat status;

    /* Of two programs that find the same stale file at the same instant, the second takes the path from the first, as
     * it would have a moment later. */
    if (bind(fd, &address->u.any, address->bytes) < 0) {
        if (errno != EADDRINUSE || !is_stale(address))
            return -errno;
        if (unlink(un->sun_path) < 0 && errno != ENOENT)
            return -errno;
        if (bind(fd, &address->u.any, address->bytes) < 0)
            return -errno;
    }
    if (lstat(un->sun_path, &status) == 0)
        *ret_file = (struct weir__socket_file){status.st_dev, status.st_ino};
    return 0;
}

static int bind_inet(int fd, const struct weir__address *address) {
    switch_on(fd, SOL_SOCKET, SO_REUSEADDR); /* connections of an earlier run may still be in TIME_WAIT */
    if (address->u.any.sa_family == AF_INET6) {
        int off = 0; /* "[::]" is every address of the machine, whatever the system's default */
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
    }
    switch_on(fd, IPPROTO_TCP, TCP_NODELAY); /* accepted sockets inherit it: no call for each */
    return bind(fd, &address->u.any, address->bytes) < 0 ? -errno : 0;
}

int weir__socket_listen(const struct weir__address *address, struct weir__socket_file *ret_file) {
    struct weir__socket_file file = {0};
    int fd = new_socket(address->u.any.sa_family);
    if (fd < 0)
        return fd;

    int rc;
    if (is_path(address))
        rc = bind_path(fd, address, &file);
    else if (address->u.any.sa_family == AF_UNIX)
        rc = bind(fd, &address->u.any, address->bytes) < 0 ? -errno : 0;
    else
        rc = bind_inet(fd, address);
    if (rc == 0 && listen(fd, WEIR__BACKLOG) < 0)
        rc = -errno;
    if (rc < 0) {
        if (file.inode != 0)
            weir__socket_unlink(fd, &file);
        close(fd);
        return rc;
    }
    *ret_file = file;
    return fd;
}

void weir__socket_unlink(int fd, const struct weir__socket_file *file) {
    struct weir__address address;
    const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&address.u;
    struct stat status;

    weir__socket_local_address(fd, &address);
    if (is_path(&address) && lstat(un->sun_path, &status) == 0 && status.st_dev == file->device &&
        status.st_ino == file->inode)
        (void)unlink(un->sun_path);
}

/* Errors that belong to the connection which would have been accepted (accept(2)): the next may be well. */
static bool is_of_the_connection(int error) {
    switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case ENOPROTOOPT:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
    case ENONET:
        return true;
    default:
        return false;
    }
}

int weir__socket_accept(int fd, struct weir__address *ret_peer) {
    struct weir__address peer;
    int accepted;

    do {
        peer.bytes = sizeof peer.u;
        accepted = accept4(fd, &peer.u.any, &peer.bytes, SOCK_NONBLOCK | SOCK_CLOEXEC);
    } while (accepted < 0 && is_of_the_connection(errno));
    if (accepted < 0)
        return -errno;
    if (ret_peer != NULL)
        *ret_peer = peer;
    return accepted;
}

/* ---- Connecting -------------------------------------------------------------------------------------------------- */

int weir__socket_connect(const struct weir__address *address, int *ret_fd) {
    bool is_tcp = address->u.any.sa_family != AF_UNIX;
    int fd = new_socket(address->u.any.sa_family);
    if (fd < 0)
        return fd;

    if (is_tcp)
        switch_on(fd, IPPROTO_TCP, TCP_NODELAY);
    int rc = connect(fd, &address->u.any, address->bytes) < 0 ? -errno : 0;
    if (rc == -EINTR && is_tcp)
        rc = -EINPROGRESS; /* a signal does not stop it */
    if (rc < 0 && rc != -EINPROGRESS) {
        close(fd);
        return rc;
    }
    *ret_fd = fd;
    return rc;
}

/* A connect to a free port of this machine may be given that very port as its own, and so meets itself. */
static bool is_connected_to_itself(int fd) {
    struct weir__address here, there = {.bytes = sizeof there.u};

    weir__socket_local_address(fd, &here);
    return here.u.any.sa_family != AF_UNIX && getpeername(fd, &there.u.any, &there.bytes) == 0 &&
           here.bytes == there.bytes && memcmp(&here.u, &there.u, here.bytes) == 0;
}

int weir__socket_connected(int fd) {
    int error = 0;
    socklen_t bytes = sizeof error;

    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &bytes) < 0)
        return -errno;
    if (error == 0 && is_connected_to_itself(fd))
        return -ECONNREFUSED;
    return -error;
}

/* ---- Bytes ------------------------------------------------------------------------------------------------------- */

int weir__socket_read(int fd, void *buf, size_t bytes) {
    ssize_t got;
    do
        got = recv(fd, buf, bytes, 0); /* the kernel moves less than INT_MAX at a time */
    while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : (int)got;
}

/* A recv with MSG_PEEK would take a pending error off the socket; poll takes nothing. */
bool weir__socket_is_readable(int fd) {
    struct pollfd look = {.fd = fd, .events = POLLIN | POLLRDHUP};
    int rc;
    do
        rc = poll(&look, 1, 0);
    while (rc < 0 && errno == EINTR);
    return rc != 0;
}

int weir__socket_write(int fd, const struct iovec *pieces, int count) {
    ssize_t taken;
    if (count == 1) {
        do
            taken = send(fd, pieces->iov_base, pieces->iov_len, MSG_NOSIGNAL);
        while (taken < 0 && errno == EINTR);
    } else {
        struct msghdr message = {
            .msg_iov = (struct iovec *)(uintptr_t)pieces, /* sendmsg does not change it */
            .msg_iovlen = count < IOV_MAX ? (size_t)count : IOV_MAX,
        };
        do
            taken = sendmsg(fd, &message, MSG_NOSIGNAL);
        while (taken < 0 && errno == EINTR);
    }
    return taken < 0 ? -errno : (int)taken;
}

int weir__socket_shutdown_write(int fd) { return shutdown(fd, SHUT_WR) < 0 ? -errno : 0; }

void weir__socket_set_abort(int fd) {
    struct linger at_once = {.l_onoff = 1, .l_linger = 0};
    (void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

void weir__socket_local_address(int fd, struct weir__address *ret_address) {
    ret_address->bytes = sizeof ret_address->u;
    if (getsockname(fd, &ret_address->u.any, &ret_address->bytes) < 0)
        *ret_address = (struct weir__address){.bytes = sizeof(sa_family_t)};
}
