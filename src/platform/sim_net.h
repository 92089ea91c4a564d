/* SPDX-License-Identifier: MIT */
/* sim_net.h: what a simulated connection is made of.
 *
 * A connection has two ends, and each end one flow: what it sends to the other. Everything that passes is a segment,
 * from the request to connect to the reset, and the segments of a flow arrive in the order in which they were sent,
 * each after a latency of its own. Bytes count against the flow's capacity until they have been read and the
 * acknowledgement has come back; so a reader that is slow, or far away, holds the writer up. */
#ifndef WEIR_SRC_PLATFORM_SIM_NET_H
#define WEIR_SRC_PLATFORM_SIM_NET_H

#include "platform/sim.h"

enum weir__sim_segment_kind {
    WEIR__SIM_OPEN,     /* to the listener: may I? */
    WEIR__SIM_ACCEPTED, /* from it: yes, or ... */
    WEIR__SIM_REFUSED,  /* ... no, for `error` */
    WEIR__SIM_DATA,
    WEIR__SIM_END,
    WEIR__SIM_RESET,
};

struct weir__sim_segment {
    struct weir__sim_segment *next;
    int64_t at_ns; /* when it is there */
    enum weir__sim_segment_kind kind;
    int error;
    size_t bytes, taken; /* of DATA: how many follow this struct, and how many of them have been read */
};

struct weir__sim_segments {
    struct weir__sim_segment *first, *last;
};

struct weir__sim_flow {
    struct weir__sim_segments flying, arrived, acknowledging; /* the way of a DATA; others only fly */
    struct weir__sim_event arrival, acknowledgement;          /* of the first that is under way */
    int64_t last_arrival_ns, last_acknowledgement_ns;         /* nothing overtakes */
    size_t held_bytes, capacity_bytes;
    struct weir__sim_segment handshake, end, reset; /* these cannot fail for want of memory */
};

/** A handle: an end or a listener. */
struct weir__sim_handle {
    struct weir__handle base;
    bool is_listener;
    struct weir__address address;
};

struct weir__sim_end {
    struct weir__sim_handle handle;
    struct weir__sim_flow out;
    struct weir__op *reader; /* READ or READY that waits */
    struct weir__op *writer; /* WRITE or CONNECT that waits */
    int error;               /* to be told by the next read or write, once */
    bool is_server;          /* ends[1] of its connection */
    bool is_owned;           /* by the program or by a listener's line */
    bool is_finished;        /* has sent END */
    bool is_reset;           /* has sent or received RESET: nothing passes any more */
    bool aborts;             /* its close sends RESET */
    bool saw_end;
};

/** Lives until neither end is owned. */
struct weir__sim_connection {
    struct weir__sim_end ends[2];      /* the one that connects, the one that listens */
    bool is_local;                     /* a Unix socket: no latency */
    unsigned tries;                    /* OPENs that found the line full */
    struct weir__sim_connection *next; /* in a listener's line */
};

struct weir__sim_listener {
    struct weir__sim_handle handle;
    struct weir__sim_listener *next; /* of the world's */
    struct weir__sim_connection *first, *last;
    unsigned waiting; /* connections in line */
    struct weir__op_line accepts;
    struct weir__sim_event meeting; /* ACCEPTs meet connections */
};

/* ---- Flows (sim_flow.c) -------------------------------------------------------------------------------------------
 */

struct weir__sim_connection *weir__sim_connection_of(struct weir__sim_end *end);
struct weir__sim_end *weir__sim_end_other(struct weir__sim_end *end);

/** Ready a flow, with a capacity of the seed's. */
void weir__sim_flow_init(struct weir__sim *sim, struct weir__sim_flow *flow);
void weir__sim_flow_done(struct weir__sim *sim, struct weir__sim_flow *flow);

/** Send one of a flow's own segments, `later_ns` after what the latency alone would make. */
void weir__sim_flow_send(struct weir__sim *sim, struct weir__sim_end *from, struct weir__sim_segment *segment,
                         enum weir__sim_segment_kind kind, int64_t later_ns);

/** Attempts, as those of the epoll platform: false when the op has to wait. */
bool weir__sim_end_try_read(struct weir__sim *sim, struct weir__sim_end *end, struct weir__op *op);
bool weir__sim_end_try_write(struct weir__sim *sim, struct weir__sim_end *end, struct weir__op *op);

/** Retry the ops that wait on an end. */
void weir__sim_end_retry(struct weir__sim *sim, struct weir__sim_end *end);

/** Send a reset, once. */
void weir__sim_end_reset(struct weir__sim *sim, struct weir__sim_end *end);

/* ---- Connections (sim_net.c) --------------------------------------------------------------------------------------
 */

/** A segment of the handshake is there; the connection may be gone after it. */
void weir__sim_net_handshake(struct weir__sim *sim, struct weir__sim_end *to, const struct weir__sim_segment *segment);

#endif
