/* SPDX-License-Identifier: MIT */
/* random.h: unpredictable bytes; under WEIR_BACKEND_SIM bytes that the seed decides. */
#ifndef WEIR_RANDOM_H
#define WEIR_RANDOM_H

#include "weir/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Fill `buf` from the kernel's generator: fit for keys and tokens. In a simulated run the seed decides them.
 * @param bytes  0 allowed
 * Cannot fail (a kernel without randomness ends the process). Suspends: no. Thread: any.
 */
WEIR_EXPORT void weir_random(void *buf, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
