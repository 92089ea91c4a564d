/* SPDX-License-Identifier: MIT */
#include "market/model.h"
#include "market/picture.h"

#include "support/test.h"

#include <stdlib.h>
#include <string.h>

/* The smallest PNG: one grey pixel. */
static const unsigned char png[] = {0x89, 'P',  'N',  'G',  '\r', '\n', 0x1A, '\n', 0,    0,    0,    13,   'I',  'H',
                                    'D',  'R',  0,    0,    0,    1,    0,    0,    0,    1,    8,    0,    0,    0,
                                    0,    0x3A, 0x7E, 0x9B, 0x55, 0,    0,    0,    10,   'I',  'D',  'A',  'T',  0x78,
                                    0x9C, 0x63, 0x60, 0,    0,    0,    2,    0,    1,    0x48, 0xAF, 0xA4, 0x71, 0,
                                    0,    0,    0,    'I',  'E',  'N',  'D',  0xAE, 0x42, 0x60, 0x82};

/* The outline of a JPEG of 300 x 200: a comment, a frame, a scan. */
static const unsigned char jpeg[] = {0xFF, 0xD8, 0xFF, 0xFE, 0, 4,    'h', 'i', 0xFF, 0xFF, 0xC0, 0,
                                     11,   8,    0,    200,  1, 0x2C, 1,   1,   0x11, 0,    0xFF, 0xDA,
                                     0,    8,    1,    1,    0, 0,    63,  0,   0x12, 0x34, 0xFF, 0xD9};

TEST(test_picture_knows_png_and_its_size) {
    struct picture picture;
    CHECK_INT(picture_check(png, sizeof png, &picture), 0);
    CHECK_STR(picture.type, "image/png");
    CHECK_INT(picture.width, 1);
    CHECK_INT(picture.height, 1);
}

TEST(test_picture_knows_jpeg_and_its_size) {
    struct picture picture;
    CHECK_INT(picture_check(jpeg, sizeof jpeg, &picture), 0);
    CHECK_STR(picture.type, "image/jpeg");
    CHECK_INT(picture.width, 300);
    CHECK_INT(picture.height, 200);
}

/* A copy of its own length, so that a sanitizer sees a read behind its end. */
static int check_copy(const unsigned char *bytes, size_t count) {
    struct picture picture;
    unsigned char *copy = malloc(count + 1);
    unsigned char *exact = count == 0 ? copy : realloc(copy, count);
    memcpy(exact, bytes, count);
    int rc = picture_check(exact, count, &picture);
    free(exact);
    return rc;
}

TEST(test_picture_refuses_what_is_cut_short) {
    for (size_t count = 0; count < sizeof png; count++)
        CHECK_INT(check_copy(png, count), -MARKET_EPICTURE_TYPE);
    for (size_t count = 0; count < 33; count++)
        CHECK_INT(check_copy(jpeg, count > 32 ? 32 : count), -MARKET_EPICTURE_TYPE);
}

TEST(test_picture_refuses_other_kinds_and_odd_sizes) {
    unsigned char other[sizeof png];
    CHECK_INT(check_copy((const unsigned char *)"GIF89a..........", 16), -MARKET_EPICTURE_TYPE);
    CHECK_INT(check_copy((const unsigned char *)"<svg onload=\"x()\">", 18), -MARKET_EPICTURE_TYPE);
    static const struct {
        size_t at;
        unsigned char value;
    } changes[] = {{19, 0}, {16, 0x7F}, {17, 0xFF}, {24, 3},   {25, 5},
                   {26, 1}, {28, 2},    {12, 'X'},  {37, 'X'}, {33, 0xFF}};
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        memcpy(other, png, sizeof png);
        other[changes[i].at] = changes[i].value;
        CHECK_INT(check_copy(other, sizeof other), -MARKET_EPICTURE_TYPE);
    }
}

TEST(test_picture_refuses_one_that_is_too_large) {
    struct picture picture;
    CHECK_INT(picture_check(png, MARKET_PICTURE_BYTES_MAX + 1, &picture), -MARKET_EPICTURE_SIZE);
}

TEST(test_picture_survives_noise) {
    uint64_t state = test_seed() | 1;
    for (unsigned round = 0; round < test_scaled(50000); round++) {
        unsigned char noise[sizeof png];
        size_t count = round % 2 == 0 ? sizeof png : sizeof jpeg;
        memcpy(noise, round % 2 == 0 ? png : jpeg, count);
        for (int i = 0; i < 3; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            noise[(state >> 33) % count] = (unsigned char)(state >> 24);
        }
        int rc = check_copy(noise, count);
        CHECK(rc == 0 || rc == -MARKET_EPICTURE_TYPE);
    }
}
