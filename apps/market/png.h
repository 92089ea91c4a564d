/* SPDX-License-Identifier: MIT */
/* png.h: write a picture as a PNG file, in memory. Pure but for that memory. */
#ifndef MARKET_PNG_H
#define MARKET_PNG_H

#include <stddef.h>

struct png_colour {
    unsigned char red, green, blue;
};

/** The colour of a pixel; called for each, line by line from the top. */
typedef struct png_colour png_pixel_fn(int x, int y, void *arg);

/**
 * @param width, height  1 to 4096
 * @param ret_bytes      to be freed with free
 * @return 0; -ENOMEM
 */
int png_make(int width, int height, png_pixel_fn *pixel, void *arg, unsigned char **ret_bytes, size_t *ret_count);

#endif
