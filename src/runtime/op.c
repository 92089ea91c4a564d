/* SPDX-License-Identifier: MIT */
/* op.c: I/O operations whose end somebody else than a parked task takes, or brings about. */
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
