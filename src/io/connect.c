/* SPDX-License-Identifier: MIT */
/* connect.c: a stream to an address. The memory comes first, so that a connection that was made is never dropped. */
#include "io/connect.h"

#include "io/stream.h"

int weir__connect(weir_stream **ret_stream, const struct weir__address *address, const void *site) {
    struct weir__op op;
    struct weir__socket_stream *memory = weir__socket_stream_new();
    if (memory == NULL)
        return -ENOMEM;

    op.kind = WEIR__OP_CONNECT;
    op.u.connect.address = address;
    int rc = weir__op_run(&op, WEIR__WAIT_CONNECT, address, site);
    if (rc < 0) {
        weir__socket_stream_drop(memory);
        return rc;
    }
    *ret_stream = weir__socket_stream_open(memory, op.u.connect.ret_handle, address);
    return 0;
}
