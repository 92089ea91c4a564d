/* SPDX-License-Identifier: MIT */
/* api_picture.c: PUT /api/products/{id}/picture. The right is checked before a byte of the body is read. */
#include "market/web/api.h"

#include "market/web/access.h"
#include "market/web/site.h"
#include "market/web/upload.h"

static int read_body(void *source, void *buf, size_t buf_bytes) {
    return weir_http_request_read_some(source, buf, buf_bytes);
}

int api_picture_put(struct exchange *x) {
    struct market_change nothing = {0};
    struct upload upload = {0};
    int64_t id = 0;

    int rc = access_need_writer(x);
    if (rc == 0)
        rc = exchange_id(x, &id);
    if (rc == 0)
        rc = store_product_change(x->site->store, x->user->id, id, &nothing, NULL);
    if (rc == 0 && weir_http_request_length(x->request) > (int64_t)MARKET_PICTURE_BYTES_MAX)
        rc = -MARKET_EPICTURE_SIZE;
    if (rc == 0)
        rc = upload_read(&upload, x->site, read_body, x->request);
    if (rc == 0)
        rc = store_picture_set(x->site->store, x->user->id, id, upload.data, upload.bytes, NULL);
    upload_done(&upload);
    return rc < 0 ? rc : exchange_send_empty(x, 204);
}
