/* SPDX-License-Identifier: MIT */
/* sim_calendar.c: a pairing heap of events.
 * Invariant: no event is earlier than its parent, and *event->at == event for each event on the calendar. */
#include "platform/sim_calendar.h"

#include "base/assert.h"

static bool is_earlier(const struct weir__sim_event *a, const struct weir__sim_event *b) {
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

static void put(struct weir__sim_event **place, struct weir__sim_event *event) {
    *place = event;
    if (event != NULL)
        event->at = place;
}

/* Join two heaps without siblings; either may be empty. */
static struct weir__sim_event *join(struct weir__sim_event *a, struct weir__sim_event *b) {
    if (a == NULL || b == NULL)
        return a == NULL ? b : a;
    if (is_earlier(b, a)) {
        struct weir__sim_event *earlier = b;
        b = a;
        a = earlier;
    }
    put(&b->next, a->child);
    put(&a->child, b);
    return a;
}

/* Join siblings to one heap: in pairs from the left, then the pairs from the right. */
static struct weir__sim_event *join_siblings(struct weir__sim_event *sibling) {
    struct weir__sim_event *pairs = NULL, *heap = NULL;

    while (sibling != NULL) {
        struct weir__sim_event *a = sibling, *b = a->next;
        sibling = b == NULL ? NULL : b->next;
        a->next = NULL;
        if (b != NULL)
            b->next = NULL;
        a = join(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs != NULL) {
        struct weir__sim_event *pair = pairs;
        pairs = pair->next;
        pair->next = NULL;
        heap = join(heap, pair);
    }
    return heap;
}

void weir__sim_calendar_add(struct weir__sim_calendar *calendar, struct weir__sim_event *event, int64_t at_ns) {
    WEIR_ASSERT(!weir__sim_event_is_on(event));
    event->at_ns = at_ns;
    event->order = calendar->order++;
    event->child = event->next = NULL;
    put(&calendar->first, join(calendar->first, event));
}

void weir__sim_calendar_remove(struct weir__sim_calendar *calendar, struct weir__sim_event *event) {
    if (!weir__sim_event_is_on(event))
        return;
    put(event->at, event->next);
    event->at = NULL;
    put(&calendar->first, join(calendar->first, join_siblings(event->child)));
}
