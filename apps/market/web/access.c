/* SPDX-License-Identifier: MIT */
/* access.c: sessions and origins. Invariant: x->user is set only from a token that the database knows. */
#include "market/web/access.h"

#include "market/web/failure.h"
#include "market/web/site.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum carrier { CARRIER_NONE, CARRIER_BEARER, CARRIER_COOKIE };

/* The token of the request, and how it came. */
static enum carrier read_token(weir_http_request *request, char token[AUTH_TOKEN_BYTES]) {
    const char *header = weir_http_request_header(request, "Authorization");

    if (header != NULL) {
        if (strncasecmp(header, "Bearer ", 7) != 0)
            return CARRIER_NONE;
        header += 7 + strspn(header + 7, " ");
        if (strlen(header) >= AUTH_TOKEN_BYTES)
            return CARRIER_NONE;
        memcpy(token, header, strlen(header) + 1);
        return CARRIER_BEARER;
    }
    const char *cookie = weir_http_request_cookie(request, "session");
    if (cookie == NULL || strlen(cookie) >= AUTH_TOKEN_BYTES)
        return CARRIER_NONE;
    memcpy(token, cookie, strlen(cookie) + 1);
    return CARRIER_COOKIE;
}

int access_look(struct exchange *x) {
    char token[AUTH_TOKEN_BYTES] = "";

    if (x->user != NULL || read_token(x->request, token) == CARRIER_NONE)
        return 0;
    int rc = auth_find(x->site->auth, token, &x->user);
    if (rc == -MARKET_EBAD_LOGIN)
        return 0;
    if (rc < 0)
        return rc;
    memcpy(x->token, token, sizeof x->token);
    x->private = true;
    return 0;
}

int access_need_user(struct exchange *x) {
    int rc = access_look(x);
    if (rc < 0)
        return rc;
    if (x->user == NULL)
        return weir_fail(-WEB_ELOGIN_REQUIRED, "send `Authorization: Bearer TOKEN` with a token of POST /api/sessions");
    return 0;
}

int access_check_origin(struct exchange *x) {
    const char *origin = weir_http_request_header(x->request, "Origin");
    const char *site = weir_http_request_header(x->request, "Sec-Fetch-Site");
    bool is_own = site_is_own_origin(x->site, origin, weir_http_request_host(x->request));

    if (site != NULL && strcmp(site, "same-origin") != 0)
        is_own = false;
    if (origin == NULL && site != NULL && strcmp(site, "same-origin") == 0)
        is_own = true;
    if (is_own)
        return 0;
    return weir_fail(-WEB_EFOREIGN_ORIGIN, "what changes something on the strength of a cookie needs the Origin of "
                                           "this site");
}

int access_need_writer(struct exchange *x) {
    int rc = access_need_user(x);
    if (rc == 0 && weir_http_request_header(x->request, "Authorization") == NULL)
        rc = access_check_origin(x);
    return rc;
}

const char *access_local_path(const char *path) {
    if (path == NULL || path[0] != '/' || path[1] == '/' || path[1] == '\\' || strlen(path) > 1000)
        return "/";
    for (const char *at = path; *at != '\0'; at++)
        if (*at <= ' ' || *at >= 0x7F)
            return "/";
    return path;
}

const char *access_peer(const struct exchange *x, char *buf, size_t buf_bytes) {
    snprintf(buf, buf_bytes, "%s", weir_http_request_peer(x->request));
    char *port = strrchr(buf, ':');
    if (port != NULL)
        *port = '\0';
    return buf;
}
