/* SPDX-License-Identifier: MIT */
/* text.h: a growing, bounded buffer that answers are written into.
 * Its first failure sticks: writers need no checks, whoever sends the text asks once. */
#ifndef MARKET_WEB_TEXT_H
#define MARKET_WEB_TEXT_H

#include "weir/base.h"

#include <stdarg.h>

struct text {
    char *data; /* a NUL follows the last byte once anything was appended */
    size_t bytes;
    size_t capacity;
    size_t bytes_max; /* more is -WEIR_ELIMIT */
    int error;        /* 0, or the first failure; nothing is appended after it */
};

/** An empty text that may grow to `bytes_max`. Allocates nothing; text_done gives back what it grew to. */
struct text text_make(size_t bytes_max);

/** Release. A zeroed one is fine. */
void text_done(struct text *text);

void text_append(struct text *text, const void *data, size_t bytes);
void text_puts(struct text *text, const char *string);
void text_putc(struct text *text, char byte);
void text_printf(struct text *text, const char *format, ...) WEIR_PRINTF(2, 3);

/** The bytes as a string, never NULL. */
const char *text_string(const struct text *text);

/** Forget the content, keep the memory and no failure. */
void text_clear(struct text *text);

#endif
