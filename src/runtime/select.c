/* SPDX-License-Identifier: MIT */
/* select.c: wait until one of several things can be done, and do exactly that one.
 *
 * First each arm is tried, from a random start. If none goes, all stand in line, and whoever can serve one of them does
 * it then and there and takes the others out of line (waiter.c). So there is no moment in which two arms could go, and
 * none in which an arm that was chosen could have been served to somebody else.
 * Invariant: while the task is parked, the arms 0 to `enlisted` - 1 are in line, or all of them are out and one won. */
#include "weir/wait.h"

#include "base/assert.h"
#include "runtime/loop.h"
#include "runtime/waiter.h"

#include <limits.h>

_Static_assert(sizeof(struct weir__waiter) <= sizeof(((weir_case *)NULL)->waiter), "an arm has room for its waiter");

/** A select that waits; in its task's frame. */
struct selection {
    struct weir__waiter_set set;
    struct weir__loop *loop;
    weir_case *cases;
    size_t enlisted;
    struct weir__waiter *alarm; /* the arm whose instant comes first */
    int64_t alarm_ns;
    struct weir__timer timer; /* armed for `alarm` */
};

static struct weir__waiter *waiter_of(weir_case *arm) { return (struct weir__waiter *)(void *)arm->waiter; }

static weir_case *case_of(struct weir__waiter *waiter) { return WEIR__CONTAINER(waiter, weir_case, waiter); }

/* ---- An instant -------------------------------------------------------------------------------------------------- */

static bool instant_try(weir_case *arm) {
    arm->result = 0;
    return weir_now().ns >= arm->number;
}

/** Of all instants only the first can win, so one timer serves them all. */
static int instant_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct selection *selection = WEIR__CONTAINER(waiter->set, struct selection, set);

    if (arm->number < selection->alarm_ns) {
        selection->alarm = waiter;
        selection->alarm_ns = arm->number;
    }
    return 0;
}

static const struct weir_case_ops instant_ops = {.try_now = instant_try, .enlist = instant_enlist};

weir_case weir_case_at(weir_instant instant) { return (weir_case){.ops = &instant_ops, .number = instant.ns}; }

/** A deadline of the same instant has fired before, and ended the wait: an instant hands nothing over, so nothing is
 * lost by saying so (SEMANTICS 5), as in a sleep. */
static void alarm_fire(struct weir__timer *timer) {
    struct weir__waiter *alarm = WEIR__CONTAINER(timer, struct selection, timer)->alarm;

    if (alarm->task->state == WEIR__TASK_PARKED)
        weir__waiter_wake(alarm, 0);
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

/** The index of an arm that went, or -EAGAIN. */
static int try_each(struct weir__loop *loop, weir_case *cases, size_t count) {
    /* A product instead of a remainder: no division, and the same spread. */
    size_t start = count == 1 ? 0 : (size_t)(((uint64_t)weir__loop_random(loop) * count) >> 32);

    for (size_t n = 0; n < count; n++) {
        size_t i = start + n < count ? start + n : start + n - count;
        if (cases[i].ops != NULL && cases[i].ops->try_now(&cases[i]))
            return (int)i;
    }
    return -EAGAIN;
}

static void withdraw(struct weir__waiter_set *set) {
    struct selection *selection = WEIR__CONTAINER(set, struct selection, set);

    if (selection->alarm != NULL)
        weir__timer_disarm(selection->loop, &selection->timer);
    for (size_t i = 0; i < selection->enlisted; i++) {
        weir_case *arm = &selection->cases[i];
        if (arm->ops == NULL)
            continue;
        if (arm->ops->delist != NULL)
            arm->ops->delist(arm, waiter_of(arm));
        else
            weir__waiter_leave(waiter_of(arm));
    }
}

/** Put every arm in line, until one goes at once. */
static void enlist_each(struct selection *selection, size_t count) {
    struct weir__task *task = selection->loop->current;

    for (size_t i = 0; i < count && selection->set.winner == NULL; i++) {
        weir_case *arm = &selection->cases[i];
        struct weir__waiter *waiter = waiter_of(arm);

        *waiter = (struct weir__waiter){.task = task, .set = &selection->set};
        selection->enlisted = i + 1;
        int rc = arm->ops != NULL ? arm->ops->enlist(arm, waiter) : 0;
        if (rc < 0)
            weir__waiter_wake(waiter, rc);
    }
}

/** Until one goes. @return 0; -ECANCELED, -ETIME: none did */
static int park(struct selection *selection, const void *site) {
    if (selection->alarm != NULL)
        weir__timer_arm(selection->loop, &selection->timer, selection->alarm_ns, WEIR__TIMER_SLEEP);
    selection->set.parked = true;

    int rc = weir__park(WEIR__WAIT_SELECT, selection->cases, site);
    if (selection->set.winner != NULL)
        return 0; /* also when a cancel came first: the outcome exists */
    WEIR_ASSERT(rc < 0);
    return rc;
}

static int wait_for_one(struct weir__loop *loop, weir_case *cases, size_t count, const void *site) {
    struct selection selection = {
        .set.withdraw = withdraw,
        .loop = loop,
        .cases = cases,
        .alarm_ns = INT64_MAX,
        .timer.fire = alarm_fire,
    };

    enlist_each(&selection, count);
    int rc = selection.set.winner == NULL ? park(&selection, site) : 0;
    if (rc < 0 || !selection.set.parked)
        withdraw(&selection.set); /* else whoever woke us has done so */
    if (rc < 0)
        return rc;

    weir_case *winner = case_of(selection.set.winner);
    winner->result = selection.set.winner->result;
    return (int)(winner - cases);
}

int weir_select(weir_case *cases, size_t count) {
    WEIR_ASSERT(count >= 1 && count <= INT_MAX);

    struct weir__loop *loop = weir__loop_current(__func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    rc = try_each(loop, cases, count);
    return rc != -EAGAIN ? rc : wait_for_one(loop, cases, count, WEIR__SITE);
}

int weir_try_select(weir_case *cases, size_t count) {
    WEIR_ASSERT(count >= 1 && count <= INT_MAX);
    return try_each(weir__loop_current(__func__), cases, count);
}
