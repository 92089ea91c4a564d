/* SPDX-License-Identifier: MIT */
/* text.c: a bounded text, built piece by piece. Reads and writes memory only: fit for a signal handler. */
#include "base/text.h"

#include "base/assert.h"

void weir__text_init(struct weir__text *text, char *buf, size_t buf_bytes) {
    WEIR_ASSERT(buf_bytes > 0);

    *text = (struct weir__text){.start = buf, .room = buf_bytes};
    buf[0] = '\0';
}

void weir__text_add(struct weir__text *text, const char *more) {
    for (; *more != '\0' && text->bytes + 1 < text->room; more++)
        text->start[text->bytes++] = *more;
    text->start[text->bytes] = '\0';
}

static void add_number(struct weir__text *text, uint64_t number, unsigned base) {
    char digits[24]; /* 20 at most, to base 10 */
    size_t at = sizeof digits;

    digits[--at] = '\0';
    do {
        digits[--at] = "0123456789abcdef"[number % base];
        number /= base;
    } while (number > 0);
    weir__text_add(text, digits + at);
}

void weir__text_add_decimal(struct weir__text *text, uint64_t number) { add_number(text, number, 10); }

void weir__text_add_hex(struct weir__text *text, uint64_t number) {
    weir__text_add(text, "0x");
    add_number(text, number, 16);
}
