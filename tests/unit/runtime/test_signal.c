/* SPDX-License-Identifier: MIT */
/* test_signal.c: signals as events, and the two that stop a run. */
#include "weir/signal.h"

#include "platform/thread.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Most cases hold on both platforms: the body is written once. */
#define BOTH_TEST(name)                                                                                                \
    static void name(void);                                                                                            \
    TASK_TEST(name##_simulated) { name(); }                                                                            \
    REAL_TEST(name##_for_real) { name(); }                                                                             \
    static void name(void)

static weir_signal *open_signal(int signo) {
    weir_signal *opened;
    CHECK_INT(weir_signal_open(&opened, signo), 0);
    return opened;
}

BOTH_TEST(test_signal_that_came_before_the_wait_is_kept) {
    weir_signal *opened = open_signal(SIGUSR1);

    for (int i = 0; i < 3; i++)
        raise(SIGUSR1);
    CHECK_INT(weir_signal_wait(opened), 3);
    raise(SIGUSR1);
    CHECK_INT(weir_signal_wait(opened), 1);
    weir_signal_close(opened);
    weir_signal_close(NULL);
}

static int raise_it(void *arg) {
    raise(*(int *)arg);
    return 0;
}

BOTH_TEST(test_signal_wait_ends_when_it_comes) {
    weir_signal *first = open_signal(SIGUSR1), *second = open_signal(SIGUSR2);
    weir_group group;
    int signo = SIGUSR2;

    weir_group_open(&group);
    weir_spawn(&group, raise_it, &signo, NULL);
    CHECK_INT(weir_signal_wait(second), 1);
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_signal_close(first);
    weir_signal_close(second);
}

BOTH_TEST(test_signal_is_one_arm_of_a_select) {
    weir_signal *first = open_signal(SIGUSR1), *second = open_signal(SIGUSR2);
    weir_case cases[] = {weir_case_signal(first), weir_case_signal(second)};
    weir_group group;
    int signo = SIGUSR2;

    CHECK_INT(weir_try_select(cases, 2), -EAGAIN);
    weir_group_open(&group);
    weir_spawn(&group, raise_it, &signo, NULL);
    CHECK_INT(weir_select(cases, 2), 1);
    CHECK_INT(cases[1].result, 1);
    raise(SIGUSR1);
    raise(SIGUSR1);
    CHECK_INT(weir_select(cases, 2), 0);
    CHECK_INT(cases[0].result, 2);
    CHECK_INT(weir_try_select(cases, 2), -EAGAIN); /* taken, both */
    CHECK_INT(weir_group_close(&group, 0), 0);
    weir_signal_close(first);
    weir_signal_close(second);
}

BOTH_TEST(test_signal_wait_that_is_interrupted_takes_nothing) {
    weir_signal *opened = open_signal(SIGUSR1);
    weir_scope scope;

    weir_scope_open(&scope, weir_after(WEIR_MS));
    CHECK_INT(weir_signal_wait(opened), -ETIME);
    raise(SIGUSR1);
    CHECK_INT(weir_signal_wait(opened), -ETIME);
    CHECK_INT(weir_scope_close(&scope, 0), -ETIME);
    CHECK_INT(weir_signal_wait(opened), 1);
    weir_signal_close(opened);
}

static int expect_cancelled(void *arg) {
    CHECK_INT(weir_signal_wait(arg), -ECANCELED);
    return 0;
}

BOTH_TEST(test_signal_close_ends_a_wait) {
    weir_signal *opened = open_signal(SIGUSR1);
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, expect_cancelled, opened, NULL);
    CHECK_INT(weir_sleep(WEIR_MS), 0);
    weir_signal_close(opened);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

BOTH_TEST(test_signal_open_refuses_what_cannot_be_an_event) {
    static const int never[] = {0, -1, SIGKILL, SIGSTOP, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, 32, _NSIG};
    weir_signal *opened = NULL, *again = NULL;

    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        CHECK_INT(weir_signal_open(&opened, never[i]), -EINVAL);
    CHECK(opened == NULL);
    opened = open_signal(SIGUSR1);
    CHECK_INT(weir_signal_open(&again, SIGUSR1), -EBUSY);
    CHECK(again == NULL);
    weir_signal_close(opened);
    opened = open_signal(SIGRTMIN);
    weir_signal_close(opened);
}

static void never_called(int signo) {
    (void)signo;
    abort();
}

static void check_action(int signo, void (*handler)(int), int flags) {
    struct sigaction action;

    sigaction(signo, NULL, &action);
    CHECK(action.sa_handler == handler);
    CHECK_INT((unsigned)action.sa_flags & (SA_NODEFER | SA_RESETHAND), flags);
}

BOTH_TEST(test_signal_is_given_back_as_it_was) {
    struct sigaction before = {.sa_handler = never_called, .sa_flags = SA_NODEFER};
    sigset_t blocked, after;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &blocked, NULL);
    sigaction(SIGUSR1, &before, NULL);
    for (int i = 0; i < 2; i++) {
        weir_signal *opened = open_signal(SIGUSR1);
        raise(SIGUSR1); /* comes, though the thread had it blocked */
        CHECK_INT(weir_signal_wait(opened), 1);
        weir_signal_close(opened);
    }
    check_action(SIGUSR1, never_called, SA_NODEFER);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    CHECK_INT(sigismember(&after, SIGUSR1), 1);
    CHECK_INT(sigismember(&after, SIGUSR2), 0);
}

BOTH_TEST(test_signal_close_leaves_a_handler_that_was_put_over_it) {
    weir_signal *opened = open_signal(SIGUSR1);

    signal(SIGUSR1, never_called);
    weir_signal_close(opened);
    check_action(SIGUSR1, never_called, 0);
}

/* ---- From elsewhere ---------------------------------------------------------------------------------------------- */

static void raise_on_thread(void *arg) {
    sigset_t all;

    /* Ours have it blocked; a thread of the program's may not. */
    sigfillset(&all);
    pthread_sigmask(SIG_UNBLOCK, &all, NULL);
    pthread_kill(pthread_self(), *(int *)arg);
}

REAL_TEST(test_signal_that_meets_another_thread_wakes_the_loop) {
    weir_signal *opened = open_signal(SIGUSR1);
    int signo = SIGUSR1;

    for (int i = 0; i < 20; i++) {
        struct weir__thread thread;
        CHECK_INT(weir__thread_start(&thread, "raiser", raise_on_thread, &signo), 0);
        CHECK_INT(weir_signal_wait(opened), 1);
        weir__thread_join(&thread);
    }
    weir_signal_close(opened);
}

static atomic_bool enough;

static void raise_until_enough(void *arg) {
    (void)arg;
    while (!atomic_load(&enough))
        kill(getpid(), SIGUSR1);
}

static void nothing(int signo) { (void)signo; }

/* A handler on one thread may hold the signal that another one gives back. */
REAL_TEST(test_signal_is_opened_and_closed_under_fire) {
    struct weir__thread thread;

    signal(SIGUSR1, nothing);
    CHECK_INT(weir__thread_start(&thread, "raiser", raise_until_enough, NULL), 0);
    for (unsigned i = 0; i < test_scaled(500); i++) {
        weir_signal *opened = open_signal(SIGUSR1);
        CHECK(weir_signal_wait(opened) > 0);
        weir_signal_close(opened);
    }
    atomic_store(&enough, true);
    weir__thread_join(&thread);
}

/* ---- The run's own ----------------------------------------------------------------------------------------------- */

static int run_stoppable(weir_task_fn *fn, void *arg) {
    const weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};
    return weir_run(fn, arg, &options);
}

static int raise_and_sleep(void *arg) {
    int signo = *(int *)arg;

    raise(signo);
    int rc = weir_sleep(WEIR_MIN);
    CHECK_INT(rc, -ECANCELED);
    CHECK_HAS(weir_error_text(rc), signo == SIGINT ? "SIGINT" : "SIGTERM");
    return rc;
}

TEST(test_signal_the_first_sigint_or_sigterm_cancels_the_run) {
    int signos[] = {SIGINT, SIGTERM};

    signal(SIGTERM, never_called);
    for (size_t i = 0; i < 2; i++) {
        CHECK_INT(run_stoppable(raise_and_sleep, &signos[i]), -ECANCELED);
    }
    check_action(SIGINT, SIG_DFL, 0);
    check_action(SIGTERM, never_called, 0);
}

static int open_sigint(void *arg) {
    weir_signal *opened;
    (void)arg;
    CHECK_INT(weir_signal_open(&opened, SIGTERM), -EBUSY);
    return 0;
}

TEST(test_signal_that_stops_the_run_cannot_be_opened) { CHECK_INT(run_stoppable(open_sigint, NULL), 0); }

static int leave_open(void *arg) {
    (void)arg;
    open_signal(SIGUSR1);
    return 0;
}

TEST(test_signal_that_was_left_open_ends_with_the_run) {
    signal(SIGUSR1, nothing);
    for (int i = 0; i < 2; i++)
        CHECK_INT(weir_run(leave_open, NULL, NULL), 0);
    check_action(SIGUSR1, nothing, 0);
    raise(SIGUSR1);
}

/** A child that runs `fn` and tells through a pipe how far it is. */
struct child {
    pid_t pid;
    int pipe[2];
};

static void child_start(struct child *child, weir_task_fn *fn) {
    CHECK_INT(pipe(child->pipe), 0);
    child->pid = fork();
    CHECK(child->pid >= 0);
    if (child->pid == 0)
        _exit(run_stoppable(fn, child) == 0 ? 0 : 3);
}

static void tell(const struct child *child, char word) { CHECK_INT(write(child->pipe[1], &word, 1), 1); }

static void child_expect(const struct child *child, char word) {
    char got = 0;
    CHECK_INT(read(child->pipe[0], &got, 1), 1);
    CHECK_INT(got, word);
}

/** How it ended: a status, or minus a signal. */
static int child_end(struct child *child) {
    int status = 0;

    CHECK_INT(waitpid(child->pid, &status, 0), child->pid);
    close(child->pipe[0]);
    close(child->pipe[1]);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

/* Atomics: under ThreadSanitizer a thread that does nothing else never gets to its handlers. */
static int spin(void) {
    static atomic_ullong spins;

    while (atomic_fetch_add(&spins, 1) < UINT64_MAX)
        ;
    return 0;
}

static int get_stuck(void *arg) {
    tell(arg, 'r');
    int rc = weir_sleep(WEIR_MIN);
    CHECK_INT(rc, -ECANCELED);
    tell(arg, 's');
    return spin(); /* the loop never turns again */
}

static int end_stuck_child_by(int second) {
    struct child child;

    child_start(&child, get_stuck);
    child_expect(&child, 'r');
    kill(child.pid, SIGINT);
    child_expect(&child, 's');
    kill(child.pid, second);
    return child_end(&child);
}

TEST(test_signal_a_second_sigint_ends_a_process_whose_loop_is_stuck) { CHECK_INT(end_stuck_child_by(SIGINT), -SIGINT); }

TEST(test_signal_a_sigterm_after_a_sigint_ends_the_process) { CHECK_INT(end_stuck_child_by(SIGTERM), -SIGTERM); }

static int stuck_from_the_start(void *arg) {
    tell(arg, 'r');
    return spin();
}

TEST(test_signal_two_end_a_process_that_has_not_seen_the_first) {
    struct child child;

    child_start(&child, stuck_from_the_start);
    child_expect(&child, 'r');
    kill(child.pid, SIGTERM);
    kill(child.pid, SIGINT);
    int how = child_end(&child);
    CHECK(how == -SIGINT || how == -SIGTERM); /* the kernel chooses which of two comes first */
}

static int sleep_through(void *arg) {
    tell(arg, 'r');
    for (int i = 0; i < 20; i++) {
        int rc = weir_sleep(WEIR_MS);
        if (rc < 0)
            return rc;
    }
    return 0;
}

TEST(test_signal_stop_and_continue_leave_a_run_as_it_was) {
    struct child child;
    int status;

    child_start(&child, sleep_through);
    child_expect(&child, 'r');
    kill(child.pid, SIGSTOP);
    CHECK_INT(waitpid(child.pid, &status, WUNTRACED), child.pid);
    CHECK(WIFSTOPPED(status));
    kill(child.pid, SIGCONT);
    CHECK_INT(child_end(&child), 0);
}

static int write_to_nobody(void *arg) {
    int pipes[2];
    (void)arg;

    CHECK_INT(pipe(pipes), 0);
    close(pipes[0]);
    CHECK_INT(write(pipes[1], "x", 1), -1);
    CHECK_INT(errno, EPIPE);
    close(pipes[1]);
    return 0;
}

TEST(test_signal_sigpipe_does_not_end_a_run_and_is_given_back) {
    signal(SIGPIPE, never_called);
    CHECK_INT(weir_run(write_to_nobody, NULL, NULL), 0);
    check_action(SIGPIPE, never_called, 0);
}

static int run_inner(void *arg) {
    (void)arg;
    CHECK_INT(write_to_nobody(NULL), 0);
    return 0;
}

static void run_another(void *arg) { CHECK_INT(weir_run(run_inner, arg, NULL), 0); }

static int outlive_another_run(void *arg) {
    struct weir__thread thread;

    CHECK_INT(weir__thread_start(&thread, "another", run_another, arg), 0);
    weir__thread_join(&thread);
    return write_to_nobody(NULL);
}

TEST(test_signal_sigpipe_is_ignored_until_the_last_run_ends) {
    signal(SIGPIPE, never_called);
    CHECK_INT(weir_run(outlive_another_run, NULL, NULL), 0);
    check_action(SIGPIPE, never_called, 0);
}
