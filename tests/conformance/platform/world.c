/* SPDX-License-Identifier: MIT */
/* world.c: what a loop would do with a platform, step by step. */
#include "world.h"

#include "support/test.h"

#include <netinet/in.h>
#include <string.h>

enum { PATIENCE = 1000 }; /* waits before an op that has not ended is given up */

struct weir__address loopback(void) {
    struct weir__address address = {.bytes = sizeof(struct sockaddr_in)};
    struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};

    memcpy(&address.u, &in, sizeof in);
    return address;
}

struct weir__handle *open_listener(const struct world *world, struct weir__address *ret_address) {
    struct weir__address address = loopback();
    struct weir__handle *listener;

    CHECK_INT(world->ops->listen(world->platform, &address, &listener), 0);
    world->ops->local_address(listener, ret_address);
    return listener;
}

void start_waiting(const struct world *world, struct weir__op *op) {
    CHECK(!world->ops->start(world->platform, op));
    CHECK_INT(op->result, WEIR__OP_PENDING);
}

int finish(const struct world *world, struct weir__op *op) {
    for (int i = 0; i < PATIENCE && op->result == WEIR__OP_PENDING; i++) {
        struct weir__op *ended = NULL;
        CHECK_INT(world->ops->wait(world->platform, 10 * 1000 * 1000, &ended), 0);
        for (; ended != NULL; ended = ended->next)
            CHECK(ended->result != WEIR__OP_PENDING);
    }
    CHECK(op->result != WEIR__OP_PENDING);
    return op->result;
}

int run(const struct world *world, struct weir__op *op) {
    return world->ops->start(world->platform, op) ? op->result : finish(world, op);
}

void settle(const struct world *world) {
    struct weir__op *ended;

    for (int i = 0; i < 3; i++)
        CHECK_INT(world->ops->wait(world->platform, 1000 * 1000, &ended), 0);
}

void open_connection(const struct world *world, struct weir__handle **ret_client, struct weir__handle **ret_server) {
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op connect = op_connect(&address), accept = op_accept(listener);

    CHECK_INT(run(world, &connect), 0);
    CHECK_INT(run(world, &accept), 0);
    world->ops->close(world->platform, listener);
    *ret_client = connect.u.connect.ret_handle;
    *ret_server = accept.u.accept.ret_handle;
}

struct weir__op op_read(struct weir__handle *handle, void *buf, size_t bytes) {
    return (struct weir__op){.kind = WEIR__OP_READ, .handle = handle, .u.read = {buf, bytes}};
}

struct weir__op op_ready(struct weir__handle *handle) {
    return (struct weir__op){.kind = WEIR__OP_READY, .handle = handle};
}

struct weir__op op_accept(struct weir__handle *listener) {
    return (struct weir__op){.kind = WEIR__OP_ACCEPT, .handle = listener};
}

struct weir__op op_connect(const struct weir__address *address) {
    return (struct weir__op){.kind = WEIR__OP_CONNECT, .u.connect.address = address};
}

struct weir__op op_poll(int fd, int events) {
    return (struct weir__op){.kind = WEIR__OP_POLL, .u.poll = {fd, events}};
}

void write_text(const struct world *world, struct weir__handle *handle, const char *text) {
    struct iovec piece = {(char *)(uintptr_t)text, strlen(text)};

    while (piece.iov_len > 0) {
        struct weir__op op = {.kind = WEIR__OP_WRITE, .handle = handle, .u.write = {&piece, 1}};
        int taken = run(world, &op);
        CHECK(taken > 0);
        piece.iov_base = (char *)piece.iov_base + taken;
        piece.iov_len -= (size_t)taken;
    }
}

void read_text(const struct world *world, struct weir__handle *handle, const char *text) {
    char buf[256] = "";
    size_t bytes = strlen(text), done = 0;

    CHECK(bytes < sizeof buf);
    while (done < bytes) {
        struct weir__op op = op_read(handle, buf + done, bytes - done);
        int got = run(world, &op);
        CHECK(got > 0);
        done += (size_t)got;
    }
    CHECK_STR(buf, text);
}
