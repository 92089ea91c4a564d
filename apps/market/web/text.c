/* SPDX-License-Identifier: MIT */
/* text.c: the buffer of text.h. Invariant: data is NULL, or capacity > bytes and data[bytes] is NUL. */
#include "market/web/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct text text_make(size_t bytes_max) {
    struct text text = {.bytes_max = bytes_max};
    return text;
}

void text_done(struct text *text) {
    free(text->data);
    *text = text_make(text->bytes_max);
}

/* Room for `more` bytes and a NUL. */
static bool reserve(struct text *text, size_t more) {
    if (text->error < 0)
        return false;
    if (more > text->bytes_max - text->bytes) {
        text->error = -WEIR_ELIMIT;
        return false;
    }
    if (text->bytes + more < text->capacity)
        return true;

    size_t capacity = text->capacity < 512 ? 512 : text->capacity;
    while (capacity <= text->bytes + more)
        capacity *= 2;
    char *data = realloc(text->data, capacity);
    if (data == NULL) {
        text->error = -ENOMEM;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void text_append(struct text *text, const void *data, size_t bytes) {
    if (bytes == 0 || !reserve(text, bytes))
        return;
    memcpy(text->data + text->bytes, data, bytes);
    text->bytes += bytes;
    text->data[text->bytes] = '\0';
}

void text_puts(struct text *text, const char *string) { text_append(text, string, strlen(string)); }

void text_putc(struct text *text, char byte) { text_append(text, &byte, 1); }

void text_printf(struct text *text, const char *format, ...) {
    va_list args, again;

    va_start(args, format);
    va_copy(again, args);
    int bytes = vsnprintf(NULL, 0, format, args);
    if (bytes < 0 && text->error == 0)
        text->error = -EINVAL;
    if (bytes > 0 && reserve(text, (size_t)bytes)) {
        vsnprintf(text->data + text->bytes, (size_t)bytes + 1, format, again);
        text->bytes += (size_t)bytes;
    }
    va_end(again);
    va_end(args);
}

const char *text_string(const struct text *text) { return text->data == NULL ? "" : text->data; }

void text_clear(struct text *text) {
    text->bytes = 0;
    text->error = 0;
    if (text->data != NULL)
        text->data[0] = '\0';
}
