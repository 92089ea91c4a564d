/* SPDX-License-Identifier: MIT */
/* sim_flow.c: bytes under way in a simulated connection.
 * Invariant: each DATA of a flow is in exactly one of flying, arrived and acknowledging; held_bytes is the sum of all.
 */
#include "platform/sim_net.h"

#include "base/assert.h"
#include "base/list.h"

#include <stdlib.h>
#include <string.h>

enum {
    SEGMENT_BYTES_MAX = 16 * 1024,
    CAPACITY_BYTES_MIN = 4 * 1024, /* doubled up to four times */
};
static const int64_t LATENCY_NS_MIN = 50 * 1000;
static const uint64_t LATENCY_NS_SPREAD = 200 * 1000;

struct weir__sim_connection *weir__sim_connection_of(struct weir__sim_end *end) {
    return WEIR__CONTAINER(end - end->is_server, struct weir__sim_connection, ends);
}

struct weir__sim_end *weir__sim_end_other(struct weir__sim_end *end) {
    return end->is_server ? end - 1 : end + 1;
}

static void append(struct weir__sim_segments *line, struct weir__sim_segment *segment) {
    segment->next = NULL;
    if (line->first == NULL)
        line->first = segment;
    else
        line->last->next = segment;
    line->last = segment;
}

static struct weir__sim_segment *take_first(struct weir__sim_segments *line) {
    struct weir__sim_segment *segment = line->first;
    line->first = segment->next;
    return segment;
}

static char *data_of(struct weir__sim_segment *segment) { return (char *)(segment + 1); }

/* ---- Under way --------------------------------------------------------------------------------------------------- */

/* The instant at which what leaves now is there: not before what left earlier. */
static int64_t arrival_after(struct weir__sim *sim, struct weir__sim_end *end, int64_t later_ns, int64_t *last_ns) {
    int64_t at_ns = weir__sim_now(sim) + later_ns;
    if (!weir__sim_connection_of(end)->is_local)
        at_ns += LATENCY_NS_MIN + weir__sim_draw_below(&sim->streams[WEIR__SIM_LATENCY], LATENCY_NS_SPREAD);
    if (at_ns < *last_ns)
        at_ns = *last_ns;
    *last_ns = at_ns;
    return at_ns;
}

static void put_under_way(struct weir__sim *sim, struct weir__sim_segments *line, struct weir__sim_segment *segment,
                          struct weir__sim_event *event) {
    append(line, segment);
    if (!weir__sim_event_is_on(event))
        weir__sim_calendar_add(&sim->calendar, event, segment->at_ns);
}

/* The first under way is there. The next one's event is entered before anything is done with the first, which may be
 * the end of the connection. */
static struct weir__sim_segment *take_arrived(struct weir__sim *sim, struct weir__sim_segments *line,
                                              struct weir__sim_event *event) {
    struct weir__sim_segment *segment = take_first(line);
    if (line->first != NULL)
        weir__sim_calendar_add(&sim->calendar, event, line->first->at_ns);
    return segment;
}

void weir__sim_flow_send(struct weir__sim *sim, struct weir__sim_end *from, struct weir__sim_segment *segment,
                         enum weir__sim_segment_kind kind, int64_t later_ns) {
    segment->kind = kind;
    segment->at_ns = arrival_after(sim, from, later_ns, &from->out.last_arrival_ns);
    put_under_way(sim, &from->out.flying, segment, &from->out.arrival);
}

static void send_acknowledgement(struct weir__sim *sim, struct weir__sim_end *from, struct weir__sim_segment *segment) {
    struct weir__sim_flow *flow = &weir__sim_end_other(from)->out;
    segment->at_ns = arrival_after(sim, from, 0, &flow->last_acknowledgement_ns);
    put_under_way(sim, &flow->acknowledging, segment, &flow->acknowledgement);
}

/* ---- What happens ------------------------------------------------------------------------------------------------ */

static void acknowledgement_happens(struct weir__sim *sim, struct weir__sim_event *event) {
    struct weir__sim_end *end = WEIR__CONTAINER(event, struct weir__sim_end, out.acknowledgement);
    struct weir__sim_segment *segment = take_arrived(sim, &end->out.acknowledging, event);

    end->out.held_bytes -= segment->bytes;
    free(segment);
    weir__sim_end_retry(sim, end);
}

static void take_reset(struct weir__sim_end *end) {
    if (!end->is_reset)
        end->error = end->saw_end && !weir__sim_connection_of(end)->is_local ? EPIPE : ECONNRESET;
    end->is_reset = true;
}

static void arrival_happens(struct weir__sim *sim, struct weir__sim_event *event) {
    struct weir__sim_end *from = WEIR__CONTAINER(event, struct weir__sim_end, out.arrival);
    struct weir__sim_end *to = weir__sim_end_other(from);
    struct weir__sim_segment *segment = take_arrived(sim, &from->out.flying, event);

    switch (segment->kind) {
    case WEIR__SIM_OPEN:
    case WEIR__SIM_ACCEPTED:
    case WEIR__SIM_REFUSED:
        weir__sim_net_handshake(sim, to, segment);
        return;
    case WEIR__SIM_DATA:
        append(&from->out.arrived, segment);
        if (!to->is_owned)
            weir__sim_end_reset(sim, to); /* nobody will ever read it */
        break;
    case WEIR__SIM_END:
        to->saw_end = true;
        break;
    case WEIR__SIM_RESET:
        take_reset(to);
        break;
    }
    weir__sim_end_retry(sim, to);
}

void weir__sim_flow_init(struct weir__sim *sim, struct weir__sim_flow *flow) {
    *flow = (struct weir__sim_flow){
        .arrival.happen = arrival_happens,
        .acknowledgement.happen = acknowledgement_happens,
        .capacity_bytes = (size_t)CAPACITY_BYTES_MIN << weir__sim_draw_below(&sim->streams[WEIR__SIM_PORTION], 5),
    };
}

static void free_data(struct weir__sim_segments *line) {
    while (line->first != NULL) {
        struct weir__sim_segment *segment = take_first(line);
        if (segment->kind == WEIR__SIM_DATA)
            free(segment);
    }
}

void weir__sim_flow_done(struct weir__sim *sim, struct weir__sim_flow *flow) {
    weir__sim_calendar_remove(&sim->calendar, &flow->arrival);
    weir__sim_calendar_remove(&sim->calendar, &flow->acknowledgement);
    free_data(&flow->flying);
    free_data(&flow->arrived);
    free_data(&flow->acknowledging);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

static bool end_now(struct weir__op *op, int result) {
    op->result = result;
    return true;
}

/* How much of what can be moved is moved this time: now and then, as the seed says, only a part. */
static size_t portion(struct weir__sim *sim, size_t bytes) {
    struct weir__sim_stream *stream = &sim->streams[WEIR__SIM_PORTION];
    if (bytes < 2 || weir__sim_draw_below(stream, 4) != 0)
        return bytes;
    return 1 + weir__sim_draw_below(stream, bytes - 1);
}

static size_t arrived_bytes(const struct weir__sim_flow *flow, size_t enough) {
    size_t bytes = 0;
    for (const struct weir__sim_segment *s = flow->arrived.first; s != NULL && bytes < enough; s = s->next)
        bytes += s->bytes - s->taken;
    return bytes < enough ? bytes : enough;
}

static void take_bytes(struct weir__sim *sim, struct weir__sim_end *end, char *buf, size_t bytes) {
    struct weir__sim_flow *in = &weir__sim_end_other(end)->out;

    while (bytes > 0) {
        struct weir__sim_segment *segment = in->arrived.first;
        size_t left = segment->bytes - segment->taken;
        size_t some = left < bytes ? left : bytes;
        memcpy(buf, data_of(segment) + segment->taken, some);
        segment->taken += some;
        buf += some;
        bytes -= some;
        if (segment->taken == segment->bytes)
            send_acknowledgement(sim, end, take_first(&in->arrived));
    }
}

bool weir__sim_end_try_read(struct weir__sim *sim, struct weir__sim_end *end, struct weir__op *op) {
    const struct weir__sim_flow *in = &weir__sim_end_other(end)->out;
    bool is_over = end->error != 0 || end->saw_end || end->is_reset;

    if (in->arrived.first == NULL && !is_over)
        return false;
    if (op->kind == WEIR__OP_READY)
        return end_now(op, 0);
    if (in->arrived.first != NULL) {
        size_t bytes = portion(sim, arrived_bytes(in, op->u.read.bytes));
        take_bytes(sim, end, op->u.read.buf, bytes);
        return end_now(op, (int)bytes);
    }
    if (end->saw_end)
        return end_now(op, 0); /* a reset behind the end concerns writes alone */
    int error = end->error;    /* 0: told already; the end, from now on */
    end->error = 0;
    return end_now(op, -error);
}

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* The next bytes of an array of pieces. */
struct source {
    const struct iovec *piece;
    size_t offset;
};

static void copy_from(struct source *source, char *out, size_t bytes) {
    while (bytes > 0) {
        size_t left = source->piece->iov_len - source->offset;
        size_t some = left < bytes ? left : bytes;
        if (some > 0)
            memcpy(out, (const char *)source->piece->iov_base + source->offset, some);
        out += some;
        bytes -= some;
        source->offset += some;
        if (source->offset == source->piece->iov_len)
            *source = (struct source){source->piece + 1, 0};
    }
}

static size_t send_bytes(struct weir__sim *sim, struct weir__sim_end *end, struct source source, size_t bytes) {
    size_t sent = 0;

    while (sent < bytes) {
        size_t some = bytes - sent < SEGMENT_BYTES_MAX ? bytes - sent : SEGMENT_BYTES_MAX;
        struct weir__sim_segment *segment = malloc(sizeof *segment + some);
        if (segment == NULL)
            break;
        *segment = (struct weir__sim_segment){.bytes = some};
        copy_from(&source, data_of(segment), some);
        end->out.held_bytes += some;
        weir__sim_flow_send(sim, end, segment, WEIR__SIM_DATA, 0);
        sent += some;
    }
    return sent;
}

static int write_error(struct weir__sim_end *end) {
    int error = end->error;
    if (error == 0 && (end->is_reset || end->is_finished))
        return EPIPE;
    if (error == 0 && weir__sim_connection_of(end)->is_local && !weir__sim_end_other(end)->is_owned)
        return EPIPE; /* a Unix socket knows at once */
    end->error = 0;
    return error;
}

bool weir__sim_end_try_write(struct weir__sim *sim, struct weir__sim_end *end, struct weir__op *op) {
    size_t room = end->out.capacity_bytes - end->out.held_bytes, wanted = 0;

    int error = write_error(end);
    if (error != 0)
        return end_now(op, -error);
    if (room == 0)
        return false;
    for (int i = 0; i < op->u.write.count && wanted < room; i++)
        wanted += op->u.write.pieces[i].iov_len;
    size_t sent =
        send_bytes(sim, end, (struct source){op->u.write.pieces, 0}, portion(sim, wanted < room ? wanted : room));
    return end_now(op, sent > 0 ? (int)sent : -ENOBUFS);
}

/* ---- Both -------------------------------------------------------------------------------------------------------- */

void weir__sim_end_retry(struct weir__sim *sim, struct weir__sim_end *end) {
    struct weir__op *reader = end->reader, *writer = end->writer;

    if (reader != NULL && weir__sim_end_try_read(sim, end, reader)) {
        end->reader = NULL;
        weir__sim_end_op(sim, reader, reader->result);
    }
    if (writer != NULL && writer->kind == WEIR__OP_WRITE && weir__sim_end_try_write(sim, end, writer)) {
        end->writer = NULL;
        weir__sim_end_op(sim, writer, writer->result);
    }
}

void weir__sim_end_reset(struct weir__sim *sim, struct weir__sim_end *end) {
    if (end->is_reset)
        return;
    end->is_reset = true;
    weir__sim_flow_send(sim, end, &end->out.reset, WEIR__SIM_RESET, 0);
}
