/* SPDX-License-Identifier: MIT */
/* kernel.c: what is asked of the kernel without a loop: clocks, random bytes, a look at a descriptor. Safe on any
 * thread. */
#include "platform/platform.h"

#include "base/assert.h"

#include <errno.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

static int64_t read_clock(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time); /* cannot fail for the two clocks that are asked for */
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

int64_t weir__kernel_clock_ns(void) { return read_clock(CLOCK_MONOTONIC); }

int64_t weir__kernel_wall_ns(void) { return read_clock(CLOCK_REALTIME); }

void weir__kernel_random(void *buf, size_t bytes) {
    char *rest = buf;
    while (bytes > 0) {
        ssize_t got = getrandom(rest, bytes, 0);
        /* Keys made of anything else would be guessed: a kernel without randomness ends the process. */
        WEIR_ASSERT(got > 0 || errno == EINTR);
        if (got < 0)
            continue;
        rest += got;
        bytes -= (size_t)got;
    }
}

/* What is always ready cannot be waited for: epoll says so, poll does not. */
static int check_kind(int fd) {
    struct stat status;
    if (fstat(fd, &status) < 0)
        return -errno;
    return S_ISREG(status.st_mode) || S_ISDIR(status.st_mode) ? -EPERM : 0;
}

int weir__kernel_poll_result(int asked, int revents) {
    int result = 0;
    if (revents & POLLNVAL)
        return -EBADF;
    if (revents & (POLLERR | POLLHUP))
        return asked;
    if (revents & (POLLIN | POLLRDHUP))
        result |= WEIR__POLL_READ;
    if (revents & POLLOUT)
        result |= WEIR__POLL_WRITE;
    return result & asked;
}

short weir__kernel_poll_events(int asked) {
    int events = 0;
    if (asked & WEIR__POLL_READ)
        events |= POLLIN | POLLRDHUP;
    if (asked & WEIR__POLL_WRITE)
        events |= POLLOUT;
    return (short)events;
}

int weir__kernel_poll(int fd, int events) {
    struct pollfd look = {.fd = fd, .events = weir__kernel_poll_events(events)};
    int rc = check_kind(fd);
    if (rc < 0)
        return rc;
    do
        rc = poll(&look, 1, 0);
    while (rc < 0 && errno == EINTR);
    return rc < 0 ? -errno : weir__kernel_poll_result(events, look.revents);
}

void weir__kernel_rest(void) { nanosleep(&(struct timespec){.tv_nsec = 100 * 1000}, NULL); }
