/* SPDX-License-Identifier: MIT */
/* test_fd.c: tasks that wait for descriptors of the program's. */
#include "weir/wait.h"

#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <fcntl.h>
#include <unistd.h>

#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

static void open_pipe(int ends[2]) { CHECK_INT(pipe2(ends, O_NONBLOCK | O_CLOEXEC), 0); }

static void close_pipe(const int ends[2]) {
    close(ends[0]);
    close(ends[1]);
}

static int write_byte(void *arg) {
    const int *ends = arg;
    CHECK_INT(write(ends[1], "x", 1), 1);
    return 0;
}

static int wait_to_read(void *arg) {
    const int *ends = arg;
    CHECK_INT(weir_fd_wait(ends[0], WEIR_FD_READ), WEIR_FD_READ);
    return 0;
}

BOTH_TEST(test_fd_wait_sees_input) {
    int ends[2];
    weir_group group;

    open_pipe(ends);
    CHECK_INT(weir_fd_wait(ends[1], WEIR_FD_READ | WEIR_FD_WRITE), WEIR_FD_WRITE);
    weir_group_open(&group);
    for (int i = 0; i < 3; i++)
        weir_spawn(&group, wait_to_read, ends, NULL);
    CHECK_INT(weir_yield(), 0);
    weir_spawn(&group, write_byte, ends, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(weir_fd_wait(ends[0], WEIR_FD_READ), WEIR_FD_READ);
    close_pipe(ends);
}

BOTH_TEST(test_fd_wait_refuses_what_cannot_be_polled) {
    int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

    CHECK_INT(weir_fd_wait(-1, WEIR_FD_READ), -EBADF);
    CHECK_INT(weir_fd_wait(file, WEIR_FD_READ), -EPERM);
    weir_case arms[] = {weir_case_fd(file, WEIR_FD_READ)};
    CHECK_INT(weir_select(arms, 1), 0);
    CHECK_INT(arms[0].result, -EPERM);
    close(file);
    arms[0] = weir_case_fd(file, WEIR_FD_WRITE);
    CHECK_INT(weir_try_select(arms, 1), 0);
    CHECK_INT(arms[0].result, -EBADF);
}

BOTH_TEST(test_fd_wait_is_cancelled_and_leaves_nothing) {
    int ends[2];
    weir_scope scope;

    open_pipe(ends);
    weir_scope_open(&scope, weir_after(2 * WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_fd_wait(ends[0], WEIR_FD_READ)), -ETIME);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    write_byte(ends);
    CHECK_INT(weir_fd_wait(ends[0], WEIR_FD_READ), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    CHECK_INT(weir_fd_wait(ends[0], WEIR_FD_READ), WEIR_FD_READ);
    close_pipe(ends);
}

BOTH_TEST(test_fd_case_goes_when_input_comes) {
    int ends[2], other[2];
    weir_group group;

    open_pipe(ends);
    open_pipe(other);
    weir_case arms[] = {weir_case_fd(other[0], WEIR_FD_READ), weir_case_fd(ends[0], WEIR_FD_READ),
                        weir_case_fd(ends[0], WEIR_FD_READ)};
    CHECK_INT(weir_try_select(arms, 3), -EAGAIN);
    weir_group_open(&group);
    weir_spawn(&group, write_byte, ends, NULL);
    int which = weir_select(arms, 3);
    CHECK(which == 1 || which == 2);
    CHECK_INT(arms[which].result, WEIR_FD_READ);
    CHECK_INT(weir_group_close(&group, 0), 0);
    which = weir_try_select(arms, 3);
    CHECK(which == 1 || which == 2);
    close_pipe(ends);
    close_pipe(other);
}

static int set_event(void *event) {
    weir_event_set(event);
    return 0;
}

BOTH_TEST(test_fd_case_that_loses_waits_no_longer) {
    int ends[2];
    weir_event event;
    weir_group group;

    open_pipe(ends);
    for (int i = 0; i < 3; i++) {
        weir_event_init(&event);
        weir_case arms[] = {weir_case_fd(ends[0], WEIR_FD_READ), weir_case_event(&event)};
        weir_group_open(&group);
        weir_spawn(&group, set_event, &event, NULL);
        CHECK_INT(weir_select(arms, 2), 1);
        CHECK_INT(weir_group_close(&group, 0), 0);
        weir_event_done(&event);
    }
    write_byte(ends); /* nobody is woken by it */
    CHECK_INT(weir_yield(), 0);
    close_pipe(ends);
}

static int write_both(void *arg) {
    int(*pipes)[2] = arg;
    write_byte(pipes[0]);
    write_byte(pipes[1]);
    return 0;
}

/* Both operations end in one wait: the first decides, the second finds the select over. */
BOTH_TEST(test_fd_cases_that_end_together_go_once) {
    int pipes[2][2];
    weir_group group;

    open_pipe(pipes[0]);
    open_pipe(pipes[1]);
    for (int i = 0; i < 5; i++) {
        char byte;
        weir_case arms[] = {weir_case_fd(pipes[0][0], WEIR_FD_READ), weir_case_fd(pipes[1][0], WEIR_FD_READ)};
        weir_group_open(&group);
        weir_spawn(&group, write_both, pipes, NULL);
        int which = weir_select(arms, 2);
        CHECK(which == 0 || which == 1);
        CHECK_INT(arms[which].result, WEIR_FD_READ);
        CHECK_INT(weir_group_close(&group, 0), 0);
        CHECK_INT(read(pipes[0][0], &byte, 1), 1);
        CHECK_INT(read(pipes[1][0], &byte, 1), 1);
    }
    close_pipe(pipes[0]);
    close_pipe(pipes[1]);
}

TASK_TEST_DIES(test_fd_wait_for_nothing_is_a_misuse, SIGABRT, "weir_fd_wait: events 0") {
    CHECK(weir_fd_wait(0, 0) < 0);
}
