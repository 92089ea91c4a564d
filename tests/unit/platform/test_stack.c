/* SPDX-License-Identifier: MIT */
/* Stacks: guards of each kind, recycling, and giving pages back. */
#include "platform/stack.h"
#include "platform/context.h"
#include "support/test.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { RECORD_BYTES = 400 };

static struct weir__stack_pool pool;

/* Whether the kernel lets a byte be written; asked of the kernel, so that no signal is needed. */
static bool is_writable(const void *address) {
    int ends[2];
    CHECK_INT(pipe(ends), 0);
    CHECK_INT(write(ends[1], "x", 1), 1);
    bool writable = read(ends[0], (void *)(uintptr_t)address, 1) == 1;
    close(ends[0]);
    close(ends[1]);
    return writable;
}

static void check_guards(enum weir__stack_guard guard) {
    static const size_t sizes[] = {WEIR__STACK_SMALL_BYTES, WEIR__STACK_NORMAL_BYTES, 1 << 20};

    weir__stack_pool_init(&pool, RECORD_BYTES, guard);
    for (size_t i = 0; i < 3; i++) {
        struct weir__stack *stack = weir__stack_take(&pool, sizes[i]);
        CHECK(stack != NULL);
        CHECK(is_writable(stack->low + 8));
        CHECK(is_writable((char *)stack->low + stack->bytes - 1));
        CHECK_INT(is_writable(stack->low - 1), guard == WEIR__GUARD_CANARY);
        CHECK_INT(is_writable(stack->low - weir__stack_guard_bytes(stack)), guard == WEIR__GUARD_CANARY);
        CHECK(weir__stack_is_sound(stack));
        weir__stack_give(&pool, stack);
    }
    weir__stack_pool_done(&pool);
}

TEST(test_stack_guards_by_advice) {
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
    struct weir__stack *stack = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
    bool has_advice = stack->guard == WEIR__GUARD_ADVICE;
    weir__stack_give(&pool, stack);
    weir__stack_pool_done(&pool);
    if (!has_advice)
        SKIP("this kernel has no MADV_GUARD_INSTALL");
    check_guards(WEIR__GUARD_ADVICE);
}

TEST(test_stack_guards_by_protection) { check_guards(WEIR__GUARD_PROTECT); }

TEST(test_stack_guards_by_canary) { check_guards(WEIR__GUARD_CANARY); }

TEST(test_stack_canary_tells_an_overflow) {
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_CANARY);
    struct weir__stack *stack = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
    CHECK(weir__stack_is_sound(stack));
    stack->low[3] = 'x';
    CHECK(!weir__stack_is_sound(stack));
    weir__stack_pool_done(&pool);
}

TEST(test_stack_on_locked_memory_falls_back_to_protection) {
#if defined(WEIR__ASAN) || defined(WEIR__TSAN)
    SKIP("a sanitizer makes locking memory do nothing");
#endif
    if (mlockall(MCL_FUTURE) != 0)
        SKIP("memory may not be locked here");
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
    struct weir__stack *stack = weir__stack_take(&pool, 1 << 20);
    CHECK(stack != NULL);
    CHECK_INT(stack->guard, WEIR__GUARD_PROTECT);
    CHECK(!is_writable(stack->low - 1));
    weir__stack_give(&pool, stack);
    weir__stack_pool_done(&pool);
    munlockall();
}

TEST(test_stack_is_recycled_last_in_first_out) {
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
    struct weir__stack *a = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
    struct weir__stack *b = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
    CHECK(a != b);
    weir__stack_give(&pool, a);
    weir__stack_give(&pool, b);
    CHECK(weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES) == b);
    CHECK(weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES) == a);
    weir__stack_pool_done(&pool);
}

TEST(test_stack_beyond_the_warm_ones_gives_its_pages_back_and_comes_again) {
    enum { COUNT = 3000 };
    static struct weir__stack *stacks[COUNT];

    for (int round = 0; round < 3; round++) {
        if (round == 0)
            weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
        for (int i = 0; i < COUNT; i++) {
            stacks[i] = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
            CHECK(stacks[i] != NULL);
            CHECK(((uintptr_t)stacks[i] & 63) == 0);
            memset((char *)stacks[i] - 1000, round, 1000);
        }
        CHECK(!is_writable(stacks[COUNT - 1]->low - 1));
        for (int i = 0; i < COUNT; i++)
            weir__stack_give(&pool, stacks[i]);
        CHECK_INT(pool.classes[WEIR__STACK_SMALL].warm_count, COUNT);
        CHECK(weir__stack_pool_trim(&pool));
        while (weir__stack_pool_trim(&pool))
            ;
        CHECK_INT(pool.classes[WEIR__STACK_SMALL].warm_count, 1024);
    }
    weir__stack_pool_done(&pool);
}

TEST(test_stack_trim_drops_what_lies_below) {
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
    struct weir__stack *stack = weir__stack_take(&pool, WEIR__STACK_NORMAL_BYTES);
    char *deep = stack->low + 100, *used = (char *)stack - 64;
    *deep = *used = 'x';
    weir__stack_trim(stack, used);
    CHECK_INT(*deep, 0);
    CHECK_INT(*used, 'x');
    weir__stack_pool_done(&pool);
}

TEST(test_stack_records_lie_in_the_top_page) {
    weir__stack_pool_init(&pool, RECORD_BYTES, WEIR__GUARD_ADVICE);
    for (int i = 0; i < 100; i++) {
        struct weir__stack *stack = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
        char *end = stack->low + stack->bytes;
        CHECK((char *)stack + RECORD_BYTES <= end);
        CHECK((char *)stack >= end - 3 * 1024); /* and leave a quarter of it to the first frames */
    }
    weir__stack_pool_done(&pool);
}
