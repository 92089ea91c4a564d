/* SPDX-License-Identifier: MIT */
/* test.h: write a test case, and it is found and run.
 *
 *     TEST(test_list_keeps_order) { ... }            // plain: no runtime
 *     TASK_TEST(test_sleep_takes_no_time) { ... }    // the first task on the simulator: virtual clock, seeded order
 *     REAL_TEST(test_echo_over_tcp) { ... }          // the first task on the real platform
 *     TEST_DIES(test_free_twice, SIGABRT, "text")    // must end by that signal, having printed that text
 *
 * Each case runs in a process of its own: a failed check ends that process, so it need not jump out of a task's stack,
 * and whatever a case breaks is gone with it. A case fails by a check, a signal, an exit status, its time limit, a leak
 * (under AddressSanitizer), a descriptor left open, or by ending its process before its own end.
 *
 * A test program takes `--list`, `--seed N`, and names: it runs the cases whose name contains one of them.
 * WEIR_TEST_SEED is a seed as well, WEIR_TEST_LIMIT the limit of a case in seconds (60). */
#ifndef WEIR_TESTS_SUPPORT_TEST_H
#define WEIR_TESTS_SUPPORT_TEST_H

#include "weir/runtime.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** One case; the macros below make it and put it on the program's list before main runs. */
struct test_case {
    struct test_case *next;
    const char *name;
    void (*body)(void);
    /** Runs `body` as the first task; NULL: it is called as it is. */
    void (*run)(void (*body)(void), enum weir_backend backend);
    enum weir_backend backend;
    int dies_by;          /* the signal that must end it; 0: none */
    const char *dies_say; /* what it must have printed by then */
};

void test_register(struct test_case *test);

/** Run `body` as the first task of a fresh runtime; a negative end fails the case. */
void test_run_task(void (*body)(void), enum weir_backend backend);

/** The seed of this run: a case that wants chance takes it from here, so that `--seed` repeats it. */
uint64_t test_seed(void);

/** `count`, or a small part of it (at least 1) where everything is slow: Valgrind, ThreadSanitizer, an emulator. */
unsigned test_scaled(unsigned count);

/** Whether this is the run of tools/test under "valgrind", "aarch64" (in qemu) and so on: for what cannot be seen
 * there. */
bool test_is_under(const char *build);

#define TEST_REGISTER(test_name, ...)                                                                                  \
    static void test_name(void);                                                                                       \
    __attribute__((constructor)) static void test_name##_register(void) {                                              \
        static struct test_case test = {.name = #test_name, .body = test_name, __VA_ARGS__};                           \
        test_register(&test);                                                                                          \
    }                                                                                                                  \
    static void test_name(void)

#define TEST(test_name) TEST_REGISTER(test_name, .run = NULL)
#define TASK_TEST(test_name) TEST_REGISTER(test_name, .run = test_run_task, .backend = WEIR_BACKEND_SIM)
#define REAL_TEST(test_name) TEST_REGISTER(test_name, .run = test_run_task, .backend = WEIR_BACKEND_AUTO)

/* The same, for a case that must end by `signal` and have printed `text`: a misuse that an assertion names. */
#define TEST_DIES(test_name, signal, text) TEST_REGISTER(test_name, .run = NULL, .dies_by = signal, .dies_say = text)
#define TASK_TEST_DIES(test_name, signal, text)                                                                        \
    TEST_REGISTER(test_name, .run = test_run_task, .backend = WEIR_BACKEND_SIM, .dies_by = signal, .dies_say = text)
#define REAL_TEST_DIES(test_name, signal, text)                                                                        \
    TEST_REGISTER(test_name, .run = test_run_task, .backend = WEIR_BACKEND_AUTO, .dies_by = signal, .dies_say = text)

/* ---- Checks: from any thread and any task of the case ------------------------------------------------------------ */

/** The condition holds, or the case has failed and its process is over. */
#define CHECK(condition)                                                                                               \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            test_fail(__FILE__, __LINE__, "CHECK(%s)", #condition);                                                    \
    } while (0)

/** Two whole numbers are equal. */
#define CHECK_INT(actual, expected)                                                                                    \
    test_check_int(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

/** Two strings are equal; either may be NULL. */
#define CHECK_STR(actual, expected) test_check_str(__FILE__, __LINE__, #actual, (actual), (expected))

/** `text` contains `part`. */
#define CHECK_HAS(text, part) test_check_has(__FILE__, __LINE__, #text, (text), (part))

/** Two pieces of memory of `bytes` each are equal. */
#define CHECK_MEM(actual, expected, bytes) test_check_mem(__FILE__, __LINE__, #actual, (actual), (expected), (bytes))

/** This case cannot be run here, and why. */
#define SKIP(...) test_skip(__VA_ARGS__)

_Noreturn void test_fail(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));
_Noreturn void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));
void test_check_int(const char *file, int line, const char *what, long long actual, long long expected);
void test_check_str(const char *file, int line, const char *what, const char *actual, const char *expected);
void test_check_has(const char *file, int line, const char *what, const char *text, const char *part);
void test_check_mem(const char *file, int line, const char *what, const void *actual, const void *expected,
                    size_t bytes);

#endif
