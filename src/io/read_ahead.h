/* SPDX-License-Identifier: MIT */
/* read_ahead.h: bytes that a stream has read in search of a delimiter, and that nobody has asked for yet. The memory is
 * there only while there are such bytes. */
#ifndef WEIR_SRC_IO_READ_AHEAD_H
#define WEIR_SRC_IO_READ_AHEAD_H

#include <stddef.h>

struct weir__read_ahead {
    size_t start, end, capacity;
    char data[];
};

/** The bytes inside; 0 for NULL. */
static inline size_t weir__read_ahead_bytes(const struct weir__read_ahead *ahead) {
    return ahead != NULL ? ahead->end - ahead->start : 0;
}

/**
 * Make room behind the bytes inside, for up to `total_bytes` of both together, in `*ahead`, which may be NULL.
 * @return where to read to; NULL: no memory, and nothing has changed
 */
char *weir__read_ahead_reserve(struct weir__read_ahead **ahead, size_t total_bytes, size_t *ret_room_bytes);

/** Copy up to `bytes` out. @return how many */
size_t weir__read_ahead_take(struct weir__read_ahead **ahead, void *buf, size_t bytes);

/** Give the memory back if no byte is inside. */
void weir__read_ahead_trim(struct weir__read_ahead **ahead);

#endif
