/* SPDX-License-Identifier: MIT */
/* work.c: the memory of requests in progress, in a pool: the one that was used last is taken first, since it is still
 * in the cache. Buffers that a request does not touch cost no memory, and a crowd's memory is the kernel's again when
 * the crowd has gone: no more are kept than are in use, or a few. */
#include "http/connection.h"

#include "base/assert.h"
#include "platform/pages.h"

#include <stdalign.h>

enum { ARENA_BYTES = 4 * 1024 };

static size_t rounded(size_t bytes) { return (bytes + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1); }

static size_t input_bytes(const struct weir__http_server *server) {
    return rounded(server->limits.head_bytes_max + WEIR__HTTP_INPUT_BYTES);
}

/* Itself, the first of its arena, its strings, its input, its output. */
static size_t work_bytes(const struct weir__http_server *server) {
    return rounded(sizeof(struct weir__http_work)) + ARENA_BYTES + rounded(server->strings_bytes) +
           input_bytes(server) + WEIR__HTTP_OUTPUT_BYTES;
}

static struct weir__http_work *work_new(const struct weir__http_server *server) {
    size_t self = rounded(sizeof(struct weir__http_work)), strings = rounded(server->strings_bytes);
    char *memory = weir__pages_take(work_bytes(server));
    struct weir__http_work *work = (struct weir__http_work *)(void *)memory;

    if (memory == NULL)
        return NULL;
    weir__arena_init(&work->arena, memory + self, ARENA_BYTES);
    weir__arena_init(&work->strings, memory + self + ARENA_BYTES, strings);
    work->input = memory + self + ARENA_BYTES + strings;
    work->input_bytes = input_bytes(server);
    work->output = work->input + work->input_bytes;
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
    if (work == NULL)
        return NULL;
    server->works.in_use++;
    work->scan = (struct weir__http_scan){.line = 0};
    return work;
}

static void drop_spares(struct weir__http_server *server, unsigned kept) {
    struct weir__http_works *works = &server->works;

    while (works->spares > kept) {
        struct weir__http_work *work = works->spare;
        works->spare = work->next;
        works->spares--;
        weir__pages_give(work, work_bytes(server));
    }
}

void weir__http_work_give(struct weir__http_server *server, struct weir__http_work *work) {
    struct weir__http_works *works = &server->works;

    work->next = works->spare;
    works->spare = work;
    works->spares++;
    works->in_use--;
    drop_spares(server, works->in_use > WEIR__HTTP_SPARE_WORKS_MIN ? works->in_use : WEIR__HTTP_SPARE_WORKS_MIN);
}

void weir__http_works_done(struct weir__http_server *server) {
    WEIR_ASSERT(server->works.in_use == 0);
    drop_spares(server, 0);
}
