/* SPDX-License-Identifier: MIT */
/* utf8.h: read UTF-8 one character at a time, strictly. Pure. */
#ifndef MARKET_UTF8_H
#define MARKET_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * The character at `*at`, which is moved behind it.
 * @param at  < bytes
 * @return a scalar value; -1 when no well-formed character starts here (overlong, surrogate, beyond U+10FFFF, cut):
 *         `*at` is then moved by one byte
 */
int32_t utf8_next(const char *text, size_t bytes, size_t *at);

/** Write a scalar value. @return its length, 1 to 4. */
size_t utf8_put(char buf[4], int32_t character);

/** Characters, or -1 when it is not UTF-8 throughout. */
int64_t utf8_length(const char *text, size_t bytes);

/** Copy as many whole characters of well-formed text as fit in front of a NUL. */
void utf8_copy(char *buf, size_t buf_bytes, const char *text, size_t bytes);

/** Whether the character is a space of some script, or a control that separates (tab, line feed, ...). */
bool utf8_is_space(int32_t character);

/** Whether the character is a control (C0, DEL, C1). */
bool utf8_is_control(int32_t character);

/** Whether the character shows nothing by itself, but changes how others look: joiners, marks of direction, fillers. */
bool utf8_is_invisible(int32_t character);

/** The text without white space at its ends. @return where it starts; `*bytes` becomes its length. */
const char *utf8_trim(const char *text, size_t *bytes);

#endif
