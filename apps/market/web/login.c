/* SPDX-License-Identifier: MIT */
/* login.c: sessions begin and end here. Invariant: the token leaves in a cookie or a body, never in an address or a
 * log. */
#include "market/web/login.h"

#include "market/web/access.h"
#include "market/web/site.h"

#include <inttypes.h>
#include <stdio.h>

static void tell_when(struct exchange *x, const char *name, const char *peer) {
    weir_duration wait = auth_retry_after(x->site->auth, name, peer);
    char seconds[24];

    snprintf(seconds, sizeof seconds, "%" PRId64, wait / WEIR_SEC + 1);
    weir_http_reply_set_header(x->reply, "Retry-After", seconds);
    x->has_retry_after = true;
    x->site->metrics.logins_limited++;
}

static void keep(struct exchange *x, const struct auth_session *session) {
    x->private = true;
    exchange_set_cookie(x, "session", session->token, session->expires.ns - weir_wall_now().ns);
}

int login_start(struct exchange *x, const char *name, const char *password, struct auth_session **ret_session) {
    struct auth_session *session = NULL;
    char peer[64];

    access_peer(x, peer, sizeof peer);
    int rc = auth_login(x->site->auth, name, password, peer, &session);
    if (rc == -MARKET_EBAD_LOGIN)
        x->site->metrics.logins_failed++;
    if (rc == -MARKET_ETOO_MANY_LOGINS)
        tell_when(x, name, peer);
    if (rc < 0)
        return rc;

    keep(x, session);
    if (ret_session != NULL)
        *ret_session = session;
    else
        market_free(session);
    return 0;
}

int login_register(struct exchange *x, const char *name, const char *password) {
    struct market_user user = {.name = name};
    struct auth_session *session;

    int rc = auth_register(x->site->auth, name, password, &user.id, NULL);
    if (rc == 0)
        rc = auth_open_session(x->site->auth, &user, &session);
    if (rc < 0)
        return rc;
    keep(x, session);
    market_free(session);
    return 0;
}

int login_end(struct exchange *x) {
    int rc = auth_logout(x->site->auth, x->token);
    exchange_set_cookie(x, "session", "", -1);
    return rc;
}
