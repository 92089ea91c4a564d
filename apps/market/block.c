/* SPDX-License-Identifier: MIT */
/* block.c: a result and everything that it points to, in a few pieces of memory.
 * Invariant: the first piece begins with the result and leads the chain; small requests share the newest piece. */
#include "market/block.h"

#include "market/model.h"

#include <stdlib.h>
#include <string.h>

enum { PIECE_BYTES = 4096 };

struct piece {
    struct piece *next; /* of the first: the newest; of others: the one before it, NULL at the end */
    size_t used, room;
    max_align_t bytes[];
};

static struct piece *piece_new(size_t bytes) {
    size_t room = bytes < PIECE_BYTES ? PIECE_BYTES : bytes;
    struct piece *piece = room > SIZE_MAX / 2 ? NULL : calloc(1, sizeof *piece + room);
    if (piece != NULL)
        piece->room = room;
    return piece;
}

static void *piece_take(struct piece *piece, size_t bytes) {
    size_t aligned = (bytes + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    if (aligned < bytes || aligned > piece->room - piece->used)
        return NULL;
    void *taken = (char *)piece->bytes + piece->used;
    piece->used += aligned;
    return taken;
}

static struct piece *piece_of(void *result) { return (struct piece *)((char *)result - offsetof(struct piece, bytes)); }

void *block_new(size_t bytes) {
    struct piece *first = bytes > SIZE_MAX / 4 ? NULL : piece_new(bytes + _Alignof(max_align_t));
    return first == NULL ? NULL : piece_take(first, bytes == 0 ? 1 : bytes);
}

void *block_add(void *result, size_t bytes) {
    struct piece *first = piece_of(result);
    struct piece *newest = first->next == NULL ? first : first->next;

    void *taken = piece_take(newest, bytes);
    if (taken != NULL)
        return taken;
    if (bytes > SIZE_MAX / 4)
        return NULL;
    struct piece *piece = piece_new(bytes + _Alignof(max_align_t));
    if (piece == NULL)
        return NULL;
    piece->next = first->next;
    first->next = piece;
    return piece_take(piece, bytes);
}

char *block_text(void *result, const void *text, size_t bytes) {
    char *copy = block_add(result, bytes + 1);
    if (copy != NULL && bytes > 0 && text != NULL)
        memcpy(copy, text, bytes);
    return copy;
}

void market_free(void *result) {
    if (result == NULL)
        return;
    struct piece *first = piece_of(result);
    for (struct piece *piece = first->next; piece != NULL;) {
        struct piece *next = piece->next;
        free(piece);
        piece = next;
    }
    free(first);
}
