/* SPDX-License-Identifier: MIT */
/* read_ahead.c: a buffer that is read from its start and filled at its end.
 * Invariant: start <= end <= capacity; outside a call of read_until, start < end, or there is no buffer. */
#include "io/read_ahead.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_BYTES = 4096 - sizeof(struct weir__read_ahead) };

static struct weir__read_ahead *grow(struct weir__read_ahead *ahead, size_t capacity) {
    struct weir__read_ahead *grown = realloc(ahead, sizeof *grown + capacity);
    if (grown == NULL)
        return NULL;
    if (ahead == NULL)
        grown->start = grown->end = 0;
    grown->capacity = capacity;
    return grown;
}

static void move_to_front(struct weir__read_ahead *ahead) {
    memmove(ahead->data, ahead->data + ahead->start, ahead->end - ahead->start);
    ahead->end -= ahead->start;
    ahead->start = 0;
}

char *weir__read_ahead_reserve(struct weir__read_ahead **ahead, size_t total_bytes, size_t *ret_room_bytes) {
    size_t inside = weir__read_ahead_bytes(*ahead);

    if (*ahead != NULL && (*ahead)->end == (*ahead)->capacity && (*ahead)->start > 0)
        move_to_front(*ahead);
    if (*ahead == NULL || (*ahead)->end == (*ahead)->capacity) {
        size_t capacity = inside < FIRST_BYTES ? (size_t)FIRST_BYTES : 2 * inside;
        if (capacity > total_bytes && total_bytes > FIRST_BYTES)
            capacity = total_bytes;
        struct weir__read_ahead *grown = grow(*ahead, capacity);
        if (grown == NULL)
            return NULL;
        *ahead = grown;
    }
    *ret_room_bytes = (*ahead)->capacity - (*ahead)->end;
    return (*ahead)->data + (*ahead)->end;
}

size_t weir__read_ahead_take(struct weir__read_ahead **ahead, void *buf, size_t bytes) {
    size_t inside = weir__read_ahead_bytes(*ahead);
    if (bytes > inside)
        bytes = inside;
    if (bytes > 0) {
        memcpy(buf, (*ahead)->data + (*ahead)->start, bytes);
        (*ahead)->start += bytes;
    }
    weir__read_ahead_trim(ahead);
    return bytes;
}

void weir__read_ahead_trim(struct weir__read_ahead **ahead) {
    if (weir__read_ahead_bytes(*ahead) > 0)
        return;
    free(*ahead);
    *ahead = NULL;
}
