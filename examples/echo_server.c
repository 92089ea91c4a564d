/* SPDX-License-Identifier: MIT */
/* A TCP server that says everything back; one task for each connection.
 *
 * Ctrl-C drains it: no new connections, what was read is echoed, clients that say nothing are left at once, and the
 * exit status is 0. A second Ctrl-C ends the process.
 *
 *     echo_server [ADDRESS]        127.0.0.1:7000; port 0 takes a free one */
#include <weir/weir.h>

#include <stdio.h>

static int echo(weir_stream *stream, void *arg) {
    weir_event *draining = arg;
    char buf[4096];

    for (;;) {
        weir_case cases[] = {weir_case_readable(stream), weir_case_event(draining)};
        int rc = weir_select(cases, 2);
        if (rc < 0)
            return rc;
        if (rc == 1)
            return 0; /* draining, and this client is idle */

        int n = weir_stream_read_some(stream, buf, sizeof buf);
        if (n <= 0)
            return n;                                             /* 0: the client is done */
        rc = weir_stream_write_all(stream, buf, (size_t)n, NULL); /* waits while the client does not read */
        if (rc < 0)
            return rc;
    }
}

static int main_task(void *arg) {
    weir_listener *listener;
    weir_event draining;
    weir_serve_options options = {.size_bytes = sizeof options, .drain = 3 * WEIR_SEC, .draining = &draining};

    int rc = weir_tcp_listen(&listener, arg);
    if (rc < 0)
        return rc;
    printf("listening on %s\n", weir_listener_address(listener));
    fflush(stdout); /* whoever started us with a pipe waits for this line */

    weir_event_init(&draining);
    rc = weir_serve(listener, echo, &draining, &options);
    weir_event_done(&draining);
    weir_listener_free(listener);
    return rc;
}

int main(int argc, char **argv) {
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};

    int rc = weir_run(main_task, argc > 1 ? argv[1] : "127.0.0.1:7000", &options);
    if (rc < 0)
        fprintf(stderr, "echo_server: %s\n", weir_error_text(rc));
    return rc < 0;
}
