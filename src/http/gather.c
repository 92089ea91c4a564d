/* SPDX-License-Identifier: MIT */
/* gather.c: a buffer that doubles. What it was copied from stays in the arena until the request is over. */
#include "http/gather.h"

#include "weir/base.h"

#include <string.h>

static char *grow(struct weir__arena *arena, const char *old, size_t bytes, size_t *capacity, size_t bytes_max) {
    size_t grown = *capacity < bytes_max / 2 ? *capacity * 2 : bytes_max;
    char *fresh = weir__arena_take_text(arena, grown + 1);

    if (fresh != NULL)
        memcpy(fresh, old, bytes);
    *capacity = grown;
    return fresh;
}

int weir__gather(struct weir__arena *arena, weir__gather_fn *read, void *source, size_t first_bytes, size_t bytes_max,
                 const char **ret_text, size_t *ret_bytes) {
    size_t capacity = first_bytes < bytes_max ? first_bytes : bytes_max, bytes = 0;
    char *text = weir__arena_take_text(arena, capacity + 1);
    int rc;

    if (text == NULL)
        return -ENOMEM;
    /* The place of the NUL is read into as well: a byte there tells that there is more. */
    while ((rc = read(source, text + bytes, capacity + 1 - bytes)) > 0) {
        bytes += (size_t)rc;
        if (bytes <= capacity)
            continue;
        if (capacity == bytes_max)
            return -WEIR_ELIMIT;
        text = grow(arena, text, bytes, &capacity, bytes_max);
        if (text == NULL)
            return -ENOMEM;
    }
    if (rc < 0)
        return rc;
    text[bytes] = '\0';
    *ret_text = text;
    if (ret_bytes != NULL)
        *ret_bytes = bytes;
    return 0;
}
