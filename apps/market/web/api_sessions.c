/* SPDX-License-Identifier: MIT */
/* api_sessions.c: POST /api/sessions logs in, DELETE logs out. */
#include "market/web/api.h"

#include "market/web/access.h"
#include "market/web/login.h"

int api_session_create(struct exchange *x) {
    struct json_member members[] = {{.name = "name", .type = JSON_MEMBER_STRING},
                                    {.name = "password", .type = JSON_MEMBER_STRING}};
    struct json_writer json = json_writer_make(&x->out);
    struct auth_session *session = NULL;
    struct json_body body;

    int rc = api_read(x, &body, members, 2);
    if (rc == 0)
        rc = api_need(x, members, 2);
    if (rc == 0)
        rc = login_start(x, members[0].string, members[1].string, &session);
    if (rc < 0)
        goto out;

    json_open(&json, NULL, '{');
    json_put_string(&json, "token", session->token);
    api_put_time(&json, "expires", session->expires);
    json_open(&json, "user", '{');
    json_put_int(&json, "id", session->user.id);
    json_put_string(&json, "name", session->user.name);
    json_close(&json, '}');
    json_close(&json, '}');
    rc = api_send(x, 201);
out:
    market_free(session);
    json_body_done(&body);
    return rc;
}

int api_session_delete(struct exchange *x) {
    int rc = access_need_writer(x);
    if (rc == 0)
        rc = login_end(x);
    return rc < 0 ? rc : exchange_send_empty(x, 204);
}
