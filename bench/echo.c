/* SPDX-License-Identifier: MIT */
/* echo.c: sends back what comes.   echo --port PORT */
#include <weir/weir.h>

#include <stdio.h>
#include <string.h>

static int echo(weir_stream *stream, void *arg) {
    char buf[65536];
    int n, rc = 0;
    (void)arg;

    while (rc == 0 && (n = weir_stream_read_some(stream, buf, sizeof buf)) != 0)
        rc = n < 0 ? n : weir_stream_write_all(stream, buf, (size_t)n, NULL);
    return rc;
}

static int main_task(void *arg) {
    weir_listener *listener;
    int rc = weir_tcp_listen(&listener, arg);

    if (rc < 0)
        return rc;
    rc = weir_serve(listener, echo, NULL, NULL);
    weir_listener_free(listener);
    return rc;
}

int main(int argc, char **argv) {
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};
    char address[32];

    if (argc != 3 || strcmp(argv[1], "--port") != 0) {
        fputs("usage: echo --port PORT\n", stderr);
        return 2;
    }
    snprintf(address, sizeof address, "127.0.0.1:%s", argv[2]);
    int rc = weir_run(main_task, address, &options);
    if (rc < 0)
        fprintf(stderr, "echo: %s\n", weir_error_text(rc));
    return rc < 0;
}
