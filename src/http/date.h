/* SPDX-License-Identifier: MIT */
/* date.h: HTTP's dates (RFC 9110, 5.6.7). */
#ifndef WEIR_SRC_HTTP_DATE_H
#define WEIR_SRC_HTTP_DATE_H

#include "http/chars.h"
#include "weir/base.h"

enum { WEIR__HTTP_DATE_BYTES = 29 }; /* "Sun, 06 Nov 1994 08:49:37 GMT" */

/** @param seconds  since 1970, of the years 0 to 9999. No NUL is written. */
void weir__http_date_write(char ret_text[WEIR__HTTP_DATE_BYTES], int64_t seconds);

/**
 * Read a date in any of the three forms that HTTP knows.
 * @return 0; -EINVAL
 */
int weir__http_date_read(struct weir__span text, int64_t *ret_seconds);

/** The present date as text, made anew once a second. Zeroed at first. */
struct weir__http_date_cache {
    weir_instant good_until;
    char text[WEIR__HTTP_DATE_BYTES];
};

/** @return WEIR__HTTP_DATE_BYTES of text, good until the next call */
const char *weir__http_date_now(struct weir__http_date_cache *cache);

#endif
