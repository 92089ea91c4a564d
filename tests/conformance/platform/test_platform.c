/* SPDX-License-Identifier: MIT */
/* test_platform.c: every promise of the seam, kept by every platform there is. */
#include "promises.h"

#include "support/test.h"

typedef void promise(const struct world *world);

static void keep(struct weir__platform *platform, promise *keeps) {
    const struct world world = {platform, platform->ops};

    keeps(&world);
    platform->ops->free(platform);
}

static void keep_on_epoll(promise *keeps) {
    struct weir__platform *platform;
    CHECK_INT(weir__epoll_new(&platform), 0);
    keep(platform, keeps);
}

static void keep_on_sim(promise *keeps) {
    struct weir__platform *platform;
    CHECK_INT(weir__sim_new(&platform, test_seed()), 0);
    keep(platform, keeps);
}

#define ON_EPOLL(name)                                                                                                 \
    TEST(test_epoll_##name) { keep_on_epoll(promise_##name); }
#define ON_SIM(name)                                                                                                   \
    TEST(test_sim_##name) { keep_on_sim(promise_##name); }

PROMISES(ON_EPOLL)
PROMISES(ON_SIM)
