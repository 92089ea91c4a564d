/* SPDX-License-Identifier: MIT */
/* stream_pair.c: two streams in memory, joined by a bounded ring of bytes each way. No platform is asked, so it works
 * on any loop.
 *
 * Invariant: nobody waits to read from a ring that holds bytes or has ended, nor to write to one that has room or whose
 * reader has gone. */
#include "base/assert.h"
#include "base/list.h"
#include "io/stream.h"

#include <stdlib.h>
#include <string.h>

enum { MOVE_BYTES_MAX = 1 << 29 }; /* at a time, twice which an int holds */

/* Bytes on their way from one end to the other. */
struct ring {
    char *bytes;
    size_t capacity, first, held;
    struct weir__line reader, writer; /* at most one each */
    bool has_ended;                   /* no more will be written */
    bool is_broken;                   /* the end that writes was dropped without a close */
    bool is_abandoned;                /* nobody will read */
};

struct end {
    weir_stream stream;
    struct ring *in, *out;
    struct pair *pair;
};

/* Lives until both ends are freed. */
struct pair {
    struct end ends[2];
    struct ring rings[2];
    int freed;
    char bytes[];
};

static struct end *of(weir_stream *stream) { return WEIR__CONTAINER(stream, struct end, stream); }

/* ---- Rings ------------------------------------------------------------------------------------------------------- */

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static size_t ring_take(struct ring *ring, char *buf, size_t bytes) {
    bytes = smaller(bytes, ring->held);
    size_t before_wrap = smaller(bytes, ring->capacity - ring->first);

    memcpy(buf, ring->bytes + ring->first, before_wrap);
    memcpy(buf + before_wrap, ring->bytes, bytes - before_wrap);
    ring->held -= bytes;
    ring->first = ring->held > 0 ? (ring->first + bytes) % ring->capacity : 0;
    return bytes;
}

static size_t ring_put(struct ring *ring, const char *data, size_t bytes) {
    bytes = smaller(smaller(bytes, MOVE_BYTES_MAX), ring->capacity - ring->held);
    size_t next = (ring->first + ring->held) % ring->capacity;
    size_t before_wrap = smaller(bytes, ring->capacity - next);

    memcpy(ring->bytes + next, data, before_wrap);
    memcpy(ring->bytes, data + before_wrap, bytes - before_wrap);
    ring->held += bytes;
    return bytes;
}

static bool can_read(const struct ring *ring) { return ring->held > 0 || ring->has_ended; }

static bool can_write(const struct ring *ring) { return ring->held < ring->capacity || ring->is_abandoned; }

/* ---- Bytes ------------------------------------------------------------------------------------------------------- */

static int pair_wait_readable(weir_stream *stream, const void *site) {
    struct ring *in = of(stream)->in;
    struct weir__waiter waiter;

    if (can_read(in))
        return 0;
    int rc = weir__line_wait(&in->reader, &waiter, WEIR__WAIT_READ, stream, site);
    return rc < 0 ? rc : waiter.result;
}

static int pair_read(weir_stream *stream, void *buf, size_t bytes, const void *site) {
    struct ring *in = of(stream)->in;
    int rc = pair_wait_readable(stream, site);

    if (rc < 0)
        return rc;
    if (in->held == 0)
        return in->is_broken ? -ECONNRESET : 0;
    size_t taken = ring_take(in, buf, bytes);
    weir__line_wake_all(&in->writer, 0);
    return (int)taken;
}

static int pair_write(weir_stream *stream, const struct iovec *pieces, int count, const void *site) {
    struct ring *out = of(stream)->out;
    struct weir__waiter waiter;
    size_t taken = 0;

    if (!can_write(out)) {
        int rc = weir__line_wait(&out->writer, &waiter, WEIR__WAIT_WRITE, stream, site);
        if (rc < 0 || waiter.result < 0)
            return rc < 0 ? rc : waiter.result;
    }
    if (out->has_ended)
        return -ECANCELED; /* closed after we were woken */
    if (out->is_abandoned)
        return -EPIPE;
    for (int i = 0; i < count && taken < MOVE_BYTES_MAX && out->held < out->capacity; i++) {
        if (pieces[i].iov_len > 0)
            taken += ring_put(out, pieces[i].iov_base, pieces[i].iov_len);
    }
    weir__line_wake_all(&out->reader, 0);
    return (int)taken;
}

static void end_ring(struct ring *ring, bool broken) {
    if (ring->has_ended)
        return;
    ring->has_ended = true;
    ring->is_broken = broken;
    weir__line_wake_all(&ring->reader, 0);
}

static int pair_finish(weir_stream *stream) {
    end_ring(of(stream)->out, false);
    return 0;
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static void pair_close(weir_stream *stream, bool hard) {
    struct end *me = of(stream);

    weir__line_wake_all(&me->in->reader, -ECANCELED); /* our own tasks, ... */
    weir__line_wake_all(&me->out->writer, -ECANCELED);
    me->in->is_abandoned = true; /* ... and the other end's */
    weir__line_wake_all(&me->in->writer, 0);
    end_ring(me->out, hard);
}

static void pair_free(weir_stream *stream) {
    struct pair *pair = of(stream)->pair;

    if (++pair->freed == 2)
        free(pair);
}

static const char *pair_peer(weir_stream *stream) {
    (void)stream;
    return "";
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

static bool pair_is_readable(weir_stream *stream) { return can_read(of(stream)->in); }

static int pair_arm(weir_stream *stream, struct weir__waiter *waiter) {
    weir__list_append(&of(stream)->in->reader.head, &waiter->link);
    return 0;
}

static void pair_disarm(weir_stream *stream, struct weir__waiter *waiter) {
    (void)stream;
    weir__waiter_leave(waiter);
}

static const struct weir__stream_ops pair_ops = {
    .read = pair_read,
    .wait_readable = pair_wait_readable,
    .write = pair_write,
    .finish = pair_finish,
    .close = pair_close,
    .free = pair_free,
    .peer = pair_peer,
    .is_readable = pair_is_readable,
    .arm = pair_arm,
    .disarm = pair_disarm,
};

static void init_ring(struct ring *ring, char *bytes, size_t capacity) {
    *ring = (struct ring){.bytes = bytes, .capacity = capacity};
    weir__line_init(&ring->reader);
    weir__line_init(&ring->writer);
}

int weir_stream_pair(weir_stream **ret_a, weir_stream **ret_b, size_t buffer_bytes) {
    size_t total;

    WEIR_ASSERT(buffer_bytes > 0);
    if (__builtin_mul_overflow(buffer_bytes, 2, &total) || __builtin_add_overflow(total, sizeof(struct pair), &total))
        return -ENOMEM;
    struct pair *pair = malloc(total);
    if (pair == NULL)
        return -ENOMEM;

    pair->freed = 0;
    for (int i = 0; i < 2; i++) {
        init_ring(&pair->rings[i], pair->bytes + (size_t)i * buffer_bytes, buffer_bytes);
        pair->ends[i] = (struct end){.in = &pair->rings[i], .out = &pair->rings[1 - i], .pair = pair};
        weir__stream_init(&pair->ends[i].stream, &pair_ops);
    }
    *ret_a = &pair->ends[0].stream;
    *ret_b = &pair->ends[1].stream;
    return 0;
}
