/* SPDX-License-Identifier: MIT */
/* test_upload.c: pictures are refused as early as their bytes allow. */
#include "market/web/site.h"
#include "market/web/upload.h"
#include "support/test.h"

#include <string.h>

static struct site site;
static struct upload upload;

/* Hands out `bytes` bytes in pieces of `piece`, the first ones from `head`. */
struct source {
    const char *head;
    size_t head_bytes, bytes, piece, given;
};

static int give(void *arg, void *buf, size_t buf_bytes) {
    struct source *source = arg;
    size_t n = source->bytes - source->given;

    n = n > source->piece ? source->piece : n;
    n = n > buf_bytes ? buf_bytes : n;
    memset(buf, 'x', n);
    for (size_t i = 0; i < n && source->given + i < source->head_bytes; i++)
        ((char *)buf)[i] = source->head[source->given + i];
    source->given += n;
    return (int)n;
}

static int read_from(struct source *source) {
    upload = (struct upload){0};
    weir_semaphore_init(&site.uploads, 1);
    return upload_read(&upload, &site, give, source);
}

static void end(void) {
    upload_done(&upload);
    CHECK_INT(weir_semaphore_try_acquire(&site.uploads, 1), 0); /* its place was given back */
    weir_semaphore_done(&site.uploads);
}

TASK_TEST(test_upload_takes_a_picture_of_the_largest_size) {
    struct source source = {"\xFF\xD8\xFF", 3, MARKET_PICTURE_BYTES_MAX, 100000, 0};

    CHECK_INT(read_from(&source), 0);
    CHECK_INT(upload.bytes, MARKET_PICTURE_BYTES_MAX);
    CHECK_MEM(upload.data, "\xFF\xD8\xFFxx", 5);
    end();
}

TASK_TEST(test_upload_refuses_one_byte_more) {
    struct source source = {"\x89PNG\r\n\x1A\n", 8, MARKET_PICTURE_BYTES_MAX + 1, 1 << 20, 0};

    CHECK_INT(read_from(&source), -MARKET_EPICTURE_SIZE);
    end();
}

TASK_TEST(test_upload_refuses_other_kinds_at_their_first_bytes) {
    struct source source = {"\x89PNX", 4, 1000000, 1, 0};

    CHECK_INT(read_from(&source), -MARKET_EPICTURE_TYPE);
    CHECK_INT(source.given, 4);
    end();
}

TASK_TEST(test_upload_of_nothing_is_empty) {
    struct source source = {"", 0, 0, 1, 0};

    CHECK_INT(read_from(&source), 0);
    CHECK_INT(upload.bytes, 0);
    end();
}
