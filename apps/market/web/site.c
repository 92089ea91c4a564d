/* SPDX-License-Identifier: MIT */
/* site.c: what the site knows of its own address. */
#include "market/web/site.h"

#include <string.h>
#include <strings.h>

bool site_is_secure(const struct site *site) {
    return site->origin != NULL && strncasecmp(site->origin, "https://", 8) == 0;
}

bool site_is_own_origin(const struct site *site, const char *origin, const char *host) {
    if (origin == NULL)
        return false;
    if (site->origin != NULL)
        return strcasecmp(origin, site->origin) == 0;
    return host != NULL && *host != '\0' && strncasecmp(origin, "http://", 7) == 0 && strcasecmp(origin + 7, host) == 0;
}

void site_count_order(struct site *site, int rc, bool again) {
    if (rc == 0 && again)
        site->metrics.orders_repeated++;
    else if (rc == 0)
        site->metrics.orders_placed++;
    else if (rc == -MARKET_EOUT_OF_STOCK)
        site->metrics.orders_refused++;
}
