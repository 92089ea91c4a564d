/* SPDX-License-Identifier: MIT */
/* page_picture.c: GET /products/{id}/picture. A picture never changes, another has another id: so the id is its ETag,
 * and an address that names it (?v=ID) may be kept for ever. It is read and sent in pieces, at the client's pace. */
#include "market/web/page.h"

#include "market/web/site.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_BYTES = 32 * 1024 };

static void set_headers(struct exchange *x, const struct market_product *product) {
    const char *version = weir_http_request_query(x->request, "v");
    char number[24];

    snprintf(number, sizeof number, "%" PRId64, product->picture_id);
    bool named = version != NULL && strcmp(version, number) == 0;
    weir_http_reply_set_header(x->reply, "Cache-Control", named ? "public, max-age=31536000, immutable" : "no-cache");
    x->cached = true;
    exchange_set_headers(x);
}

static int send_pieces(struct exchange *x, const struct market_product *product) {
    char length[24], piece[PIECE_BYTES];
    int64_t offset = 0;

    snprintf(length, sizeof length, "%" PRId64, product->picture_bytes);
    weir_http_reply_set_header(x->reply, "Content-Type", product->picture_type);
    weir_http_reply_set_header(x->reply, "Content-Length", length);
    while (offset < product->picture_bytes) {
        int n = store_picture_read(x->site->store, product->picture_id, offset, piece, sizeof piece);
        if (n <= 0)
            return n < 0 ? n : -EIO; /* before the first piece it can still be told; after it the connection is cut */
        exchange_note(x, 200, (size_t)product->picture_bytes);
        offset += n;
        n = weir_http_reply_write(x->reply, piece, (size_t)n);
        if (n < 0)
            return n;
    }
    return 0;
}

int page_picture(struct exchange *x) {
    struct market_products *found;
    char etag[32];
    int64_t id;

    int rc = exchange_id(x, &id);
    if (rc == 0)
        rc = store_product_get(x->site->store, id, &found);
    if (rc < 0)
        return rc;

    const struct market_product *product = &found->items[0];
    if (product->picture_id == 0) {
        rc = -MARKET_ENOT_FOUND;
        goto out;
    }
    set_headers(x, product);
    snprintf(etag, sizeof etag, "\"p%" PRId64 "\"", product->picture_id);
    rc = weir_http_reply_check_etag(x->reply, etag);
    if (rc == 0)
        rc = send_pieces(x, product);
    else
        exchange_note(x, rc < 0 ? 0 : 304, 0);
out:
    market_free(found);
    return rc < 0 ? rc : 0;
}
