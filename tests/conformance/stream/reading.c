/* SPDX-License-Identifier: MIT */
/* reading.c: what every stream promises to whoever reads. */
#include "promises.h"

#include "support/test.h"
#include "weir/event.h"
#include "weir/group.h"
#include "weir/scope.h"
#include "weir/task.h"

#include <stdlib.h>
#include <string.h>

struct transfer {
    weir_stream *stream;
    size_t bytes;
};

static int send_pattern(void *arg) {
    const struct transfer *transfer = arg;

    write_pattern(transfer->stream, 0, transfer->bytes);
    return weir_stream_finish(transfer->stream);
}

static int receive_pattern(void *arg) {
    const struct transfer *transfer = arg;
    char more;

    read_pattern(transfer->stream, 0, transfer->bytes);
    CHECK_INT(weir_stream_read_some(transfer->stream, &more, 1), 0);
    return 0;
}

PROMISE(bytes_keep_their_order) {
    struct transfer out = {a, 300 * 1000}, in = {b, 300 * 1000};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, send_pattern, &out, NULL);
    weir_spawn(&group, receive_pattern, &in, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

PROMISE(both_directions_flow_at_once) {
    struct transfer ab = {a, 200 * 1000}, from_a = {b, 200 * 1000}, ba = {b, 100 * 1000}, from_b = {a, 100 * 1000};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, send_pattern, &ab, NULL);
    weir_spawn(&group, send_pattern, &ba, NULL);
    weir_spawn(&group, receive_pattern, &from_a, NULL);
    weir_spawn(&group, receive_pattern, &from_b, NULL);
    CHECK_INT(weir_group_close(&group, 0), 0);
}

PROMISE(the_end_comes_after_the_last_byte_and_stays) {
    char buf[16];

    write_text(a, "last");
    CHECK_INT(weir_stream_finish(a), 0);
    read_text(b, "last");
    for (int i = 0; i < 3; i++) {
        CHECK_INT(weir_stream_wait_readable(b), 0);
        CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), 0);
        CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), 0);
        CHECK_INT(weir_stream_read_exactly(b, buf, 1, NULL), -WEIR_EEOF);
    }
}

/* Make a call in a task of its own, and cancel it once it waits. */
static void call_and_cancel(struct call *call) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, call, NULL);
    let_others_wait();
    CHECK(!call->is_over);
    weir_group_cancel(&group, "the test");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call->result, -ECANCELED);
}

PROMISE(a_cancelled_read_consumes_nothing) {
    struct call call = {.stream = b, .what = READ_SOME};

    call_and_cancel(&call);
    write_text(a, "all of it");
    read_text(b, "all of it");
}

PROMISE(a_cancelled_scope_refuses_on_entry) {
    weir_scope scope;
    char buf[16];
    size_t progress = 7;

    write_text(a, "here\n");
    CHECK_INT(weir_stream_wait_readable(b), 0);
    weir_scope_open(&scope, weir_never());
    weir_scope_cancel(&scope, "the test");
    CHECK_INT(weir_stream_read_some(b, buf, sizeof buf), -ECANCELED);
    CHECK_INT(weir_stream_wait_readable(b), -ECANCELED);
    CHECK_INT(weir_stream_read_exactly(b, buf, 1, &progress), -ECANCELED);
    CHECK_INT(progress, 0);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), -ECANCELED);
    progress = 7;
    CHECK_INT(weir_stream_write_all(b, "x", 1, &progress), -ECANCELED);
    CHECK_INT(progress, 0);
    CHECK_INT(weir_stream_finish(b), -ECANCELED);
    CHECK_INT(weir_scope_close(&scope, 0), -ECANCELED);
    read_text(b, "here\n");
    write_text(b, "x");
    read_text(a, "x");
}

PROMISE(a_deadline_ends_a_read) {
    weir_scope scope;
    char buf[16];

    weir_scope_open(&scope, weir_after(2 * WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_stream_read_some(b, buf, sizeof buf)), -ETIME);
    weir_scope_open(&scope, weir_after(2 * WEIR_MS));
    CHECK_INT(weir_scope_close(&scope, weir_stream_read_until(b, buf, sizeof buf, "\n")), -ETIME);
    write_text(a, "late");
    read_text(b, "late");
}

static int write_slowly(void *arg) {
    for (int i = 0; i < 50; i++) {
        char text[] = {(char)('0' + i % 10), '\0'};
        write_text(arg, text);
        int rc = weir_yield();
        if (rc < 0)
            return rc;
    }
    return 0;
}

PROMISE(read_exactly_gathers_small_writes) {
    char buf[51] = "";
    size_t progress = 0;
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, write_slowly, a, NULL);
    CHECK_INT(weir_stream_read_exactly(b, buf, 0, &progress), 0);
    CHECK_INT(weir_stream_read_exactly(b, buf, 50, &progress), 0);
    CHECK_INT(progress, 50);
    CHECK_STR(buf, "01234567890123456789012345678901234567890123456789");
    CHECK_INT(weir_group_close(&group, 0), 0);
}

PROMISE(read_exactly_tells_what_came_before_the_end) {
    char buf[16] = "";
    size_t progress = 0;

    write_text(a, "abc");
    CHECK_INT(weir_stream_finish(a), 0);
    CHECK_INT(weir_stream_read_exactly(b, buf, 10, &progress), -WEIR_EEOF);
    CHECK_INT(progress, 3);
    CHECK_MEM(buf, "abc", 3);
}

PROMISE(read_exactly_tells_what_came_before_a_cancel) {
    struct call call = {.stream = b, .what = READ_EXACTLY, .bytes = 10};

    write_text(a, "abc");
    CHECK_INT(weir_stream_wait_readable(b), 0);
    /* Under the simulator the three bytes may come in two reads, and then the second has yet to arrive. */
    call_and_cancel(&call);
    CHECK(call.progress >= 1 && call.progress <= 3);
    CHECK_MEM(call.buf, "abc", call.progress);
    write_text(a, "d");
    read_text(b, &"abcd"[call.progress]);
}

PROMISE(read_until_finds_each_line) {
    char buf[16];

    write_text(a, "one\r\ntwo\r\n\r\n4\r");
    write_text(a, "\n");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\r\n"), 5);
    CHECK_STR(buf, "one\r\n");
    CHECK_INT(weir_stream_read_until(b, buf, 6, "\r\n"), 5); /* a limit that just fits */
    CHECK_STR(buf, "two\r\n");
    CHECK_INT(weir_stream_read_until(b, buf, 3, "\r\n"), 2);
    CHECK_STR(buf, "\r\n");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\r\n"), 3);
    CHECK_STR(buf, "4\r\n");
}

static int write_halves(void *arg) {
    static const char *const parts[] = {"abcE", "N", "DEND-", "EEN", "D"};

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        write_text(arg, parts[i]);
        let_others_wait();
    }
    return 0;
}

PROMISE(read_until_finds_a_delimiter_that_comes_in_halves) {
    char buf[32];
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, write_halves, a, NULL);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "END"), 6);
    CHECK_STR(buf, "abcEND");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "END"), 3);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "END"), 5);
    CHECK_STR(buf, "-EEND");
    CHECK_INT(weir_group_close(&group, 0), 0);
}

PROMISE(read_until_keeps_its_limit_and_consumes_nothing) {
    char buf[32] = "untouched";

    write_text(a, "0123456789\n");
    for (size_t limit = 1; limit <= 11; limit++)
        CHECK_INT(weir_stream_read_until(b, buf, limit, "\n"), -WEIR_ELIMIT);
    CHECK_STR(buf, "untouched");
    CHECK_INT(weir_stream_read_until(b, buf, 12, "\n"), 11);
    CHECK_STR(buf, "0123456789\n");
    write_text(a, "01234"); /* as many as may come before the delimiter has to end: it does not wait for more */
    CHECK_INT(weir_stream_read_until(b, buf, 6, "\n"), -WEIR_ELIMIT);
    read_text(b, "01234");
}

enum { LINES = 400, LONG_LINE = 20000 };

/* The length of a line, its end not counted. */
static size_t line_bytes(size_t i) { return i == LINES / 2 ? LONG_LINE : i * 37 % 211; }

static int write_lines(void *arg) {
    char *line = malloc(LONG_LINE + 1);

    CHECK(line != NULL);
    for (size_t i = 0; i < LINES; i++) {
        memset(line, 'a' + (int)(i % 26), line_bytes(i));
        line[line_bytes(i)] = '\n';
        CHECK_INT(weir_stream_write_all(arg, line, line_bytes(i) + 1, NULL), 0);
    }
    free(line);
    return 0;
}

PROMISE(read_until_finds_lines_without_number) {
    char *line = malloc(LONG_LINE + 2);
    weir_group group;

    CHECK(line != NULL);
    weir_group_open(&group);
    weir_spawn(&group, write_lines, a, NULL);
    for (size_t i = 0; i < LINES; i++) {
        CHECK_INT(weir_stream_read_until(b, line, LONG_LINE + 2, "\n"), line_bytes(i) + 1);
        CHECK_INT(strspn(line, (char[]){(char)('a' + i % 26), '\0'}), line_bytes(i));
    }
    CHECK_INT(weir_group_close(&group, 0), 0);
    free(line);
}

PROMISE(read_until_consumes_nothing_when_cancelled) {
    struct call call = {.stream = b, .what = READ_UNTIL};
    char buf[32];

    write_text(a, "half a");
    call_and_cancel(&call);
    write_text(a, " line\n");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), 12);
    CHECK_STR(buf, "half a line\n");
}

PROMISE(read_until_consumes_nothing_at_the_end) {
    char buf[32];

    write_text(a, "no line");
    CHECK_INT(weir_stream_finish(a), 0);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), -WEIR_EEOF);
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), -WEIR_EEOF);
    read_text(b, "no line");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), 0);
}

PROMISE(what_was_read_ahead_serves_every_read) {
    char buf[32];
    weir_case arms[] = {weir_case_readable(b)};

    write_text(a, "line\nabcdefg");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), 5);
    CHECK_INT(weir_stream_wait_readable(b), 0);
    CHECK_INT(weir_select(arms, 1), 0);
    CHECK_INT(weir_stream_read_some(b, buf, 1), 1);
    CHECK_INT(buf[0], 'a');
    read_text(b, "bc");
    write_text(a, "hi\n");
    CHECK_INT(weir_stream_read_until(b, buf, sizeof buf, "\n"), 7);
    CHECK_STR(buf, "defghi\n");
}

PROMISE(wait_readable_reads_nothing) {
    struct call call = {.stream = b, .what = WAIT_READABLE};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    CHECK(!call.is_over);
    write_text(a, "bytes");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, 0);
    CHECK_INT(weir_stream_wait_readable(b), 0);
    read_text(b, "bytes");
}

PROMISE(wait_readable_is_cancelled) {
    struct call call = {.stream = b, .what = WAIT_READABLE};

    call_and_cancel(&call);
    write_text(a, "x");
    read_text(b, "x");
}

PROMISE(select_on_readable_reads_nothing) {
    struct call call = {.stream = b, .what = SELECT};
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, make_call, &call, NULL);
    let_others_wait();
    CHECK(!call.is_over);
    write_text(a, "bytes");
    CHECK_INT(weir_group_close(&group, 0), 0);
    CHECK_INT(call.result, 0);
    read_text(b, "bytes");
}

static int set_event(void *event) {
    weir_event_set(event);
    return 0;
}

PROMISE(a_select_that_goes_elsewhere_leaves_the_stream_free) {
    weir_event event;
    weir_group group;

    for (int i = 0; i < 3; i++) {
        weir_event_init(&event);
        weir_group_open(&group);
        weir_case arms[] = {weir_case_readable(b), weir_case_event(&event), weir_case_readable(a)};
        weir_spawn(&group, set_event, &event, NULL);
        CHECK_INT(weir_select(arms, 3), 1);
        CHECK_INT(weir_group_close(&group, 0), 0);
        weir_event_done(&event);
        weir_case again[] = {weir_case_readable(b)};
        CHECK_INT(weir_try_select(again, 1), -EAGAIN);
    }
    write_text(a, "still mine");
    read_text(b, "still mine");
}

PROMISE(a_cancelled_select_leaves_the_stream_free) {
    struct call call = {.stream = b, .what = SELECT};

    call_and_cancel(&call);
    write_text(a, "x");
    read_text(b, "x");
}
