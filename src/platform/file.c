/* SPDX-License-Identifier: MIT */
/* file.c: files through the kernel. openat2 lets the kernel itself see to it that a path stays below its folder; where
 * there is none (before Linux 5.6, or forbidden by a sandbox), each step is taken without following links. */
#include "platform/file.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Opening a pipe or a terminal must neither block nor take it over. */
enum { FLAGS = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY };

static int open_by_kernel(int folder, const char *path) {
    struct open_how how = {.flags = FLAGS, .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
    long fd;

    do
        fd = syscall(SYS_openat2, folder, path, &how, sizeof how);
    while (fd < 0 && (errno == EINTR || errno == EAGAIN)); /* EAGAIN: something was renamed meanwhile */
    return fd < 0 ? -errno : (int)fd;
}

/* The next name of a path. */
static int take_name(const char **path, char name[NAME_MAX + 1], bool *ret_is_last) {
    size_t bytes = strcspn(*path, "/");

    if (bytes == 0 || bytes > NAME_MAX || strncmp(*path, "..", bytes) == 0)
        return -EXDEV;
    memcpy(name, *path, bytes);
    name[bytes] = '\0';
    *ret_is_last = (*path)[bytes] == '\0';
    *path += bytes + !*ret_is_last;
    return 0;
}

int weir__file_open_by_steps(int folder, const char *path) {
    char name[NAME_MAX + 1];
    bool is_last = false;
    int at = fcntl(folder, F_DUPFD_CLOEXEC, 0);

    while (at >= 0 && !is_last) {
        int rc = take_name(&path, name, &is_last), next = -1;
        if (rc == 0) {
            next = openat(at, name, is_last ? FLAGS | O_NOFOLLOW : O_PATH | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
            rc = next < 0 ? -errno : 0;
        }
        close(at);
        if (rc < 0)
            return rc;
        at = next;
    }
    return at < 0 ? -errno : at;
}

static int open_below(const char *directory, const char *path) {
    int folder = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

    if (folder < 0)
        return -errno;
    int fd = open_by_kernel(folder, path);
    if (fd == -ENOSYS || fd == -EPERM)
        fd = weir__file_open_by_steps(folder, path);
    close(folder);
    return fd;
}

int weir__file_open_beneath(struct weir__file *ret_file, const char *directory, const char *path) {
    struct stat status;
    int fd = open_below(directory, path), rc = 0;

    if (fd < 0)
        return fd;
    if (fstat(fd, &status) < 0)
        rc = -errno;
    else if (!S_ISREG(status.st_mode))
        rc = S_ISDIR(status.st_mode) ? -EISDIR : -EACCES;
    if (rc < 0) {
        close(fd);
        return rc;
    }
    ret_file->fd = fd;
    ret_file->bytes = (uint64_t)status.st_size;
    ret_file->modified.ns = status.st_mtim.tv_sec * WEIR_SEC + status.st_mtim.tv_nsec;
    return 0;
}

int weir__file_read_at(const struct weir__file *file, void *buf, size_t bytes, uint64_t offset) {
    size_t done = 0;

    if (bytes > INT_MAX)
        bytes = INT_MAX;
    while (done < bytes) {
        ssize_t got = pread(file->fd, (char *)buf + done, bytes - done, (off_t)(offset + done));
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -errno;
        done += got > 0 ? (size_t)got : 0;
    }
    return (int)done;
}

void weir__file_close(struct weir__file *file) {
    close(file->fd);
    file->fd = -1;
}
