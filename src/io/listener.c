/* SPDX-License-Identifier: MIT */
/* listener.c: taking connections. Any number of tasks may be in line for the next one.
 * Invariant: a connection is taken only when there is a stream to put it into. */
#include "io/listener.h"

#include "base/assert.h"
#include "io/address.h"
#include "io/stream.h"
#include "runtime/owner.h"

#include <stdlib.h>

struct weir_listener {
    struct weir__loop *loop;
    struct weir__handle *handle;
    unsigned accepting; /* tasks in a call */
    char address[WEIR__ADDRESS_TEXT_BYTES];
};

int weir__listener_open(weir_listener **ret_listener, const struct weir__address *address) {
    struct weir__loop *loop = weir__loop_current(__func__);
    struct weir__platform *platform = weir__loop_platform(loop);
    struct weir__address bound;
    weir_listener *listener = malloc(sizeof *listener);
    if (listener == NULL)
        return -ENOMEM;

    *listener = (weir_listener){.loop = loop};
    int rc = platform->ops->listen(platform, address, &listener->handle);
    if (rc < 0) {
        free(listener);
        return rc;
    }
    platform->ops->local_address(listener->handle, &bound);
    weir__address_format(&bound, listener->address);
    *ret_listener = listener;
    return 0;
}

const char *weir_listener_address(const weir_listener *listener) {
    weir__owner_check(listener->loop, __func__);
    return listener->address;
}

int weir_listener_accept(weir_listener *listener, weir_stream **ret_stream) {
    struct weir__address peer;
    struct weir__op op;

    weir__owner_check(listener->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    struct weir__socket_stream *memory = weir__socket_stream_new();
    if (memory == NULL)
        return -ENOMEM;

    op.kind = WEIR__OP_ACCEPT;
    op.handle = listener->handle;
    op.u.accept.ret_peer = &peer;
    listener->accepting++;
    rc = weir__op_run(&op, WEIR__WAIT_ACCEPT, listener, WEIR__SITE);
    listener->accepting--;
    if (rc < 0) {
        weir__socket_stream_drop(memory);
        return rc;
    }
    *ret_stream = weir__socket_stream_open(memory, op.u.accept.ret_handle, &peer);
    return 0;
}

void weir_listener_free(weir_listener *listener) {
    if (listener == NULL)
        return;
    weir__owner_check(listener->loop, __func__);
    if (listener->accepting > 0)
        WEIR_MISUSE("%u tasks still wait for a connection", listener->accepting);

    struct weir__platform *platform = weir__loop_platform(listener->loop);
    platform->ops->close(platform, listener->handle);
    free(listener);
}
