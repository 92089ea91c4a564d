/* SPDX-License-Identifier: MIT */
/* picture.h: is it a PNG or a JPEG, and how large? Looks at structure only, decodes nothing. Pure. */
#ifndef MARKET_PICTURE_H
#define MARKET_PICTURE_H

#include <stddef.h>

struct picture {
    const char *type;  /* "image/png", "image/jpeg" */
    int width, height; /* pixels, 1 to MARKET_PICTURE_SIDE_MAX */
};

/**
 * @return 0; -MARKET_EPICTURE_SIZE over MARKET_PICTURE_BYTES_MAX; -MARKET_EPICTURE_TYPE neither of the two, cut short,
 *         or with sides out of bounds
 */
int picture_check(const void *bytes, size_t count, struct picture *ret_picture);

#endif
