/* SPDX-License-Identifier: MIT */
/* utf8.c: read UTF-8 one character at a time, strictly.
 * Invariant: every step moves forward by at least one byte and never past the end. */
#include "market/utf8.h"

#include <string.h>

/** How many bytes a first byte announces, its own bits, and the least character of that length. */
static size_t first_byte(unsigned char byte, int32_t *ret_bits, int32_t *ret_least) {
    if (byte < 0x80) {
        *ret_bits = byte;
        *ret_least = 0;
        return 1;
    }
    if (byte >= 0xC2 && byte <= 0xDF) {
        *ret_bits = byte & 0x1F;
        *ret_least = 0x80;
        return 2;
    }
    if (byte >= 0xE0 && byte <= 0xEF) {
        *ret_bits = byte & 0x0F;
        *ret_least = 0x800;
        return 3;
    }
    if (byte >= 0xF0 && byte <= 0xF4) {
        *ret_bits = byte & 0x07;
        *ret_least = 0x10000;
        return 4;
    }
    return 0;
}

int32_t utf8_next(const char *text, size_t bytes, size_t *at) {
    int32_t character = 0, least = 0;
    size_t start = *at;
    size_t length = first_byte((unsigned char)text[start], &character, &least);

    *at = start + 1;
    if (length == 0 || length > bytes - start)
        return -1;
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)text[start + i];
        if ((byte & 0xC0) != 0x80)
            return -1;
        character = character << 6 | (byte & 0x3F);
    }
    if (character < least || character > 0x10FFFF || (character >= 0xD800 && character <= 0xDFFF))
        return -1;
    *at = start + length;
    return character;
}

size_t utf8_put(char buf[4], int32_t character) {
    if (character < 0x80) {
        buf[0] = (char)character;
        return 1;
    }
    if (character < 0x800) {
        buf[0] = (char)(0xC0 | character >> 6);
        buf[1] = (char)(0x80 | (character & 0x3F));
        return 2;
    }
    if (character < 0x10000) {
        buf[0] = (char)(0xE0 | character >> 12);
        buf[1] = (char)(0x80 | (character >> 6 & 0x3F));
        buf[2] = (char)(0x80 | (character & 0x3F));
        return 3;
    }
    buf[0] = (char)(0xF0 | character >> 18);
    buf[1] = (char)(0x80 | (character >> 12 & 0x3F));
    buf[2] = (char)(0x80 | (character >> 6 & 0x3F));
    buf[3] = (char)(0x80 | (character & 0x3F));
    return 4;
}

int64_t utf8_length(const char *text, size_t bytes) {
    int64_t count = 0;
    for (size_t at = 0; at < bytes; count++)
        if (utf8_next(text, bytes, &at) < 0)
            return -1;
    return count;
}

void utf8_copy(char *buf, size_t buf_bytes, const char *text, size_t bytes) {
    size_t end = 0;

    for (size_t at = 0; at < bytes && at < buf_bytes;) {
        utf8_next(text, bytes, &at);
        if (at < buf_bytes)
            end = at;
    }
    memcpy(buf, text, end);
    buf[end] = '\0';
}

bool utf8_is_control(int32_t character) {
    return (character >= 0 && character < 0x20) || (character >= 0x7F && character < 0xA0);
}

bool utf8_is_space(int32_t character) {
    switch (character) {
    case '\t':
    case '\n':
    case '\v':
    case '\f':
    case '\r':
    case ' ':
    case 0x85:   /* next line */
    case 0xA0:   /* no-break */
    case 0x1680: /* ogham */
    case 0x2028: /* line separator */
    case 0x2029: /* paragraph separator */
    case 0x202F: /* narrow no-break */
    case 0x205F: /* mathematical */
    case 0x3000: /* ideographic */
    case 0xFEFF: /* the byte order mark, once a zero width space */
        return true;
    default:
        return character >= 0x2000 && character <= 0x200B;
    }
}

bool utf8_is_invisible(int32_t character) {
    static const struct {
        int32_t first, last;
    } ranges[] = {
        {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},     {0x115F, 0x1160}, {0x17B4, 0x17B5},
        {0x180B, 0x180F},   {0x200B, 0x200F},   {0x202A, 0x202E},   {0x2060, 0x206F}, {0x2800, 0x2800},
        {0x3164, 0x3164},   {0xFE00, 0xFE0F},   {0xFEFF, 0xFEFF},   {0xFFA0, 0xFFA0}, {0xFFF0, 0xFFFB},
        {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A}, {0xE0000, 0xE0FFF},
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (character >= ranges[i].first && character <= ranges[i].last)
            return true;
    return false;
}

const char *utf8_trim(const char *text, size_t *bytes) {
    size_t at = 0, first = *bytes, end = 0;

    while (at < *bytes) {
        size_t start = at;
        if (utf8_is_space(utf8_next(text, *bytes, &at)))
            continue;
        if (first > start)
            first = start;
        end = at;
    }
    *bytes = end > first ? end - first : 0;
    return text + first;
}
