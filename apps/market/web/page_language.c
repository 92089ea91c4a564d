/* SPDX-License-Identifier: MIT */
/* page_language.c: POST /language: the visitor's own choice, kept for a year, before what the browser asks for. */
#include "market/web/page.h"

#include "market/web/access.h"
#include "market/web/form.h"

int page_language(struct exchange *x) {
    enum language language;
    struct form form = {0};

    int rc = form_read(x, &form);
    if (rc == 0 && language_from_code(form_get(&form, "lang"), &language))
        exchange_set_cookie(x, "lang", language_code(language), 365 * 24 * WEIR_HOUR);
    if (rc == 0)
        rc = exchange_redirect(x, access_local_path(form_get(&form, "next")));
    form_done(&form);
    return rc;
}
