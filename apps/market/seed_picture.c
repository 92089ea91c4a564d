/* SPDX-License-Identifier: MIT */
/* seed_picture.c: 4 by 3 tiles of quarter circles, leaves, discs, triangles and arches; the shapes and the palettes are
 * those that the pages draw for articles without a picture (web/pattern.c). */
#include "market/seed_picture.h"

#include "market/png.h"

#include <stdbool.h>
#include <stdint.h>

/* A tile in pixels, and in the steps at which a shape is asked: two to a pixel, so that edges are soft. */
enum { COLUMNS = 4, ROWS = 3, TILE = 160, SIDE = 2 * TILE, HALF = SIDE / 2, COLOURS = 4, PALETTES = 4 };

enum shape { QUARTER, LEAF, DISC, TRIANGLE, ARCH, SHAPES };

static const struct png_colour palettes[PALETTES][COLOURS] = {
    {{0xF2, 0xDF, 0xC2}, {0xD8, 0x45, 0x2B}, {0x1F, 0x6F, 0x5C}, {0xF0, 0xB2, 0x3E}},
    {{0xE4, 0xEB, 0xE1}, {0x28, 0x52, 0x7A}, {0xE9, 0x8A, 0x6D}, {0x8F, 0xB8, 0xA8}},
    {{0xF6, 0xE3, 0xD6}, {0x7B, 0x3F, 0x5D}, {0xE6, 0xA6, 0x4B}, {0xC9, 0x78, 0x5F}},
    {{0xEC, 0xEB, 0xD8}, {0x4B, 0x5D, 0x3A}, {0xD9, 0xA0, 0x3F}, {0x9D, 0xB0, 0x7A}},
};

struct tile {
    struct png_colour ground, ink;
    enum shape shape;
    unsigned turns; /* quarter turns */
};

struct drawing {
    struct tile tiles[ROWS][COLUMNS];
};

/** SplitMix64: neighbouring numbers give unlike pictures. */
static uint64_t draw(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void compose(struct drawing *drawing, unsigned number) {
    uint64_t state = number;
    const struct png_colour *palette = palettes[draw(&state) % PALETTES];
    enum shape kinds[2];

    kinds[0] = (enum shape)(draw(&state) % SHAPES);
    kinds[1] = (enum shape)((kinds[0] + 1 + draw(&state) % (SHAPES - 1)) % SHAPES);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        uint64_t drawn = draw(&state);
        unsigned ground = (unsigned)(drawn % COLOURS);
        drawing->tiles[i / COLUMNS][i % COLUMNS] = (struct tile){
            .ground = palette[ground],
            .ink = palette[(ground + 1 + (drawn >> 8) % (COLOURS - 1)) % COLOURS],
            .shape = kinds[(drawn >> 24) % 2],
            .turns = (unsigned)(drawn >> 16) % 4,
        };
    }
}

static bool is_within(int x, int y, int radius) { return x * x + y * y <= radius * radius; }

/** Whether a place of a tile, in steps, is inside the shape. */
static bool is_inside(const struct tile *tile, int x, int y) {
    for (unsigned turn = 0; turn < tile->turns; turn++) {
        int before = x;
        x = SIDE - 1 - y;
        y = before;
    }
    switch (tile->shape) {
    case QUARTER:
        return is_within(x, y, SIDE);
    case LEAF:
        return is_within(SIDE - x, y, SIDE) && is_within(x, SIDE - y, SIDE);
    case DISC:
        return is_within(x - HALF, y - HALF, HALF);
    case TRIANGLE:
        return x + y < SIDE;
    default:
        return y < HALF || is_within(x - HALF, y - HALF, HALF);
    }
}

static unsigned char mix(unsigned char ground, unsigned char ink, int quarters) {
    return (unsigned char)((ground * (4 - quarters) + ink * quarters) / 4);
}

static struct png_colour pixel(int x, int y, void *arg) {
    const struct drawing *drawing = arg;
    const struct tile *tile = &drawing->tiles[y / TILE][x / TILE];
    int left = x % TILE * 2, top = y % TILE * 2, ink = 0;

    for (int i = 0; i < 4; i++)
        ink += is_inside(tile, left + i % 2, top + i / 2);
    return (struct png_colour){mix(tile->ground.red, tile->ink.red, ink), mix(tile->ground.green, tile->ink.green, ink),
                               mix(tile->ground.blue, tile->ink.blue, ink)};
}

int seed_picture_make(unsigned number, unsigned char **ret_bytes, size_t *ret_count) {
    struct drawing drawing;

    compose(&drawing, number);
    return png_make(COLUMNS * TILE, ROWS * TILE, pixel, &drawing, ret_bytes, ret_count);
}
