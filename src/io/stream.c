/* SPDX-License-Identifier: MIT */
/* stream.c: what all kinds of streams have in common: one reader and one writer at a time, calls that move more than
 * one system call's worth, bytes that were read ahead, and failures that last.
 *
 * Invariant: bytes leave a stream in order, each once. What was read and not asked for is in `ahead`, before anything
 * that the kind still holds; a call that fails puts nothing anywhere but where it says. */
#include "io/stream.h"

#include "base/assert.h"
#include "io/read_ahead.h"
#include "runtime/owner.h"

#include <string.h>

enum { MOVE_BYTES_MAX = 1 << 30, WINDOW_PIECES = 16, DELIMITER_BYTES_MAX = 16 };

void weir__stream_init(weir_stream *stream, const struct weir__stream_ops *ops) {
    *stream = (struct weir_stream){.ops = ops, .loop = weir__loop_current(__func__)};
}

/* ---- Who may call ------------------------------------------------------------------------------------------------ */

/* What every call on a stream asks first. The checkpoint may let others run, so it comes before the rest. */
static inline int may_read(const weir_stream *stream, const char *call) {
    weir__owner_check(stream->loop, call);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    if (stream->is_closed)
        return -WEIR_ECLOSED;
    return stream->is_reading ? -EBUSY : 0;
}

static inline int may_write(const weir_stream *stream, const char *call) {
    weir__owner_check(stream->loop, call);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    if (stream->is_closed)
        return -WEIR_ECLOSED;
    if (stream->is_writing)
        return -EBUSY;
    return stream->is_finished ? -EPIPE : 0;
}

/* Whether a failure is the connection's, and not this one call's. EPIPE concerns writes alone: what the peer has sent
 * can still be read to its end. */
static bool lasts(int rc) {
    switch (rc) {
    case -ECANCELED:
    case -ETIME:
    case -ENOMEM:
    case -ENOBUFS:
    case -EPIPE:
        return false;
    default:
        return rc < 0;
    }
}

/* The kernel tells a failure once, to whichever call comes first, and an orderly end after it. Whoever takes that for
 * the end would take half a message for a whole one. */
static inline int lasting(weir_stream *stream, int rc) {
    if (__builtin_expect(rc > 0, 1))
        return rc;
    if (lasts(rc) && stream->failure == 0)
        stream->failure = rc;
    return rc == 0 ? stream->failure : rc;
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static inline int read_kind(weir_stream *stream, void *buf, size_t bytes, const void *site) {
    return lasting(stream, stream->ops->read(stream, buf, bytes < MOVE_BYTES_MAX ? bytes : MOVE_BYTES_MAX, site));
}

int weir_stream_read_some(weir_stream *stream, void *buf, size_t buf_bytes) {
    WEIR_ASSERT(buf_bytes > 0);
    int rc = may_read(stream, __func__);
    if (rc < 0)
        return rc;
    if (stream->ahead != NULL)
        return (int)weir__read_ahead_take(&stream->ahead, buf, buf_bytes < MOVE_BYTES_MAX ? buf_bytes : MOVE_BYTES_MAX);

    stream->is_reading = true;
    rc = read_kind(stream, buf, buf_bytes, WEIR__SITE);
    stream->is_reading = false;
    return rc;
}

int weir_stream_wait_readable(weir_stream *stream) {
    int rc = may_read(stream, __func__);
    if (rc < 0 || stream->ahead != NULL)
        return rc;

    stream->is_reading = true;
    rc = stream->ops->wait_readable(stream, WEIR__SITE);
    stream->is_reading = false;
    return rc;
}

/* Read until `buf` is full. */
static int fill(weir_stream *stream, char *buf, size_t bytes, size_t *done, const void *site) {
    *done = weir__read_ahead_take(&stream->ahead, buf, bytes);
    while (*done < bytes) {
        int rc = read_kind(stream, buf + *done, bytes - *done, site);
        if (rc <= 0)
            return rc == 0 ? -WEIR_EEOF : rc;
        *done += (size_t)rc;
        rc = *done < bytes ? weir__checkpoint() : 0;
        if (rc < 0)
            return rc;
        if (stream->is_closed)
            return -ECANCELED; /* while others ran */
    }
    return 0;
}

int weir_stream_read_exactly(weir_stream *stream, void *buf, size_t bytes, size_t *progress) {
    size_t done = 0;
    int rc = may_read(stream, __func__);

    if (rc == 0) {
        stream->is_reading = true;
        rc = fill(stream, buf, bytes, &done, WEIR__SITE);
        stream->is_reading = false;
    }
    if (progress != NULL)
        *progress = done;
    return rc;
}

/* Where the first delimiter within the first `limit` bytes read ahead ends; 0 for nowhere. Nothing is in the first
 * `*searched` bytes, which is moved on. */
static size_t find_end(const struct weir__read_ahead *ahead, size_t limit, const char *delimiter,
                       size_t delimiter_bytes, size_t *searched) {
    size_t bytes = weir__read_ahead_bytes(ahead);
    size_t from = *searched >= delimiter_bytes ? *searched - (delimiter_bytes - 1) : 0;

    if (bytes > limit)
        bytes = limit;
    if (bytes < from + delimiter_bytes)
        return 0;
    const char *start = ahead->data + ahead->start;
    const char *found = memmem(start + from, bytes - from, delimiter, delimiter_bytes);
    *searched = bytes;
    return found != NULL ? (size_t)(found - start) + delimiter_bytes : 0;
}

/* Read ahead until a delimiter is inside. > 0 where it ends. */
static int search(weir_stream *stream, size_t limit, const char *delimiter, const void *site) {
    size_t delimiter_bytes = strlen(delimiter), searched = 0, room, end;

    while ((end = find_end(stream->ahead, limit, delimiter, delimiter_bytes, &searched)) == 0) {
        if (weir__read_ahead_bytes(stream->ahead) >= limit)
            return -WEIR_ELIMIT;
        char *place = weir__read_ahead_reserve(&stream->ahead, limit, &room);
        if (place == NULL)
            return -ENOMEM;
        int rc = read_kind(stream, place, room, site);
        if (rc <= 0)
            return rc < 0 || weir__read_ahead_bytes(stream->ahead) == 0 ? rc : -WEIR_EEOF;
        stream->ahead->end += (size_t)rc;
        rc = weir__checkpoint();
        if (rc < 0)
            return rc;
        if (stream->is_closed)
            return -ECANCELED; /* while others ran */
    }
    return (int)end;
}

int weir_stream_read_until(weir_stream *stream, char *buf, size_t buf_bytes, const char *delimiter) {
    WEIR_ASSERT(buf_bytes > 0);
    WEIR_ASSERT(delimiter[0] != '\0' && strnlen(delimiter, DELIMITER_BYTES_MAX + 1) <= DELIMITER_BYTES_MAX);
    size_t limit = buf_bytes <= MOVE_BYTES_MAX ? buf_bytes - 1 : MOVE_BYTES_MAX - 1;
    int rc = may_read(stream, __func__);
    if (rc < 0)
        return rc;

    stream->is_reading = true;
    rc = search(stream, limit, delimiter, WEIR__SITE);
    stream->is_reading = false;
    if (rc > 0) {
        weir__read_ahead_take(&stream->ahead, buf, (size_t)rc);
        buf[rc] = '\0';
    } else {
        weir__read_ahead_trim(&stream->ahead);
    }
    return rc;
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* What is left to write of an array of pieces that is not ours to change. */
struct rest {
    const struct iovec *piece;
    size_t count;
    size_t offset; /* into the first */
};

static inline void skip(struct rest *rest, size_t bytes) {
    rest->offset += bytes;
    while (rest->count > 0 && rest->offset >= rest->piece->iov_len) {
        rest->offset -= rest->piece->iov_len;
        rest->piece++;
        rest->count--;
    }
}

/* One write of what begins amid a piece. Apart, so that most writes have no such array in their frame. */
static __attribute__((noinline)) int write_window(weir_stream *stream, struct rest rest, const void *site) {
    struct iovec window[WINDOW_PIECES];
    size_t count = rest.count < WINDOW_PIECES ? rest.count : WINDOW_PIECES;

    memcpy(window, rest.piece, count * sizeof *window);
    window[0].iov_base = (char *)window[0].iov_base + rest.offset;
    window[0].iov_len -= rest.offset;
    return stream->ops->write(stream, window, (int)count, site);
}

/* One write of what is left: from the caller's own array, where it begins with a whole piece. */
static inline int write_kind(weir_stream *stream, struct rest rest, const void *site) {
    if (rest.offset != 0)
        return lasting(stream, write_window(stream, rest, site));
    int count = rest.count < MOVE_BYTES_MAX ? (int)rest.count : MOVE_BYTES_MAX;
    return lasting(stream, stream->ops->write(stream, rest.piece, count, site));
}

static inline int drain(weir_stream *stream, struct rest rest, size_t *done, const void *site) {
    skip(&rest, 0);
    while (rest.count > 0) {
        int rc = write_kind(stream, rest, site);
        if (rc < 0)
            return rc;
        *done += (size_t)rc;
        skip(&rest, (size_t)rc);
        rc = rest.count > 0 ? weir__checkpoint() : 0;
        if (rc < 0)
            return rc;
        if (stream->is_closed)
            return -ECANCELED; /* while others ran */
    }
    return 0;
}

static inline int write_pieces(weir_stream *stream, const struct iovec *pieces, size_t count, size_t *progress,
                               const char *call, const void *site) {
    size_t done = 0;
    int rc = may_write(stream, call);

    if (rc == 0) {
        stream->is_writing = true;
        rc = drain(stream, (struct rest){pieces, count, 0}, &done, site);
        stream->is_writing = false;
    }
    if (progress != NULL)
        *progress = done;
    return rc;
}

int weir_stream_write_all(weir_stream *stream, const void *data, size_t bytes, size_t *progress) {
    struct iovec piece = {.iov_base = (void *)(uintptr_t)data, .iov_len = bytes};
    return write_pieces(stream, &piece, 1, progress, __func__, WEIR__SITE);
}

int weir_stream_write_vec(weir_stream *stream, const struct iovec *pieces, size_t count, size_t *progress) {
    return write_pieces(stream, pieces, count, progress, __func__, WEIR__SITE);
}

int weir_stream_finish(weir_stream *stream) {
    int rc = may_write(stream, __func__);
    if (rc == -EPIPE)
        return 0; /* sent already */
    if (rc < 0)
        return rc;

    stream->is_writing = true;
    rc = stream->ops->finish(stream);
    stream->is_writing = false;
    stream->is_finished = rc == 0;
    return rc;
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static void close_kind(weir_stream *stream, bool hard) {
    stream->is_closed = true;
    stream->ops->close(stream, hard);
}

int weir_stream_close(weir_stream *stream) {
    weir__owner_check(stream->loop, __func__);
    if (!stream->is_closed)
        close_kind(stream, false);
    return stream->failure;
}

void weir_stream_abort(weir_stream *stream) {
    weir__owner_check(stream->loop, __func__);
    if (!stream->is_closed)
        close_kind(stream, true);
}

void weir_stream_free(weir_stream *stream) {
    if (stream == NULL)
        return;
    weir__owner_check(stream->loop, __func__);
    if (stream->is_reading || stream->is_writing)
        WEIR_MISUSE("a task still %s", stream->is_reading ? "reads" : "writes");
    if (!stream->is_closed)
        close_kind(stream, true);
    if (stream->ahead != NULL)
        stream->ahead->start = stream->ahead->end;
    weir__read_ahead_trim(&stream->ahead);
    stream->ops->free(stream);
}

const char *weir_stream_peer(const weir_stream *stream) {
    weir__owner_check(stream->loop, __func__);
    return stream->ops->peer((weir_stream *)(uintptr_t)stream);
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

static bool readable_try(weir_case *arm) {
    weir_stream *stream = arm->object;

    arm->result = 0;
    if (stream->is_closed || stream->is_reading)
        arm->result = stream->is_closed ? -WEIR_ECLOSED : -EBUSY;
    return arm->result < 0 || stream->ahead != NULL || stream->ops->is_readable(stream);
}

static int readable_enlist(weir_case *arm, struct weir__waiter *waiter) {
    weir_stream *stream = arm->object;

    if (stream->is_reading)
        return -EBUSY; /* another arm of the same select, say */
    stream->is_reading = true;
    stream->select_arm = waiter;
    return stream->ops->arm(stream, waiter);
}

static void readable_delist(weir_case *arm, struct weir__waiter *waiter) {
    weir_stream *stream = arm->object;

    if (stream->select_arm != waiter)
        return;
    stream->ops->disarm(stream, waiter);
    stream->select_arm = NULL;
    stream->is_reading = false;
}

static const struct weir_case_ops readable_ops = {
    .try_now = readable_try,
    .enlist = readable_enlist,
    .delist = readable_delist,
};

weir_case weir_case_readable(weir_stream *stream) {
    weir__owner_check(stream->loop, __func__);
    return (weir_case){.ops = &readable_ops, .object = stream};
}
