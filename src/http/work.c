/* SPDX-License-Identifier: MIT */
/* work.c: the memory of requests in progress, in a pool: the one that was used last is taken first, since it is still
 * in the cache. Buffers that a request does not touch cost no memory. */
#include "http/connection.h"

#include <stdalign.h>
#include <stdlib.h>

enum { ARENA_BYTES = 4 * 1024 };

static size_t rounded(size_t bytes) { return (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1); }

static struct weir__http_work *work_new(const struct weir__http_server *server) {
    size_t self = rounded(sizeof(struct weir__http_work)), strings = rounded(server->strings_bytes);
    size_t input = rounded(server->limits.head_bytes_max + WEIR__HTTP_INPUT_BYTES);
    char *memory = malloc(self + ARENA_BYTES + strings + input + WEIR__HTTP_OUTPUT_BYTES);
    struct weir__http_work *work = (struct weir__http_work *)(void *)memory;

    if (memory == NULL)
        return NULL;
    weir__arena_init(&work->arena, memory + self, ARENA_BYTES);
    weir__arena_init(&work->strings, memory + self + ARENA_BYTES, strings);
    work->input = memory + self + ARENA_BYTES + strings;
    work->input_bytes = input;
    work->output = work->input + input;
    weir__http_splitter_init(&work->splitter);
    return work;
}

struct weir__http_work *weir__http_work_take(struct weir__http_server *server) {
    struct weir__http_work *work = server->works.spare;

    if (work == NULL)
        work = work_new(server);
    else {
        server->works.spare = work->next;
        server->works.spares--;
    }
    if (work != NULL)
        work->scan = (struct weir__http_scan){.line = 0};
    return work;
}

void weir__http_work_give(struct weir__http_server *server, struct weir__http_work *work) {
    weir__arena_reset(&work->arena);
    weir__arena_reset(&work->strings);
    if (server->works.spares == WEIR__HTTP_SPARE_WORKS_MAX) {
        free(work);
        return;
    }
    work->next = server->works.spare;
    server->works.spare = work;
    server->works.spares++;
}

void weir__http_works_done(struct weir__http_works *works) {
    while (works->spare != NULL) {
        struct weir__http_work *work = works->spare;
        works->spare = work->next;
        free(work);
    }
    works->spares = 0;
}
