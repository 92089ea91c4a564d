/* SPDX-License-Identifier: MIT */
/* upload.h: a picture on its way in, from a PUT or from a form. At most SITE_UPLOADS_MAX are in memory at once. */
#ifndef MARKET_WEB_UPLOAD_H
#define MARKET_WEB_UPLOAD_H

#include "market/web/exchange.h"

struct upload {
    struct site *site;
    unsigned char *data;
    size_t bytes, capacity;
    bool admitted; /* holds one of the site's places */
};

/** Reads some bytes of it: > 0, 0 at the end, < 0. */
typedef int upload_read_fn(void *source, void *buf, size_t buf_bytes);

/**
 * Wait for a place, then read to the end.
 * @param upload  zeroed; to be given to upload_done in every case
 * @return 0; -MARKET_EPICTURE_TYPE as soon as the first bytes are of neither kind; -MARKET_EPICTURE_SIZE; -ENOMEM;
 *         -ECANCELED, -ETIME; what `read` returned
 */
int upload_read(struct upload *upload, struct site *site, upload_read_fn *read, void *source) WEIR_MUST_CHECK;

void upload_done(struct upload *upload);

/** Whether the bytes begin as a PNG or a JPEG does; true also for fewer bytes than it takes to tell. */
bool upload_may_be_picture(const unsigned char *data, size_t bytes);

#endif
