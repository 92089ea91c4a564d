/* SPDX-License-Identifier: MIT */
/* memory.h: runs a task again and again, each time with another allocation failing. Whatever it then returns: nothing
 * crashes, nothing hangs, and all memory that was got is given back. */
#ifndef WEIR_TESTS_FAULT_MEMORY_H
#define WEIR_TESTS_FAULT_MEMORY_H

#include "weir/runtime.h"

/** @param least  that many allocations must have been there to fail */
void memory_fail_each(weir_task_fn *everything, enum weir_backend backend, unsigned least);

#endif
