/* SPDX-License-Identifier: MIT */
/* route.h: which handler answers what, and the one function through which all of them run. */
#ifndef MARKET_WEB_ROUTE_H
#define MARKET_WEB_ROUTE_H

#include "market/web/exchange.h"

struct route {
    const char *method, *path;
    handler_fn *fn;
    uint64_t body_bytes_max; /* 0: EXCHANGE_BODY_BYTES_MAX */
    weir_duration time;      /* 0: the server's deadline for a request */
};

/**
 * Add every route of market to the router.
 * @param site  borrowed while it serves
 * What weir_http_router_add refuses is reported by weir_http_serve.
 */
void routes_add(weir_http_router *router, struct site *site);

/** Add these; at most SITE_ROUTES_MAX. */
void routes_bind(weir_http_router *router, struct site *site, const struct route *routes, size_t count);

/** weir_http_options.on_error: what the server refuses by itself, and what no handler could answer. @param arg  the
 * site */
int route_refuse(weir_http_request *request, weir_http_reply *reply, int status, int code, void *arg);

#endif
