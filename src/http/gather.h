/* SPDX-License-Identifier: MIT */
/* gather.h: all that a source gives, in one piece of memory. */
#ifndef WEIR_SRC_HTTP_GATHER_H
#define WEIR_SRC_HTTP_GATHER_H

#include "http/arena.h"

/** @return > 0 bytes placed in buf; 0 the end; < 0 a failure */
typedef int weir__gather_fn(void *source, void *buf, size_t buf_bytes);

/**
 * @param first_bytes  room to begin with; doubled as need be
 * @param ret_text     followed by a NUL
 * @param ret_bytes    may be NULL
 * @return 0; -WEIR_ELIMIT there is more than bytes_max; -ENOMEM; what the source met
 */
int weir__gather(struct weir__arena *arena, weir__gather_fn *read, void *source, size_t first_bytes, size_t bytes_max,
                 const char **ret_text, size_t *ret_bytes);

#endif
