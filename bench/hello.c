/* SPDX-License-Identifier: MIT */
/* hello.c: `GET /` gives 13 bytes, through parser, router and handler.   hello --port PORT */
#include <weir/weir.h>

#include <stdio.h>
#include <string.h>

static int hello(weir_http_request *request, weir_http_reply *reply, void *arg) {
    (void)request;
    (void)arg;
    return weir_http_reply_send(reply, 200, "text/plain", "Hello, World!", 13);
}

static int main_task(void *arg) {
    weir_http_router *router = NULL;
    weir_listener *listener = NULL;
    int rc = weir_tcp_listen(&listener, arg);

    if (rc == 0)
        rc = weir_http_router_new(&router);
    if (rc == 0) {
        weir_http_router_add(router, "GET", "/", hello, NULL);
        rc = weir_http_serve(listener, router, NULL);
    }
    weir_http_router_free(router);
    weir_listener_free(listener);
    return rc;
}

int main(int argc, char **argv) {
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};
    char address[32];

    if (argc != 3 || strcmp(argv[1], "--port") != 0) {
        fputs("usage: hello --port PORT\n", stderr);
        return 2;
    }
    snprintf(address, sizeof address, "127.0.0.1:%s", argv[2]);
    int rc = weir_run(main_task, address, &options);
    if (rc < 0)
        fprintf(stderr, "hello: %s\n", weir_error_text(rc));
    return rc < 0;
}
