/* SPDX-License-Identifier: MIT */
/* block.h: a result and everything that it points to, given back at once with market_free.
 * Thread: made on one, handed to another; never used by two at a time. */
#ifndef MARKET_BLOCK_H
#define MARKET_BLOCK_H

#include <stddef.h>

/** A new block; its first `bytes` are the result, zeroed. @return NULL without memory. */
void *block_new(size_t bytes);

/** Zeroed memory that lives as long as `result`, which block_new gave. @return NULL without memory. */
void *block_add(void *result, size_t bytes);

/** A copy of a text, with a NUL behind it. @param text  NULL gives "". @return NULL without memory. */
char *block_text(void *result, const void *text, size_t bytes);

#endif
