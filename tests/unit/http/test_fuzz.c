/* SPDX-License-Identifier: MIT */
/* The fuzz target, without a fuzzer: every head of heads.h, and changes to them that the seed decides. */
#include "support/test.h"

#include "heads.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static uint64_t state;

static uint32_t chance(uint32_t below) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((state >> 33) % below);
}

static void feed(const uint8_t *bytes, size_t count) {
    uint8_t *exact = malloc(count);
    memcpy(exact, bytes, count);
    LLVMFuzzerTestOneInput(exact, count);
    free(exact);
}

/* Change, drop, double or cut something. */
static size_t mutate(uint8_t *bytes, size_t count, size_t room) {
    static const char specials[] = "\r\n\r\n :;,%\t\0\x7f\xff/?#*0-+";
    size_t at = chance((uint32_t)count), length = 1 + chance(8);

    if (length > count - at)
        length = count - at;
    switch (chance(5)) {
    case 0:
        bytes[at] = (uint8_t)chance(256);
        return count;
    case 1:
        bytes[at] = (uint8_t)specials[chance(sizeof specials - 1)];
        return count;
    case 2:
        memmove(bytes + at, bytes + at + length, count - at - length);
        return count - length;
    case 3:
        if (count + length > room)
            return count;
        memmove(bytes + at + length, bytes + at, count - at);
        return count + length;
    default:
        return at > 0 ? at : count;
    }
}

TEST(test_http_fuzz_target_takes_all_heads) {
    uint8_t bytes[1024];

    for (size_t i = 0; i < sizeof head_cases / sizeof *head_cases; i++) {
        bytes[0] = (uint8_t)i;
        memcpy(bytes + 1, head_cases[i].bytes, head_cases[i].count);
        feed(bytes, 1 + head_cases[i].count);
    }
}

TEST(test_http_fuzz_target_takes_changed_heads) {
    uint8_t bytes[1024];

    state = test_seed();
    for (int round = 0; round < 100000; round++) {
        const struct head_case *one = &head_cases[chance(sizeof head_cases / sizeof *head_cases)];
        size_t count = 1 + one->count;
        bytes[0] = (uint8_t)chance(256);
        memcpy(bytes + 1, one->bytes, one->count);
        for (uint32_t changes = 1 + chance(3); changes > 0 && count > 1; changes--)
            count = mutate(bytes, count, sizeof bytes);
        feed(bytes, count);
    }
}
