/* SPDX-License-Identifier: MIT */
/* utf8.c: validation and measures of UTF-8. Pure functions over bytes. */
#include "web/utf8.h"

#include <string.h>

/* The bytes of the sequence at `data`, 1 to 4; 0 when it is malformed or cut. */
static size_t sequence(const unsigned char *data, size_t bytes) {
    unsigned char lead = data[0], low = 0x80, high = 0xBF;
    size_t want;

    if (lead < 0x80)
        return 1;
    if (lead >= 0xC2 && lead <= 0xDF)
        want = 2;
    else if (lead >= 0xE0 && lead <= 0xEF)
        want = 3;
    else if (lead >= 0xF0 && lead <= 0xF4)
        want = 4;
    else
        return 0;
    if (bytes < want)
        return 0;

    /* The second byte's range is what rules out long forms, surrogates and the far end. */
    if (lead == 0xE0)
        low = 0xA0;
    else if (lead == 0xED)
        high = 0x9F;
    else if (lead == 0xF0)
        low = 0x90;
    else if (lead == 0xF4)
        high = 0x8F;
    if (data[1] < low || data[1] > high)
        return 0;
    for (size_t i = 2; i < want; i++)
        if (data[i] < 0x80 || data[i] > 0xBF)
            return 0;
    return want;
}

bool utf8_is_valid(const char *data, size_t bytes) {
    for (size_t i = 0; i < bytes;) {
        size_t step = sequence((const unsigned char *)data + i, bytes - i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t utf8_length(const char *data, size_t bytes) {
    size_t length = 0;
    for (size_t i = 0; i < bytes; i++)
        length += ((unsigned char)data[i] & 0xC0) != 0x80;
    return length;
}

bool utf8_has_control(const char *data, size_t bytes, bool in_a_line) {
    for (size_t i = 0; i < bytes; i++) {
        unsigned char byte = (unsigned char)data[i];
        bool is_space = byte == '\t' || byte == '\r' || byte == '\n';
        if ((byte < 0x20 && (in_a_line || !is_space)) || byte == 0x7F)
            return true;
        if (byte == 0xC2 && i + 1 < bytes && (unsigned char)data[i + 1] < 0xA0)
            return true; /* U+0080 to U+009F */
    }
    return false;
}

static size_t space_at(const char *data, size_t bytes) {
    if (bytes >= 1 && (data[0] == ' ' || (data[0] >= '\t' && data[0] <= '\r')))
        return 1;
    return bytes >= 3 && memcmp(data, "\xE3\x80\x80", 3) == 0 ? 3 : 0;
}

size_t utf8_trim(const char *data, size_t bytes, size_t *ret_skip) {
    size_t start = 0, step;

    while ((step = space_at(data + start, bytes - start)) > 0)
        start += step;
    while (bytes > start) {
        if (space_at(data + bytes - 1, 1) == 1)
            bytes -= 1;
        else if (bytes - start >= 3 && space_at(data + bytes - 3, 3) == 3)
            bytes -= 3;
        else
            break;
    }
    *ret_skip = start;
    return bytes - start;
}
