/* SPDX-License-Identifier: MIT */
/* lock.c: one process at a time. */
#include "market/lock.h"

#include "market/model.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/** Who holds it, as that process wrote it down; 0 when it has not yet. */
static long holder(int fd) {
    char text[32] = "";
    ssize_t bytes = pread(fd, text, sizeof text - 1, 0);
    return bytes > 0 ? strtol(text, NULL, 10) : 0;
}

/** Leave our number for whoever comes and finds it locked. A full disk is no reason not to start. */
static void sign(int fd) {
    char text[32];
    int bytes = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, text, (size_t)bytes, 0);
}

int lock_take(const char *path, int *ret_lock) {
    char *name = NULL;
    if (asprintf(&name, "%s.lock", path) < 0)
        return -ENOMEM;

    int rc = 0, fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        rc = -errno;
        weir_fail(rc, "open %s: %s", name, strerror(-rc));
    } else if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        long who = holder(fd);
        rc = errno == EWOULDBLOCK ? -MARKET_EIN_USE : -errno;
        if (rc == -MARKET_EIN_USE && who > 0)
            weir_fail(rc, "%s is in use by process %ld; stop that one first", path, who);
        else
            weir_fail(rc, "lock %s: it is in use by another process", name);
        close(fd);
    } else {
        sign(fd);
        *ret_lock = fd;
    }
    free(name);
    return rc;
}

void lock_give(int lock) {
    if (lock >= 0)
        close(lock);
}
