/* SPDX-License-Identifier: MIT */
/* text.h: build a text in a buffer without libc's formatter, which a signal handler may not call.
 * Invariant: what is in the buffer ends with a NUL; what does not fit is cut. */
#ifndef WEIR_SRC_BASE_TEXT_H
#define WEIR_SRC_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct weir__text {
    char *start;
    size_t bytes; /* without the NUL */
    size_t room;  /* of the buffer, NUL included */
};

/** @param buf  the caller's, buf_bytes > 0 long */
void weir__text_init(struct weir__text *text, char *buf, size_t buf_bytes);

void weir__text_add(struct weir__text *text, const char *more);
/** "1234"; "0x4d2". */
void weir__text_add_decimal(struct weir__text *text, uint64_t number);
void weir__text_add_hex(struct weir__text *text, uint64_t number);

#endif
