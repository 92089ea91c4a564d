/* SPDX-License-Identifier: MIT */
/* range.h: a part of something, as Range asks for it (RFC 9110, 14). */
#ifndef WEIR_SRC_HTTP_RANGE_H
#define WEIR_SRC_HTTP_RANGE_H

#include "http/chars.h"

enum weir__range {
    WEIR__RANGE_WHOLE, /* no range, several, or another unit: the whole is sent, which a server may */
    WEIR__RANGE_PART,
    WEIR__RANGE_NONE /* nothing of what there is: 416 */
};

/**
 * @param text      the field's value
 * @param size      of the whole
 * @param ret_first, ret_bytes  set for a part: at least one byte
 */
enum weir__range weir__range_read(struct weir__span text, uint64_t size, uint64_t *ret_first, uint64_t *ret_bytes);

#endif
