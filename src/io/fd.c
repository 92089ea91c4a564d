/* SPDX-License-Identifier: MIT */
/* fd.c: waiting for a descriptor of the program's: a library's that does its own I/O, standard input. */
#include "base/assert.h"
#include "base/list.h"
#include "runtime/waiter.h"
#include "weir/wait.h"

#include <stdlib.h>

_Static_assert((int)WEIR_FD_READ == (int)WEIR__POLL_READ && (int)WEIR_FD_WRITE == (int)WEIR__POLL_WRITE,
               "the platform's events are the public ones");

static void check_events(int events, const char *call) {
    if (events == 0 || (events & ~(WEIR_FD_READ | WEIR_FD_WRITE)) != 0)
        weir__misuse(call, "events %d", events);
}

static void fill_op(struct weir__op *op, int fd, int events) {
    op->kind = WEIR__OP_POLL;
    op->handle = NULL;
    op->u.poll.fd = fd;
    op->u.poll.events = events;
}

int weir_fd_wait(int fd, int events) {
    struct weir__op op;

    check_events(events, __func__);
    int rc = weir__checkpoint();
    if (rc < 0)
        return rc;
    fill_op(&op, fd, events);
    return weir__op_run(&op, WEIR__WAIT_FD, NULL, WEIR__SITE);
}

/* ---- Select ------------------------------------------------------------------------------------------------------ */

/* An arm's operation. On its own, since the platform may need it longer than the select lasts. */
struct watch {
    struct weir__op op;
    struct weir__waiter *waiter; /* NULL: the select is over */
};

static bool case_try(weir_case *arm) {
    arm->result = weir__kernel_poll((int)arm->number, (int)(arm->number >> 32));
    return arm->result != 0;
}

static void watch_ended(struct weir__op *op) {
    struct watch *watch = WEIR__CONTAINER(op, struct watch, op);
    struct weir__waiter *waiter = watch->waiter;
    int result = op->result;

    if (waiter != NULL)
        waiter->item = NULL;
    free(watch);
    if (waiter != NULL)
        weir__waiter_wake(waiter, result);
}

static int case_enlist(weir_case *arm, struct weir__waiter *waiter) {
    struct watch *watch = malloc(sizeof *watch);
    if (watch == NULL)
        return -ENOMEM;

    fill_op(&watch->op, (int)arm->number, (int)(arm->number >> 32));
    watch->op.ended = watch_ended;
    watch->waiter = waiter;
    waiter->item = watch;
    if (weir__op_start(&watch->op))
        watch_ended(&watch->op);
    return 0;
}

static void case_delist(weir_case *arm, struct weir__waiter *waiter) {
    struct watch *watch = waiter->item;

    (void)arm;
    if (watch == NULL)
        return;
    waiter->item = NULL;
    watch->waiter = NULL;
    if (weir__op_cancel(&watch->op))
        free(watch);
}

static const struct weir_case_ops fd_ops = {.try_now = case_try, .enlist = case_enlist, .delist = case_delist};

weir_case weir_case_fd(int fd, int events) {
    check_events(events, __func__);
    return (weir_case){.ops = &fd_ops, .number = (int64_t)events << 32 | (uint32_t)fd};
}
