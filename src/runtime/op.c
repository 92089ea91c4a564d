/* SPDX-License-Identifier: MIT */
/* op.c: I/O operations between those who start them and the platform. The loop counts those under way, since without
 * one there is nothing to wait for. */
#include "runtime/loop.h"

bool weir__op_start(struct weir__op *op) {
    struct weir__loop *loop = weir__loop_of_thread;

    if (loop->platform->ops->start(loop->platform, op))
        return true;
    loop->ops++;
    return false;
}

bool weir__op_cancel(struct weir__op *op) {
    struct weir__loop *loop = weir__loop_of_thread;

    if (op->result != WEIR__OP_PENDING || !loop->platform->ops->cancel(loop->platform, op))
        return false;
    loop->ops--;
    return true;
}

void weir__op_abort(struct weir__op *op) {
    if (!weir__op_cancel(op))
        return;
    if (op->ended != NULL)
        op->ended(op);
    else
        weir__task_wake(op->user);
}

int weir__op_run(struct weir__op *op, enum weir__wait wait, const void *object, const void *site) {
    op->user = weir__loop_of_thread->current;
    op->ended = NULL;
    if (weir__op_start(op) || weir__park_quietly(wait, object, site) == 0)
        return op->result;
    if (!weir__op_cancel(op))
        weir__park_uncancellable(wait, object, site);
    return op->result == -ECANCELED ? weir__refused() : op->result;
}
