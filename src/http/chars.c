/* SPDX-License-Identifier: MIT */
/* chars.c: the classes of RFC 9110 and 9112 as one table, made at compile time. */
#include "http/chars.h"

#include <string.h>

#define IS_ALNUM(c) (((c) >= '0' && (c) <= '9') || ((c) >= 'A' && (c) <= 'Z') || ((c) >= 'a' && (c) <= 'z'))
#define IS_ONE_OF_5(c, a1, a2, a3, a4, a5) ((c) == (a1) || (c) == (a2) || (c) == (a3) || (c) == (a4) || (c) == (a5))
#define IS_VISIBLE(c) ((c) > 0x20 && (c) < 0x7f)

#define IS_TOKEN(c)                                                                                                    \
    (IS_ALNUM(c) || IS_ONE_OF_5(c, '!', '#', '$', '%', '&') || IS_ONE_OF_5(c, '\'', '*', '+', '-', '.') ||             \
     IS_ONE_OF_5(c, '^', '_', '`', '|', '~'))
#define IS_TARGET(c) (IS_VISIBLE(c) && !IS_ONE_OF_5(c, '#', '"', '<', '>', '>'))
#define IS_HOST(c) (IS_ALNUM(c) || IS_ONE_OF_5(c, '-', '.', '_', '~', '%'))
#define IS_VALUE(c) ((c) == '\t' || ((c) >= 0x20 && (c) != 0x7f))
#define IS_COOKIE(c) (IS_VISIBLE(c) && !IS_ONE_OF_5(c, '"', ',', ';', '\\', '\\'))

#define CLASSES(c)                                                                                                     \
    (uint8_t)((IS_TOKEN(c) ? WEIR__CHAR_TOKEN : 0) | (IS_TARGET(c) ? WEIR__CHAR_TARGET : 0) |                          \
              (IS_HOST(c) ? WEIR__CHAR_HOST : 0) | (IS_VALUE(c) ? WEIR__CHAR_VALUE : 0) |                              \
              (IS_COOKIE(c) ? WEIR__CHAR_COOKIE : 0))
#define FOUR(c) CLASSES(c), CLASSES((c) + 1), CLASSES((c) + 2), CLASSES((c) + 3)
#define SIXTEEN(c) FOUR(c), FOUR((c) + 4), FOUR((c) + 8), FOUR((c) + 12)
#define SIXTY_FOUR(c) SIXTEEN(c), SIXTEEN((c) + 16), SIXTEEN((c) + 32), SIXTEEN((c) + 48)

const uint8_t weir__chars[256] = {SIXTY_FOUR(0), SIXTY_FOUR(64), SIXTY_FOUR(128), SIXTY_FOUR(192)};

int weir__char_hex(char c) {
    if (weir__char_is_digit(c))
        return c - '0';
    c = weir__char_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool weir__span_is_all(struct weir__span span, int class) {
    for (size_t i = 0; i < span.bytes; i++)
        if (!weir__char_is(span.at[i], class))
            return false;
    return true;
}

bool weir__same_letters(const char *a, const char *b, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if (a[i] != b[i] && weir__char_lower(a[i]) != weir__char_lower(b[i]))
            return false;
    return true;
}

bool weir__span_is(struct weir__span span, const char *string) {
    size_t bytes = strlen(string);
    return span.bytes == bytes && weir__same_letters(span.at, string, bytes);
}

static bool is_blank(char c) { return c == ' ' || c == '\t'; }

struct weir__span weir__span_trim(struct weir__span span) {
    while (span.bytes > 0 && is_blank(span.at[0])) {
        span.at++;
        span.bytes--;
    }
    while (span.bytes > 0 && is_blank(span.at[span.bytes - 1]))
        span.bytes--;
    return span;
}

bool weir__span_take(struct weir__span *list, char separator, struct weir__span *ret_item) {
    if (list->at == NULL)
        return false;
    const char *found = list->bytes > 0 ? memchr(list->at, separator, list->bytes) : NULL;
    size_t bytes = found != NULL ? (size_t)(found - list->at) : list->bytes;

    *ret_item = weir__span_trim((struct weir__span){list->at, bytes});
    list->at = found != NULL ? found + 1 : NULL;
    list->bytes -= found != NULL ? bytes + 1 : bytes;
    return true;
}

/* Eight bytes at a time: a byte below 0x20 borrows from its own high bit, one that is 0x7f becomes 0 and borrows too.
 * Borrows that spread upwards only make a later byte look special, never hide one, and the slow loop decides. */
static bool has_control(uint64_t bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones << 7;
    uint64_t below_space = (bytes - ones * 0x20) & ~bytes;
    uint64_t del = bytes ^ (ones * 0x7f);
    return ((below_space | ((del - ones) & ~del)) & highs) != 0;
}

static inline bool has_control_at(const char *at) {
    uint64_t bytes;
    memcpy(&bytes, at, sizeof bytes);
    return has_control(bytes);
}

/* A tab looks like one, and then the rest is looked at byte by byte: few values have one. */
const char *weir__find_control(const char *at, const char *end) {
    enum { WORD = sizeof(uint64_t) };

    if (end - at >= WORD) {
        const char *last = end - WORD; /* the last word may overlap the one before */
        while (at < last && !has_control_at(at))
            at += WORD;
        if (at >= last && !has_control_at(last))
            return end;
    }
    while (at < end && weir__char_is(*at, WEIR__CHAR_VALUE))
        at++;
    return at;
}
