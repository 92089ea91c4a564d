/* SPDX-License-Identifier: MIT */
/* promises.h: what every stream promises, one function each. Each gets both ends of a fresh connection; the caller
 * frees them, closed or not.
 *
 * PROMISES(X) lists them all: X(name) for each function promise_name. */
#ifndef WEIR_TESTS_CONFORMANCE_STREAM_PROMISES_H
#define WEIR_TESTS_CONFORMANCE_STREAM_PROMISES_H

#include "kinds.h"

#define PROMISES_OF_READING(X)                                                                                         \
    X(bytes_keep_their_order)                                                                                          \
    X(both_directions_flow_at_once)                                                                                    \
    X(the_end_comes_after_the_last_byte_and_stays)                                                                     \
    X(a_cancelled_read_consumes_nothing)                                                                               \
    X(a_cancelled_scope_refuses_on_entry)                                                                              \
    X(a_deadline_ends_a_read)                                                                                          \
    X(read_exactly_gathers_small_writes)                                                                               \
    X(read_exactly_tells_what_came_before_the_end)                                                                     \
    X(read_exactly_tells_what_came_before_a_cancel)                                                                    \
    X(read_until_finds_each_line)                                                                                      \
    X(read_until_finds_a_delimiter_that_comes_in_halves)                                                               \
    X(read_until_keeps_its_limit_and_consumes_nothing)                                                                 \
    X(read_until_finds_lines_without_number)                                                                           \
    X(read_until_consumes_nothing_when_cancelled)                                                                      \
    X(read_until_consumes_nothing_at_the_end)                                                                          \
    X(what_was_read_ahead_serves_every_read)                                                                           \
    X(wait_readable_reads_nothing)                                                                                     \
    X(wait_readable_is_cancelled)                                                                                      \
    X(select_on_readable_reads_nothing)                                                                                \
    X(a_select_that_goes_elsewhere_leaves_the_stream_free)                                                             \
    X(a_cancelled_select_leaves_the_stream_free)

#define PROMISES_OF_WRITING(X)                                                                                         \
    X(pieces_arrive_as_one)                                                                                            \
    X(thousands_of_pieces_arrive)                                                                                      \
    X(nothing_to_write_is_fine)                                                                                        \
    X(a_writer_is_held_up_without_a_reader)                                                                            \
    X(a_cancelled_write_tells_its_progress)                                                                            \
    X(half_a_close_leaves_the_other_half)                                                                              \
    X(nothing_is_written_after_the_finish)                                                                             \
    X(writing_to_a_closed_peer_fails_without_a_signal)

#define PROMISES_OF_ENDING(X)                                                                                          \
    X(a_second_reader_is_refused)                                                                                      \
    X(a_second_writer_is_refused)                                                                                      \
    X(two_arms_on_one_stream_are_one_too_many)                                                                         \
    X(closing_wakes_the_reader)                                                                                        \
    X(closing_wakes_every_kind_of_read)                                                                                \
    X(closing_wakes_the_writer)                                                                                        \
    X(closing_wakes_a_select)                                                                                          \
    X(a_closed_stream_refuses_every_call)                                                                              \
    X(a_close_delivers_what_was_written)                                                                               \
    X(a_dropped_end_is_told_and_stays_told)                                                                            \
    X(an_abort_wakes_and_is_told)                                                                                      \
    X(unread_bytes_make_the_close_a_reset)                                                                             \
    X(a_peer_has_a_text)

#define PROMISES(X) PROMISES_OF_READING(X) PROMISES_OF_WRITING(X) PROMISES_OF_ENDING(X)

#define DECLARE_PROMISE(name) void promise_##name(const struct stream_kind *kind, weir_stream *a, weir_stream *b);
PROMISES(DECLARE_PROMISE)

#define PROMISE(name)                                                                                                  \
    void promise_##name(__attribute__((unused)) const struct stream_kind *kind,                                        \
                        __attribute__((unused)) weir_stream *a, __attribute__((unused)) weir_stream *b)

/* ---- What the promises share (helpers.c) --------------------------------------------------------------------------
 */

/** The byte at a place of an endless text that repeats late. */
unsigned char pattern_at(size_t place);

/** Write `bytes` of the pattern from `place` on, in pieces of random size. */
void write_pattern(weir_stream *stream, size_t place, size_t bytes);

/** Read `bytes` in pieces of random size and compare. */
void read_pattern(weir_stream *stream, size_t place, size_t bytes);

/** Write a text; read as many bytes, which must be it. */
void write_text(weir_stream *stream, const char *text);
void read_text(weir_stream *stream, const char *text);

/** Let every other task run until it has to wait. */
void let_others_wait(void);

/** One call of a task, made to be spawned. */
struct call {
    weir_stream *stream;
    enum { READ_SOME, READ_EXACTLY, READ_UNTIL, WAIT_READABLE, SELECT, WRITE } what;
    size_t bytes; /* of READ_EXACTLY and WRITE */
    int result;
    size_t progress;
    bool is_over;
    char buf[256];
};

int make_call(void *call);

#endif
