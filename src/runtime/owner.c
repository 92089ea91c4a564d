/* SPDX-License-Identifier: MIT */
/* owner.c: how the misuse of an object is told. */
#include "runtime/owner.h"

#include "base/assert.h"

void weir__owner_failed(const struct weir__loop *loop, const char *call) {
    if (loop == NULL)
        weir__misuse(call, "the object was never initialised, or has been ended");
    weir__misuse(call, "called on loop %p, on an object of loop %p", (const void *)weir__loop_current(call),
                 (const void *)loop);
}

void weir__line_check_empty(const struct weir__line *line, const char *call) {
    unsigned waiting = 0;

    for (const struct weir__link *link = line->head.next; link != &line->head; link = link->next)
        waiting++;
    if (waiting > 0)
        weir__misuse(call, "%u still waiting", waiting);
}
