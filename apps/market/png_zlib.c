/* SPDX-License-Identifier: MIT */
/* png_zlib.c: write a picture as a PNG file: signature, IHDR, one IDAT, IEND; 8 bits a colour, no filter. */
#include "market/png.h"

#include <zlib.h>

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { AROUND_A_CHUNK = 12 };

static unsigned char *put_number(unsigned char *at, uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (unsigned char)(number >> shift);
    return at;
}

/** A chunk whose data lies at at + 8 already. @return behind it */
static unsigned char *close_chunk(unsigned char *at, const char *name, uint32_t bytes) {
    put_number(at, bytes);
    memcpy(at + 4, name, 4);
    return put_number(at + 8 + bytes, (uint32_t)crc32(0, at + 4, bytes + 4));
}

static unsigned char *put_header(unsigned char *at, int width, int height) {
    static const unsigned char signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
    static const unsigned char rest[] = {8, 2, 0, 0, 0}; /* 8 bits, true colour, deflate, filters, not interlaced */

    memcpy(at, signature, sizeof signature);
    at += sizeof signature;
    put_number(at + 8, (uint32_t)width);
    put_number(at + 12, (uint32_t)height);
    memcpy(at + 16, rest, sizeof rest);
    return close_chunk(at, "IHDR", 13);
}

/** Lines of pixels, each behind a byte that says "not filtered". */
static void draw(unsigned char *raw, int width, int height, png_pixel_fn *pixel, void *arg) {
    for (int y = 0; y < height; y++) {
        *raw++ = 0;
        for (int x = 0; x < width; x++) {
            struct png_colour colour = pixel(x, y, arg);
            *raw++ = colour.red;
            *raw++ = colour.green;
            *raw++ = colour.blue;
        }
    }
}

int png_make(int width, int height, png_pixel_fn *pixel, void *arg, unsigned char **ret_bytes, size_t *ret_count) {
    uLong raw_bytes = (uLong)height * (1 + 3 * (uLong)width);
    uLongf packed = compressBound(raw_bytes);
    unsigned char *raw = malloc(raw_bytes);
    unsigned char *file = malloc(8 + 13 + packed + (size_t)3 * AROUND_A_CHUNK);
    int rc = raw == NULL || file == NULL ? -ENOMEM : 0;

    if (rc == 0) {
        unsigned char *at = put_header(file, width, height);
        draw(raw, width, height, pixel, arg);
        if (compress2(at + 8, &packed, raw, raw_bytes, Z_BEST_COMPRESSION) != Z_OK)
            rc = -ENOMEM;
        else
            at = close_chunk(close_chunk(at, "IDAT", (uint32_t)packed), "IEND", 0);
        *ret_count = rc == 0 ? (size_t)(at - file) : *ret_count;
    }
    free(raw);
    if (rc < 0)
        free(file);
    else
        *ret_bytes = file;
    return rc;
}
