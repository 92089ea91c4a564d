/* SPDX-License-Identifier: MIT */
/* kernel.c: the kernel's clocks and generator. Safe on any thread. */
#include "platform/platform.h"

#include "base/assert.h"

#include <errno.h>
#include <sys/random.h>
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
