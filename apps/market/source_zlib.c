/* SPDX-License-Identifier: MIT */
/* source_zlib.c: read a file, unpacking it when it is gzip; several gzip members one after another are one text.
 * Invariant: next_in[0 .. avail_in) of `z` is what was read of the file and not used yet, packed or not.
 * zlib has no hook for clock, randomness, sockets or files, and asks for none. */
#include "market/source.h"

#include <zlib.h>

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WINDOW_BITS_GZIP = 15 + 16, MAGIC_BYTES = 2, POLL_MS = 100 };

struct source {
    char *path;
    int fd;
    bool packed;
    bool inside; /* a gzip member has begun and not ended */
    bool ended;  /* of the file */
    uint64_t read, size;
    z_stream z;
    unsigned char buffer[64 * 1024];
};

static int fail_errno(const struct source *source, const char *doing) {
    int rc = -errno;
    return weir_fail(rc, "%s %s: %s", doing, source->path, strerror(-rc));
}

/** Until a read would not wait. A pipe that nobody has opened for writing yet is waited for as well. */
static int wait_readable(const struct source *source, const weir_stop *stop) {
    struct pollfd ready = {.fd = source->fd, .events = POLLIN};

    while (stop == NULL || !weir_stop_asked(stop)) {
        int count = poll(&ready, 1, POLL_MS);
        if (count > 0)
            return 0;
        if (count < 0 && errno != EINTR)
            return fail_errno(source, "wait for");
    }
    return -ECANCELED;
}

/** Read more of the file behind what is left. @return 0; < 0 */
static int fill(struct source *source, const weir_stop *stop) {
    int rc = wait_readable(source, stop);
    if (rc < 0)
        return rc;
    if (source->z.avail_in > 0)
        memmove(source->buffer, source->z.next_in, source->z.avail_in);
    source->z.next_in = source->buffer;
    ssize_t bytes = read(source->fd, source->buffer + source->z.avail_in, sizeof source->buffer - source->z.avail_in);
    if (bytes < 0)
        return errno == EINTR || errno == EAGAIN ? 0 : fail_errno(source, "read");
    source->ended = bytes == 0;
    source->z.avail_in += (uInt)bytes;
    source->read += (uint64_t)bytes;
    return 0;
}

static bool has_magic(const struct source *source) {
    return source->z.avail_in >= MAGIC_BYTES && source->z.next_in[0] == 0x1F && source->z.next_in[1] == 0x8B;
}

/** Look at the first bytes. */
static int recognise(struct source *source, const weir_stop *stop) {
    struct stat status;

    if (fstat(source->fd, &status) < 0)
        return fail_errno(source, "look at");
    if (S_ISDIR(status.st_mode))
        return weir_fail(-EISDIR, "%s is a folder", source->path);
    source->size = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    while (!source->ended && source->z.avail_in < MAGIC_BYTES) {
        int rc = fill(source, stop);
        if (rc < 0)
            return rc;
    }
    source->packed = has_magic(source);
    if (source->packed && inflateInit2(&source->z, WINDOW_BITS_GZIP) != Z_OK)
        return -ENOMEM;
    source->inside = source->packed;
    return 0;
}

int source_open(struct source **ret_source, const char *path, const weir_stop *stop) {
    struct source *source = calloc(1, sizeof *source);
    if (source == NULL)
        return -ENOMEM;
    source->fd = -1;
    source->path = strdup(path);
    source->z.next_in = source->buffer;
    int rc = source->path == NULL ? -ENOMEM : 0;
    if (rc == 0 && (source->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)) < 0)
        rc = fail_errno(source, "open");
    if (rc == 0)
        rc = recognise(source, stop);
    if (rc < 0) {
        source_close(source);
        return rc;
    }
    *ret_source = source;
    return 0;
}

void source_close(struct source *source) {
    if (source == NULL)
        return;
    if (source->packed)
        inflateEnd(&source->z);
    if (source->fd >= 0)
        close(source->fd);
    free(source->path);
    free(source);
}

/** Unpack into z.next_out. @return 1 go on; 0 the end; < 0 */
static int unpack(struct source *source) {
    if (!source->inside) {
        /* Behind a member there is another one, or nothing that counts: gzip ignores it as well. */
        if (!has_magic(source))
            return source->ended || source->z.avail_in >= MAGIC_BYTES ? 0 : 1;
        if (inflateReset(&source->z) != Z_OK)
            return -ENOMEM;
        source->inside = true;
    }
    int rc = inflate(&source->z, Z_NO_FLUSH);
    if (rc == Z_STREAM_END)
        source->inside = false;
    if (rc == Z_MEM_ERROR)
        return -ENOMEM;
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR)
        return weir_fail(-EBADMSG, "%s is damaged: %s", source->path, source->z.msg == NULL ? "" : source->z.msg);
    if (rc == Z_BUF_ERROR && source->ended)
        return weir_fail(-WEIR_EEOF, "%s is cut short", source->path);
    return 1;
}

/** Hand on what is not packed. */
static int copy(struct source *source) {
    z_stream *z = &source->z;
    uInt bytes = z->avail_in < z->avail_out ? z->avail_in : z->avail_out;

    memcpy(z->next_out, z->next_in, bytes);
    z->next_in += bytes;
    z->avail_in -= bytes;
    z->next_out += bytes;
    z->avail_out -= bytes;
    return source->ended && z->avail_in == 0 ? 0 : 1;
}

int source_read(struct source *source, char *buf, int buf_bytes, const weir_stop *stop) {
    int rc = 1;

    source->z.next_out = (unsigned char *)buf;
    source->z.avail_out = (uInt)buf_bytes;
    while (rc > 0 && source->z.avail_out > 0) {
        uInt needed = source->packed && !source->inside ? MAGIC_BYTES : 1;
        rc = source->z.avail_in < needed && !source->ended ? fill(source, stop) : 0;
        if (rc == 0)
            rc = source->packed ? unpack(source) : copy(source);
    }
    return rc < 0 ? rc : buf_bytes - (int)source->z.avail_out;
}

void source_progress(const struct source *source, uint64_t *ret_done, uint64_t *ret_size) {
    *ret_done = source->read - source->z.avail_in;
    *ret_size = source->size;
}
