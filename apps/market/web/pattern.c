/* SPDX-License-Identifier: MIT */
/* pattern.c: draws 4 by 3 tiles of quarter circles, leaves, discs and triangles, as the seed says. */
#include "market/web/pattern.h"

enum { COLUMNS = 4, ROWS = 3, SIDE = 40, INKS = 4 };

/* Each fills a tile of 40 by 40 in one of four turns. */
static const char *const shapes[] = {
    "M0 0H40A40 40 0 0 1 0 40Z",                 /* quarter */
    "M0 0A40 40 0 0 1 40 40A40 40 0 0 1 0 0Z",   /* leaf */
    "M0 20A20 20 0 0 1 40 20A20 20 0 0 1 0 20Z", /* disc */
    "M0 0H40L0 40Z",                             /* triangle */
    "M0 0H40V20A20 20 0 0 1 0 20Z",              /* arch */
    "M0 0H20V40H0ZM30 0H40V40H30Z",              /* stripes */
};

enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* SplitMix64: neighbouring seeds give unlike patterns. */
static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void pattern_put(struct text *out, int64_t seed) {
    uint64_t state = (uint64_t)seed;
    unsigned palette = (unsigned)(next(&state) % 4), kinds[2];

    /* Two kinds of shape in a picture look composed; six look thrown. */
    kinds[0] = (unsigned)(next(&state) % SHAPES);
    kinds[1] = (unsigned)((kinds[0] + 1 + next(&state) % (SHAPES - 1)) % SHAPES);
    text_printf(out, "<svg class=\"pattern p%u\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">", palette, COLUMNS * SIDE,
                ROWS * SIDE);
    for (int i = 0; i < COLUMNS * ROWS; i++) {
        uint64_t draw = next(&state);
        unsigned ground = (unsigned)(draw % INKS), ink = (unsigned)((ground + 1 + (draw >> 8) % (INKS - 1)) % INKS);
        int left = i % COLUMNS * SIDE, top = i / COLUMNS * SIDE;

        text_printf(out, "<path class=\"i%u\" d=\"M%d %dh%dv%dh-%dz\"/>", ground, left, top, SIDE, SIDE, SIDE);
        text_printf(out, "<path class=\"i%u\" transform=\"translate(%d %d) rotate(%u 20 20)\" d=\"%s\"/>", ink, left,
                    top, (unsigned)(draw >> 16) % 4 * 90, shapes[kinds[(draw >> 24) % 2]]);
    }
    text_puts(out, "</svg>");
}
