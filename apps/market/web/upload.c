/* SPDX-License-Identifier: MIT */
/* upload.c: reads a picture into memory, piece by piece, refusing as early as it can. Whether it is a sound picture is
 * for the store to say. */
#include "market/web/upload.h"

#include "market/web/site.h"

#include <stdlib.h>
#include <string.h>

bool upload_may_be_picture(const unsigned char *data, size_t bytes) {
    static const unsigned char png[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, jpeg[] = {0xFF, 0xD8, 0xFF};

    return memcmp(data, png, bytes < sizeof png ? bytes : sizeof png) == 0 ||
           memcmp(data, jpeg, bytes < sizeof jpeg ? bytes : sizeof jpeg) == 0;
}

/* Room for at least one more byte. One byte above the limit is read, so that "too large" is seen. */
static int grow(struct upload *upload) {
    if (upload->bytes < upload->capacity)
        return 0;
    if (upload->capacity > MARKET_PICTURE_BYTES_MAX)
        return -MARKET_EPICTURE_SIZE;

    size_t capacity = upload->capacity == 0 ? (size_t)64 * 1024 : upload->capacity * 2;
    if (capacity > MARKET_PICTURE_BYTES_MAX + 1)
        capacity = MARKET_PICTURE_BYTES_MAX + 1;
    unsigned char *data = realloc(upload->data, capacity);
    if (data == NULL)
        return -ENOMEM;
    upload->data = data;
    upload->capacity = capacity;
    return 0;
}

int upload_read(struct upload *upload, struct site *site, upload_read_fn *read, void *source) {
    int rc = weir_semaphore_acquire(&site->uploads, 1);
    if (rc < 0)
        return rc;
    upload->site = site;
    upload->admitted = true;

    for (;;) {
        rc = grow(upload);
        if (rc < 0)
            return rc;
        rc = read(source, upload->data + upload->bytes, upload->capacity - upload->bytes);
        if (rc <= 0)
            return rc;
        upload->bytes += (size_t)rc;
        if (!upload_may_be_picture(upload->data, upload->bytes))
            return -MARKET_EPICTURE_TYPE;
        if (upload->bytes > MARKET_PICTURE_BYTES_MAX)
            return -MARKET_EPICTURE_SIZE;
    }
}

void upload_done(struct upload *upload) {
    free(upload->data);
    if (upload->admitted)
        weir_semaphore_release(&upload->site->uploads, 1);
    *upload = (struct upload){0};
}
