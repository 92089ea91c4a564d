/* SPDX-License-Identifier: MIT */
/* number.c: groups digits. */
#include "market/number.h"

#include <inttypes.h>
#include <stdio.h>

const char *number_format(char buf[NUMBER_TEXT_BYTES], uint64_t value) {
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, value), out = 0;

    for (int i = 0; i < count; i++) { /* 20 digits and 6 commas at most */
        if (i > 0 && (count - i) % 3 == 0)
            buf[out++] = ',';
        buf[out++] = digits[i];
    }
    buf[out] = '\0';
    return buf;
}
