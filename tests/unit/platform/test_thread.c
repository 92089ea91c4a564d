/* SPDX-License-Identifier: MIT */
/* test_thread.c: what a thread of Weir's starts with, and how threads wait for each other. */
#include "platform/thread.h"

#include "platform/platform.h"
#include "support/test.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/** What a thread saw of itself. */
struct sight {
    sigset_t blocked;
    char name[32];
    size_t stack_bytes;
};

static void look(void *arg) {
    struct sight *sight = arg;
    pthread_attr_t attributes;

    pthread_sigmask(SIG_SETMASK, NULL, &sight->blocked);
    pthread_getname_np(pthread_self(), sight->name, sizeof sight->name);
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &sight->stack_bytes);
    pthread_attr_destroy(&attributes);
}

static struct sight see(const char *name) {
    struct weir__thread thread;
    struct sight sight;

    CHECK_INT(weir__thread_start(&thread, name, look, &sight), 0);
    weir__thread_join(&thread);
    return sight;
}

TEST(test_thread_blocks_signals_but_those_of_its_own_faults) {
    struct sight sight = see("weir");
    static const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGPIPE, SIGALRM, SIGPROF};
    static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT};

    for (size_t i = 0; i < sizeof blocked / sizeof blocked[0]; i++)
        CHECK_INT(sigismember(&sight.blocked, blocked[i]), 1);
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++)
        CHECK_INT(sigismember(&sight.blocked, open[i]), 0);
}

TEST(test_thread_start_leaves_the_starters_mask_alone) {
    sigset_t before, after;

    sigemptyset(&before);
    sigaddset(&before, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    see("weir");
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int signo = 1; signo < SIGRTMIN; signo++)
        CHECK_INT(sigismember(&after, signo), signo == SIGUSR2);
}

TEST(test_thread_has_a_name_and_a_bounded_stack) {
    struct sight sight = see("a name of more than fifteen bytes");

    CHECK_STR(sight.name, "a name of more ");
    CHECK(sight.stack_bytes >= WEIR__THREAD_STACK_BYTES);
    CHECK(sight.stack_bytes < 4 * WEIR__THREAD_STACK_BYTES); /* a sanitizer adds its own part */
}

/* No more threads for this user; the kernel never counts root's. */
TEST(test_thread_that_cannot_start_is_an_error) {
    const uid_t uid = getuid(), nobody = 65534;
    struct rlimit limit, none;
    struct weir__thread thread;
    struct sight sight;

    if (test_is_under("aarch64"))
        SKIP("qemu does not obey this limit");
    getrlimit(RLIMIT_NPROC, &limit);
    none = (struct rlimit){0, limit.rlim_max};
    CHECK_INT(setrlimit(RLIMIT_NPROC, &none), 0);
    if (uid == 0)
        CHECK_INT(setresuid(nobody, nobody, 0), 0);
    CHECK_INT(weir__thread_start(&thread, "weir", look, &sight), -EAGAIN);
    if (uid == 0)
        CHECK_INT(setresuid(0, 0, 0), 0);
    CHECK_INT(setrlimit(RLIMIT_NPROC, &limit), 0);
    prctl(PR_SET_DUMPABLE, 1); /* lost with the user's change; the leak check needs it */
}

/** A ball that two threads pass to each other. */
struct table {
    struct weir__lock lock;
    struct weir__bell bell;
    unsigned turn, passes;
};

static void play(struct table *table, unsigned self) {
    weir__lock_take(&table->lock);
    for (unsigned i = 0; i < test_scaled(1000); i++) {
        while (table->turn != self)
            weir__bell_wait(&table->bell, &table->lock);
        table->passes++;
        table->turn = 1 - self;
        weir__bell_ring(&table->bell);
    }
    weir__lock_give(&table->lock);
}

static void play_second(void *arg) { play(arg, 1); }

TEST(test_bell_passes_turns_between_threads) {
    struct table table = {0};
    struct weir__thread second;

    weir__lock_init(&table.lock);
    weir__bell_init(&table.bell);
    CHECK_INT(weir__thread_start(&second, "second", play_second, &table), 0);
    play(&table, 0);
    weir__thread_join(&second);
    CHECK_INT(table.passes, 2 * test_scaled(1000));
    weir__bell_done(&table.bell);
    weir__lock_done(&table.lock);
}

TEST(test_bell_wait_ends_at_its_deadline) {
    struct weir__lock lock;
    struct weir__bell bell;

    weir__lock_init(&lock);
    weir__bell_init(&bell);
    weir__lock_take(&lock);
    int64_t deadline_ns = weir__kernel_clock_ns() + 2 * WEIR_MS;
    while (weir__bell_wait_until(&bell, &lock, deadline_ns))
        ;
    CHECK(weir__kernel_clock_ns() >= deadline_ns);
    CHECK(!weir__bell_wait_until(&bell, &lock, 1)); /* one that has passed long ago */
    weir__lock_give(&lock);
    weir__bell_done(&bell);
    weir__lock_done(&lock);
}

/** A thread that nobody joins. */
struct loner {
    struct weir__thread thread;
    struct table table;
};

static void detach_and_tell(void *arg) {
    struct loner *loner = arg;

    weir__thread_detach(&loner->thread);
    weir__lock_take(&loner->table.lock);
    loner->table.passes = 1;
    weir__bell_ring_all(&loner->table.bell);
    weir__lock_give(&loner->table.lock);
}

TEST(test_thread_may_detach_itself) {
    static struct loner loner;

    weir__lock_init(&loner.table.lock);
    weir__bell_init(&loner.table.bell);
    CHECK_INT(weir__thread_start(&loner.thread, "loner", detach_and_tell, &loner), 0);
    weir__lock_take(&loner.table.lock);
    while (loner.table.passes == 0)
        weir__bell_wait(&loner.table.bell, &loner.table.lock);
    weir__lock_give(&loner.table.lock);
}

TEST(test_thread_cores_counts_those_that_are_allowed) {
    cpu_set_t one;

    CHECK(weir__thread_cores() >= 1);
    sched_getaffinity(0, sizeof one, &one);
    for (size_t core = 0, kept = 0; core < CPU_SETSIZE; core++)
        if (CPU_ISSET(core, &one) && kept++ > 0)
            CPU_CLR(core, &one);
    CHECK_INT(sched_setaffinity(0, sizeof one, &one), 0);
    CHECK_INT(weir__thread_cores(), 1);
}
