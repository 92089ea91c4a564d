/* SPDX-License-Identifier: MIT */
/* notice.c: notices travel as the cookie `flash`, for a minute at most. */
#include "market/web/notice.h"

#include <stdio.h>

void notice_leave(struct exchange *x, enum message notice) {
    char number[16];

    if (notice == M_NONE)
        return;
    snprintf(number, sizeof number, "%d", (int)notice - M_NOTICE_FIRST);
    exchange_set_cookie(x, "flash", number, WEIR_MIN);
}

bool notice_take(struct exchange *x, enum message *ret_notice) {
    const char *flash = x->request == NULL ? NULL : weir_http_request_cookie(x->request, "flash");
    int64_t number;

    if (flash == NULL)
        return false;
    exchange_set_cookie(x, "flash", "", -1);
    x->private = true;
    if (exchange_parse_int(flash, 0, M_NOTICE_LAST - M_NOTICE_FIRST, &number) < 0)
        return false;
    *ret_notice = (enum message)(M_NOTICE_FIRST + number);
    return true;
}
