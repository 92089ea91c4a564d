/* SPDX-License-Identifier: MIT */
/* test_sim.c: what only a simulated world promises: the same seed makes the same world, and time is its own. */
#include "platform/platform.h"

#include "../../conformance/platform/world.h"
#include "support/test.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static struct world open_world(uint64_t seed) {
    struct world world;

    CHECK_INT(weir__sim_new(&world.platform, seed), 0);
    world.ops = world.platform->ops;
    return world;
}

static void close_world(const struct world *world) { world->ops->free(world->platform); }

/* A number that each result and each instant goes into. */
static void mix(uint64_t *hash, int64_t value) { *hash = (*hash ^ (uint64_t)value) * UINT64_C(1099511628211); }

/* Send 100 KB from one end to the other; what happened, and when, as one number. */
static uint64_t trace(uint64_t seed) {
    struct world world = open_world(seed);
    struct weir__handle *client, *server;
    static char data[100 * 1000], buf[4096];
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t got = 0, sent = 0;

    open_connection(&world, &client, &server);
    while (got < sizeof data) {
        struct iovec piece = {data, sizeof data - sent};
        struct weir__op write = {.kind = WEIR__OP_WRITE, .handle = client, .u.write = {&piece, 1}};
        if (sent < sizeof data && !world.ops->start(world.platform, &write)) {
            if (got == sent)
                finish(&world, &write); /* all is read, and the acknowledgement is under way */
            else
                CHECK(world.ops->cancel(world.platform, &write));
        }
        sent += write.result > 0 ? (size_t)write.result : 0;
        struct weir__op read = op_read(server, buf, sizeof buf);
        got += (size_t)run(&world, &read);
        mix(&hash, write.result);
        mix(&hash, read.result);
        mix(&hash, world.ops->clock_ns(world.platform));
    }
    for (uint32_t count = 2; count < 20; count++)
        mix(&hash, world.ops->pick(world.platform, count));
    world.ops->random_bytes(world.platform, buf, 16);
    for (int i = 0; i < 16; i++)
        mix(&hash, buf[i]);
    world.ops->close(world.platform, client);
    world.ops->close(world.platform, server);
    close_world(&world);
    return hash;
}

TEST(test_sim_repeats_itself_with_the_same_seed) {
    for (uint64_t seed = 1; seed < 10; seed++)
        CHECK(trace(seed) == trace(seed));
    CHECK(trace(1) != trace(2));
    CHECK(trace(2) != trace(3));
}

TEST(test_sim_time_passes_only_in_waits) {
    struct world world = open_world(1);
    struct weir__op *ended;
    int64_t start = world.ops->clock_ns(world.platform), wall = world.ops->wall_ns(world.platform);

    CHECK_INT(world.ops->wait(world.platform, 0, &ended), 0);
    CHECK_INT(world.ops->clock_ns(world.platform), start);
    CHECK_INT(world.ops->wait(world.platform, 5, &ended), 0);
    CHECK_INT(world.ops->clock_ns(world.platform), start + 5);
    CHECK_INT(world.ops->wait(world.platform, INT64_C(3600) * 1000000000, &ended), 0);
    CHECK_INT(world.ops->clock_ns(world.platform), start + 5 + INT64_C(3600) * 1000000000);
    CHECK_INT(world.ops->wall_ns(world.platform) - wall, 5 + INT64_C(3600) * 1000000000);
    close_world(&world);
}

TEST(test_sim_says_when_nothing_can_ever_happen) {
    struct world world = open_world(1);
    struct weir__handle *client, *server;
    struct weir__op *ended;
    char byte;

    CHECK_INT(world.ops->wait(world.platform, -1, &ended), -EDEADLK);
    open_connection(&world, &client, &server);
    struct weir__op read = op_read(server, &byte, 1);
    start_waiting(&world, &read);
    CHECK_INT(world.ops->wait(world.platform, -1, &ended), -EDEADLK);
    world.ops->close(world.platform, client);
    CHECK_INT(world.ops->wait(world.platform, -1, &ended), 0);
    CHECK(ended == &read);
    CHECK_INT(read.result, 0);
    world.ops->close(world.platform, server);
    close_world(&world);
}

static void *wake_it(void *arg) {
    const struct world *world = arg;
    usleep(1000);
    world->ops->wake(world->platform);
    return NULL;
}

TEST(test_sim_waits_for_the_real_world_when_it_must) {
    struct world world = open_world(1);
    struct weir__op *ended;
    pthread_t thread;
    int ends[2];

    CHECK_INT(pipe(ends), 0);
    struct weir__op poll = op_poll(ends[0], WEIR__POLL_READ);
    start_waiting(&world, &poll);
    CHECK_INT(pthread_create(&thread, NULL, wake_it, &world), 0);
    CHECK_INT(world.ops->wait(world.platform, -1, &ended), 0); /* a descriptor could end it, and a thread does */
    CHECK(ended == NULL);
    CHECK_INT(pthread_join(thread, NULL), 0);
    CHECK(world.ops->cancel(world.platform, &poll));
    close(ends[0]);
    close(ends[1]);
    close_world(&world);
}

TEST(test_sim_draws_of_one_purpose_do_not_shift_another) {
    struct world plain = open_world(7), busy = open_world(7);
    unsigned char bytes[3][16];

    for (int i = 0; i < 50; i++)
        busy.ops->pick(busy.platform, 10);
    plain.ops->random_bytes(plain.platform, bytes[0], 16);
    busy.ops->random_bytes(busy.platform, bytes[1], 16);
    CHECK_MEM(bytes[0], bytes[1], 16);
    busy.ops->random_bytes(busy.platform, bytes[2], 16);
    CHECK(memcmp(bytes[1], bytes[2], 16) != 0);
    close_world(&plain);
    close_world(&busy);
}

TEST(test_sim_picks_every_task_now_and_then) {
    struct world world = open_world(test_seed());
    unsigned picked[5] = {0};

    for (int i = 0; i < 1000; i++) {
        uint32_t which = world.ops->pick(world.platform, 5);
        CHECK(which < 5);
        picked[which]++;
    }
    for (int i = 0; i < 5; i++)
        CHECK(picked[i] > 100);
    close_world(&world);
}

TEST(test_sim_takes_time_over_a_network_and_none_beside_it) {
    struct world world = open_world(test_seed());
    struct weir__handle *client, *server, *listener;
    struct weir__address address = {.bytes = offsetof(struct sockaddr_un, sun_path) + 2};
    struct sockaddr_un un = {.sun_family = AF_UNIX, .sun_path = "u"};

    open_connection(&world, &client, &server);
    int64_t start = world.ops->clock_ns(world.platform);
    write_text(&world, client, "ping");
    read_text(&world, server, "ping");
    CHECK(world.ops->clock_ns(world.platform) > start);
    world.ops->close(world.platform, client);
    world.ops->close(world.platform, server);

    memcpy(&address.u, &un, sizeof un);
    CHECK_INT(world.ops->listen(world.platform, &address, &listener), 0);
    struct weir__op connect = op_connect(&address), accept = op_accept(listener);
    CHECK_INT(run(&world, &connect), 0);
    CHECK_INT(run(&world, &accept), 0);
    start = world.ops->clock_ns(world.platform);
    write_text(&world, connect.u.connect.ret_handle, "ping");
    read_text(&world, accept.u.accept.ret_handle, "ping");
    CHECK_INT(world.ops->clock_ns(world.platform), start);
    world.ops->close(world.platform, connect.u.connect.ret_handle);
    world.ops->close(world.platform, accept.u.accept.ret_handle);
    world.ops->close(world.platform, listener);
    close_world(&world);
}

TEST(test_sim_drops_what_finds_the_line_full_and_asks_again) {
    struct world world = open_world(test_seed());
    struct weir__address address;
    struct weir__handle *listener = open_listener(&world, &address);
    struct weir__op *connects = calloc(WEIR__BACKLOG + 1, sizeof *connects);

    CHECK(connects != NULL);
    for (int i = 0; i < WEIR__BACKLOG; i++) {
        connects[i] = op_connect(&address);
        CHECK_INT(run(&world, &connects[i]), 0);
    }
    struct weir__op *late = &connects[WEIR__BACKLOG];
    *late = op_connect(&address);
    int64_t start = world.ops->clock_ns(world.platform);
    start_waiting(&world, late);
    settle(&world);
    CHECK_INT(late->result, WEIR__OP_PENDING);
    struct weir__op accept = op_accept(listener);
    CHECK_INT(run(&world, &accept), 0); /* room for one */
    CHECK_INT(finish(&world, late), 0);
    CHECK(world.ops->clock_ns(world.platform) - start >= 1000000000);

    struct weir__op never = op_connect(&address);
    start_waiting(&world, &never);
    while (never.result == WEIR__OP_PENDING) {
        struct weir__op *ended;
        CHECK_INT(world.ops->wait(world.platform, -1, &ended), 0);
    }
    CHECK_INT(never.result, -ETIMEDOUT);
    for (int i = 0; i <= WEIR__BACKLOG; i++)
        world.ops->close(world.platform, connects[i].u.connect.ret_handle);
    world.ops->close(world.platform, accept.u.accept.ret_handle);
    world.ops->close(world.platform, listener);
    free(connects);
    close_world(&world);
}
