/* SPDX-License-Identifier: MIT */
/* range.c: "bytes=0-99", "bytes=100-", "bytes=-100". A field that is malformed is as none (RFC 9110, 14.2). */
#include "http/range.h"

/* Digits off the front. A number that 64 bits do not hold is as good as the greatest. False: there are none. */
static bool take_number(struct weir__span *text, uint64_t *ret_number) {
    uint64_t number = 0;
    size_t at = 0;

    for (; at < text->bytes && weir__char_is_digit(text->at[at]); at++)
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, (uint64_t)(text->at[at] - '0'), &number))
            number = UINT64_MAX / 10;
    text->at += at;
    text->bytes -= at;
    *ret_number = number;
    return at > 0;
}

enum weir__range weir__range_read(struct weir__span text, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes) {
    uint64_t first, last;

    text = weir__span_trim(text);
    if (text.bytes < 6 || !weir__same_letters(text.at, "bytes=", 6))
        return WEIR__RANGE_WHOLE;
    text = weir__span_trim((struct weir__span){text.at + 6, text.bytes - 6});
    bool has_first = take_number(&text, &first);
    if (text.bytes == 0 || text.at[0] != '-')
        return WEIR__RANGE_WHOLE;
    text = (struct weir__span){text.at + 1, text.bytes - 1};
    bool has_last = take_number(&text, &last);
    if (text.bytes > 0 || (!has_first && !has_last) || (has_first && has_last && last < first))
        return WEIR__RANGE_WHOLE;
    if (!has_first) { /* the last so many bytes */
        first = last < size ? size - last : 0;
        if (last == 0 || size == 0)
            return WEIR__RANGE_NONE;
        has_last = false;
    }
    if (first >= size)
        return WEIR__RANGE_NONE;
    if (!has_last || last >= size)
        last = size - 1;
    *ret_first = first;
    *ret_bytes = last - first + 1;
    return WEIR__RANGE_PART;
}
