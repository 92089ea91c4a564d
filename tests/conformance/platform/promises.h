/* SPDX-License-Identifier: MIT */
/* promises.h: what every platform promises to the loop, one function each. */
#ifndef WEIR_TESTS_CONFORMANCE_PLATFORM_PROMISES_H
#define WEIR_TESTS_CONFORMANCE_PLATFORM_PROMISES_H

#include "world.h"

#define PROMISES(X)                                                                                                    \
    X(the_clock_never_goes_back)                                                                                       \
    X(random_bytes_fill_what_is_asked)                                                                                 \
    X(a_wait_without_limit_is_ended_by_a_wake)                                                                         \
    X(a_look_returns_at_once)                                                                                          \
    X(a_wait_takes_as_long_as_asked)                                                                                   \
    X(a_read_waits_and_comes_out_with_its_bytes)                                                                       \
    X(a_short_read_loses_nothing)                                                                                      \
    X(ready_reads_nothing)                                                                                             \
    X(ready_sees_the_end)                                                                                              \
    X(a_cancelled_op_had_no_effect)                                                                                    \
    X(ops_that_end_together_come_out_together)                                                                         \
    X(reader_and_writer_share_a_handle)                                                                                \
    X(a_full_peer_holds_a_write_up)                                                                                    \
    X(accepts_are_served_in_line)                                                                                      \
    X(a_cancelled_accept_takes_no_connection)                                                                          \
    X(who_connects_is_told_to_who_accepts)                                                                             \
    X(a_taken_address_is_refused)                                                                                      \
    X(nobody_listening_refuses)                                                                                        \
    X(a_cancelled_connect_leaves_nothing)                                                                              \
    X(closing_a_listener_resets_its_line)                                                                              \
    X(the_end_of_one_way_leaves_the_other)                                                                             \
    X(an_abort_is_a_reset)                                                                                             \
    X(a_descriptor_is_waited_for)                                                                                      \
    X(several_wait_for_one_descriptor)                                                                                 \
    X(reader_and_writer_wait_for_one_descriptor)                                                                       \
    X(a_cancelled_poll_leaves_the_others)                                                                              \
    X(a_number_may_come_to_mean_another_descriptor)                                                                    \
    X(what_cannot_be_waited_for_is_refused)                                                                            \
    X(a_hang_up_counts_as_everything)

#define PROMISE(name) void promise_##name(const struct world *world)
#define DECLARE_PROMISE(name) PROMISE(name);
PROMISES(DECLARE_PROMISE)

#endif
