/* SPDX-License-Identifier: MIT */
/* kinds.c: how the two ends of each kind of stream are made. */
#include "kinds.h"

#include "support/test.h"
#include "weir/tcp.h"
#include "weir/unix.h"

#include <stdio.h>
#include <unistd.h>

/* The listener's line holds the connection until it is taken, so one task can do both. */
static void join(weir_listener *listener, int connected, weir_stream **ret_server) {
    CHECK_INT(connected, 0);
    CHECK_INT(weir_listener_accept(listener, ret_server), 0);
    weir_listener_free(listener);
}

static void open_tcp(weir_stream **ret_a, weir_stream **ret_b) {
    weir_listener *listener;

    CHECK_INT(weir_tcp_listen(&listener, "127.0.0.1:0"), 0);
    join(listener, weir_tcp_connect(ret_a, weir_listener_address(listener)), ret_b);
}

static void open_unix(weir_stream **ret_a, weir_stream **ret_b) {
    weir_listener *listener;
    char path[64];

    snprintf(path, sizeof path, "@weir-conformance-%d", (int)getpid());
    CHECK_INT(weir_unix_listen(&listener, path), 0);
    join(listener, weir_unix_connect(ret_a, path), ret_b);
}

static void open_pair(weir_stream **ret_a, weir_stream **ret_b) { CHECK_INT(weir_stream_pair(ret_a, ret_b, 100), 0); }

const struct stream_kind kind_tcp = {"tcp", open_tcp, true, true, 12 << 20};
const struct stream_kind kind_unix = {"unix", open_unix, false, true, 4 << 20};
const struct stream_kind kind_pair = {"pair", open_pair, true, false, 100};
