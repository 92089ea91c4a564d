/* SPDX-License-Identifier: MIT */
/* test_symbol.c: code addresses become names. */
#include "platform/symbol.h"

#include "support/test.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const void *code(void (*fn)(void)) { return (const void *)(uintptr_t)fn; }

__attribute__((noinline)) static void an_inner_function(void) { __asm__ volatile("nop; nop" ::: "memory"); }

__attribute__((noinline)) static const void *where_it_was_called_from(void) { return __builtin_return_address(0); }

TEST(test_symbol_names_a_static_function_of_the_program) {
    struct weir__symbol symbol;

    weir__symbol_find(code(an_inner_function), &symbol);
    CHECK_STR(symbol.function, "an_inner_function");
    CHECK_INT(symbol.function_offset, 0);
    CHECK_STR(strrchr(symbol.module, '/'), strrchr("/test_symbol", '/'));
}

TEST(test_symbol_tells_how_far_into_the_function) {
    struct weir__symbol symbol, start;

    weir__symbol_find(where_it_was_called_from(), &symbol);
    CHECK_STR(symbol.function, __func__);
    CHECK(symbol.function_offset > 0);
    weir__symbol_find(code(test_symbol_tells_how_far_into_the_function), &start);
    CHECK_INT(symbol.module_offset - start.module_offset, symbol.function_offset);
}

TEST(test_symbol_names_a_function_of_a_library) {
    struct weir__symbol symbol;

    /* Of libc, whatever a sanitizer puts before it: its own symbol table has been stripped. */
    weir__symbol_find((const void *)(uintptr_t)getsubopt, &symbol);
    CHECK_STR(symbol.function, "getsubopt");
    CHECK_HAS(symbol.module, "libc.so");
}

TEST(test_symbol_of_what_is_no_code_stays_empty) {
    struct weir__symbol symbol = {.function = "?"};
    char text[64];

    weir__symbol_find(&symbol, &symbol);
    CHECK_STR(symbol.function, "");
    CHECK_STR(symbol.module, "");
    CHECK_INT(symbol.module_offset, (uintptr_t)&symbol);
    weir__symbol_describe((const void *)(uintptr_t)0x1f40, text, sizeof text);
    CHECK_STR(text, "0x1f40");
}

TEST(test_symbol_text_is_what_addr2line_takes) {
    struct weir__symbol symbol;
    char text[160], expected[640];
    const char *inside = (const char *)code(an_inner_function) + 1;

    weir__symbol_find(inside, &symbol);
    weir__symbol_describe(inside, text, sizeof text);
    snprintf(expected, sizeof expected, "an_inner_function+0x1 (%s+0x%llx)", strrchr(symbol.module, '/') + 1,
             (unsigned long long)symbol.module_offset);
    CHECK_STR(text, expected);
}

TEST(test_symbol_text_is_cut_at_its_buffer) {
    char text[10] = "?????????";

    weir__symbol_describe(code(an_inner_function), text, sizeof text);
    CHECK_STR(text, "an_inner_");
    weir__symbol_describe(code(an_inner_function), text, 1);
    CHECK_STR(text, "");
}
