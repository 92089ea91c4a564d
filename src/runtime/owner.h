/* SPDX-License-Identifier: MIT */
/* owner.h: what every call on an object asserts first: the object lives, and its loop is the caller's (rule 6). */
#ifndef WEIR_SRC_RUNTIME_OWNER_H
#define WEIR_SRC_RUNTIME_OWNER_H

#include "runtime/loop.h"
#include "runtime/waiter.h"

/** Names the call and both loops, and ends the process. */
_Noreturn void weir__owner_failed(const struct weir__loop *loop, const char *call);

/** `loop` is the object's; NULL where it was never initialised, or has been ended. */
static inline void weir__owner_check(const struct weir__loop *loop, const char *call) {
    if (__builtin_expect(loop == NULL || loop != weir__loop_of_thread, 0))
        weir__owner_failed(loop, call);
}

/** For the end of an object: nobody may wait on it any more. */
void weir__line_check_empty(const struct weir__line *line, const char *call);

#endif
