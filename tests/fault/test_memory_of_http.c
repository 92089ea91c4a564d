/* SPDX-License-Identifier: MIT */
/* test_memory_of_http.c: each allocation of an HTTP server and of a busy client fails once. */
#include "memory.h"
#include "support/test.h"
#include "weir/weir.h"

#include <string.h>

static int page(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = weir_http_reply_check_etag(reply, "\"1\"");
    (void)arg;
    if (rc != 0)
        return rc;
    weir_http_reply_set_cookie(reply, "a", "1", NULL);
    weir_http_request_query(request, "q");
    weir_http_request_cookie(request, "c");
    return weir_http_reply_printf(reply, 200, "text/plain", "%s", weir_http_request_param(request, "id"));
}

static int echo(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *body;
    size_t bytes;
    int rc = weir_http_request_read_all(request, 100000, &body, &bytes);
    (void)arg;
    for (size_t i = 0; i < 3 && rc == 0; i++) {
        rc = weir_http_reply_write(reply, body, bytes);
        if (rc == 0)
            rc = weir_sleep(WEIR_MS); /* a writer is needed */
    }
    return rc;
}

static int form(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const weir_http_fields *fields;
    int rc = weir_http_request_form(request, 1000, &fields);
    (void)arg;
    return rc < 0 ? rc : weir_http_reply_send(reply, 200, NULL, NULL, 0);
}

static int parts(weir_http_request *request, weir_http_reply *reply, void *arg) {
    weir_http_multipart *multipart;
    weir_http_part part;
    const char *text;
    int rc = weir_http_multipart_open(&multipart, request);
    (void)arg;
    if (rc < 0)
        return rc;
    while ((rc = weir_http_multipart_next(multipart, &part)) > 0) {
        rc = weir_http_multipart_read_all(multipart, 10000, &text, NULL);
        if (rc < 0)
            return rc;
    }
    return rc < 0 ? rc : weir_http_reply_send(reply, 200, NULL, NULL, 0);
}

#define REQUESTS                                                                                                       \
    "GET /page/7?q=1&r=2 HTTP/1.1\r\nHost: a\r\nCookie: c=3\r\nX: 1\r\nX: 2\r\n\r\n"                                   \
    "GET /page/%38 HTTP/1.1\r\nHost: a\r\nIf-None-Match: \"1\"\r\n\r\n"                                                \
    "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"                        \
    "POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 7\r\n\r\n"   \
    "a=1&b=2"                                                                                                          \
    "POST /parts HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 64\r\n\r\n"   \
    "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n12345\r\n--B--"                                          \
    "GET /files/nothing HTTP/1.1\r\nHost: a\r\n\r\n"                                                                   \
    "GET /files/tests HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"

struct scene {
    weir_listener *listener;
    weir_http_router *router;
};

static int serve(void *arg) {
    const struct scene *scene = arg;
    weir_http_options options = {.size_bytes = sizeof options, .idle_time = WEIR_SEC};
    return weir_http_serve(scene->listener, scene->router, &options);
}

/* Say all of it, and hear what comes of it. */
static int visit(const struct scene *scene) {
    weir_stream *stream;
    char heard[512];
    int rc = weir_tcp_connect(&stream, weir_listener_address(scene->listener));

    if (rc < 0)
        return rc;
    rc = weir_stream_write_all(stream, REQUESTS, sizeof REQUESTS - 1, NULL);
    while (rc >= 0 && (rc = weir_stream_read_some(stream, heard, sizeof heard)) > 0)
        continue;
    weir_stream_close(stream);
    weir_stream_free(stream);
    return rc;
}

static int play(const struct scene *scene) {
    weir_group group;

    weir_group_open(&group);
    int rc = weir_spawn(&group, serve, (void *)(uintptr_t)scene, NULL);
    for (int i = 0; i < 2 && rc == 0; i++)
        rc = visit(scene);
    weir_group_cancel(&group, "the end");
    return weir_group_close(&group, rc);
}

static int everything(void *arg) {
    struct scene scene = {NULL, NULL};

    (void)arg;
    int rc = weir_tcp_listen(&scene.listener, "127.0.0.1:0");
    if (rc == 0)
        rc = weir_http_router_new(&scene.router);
    if (rc == 0) {
        weir_http_router_add(scene.router, "GET", "/page/{id}", page, NULL);
        weir_http_router_add(scene.router, "POST", "/echo", echo, NULL);
        weir_http_router_add(scene.router, "POST", "/form", form, NULL);
        weir_http_router_add(scene.router, "POST", "/parts", parts, NULL);
        weir_http_router_add_files(scene.router, "/files/{path...}", "/", NULL);
        rc = play(&scene);
    }
    weir_http_router_free(scene.router);
    weir_listener_free(scene.listener);
    return rc;
}

TEST(test_memory_of_http_may_run_out_anywhere_simulated) { memory_fail_each(everything, WEIR_BACKEND_SIM, 40); }

TEST(test_memory_of_http_may_run_out_anywhere_for_real) { memory_fail_each(everything, WEIR_BACKEND_EPOLL, 40); }
