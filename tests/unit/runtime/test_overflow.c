/* SPDX-License-Identifier: MIT */
/* Stacks that overflow, of each class and in each manner: always seen, always told, never another task's memory. */
#include "platform/context.h"
#include "platform/stack.h"
#include "support/test.h"
#include "weir/group.h"
#include "weir/task.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile bool at_the_bottom; /* never */

__attribute__((noinline)) static int fall(void *arg) {
    volatile char frame[512];

    frame[0] = 1;
    if (at_the_bottom)
        return 0;
    int deeper = fall(arg);
    return deeper + frame[0];
}

/* Frames of 40 KiB, of which nothing but the far end is touched: compiled as the library is, each page of them is
 * probed (-fstack-clash-protection), so that the guard is met. */
__attribute__((noinline)) static int fall_in_leaps(void *arg) {
    volatile char frame[40 << 10];

    frame[0] = 1;
    if (at_the_bottom)
        return 0;
    int deeper = fall_in_leaps(arg);
    return deeper + frame[0];
}

/* The same from code that is compiled without probes, as the C library is: a leap of 40 KiB lands in a guard of 64. */
#if defined(__GNUC__) && !defined(__clang__)
#define WITHOUT_PROBES __attribute__((noinline, optimize("no-stack-clash-protection")))
#else
#define WITHOUT_PROBES __attribute__((noinline))
#endif
WITHOUT_PROBES static int leap(void *arg) {
    volatile char frame[40 << 10];

    frame[0] = 1;
    if (at_the_bottom)
        return 0;
    int deeper = leap(arg);
    return deeper + frame[0];
}

static struct {
    weir_task_fn *fn;
    size_t stack_bytes;
} dive;

static int neighbour(void *arg) {
    (void)arg;
    return weir_yield();
}

static int spawn_diver(void *arg) {
    weir_spawn_options options = {.size_bytes = sizeof options, .name = "diver", .stack_bytes = dive.stack_bytes};
    weir_group group;

    weir_group_open(&group);
    for (int i = 0; i < 4; i++) /* so that something lies below and above */
        weir_spawn_with(&group, neighbour, NULL, NULL, &options);
    weir_spawn_with(&group, dive.fn, arg, NULL, &options);
    for (int i = 0; i < 4; i++)
        weir_spawn_with(&group, neighbour, NULL, NULL, &options);
    return weir_group_close(&group, 0);
}

static void dive_in(weir_task_fn *fn, size_t stack_bytes) {
    if (fn == fall_in_leaps && stack_bytes == 64 << 10 && test_is_under("aarch64"))
        SKIP("compilers for aarch64 probe each 64 KiB, and the guard of a small stack has 16");
    dive.fn = fn;
    dive.stack_bytes = stack_bytes;
    signal(SIGSEGV, SIG_DFL); /* a sanitizer's handler would end it otherwise */
    signal(SIGBUS, SIG_DFL);
    weir_run(spawn_diver, NULL, NULL);
}

#define OVERFLOW_TEST(name, fn, bytes)                                                                                 \
    TEST_DIES(test_overflow_##name, SIGSEGV, "weir: stack overflow in task \"diver\" (spawned at spawn_diver+0x") {    \
        dive_in(fn, bytes);                                                                                            \
    }

OVERFLOW_TEST(of_a_small_stack_is_told, fall, 64 << 10)
OVERFLOW_TEST(of_a_normal_stack_is_told, fall, 256 << 10)
OVERFLOW_TEST(of_a_large_stack_is_told, fall, 1 << 20)
OVERFLOW_TEST(of_a_small_stack_in_leaps_is_told, fall_in_leaps, 64 << 10)
OVERFLOW_TEST(of_a_normal_stack_in_leaps_is_told, fall_in_leaps, 256 << 10)
OVERFLOW_TEST(of_a_large_stack_in_leaps_is_told, fall_in_leaps, 1 << 20)
OVERFLOW_TEST(of_a_normal_stack_without_probes_is_told, leap, 256 << 10)
OVERFLOW_TEST(of_a_large_stack_without_probes_is_told, leap, 1 << 20)

/* All that was asked for can be used, but for the record at the top. */
static int use_it_all(void *arg) {
    size_t bytes = *(const size_t *)arg;
    char *top = __builtin_frame_address(0), *low = top - bytes;

    for (char *page = top - 4096; page > low; page -= 4096)
        *(volatile char *)page = 1;
    return 0;
}

TASK_TEST(test_overflow_does_not_come_before_the_stack_is_used_up) {
    static const struct {
        size_t asked, usable;
    } classes[] = {{64 << 10, 48 << 10}, {256 << 10, 256 << 10}, {1 << 20, 1 << 20}, {(1 << 20) + 1, 1 << 20}};

#if defined(WEIR__ASAN)
    SKIP("AddressSanitizer lays frames out otherwise");
#endif
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
        weir_spawn_options options = {.size_bytes = sizeof options, .stack_bytes = classes[i].asked};
        size_t bytes = classes[i].usable - (4 << 10); /* the record, its colour, and the frames of the start */
        weir_group group;
        weir_group_open(&group);
        CHECK_INT(weir_spawn_with(&group, use_it_all, &bytes, NULL, &options), 0);
        CHECK_INT(weir_group_close(&group, 0), 0);
    }
}
