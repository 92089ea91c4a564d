/* SPDX-License-Identifier: MIT */
/* timer.c: a wheel for what comes later, a heap for the present tick.
 * Invariant: a timer in the wheel has a tick after timers->tick, and lies at the level of the highest group of six bits
 * in which the two differ; so the first slot of the lowest level in use is the earliest. A heap timer comes before all.
 */
#include "runtime/timer.h"

#include <stddef.h>

enum { TICK_BITS = 20, SLOT_BITS = 6, SLOTS = 64, PLACE_NONE = 0, PLACE_HEAP = 1, PLACE_WHEEL = 2 };

/* ---- The heap ---------------------------------------------------------------------------------------------------- */

static bool goes_before(const struct weir__timer *a, const struct weir__timer *b) {
    return a->deadline_ns != b->deadline_ns ? a->deadline_ns < b->deadline_ns : a->order < b->order;
}

/* Two roots become one; `prev` of a first child is its parent, of the others the sibling before. */
static struct weir__timer *meld(struct weir__timer *a, struct weir__timer *b) {
    if (a == NULL)
        return b;
    if (b == NULL)
        return a;
    if (goes_before(b, a)) {
        struct weir__timer *swap = a;
        a = b;
        b = swap;
    }
    b->prev = a;
    b->next = a->child;
    if (a->child != NULL)
        a->child->prev = b;
    a->child = b;
    a->next = a->prev = NULL;
    return a;
}

/* A list of siblings becomes one heap: in pairs from the left, then all from the right. */
static struct weir__timer *meld_pairs(struct weir__timer *first) {
    struct weir__timer *pairs = NULL, *root = NULL;

    while (first != NULL) {
        struct weir__timer *a = first, *b = first->next;
        first = b != NULL ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b != NULL)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct weir__timer *next = pairs->next;
        pairs->next = NULL;
        root = meld(root, pairs);
        pairs = next;
    }
    return root;
}

static void heap_remove(struct weir__timers *timers, struct weir__timer *timer) {
    struct weir__timer *rest = meld_pairs(timer->child);

    if (timer == timers->heap) {
        timers->heap = rest;
    } else {
        if (timer->prev->child == timer)
            timer->prev->child = timer->next;
        else
            timer->prev->next = timer->next;
        if (timer->next != NULL)
            timer->next->prev = timer->prev;
        timers->heap = meld(timers->heap, rest);
    }
    timer->next = timer->prev = timer->child = NULL;
    timer->place = PLACE_NONE;
}

/* ---- The wheel --------------------------------------------------------------------------------------------------- */

static void wheel_remove(struct weir__timers *timers, struct weir__timer *timer) {
    unsigned level = timer->place - PLACE_WHEEL, slot = timer->slot;

    if (timer->prev != NULL)
        timer->prev->next = timer->next;
    else
        timers->slots[level][slot] = timer->next;
    if (timer->next != NULL)
        timer->next->prev = timer->prev;
    if (timers->slots[level][slot] == NULL)
        timers->used[level] &= ~(UINT64_C(1) << slot);
    timer->next = timer->prev = NULL;
    timer->place = PLACE_NONE;
}

static void put(struct weir__timers *timers, struct weir__timer *timer) {
    int64_t tick = timer->deadline_ns >> TICK_BITS;

    timer->next = timer->prev = timer->child = NULL;
    if (tick <= timers->tick) {
        timer->place = PLACE_HEAP;
        timers->heap = meld(timers->heap, timer);
        return;
    }
    unsigned level = (unsigned)(63 - __builtin_clzll((uint64_t)(tick ^ timers->tick))) / SLOT_BITS;
    unsigned slot = (unsigned)(tick >> (SLOT_BITS * level)) % SLOTS;
    timer->place = (uint8_t)(PLACE_WHEEL + level);
    timer->slot = (uint8_t)slot;
    timer->next = timers->slots[level][slot];
    if (timer->next != NULL)
        timer->next->prev = timer;
    timers->slots[level][slot] = timer;
    timers->used[level] |= UINT64_C(1) << slot;
}

/* The earliest slot in use, and the tick at which it begins; false: the wheel is empty. */
static bool first_slot(const struct weir__timers *timers, unsigned *ret_level, unsigned *ret_slot, int64_t *ret_tick) {
    for (unsigned level = 0; level < WEIR__TIMER_LEVELS; level++) {
        if (timers->used[level] == 0)
            continue;
        unsigned slot = (unsigned)__builtin_ctzll(timers->used[level]);
        int64_t above = timers->tick >> (SLOT_BITS * (level + 1));
        *ret_level = level;
        *ret_slot = slot;
        *ret_tick = ((above << SLOT_BITS) | (int64_t)slot) << (SLOT_BITS * level);
        return true;
    }
    return false;
}

/* Bring every slot that begins by `tick` into the heap or a finer level. */
static void advance(struct weir__timers *timers, int64_t tick) {
    unsigned level, slot;
    int64_t start;

    while (first_slot(timers, &level, &slot, &start) && start <= tick) {
        struct weir__timer *timer = timers->slots[level][slot], *next;
        timers->tick = start > timers->tick ? start : timers->tick;
        timers->slots[level][slot] = NULL;
        timers->used[level] &= ~(UINT64_C(1) << slot);
        for (; timer != NULL; timer = next) {
            next = timer->next;
            put(timers, timer);
        }
    }
    if (tick > timers->tick)
        timers->tick = tick;
}

/* ---- The whole --------------------------------------------------------------------------------------------------- */

void weir__timers_init(struct weir__timers *timers, int64_t now_ns) {
    *timers = (struct weir__timers){.tick = now_ns >> TICK_BITS};
}

void weir__timers_arm(struct weir__timers *timers, struct weir__timer *timer, int64_t deadline_ns,
                      enum weir__timer_class kind) {
    timer->deadline_ns = deadline_ns;
    timer->order = ((uint64_t)kind << 63) | timers->sequence++;
    put(timers, timer);
}

void weir__timers_disarm(struct weir__timers *timers, struct weir__timer *timer) {
    if (timer->place == PLACE_HEAP)
        heap_remove(timers, timer);
    else if (timer->place != PLACE_NONE)
        wheel_remove(timers, timer);
}

void weir__timers_fire(struct weir__timers *timers, int64_t now_ns) {
    advance(timers, now_ns >> TICK_BITS);
    while (timers->heap != NULL && timers->heap->deadline_ns <= now_ns) {
        struct weir__timer *timer = timers->heap;
        heap_remove(timers, timer);
        timer->fire(timer);
    }
}

int64_t weir__timers_next(const struct weir__timers *timers) {
    unsigned level, slot;
    int64_t tick;

    if (timers->heap != NULL)
        return timers->heap->deadline_ns;
    return first_slot(timers, &level, &slot, &tick) ? tick << TICK_BITS : INT64_MAX;
}
