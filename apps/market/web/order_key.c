/* SPDX-License-Identifier: MIT */
/* order_key.c: makes keys for forms. */
#include "market/web/order_key.h"

#include "weir/random.h"

#include <stdio.h>

const char *order_key_make(char buf[ORDER_KEY_BYTES]) {
    unsigned char random[16];
    int at = snprintf(buf, ORDER_KEY_BYTES, "page-");

    weir_random(random, sizeof random);
    for (unsigned i = 0; i < sizeof random; i++)
        at += snprintf(buf + at, (unsigned)(ORDER_KEY_BYTES - at), "%02x", random[i]);
    return buf;
}
