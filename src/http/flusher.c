/* SPDX-License-Identifier: MIT */
/* flusher.c: answers are gathered so that they leave together, but none must stay behind because a later handler waits.
 *
 * A connection that has put something and goes on is on the list of unsent ones; it takes itself off when it has sent.
 * The flusher is a task: it runs only once the connection's task has parked (or ended its turn). Whoever is still on
 * the list by then waits in a handler, and gets a writer: a task in the connection's own group, since a write may wait.
 * The common request, answered and sent in one turn, pays for two list operations. */
#include "http/connection.h"

#include "weir/scope.h"
#include "weir/task.h"

/* The writer's task. Its failure is the connection's, to be met there. */
static int write_unsent(void *arg) {
    struct weir__http_connection *connection = arg;
    struct weir__http_output *output = &connection->output;

    (void)weir__http_output_write(connection, NULL, 0);
    output->is_writing = false;
    weir_event_set(&output->written);
    return 0;
}

static void start_writer(struct weir__http_connection *connection) {
    struct weir__http_output *output = &connection->output;

    if (output->is_writing || output->begin == output->end || output->failure < 0)
        return;
    weir_event_init(&output->written);
    /* Without memory for a task it leaves later, by the connection's own hand. */
    output->is_writing = weir_spawn(connection->group, write_unsent, connection, NULL) == 0;
}

static void serve_list(struct weir__http_flusher *flusher) {
    struct weir__link *link;

    while ((link = weir__list_take_first(&flusher->unsent)) != NULL)
        start_writer(WEIR__CONTAINER(link, struct weir__http_connection, output.unsent));
    flusher->is_rung = false;
}

void weir__http_flusher_init(struct weir__http_flusher *flusher) {
    weir__list_init(&flusher->unsent);
    weir_semaphore_init(&flusher->bell, 0);
    flusher->is_rung = flusher->is_over = false;
}

static int serve_bell(struct weir__http_flusher *flusher) {
    int rc = 0;

    while (rc == 0 && !flusher->is_over) {
        rc = weir_semaphore_acquire(&flusher->bell, 1);
        if (rc == 0)
            serve_list(flusher);
    }
    return rc;
}

int weir__http_flusher_run(void *arg) {
    struct weir__http_server *server = arg;
    weir_scope shield;
    int rc = serve_bell(&server->flusher);

    if (rc == 0 || server->flusher.is_over)
        return rc;
    /* The server was cancelled: connections drain, and still want what they answer to be sent. */
    weir_scope_open_shield(&shield, weir_after(WEIR_HOUR));
    rc = serve_bell(&server->flusher);
    return weir_scope_close(&shield, rc);
}

void weir__http_flusher_end(struct weir__http_flusher *flusher) {
    flusher->is_over = true;
    weir_semaphore_release(&flusher->bell, 1);
}

void weir__http_flusher_tell(struct weir__http_connection *connection) {
    struct weir__http_flusher *flusher = &connection->server->flusher;

    if (weir__link_is_on(&connection->output.unsent))
        return;
    weir__list_append(&flusher->unsent, &connection->output.unsent);
    if (!flusher->is_rung) {
        flusher->is_rung = true;
        weir_semaphore_release(&flusher->bell, 1);
    }
}
