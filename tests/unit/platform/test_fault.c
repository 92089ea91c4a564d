/* SPDX-License-Identifier: MIT */
/* test_fault.c: a fault on a stack of ours is reported, and every fault goes where it went before. */
#include "platform/fault.h"

#include "support/test.h"

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *guard; /* a page that may not be touched */
static size_t guard_bytes;

static void make_guard(void) {
    guard_bytes = (size_t)sysconf(_SC_PAGESIZE);
    guard = mmap(NULL, guard_bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(guard != MAP_FAILED);
}

static void touch(char *at) { *(volatile char *)at = 1; }

/** The fault's own end, even where a sanitizer has taken the signal. */
static void end_by_default(void) {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
}

static bool find_guard(void *arg, const void *address, struct weir__overflow *ret_overflow) {
    const char *at = address;

    if (at < guard || at >= guard + guard_bytes)
        return false;
    ret_overflow->task = arg;
    ret_overflow->spawned_at = (const char *)(uintptr_t)make_guard + 4;
    ret_overflow->function = NULL;
    ret_overflow->stack_bytes = 262144;
    return true;
}

TEST_DIES(test_fault_on_a_guard_is_reported_as_an_overflow, SIGSEGV,
          "weir: stack overflow in task \"parse\" (spawned at make_guard+0x4 (test_fault+0x") {
    end_by_default();
    make_guard();
    CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
    touch(guard + 8);
}

TEST_DIES(test_fault_report_says_how_deep_and_how_to_find_the_line, SIGSEGV,
          ")): 262144 bytes used, run `addr2line -e /") {
    end_by_default();
    make_guard();
    CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
    touch(guard + 8);
}

static sigjmp_buf back;
static siginfo_t seen;
static int seen_signo;

static void remember(int signo, siginfo_t *info, void *context) {
    (void)context;
    seen_signo = signo;
    seen = *info;
    siglongjmp(back, 1);
}

static void remember_by(int flags) {
    struct sigaction action = {.sa_sigaction = remember, .sa_flags = SA_SIGINFO | flags};
    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
}

TEST(test_fault_reaches_the_former_handler_with_its_address) {
    if (test_is_under("valgrind"))
        SKIP("Valgrind counts the access as an error");
    make_guard();
    remember_by(0);
    CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
    for (size_t i = 0; i < 3; i++) {
        if (sigsetjmp(back, 1) == 0)
            touch(guard + i);
        CHECK_INT(seen_signo, SIGSEGV);
        CHECK(seen.si_addr == guard + i);
    }
    weir__fault_close();
}

static bool find_must_not_ask(void *arg, const void *address, struct weir__overflow *ret_overflow) {
    (void)arg, (void)address, (void)ret_overflow;
    abort();
}

TEST(test_fault_that_was_sent_is_no_overflow_and_passes_on) {
    remember_by(0);
    CHECK_INT(weir__fault_open(find_must_not_ask, NULL), 0);
    if (sigsetjmp(back, 1) == 0)
        raise(SIGBUS);
    CHECK_INT(seen_signo, SIGBUS);
    CHECK(seen.si_code <= 0);
    weir__fault_close();
}

TEST_DIES(test_fault_that_was_sent_ends_a_process_without_a_handler, SIGSEGV, "") {
    end_by_default();
    CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
    raise(SIGSEGV);
    _exit(3);
}

TEST(test_fault_close_gives_signals_and_stack_back) {
    struct sigaction action;
    stack_t before, during, after;

    remember_by(SA_NODEFER);
    sigaltstack(NULL, &before);
    for (int round = 0; round < 2; round++) {
        CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
        sigaltstack(NULL, &during);
        CHECK((during.ss_flags & SS_DISABLE) == 0);
        sigaction(SIGSEGV, NULL, &action);
        CHECK(action.sa_sigaction != remember && (action.sa_flags & SA_ONSTACK) != 0);
        weir__fault_close();
    }
    sigaltstack(NULL, &after);
    CHECK_INT(after.ss_flags, before.ss_flags);
    sigaction(SIGSEGV, NULL, &action);
    CHECK(action.sa_sigaction == remember && (action.sa_flags & SA_NODEFER) != 0);
    sigaction(SIGBUS, NULL, &action);
    CHECK(action.sa_sigaction == remember);
}

TEST(test_fault_close_leaves_a_handler_that_came_later) {
    struct sigaction action;

    CHECK_INT(weir__fault_open(find_guard, "parse"), 0);
    remember_by(0);
    weir__fault_close();
    sigaction(SIGSEGV, NULL, &action);
    CHECK(action.sa_sigaction == remember);
}

static struct sigaction below; /* what the handler that came later found */

static void pass_back(int signo, siginfo_t *info, void *context) { below.sa_sigaction(signo, info, context); }

/* One that came later and passes on to us is what we pass on to when we are opened again: the fault ends all the same,
 * and is told once. */
TEST(test_fault_ends_though_a_later_handler_passes_it_back) {
    const struct sigaction action = {.sa_sigaction = pass_back, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    char text[4096];
    int ends[2], status;
    size_t used = 0;
    ssize_t got;

    CHECK_INT(pipe(ends), 0);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        end_by_default();
        make_guard();
        weir__fault_open(find_guard, "parse");
        sigaction(SIGSEGV, &action, &below);
        weir__fault_close();
        weir__fault_open(find_guard, "parse");
        touch(guard);
        _exit(3);
    }
    close(ends[1]);
    while (used + 1 < sizeof text && (got = read(ends[0], text + used, sizeof text - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    close(ends[0]);
    CHECK_INT(waitpid(child, &status, 0), child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    CHECK_HAS(text, "weir: stack overflow in task \"parse\"");
    CHECK(strstr(strstr(text, "stack overflow") + 1, "stack overflow") == NULL);
}
