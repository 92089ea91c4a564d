/* SPDX-License-Identifier: MIT */
/* clock.c: the time and randomness of the run that this thread is in; of the kernel, where it is in none. */
#include "runtime/loop.h"
#include "runtime/park.h"
#include "weir/random.h"

/* NULL: the thread is in no run, or in a child that was forked inside one. */
static struct weir__platform *platform_here(void) {
    return weir__loop_of_thread != NULL ? weir__loop_of_thread->platform : NULL;
}

weir_instant weir_now(void) {
    struct weir__platform *platform = platform_here();

    if (platform == NULL)
        return (weir_instant){weir__kernel_clock_ns()};
    weir__loop_of_thread->now_ns = platform->ops->clock_ns(platform);
    return (weir_instant){weir__loop_of_thread->now_ns};
}

weir_instant weir__loop_now(void) {
    const struct weir__loop *loop = weir__loop_of_thread;

    if (loop == NULL)
        return weir_now();
    weir_instant now = {loop->now_ns};
    return now;
}

weir_instant weir_after(weir_duration span) { return weir_instant_add(weir_now(), span > 0 ? span : 0); }

weir_wall weir_wall_now(void) {
    struct weir__platform *platform = platform_here();
    return (weir_wall){platform != NULL ? platform->ops->wall_ns(platform) : weir__kernel_wall_ns()};
}

void weir_random(void *buf, size_t bytes) {
    struct weir__platform *platform = platform_here();

    if (platform != NULL)
        platform->ops->random_bytes(platform, buf, bytes);
    else
        weir__kernel_random(buf, bytes);
}
