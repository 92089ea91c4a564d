/* SPDX-License-Identifier: MIT */
/* park.c: giving up the thread, and getting it back.
 * A task that parks goes straight on to the next runnable one; the loop itself is taken up when there is none, or when
 * it is time to look at the world. */
#include "runtime/park.h"

#include "base/assert.h"
#include "runtime/loop.h"

enum { SLICE_NS = 1000 * 1000, PICK_MAX = 64 };

__thread struct weir__loop *weir__loop_of_thread __attribute__((tls_model("initial-exec")));

struct weir__task *weir__task_current(void) {
    return weir__loop_of_thread != NULL ? weir__loop_of_thread->current : NULL;
}

/* What a child's thread is in that forked inside a run: it has no task, so that every call stops there. The loop that
 * it was in shares its descriptors with the parent, and its threads are not there. Never written. */
static struct weir__loop of_parent;

void weir__loop_forked(void) {
    if (weir__loop_of_thread != NULL)
        weir__loop_of_thread = &of_parent;
}

void weir__loop_check_not_forked(const char *call) {
    if (weir__loop_of_thread == &of_parent)
        weir__outside(call);
}

void weir__outside(const char *call) {
    if (weir__loop_of_thread == &of_parent)
        weir__misuse(call, "called in a child process, which a fork inside a run has made");
    weir__misuse(call, "called outside a task");
}

struct weir__loop *weir__loop_current(const char *call) {
    if (weir__task_current() == NULL)
        weir__outside(call);
    return weir__loop_of_thread;
}

struct weir__platform *weir__loop_platform(struct weir__loop *loop) {
    return loop->platform;
}

uint64_t weir__loop_stamp(struct weir__loop *loop) { return ++loop->stamp; }

uint32_t weir__loop_random(struct weir__loop *loop) {
    loop->draws = loop->draws * 6364136223846793005 + 1442695040888963407; /* Knuth's; its high bits are the better */
    return (uint32_t)(loop->draws >> 32);
}

/* ---- The run queue ----------------------------------------------------------------------------------------------- */

/* Unlink the task that the platform picks among the first PICK_MAX. */
static struct weir__task *take_picked(struct weir__loop *loop) {
    struct weir__task **place = &loop->ready, *task;
    uint32_t count = 0;

    for (task = loop->ready; task != NULL && count < PICK_MAX; task = task->next)
        count++;
    uint32_t index = count > 1 ? loop->platform->ops->pick(loop->platform, count) : 0;
    while (index-- > 0)
        place = &(*place)->next;
    task = *place;
    *place = task->next;
    if (task->next == NULL)
        loop->ready_end = place;
    return task;
}

static inline struct weir__task *take_ready(struct weir__loop *loop) {
    struct weir__task *task = loop->ready;

    if (__builtin_expect(loop->is_seeded, 0))
        return take_picked(loop);
    loop->ready = task->next;
    if (task->next == NULL)
        loop->ready_end = &loop->ready;
    return task;
}

static inline void start_running(struct weir__loop *loop, struct weir__task *task) {
    task->state = WEIR__TASK_RUNNING;
    loop->current = task;
    loop->budget = WEIR__BUDGET;
    loop->look = WEIR__BUDGET - WEIR__LOOK;
}

/* Go on with the next task, or with the loop; returns when `self` is gone on with. */
static inline void switch_away(struct weir__loop *loop, struct weir__task *self) {
    if (loop->ready == NULL || loop->burst == 0) {
        loop->current = NULL;
        weir__context_switch(&self->context, &loop->context);
        return;
    }
    loop->burst--;
    struct weir__task *next = take_ready(loop);
    start_running(loop, next);
    if (next != self)
        weir__context_switch(&self->context, &next->context);
}

void weir__loop_run_ready(struct weir__loop *loop) {
    loop->burst = WEIR__BURST;
    while (loop->ready != NULL && loop->burst > 0) {
        loop->burst--;
        struct weir__task *next = take_ready(loop);
        start_running(loop, next);
        weir__context_switch(&loop->context, &next->context);
        if (loop->dead != NULL)
            weir__loop_bury(loop);
    }
}

_Noreturn void weir__task_leave(struct weir__loop *loop, struct weir__task *self) {
    struct weir__context *to = &loop->context;
    bool may_go_on = self->stack.kind != WEIR__STACK_LARGE && loop->ready != NULL && loop->burst > 0;

#ifdef WEIR__TSAN
    may_go_on = false; /* a fiber is destroyed from another one */
#endif
    if (may_go_on) {
        struct weir__context from; /* nobody comes back to it */
        loop->burst--;
        struct weir__task *next = take_ready(loop);
        weir__stack_give(&loop->stacks, &self->stack); /* nobody takes it before we are off it */
        start_running(loop, next);
        weir__context_leave(&from, &next->context);
    }
    loop->dead = self;
    loop->current = NULL;
    weir__context_leave(&self->context, to);
}

void weir__loop_bury(struct weir__loop *loop) {
    struct weir__task *dead = loop->dead;

    loop->dead = NULL;
    weir__context_drop(&dead->context);
    weir__stack_give(&loop->stacks, &dead->stack);
}

/* ---- Parking ----------------------------------------------------------------------------------------------------- */

static inline void park(struct weir__loop *loop, struct weir__task *self, bool can_interrupt, enum weir__wait wait,
                        const void *object, const void *site) {
    self->woken = false;
    self->can_interrupt = can_interrupt;
    self->wait = (uint8_t)wait;
    self->wait_object = object;
    self->wait_site = site;
    self->wait_since_ns = loop->now_ns;
    self->parks++;
    self->state = WEIR__TASK_PARKED;
    if (__builtin_expect(self->stack.guard == WEIR__GUARD_CANARY, 0) && !weir__stack_is_sound(&self->stack))
        weir__task_overflowed(self);
    switch_away(loop, self);
    self->wait = WEIR__WAIT_NOTHING;
}

int weir__park(enum weir__wait wait, const void *object, const void *site) {
    struct weir__loop *loop = weir__loop_of_thread;
    struct weir__task *self = loop->current;

    park(loop, self, true, wait, object, site);
    return self->woken ? 0 : weir__scope_refuse(self->scope);
}

int weir__park_quietly(enum weir__wait wait, const void *object, const void *site) {
    struct weir__loop *loop = weir__loop_of_thread;
    struct weir__task *self = loop->current;

    park(loop, self, true, wait, object, site);
    return self->woken ? 0 : self->scope->cancelled_by->code;
}

int weir__refused(void) { return weir__scope_refuse(weir__loop_of_thread->current->scope); }

void weir__park_uncancellable(enum weir__wait wait, const void *object, const void *site) {
    struct weir__loop *loop = weir__loop_of_thread;
    struct weir__task *self = loop->current;

    do
        park(loop, self, false, wait, object, site);
    while (!self->woken);
}

void weir__task_wake(struct weir__task *task) {
    task->woken = true;
    if (task->state == WEIR__TASK_PARKED)
        weir__loop_ready(task->loop, task);
}

void weir__task_interrupt(struct weir__task *task) {
    if (task->state == WEIR__TASK_PARKED && task->can_interrupt)
        weir__loop_ready(task->loop, task);
}

/* Whether the running task has had its slice. The clock is asked at the 4th call and then when, at the pace so far, the
 * slice would be over, but at the 16th and 64th at the latest: so few calls between which much is computed are noticed,
 * and many quick ones pay little. A turn that has lasted for a slice ends, since the world has not been looked at for
 * as long. */
static bool slice_is_over(struct weir__loop *loop) {
    if (loop->budget <= 0)
        return true;
    int64_t spent_ns = loop->platform->ops->clock_ns(loop->platform) - loop->turn_ns;
    if (spent_ns >= SLICE_NS) {
        loop->burst = 0;
        return true;
    }
    int calls = WEIR__BUDGET - loop->budget, most = 3 * calls < loop->budget ? 3 * calls : loop->budget;
    int64_t more = calls * (SLICE_NS - spent_ns) / (spent_ns + 1);
    loop->look = loop->budget - (int)(more < most ? more : most);
    return false;
}

static void yield(struct weir__loop *loop, struct weir__task *self) {
    weir__loop_ready(loop, self);
    switch_away(loop, self);
}

/* Apart from the fast path, which needs no frame of its own without it. */
static __attribute__((noinline)) int checkpoint_slowly(struct weir__loop *loop, struct weir__task *self) {
    if (!slice_is_over(loop))
        return 0;
    yield(loop, self);
    return self->scope->cancelled_by != NULL ? weir__scope_refuse(self->scope) : 0;
}

int weir__checkpoint(void) {
    struct weir__loop *loop = weir__loop_of_thread;
    if (__builtin_expect(loop == NULL || loop->current == NULL, 0))
        weir__outside("a waiting call");
    struct weir__task *self = loop->current;

    if (__builtin_expect(self->scope->cancelled_by != NULL, 0))
        return weir__scope_refuse(self->scope);
    return __builtin_expect(--loop->budget > loop->look, 1) ? 0 : checkpoint_slowly(loop, self);
}

/* ---- The calls --------------------------------------------------------------------------------------------------- */

int weir_yield(void) {
    struct weir__loop *loop = weir__loop_of_thread;
    if (__builtin_expect(loop == NULL || loop->current == NULL, 0))
        weir__outside(__func__);
    struct weir__task *self = loop->current;

    if (__builtin_expect(self->scope->cancelled_by != NULL, 0))
        return weir__scope_refuse(self->scope);
    yield(loop, self);
    return 0;
}

int weir_checkpoint(void) {
    struct weir__loop *loop = weir__loop_current(__func__);
    struct weir__task *self = loop->current;

    if (self->scope->cancelled_by != NULL)
        return weir__scope_refuse(self->scope);
    return checkpoint_slowly(loop, self);
}

void weir__task_trim_stack(void) {
    const struct weir__task *self = weir__task_current();

    if (self != NULL)
        weir__stack_trim(&self->stack, __builtin_frame_address(0));
}

const char *weir__wait_name(enum weir__wait wait) {
    static const char *const names[] = {
        [WEIR__WAIT_NOTHING] = "nothing",
        [WEIR__WAIT_SLEEP] = "sleep",
        [WEIR__WAIT_TASK] = "task",
        [WEIR__WAIT_GROUP] = "group",
        [WEIR__WAIT_GROUP_ROOM] = "group room",
        [WEIR__WAIT_FAILURE] = "group failure",
        [WEIR__WAIT_FUTURE] = "future",
        [WEIR__WAIT_OFFLOAD] = "offload",
        [WEIR__WAIT_SIGNAL] = "signal",
        [WEIR__WAIT_SEVERAL] = "several",
        [WEIR__WAIT_SELECT] = "select",
        [WEIR__WAIT_FD] = "descriptor",
        [WEIR__WAIT_QUEUE_PUT] = "queue put",
        [WEIR__WAIT_QUEUE_GET] = "queue get",
        [WEIR__WAIT_MUTEX] = "mutex",
        [WEIR__WAIT_SEMAPHORE] = "semaphore",
        [WEIR__WAIT_EVENT] = "event",
        [WEIR__WAIT_ACCEPT] = "accept",
        [WEIR__WAIT_CONNECT] = "connect",
        [WEIR__WAIT_READ] = "read",
        [WEIR__WAIT_WRITE] = "write",
    };
    return (size_t)wait < sizeof names / sizeof names[0] ? names[wait] : "?";
}
