/* SPDX-License-Identifier: MIT */
/* connect.h: a stream to an address; what weir_tcp_connect and weir_unix_connect share. */
#ifndef WEIR_SRC_IO_CONNECT_H
#define WEIR_SRC_IO_CONNECT_H

#include "platform/platform.h"
#include "weir/stream.h"

/**
 * Connect. The caller has called weir__checkpoint.
 * @return 0; a negative errno of the connect; -ECANCELED, -ETIME: nothing is left behind
 */
int weir__connect(weir_stream **ret_stream, const struct weir__address *address, const void *site);

#endif
