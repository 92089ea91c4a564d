/* SPDX-License-Identifier: MIT */
/* arena.c: a bump allocator. A small request lives in the first block and costs no malloc. */
#include "http/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 16 * 1024 };

struct weir__arena_block {
    struct weir__arena_block *older;
    alignas(max_align_t) char bytes[];
};

void weir__arena_init(struct weir__arena *arena, void *first, size_t bytes) {
    arena->at = arena->first = first;
    arena->end = arena->first_end = first != NULL ? arena->first + bytes : NULL;
    arena->more = NULL;
}

static char *take_block(struct weir__arena *arena, size_t bytes) {
    size_t block_bytes = bytes > BLOCK_BYTES / 4 ? bytes : BLOCK_BYTES;
    struct weir__arena_block *block;

    if (bytes > PTRDIFF_MAX - sizeof *block)
        return NULL;
    block = malloc(sizeof *block + block_bytes);
    if (block == NULL)
        return NULL;
    block->older = arena->more;
    arena->more = block;
    if (block_bytes == bytes) /* a large one stands alone; what is left of the block before stays in use */
        return block->bytes;
    arena->at = block->bytes + bytes;
    arena->end = block->bytes + block_bytes;
    return block->bytes;
}

char *weir__arena_take_text(struct weir__arena *arena, size_t bytes) {
    char *taken = arena->at;

    if (bytes > (size_t)(arena->end - arena->at))
        return take_block(arena, bytes);
    arena->at += bytes;
    return taken;
}

void *weir__arena_take(struct weir__arena *arena, size_t bytes) {
    size_t gap = -(uintptr_t)arena->at & (alignof(max_align_t) - 1);

    if (gap > (size_t)(arena->end - arena->at))
        return take_block(arena, bytes);
    if (bytes > (size_t)(arena->end - arena->at) - gap)
        return take_block(arena, bytes);
    arena->at += gap;
    return weir__arena_take_text(arena, bytes);
}

char *weir__arena_copy(struct weir__arena *arena, struct weir__span span) {
    char *copy = weir__arena_take_text(arena, span.bytes + 1);

    if (copy == NULL)
        return NULL;
    if (span.bytes > 0)
        memcpy(copy, span.at, span.bytes);
    copy[span.bytes] = '\0';
    return copy;
}

void weir__arena_free_more(struct weir__arena *arena) {
    while (arena->more != NULL) {
        struct weir__arena_block *older = arena->more->older;
        free(arena->more);
        arena->more = older;
    }
}
