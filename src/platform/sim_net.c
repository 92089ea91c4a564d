/* SPDX-License-Identifier: MIT */
/* sim_net.c: who listens where, and how connections begin and end, in a world of one host: every address is its own.
 * Invariant: no two listeners could both be meant by one address. */
#include "platform/sim_net.h"

#include "base/assert.h"
#include "base/list.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

enum { PORT_FIRST = 32768, PORT_LAST = 60999, TRIES_MAX = 6 };

static struct weir__sim_handle *handle_of(struct weir__handle *handle) {
    return (struct weir__sim_handle *)(void *)handle;
}

static struct weir__sim_listener *listener_of(struct weir__handle *handle) {
    WEIR_ASSERT(handle_of(handle)->is_listener);
    return (struct weir__sim_listener *)(void *)handle;
}

static struct weir__sim_end *end_of(struct weir__handle *handle) {
    WEIR_ASSERT(!handle_of(handle)->is_listener);
    return (struct weir__sim_end *)(void *)handle;
}

/* ---- Addresses --------------------------------------------------------------------------------------------------- */

static sa_family_t family_of(const struct weir__address *address) { return address->u.any.sa_family; }

static in_port_t *port_of(const struct weir__address *address) {
    return family_of(address) == AF_INET ? &((struct sockaddr_in *)(uintptr_t)&address->u)->sin_port
                                         : &((struct sockaddr_in6 *)(uintptr_t)&address->u)->sin6_port;
}

static const struct in6_addr *ip6_of(const struct weir__address *address) {
    return &((const struct sockaddr_in6 *)(const void *)&address->u)->sin6_addr;
}

static in_addr_t ip4_of(const struct weir__address *address) {
    return ((const struct sockaddr_in *)(const void *)&address->u)->sin_addr.s_addr;
}

static bool is_any(const struct weir__address *address) {
    return family_of(address) == AF_INET ? ip4_of(address) == INADDR_ANY : IN6_IS_ADDR_UNSPECIFIED(ip6_of(address));
}

/* Whether what is meant for `target` reaches who listens at `bound`. "[::]" is every address, IPv4's too. */
static bool covers(const struct weir__address *bound, const struct weir__address *target) {
    if (family_of(bound) == AF_UNIX || family_of(target) == AF_UNIX)
        return bound->bytes == target->bytes && memcmp(&bound->u, &target->u, bound->bytes) == 0;
    if (*port_of(bound) != *port_of(target))
        return false;
    if (is_any(bound) && (family_of(bound) == AF_INET6 || family_of(target) == AF_INET))
        return true;
    if (family_of(bound) != family_of(target))
        return false;
    return family_of(bound) == AF_INET ? ip4_of(bound) == ip4_of(target)
                                       : memcmp(ip6_of(bound), ip6_of(target), sizeof(struct in6_addr)) == 0;
}

static struct weir__sim_listener *find_listener(const struct weir__sim *sim, const struct weir__address *target) {
    struct weir__sim_listener *listener = sim->listeners;
    while (listener != NULL && !covers(&listener->handle.address, target))
        listener = listener->next;
    return listener;
}

static bool is_taken(const struct weir__sim *sim, const struct weir__address *address) {
    for (const struct weir__sim_listener *other = sim->listeners; other != NULL; other = other->next)
        if (covers(&other->handle.address, address) || covers(address, &other->handle.address))
            return true;
    return false;
}

static uint16_t next_port(struct weir__sim *sim) {
    sim->last_port =
        sim->last_port < PORT_FIRST || sim->last_port >= PORT_LAST ? PORT_FIRST : (uint16_t)(sim->last_port + 1);
    return sim->last_port;
}

/* ---- Listening --------------------------------------------------------------------------------------------------- */

static int bind_address(struct weir__sim *sim, struct weir__address *address) {
    bool takes_any_port = family_of(address) != AF_UNIX && *port_of(address) == 0;

    if (!takes_any_port)
        return is_taken(sim, address) ? -EADDRINUSE : 0;
    for (int i = PORT_FIRST; i <= PORT_LAST; i++) {
        *port_of(address) = htons(next_port(sim));
        if (!is_taken(sim, address))
            return 0;
    }
    return -EADDRINUSE;
}

static void take_connection(struct weir__sim_listener *listener, struct weir__op *op) {
    struct weir__sim_connection *connection = listener->first;

    listener->first = connection->next;
    listener->waiting--;
    op->result = 0;
    op->u.accept.ret_handle = &connection->ends[1].handle.base;
    if (op->u.accept.ret_peer != NULL)
        *op->u.accept.ret_peer = connection->ends[0].handle.address;
}

static void meeting_happens(struct weir__sim *sim, struct weir__sim_event *event) {
    struct weir__sim_listener *listener = WEIR__CONTAINER(event, struct weir__sim_listener, meeting);
    struct weir__op *op;

    while (listener->first != NULL && (op = listener->accepts.first) != NULL) {
        weir__op_line_remove(&listener->accepts, op);
        take_connection(listener, op);
        weir__sim_end_op(sim, op, op->result);
    }
}

int weir__sim_net_listen(struct weir__platform *base, const struct weir__address *address,
                         struct weir__handle **ret_handle) {
    struct weir__sim *sim = weir__sim_of(base);

    if (family_of(address) != AF_INET && family_of(address) != AF_INET6 && family_of(address) != AF_UNIX)
        return -EAFNOSUPPORT;
    struct weir__sim_listener *listener = calloc(1, sizeof *listener);
    if (listener == NULL)
        return -ENOMEM;

    listener->handle = (struct weir__sim_handle){.base.fd = -1, .is_listener = true, .address = *address};
    listener->meeting.happen = meeting_happens;
    int rc = bind_address(sim, &listener->handle.address);
    if (rc < 0) {
        free(listener);
        return rc;
    }
    listener->next = sim->listeners;
    sim->listeners = listener;
    *ret_handle = &listener->handle.base;
    return 0;
}

void weir__sim_net_local_address(struct weir__handle *handle, struct weir__address *ret_address) {
    *ret_address = handle_of(handle)->address;
}

/* ---- Connections ------------------------------------------------------------------------------------------------- */

static void free_if_unowned(struct weir__sim *sim, struct weir__sim_connection *connection) {
    if (connection->ends[0].is_owned || connection->ends[1].is_owned)
        return;
    weir__sim_flow_done(sim, &connection->ends[0].out);
    weir__sim_flow_done(sim, &connection->ends[1].out);
    free(connection);
}

/* An end is given up. Bytes that nobody has read are a loss which the other end must learn of. */
static void close_end(struct weir__sim *sim, struct weir__sim_end *end) {
    const struct weir__sim_flow *in = &weir__sim_end_other(end)->out;

    if (end->aborts || in->arrived.first != NULL)
        weir__sim_end_reset(sim, end);
    else if (!end->is_finished && !end->is_reset)
        weir__sim_flow_send(sim, end, &end->out.end, WEIR__SIM_END, 0);
    end->is_owned = false;
    free_if_unowned(sim, weir__sim_connection_of(end));
}

static struct weir__sim_connection *new_connection(struct weir__sim *sim, const struct weir__address *target) {
    struct weir__sim_connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return NULL;

    connection->is_local = family_of(target) == AF_UNIX;
    for (int i = 0; i < 2; i++) {
        struct weir__sim_end *end = &connection->ends[i];
        end->handle = (struct weir__sim_handle){.base.fd = -1, .address = *target};
        end->is_server = i == 1;
        weir__sim_flow_init(sim, &end->out);
    }
    connection->ends[0].is_owned = true;
    if (connection->is_local)
        connection->ends[0].handle.address.bytes = sizeof(sa_family_t); /* who connects has no name */
    else
        *port_of(&connection->ends[0].handle.address) = htons(next_port(sim));
    return connection;
}

/* Put a connection in a listener's line. */
static void admit(struct weir__sim *sim, struct weir__sim_listener *listener, struct weir__sim_connection *connection) {
    connection->next = NULL;
    if (listener->first == NULL)
        listener->first = connection;
    else
        listener->last->next = connection;
    listener->last = connection;
    listener->waiting++;
    connection->ends[1].is_owned = true;
    if (!weir__sim_event_is_on(&listener->meeting))
        weir__sim_calendar_add(&sim->calendar, &listener->meeting, weir__sim_now(sim));
}

static void answer(struct weir__sim *sim, struct weir__sim_end *server, int error) {
    struct weir__sim_segment *segment = &server->out.handshake;
    segment->error = error;
    weir__sim_flow_send(sim, server, segment, error == 0 ? WEIR__SIM_ACCEPTED : WEIR__SIM_REFUSED, 0);
}

/* A request to connect is there. A full line drops it, as TCP does, and it comes again later. */
static void take_open(struct weir__sim *sim, struct weir__sim_connection *connection) {
    struct weir__sim_end *client = &connection->ends[0], *server = &connection->ends[1];
    struct weir__sim_listener *listener = find_listener(sim, &server->handle.address);

    if (listener == NULL) {
        answer(sim, server, ECONNREFUSED);
    } else if (listener->waiting < WEIR__BACKLOG) {
        admit(sim, listener, connection);
        answer(sim, server, 0);
    } else if (connection->tries < TRIES_MAX) {
        int64_t later_ns = INT64_C(1000000000) << connection->tries++;
        weir__sim_flow_send(sim, client, &client->out.handshake, WEIR__SIM_OPEN, later_ns);
    } else {
        answer(sim, server, ETIMEDOUT);
    }
}

void weir__sim_net_handshake(struct weir__sim *sim, struct weir__sim_end *to, const struct weir__sim_segment *segment) {
    struct weir__sim_connection *connection = weir__sim_connection_of(to);
    struct weir__op *connect = connection->ends[0].writer;

    if (segment->kind == WEIR__SIM_OPEN) {
        take_open(sim, connection);
        return;
    }
    if (!to->is_owned)
        return; /* whoever asked has gone; the reset that it sent is under way */
    to->writer = NULL;
    if (segment->kind == WEIR__SIM_ACCEPTED) {
        connect->u.connect.ret_handle = &to->handle.base;
        weir__sim_end_op(sim, connect, 0);
    } else {
        weir__sim_end_op(sim, connect, -segment->error);
        to->is_owned = false;
        free_if_unowned(sim, connection);
    }
}

static bool end_now(struct weir__op *op, int result) {
    op->result = result;
    return true;
}

static bool start_connect(struct weir__sim *sim, struct weir__op *op) {
    const struct weir__address *target = op->u.connect.address;
    bool is_local = family_of(target) == AF_UNIX;
    struct weir__sim_listener *listener = is_local ? find_listener(sim, target) : NULL;

    if (is_local && listener == NULL) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)(const void *)&target->u;
        return end_now(op, un->sun_path[0] == '\0' ? -ECONNREFUSED : -ENOENT);
    }
    if (is_local && listener->waiting >= WEIR__BACKLOG)
        return end_now(op, -EAGAIN);
    struct weir__sim_connection *connection = new_connection(sim, target);
    if (connection == NULL)
        return end_now(op, -ENOMEM);

    struct weir__sim_end *client = &connection->ends[0];
    if (is_local) {
        admit(sim, listener, connection);
        op->u.connect.ret_handle = &client->handle.base;
        return end_now(op, 0);
    }
    op->handle = &client->handle.base;
    op->result = WEIR__OP_PENDING;
    client->writer = op;
    weir__sim_flow_send(sim, client, &client->out.handshake, WEIR__SIM_OPEN, 0);
    return false;
}

/* Whoever asked has lost interest. Its end is reset, if there is another by now. */
static void cancel_connect(struct weir__sim *sim, struct weir__sim_end *client) {
    client->writer = NULL;
    client->aborts = true;
    if (weir__sim_end_other(client)->is_owned) {
        close_end(sim, client);
        return;
    }
    client->is_owned = false;
    free_if_unowned(sim, weir__sim_connection_of(client));
}

/* ---- The table's functions --------------------------------------------------------------------------------------- */

int weir__sim_net_shutdown_write(struct weir__platform *base, struct weir__handle *handle) {
    struct weir__sim_end *end = end_of(handle);

    if (end->is_reset)
        return -ENOTCONN;
    if (!end->is_finished)
        weir__sim_flow_send(weir__sim_of(base), end, &end->out.end, WEIR__SIM_END, 0);
    end->is_finished = true;
    return 0;
}

void weir__sim_net_set_abort(struct weir__platform *base, struct weir__handle *handle) {
    (void)base;
    end_of(handle)->aborts = !weir__sim_connection_of(end_of(handle))->is_local; /* Unix sockets cannot */
}

static void close_listener(struct weir__sim *sim, struct weir__sim_listener *listener) {
    struct weir__sim_listener **place = &sim->listeners;

    WEIR_ASSERT(listener->accepts.first == NULL);
    while (*place != listener)
        place = &(*place)->next;
    *place = listener->next;
    while (listener->first != NULL) {
        struct weir__sim_connection *connection = listener->first;
        listener->first = connection->next;
        connection->ends[1].aborts = true;
        close_end(sim, &connection->ends[1]);
    }
    weir__sim_calendar_remove(&sim->calendar, &listener->meeting);
    free(listener);
}

void weir__sim_net_close(struct weir__platform *base, struct weir__handle *handle) {
    if (handle_of(handle)->is_listener) {
        close_listener(weir__sim_of(base), listener_of(handle));
        return;
    }
    WEIR_ASSERT(end_of(handle)->reader == NULL && end_of(handle)->writer == NULL);
    close_end(weir__sim_of(base), end_of(handle));
}

/* Keep an op until something happens to its end. */
static bool wait_at(struct weir__op **place, struct weir__op *op) {
    op->result = WEIR__OP_PENDING;
    *place = op;
    return false;
}

static bool start_accept(struct weir__sim_listener *listener, struct weir__op *op) {
    if (listener->first != NULL && listener->accepts.first == NULL) {
        take_connection(listener, op);
        return true;
    }
    op->result = WEIR__OP_PENDING;
    weir__op_line_append(&listener->accepts, op);
    return false;
}

bool weir__sim_net_start(struct weir__sim *sim, struct weir__op *op) {
    struct weir__sim_end *end;

    switch (op->kind) {
    case WEIR__OP_READ:
    case WEIR__OP_READY:
        end = end_of(op->handle);
        WEIR_ASSERT(end->reader == NULL);
        return weir__sim_end_try_read(sim, end, op) || wait_at(&end->reader, op);
    case WEIR__OP_WRITE:
        end = end_of(op->handle);
        WEIR_ASSERT(end->writer == NULL);
        return weir__sim_end_try_write(sim, end, op) || wait_at(&end->writer, op);
    case WEIR__OP_ACCEPT:
        return start_accept(listener_of(op->handle), op);
    case WEIR__OP_CONNECT:
        return start_connect(sim, op);
    case WEIR__OP_POLL:
        break;
    }
    WEIR_MISUSE("an operation of kind %d", (int)op->kind);
}

void weir__sim_net_cancel(struct weir__sim *sim, struct weir__op *op) {
    if (op->kind == WEIR__OP_ACCEPT)
        weir__op_line_remove(&listener_of(op->handle)->accepts, op);
    else if (op->kind == WEIR__OP_CONNECT)
        cancel_connect(sim, end_of(op->handle));
    else if (end_of(op->handle)->reader == op)
        end_of(op->handle)->reader = NULL;
    else
        end_of(op->handle)->writer = NULL;
}
