/* SPDX-License-Identifier: MIT */
/* percent.h: percent-decoding (RFC 3986, 2.1). */
#ifndef WEIR_SRC_HTTP_PERCENT_H
#define WEIR_SRC_HTTP_PERCENT_H

#include "http/chars.h"

enum weir__percent { WEIR__PERCENT_PATH, WEIR__PERCENT_FORM /* '+' is a space */ };

/**
 * Decode into `out`, which may be where the span lies; never longer than it. No NUL is added. A '%' without two digits
 * behind it stands for itself.
 * @return the bytes made
 */
size_t weir__percent_decode(char *out, struct weir__span span, enum weir__percent kind);

/** Whether the span, decoded as a path, is this string. */
bool weir__percent_is(struct weir__span span, const char *decoded, size_t decoded_bytes);

#endif
