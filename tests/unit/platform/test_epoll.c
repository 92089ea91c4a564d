/* SPDX-License-Identifier: MIT */
/* test_epoll.c: the corners of real sockets that a simulated world does not have: descriptors that run out, copies of
 * them in other processes, urgent data, files of Unix sockets. */
#include "platform/platform.h"

#include "../../conformance/platform/world.h"
#include "support/test.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct world open_world(void) {
    struct world world;

    CHECK_INT(weir__epoll_new(&world.platform), 0);
    world.ops = world.platform->ops;
    return world;
}

static void close_world(const struct world *world) { world->ops->free(world->platform); }

static void close_both(const struct world *world, struct weir__handle *a, struct weir__handle *b) {
    world->ops->close(world->platform, a);
    world->ops->close(world->platform, b);
}

/* Leave this process `spare` more descriptors. @return the limit that was */
static struct rlimit leave_descriptors(unsigned spare) {
    struct rlimit was, now;
    int next = open("/dev/null", O_RDONLY | O_CLOEXEC);

    CHECK(next >= 0);
    close(next);
    CHECK_INT(getrlimit(RLIMIT_NOFILE, &was), 0);
    now = (struct rlimit){(rlim_t)next + spare, was.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &now), 0);
    return was;
}

TEST(test_epoll_keeps_a_connection_in_line_when_no_descriptor_is_left) {
    if (test_is_under("valgrind"))
        SKIP("Valgrind keeps descriptors of its own");
    struct world world = open_world();
    struct weir__address address;
    struct weir__handle *listener = open_listener(&world, &address);
    struct weir__op accept = op_accept(listener), connect = op_connect(&address);

    start_waiting(&world, &accept);
    struct rlimit was = leave_descriptors(1); /* the client's */
    CHECK_INT(run(&world, &connect), 0);
    CHECK_INT(finish(&world, &accept), -EMFILE);
    CHECK_INT(run(&world, &accept), -EMFILE);
    struct weir__op more = op_connect(&address);
    CHECK_INT(run(&world, &more), -EMFILE);
    CHECK_INT(setrlimit(RLIMIT_NOFILE, &was), 0);
    CHECK_INT(run(&world, &accept), 0); /* no edge tells of it, so it is asked */
    write_text(&world, connect.u.connect.ret_handle, "still here");
    read_text(&world, accept.u.accept.ret_handle, "still here");
    close_both(&world, connect.u.connect.ret_handle, accept.u.accept.ret_handle);
    world.ops->close(world.platform, listener);
    close_world(&world);
}

TEST(test_epoll_cannot_start_without_descriptors) {
    struct weir__platform *platform;

    for (unsigned spare = 0; spare < 2; spare++) {
        struct rlimit was = leave_descriptors(spare);
        CHECK_INT(weir__epoll_new(&platform), -EMFILE);
        CHECK_INT(setrlimit(RLIMIT_NOFILE, &was), 0);
    }
}

/* A child that has forked and not yet called exec keeps the registrations of descriptors alive that are closed here. */
TEST(test_epoll_ignores_events_of_what_was_closed) {
    struct world world = open_world();
    struct weir__handle *client, *server;
    int gate[2];
    char buf[8];

    open_connection(&world, &client, &server);
    struct weir__op first = op_read(server, buf, sizeof buf);
    start_waiting(&world, &first);
    CHECK(world.ops->cancel(world.platform, &first));
    CHECK_INT(pipe2(gate, O_CLOEXEC), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        close(gate[1]);
        _exit(read(gate[0], buf, 1) == 0 ? 0 : 1); /* until the parent has done */
    }
    struct weir__address address;
    struct weir__handle *listener = open_listener(&world, &address);
    struct weir__op connect = op_connect(&address), accept = op_accept(listener);
    int number = server->fd;
    world.ops->close(world.platform, server);
    CHECK_INT(run(&world, &connect), 0);
    CHECK_INT(run(&world, &accept), 0);
    struct weir__handle *client2 = connect.u.connect.ret_handle, *server2 = accept.u.accept.ret_handle;
    CHECK_INT(client2->fd, number);
    world.ops->close(world.platform, listener);
    struct weir__op other = op_ready(client2);
    start_waiting(&world, &other);
    write_text(&world, client, "for a closed descriptor");
    settle(&world);
    CHECK_INT(other.result, WEIR__OP_PENDING);
    write_text(&world, server2, "x");
    CHECK_INT(finish(&world, &other), 0);
    close(gate[1]);
    int status;
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK_INT(status, 0);
    close(gate[0]);
    world.ops->close(world.platform, client);
    close_both(&world, client2, server2);
    close_world(&world);
}

/* A read stops in front of urgent data: a short read that does not mean that nothing is left. */
TEST(test_epoll_reads_on_behind_urgent_data) {
    struct world world = open_world();
    struct weir__handle *client, *server;
    char buf[64];
    size_t got = 0;

    open_connection(&world, &client, &server);
    struct weir__op waiting = op_read(server, buf, sizeof buf);
    start_waiting(&world, &waiting);
    CHECK_INT(send(client->fd, "abc!", 4, MSG_OOB), 4); /* the last byte is the urgent one, and no part of the stream */
    CHECK_INT(send(client->fd, "def", 3, 0), 3);
    got = (size_t)finish(&world, &waiting);
    while (got < 6) {
        struct weir__op more = op_read(server, buf + got, sizeof buf - got);
        CHECK(run(&world, &more) > 0);
        got += (size_t)more.result;
    }
    CHECK_MEM(buf, "abcdef", 6);
    close_both(&world, client, server);
    close_world(&world);
}

TEST(test_epoll_switches_nagle_off_on_both_ends) {
    struct world world = open_world();
    struct weir__handle *ends[2];

    open_connection(&world, &ends[0], &ends[1]);
    for (int i = 0; i < 2; i++) {
        int on = 0;
        socklen_t bytes = sizeof on;
        CHECK_INT(getsockopt(ends[i]->fd, IPPROTO_TCP, TCP_NODELAY, &on, &bytes), 0);
        CHECK_INT(on, 1);
        CHECK_INT(fcntl(ends[i]->fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        CHECK_INT(fcntl(ends[i]->fd, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
    }
    close_both(&world, ends[0], ends[1]);
    close_world(&world);
}

TEST(test_epoll_keeps_a_failure_for_the_read_after_ready) {
    struct world world = open_world();
    struct weir__handle *client, *server;
    char byte;

    open_connection(&world, &client, &server);
    struct weir__op ready = op_ready(client), read = op_read(client, &byte, 1);
    start_waiting(&world, &ready);
    world.ops->set_abort(world.platform, server);
    world.ops->close(world.platform, server);
    CHECK_INT(finish(&world, &ready), 0);
    CHECK_INT(run(&world, &ready), 0);
    CHECK_INT(run(&world, &read), -ECONNRESET); /* not an end in good order */
    world.ops->close(world.platform, client);
    close_world(&world);
}

TEST(test_epoll_has_its_own_descriptors_to_itself) {
    struct world world = open_world();
    struct weir__handle *client, *server;
    char byte;

    open_connection(&world, &client, &server);
    struct weir__op read = op_read(client, &byte, 1);
    start_waiting(&world, &read);
    for (int fd = 3; fd < 10; fd++) { /* the program has no business with any of these */
        struct weir__op poll = op_poll(fd, WEIR__POLL_READ);
        if (fd != server->fd)
            CHECK_INT(run(&world, &poll), -EBADF);
    }
    write_text(&world, server, "x");
    CHECK_INT(finish(&world, &read), 1);
    close_both(&world, client, server);
    close_world(&world);
}

/* ---- Files of Unix sockets --------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/weir-test-XXXXXX";

static struct weir__address in_folder(const char *name) {
    struct weir__address address = {0};
    struct sockaddr_un un = {.sun_family = AF_UNIX};

    int n = snprintf(un.sun_path, sizeof un.sun_path, "%s/%s", folder, name);
    CHECK(n > 0 && (size_t)n < sizeof un.sun_path);
    address.bytes = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + (size_t)n + 1);
    memcpy(&address.u, &un, sizeof un);
    return address;
}

static const char *path_of(const struct weir__address *address) {
    return ((const struct sockaddr_un *)(const void *)&address->u)->sun_path;
}

static bool exists(const struct weir__address *address) { return access(path_of(address), F_OK) == 0; }

TEST(test_epoll_replaces_the_file_of_a_dead_listener_only) {
    struct world world = open_world();
    struct weir__handle *first, *second;

    CHECK(mkdtemp(folder) != NULL);
    struct weir__address address = in_folder("socket"), file = in_folder("file");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(fd, &address.u.any, address.bytes), 0);
    close(fd); /* as a program does that is killed */
    CHECK(exists(&address));
    CHECK_INT(world.ops->listen(world.platform, &address, &first), 0);
    CHECK_INT(world.ops->listen(world.platform, &address, &second), -EADDRINUSE);
    world.ops->close(world.platform, first);
    CHECK(!exists(&address));

    fd = open(path_of(&file), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    close(fd);
    CHECK_INT(world.ops->listen(world.platform, &file, &first), -EADDRINUSE);
    CHECK(exists(&file));
    unlink(path_of(&file));
    rmdir(folder);
    close_world(&world);
}

TEST(test_epoll_leaves_the_file_that_took_its_place) {
    struct world world = open_world();
    struct weir__handle *first, *second;

    CHECK(mkdtemp(folder) != NULL);
    struct weir__address address = in_folder("socket"), elsewhere = in_folder("none/socket");
    CHECK_INT(world.ops->listen(world.platform, &elsewhere, &first), -ENOENT);
    CHECK_INT(world.ops->listen(world.platform, &address, &first), 0);
    CHECK_INT(unlink(path_of(&address)), 0);
    CHECK_INT(world.ops->listen(world.platform, &address, &second), 0);
    world.ops->close(world.platform, first);
    CHECK(exists(&address)); /* the second's */
    world.ops->close(world.platform, second);
    CHECK(!exists(&address));
    rmdir(folder);
    close_world(&world);
}

TEST(test_epoll_tells_a_missing_unix_socket_from_a_silent_one) {
    struct world world = open_world();
    struct weir__handle *listener;

    CHECK(mkdtemp(folder) != NULL);
    struct weir__address address = in_folder("socket");
    struct weir__op connect = op_connect(&address);
    CHECK_INT(run(&world, &connect), -ENOENT);
    CHECK_INT(world.ops->listen(world.platform, &address, &listener), 0);
    CHECK_INT(run(&world, &connect), 0);
    world.ops->close(world.platform, connect.u.connect.ret_handle);
    world.ops->close(world.platform, listener);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_INT(bind(fd, &address.u.any, address.bytes), 0);
    CHECK_INT(run(&world, &connect), -ECONNREFUSED);
    close(fd);
    unlink(path_of(&address));
    rmdir(folder);
    close_world(&world);
}
