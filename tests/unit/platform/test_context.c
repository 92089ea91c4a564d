/* SPDX-License-Identifier: MIT */
/* The switch between stacks: whatever the compiler holds in registers around it is there again afterwards. */
#include "platform/context.h"

#include "platform/stack.h"
#include "support/test.h"

#include <stdint.h>

enum { ROUNDS = 1000 };

static struct side {
    struct weir__context context;
    struct side *other;
    uint64_t start;
    bool done, right;
} sides[2];

static struct weir__context thread;
static struct weir__stack_pool pool;

/* Numbers of every kind, live across a switch that is inlined among them. */
static void count(struct side *side) {
    uint64_t a = side->start, b = a + 1, c = a + 2, d = a + 3, e = a + 4, f = a + 5, g = a + 6, h = a + 7;
    double x = (double)a + 0.5, y = (double)a + 0.25;
    long double p = (long double)a + 0.125L, q = (long double)a + 0.0625L;
    float z = (float)a;

    for (int round = 1; round <= ROUNDS; round++) {
        weir__context_switch(&side->context, &side->other->context);
        a++, b += 2, c += 3, d += 4, e += 5, f += 6, g += 7, h += 8;
        x += 1, y += 2, z += 1, p += 1, q += 2;
    }
    uint64_t s = side->start;
    side->right = a == s + ROUNDS && b == s + 1 + 2 * ROUNDS && c == s + 2 + 3 * ROUNDS && d == s + 3 + 4 * ROUNDS &&
                  e == s + 4 + 5 * ROUNDS && f == s + 5 + 6 * ROUNDS && g == s + 6 + 7 * ROUNDS &&
                  h == s + 7 + 8 * ROUNDS && x == (double)(s + ROUNDS) + 0.5 && y == (double)(s + 2 * ROUNDS) + 0.25 &&
                  z == (float)(s + ROUNDS) && p == (long double)(s + ROUNDS) + 0.125L &&
                  q == (long double)(s + 2 * ROUNDS) + 0.0625L;
}

static void run_side(void *arg) {
    struct side *side = arg;

    weir__context_arrive();
    count(side);
    side->done = true;
    for (;;) /* the first to end lets the other one end; nobody comes back to either */
        weir__context_switch(&side->context, side->other->done ? &thread : &side->other->context);
}

TEST(test_context_switch_keeps_numbers_of_every_kind) {
    weir__stack_pool_init(&pool, sizeof(struct weir__stack), WEIR__GUARD_ADVICE);
    weir__context_adopt(&thread);
    for (int i = 0; i < 2; i++) {
        sides[i].other = &sides[1 - i];
        sides[i].start = (uint64_t)(i + 1) * 100000;
        struct weir__stack *stack = weir__stack_take(&pool, WEIR__STACK_SMALL_BYTES);
        CHECK(stack != NULL);
        weir__context_make(&sides[i].context, stack->low, stack, run_side, &sides[i]);
    }
    weir__context_switch(&thread, &sides[0].context);
    CHECK(sides[0].done && sides[1].done);
    CHECK(sides[0].right);
    CHECK(sides[1].right);
    weir__context_drop(&sides[0].context);
    weir__context_drop(&sides[1].context);
    weir__stack_pool_done(&pool);
}
