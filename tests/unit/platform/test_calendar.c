/* SPDX-License-Identifier: MIT */
/* test_calendar.c: events come in the order of their instants, and at one instant in that of their entering. */
#include "platform/sim_calendar.h"

#include "support/test.h"

enum { COUNT = 500 };

static uint32_t draw(uint64_t *state) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

/* Take all off, which must be in order. @return how many there were */
static int empty(struct weir__sim_calendar *calendar) {
    int64_t at_ns = INT64_MIN;
    uint64_t order = 0;
    int count = 0;

    for (struct weir__sim_event *first; (first = calendar->first) != NULL; count++) {
        CHECK(first->at_ns > at_ns || (first->at_ns == at_ns && first->order > order));
        at_ns = first->at_ns;
        order = first->order;
        weir__sim_calendar_remove(calendar, first);
        CHECK(!weir__sim_event_is_on(first));
    }
    return count;
}

TEST(test_calendar_keeps_the_order_of_instants) {
    static struct weir__sim_event events[COUNT];
    struct weir__sim_calendar calendar = {0};
    uint64_t state = test_seed();

    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < COUNT; i++)
            weir__sim_calendar_add(&calendar, &events[i], draw(&state) % 100);
        CHECK_INT(empty(&calendar), COUNT);
    }
}

TEST(test_calendar_strikes_events_out) {
    static struct weir__sim_event events[COUNT];
    struct weir__sim_calendar calendar = {0};
    uint64_t state = test_seed();
    int on = 0;

    for (int i = 0; i < 20 * COUNT; i++) {
        struct weir__sim_event *event = &events[draw(&state) % COUNT];
        if (weir__sim_event_is_on(event)) {
            weir__sim_calendar_remove(&calendar, event);
            weir__sim_calendar_remove(&calendar, event); /* harmless */
            on--;
        } else {
            weir__sim_calendar_add(&calendar, event, draw(&state) % 1000);
            on++;
        }
    }
    CHECK_INT(empty(&calendar), on);
}
