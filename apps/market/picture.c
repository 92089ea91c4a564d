/* SPDX-License-Identifier: MIT */
/* picture.c: is it a PNG or a JPEG, and how large?
 * Invariant: every step through the chunks of a file moves forward, and looks only at bytes that are there. */
#include "market/picture.h"

#include "market/model.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static uint32_t big_endian(const unsigned char *at, unsigned bytes) {
    uint32_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

static bool set_size(struct picture *picture, uint32_t width, uint32_t height) {
    if (width < 1 || width > MARKET_PICTURE_SIDE_MAX || height < 1 || height > MARKET_PICTURE_SIDE_MAX)
        return false;
    picture->width = (int)width;
    picture->height = (int)height;
    return true;
}

/* ---- PNG: a signature, then chunks of length, name, data, checksum: IHDR first, IDAT somewhere, IEND last -------- */

static const unsigned char png_signature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

static bool png_header(const unsigned char *data, uint32_t bytes, struct picture *picture) {
    if (bytes != 13)
        return false;
    unsigned depth = data[8], colour = data[9];
    bool depth_known = depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
    bool colour_known = colour == 0 || colour == 2 || colour == 3 || colour == 4 || colour == 6;
    if (!depth_known || !colour_known || data[10] != 0 || data[11] != 0 || data[12] > 1)
        return false;
    return set_size(picture, big_endian(data, 4), big_endian(data + 4, 4));
}

static bool is_png(const unsigned char *bytes, size_t count, struct picture *picture) {
    size_t at = sizeof png_signature;
    bool pixels = false;

    while (count - at >= 12) {
        uint32_t length = big_endian(bytes + at, 4);
        const unsigned char *name = bytes + at + 4, *data = bytes + at + 8;
        if (length > count - at - 12)
            return false;
        if ((at == sizeof png_signature) != (memcmp(name, "IHDR", 4) == 0))
            return false;
        if (at == sizeof png_signature && !png_header(data, length, picture))
            return false;
        pixels = pixels || (memcmp(name, "IDAT", 4) == 0 && length > 0);
        if (memcmp(name, "IEND", 4) == 0)
            return pixels;
        at += (size_t)length + 12;
    }
    return false;
}

/* ---- JPEG: markers FF xx, most with a length: a frame header (SOF) with the size, then a scan (SOS) -------------- */

enum { SOI = 0xD8, SOS = 0xDA, EOI = 0xD9 };

static bool is_frame(unsigned marker) {
    return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

static bool jpeg_frame(const unsigned char *data, uint32_t bytes, struct picture *picture) {
    if (bytes < 6 || data[5] < 1 || data[5] > 4 || bytes < 6u + 3u * data[5])
        return false;
    return set_size(picture, big_endian(data + 3, 2), big_endian(data + 1, 2));
}

static bool is_jpeg(const unsigned char *bytes, size_t count, struct picture *picture) {
    bool frame = false;

    for (size_t at = 2; count - at >= 4;) {
        if (bytes[at] != 0xFF)
            return false;
        unsigned marker = bytes[at + 1];
        if (marker == 0xFF) { /* padding */
            at++;
            continue;
        }
        uint32_t length = big_endian(bytes + at + 2, 2);
        if (marker < 0xC0 || marker == SOI || marker == EOI || length < 2 || length > count - at - 2)
            return false;
        if (is_frame(marker) && !(frame = jpeg_frame(bytes + at + 4, length - 2, picture)))
            return false;
        at += (size_t)length + 2;
        if (marker == SOS)
            return frame && at < count;
    }
    return false;
}

int picture_check(const void *bytes, size_t count, struct picture *ret_picture) {
    const unsigned char *file = bytes;
    struct picture picture = {.type = NULL};

    if (count > MARKET_PICTURE_BYTES_MAX)
        return -MARKET_EPICTURE_SIZE;
    if (count >= sizeof png_signature && memcmp(file, png_signature, sizeof png_signature) == 0)
        picture.type = is_png(file, count, &picture) ? "image/png" : NULL;
    else if (count >= 4 && file[0] == 0xFF && file[1] == SOI)
        picture.type = is_jpeg(file, count, &picture) ? "image/jpeg" : NULL;
    if (picture.type == NULL)
        return -MARKET_EPICTURE_TYPE;
    *ret_picture = picture;
    return 0;
}
