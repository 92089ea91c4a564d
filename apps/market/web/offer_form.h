/* SPDX-License-Identifier: MIT */
/* offer_form.h: the form in which a seller describes an article, for publishing and for changing it. */
#ifndef MARKET_WEB_OFFER_FORM_H
#define MARKET_WEB_OFFER_FORM_H

#include "market/web/field.h"
#include "market/web/form.h"

struct offer_form {
    const char *title, *description, *price, *stock; /* as typed */
    struct market_offer offer;                       /* as read; good when there are no flaws */
    struct form_flaws flaws;
    struct text lines; /* holds the description with plain line breaks */
    char price_text[40], stock_text[24];
};

/** Fill it from an article. To be given to offer_form_done, as after offer_form_read. */
void offer_form_of(struct offer_form *offer, const struct market_product *product);

/** Read what was typed, and check each field. @return 0, also with flaws; -ENOMEM */
int offer_form_read(struct offer_form *offer, const struct form *form) WEIR_MUST_CHECK;

void offer_form_done(struct offer_form *offer);

/** Append the form. @param action  where it goes */
void offer_form_put(struct exchange *x, const struct offer_form *offer, const char *action, enum message button);

#endif
