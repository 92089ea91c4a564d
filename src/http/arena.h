/* SPDX-License-Identifier: MIT */
/* arena.h: memory that is given back all at once, when a request is over.
 * Invariant: `at` lies in the newest block; the first block is the owner's and stays, the others are freed by a reset.
 */
#ifndef WEIR_SRC_HTTP_ARENA_H
#define WEIR_SRC_HTTP_ARENA_H

#include "http/chars.h"

#include <stddef.h>

struct weir__arena_block;

struct weir__arena {
    char *at, *end;
    char *first, *first_end;
    struct weir__arena_block *more; /* newest first */
};

/** @param first  the owner's memory, used before any is asked for; may be NULL when bytes is 0 */
void weir__arena_init(struct weir__arena *arena, void *first, size_t bytes);

/** Memory aligned for any type; NULL when there is none. */
void *weir__arena_take(struct weir__arena *arena, size_t bytes);

/** Memory without alignment, for text. */
char *weir__arena_take_text(struct weir__arena *arena, size_t bytes);

/** A copy with a NUL behind it; NULL without memory. */
char *weir__arena_copy(struct weir__arena *arena, struct weir__span span);

/** Free the blocks beyond the first. */
void weir__arena_free_more(struct weir__arena *arena);

/** Give everything back. */
static inline void weir__arena_reset(struct weir__arena *arena) {
    if (__builtin_expect(arena->more != NULL, 0))
        weir__arena_free_more(arena);
    arena->at = arena->first;
    arena->end = arena->first_end;
}

#endif
