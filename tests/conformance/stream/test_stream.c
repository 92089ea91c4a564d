/* SPDX-License-Identifier: MIT */
/* test_stream.c: every promise, kept by every stream there is, on the simulator and for real. */
#include "promises.h"

#include "support/test.h"

typedef void promise(const struct stream_kind *kind, weir_stream *a, weir_stream *b);

static void keep(const struct stream_kind *kind, promise *keeps) {
    weir_stream *a, *b;

    kind->open(&a, &b);
    keeps(kind, a, b);
    weir_stream_free(a);
    weir_stream_free(b);
}

#define SIMULATED_TCP(name)                                                                                            \
    TASK_TEST(test_simulated_tcp_##name) { keep(&kind_tcp, promise_##name); }
#define SIMULATED_UNIX(name)                                                                                           \
    TASK_TEST(test_simulated_unix_##name) { keep(&kind_unix, promise_##name); }
#define SIMULATED_PAIR(name)                                                                                           \
    TASK_TEST(test_simulated_pair_##name) { keep(&kind_pair, promise_##name); }
#define REAL_TCP(name)                                                                                                 \
    REAL_TEST(test_real_tcp_##name) { keep(&kind_tcp, promise_##name); }
#define REAL_UNIX(name)                                                                                                \
    REAL_TEST(test_real_unix_##name) { keep(&kind_unix, promise_##name); }
#define REAL_PAIR(name)                                                                                                \
    REAL_TEST(test_real_pair_##name) { keep(&kind_pair, promise_##name); }

PROMISES(SIMULATED_TCP)
PROMISES(SIMULATED_UNIX)
PROMISES(SIMULATED_PAIR)
PROMISES(REAL_TCP)
PROMISES(REAL_UNIX)
PROMISES(REAL_PAIR)
