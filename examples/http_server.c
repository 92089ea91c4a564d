/* SPDX-License-Identifier: MIT */
/* An HTTP server: a JSON endpoint with a path parameter, an upload that is read as it comes, a download that is written
 * as it goes, a form with a file, and a folder of files.
 *
 * Ctrl-C drains it: requests under way are answered, idle clients are left, and the exit status is 0.
 *
 *     http_server [ADDRESS [FOLDER]]        127.0.0.1:8000; port 0 takes a free one; FOLDER is served at /files/ */
#include <weir/weir.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JSON "application/json"

enum { PRODUCTS = 100 };

struct shop {
    long stock[PRODUCTS];
    weir_http_counters counters;
};

static int find(struct shop *shop, const char *id, long **ret_stock) {
    char *end;
    long n = strtol(id, &end, 10);

    if (end == id || *end != '\0' || n < 0 || n >= PRODUCTS)
        return -ENOENT;
    *ret_stock = &shop->stock[n];
    return 0;
}

static int no_such_product(weir_http_reply *reply) {
    return weir_http_reply_send(reply, 404, "text/plain", "no such product\n", 16);
}

/* GET /api/products/{id} */
static int get_product(weir_http_request *request, weir_http_reply *reply, void *arg) {
    long *stock;

    if (find(arg, weir_http_request_param(request, "id"), &stock) < 0)
        return no_such_product(reply);
    return weir_http_reply_printf(reply, 200, JSON, "{\"stock\":%ld}\n", *stock);
}

/* PUT /api/products/{id}/picture: never more than a buffer of it in memory */
static int put_picture(weir_http_request *request, weir_http_reply *reply, void *arg) {
    char buf[8192];
    uint64_t bytes = 0;
    long *stock;
    int n;

    if (find(arg, weir_http_request_param(request, "id"), &stock) < 0)
        return no_such_product(reply);
    while ((n = weir_http_request_read_some(request, buf, sizeof buf)) > 0)
        bytes += (uint64_t)n;
    if (n < 0)
        return n; /* 413 when it was too long */
    return weir_http_reply_printf(reply, 200, JSON, "{\"bytes\":%llu}\n", (unsigned long long)bytes);
}

/* GET /api/stock.csv: the client's pace is ours */
static int get_stock(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const struct shop *shop = arg;
    const char *times = weir_http_request_query(request, "times"); /* as often as that */
    long rounds = times != NULL ? strtol(times, NULL, 10) : 1;
    char line[64];

    weir_http_reply_set_header(reply, "Content-Type", "text/csv");
    for (long i = 0; i < rounds * PRODUCTS; i++) {
        int n = snprintf(line, sizeof line, "%ld,%ld\r\n", i % PRODUCTS, shop->stock[i % PRODUCTS]);
        int rc = weir_http_reply_write(reply, line, (size_t)n);
        if (rc < 0)
            return rc;
    }
    return 0;
}

/* POST /sell: what a browser sends for <form method="post" enctype="multipart/form-data"> */
static int sell(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const char *title = "";
    uint64_t picture_bytes = 0;
    weir_http_multipart *multipart;
    weir_http_part part;
    char buf[8192];
    (void)arg;

    int rc = weir_http_multipart_open(&multipart, request), n = 0;
    if (rc < 0)
        return rc;
    while ((rc = weir_http_multipart_next(multipart, &part)) > 0) {
        if (strcmp(part.name, "title") == 0)
            n = weir_http_multipart_read_all(multipart, 200, &title, NULL);
        else if (strcmp(part.name, "picture") == 0)
            while ((n = weir_http_multipart_read_some(multipart, buf, sizeof buf)) > 0)
                picture_bytes += (uint64_t)n;
        if (n < 0)
            return n;
    }
    if (rc < 0)
        return rc;
    return weir_http_reply_printf(reply, 201, "text/plain", "%s: a picture of %llu bytes\n", title,
                                  (unsigned long long)picture_bytes);
}

/* GET /slow: so that something can be under way when Ctrl-C comes */
static int slow(weir_http_request *request, weir_http_reply *reply, void *arg) {
    int rc = weir_sleep(500 * WEIR_MS);
    (void)request;
    (void)arg;
    return rc < 0 ? rc : weir_http_reply_send(reply, 200, "text/plain", "done\n", 5);
}

/* GET /metrics */
static int metrics(weir_http_request *request, weir_http_reply *reply, void *arg) {
    const weir_http_counters *counters = &((const struct shop *)arg)->counters;
    (void)request;
    return weir_http_reply_printf(reply, 200, "text/plain", "requests %llu\nconnections_open %llu\n",
                                  (unsigned long long)counters->requests,
                                  (unsigned long long)counters->connections_open);
}

static void add_routes(weir_http_router *router, struct shop *shop, const char *folder) {
    weir_http_route_options large = {.size_bytes = sizeof large, .body_bytes_max = 5 << 20};

    /* A route that is wrong is what weir_http_serve returns, so none of these needs a test. */
    weir_http_router_add(router, "GET", "/api/products/{id}", get_product, shop);
    weir_http_router_add_with(router, "PUT", "/api/products/{id}/picture", put_picture, shop, &large);
    weir_http_router_add(router, "GET", "/api/stock.csv", get_stock, shop);
    weir_http_router_add_with(router, "POST", "/sell", sell, shop, &large);
    weir_http_router_add(router, "GET", "/slow", slow, shop);
    weir_http_router_add(router, "GET", "/metrics", metrics, shop);
    if (folder != NULL)
        weir_http_router_add_files(router, "/files/{path...}", folder, NULL);
}

static int main_task(void *arg) {
    static struct shop shop;
    char **arguments = arg;
    const char *address = arguments[1] != NULL ? arguments[1] : "127.0.0.1:8000";
    weir_http_options options = {.size_bytes = sizeof options, .counters = &shop.counters};
    weir_http_router *router = NULL;
    weir_listener *listener = NULL;

    for (long i = 0; i < PRODUCTS; i++)
        shop.stock[i] = i * 7 % 30;
    int rc = weir_tcp_listen(&listener, address);
    if (rc < 0)
        goto out;
    rc = weir_http_router_new(&router);
    if (rc < 0)
        goto out;
    add_routes(router, &shop, arguments[1] != NULL ? arguments[2] : NULL);
    printf("listening on %s\n", weir_listener_address(listener));
    fflush(stdout); /* whoever started us with a pipe waits for this line */
    rc = weir_http_serve(listener, router, &options);
out:
    weir_http_router_free(router);
    weir_listener_free(listener);
    return rc;
}

int main(int argc, char **argv) {
    weir_run_options options = {.size_bytes = sizeof options, .stop_on_signals = true};
    (void)argc;

    int rc = weir_run(main_task, argv, &options);
    if (rc < 0)
        fprintf(stderr, "http_server: %s\n", weir_error_text(rc));
    return rc < 0;
}
