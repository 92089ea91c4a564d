/* SPDX-License-Identifier: MIT */
/* stream_socket.c: streams over the platform's sockets, TCP and Unix.
 *
 * Invariant: the handle is closed by whoever is last on it: `close` itself, or else the call that it has woken. So no
 * handle goes away under an operation, not even on a platform that cannot give one back at once. */
#include "base/assert.h"
#include "base/list.h"
#include "io/address.h"
#include "io/stream.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct weir__socket_stream {
    weir_stream stream;
    struct weir__handle *handle;      /* NULL: closed */
    struct weir__op *reader, *writer; /* the operations under way; in their tasks' frames */
    bool is_armed;                    /* `ready` is under way for a select */
    bool is_closing;                  /* close it once nothing is under way */
    struct weir__op ready;
    union {
        struct sockaddr any; /* AF_UNSPEC: without a name, or it is in the text already */
        struct sockaddr_in in;
        struct sockaddr_in6 in6;
    } peer;
    char *peer_text; /* NULL: nobody has asked yet */
};

static struct weir__socket_stream *of(weir_stream *stream) {
    return WEIR__CONTAINER(stream, struct weir__socket_stream, stream);
}

static struct weir__platform *platform_of(const struct weir__socket_stream *me) {
    return weir__loop_platform(me->stream.loop);
}

static void close_if_idle(struct weir__socket_stream *me) {
    struct weir__platform *platform = platform_of(me);

    if (me->reader != NULL || me->writer != NULL || me->is_armed || me->handle == NULL)
        return;
    platform->ops->close(platform, me->handle);
    me->handle = NULL;
}

/* ---- Bytes ------------------------------------------------------------------------------------------------------- */

static inline int run(struct weir__socket_stream *me, struct weir__op **place, struct weir__op *op,
                      enum weir__wait wait, const void *site) {
    op->handle = me->handle;
    *place = op;
    int rc = weir__op_run(op, wait, &me->stream, site);
    *place = NULL;
    if (__builtin_expect(me->is_closing, 0))
        close_if_idle(me);
    return rc;
}

static int socket_read(weir_stream *stream, void *buf, size_t bytes, const void *site) {
    struct weir__op op;

    op.kind = WEIR__OP_READ;
    op.u.read.buf = buf;
    op.u.read.bytes = bytes;
    return run(of(stream), &of(stream)->reader, &op, WEIR__WAIT_READ, site);
}

static int socket_wait_readable(weir_stream *stream, const void *site) {
    struct weir__op op;

    op.kind = WEIR__OP_READY;
    return run(of(stream), &of(stream)->reader, &op, WEIR__WAIT_READ, site);
}

static int socket_write(weir_stream *stream, const struct iovec *pieces, int count, const void *site) {
    struct weir__op op;

    op.kind = WEIR__OP_WRITE;
    op.u.write.pieces = pieces;
    op.u.write.count = count;
    return run(of(stream), &of(stream)->writer, &op, WEIR__WAIT_WRITE, site);
}

static int socket_finish(weir_stream *stream) {
    struct weir__platform *platform = platform_of(of(stream));
    int rc = platform->ops->shutdown_write(platform, of(stream)->handle);
    return rc == -ENOTCONN ? -EPIPE : rc; /* the peer has reset the connection */
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

static void ready_ended(struct weir__op *op) {
    struct weir__socket_stream *me = WEIR__CONTAINER(op, struct weir__socket_stream, ready);
    struct weir__waiter *waiter = me->stream.select_arm;

    me->is_armed = false;
    if (waiter != NULL)
        weir__waiter_wake(waiter, op->result);
    if (me->is_closing)
        close_if_idle(me);
}

static bool start_ready(struct weir__socket_stream *me) {
    me->ready.kind = WEIR__OP_READY;
    me->ready.handle = me->handle;
    me->ready.ended = ready_ended;
    return weir__op_start(&me->ready);
}

static int socket_arm(weir_stream *stream, struct weir__waiter *waiter) {
    struct weir__socket_stream *me = of(stream);

    WEIR_ASSERT(!me->is_armed);
    me->is_armed = true;
    if (start_ready(me)) {
        me->is_armed = false;
        weir__waiter_wake(waiter, me->ready.result);
    }
    return 0;
}

static void socket_disarm(weir_stream *stream, struct weir__waiter *waiter) {
    struct weir__socket_stream *me = of(stream);

    (void)waiter;
    if (me->is_armed && weir__op_cancel(&me->ready))
        me->is_armed = false;
}

static bool socket_is_readable(weir_stream *stream) {
    struct weir__socket_stream *me = of(stream);

    me->is_armed = !start_ready(me);
    if (!me->is_armed)
        return true;
    socket_disarm(stream, NULL);
    return false;
}

/* ---- The end ----------------------------------------------------------------------------------------------------- */

static void socket_close(weir_stream *stream, bool hard) {
    struct weir__socket_stream *me = of(stream);
    struct weir__platform *platform = platform_of(me);

    if (hard)
        platform->ops->set_abort(platform, me->handle);
    me->is_closing = true;
    if (me->reader != NULL)
        weir__op_abort(me->reader);
    if (me->writer != NULL)
        weir__op_abort(me->writer);
    if (me->is_armed)
        weir__op_abort(&me->ready);
    close_if_idle(me);
}

static void socket_free(weir_stream *stream) {
    struct weir__socket_stream *me = of(stream);

    WEIR_ASSERT(me->handle == NULL);
    free(me->peer_text);
    free(me);
}

/* ---- The peer ---------------------------------------------------------------------------------------------------- */

static void make_peer_text(struct weir__socket_stream *me, const struct weir__address *address) {
    char text[WEIR__ADDRESS_TEXT_BYTES];

    weir__address_format(address, text);
    me->peer_text = text[0] != '\0' ? strdup(text) : NULL;
}

/* Most connections are never asked, so the text is made for those that are. */
static const char *socket_peer(weir_stream *stream) {
    struct weir__socket_stream *me = of(stream);
    struct weir__address address = {.bytes = sizeof me->peer};

    if (me->peer_text == NULL && me->peer.any.sa_family != AF_UNSPEC) {
        memcpy(&address.u, &me->peer, sizeof me->peer);
        make_peer_text(me, &address);
    }
    return me->peer_text != NULL ? me->peer_text : "";
}

static const struct weir__stream_ops socket_ops = {
    .read = socket_read,
    .wait_readable = socket_wait_readable,
    .write = socket_write,
    .finish = socket_finish,
    .close = socket_close,
    .free = socket_free,
    .peer = socket_peer,
    .is_readable = socket_is_readable,
    .arm = socket_arm,
    .disarm = socket_disarm,
};

struct weir__socket_stream *weir__socket_stream_new(void) {
    return malloc(sizeof(struct weir__socket_stream));
}

weir_stream *weir__socket_stream_open(struct weir__socket_stream *me, struct weir__handle *handle,
                                      const struct weir__address *peer) {
    weir__stream_init(&me->stream, &socket_ops);
    me->handle = handle;
    me->reader = me->writer = NULL;
    me->is_armed = me->is_closing = false;
    me->peer_text = NULL;
    if (peer->u.any.sa_family == AF_UNIX) {
        me->peer.any.sa_family = AF_UNSPEC;
        make_peer_text(me, peer);
    } else {
        memcpy(&me->peer, &peer->u, sizeof me->peer);
    }
    return &me->stream;
}

void weir__socket_stream_drop(struct weir__socket_stream *me) { free(me); }
