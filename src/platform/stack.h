/* SPDX-License-Identifier: MIT */
/* stack.h: the stacks of tasks. Taken from slabs, guarded, recycled.
 *
 * A pool belongs to one loop. Its two classes differ in stride: 64 KiB, guard included, for code that calls only Weir;
 * and 320 KiB, of which 64 KiB are guard, for everything else. Larger ones are mapped one by one.
 *
 * The caller keeps a record at the top of each stack, so that a parked task needs one touched page; its first member is
 * a weir__stack. Tops are spread over the cache's sets (else all records would meet in the same few). */
#ifndef WEIR_SRC_PLATFORM_STACK_H
#define WEIR_SRC_PLATFORM_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum weir__stack_class {
    WEIR__STACK_SMALL,
    WEIR__STACK_NORMAL,
    WEIR__STACK_LARGE,
    WEIR__STACK_CLASSES = WEIR__STACK_LARGE
};

enum {
    WEIR__STACK_SMALL_BYTES = 64 << 10,
    WEIR__STACK_NORMAL_BYTES = 256 << 10,
    WEIR__STACK_BYTES_MAX = 1 << 30,
    WEIR__STACK_RECORD_MAX = 512,
};

/** How a stack's end is guarded; each the fallback of the one before. */
enum weir__stack_guard {
    WEIR__GUARD_ADVICE,  /* MADV_GUARD_INSTALL: splits no mapping; Linux 6.13, not on locked memory */
    WEIR__GUARD_PROTECT, /* mprotect: two mappings a stack, until vm.max_map_count is reached */
    WEIR__GUARD_CANARY,  /* a word at the end that is looked at when the task parks or ends */
};

struct weir__slab;

/** One stack, at the head of the record at its top. */
struct weir__stack {
    struct weir__stack *next; /* the pool's */
    struct weir__slab *slab;  /* NULL: mapped by itself */
    char *low;                /* its lowest usable byte */
    uint32_t bytes;           /* usable, record included */
    uint8_t kind;
    uint8_t guard;
    uint16_t reserved;
};

struct weir__stack_pool {
    struct {
        struct weir__stack *warm; /* ended lately; their pages are kept */
        unsigned warm_count;
        struct weir__slab *slabs; /* all of them; those with room first */
    } classes[WEIR__STACK_CLASSES];
    enum weir__stack_guard guard; /* what works here */
    bool is_guard_proven;         /* the first one was tried out */
    size_t record_bytes;
};

/**
 * @param record_bytes  of the caller's record, at most WEIR__STACK_RECORD_MAX
 * @param first         the guard to try first: ADVICE, but for tests
 */
void weir__stack_pool_init(struct weir__stack_pool *pool, size_t record_bytes, enum weir__stack_guard first);

/** Unmap everything; no stack may be in use. */
void weir__stack_pool_done(struct weir__stack_pool *pool);

/** As weir__stack_take, when no stack is warm. */
struct weir__stack *weir__stack_take_cold(struct weir__stack_pool *pool, size_t bytes);

/** @return the record at the top, its weir__stack filled in, the rest undefined; NULL: no memory. */
static inline struct weir__stack *weir__stack_take(struct weir__stack_pool *pool, size_t bytes) {
    unsigned kind = bytes <= WEIR__STACK_SMALL_BYTES ? WEIR__STACK_SMALL : WEIR__STACK_NORMAL;
    struct weir__stack *stack = pool->classes[kind].warm;

    if (__builtin_expect(stack == NULL || bytes > WEIR__STACK_NORMAL_BYTES, 0))
        return weir__stack_take_cold(pool, bytes);
    pool->classes[kind].warm = stack->next;
    pool->classes[kind].warm_count--;
    return stack;
}

/** Unmap a stack that is LARGE; not while it runs. */
void weir__stack_give_large(struct weir__stack *stack);

/** Give a stack back: it is kept warm, its pages with it. One that is not LARGE may be given back while it still runs,
 * as long as no other is taken before it has been left. */
static inline void weir__stack_give(struct weir__stack_pool *pool, struct weir__stack *stack) {
    if (__builtin_expect(stack->kind == WEIR__STACK_LARGE, 0)) {
        weir__stack_give_large(stack);
        return;
    }
    stack->next = pool->classes[stack->kind].warm;
    pool->classes[stack->kind].warm = stack;
    pool->classes[stack->kind].warm_count++;
}

/**
 * Give the pages of some warm stacks beyond a bound back to the kernel: for a thread that has nothing else to do. A
 * storm of tasks that end is not held up by it.
 * @return whether there are more
 */
bool weir__stack_pool_trim(struct weir__stack_pool *pool);

/** Give the pages below `sp` back to the kernel; what is on them is gone. For a task that will be idle for long. */
void weir__stack_trim(const struct weir__stack *stack, const void *sp);

/** What a guard of the kind CANARY is made of. */
#define WEIR__STACK_CANARY UINT64_C(0x57656972436e7279) /* "WeirCnry" */

/** False: the canary at the end was overwritten. */
static inline bool weir__stack_is_sound(const struct weir__stack *stack) {
    return stack->guard != WEIR__GUARD_CANARY || *(const uint64_t *)(const void *)stack->low == WEIR__STACK_CANARY;
}

/** How much below `low` is guard, or would be (of a canary: nothing faults there). */
size_t weir__stack_guard_bytes(const struct weir__stack *stack);

#endif
