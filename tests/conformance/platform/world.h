/* SPDX-License-Identifier: MIT */
/* world.h: a platform driven by hand, without a loop: what the promises of the seam need. */
#ifndef WEIR_TESTS_CONFORMANCE_PLATFORM_WORLD_H
#define WEIR_TESTS_CONFORMANCE_PLATFORM_WORLD_H

#include "platform/platform.h"

struct world {
    struct weir__platform *platform;
    const struct weir__platform_ops *ops;
};

/** 127.0.0.1, and a port that the platform picks. */
struct weir__address loopback(void);

/** A listener there, and the address that it got. */
struct weir__handle *open_listener(const struct world *world, struct weir__address *ret_address);

/** Start an op that has to wait; fails the case if it does not. */
void start_waiting(const struct world *world, struct weir__op *op);

/** Wait until the op has ended. @return its result */
int finish(const struct world *world, struct weir__op *op);

/** Start an op, and wait until it has ended. @return its result */
int run(const struct world *world, struct weir__op *op);

/** Let the platform look, often enough that whatever is going to happen by itself has happened. */
void settle(const struct world *world);

/** Both ends of a fresh connection. */
void open_connection(const struct world *world, struct weir__handle **ret_client, struct weir__handle **ret_server);

struct weir__op op_read(struct weir__handle *handle, void *buf, size_t bytes);
struct weir__op op_ready(struct weir__handle *handle);
struct weir__op op_accept(struct weir__handle *listener);
struct weir__op op_connect(const struct weir__address *address);
struct weir__op op_poll(int fd, int events);

/** Write a text to its end. */
void write_text(const struct world *world, struct weir__handle *handle, const char *text);

/** Read as many bytes as the text has, which must be it. */
void read_text(const struct world *world, struct weir__handle *handle, const char *text);

#endif
