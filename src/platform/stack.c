/* SPDX-License-Identifier: MIT */
/* stack.c: slabs of equally large stacks, and the guards at their ends.
 * Invariant: a stack is in use, or warm (linked through its own record), or cold (its number on its slab's list), or
 * fresh (its number not below slab->fresh); a slab with a cold or fresh one stands before those without. */
#include "platform/stack.h"

#include "base/assert.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#else
#define VALGRIND_STACK_REGISTER(low, high) ((void)(low), (void)(high))
#endif

enum { PAGE = 4096, COLOURS = 32, COLOUR_BYTES = 64, WARM_MAX = 1024, TRIM_AT_ONCE = 256 };

static const struct {
    size_t stride, guard; /* bytes; the guard is the low end of the stride */
    unsigned count;       /* stacks a slab */
} shapes[WEIR__STACK_CLASSES] = {
    [WEIR__STACK_SMALL] = {64 << 10, 16 << 10, 1024},
    [WEIR__STACK_NORMAL] = {320 << 10, 64 << 10, 256},
};

struct weir__slab {
    struct weir__slab *next;
    char *base;
    unsigned fresh;      /* stacks from this number on were never used */
    unsigned cold_count; /* used before, given back, their pages too */
    uint16_t cold[];     /* their numbers */
};

/* Where the record of stack `number` of a slab lies. */
static struct weir__stack *record_at(const struct weir__stack_pool *pool, const char *base, size_t stride,
                                     unsigned number) {
    size_t colour = (size_t)(number * 5 % COLOURS) * COLOUR_BYTES;
    size_t record_bytes = (pool->record_bytes + 63) & ~(size_t)63;
    return (struct weir__stack *)(void *)(base + (number + 1) * stride - colour - record_bytes);
}

void weir__stack_pool_init(struct weir__stack_pool *pool, size_t record_bytes, enum weir__stack_guard first) {
    WEIR_ASSERT(record_bytes <= WEIR__STACK_RECORD_MAX);
    *pool = (struct weir__stack_pool){.guard = first, .record_bytes = record_bytes};
}

void weir__stack_pool_done(struct weir__stack_pool *pool) {
    for (unsigned kind = 0; kind < WEIR__STACK_CLASSES; kind++) {
        struct weir__slab *slab = pool->classes[kind].slabs, *next;
        for (; slab != NULL; slab = next) {
            next = slab->next;
            munmap(slab->base, shapes[kind].stride * shapes[kind].count);
            free(slab);
        }
    }
    *pool = (struct weir__stack_pool){.guard = pool->guard, .record_bytes = pool->record_bytes};
}

/* Whether the kernel refuses to read there. Emulators take the advice and do nothing; they lack this call as well, or
 * read. Where a filter forbids it, the advice is believed. */
static bool is_guarded(char *low) {
    char byte;
    struct iovec here = {&byte, 1}, there = {low, 1};

    return process_vm_readv(getpid(), &here, 1, &there, 1, 0) < 0 && errno != ENOSYS;
}

/* Guard the low end of a stack as well as this machine can; moves on to the next way when one fails. */
static void guard_install(struct weir__stack_pool *pool, struct weir__stack *stack, char *low, size_t bytes) {
    if (pool->guard == WEIR__GUARD_ADVICE && madvise(low, bytes, MADV_GUARD_INSTALL) != 0)
        pool->guard = WEIR__GUARD_PROTECT;
    if (pool->guard == WEIR__GUARD_ADVICE && !pool->is_guard_proven && !is_guarded(low))
        pool->guard = WEIR__GUARD_PROTECT;
    pool->is_guard_proven = true;
    if (pool->guard == WEIR__GUARD_PROTECT && mprotect(low, bytes, PROT_NONE) != 0)
        pool->guard = WEIR__GUARD_CANARY;
    stack->guard = (uint8_t)pool->guard;
    if (pool->guard == WEIR__GUARD_CANARY)
        *(uint64_t *)(void *)(low + bytes) = WEIR__STACK_CANARY;
}

static void *map_bytes(size_t bytes) {
    void *base =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (base == MAP_FAILED)
        return NULL;
    madvise(base, bytes, MADV_NOHUGEPAGE); /* a huge page a stack would cost 2 MiB; refused where there are none */
    return base;
}

static struct weir__slab *slab_new(unsigned kind) {
    unsigned count = shapes[kind].count;
    struct weir__slab *slab = malloc(sizeof *slab + count * sizeof slab->cold[0]);

    if (slab == NULL)
        return NULL;
    *slab = (struct weir__slab){.base = map_bytes(shapes[kind].stride * count)};
    if (slab->base == NULL) {
        free(slab);
        return NULL;
    }
    return slab;
}

static bool slab_has_room(const struct weir__slab *slab, unsigned kind) {
    return slab->cold_count > 0 || slab->fresh < shapes[kind].count;
}

static struct weir__stack *take_from_slab(struct weir__stack_pool *pool, struct weir__slab *slab, unsigned kind) {
    size_t stride = shapes[kind].stride, guard = shapes[kind].guard;
    bool is_fresh = slab->cold_count == 0;
    unsigned number = is_fresh ? slab->fresh++ : slab->cold[--slab->cold_count];
    struct weir__stack *stack = record_at(pool, slab->base, stride, number);
    char *base = slab->base + number * stride;

    *stack = (struct weir__stack){.slab = slab,
                                  .low = base + guard,
                                  .bytes = (uint32_t)(stride - guard),
                                  .kind = (uint8_t)kind,
                                  .guard = (uint8_t)pool->guard};
    if (is_fresh || stack->guard == WEIR__GUARD_CANARY)
        guard_install(pool, stack, base, guard);
    if (is_fresh)
        VALGRIND_STACK_REGISTER(base + guard, base + stride);
    return stack;
}

static struct weir__stack *take_large(struct weir__stack_pool *pool, size_t bytes) {
    size_t guard = shapes[WEIR__STACK_NORMAL].guard, total = guard + ((bytes + PAGE - 1) & ~(size_t)(PAGE - 1));
    char *base = map_bytes(total);

    if (base == NULL)
        return NULL;
    struct weir__stack *stack = record_at(pool, base, total, 0);
    *stack = (struct weir__stack){.low = base + guard,
                                  .bytes = (uint32_t)(total - guard),
                                  .kind = WEIR__STACK_LARGE,
                                  .guard = (uint8_t)pool->guard};
    guard_install(pool, stack, base, guard);
    VALGRIND_STACK_REGISTER(base + guard, base + total);
    return stack;
}

static unsigned class_of(size_t bytes) {
    if (bytes <= WEIR__STACK_SMALL_BYTES)
        return WEIR__STACK_SMALL;
    return bytes <= WEIR__STACK_NORMAL_BYTES ? WEIR__STACK_NORMAL : WEIR__STACK_LARGE;
}

/* Move the first slab behind those with room, so that one without is not asked again. */
static void slab_step_back(struct weir__stack_pool *pool, unsigned kind) {
    struct weir__slab *slab = pool->classes[kind].slabs, **place = &pool->classes[kind].slabs;

    if (slab->next == NULL || !slab_has_room(slab->next, kind))
        return;
    *place = slab->next;
    while (*place != NULL && slab_has_room(*place, kind))
        place = &(*place)->next;
    slab->next = *place;
    *place = slab;
}

struct weir__stack *weir__stack_take_cold(struct weir__stack_pool *pool, size_t bytes) {
    unsigned kind = class_of(bytes);

    if (kind == WEIR__STACK_LARGE)
        return take_large(pool, bytes);
    struct weir__slab *slab = pool->classes[kind].slabs;
    if (slab == NULL || !slab_has_room(slab, kind)) {
        slab = slab_new(kind);
        if (slab == NULL)
            return NULL;
        slab->next = pool->classes[kind].slabs;
        pool->classes[kind].slabs = slab;
    }
    struct weir__stack *stack = take_from_slab(pool, slab, kind);
    if (!slab_has_room(slab, kind))
        slab_step_back(pool, kind);
    return stack;
}

/* Put a slab that has room again before the others. */
static void slab_step_forward(struct weir__stack_pool *pool, unsigned kind, struct weir__slab *slab) {
    struct weir__slab **place = &pool->classes[kind].slabs;

    while (*place != slab)
        place = &(*place)->next;
    *place = slab->next;
    slab->next = pool->classes[kind].slabs;
    pool->classes[kind].slabs = slab;
}

/* Give a warm stack's pages back; its number goes on its slab's list. */
static void make_cold(struct weir__stack_pool *pool, unsigned kind) {
    struct weir__stack *stack = pool->classes[kind].warm;
    struct weir__slab *slab = stack->slab;
    bool had_room = slab_has_room(slab, kind);
    size_t number = (size_t)(stack->low - shapes[kind].guard - slab->base) / shapes[kind].stride;

    pool->classes[kind].warm = stack->next;
    pool->classes[kind].warm_count--;
    madvise(stack->low, stack->bytes, MADV_DONTNEED); /* guards survive it; the record does not */
    slab->cold[slab->cold_count++] = (uint16_t)number;
    if (!had_room)
        slab_step_forward(pool, kind, slab);
}

bool weir__stack_pool_trim(struct weir__stack_pool *pool) {
    unsigned left = TRIM_AT_ONCE;

    for (unsigned kind = 0; kind < WEIR__STACK_CLASSES; kind++) {
        while (pool->classes[kind].warm_count > WARM_MAX) {
            if (left-- == 0)
                return true;
            make_cold(pool, kind);
        }
    }
    return false;
}

void weir__stack_give_large(struct weir__stack *stack) {
    size_t guard = shapes[WEIR__STACK_NORMAL].guard;
    munmap(stack->low - guard, guard + stack->bytes);
}

void weir__stack_trim(const struct weir__stack *stack, const void *sp) {
    /* 512 bytes stay for the red zone and for the frames of this very call. */
    uintptr_t high = ((uintptr_t)sp - 512) & ~(uintptr_t)(PAGE - 1), low = (uintptr_t)stack->low;

    if (stack->guard == WEIR__GUARD_CANARY)
        low += PAGE;
    if (high > low)
        madvise((void *)low, high - low, MADV_DONTNEED);
}

size_t weir__stack_guard_bytes(const struct weir__stack *stack) {
    return shapes[stack->kind == WEIR__STACK_LARGE ? WEIR__STACK_NORMAL : stack->kind].guard;
}
