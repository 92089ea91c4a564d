/* SPDX-License-Identifier: MIT */
/* form.c: reads the two kinds of forms. Every value is valid UTF-8 from here on. */
#include "market/web/form.h"

#include "market/utf8.h"
#include "market/web/access.h"
#include "market/web/failure.h"

#include <stdio.h>
#include <string.h>

static int check_utf8(const char *value) {
    if (utf8_length(value, strlen(value)) < 0)
        return weir_fail(-WEB_EINVALID_UTF8, "the form holds bytes that are not UTF-8");
    return 0;
}

static int read_urlencoded(struct exchange *x, struct form *form) {
    const char *name, *value;
    size_t cursor = 0;

    int rc = weir_http_request_form(x->request, EXCHANGE_BODY_BYTES_MAX, &form->fields);
    while (rc == 0 && weir_http_fields_next(form->fields, &cursor, &name, &value))
        rc = check_utf8(value);
    return rc;
}

static int read_part(void *source, void *buf, size_t buf_bytes) {
    return weir_http_multipart_read_some(source, buf, buf_bytes);
}

/* A picture that is refused makes a flaw of its field, not of the whole form; what is left of it is skipped. */
static int take_picture(struct exchange *x, struct form *form, weir_http_multipart *multipart) {
    upload_done(&form->picture);
    int rc = upload_read(&form->picture, x->site, read_part, multipart);
    if (rc == -MARKET_EPICTURE_TYPE || rc == -MARKET_EPICTURE_SIZE) {
        form->picture_error = rc;
        rc = 0;
    }
    return rc;
}

static int take_value(struct form *form, const char *name, weir_http_multipart *multipart) {
    struct form_value *value = &form->values[form->count];
    size_t bytes;

    if (form->count == FORM_VALUES_MAX || strlen(name) >= sizeof value->name)
        return weir_fail(-WEB_EBAD_FORM, "the form has fields that it should not have");
    memcpy(value->name, name, strlen(name) + 1); /* the part's own name is gone with the next part */
    int rc = weir_http_multipart_read_all(multipart, EXCHANGE_BODY_BYTES_MAX, &value->value, &bytes);
    if (rc < 0)
        return rc;
    if (strlen(value->value) != bytes)
        return weir_fail(-WEB_EBAD_FORM, "the form holds a NUL");
    form->count++;
    return check_utf8(value->value);
}

static int read_multipart(struct exchange *x, struct form *form) {
    weir_http_multipart *multipart;
    weir_http_part part;

    int rc = weir_http_multipart_open(&multipart, x->request);
    if (rc < 0)
        return rc;
    while ((rc = weir_http_multipart_next(multipart, &part)) > 0) {
        if (part.filename != NULL)
            rc = take_picture(x, form, multipart);
        else
            rc = take_value(form, part.name, multipart);
        if (rc < 0)
            return rc;
    }
    return rc;
}

int form_read(struct exchange *x, struct form *form) {
    memset(form, 0, sizeof *form);
    int rc = access_check_origin(x);
    if (rc < 0)
        return rc;
    if (weir_http_request_is_type(x->request, "multipart/form-data"))
        return read_multipart(x, form);
    if (weir_http_request_is_type(x->request, "application/x-www-form-urlencoded"))
        return read_urlencoded(x, form);
    return weir_fail(-WEB_EMEDIA_TYPE, "send the form of the page");
}

void form_done(struct form *form) { upload_done(&form->picture); }

const char *form_get(const struct form *form, const char *name) {
    const char *value = NULL;

    if (form->fields != NULL)
        value = weir_http_fields_get(form->fields, name);
    for (size_t i = 0; value == NULL && i < form->count; i++)
        if (strcmp(form->values[i].name, name) == 0)
            value = form->values[i].value;
    return value == NULL ? "" : value;
}
