/* SPDX-License-Identifier: MIT */
/* ending.c: what every stream promises to several at once, and at its end. */
#include "promises.h"

#include "support/test.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <string.h>

PROMISE(a_second_reader_is_refused) {
    struct call call = {.stream = b, .what = READ_SOME};
    weir_case arms[] = {weir_case_readable(b)};
    weir_group group;
    char buf[8];

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), -EBUSY);
    CHECK_INT(weir_stream_read_exactly(b, buf, 1, NULL), -EBUSY);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), -EBUSY);
    CHECK_INT(weir_stream_wait_readable(b), -EBUSY);
    CHECK_INT(weir_select(arms, 1), 0);
    CHECK_INT(arms[0].result, -EBUSY);
    write_text(b, "a writer is not");
    read_text(a, "a writer is not");
    write_text(a, "x");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, 1);
    write_text(a, "y");
    read_text(b, "y");
}

PROMISE(a_second_writer_is_refused) {
    struct call call = {.stream = a, .what = WRITE, .bytes = kind->held_bytes_max + 1};
    weir_group group;
    size_t progress = 7;

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    CHECK_INT(weir_stream_write_all(a, "x", 1, &progress), -EBUSY);
    CHECK_INT(progress, 0);
    CHECK_INT(weir_stream_write_vec(a, NULL, 0, NULL), -EBUSY);
    CHECK_INT(weir_stream_finish(a), -EBUSY);
    write_text(b, "a reader is not");
    read_text(a, "a reader is not");
    read_pattern(b, 0, call.bytes);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, 0);
}

PROMISE(two_arms_on_one_stream_are_one_too_many) {
    weir_case arms[] = {weir_case_readable(b), weir_case_readable(b)};

    int which = weir_select(arms, 2);
    CHECK(which == 0 || which == 1);
    CHECK_INT(arms[which].result, -EBUSY);
    write_text(a, "x");
    read_text(b, "x");
}

/* Make a call in a task of its own, and close its stream once it waits. */
static void call_and_close(struct call *call) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, call, NULL);
    let_others_wait();
    CHECK(!call->is_over);
    CHECK_INT(weir_stream_close(call->stream), 0);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call->result, -ECANCELED);
}

PROMISE(closing_wakes_the_reader) {
    struct call call = {.stream = b, .what = READ_SOME};
    char buf[8];

    call_and_close(&call);
    CHECK_INT(weir_stream_read_some(a, buf, sizeof buf), 0); /* and the peer sees an end in good order */
}

PROMISE(closing_wakes_every_kind_of_read) {
    struct call exactly = {.stream = b, .what = READ_EXACTLY, .bytes = 100}, ready = {.what = WAIT_READABLE};
    weir_stream *other;

    write_text(a, "ab");
    CHECK_INT(weir_stream_wait_readable(b), 0);
    call_and_close(&exactly);
    CHECK(exactly.progress >= 1 && exactly.progress <= 2);
    kind->open(&ready.stream, &other);
    call_and_close(&ready);
    weir_stream_free(ready.stream);
    weir_stream_free(other);
    struct call until = {.what = READ_UNTIL};
    kind->open(&other, &until.stream);
    write_text(other, "no end");
    CHECK_INT(weir_stream_wait_readable(until.stream), 0);
    call_and_close(&until);
    weir_stream_free(until.stream);
    weir_stream_free(other);
}

PROMISE(closing_wakes_the_writer) {
    struct call call = {.stream = a, .what = WRITE, .bytes = kind->held_bytes_max + 1};

    call_and_close(&call);
    CHECK(call.progress > 0);
    read_pattern(b, 0, call.progress);
}

PROMISE(closing_wakes_a_select) {
    struct call call = {.stream = b, .what = SELECT};

    call_and_close(&call);
}

PROMISE(a_closed_stream_refuses_every_call) {
    weir_case arms[] = {weir_case_readable(a)};
    char buf[8];

    CHECK_INT(weir_stream_close(a), 0);
    CHECK_INT(weir_stream_close(a), 0);
    CHECK_INT(weir_stream_read_some(a, buf, sizeof buf), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_read_exactly(a, buf, 1, NULL), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_read_until(a, buf, sizeof buf, "\n"), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_wait_readable(a), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_write_all(a, "x", 1, NULL), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_write_vec(a, NULL, 0, NULL), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_finish(a), -WEIR_ECLOSED);
    CHECK_INT(weir_select(arms, 1), 0);
    CHECK_INT(arms[0].result, -WEIR_ECLOSED);
    CHECK(weir_stream_peer(a) != NULL);
}

PROMISE(a_close_delivers_what_was_written) {
    char buf[8];

    write_text(a, "to the last byte");
    CHECK_INT(weir_stream_close(a), 0);
    read_text(b, "to the last byte");
    CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), 0);
}

PROMISE(a_dropped_end_is_told_and_stays_told) {
    weir_stream *mine, *dropped;
    char buf[8];

    kind->open(&mine, &dropped);
    weir_stream_free(dropped);
    int rc = weir_stream_read_some(mine, buf, sizeof buf);
    CHECK_INT(rc, kind->resets ? -ECONNRESET : 0);
    CHECK_INT(weir_stream_read_some(mine, buf, sizeof buf), rc); /* the kernel would say 0 now, as if all were well */
    CHECK_INT(weir_stream_close(mine), rc);
    weir_stream_free(mine);
}

PROMISE(an_abort_wakes_and_is_told) {
    struct call call = {.stream = b, .what = READ_SOME};
    weir_group group;
    char buf[8];

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    weir_stream_abort(b);
    weir_stream_abort(b);
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, -ECANCELED);
    CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), -WEIR_ECLOSED);
    CHECK_INT(weir_stream_read_some(a, buf, sizeof buf), kind->resets ? -ECONNRESET : 0);
    CHECK_INT(weir_stream_close(b), 0);
}

PROMISE(unread_bytes_make_the_close_a_reset) {
    char buf[8];

    write_text(a, "nobody reads this");
    CHECK_INT(weir_stream_wait_readable(b), 0);
    weir_stream_close(b);
    int rc = weir_stream_read_some(a, buf, sizeof buf);
    CHECK_INT(rc, kind->loses_read ? -ECONNRESET : 0);
    CHECK_INT(weir_stream_read_some(a, buf, sizeof buf), rc);
}

PROMISE(a_peer_has_a_text) {
    if (strcmp(kind->name, "tcp") == 0) {
        CHECK_HAS(weir_stream_peer(a), "127.0.0.1:");
        CHECK_HAS(weir_stream_peer(b), "127.0.0.1:");
        CHECK(weir_stream_peer(a) == weir_stream_peer(a));
    } else if (strcmp(kind->name, "unix") == 0) {
        CHECK_HAS(weir_stream_peer(a), "@weir-conformance-");
        CHECK_STR(weir_stream_peer(b), "");
    } else {
        CHECK_STR(weir_stream_peer(a), "");
    }
}
