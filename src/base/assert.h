/* SPDX-License-Identifier: MIT */
/* assert.h: assertions that stay in every build. They catch misuse by the caller and bugs of ours, never a failure
 * that a correct program can meet. */
#ifndef WEIR_SRC_BASE_ASSERT_H
#define WEIR_SRC_BASE_ASSERT_H

#include "weir/base.h"

/** Stop the process if `condition` is false, naming it and the function that was called. */
#define WEIR_ASSERT(condition)                                                                                         \
    do {                                                                                                               \
        if (__builtin_expect(!(condition), 0))                                                                         \
            weir__assert_failed(#condition, __func__, __FILE__, __LINE__);                                             \
    } while (0)

/** Stop the process with a sentence of its own: "weir_queue_done: 2 tasks still wait". */
#define WEIR_MISUSE(...) weir__misuse(__func__, __VA_ARGS__)

/* Shown to Weir's other libraries. */
WEIR_EXPORT _Noreturn void weir__assert_failed(const char *condition, const char *function, const char *file, int line);
WEIR_EXPORT _Noreturn void weir__misuse(const char *function, const char *format, ...) WEIR_PRINTF(2, 3);

#endif
