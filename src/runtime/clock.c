/* SPDX-License-Identifier: MIT */
/* clock.c: the time and randomness of the run that this thread is in; of the kernel, where it is in none. */
#include "runtime/loop.h"
#include "runtime/park.h"
#include "weir/random.h"

weir_instant weir_now(void) {
    struct weir__loop *loop = weir__loop_of_thread;

    if (loop == NULL)
        return (weir_instant){weir__kernel_clock_ns()};
    loop->now_ns = loop->platform->ops->clock_ns(loop->platform);
    return (weir_instant){loop->now_ns};
}

weir_instant weir__loop_now(void) {
    const struct weir__loop *loop = weir__loop_of_thread;
    return loop != NULL ? (weir_instant){loop->now_ns} : weir_now();
}

weir_instant weir_after(weir_duration span) { return weir_instant_add(weir_now(), span > 0 ? span : 0); }

weir_wall weir_wall_now(void) {
    struct weir__loop *loop = weir__loop_of_thread;
    return (weir_wall){loop != NULL ? loop->platform->ops->wall_ns(loop->platform) : weir__kernel_wall_ns()};
}

void weir_random(void *buf, size_t bytes) {
    struct weir__loop *loop = weir__loop_of_thread;

    if (loop != NULL)
        loop->platform->ops->random_bytes(loop->platform, buf, bytes);
    else
        weir__kernel_random(buf, bytes);
}
