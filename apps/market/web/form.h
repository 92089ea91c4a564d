/* SPDX-License-Identifier: MIT */
/* form.h: a form that a page of ours has sent, urlencoded or, with a picture, multipart. Sent from elsewhere it is
 * refused before it is read. */
#ifndef MARKET_WEB_FORM_H
#define MARKET_WEB_FORM_H

#include "market/web/upload.h"

#define FORM_VALUES_MAX 12
#define FORM_BODY_BYTES_MAX (MARKET_PICTURE_BYTES_MAX + 1024 * 1024) /* of a form with a picture */

struct form {
    const weir_http_fields *fields; /* urlencoded; else NULL */
    struct form_value {
        char name[24];
        const char *value;
    } values[FORM_VALUES_MAX];
    size_t count;
    struct upload picture;
    int picture_error; /* 0, or why the picture was not taken: -MARKET_EPICTURE_TYPE, -MARKET_EPICTURE_SIZE */
};

/**
 * Read it.
 * @param form  to be given to form_done in every case
 * @return 0; -WEB_EFOREIGN_ORIGIN, -WEB_EMEDIA_TYPE, -WEB_EINVALID_UTF8, -WEB_EBAD_FORM; as weir_http_request_read_some
 */
int form_read(struct exchange *x, struct form *form) WEIR_MUST_CHECK;
void form_done(struct form *form);

/** A field's value, "" when it was not sent. Valid until the handler returns. */
const char *form_get(const struct form *form, const char *name);

#endif
