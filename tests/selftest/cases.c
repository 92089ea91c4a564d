/* SPDX-License-Identifier: MIT */
/* cases.c: cases that end in every way a case can. tests/selftest/run checks what the runner says of each. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

TEST(test_passes) {
    puts("nobody sees what a case prints when it passes");
    CHECK(1 + 1 == 2);
    CHECK_INT(-1, -1);
    CHECK_STR("a", "a");
    CHECK_HAS("abc", "b");
    CHECK_MEM("abc", "abd", 2);
}

TEST(test_fails_condition) {
    puts("printed before the check");
    CHECK(1 + 1 == 3);
}

TEST(test_fails_int) { CHECK_INT(-125, 0); }

TEST(test_fails_string) { CHECK_STR("one", "other"); }

TEST(test_fails_null_string) { CHECK_STR(NULL, "other"); }

TEST(test_fails_part) { CHECK_HAS("abc", "d"); }

TEST(test_fails_memory) { CHECK_MEM("abc", "abd", 3); }

TEST(test_crashes) { raise(SIGSEGV); }

TEST(test_hangs) {
    for (;;)
        pause();
}

TEST(test_hangs_deaf) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (;;)
        pause();
}

TEST(test_exits_early) { exit(0); }

TEST(test_exits_with_status) { exit(3); }

TEST(test_skips) { SKIP("no %s here", "moon"); }

/* Found only under AddressSanitizer: its leak check runs when the case's process exits. */
TEST(test_leaks) {
    char *volatile lost = malloc(100);
    strcpy(lost, "lost");
    lost = NULL;
}

TEST(test_leaves_descriptor) { CHECK(dup(STDOUT_FILENO) >= 0); }

TEST(test_leaves_child) {
    if (fork() == 0)
        for (;;)
            pause();
}

TEST(test_prints_a_lot) {
    for (int i = 0; i < 100000; i++)
        printf("line %d\n", i);
    CHECK(false);
}

TEST(test_breaks_undefined_behaviour) {
    volatile int big = 2147483647;
    big++;
}

TEST(test_tells_seed) {
    printf("the seed is %llu\n", (unsigned long long)test_seed());
    CHECK(false);
}

TEST_DIES(test_dies_as_told, SIGABRT, "last words") {
    fputs("these are my last words\n", stderr);
    abort();
}

TEST_DIES(test_dies_silently, SIGABRT, "last words") { abort(); }

TEST_DIES(test_survives, SIGABRT, "last words") { fputs("last words\n", stderr); }
