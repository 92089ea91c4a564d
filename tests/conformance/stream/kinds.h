/* SPDX-License-Identifier: MIT */
/* kinds.h: the streams that there are, each joined two by two, for the promises that all of them keep. */
#ifndef WEIR_TESTS_CONFORMANCE_STREAM_KINDS_H
#define WEIR_TESTS_CONFORMANCE_STREAM_KINDS_H

#include "weir/stream.h"

struct stream_kind {
    const char *name;
    /** Two ends, joined; fails the case if it cannot. */
    void (*open)(weir_stream **ret_a, weir_stream **ret_b);
    bool resets;           /* an end that is freed without a close is told to the other as -ECONNRESET */
    bool loses_read;       /* and so is a close with bytes unread */
    size_t held_bytes_max; /* an upper bound of what it takes without a reader */
};

extern const struct stream_kind kind_tcp, kind_unix, kind_pair;

#endif
