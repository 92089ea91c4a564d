/* SPDX-License-Identifier: MIT */
/* sim_calendar.h: what is going to happen in a simulated world, earliest first; at one instant in the order in which it
 * was entered. Events live in whatever they happen to, so entering one cannot fail. */
#ifndef WEIR_SRC_PLATFORM_SIM_CALENDAR_H
#define WEIR_SRC_PLATFORM_SIM_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weir__sim;

struct weir__sim_event {
    int64_t at_ns;
    uint64_t order;
    /** What happens; the event has been taken off the calendar and may be entered again. */
    void (*happen)(struct weir__sim *sim, struct weir__sim_event *event);
    struct weir__sim_event *child; /* a pairing heap: the first child, ... */
    struct weir__sim_event *next;  /* ... its next sibling, ... */
    struct weir__sim_event **at;   /* ... and what points here; NULL: not on the calendar */
};

struct weir__sim_calendar {
    struct weir__sim_event *first;
    uint64_t order;
};

static inline bool weir__sim_event_is_on(const struct weir__sim_event *event) { return event->at != NULL; }

/** Enter an event that is not on the calendar. */
void weir__sim_calendar_add(struct weir__sim_calendar *calendar, struct weir__sim_event *event, int64_t at_ns);

/** Strike an event out; harmless when it is not on the calendar. */
void weir__sim_calendar_remove(struct weir__sim_calendar *calendar, struct weir__sim_event *event);

#endif
