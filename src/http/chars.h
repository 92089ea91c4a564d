/* SPDX-License-Identifier: MIT */
/* chars.h: which byte may stand where in HTTP, and comparisons that ignore case. */
#ifndef WEIR_SRC_HTTP_CHARS_H
#define WEIR_SRC_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WEIR__CHAR_TOKEN = 1,  /* methods, field names */
    WEIR__CHAR_TARGET = 2, /* a request's target: visible ASCII but # " < > */
    WEIR__CHAR_HOST = 4,   /* a host's name: no sub-delims, which no host has but the grammar allows */
    WEIR__CHAR_VALUE = 8,  /* a field's value: no control character but the tab */
    WEIR__CHAR_COOKIE = 16 /* a cookie's value */
};

extern const uint8_t weir__chars[256];

static inline bool weir__char_is(char c, int class) { return (weir__chars[(uint8_t)c] & class) != 0; }

static inline bool weir__char_is_digit(char c) { return c >= '0' && c <= '9'; }

/** The lower case of an ASCII letter; others as they are. */
static inline char weir__char_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c; }

/** The value of a hexadecimal digit, or -1. */
int weir__char_hex(char c);

/** Some bytes of somebody else's memory. */
struct weir__span {
    const char *at;
    size_t bytes;
};

/** Whether all bytes are of the class. */
bool weir__span_is_all(struct weir__span span, int class);

/** Whether the span is this string, ASCII case ignored. */
bool weir__span_is(struct weir__span span, const char *string);

/** Equal but for the case of ASCII letters. */
bool weir__same_letters(const char *a, const char *b, size_t bytes);

/** Without the spaces and tabs at both ends. */
struct weir__span weir__span_trim(struct weir__span span);

/** Take what stands before the next `separator` off the list, trimmed; the rest stays. False at the end. */
bool weir__span_take(struct weir__span *list, char separator, struct weir__span *ret_item);

/**
 * The first control character but the tab: below 0x20, or 0x7f.
 * @return `end` when there is none
 */
const char *weir__find_control(const char *at, const char *end);

#endif
