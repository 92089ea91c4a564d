/* SPDX-License-Identifier: MIT */
/* test_watch.c: a task that runs off its stack is named. */
#include "platform/context.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/task.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile bool at_the_bottom; /* never */

__attribute__((noinline)) static int fall(void *arg) {
    volatile char frame[512];

    frame[0] = 1;
    if (at_the_bottom)
        return 0;
    int deeper = fall(arg);
    return deeper + frame[0]; /* so that it is a call, and no jump */
}

static const char *name; /* of the task that falls; NULL: none */

static int spawn_fall(void *arg) {
    weir_spawn_options options = {.size_bytes = sizeof options, .name = name};
    weir_group group;

    weir_group_open(&group);
    weir_spawn_with(&group, fall, arg, NULL, &options);
    return weir_group_close(&group, 0);
}

/* An emulator of user space (qemu 7.2) accepts the advice that guards stacks, and ignores it. */
static void skip_without_guards(void) {
    enum { GUARD_INSTALL = 102 };
    size_t bytes = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    int pipes[2];

    CHECK_INT(pipe(pipes), 0);
    if (madvise(page, bytes, GUARD_INSTALL) == 0 && write(pipes[1], page, 1) == 1)
        SKIP("what guards a stack here guards nothing");
    close(pipes[0]);
    close(pipes[1]);
    munmap(page, bytes);
}

/** The fault's own end, even where a sanitizer has taken the signal. */
static void run_by_default(void) {
    skip_without_guards();
    signal(SIGSEGV, SIG_DFL);
    signal(SIGBUS, SIG_DFL);
    weir_run(spawn_fall, NULL, NULL);
}

TEST_DIES(test_watch_names_the_task_whose_stack_overflowed, SIGSEGV,
          "weir: stack overflow in task \"diver\" (spawned at spawn_fall+0x") {
    if (test_is_under("aarch64"))
        SKIP("qemu takes MADV_GUARD_INSTALL and does nothing");
    name = "diver";
    run_by_default();
}

TEST_DIES(test_watch_names_the_function_of_a_task_without_a_name, SIGSEGV,
          "weir: stack overflow in task \"fall\" (spawned at spawn_fall+0x") {
    if (test_is_under("aarch64"))
        SKIP("qemu takes MADV_GUARD_INSTALL and does nothing");
    run_by_default();
}

TEST_DIES(test_watch_says_how_large_the_stack_was, SIGSEGV, ": 262144 bytes used, run `addr2line -e /") {
    if (test_is_under("aarch64"))
        SKIP("qemu takes MADV_GUARD_INSTALL and does nothing");
    run_by_default();
}

static int touch_nothing(void *arg) {
    *(volatile int *)arg = 1;
    return 0;
}

/** What a child that runs `fn` prints until its end, in `text`. */
static void print_of_child(weir_task_fn *fn, char *text, size_t bytes) {
    int pipes[2];
    size_t used = 0;
    ssize_t got;

    CHECK_INT(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        weir_run(fn, NULL, NULL);
        _exit(0);
    }
    close(pipes[1]);
    while (used + 1 < bytes && (got = read(pipes[0], text + used, bytes - 1 - used)) > 0)
        used += (size_t)got;
    text[used] = '\0';
    close(pipes[0]);
    waitpid(child, NULL, 0);
}

TEST(test_watch_takes_no_other_fault_for_an_overflow) {
    static char text[65536];

    print_of_child(touch_nothing, text, sizeof text);
    CHECK(strstr(text, "stack overflow in task") == NULL);
}

TEST(test_watch_lets_a_sanitizer_say_its_part_too) {
#ifdef WEIR__ASAN
    static char text[65536];

    name = "diver";
    print_of_child(spawn_fall, text, sizeof text);
    CHECK_HAS(text, "weir: stack overflow in task \"diver\"");
    CHECK_HAS(text, "ERROR: AddressSanitizer: stack-overflow");
#else
    SKIP("only under AddressSanitizer");
#endif
}
