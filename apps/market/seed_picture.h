/* SPDX-License-Identifier: MIT */
/* seed_picture.h: draw a picture for an article of the small catalogue: tiles of a few shapes in one of four palettes.
 */
#ifndef MARKET_SEED_PICTURE_H
#define MARKET_SEED_PICTURE_H

#include <stddef.h>

/**
 * The same number gives the same picture, a PNG of 640 by 480.
 * @param ret_bytes  to be freed with free
 * @return 0; -ENOMEM
 */
int seed_picture_make(unsigned number, unsigned char **ret_bytes, size_t *ret_count);

#endif
