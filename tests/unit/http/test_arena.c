/* SPDX-License-Identifier: MIT */
/* Memory of a request: aligned, apart, given back at once. */
#include "support/test.h"

#include "http/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

static alignas(max_align_t) char first[1024];

TEST(test_arena_pieces_do_not_overlap) {
    struct weir__arena arena;
    char *pieces[400];

    weir__arena_init(&arena, first, sizeof first);
    for (size_t i = 0; i < 400; i++) {
        size_t bytes = i * 37 % 301 + (i % 50 == 49 ? 9000 : 1);
        pieces[i] = i % 2 == 0 ? weir__arena_take(&arena, bytes) : weir__arena_take_text(&arena, bytes);
        CHECK(pieces[i] != NULL);
        CHECK(i % 2 != 0 || (uintptr_t)pieces[i] % alignof(max_align_t) == 0);
        memset(pieces[i], (int)(i & 0xff), bytes);
    }
    for (size_t i = 0; i < 400; i++) {
        CHECK((unsigned char)pieces[i][0] == (i & 0xff));
        CHECK((unsigned char)pieces[i][i * 37 % 301] == (i & 0xff) || i % 50 == 49);
    }
    weir__arena_reset(&arena);
    CHECK(weir__arena_take(&arena, 1) == first);
}

TEST(test_arena_copies_text) {
    struct weir__arena arena;

    weir__arena_init(&arena, first, sizeof first);
    CHECK_STR(weir__arena_copy(&arena, (struct weir__span){"hello world", 5}), "hello");
    CHECK_STR(weir__arena_copy(&arena, (struct weir__span){NULL, 0}), "");
    weir__arena_reset(&arena);
}

TEST(test_arena_refuses_what_no_memory_holds) {
    struct weir__arena arena;

    weir__arena_init(&arena, first, sizeof first);
    CHECK(weir__arena_take(&arena, SIZE_MAX) == NULL);
    CHECK(weir__arena_take(&arena, (size_t)PTRDIFF_MAX) == NULL);
    CHECK(weir__arena_take(&arena, 16) != NULL);
    weir__arena_reset(&arena);
}
