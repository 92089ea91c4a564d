/* SPDX-License-Identifier: MIT */
/* waiting.c: clock, wake, and descriptors of the program's. */
#include "promises.h"

#include "support/test.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

PROMISE(the_clock_never_goes_back) {
    int64_t before = world->ops->clock_ns(world->platform);

    CHECK(before > 0);
    for (int i = 0; i < 100; i++) {
        int64_t now = world->ops->clock_ns(world->platform);
        CHECK(now >= before);
        before = now;
    }
    CHECK(world->ops->wall_ns(world->platform) > INT64_C(1700000000) * 1000000000);
}

PROMISE(random_bytes_fill_what_is_asked) {
    unsigned char buf[100], seen[100] = {0};

    for (int i = 0; i < 64; i++) {
        memset(buf, 0, sizeof buf);
        world->ops->random_bytes(world->platform, buf, sizeof buf - 1);
        CHECK_INT(buf[sizeof buf - 1], 0);
        for (size_t j = 0; j < sizeof buf; j++)
            seen[j] |= buf[j];
    }
    for (size_t j = 0; j < sizeof buf - 1; j++)
        CHECK(seen[j] != 0);
    world->ops->random_bytes(world->platform, buf, 0);
}

PROMISE(a_wait_without_limit_is_ended_by_a_wake) {
    struct weir__op *ended = NULL;

    for (int i = 0; i < 3; i++) {
        world->ops->wake(world->platform); /* before: the next wait is ended */
        CHECK_INT(world->ops->wait(world->platform, -1, &ended), 0);
        CHECK(ended == NULL);
    }
}

PROMISE(a_look_returns_at_once) {
    struct weir__op *ended = NULL;

    for (int i = 0; i < 10; i++)
        CHECK_INT(world->ops->wait(world->platform, 0, &ended), 0);
    CHECK(ended == NULL);
}

PROMISE(a_wait_takes_as_long_as_asked) {
    int64_t start = world->ops->clock_ns(world->platform), end = start + 1500 * 1000; /* less than a whole ms more */
    struct weir__op *ended;

    for (int64_t now = start; now < end; now = world->ops->clock_ns(world->platform))
        CHECK_INT(world->ops->wait(world->platform, end - now, &ended), 0);
}

static void open_pipe(int ends[2]) { CHECK_INT(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0); }

static void close_pipe(const int ends[2]) {
    close(ends[0]);
    close(ends[1]);
}

static void put_byte(const int ends[2]) { CHECK_INT(write(ends[1], "x", 1), 1); }

static void take_byte(const int ends[2]) {
    char byte;
    CHECK_INT(read(ends[0], &byte, 1), 1);
}

PROMISE(a_descriptor_is_waited_for) {
    int ends[2];

    open_pipe(ends);
    for (int i = 0; i < 3; i++) {
        struct weir__op poll = op_poll(ends[0], WEIR__POLL_READ);
        start_waiting(world, &poll);
        put_byte(ends);
        CHECK_INT(finish(world, &poll), WEIR__POLL_READ);
        CHECK_INT(run(world, &poll), WEIR__POLL_READ); /* it is level: still there */
        take_byte(ends);
    }
    struct weir__op poll = op_poll(ends[1], WEIR__POLL_READ | WEIR__POLL_WRITE);
    CHECK_INT(run(world, &poll), WEIR__POLL_WRITE);
    close_pipe(ends);
}

PROMISE(several_wait_for_one_descriptor) {
    int ends[2];

    open_pipe(ends);
    CHECK_INT(fcntl(ends[1], F_SETPIPE_SZ, 4096), 4096);
    char page[4096] = "";
    CHECK_INT(write(ends[1], page, sizeof page), sizeof page); /* full: a writer has to wait as well */
    struct weir__op writers[2] = {op_poll(ends[1], WEIR__POLL_WRITE), op_poll(ends[1], WEIR__POLL_WRITE)};
    start_waiting(world, &writers[0]);
    start_waiting(world, &writers[1]);
    CHECK_INT(read(ends[0], page, sizeof page), sizeof page);
    CHECK_INT(finish(world, &writers[0]), WEIR__POLL_WRITE);
    CHECK_INT(finish(world, &writers[1]), WEIR__POLL_WRITE);

    struct weir__op readers[2] = {op_poll(ends[0], WEIR__POLL_READ), op_poll(ends[0], WEIR__POLL_READ)};
    start_waiting(world, &readers[0]);
    start_waiting(world, &readers[1]);
    put_byte(ends);
    CHECK_INT(finish(world, &readers[1]), WEIR__POLL_READ);
    CHECK_INT(finish(world, &readers[0]), WEIR__POLL_READ);
    close_pipe(ends);
}

PROMISE(reader_and_writer_wait_for_one_descriptor) {
    int ends[2];

    CHECK_INT(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
    for (int i = 0; i < 3; i++) {
        struct weir__op reader = op_poll(ends[0], WEIR__POLL_READ), writer = op_poll(ends[0], WEIR__POLL_WRITE);
        start_waiting(world, &reader);
        CHECK_INT(run(world, &writer), WEIR__POLL_WRITE);
        CHECK_INT(reader.result, WEIR__OP_PENDING); /* and is not forgotten */
        put_byte(ends);
        CHECK_INT(finish(world, &reader), WEIR__POLL_READ);
        take_byte(ends);
    }
    close_pipe(ends);
}

PROMISE(a_cancelled_poll_leaves_the_others) {
    int ends[2];

    open_pipe(ends);
    struct weir__op first = op_poll(ends[0], WEIR__POLL_READ), second = op_poll(ends[0], WEIR__POLL_READ);
    start_waiting(world, &first);
    start_waiting(world, &second);
    CHECK(world->ops->cancel(world->platform, &first));
    put_byte(ends);
    CHECK_INT(finish(world, &second), WEIR__POLL_READ);
    CHECK_INT(first.result, -ECANCELED);
    take_byte(ends);
    start_waiting(world, &first);
    CHECK(world->ops->cancel(world->platform, &first));
    put_byte(ends);
    settle(world);
    CHECK_INT(first.result, -ECANCELED);
    close_pipe(ends);
}

/* Libraries close a descriptor and get the same number for the next one; and the old one may live on under another
 * number, with input. What the wait for it was like must make no difference. */
enum { HAS_ENDED, WAS_CANCELLED, WAS_CANCELLED_AFTER_THE_CLOSE };

static void replace_descriptor(const struct world *world, int before, bool lives_on) {
    int ends[2], again[2];

    open_pipe(ends);
    struct weir__op poll = op_poll(ends[0], WEIR__POLL_READ);
    if (before == HAS_ENDED)
        put_byte(ends);
    if (before == HAS_ENDED)
        CHECK_INT(run(world, &poll), WEIR__POLL_READ);
    else
        start_waiting(world, &poll);
    if (before == WAS_CANCELLED)
        CHECK(world->ops->cancel(world->platform, &poll));
    int copy = dup(ends[0]), number = ends[0];
    close(ends[0]);
    if (before == WAS_CANCELLED_AFTER_THE_CLOSE)
        CHECK(world->ops->cancel(world->platform, &poll));
    if (!lives_on)
        close(copy);

    open_pipe(again);
    CHECK_INT(again[0], number);
    poll = op_poll(again[0], WEIR__POLL_READ);
    start_waiting(world, &poll);
    if (lives_on)
        put_byte(ends);
    settle(world);
    CHECK_INT(poll.result, WEIR__OP_PENDING);
    put_byte(again);
    CHECK_INT(finish(world, &poll), WEIR__POLL_READ);
    close_pipe(again);
    close(ends[1]);
    if (lives_on)
        close(copy);
}

PROMISE(a_number_may_come_to_mean_another_descriptor) {
    for (int before = HAS_ENDED; before <= WAS_CANCELLED_AFTER_THE_CLOSE; before++) {
        replace_descriptor(world, before, false);
        replace_descriptor(world, before, true);
    }
}

PROMISE(what_cannot_be_waited_for_is_refused) {
    struct weir__op none = op_poll(-1, WEIR__POLL_READ), closed = op_poll(999, WEIR__POLL_READ);
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct weir__op regular = op_poll(file, WEIR__POLL_READ);

    CHECK_INT(run(world, &none), -EBADF);
    CHECK_INT(run(world, &closed), -EBADF);
    CHECK_INT(run(world, &regular), -EPERM);
    CHECK_INT(weir__kernel_poll(-1, WEIR__POLL_READ), -EBADF);
    CHECK_INT(weir__kernel_poll(file, WEIR__POLL_READ), -EPERM);
    close(file);
}

PROMISE(a_hang_up_counts_as_everything) {
    int ends[2];

    open_pipe(ends);
    struct weir__op reader = op_poll(ends[0], WEIR__POLL_READ);
    start_waiting(world, &reader);
    close(ends[1]);
    CHECK_INT(finish(world, &reader), WEIR__POLL_READ);
    close(ends[0]);
    open_pipe(ends);
    close(ends[0]);
    struct weir__op writer = op_poll(ends[1], WEIR__POLL_READ | WEIR__POLL_WRITE);
    CHECK_INT(run(world, &writer), WEIR__POLL_READ | WEIR__POLL_WRITE);
    close(ends[1]);
}
