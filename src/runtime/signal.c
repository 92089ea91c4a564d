/* SPDX-License-Identifier: MIT */
/* signal.c: signals as events.
 * Invariant: what the handler counted stays in the sink until one waiter takes it all; so a signal that nobody waits
 * for at the moment is found by the next who does. */
#include "runtime/signal.h"

#include "base/assert.h"
#include "runtime/loop.h"
#include "runtime/owner.h"
#include "runtime/waiter.h"
#include "weir/signal.h"

#include <limits.h>
#include <stdlib.h>

struct weir_signal {
    struct weir__loop *loop;
    struct weir__link link; /* in the loop's `open` */
    struct weir__line line; /* who waits */
    struct weir__signal_sink sink;
};

int weir_signal_open(weir_signal **ret_signal, int signo) {
    WEIR_ASSERT(ret_signal != NULL);
    struct weir__loop *loop = weir__loop_current(__func__);
    weir_signal *signal = calloc(1, sizeof *signal);

    if (signal == NULL)
        return -ENOMEM;
    signal->loop = loop;
    signal->sink.platform = loop->platform;
    signal->sink.pending = &loop->signals.pending;
    int rc = weir__signal_take(&signal->sink, signo);
    if (rc < 0) {
        free(signal);
        return rc;
    }
    weir__line_init(&signal->line);
    weir__list_append(&loop->signals.open, &signal->link);
    weir__loop_expect(loop);
    *ret_signal = signal;
    return 0;
}

/** The end of one that is off the loop's list. */
static void signal_end(weir_signal *signal) {
    weir__signal_give_back(&signal->sink);
    weir__line_wake_all(&signal->line, -ECANCELED);
    weir__loop_unexpect(signal->loop);
    free(signal);
}

void weir_signal_close(weir_signal *signal) {
    if (signal == NULL)
        return;
    weir__owner_check(signal->loop, __func__);

    weir__list_remove(&signal->link);
    signal_end(signal);
}

/** All that came since the last time; 0: none. */
static int take(weir_signal *signal) {
    unsigned count = atomic_exchange(&signal->sink.count, 0);

    return count < INT_MAX ? (int)count : INT_MAX;
}

int weir_signal_wait(weir_signal *signal) {
    struct weir__waiter waiter;

    weir__owner_check(signal->loop, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    int count = take(signal);
    if (count > 0)
        return count;
    rc = weir__line_wait(&signal->line, &waiter, WEIR__WAIT_SIGNAL, signal, WEIR__SITE);
    return rc < 0 ? rc : waiter.result;
}

void weir__signals_deliver(struct weir__signals *signals) {
    for (struct weir__link *link = signals->open.next; link != &signals->open; link = link->next) {
        weir_signal *signal = WEIR__CONTAINER(link, struct weir_signal, link);
        struct weir__waiter *first = weir__line_first(&signal->line);
        int count = first != NULL ? take(signal) : 0;
        if (count > 0)
            weir__waiter_wake(first, count);
    }
}

static bool case_try_now(weir_case *arm) {
    arm->result = take(arm->object);
    return arm->result > 0;
}

static int case_enlist(weir_case *arm, struct weir__waiter *waiter) {
    weir_signal *signal = arm->object;

    weir__list_append(&signal->line.head, &waiter->link);
    return 0;
}

weir_case weir_case_signal(weir_signal *signal) {
    static const struct weir_case_ops ops = {.try_now = case_try_now, .enlist = case_enlist};

    WEIR_ASSERT(signal != NULL);
    return (weir_case){.ops = &ops, .object = signal};
}

/* ---- The loop's side --------------------------------------------------------------------------------------------- */

void weir__signals_open(struct weir__loop *loop) {
    weir__list_init(&loop->signals.open);
    weir__sigpipe_ignore();
}

void weir__signals_close(struct weir__loop *loop) {
    struct weir__link *link;

    while ((link = weir__list_take_first(&loop->signals.open)) != NULL)
        signal_end(WEIR__CONTAINER(link, struct weir_signal, link));
    weir__sigpipe_restore();
}
