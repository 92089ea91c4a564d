/* SPDX-License-Identifier: MIT */
/* listener.h: a listening socket, TCP or Unix. */
#ifndef WEIR_SRC_IO_LISTENER_H
#define WEIR_SRC_IO_LISTENER_H

#include "platform/platform.h"
#include "weir/tcp.h"

/** Listen at an address. 0, or a negative errno. */
int weir__listener_open(weir_listener **ret_listener, const struct weir__address *address);

#endif
