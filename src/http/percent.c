/* SPDX-License-Identifier: MIT */
/* percent.c: one decoder for all who need one. */
#include "http/percent.h"

/* The next byte of the span at `*at`, which moves on. */
static char next(struct weir__span span, size_t *at, enum weir__percent kind) {
    char c = span.at[(*at)++];

    if (c == '+' && kind == WEIR__PERCENT_FORM)
        return ' ';
    if (c != '%' || span.bytes - *at < 2)
        return c;
    int high = weir__char_hex(span.at[*at]), low = weir__char_hex(span.at[*at + 1]);
    if (high < 0 || low < 0)
        return c;
    *at += 2;
    return (char)(high << 4 | low);
}

size_t weir__percent_decode(char *out, struct weir__span span, enum weir__percent kind) {
    size_t made = 0;

    for (size_t at = 0; at < span.bytes;)
        out[made++] = next(span, &at, kind);
    return made;
}

bool weir__percent_is(struct weir__span span, const char *decoded, size_t decoded_bytes) {
    size_t at = 0, compared = 0;

    while (at < span.bytes && compared < decoded_bytes)
        if (next(span, &at, WEIR__PERCENT_PATH) != decoded[compared++])
            return false;
    return at == span.bytes && compared == decoded_bytes;
}
