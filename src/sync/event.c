/* SPDX-License-Identifier: MIT */
/* event.c: a gate that starts closed, is set once, and then stays open.
 * Invariant: once `set` is true, nobody is in line. */
#include "weir/event.h"

#include "runtime/owner.h"

struct event {
    struct weir__loop *loop; /* NULL before init and after done */
    struct weir__line line;
    bool set;
};

_Static_assert(sizeof(struct event) <= sizeof(weir_event), "a weir_event holds an event");

static inline struct event *of(weir_event *event) { return (struct event *)(void *)event; }

void weir_event_init(weir_event *event) {
    *of(event) = (struct event){.loop = weir__loop_current(__func__)};
    weir__line_init(&of(event)->line);
}

void weir_event_done(weir_event *event) {
    if (event == NULL || of(event)->loop == NULL)
        return;
    weir__owner_check(of(event)->loop, __func__);
    weir__line_check_empty(&of(event)->line, __func__);
    *of(event) = (struct event){0};
}

int weir_event_wait(weir_event *event) {
    struct event *me = of(event);
    struct weir__waiter waiter;

    weir__owner_check(me->loop, __func__);
    int rc = weir__checkpoint(); /* a loop over events that are set must stay cancellable */
    if (rc < 0 || me->set)
        return rc;
    return weir__line_wait(&me->line, &waiter, WEIR__WAIT_EVENT, me, WEIR__SITE);
}

void weir_event_set(weir_event *event) {
    weir__owner_check(of(event)->loop, __func__);
    of(event)->set = true;
    weir__line_wake_all(&of(event)->line, 0);
}

bool weir_event_is_set(const weir_event *event) {
    const struct event *me = (const struct event *)(const void *)event;

    weir__owner_check(me->loop, __func__);
    return me->set;
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

static bool case_try(weir_case *arm) {
    const struct event *me = arm->object;

    arm->result = 0;
    return me->set;
}

static int case_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct event *me = arm->object;

    weir__list_append(&me->line.head, &waiter->link);
    return 0;
}

static const struct weir_case_ops event_ops = {.try_now = case_try, .enlist = case_enlist};

weir_case weir_case_event(weir_event *event) {
    weir__owner_check(of(event)->loop, __func__);
    return (weir_case){.ops = &event_ops, .object = event};
}
