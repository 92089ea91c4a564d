/* SPDX-License-Identifier: MIT */
/* sockets.c: operations on handles. */
#include "promises.h"

#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static void close_both(const struct world *world, struct weir__handle *a, struct weir__handle *b) {
    world->ops->close(world->platform, a);
    world->ops->close(world->platform, b);
}

PROMISE(a_read_waits_and_comes_out_with_its_bytes) {
    struct weir__handle *client, *server;
    char buf[16] = "";

    open_connection(world, &client, &server);
    for (int i = 0; i < 3; i++) {
        struct weir__op read = op_read(server, buf, sizeof buf);
        start_waiting(world, &read);
        write_text(world, client, "h");
        CHECK_INT(finish(world, &read), 1);
        CHECK_INT(buf[0], 'h');
    }
    close_both(world, client, server);
}

PROMISE(a_short_read_loses_nothing) {
    struct weir__handle *client, *server;

    open_connection(world, &client, &server);
    for (int i = 0; i < 20; i++) { /* bytes come before, between and after the reads */
        write_text(world, client, "abc");
        if (i % 3 == 0)
            settle(world);
        read_text(world, server, "a");
        write_text(world, client, "d");
        read_text(world, server, "bcd");
    }
    write_text(world, client, "end");
    CHECK_INT(world->ops->shutdown_write(world->platform, client), 0);
    settle(world);
    read_text(world, server, "end");
    char buf[8];
    struct weir__op read = op_read(server, buf, sizeof buf);
    CHECK_INT(run(world, &read), 0);
    CHECK_INT(run(world, &read), 0);
    close_both(world, client, server);
}

PROMISE(ready_reads_nothing) {
    struct weir__handle *client, *server;

    open_connection(world, &client, &server);
    struct weir__op ready = op_ready(server);
    start_waiting(world, &ready);
    write_text(world, client, "here");
    CHECK_INT(finish(world, &ready), 0);
    CHECK_INT(run(world, &ready), 0);
    read_text(world, server, "he");
    CHECK_INT(run(world, &ready), 0);
    read_text(world, server, "re");
    start_waiting(world, &ready);
    CHECK(world->ops->cancel(world->platform, &ready));
    close_both(world, client, server);
}

PROMISE(ready_sees_the_end) {
    struct weir__handle *client, *server;
    char buf[8];

    open_connection(world, &client, &server);
    struct weir__op ready = op_ready(server), read = op_read(server, buf, sizeof buf);
    start_waiting(world, &ready);
    CHECK_INT(world->ops->shutdown_write(world->platform, client), 0);
    CHECK_INT(finish(world, &ready), 0);
    CHECK_INT(run(world, &read), 0);
    CHECK_INT(run(world, &ready), 0);
    close_both(world, client, server);
}

PROMISE(a_cancelled_op_had_no_effect) {
    struct weir__handle *client, *server;
    char buf[8] = "";

    open_connection(world, &client, &server);
    for (int i = 0; i < 3; i++) {
        struct weir__op read = op_read(server, buf, sizeof buf);
        start_waiting(world, &read);
        CHECK(world->ops->cancel(world->platform, &read));
        CHECK_INT(read.result, -ECANCELED);
        write_text(world, client, "x");
        settle(world);
        CHECK_STR(buf, "");
        CHECK_INT(read.result, -ECANCELED);
        read_text(world, server, "x");
    }
    close_both(world, client, server);
}

PROMISE(ops_that_end_together_come_out_together) {
    enum { COUNT = 8 };
    struct weir__handle *clients[COUNT], *servers[COUNT];
    struct weir__op reads[COUNT], *ended;
    char bufs[COUNT][4];
    int seen = 0;

    for (int i = 0; i < COUNT; i++) {
        open_connection(world, &clients[i], &servers[i]);
        reads[i] = op_read(servers[i], bufs[i], sizeof bufs[i]);
        start_waiting(world, &reads[i]);
    }
    for (int i = 0; i < COUNT; i++)
        write_text(world, clients[i], "x");
    while (seen < COUNT) {
        CHECK_INT(world->ops->wait(world->platform, 10 * 1000 * 1000, &ended), 0);
        for (; ended != NULL; ended = ended->next, seen++)
            CHECK_INT(ended->result, 1);
    }
    for (int i = 0; i < COUNT; i++)
        close_both(world, clients[i], servers[i]);
}

/* Write until the platform takes no more. @return bytes taken; `op` waits, with `piece` behind it */
static size_t fill(const struct world *world, struct weir__handle *handle, struct weir__op *op, struct iovec *piece) {
    size_t total = 0;

    *op = (struct weir__op){.kind = WEIR__OP_WRITE, .handle = handle, .u.write = {piece, 1}};
    while (world->ops->start(world->platform, op)) {
        CHECK(op->result > 0);
        total += (size_t)op->result;
    }
    return total;
}

PROMISE(reader_and_writer_share_a_handle) {
    struct weir__handle *client, *server;
    static char data[64 * 1024];
    struct iovec piece = {data, sizeof data};
    struct weir__op write;
    char buf[8];

    open_connection(world, &client, &server);
    struct weir__op read = op_read(client, buf, sizeof buf);
    start_waiting(world, &read);
    fill(world, client, &write, &piece);
    write_text(world, server, "x");
    CHECK_INT(finish(world, &read), 1);
    CHECK_INT(write.result, WEIR__OP_PENDING);
    CHECK(world->ops->cancel(world->platform, &write));
    close_both(world, client, server);
}

PROMISE(a_full_peer_holds_a_write_up) {
    struct weir__handle *client, *server;
    static char data[64 * 1024], buf[64 * 1024];
    struct iovec piece = {data, sizeof data};
    struct weir__op write;
    size_t got = 0;

    open_connection(world, &client, &server);
    size_t sent = fill(world, client, &write, &piece);
    settle(world);
    while (write.result == WEIR__OP_PENDING) { /* until there is room again */
        struct weir__op read = op_read(server, buf, sizeof buf);
        CHECK(run(world, &read) > 0);
        got += (size_t)read.result;
        struct weir__op *ended;
        CHECK_INT(world->ops->wait(world->platform, 0, &ended), 0);
    }
    CHECK(write.result > 0);
    CHECK(got <= sent + (size_t)write.result);
    close_both(world, client, server);
}

PROMISE(accepts_are_served_in_line) {
    enum { COUNT = 3 };
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op accepts[COUNT], connects[COUNT];

    for (int i = 0; i < COUNT; i++) {
        accepts[i] = op_accept(listener);
        start_waiting(world, &accepts[i]);
    }
    for (int i = 0; i < COUNT; i++) {
        connects[i] = op_connect(&address);
        CHECK_INT(run(world, &connects[i]), 0);
        CHECK_INT(finish(world, &accepts[i]), 0);
        for (int later = i + 1; later < COUNT; later++)
            CHECK_INT(accepts[later].result, WEIR__OP_PENDING);
        close_both(world, connects[i].u.connect.ret_handle, accepts[i].u.accept.ret_handle);
    }
    world->ops->close(world->platform, listener);
}

PROMISE(a_cancelled_accept_takes_no_connection) {
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op first = op_accept(listener), second = op_accept(listener), connect = op_connect(&address);

    start_waiting(world, &first);
    start_waiting(world, &second);
    CHECK(world->ops->cancel(world->platform, &first));
    CHECK_INT(run(world, &connect), 0);
    CHECK_INT(finish(world, &second), 0);
    CHECK_INT(first.result, -ECANCELED);
    close_both(world, connect.u.connect.ret_handle, second.u.accept.ret_handle);
    world->ops->close(world->platform, listener);
}

PROMISE(who_connects_is_told_to_who_accepts) {
    struct weir__address address, local, peer;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op accept = op_accept(listener), connect = op_connect(&address);

    accept.u.accept.ret_peer = &peer;
    CHECK_INT(run(world, &connect), 0);
    CHECK_INT(run(world, &accept), 0);
    world->ops->local_address(connect.u.connect.ret_handle, &local);
    CHECK_INT(peer.bytes, local.bytes);
    CHECK_MEM(&peer.u, &local.u, 8); /* family, port and IP; the rest of a sockaddr_in is filling */
    world->ops->local_address(accept.u.accept.ret_handle, &local);
    CHECK_MEM(&local.u, &address.u, 8);
    close_both(world, connect.u.connect.ret_handle, accept.u.accept.ret_handle);
    world->ops->close(world->platform, listener);
}

PROMISE(a_taken_address_is_refused) {
    struct weir__address address, other;
    struct weir__handle *listener = open_listener(world, &address), *second;

    CHECK_INT(world->ops->listen(world->platform, &address, &second), -EADDRINUSE);
    second = open_listener(world, &other); /* port 0 is another one each time */
    CHECK(memcmp(&other.u, &address.u, 8) != 0);
    world->ops->close(world->platform, second);
    world->ops->close(world->platform, listener);
    CHECK_INT(world->ops->listen(world->platform, &address, &listener), 0);
    world->ops->close(world->platform, listener);
}

PROMISE(nobody_listening_refuses) {
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op connect = op_connect(&address);

    world->ops->close(world->platform, listener);
    CHECK_INT(run(world, &connect), -ECONNREFUSED);
}

PROMISE(a_cancelled_connect_leaves_nothing) {
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);

    for (int i = 0; i < 3; i++) {
        struct weir__op connect = op_connect(&address), accept = op_accept(listener);
        if (world->ops->start(world->platform, &connect)) {
            world->ops->close(world->platform, connect.u.connect.ret_handle);
        } else {
            for (int n = 0; n < i && connect.result == WEIR__OP_PENDING; n++) {
                struct weir__op *ended;
                CHECK_INT(world->ops->wait(world->platform, 0, &ended), 0);
            }
            if (connect.result == WEIR__OP_PENDING)
                CHECK(world->ops->cancel(world->platform, &connect));
            else
                world->ops->close(world->platform, connect.u.connect.ret_handle);
        }
        settle(world);
        if (!world->ops->start(world->platform, &accept)) { /* it may have got as far as the line */
            CHECK(world->ops->cancel(world->platform, &accept));
            continue;
        }
        char byte;
        struct weir__op read = op_read(accept.u.accept.ret_handle, &byte, 1);
        CHECK(run(world, &read) <= 0);
        world->ops->close(world->platform, accept.u.accept.ret_handle);
    }
    world->ops->close(world->platform, listener);
}

PROMISE(closing_a_listener_resets_its_line) {
    struct weir__address address;
    struct weir__handle *listener = open_listener(world, &address);
    struct weir__op connect = op_connect(&address);
    char byte;

    CHECK_INT(run(world, &connect), 0);
    world->ops->close(world->platform, listener);
    struct weir__op read = op_read(connect.u.connect.ret_handle, &byte, 1);
    CHECK_INT(run(world, &read), -ECONNRESET);
    world->ops->close(world->platform, connect.u.connect.ret_handle);
}

PROMISE(the_end_of_one_way_leaves_the_other) {
    struct weir__handle *client, *server;
    char byte;

    open_connection(world, &client, &server);
    write_text(world, client, "last");
    CHECK_INT(world->ops->shutdown_write(world->platform, client), 0);
    read_text(world, server, "last");
    struct weir__op read = op_read(server, &byte, 1);
    CHECK_INT(run(world, &read), 0);
    write_text(world, server, "answer");
    read_text(world, client, "answer");
    struct iovec piece = {&byte, 1};
    struct weir__op write = {.kind = WEIR__OP_WRITE, .handle = client, .u.write = {&piece, 1}};
    CHECK_INT(run(world, &write), -EPIPE);
    close_both(world, client, server);
}

PROMISE(an_abort_is_a_reset) {
    struct weir__handle *client, *server;
    char byte = 'x';

    open_connection(world, &client, &server);
    struct weir__op read = op_read(client, &byte, 1);
    start_waiting(world, &read);
    world->ops->set_abort(world->platform, server);
    world->ops->close(world->platform, server);
    CHECK_INT(finish(world, &read), -ECONNRESET);
    struct iovec piece = {&byte, 1};
    struct weir__op write = {.kind = WEIR__OP_WRITE, .handle = client, .u.write = {&piece, 1}};
    CHECK_INT(run(world, &write), -EPIPE);
    world->ops->close(world->platform, client);
}
