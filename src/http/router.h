/* SPDX-License-Identifier: MIT */
/* router.h: which route answers a method and a path. */
#ifndef WEIR_SRC_HTTP_ROUTER_H
#define WEIR_SRC_HTTP_ROUTER_H

#include "http/chars.h"
#include "http/method.h"
#include "weir/http_server.h"

enum { WEIR__ROUTE_SEGMENTS_MAX = 32, WEIR__ROUTE_PARAMETERS_MAX = 8 };

/** What was added for one method and path. */
struct weir__route {
    struct weir__route *next; /* of the same path */
    enum weir__http_method method;
    weir_http_fn *fn;
    void *arg;
    void (*arg_free)(void *arg); /* NULL: it is the program's */
    uint64_t body_bytes_max;     /* 0: the server's */
    weir_duration request_time;  /* 0: the server's */
    unsigned parameters;
    char *names[WEIR__ROUTE_PARAMETERS_MAX];
};

/** What a path led to. */
struct weir__route_match {
    const struct weir__route *route; /* NULL: none has the method */
    uint32_t allow;                  /* methods that the path has, a bit each; 0: there is no such path */
    unsigned parameters;
    struct weir__span values[WEIR__ROUTE_PARAMETERS_MAX]; /* as they came, not decoded */
};

/** @param path  begins with '/' or is "*"; its escapes are good */
void weir__router_match(const weir_http_router *router, enum weir__http_method method, struct weir__span path,
                        bool path_is_escaped, struct weir__route_match *ret_match);

/** As weir_http_router_add_with, with an argument that the router frees, here also on failure. */
int weir__router_add(weir_http_router *router, const char *method, const char *path, weir_http_fn *fn, void *arg,
                     void (*arg_free)(void *arg), const weir_http_route_options *options);

/** Record a failure to add, and return it. */
int weir__router_fail(weir_http_router *router, int code, const char *method, const char *path, const char *why);

/** The first failure to add, with its text as the task's detail; 0. */
int weir__router_check(const weir_http_router *router);

/** "GET, HEAD, OPTIONS" for a set of methods. `text` has room for all methods. */
enum { WEIR__ALLOW_BYTES = 256 };
void weir__allow_text(uint32_t allow, char ret_text[WEIR__ALLOW_BYTES]);

#endif
