/* SPDX-License-Identifier: MIT */
/* problem.c: writes problem documents. `type` is the address of a page of ours that explains the problem. */
#include "market/web/problem.h"

#include "market/web/json_write.h"

int problem_send(struct exchange *x, const struct failure *failure, int status, const char *detail) {
    struct json_writer json = json_writer_make(&x->out);

    text_clear(&x->out);
    json_open(&json, NULL, '{');
    json_begin(&json, "type");
    text_printf(&x->out, "\"/problems/%s\"", failure->name);
    json_put_string(&json, "title", failure->title);
    json_put_int(&json, "status", status);
    json_put_string(&json, "code", failure->name);
    if (detail != NULL)
        json_put_string(&json, "detail", detail);
    if (x->field[0] != '\0')
        json_put_string(&json, "field", x->field);
    json_close(&json, '}');
    text_putc(&x->out, '\n');
    return exchange_send(x, status, "application/problem+json");
}
