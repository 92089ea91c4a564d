/* SPDX-License-Identifier: MIT */
/* writing.c: what every stream promises to whoever writes. */
#include "promises.h"

#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdlib.h>
#include <string.h>

PROMISE(pieces_arrive_as_one) {
    struct iovec pieces[] = {{NULL, 0}, {"ab", 2}, {"", 0}, {"c", 1}, {"defg", 4}, {NULL, 0}};
    struct iovec before[6];
    size_t progress = 0;

    memcpy(before, pieces, sizeof pieces);
    CHECK_INT(weir_stream_write_vec(a, pieces, 6, &progress), 0);
    CHECK_INT(progress, 7);
    CHECK_MEM(pieces, before, sizeof pieces);
    read_text(b, "abcdefg");
}

enum { PIECES = 3000 }; /* more than one system call takes */

struct many {
    weir_stream *stream;
    struct iovec pieces[PIECES];
    unsigned char bytes[PIECES * 7];
    size_t total;
};

static int write_many(void *arg) {
    struct many *many = arg;
    struct iovec before[PIECES];
    size_t progress = 0;

    memcpy(before, many->pieces, sizeof before);
    CHECK_INT(weir_stream_write_vec(many->stream, many->pieces, PIECES, &progress), 0);
    CHECK_INT(progress, many->total);
    CHECK_MEM(many->pieces, before, sizeof before); /* not changed, however often a piece was cut */
    return 0;
}

PROMISE(thousands_of_pieces_arrive) {
    struct many *many = calloc(1, sizeof *many);
    weir_group group;

    CHECK(many != NULL);
    many->stream = a;
    for (size_t i = 0; i < PIECES; i++) {
        many->pieces[i] = (struct iovec){many->bytes + many->total, i % 8}; /* some are empty */
        for (size_t j = 0; j < i % 8; j++, many->total++)
            many->bytes[many->total] = pattern_at(many->total);
    }
    weir_group_open(&group);
    weir_spawn(&group, write_many, many, NULL);
    read_pattern(b, 0, many->total);
    CHECK_INT(weir_group_close(&group, 0), 0);
    free(many);
}

PROMISE(nothing_to_write_is_fine) {
    struct iovec empty[] = {{NULL, 0}, {"", 0}};
    size_t progress = 7;

    CHECK_INT(weir_stream_write_all(a, "", 0, &progress), 0);
    CHECK_INT(progress, 0);
    CHECK_INT(weir_stream_write_vec(a, NULL, 0, NULL), 0);
    CHECK_INT(weir_stream_write_vec(a, empty, 2, NULL), 0);
    write_text(a, "x");
    read_text(b, "x");
}

PROMISE(a_writer_is_held_up_without_a_reader) {
    struct call call = {.stream = a, .what = WRITE, .bytes = kind->held_bytes_max + 1};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    CHECK(!call.is_over);
    read_pattern(b, 0, call.bytes);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, 0);
    CHECK_INT(call.progress, call.bytes);
}

PROMISE(a_cancelled_write_tells_its_progress) {
    struct call call = {.stream = a, .what = WRITE, .bytes = kind->held_bytes_max + 1};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    weir_group_cancel(&group, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, -ECANCELED);
    CHECK(call.progress > 0 && call.progress < call.bytes);
    read_pattern(b, 0, call.progress); /* these and no others: the stream goes on behind them */
    write_text(a, "and on");
    read_text(b, "and on");
}

PROMISE(half_a_close_leaves_the_other_half) {
    char buf[8];

    CHECK_INT(weir_stream_finish(a), 0);
    CHECK_INT(weir_stream_finish(a), 0);
    CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), 0);
    write_text(b, "still open");
    read_text(a, "still open");
    CHECK_INT(weir_stream_finish(b), 0);
    CHECK_INT(weir_stream_read_some(a, buf, sizeof buf), 0);
    CHECK_INT(weir_stream_close(a), 0);
    CHECK_INT(weir_stream_close(b), 0);
}

PROMISE(nothing_is_written_after_the_finish) {
    size_t progress = 7;

    CHECK_INT(weir_stream_finish(a), 0);
    CHECK_INT(weir_stream_write_all(a, "x", 1, &progress), -EPIPE);
    CHECK_INT(progress, 0);
    CHECK_INT(weir_stream_write_vec(a, NULL, 0, NULL), -EPIPE);
}

PROMISE(writing_to_a_closed_peer_fails_without_a_signal) {
    int rc = 0;

    weir_stream_close(b);
    for (int i = 0; i < 100 && rc == 0; i++) { /* over a network it takes a round trip to know */
        rc = weir_stream_write_all(a, "x", 1, NULL);
        if (rc == 0)
            CHECK_INT(weir_sleep(WEIR_MS), 0);
    }
    CHECK(rc == -EPIPE || rc == -ECONNRESET);
    CHECK(weir_stream_write_all(a, "x", 1, NULL) < 0);
}
