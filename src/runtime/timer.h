/* SPDX-License-Identifier: MIT */
/* timer.h: what is to happen at an instant. Arming and disarming allocate nothing and cannot fail.
 *
 * Timers of later ticks (2^20 ns, about 1 ms) lie in a wheel of eight levels of 64 slots, where arming and disarming
 * are O(1); those of the present tick in a pairing heap, which orders them exactly: by instant, at one instant
 * deadlines before sleeps, and else as they were armed (SEMANTICS 5). */
#ifndef WEIR_SRC_RUNTIME_TIMER_H
#define WEIR_SRC_RUNTIME_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct weir__loop;

enum weir__timer_class { WEIR__TIMER_DEADLINE, WEIR__TIMER_SLEEP };

/** Zeroed: not armed. */
struct weir__timer {
    int64_t deadline_ns;
    uint64_t order;                          /* the class in the top bit, then the sequence number */
    struct weir__timer *next, *prev, *child; /* of the slot, or of the heap */
    void (*fire)(struct weir__timer *timer); /* set by the owner; disarmed when called; must not suspend */
    uint8_t place;                           /* 0: not armed; 1: heap; 2 + level: wheel */
    uint8_t slot;
};

enum { WEIR__TIMER_LEVELS = 8 };

struct weir__timers {
    struct weir__timer *heap; /* of ticks up to `tick` */
    int64_t tick;             /* slots up to here are in the heap */
    uint64_t sequence;
    uint64_t used[WEIR__TIMER_LEVELS]; /* a bit for each slot that is not empty */
    struct weir__timer *slots[WEIR__TIMER_LEVELS][64];
};

void weir__timers_init(struct weir__timers *timers, int64_t now_ns);

/** Fire all that are due at `now_ns`, in order, those that are armed meanwhile included if they are due. */
void weir__timers_fire(struct weir__timers *timers, int64_t now_ns);

/** When to call weir__timers_fire next, at the latest when the first one is due; INT64_MAX: none is armed. */
int64_t weir__timers_next(const struct weir__timers *timers);

/** Arm `timer`, whose `fire` is set and which is not armed. An instant that has passed fires in the next turn. */
void weir__timers_arm(struct weir__timers *timers, struct weir__timer *timer, int64_t deadline_ns,
                      enum weir__timer_class kind);

/** Harmless when it is not armed. */
void weir__timers_disarm(struct weir__timers *timers, struct weir__timer *timer);

/** The same on the timers of a loop. */
void weir__timer_arm(struct weir__loop *loop, struct weir__timer *timer, int64_t deadline_ns,
                     enum weir__timer_class kind);
void weir__timer_disarm(struct weir__loop *loop, struct weir__timer *timer);

#endif
