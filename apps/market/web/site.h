/* SPDX-License-Identifier: MIT */
/* site.h: what all exchanges of one server share. Owned by the task that serves; one loop, so nothing is locked. */
#ifndef MARKET_WEB_SITE_H
#define MARKET_WEB_SITE_H

#include "market/auth.h"
#include "market/store.h"
#include "market/web/access_log.h"
#include "market/web/metrics.h"
#include "weir/event.h"
#include "weir/http_server.h"
#include "weir/semaphore.h"

struct route;

#define SITE_ROUTES_MAX 64
#define SITE_UPLOADS_MAX 16

struct site {
    struct store *store;
    struct auth *auth;
    const char *origin;     /* as visitors see it, "https://shop.example"; NULL: http, at whatever Host says */
    struct access_log *log; /* NULL: none */
    struct metrics metrics;
    weir_http_counters http;
    weir_event draining;    /* set once no new connection is taken */
    weir_semaphore uploads; /* pictures that may be held in memory at once */
    struct site_route {     /* what the router hands to each handler */
        struct site *site;
        const struct route *route;
    } routes[SITE_ROUTES_MAX];
};

/** Whether visitors come over TLS, so that cookies may insist on it. */
bool site_is_secure(const struct site *site);

/** Whether `origin` (an Origin header) is this site's own, as the request's Host names it. Either may be NULL: false.
 */
bool site_is_own_origin(const struct site *site, const char *origin, const char *host);

/** Count what became of an order. @param rc  of store_order_place @param again  it was made before */
void site_count_order(struct site *site, int rc, bool again);

#endif
