/* SPDX-License-Identifier: MIT */
/* api_users.c: POST /api/users makes an account. */
#include "market/web/api.h"

#include "market/utf8.h"
#include "market/web/site.h"

#include <string.h>

/* The name as it is kept: without the white space around it. */
static void put_name(struct json_writer *json, const char *name) {
    size_t bytes = strlen(name);
    const char *start = utf8_trim(name, &bytes);

    json_put_bytes(json, "name", start, bytes);
}

int api_user_create(struct exchange *x) {
    struct json_member members[] = {{.name = "name", .type = JSON_MEMBER_STRING},
                                    {.name = "password", .type = JSON_MEMBER_STRING}};
    struct json_writer json = json_writer_make(&x->out);
    struct market_flaw flaw = {0};
    struct json_body body;
    int64_t id;

    int rc = api_read(x, &body, members, 2);
    if (rc == 0)
        rc = api_need(x, members, 2);
    if (rc == 0)
        rc = auth_register(x->site->auth, members[0].string, members[1].string, &id, &flaw);
    if (rc == -MARKET_EINVALID)
        rc = exchange_fail_flaw(x, &flaw);
    if (rc < 0)
        goto out;

    json_open(&json, NULL, '{');
    json_put_int(&json, "id", id);
    put_name(&json, members[0].string);
    json_close(&json, '}');
    rc = api_send(x, 201);
out:
    json_body_done(&body);
    return rc;
}
