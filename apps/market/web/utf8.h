/* SPDX-License-Identifier: MIT */
/* utf8.h: what people type is checked here before anything else looks at it. */
#ifndef MARKET_WEB_UTF8_H
#define MARKET_WEB_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/** Whether the bytes are UTF-8 as of RFC 3629: shortest forms, no surrogates, nothing above U+10FFFF. NUL is allowed. */
bool utf8_is_valid(const char *data, size_t bytes);

/** How many characters valid UTF-8 holds. */
size_t utf8_length(const char *data, size_t bytes);

/** Whether valid UTF-8 holds a control character other than tab, CR and LF (and those too, when `in_a_line`). */
bool utf8_has_control(const char *data, size_t bytes, bool in_a_line);

/** The length without the white space at its end, and how much stands before its start; ASCII and U+3000. */
size_t utf8_trim(const char *data, size_t bytes, size_t *ret_skip);

#endif
