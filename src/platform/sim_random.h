/* SPDX-License-Identifier: MIT */
/* sim_random.h: the seeded numbers of a simulated run. Each purpose draws from a stream of its own, so that one more
 * draw in one place does not shift what all others get. SplitMix64: the state is a counter, so any thread may draw. */
#ifndef WEIR_SRC_PLATFORM_SIM_RANDOM_H
#define WEIR_SRC_PLATFORM_SIM_RANDOM_H

#include <stdatomic.h>
#include <stdint.h>

/** The purposes. Append new ones: a purpose's number is part of what a seed means. */
enum weir__sim_purpose {
    WEIR__SIM_SCHEDULE, /* which runnable task goes next */
    WEIR__SIM_BYTES,    /* what the program's own randomness gets */
    WEIR__SIM_LATENCY,  /* how long a segment is under way */
    WEIR__SIM_PORTION,  /* how much a read or a write moves */
    WEIR__SIM_PURPOSES
};

struct weir__sim_stream {
    _Atomic uint64_t state;
};

static inline uint64_t weir__sim_mix(uint64_t word) {
    word = (word ^ (word >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    word = (word ^ (word >> 27)) * UINT64_C(0x94d049bb133111eb);
    return word ^ (word >> 31);
}

static inline void weir__sim_stream_init(struct weir__sim_stream *stream, uint64_t seed,
                                         enum weir__sim_purpose purpose) {
    atomic_init(&stream->state, weir__sim_mix(weir__sim_mix(seed) + (uint64_t)purpose));
}

static inline uint64_t weir__sim_draw(struct weir__sim_stream *stream) {
    const uint64_t step = UINT64_C(0x9e3779b97f4a7c15);
    return weir__sim_mix(atomic_fetch_add_explicit(&stream->state, step, memory_order_relaxed) + step);
}

/** A number below `bound`, which is > 0 and at most 2^32. */
static inline uint32_t weir__sim_draw_below(struct weir__sim_stream *stream, uint64_t bound) {
    return (uint32_t)((weir__sim_draw(stream) >> 32) * bound >> 32);
}

#endif
