/* SPDX-License-Identifier: MIT */
/* offer_form.c: shows, reads and checks the seller's form. All that is wrong is told at once, not one by one. */
#include "market/web/offer_form.h"

#include "market/web/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void offer_form_of(struct offer_form *offer, const struct market_product *product) {
    *offer = (struct offer_form){.title = product->title, .description = product->description};
    offer->price = money_format_plain(offer->price_text, product->price_minor);
    snprintf(offer->stock_text, sizeof offer->stock_text, "%" PRId64, product->stock);
    offer->stock = offer->stock_text;
}

/* Browsers send CR LF, but count one character when they check maxlength. */
static int take_lines(struct offer_form *offer, const char *text) {
    offer->lines = text_make(EXCHANGE_BODY_BYTES_MAX);
    for (; *text != '\0'; text++)
        if (text[0] != '\r' || text[1] != '\n')
            text_putc(&offer->lines, *text);
    offer->description = text_string(&offer->lines);
    return offer->lines.error;
}

static void check_texts(struct offer_form *offer) {
    struct market_change change = {.set = MARKET_SET_TITLE, .to = offer->offer};
    struct market_flaw flaw;

    if (market_change_check(&change, &flaw) < 0)
        form_flaws_add_model(&offer->flaws, NULL, &flaw);
    change.set = MARKET_SET_DESCRIPTION;
    if (market_change_check(&change, &flaw) < 0)
        form_flaws_add_model(&offer->flaws, NULL, &flaw);
}

static void check_numbers(struct offer_form *offer) {
    if (*offer->price == '\0')
        form_flaws_add(&offer->flaws, "price", M_FLAW_MISSING, 0);
    else if (money_parse(offer->price, &offer->offer.price_minor) < 0)
        form_flaws_add(&offer->flaws, "price", M_FLAW_PRICE, 0);
    else if (offer->offer.price_minor > MARKET_PRICE_MINOR_MAX)
        form_flaws_add(&offer->flaws, "price", M_FLAW_TOO_LARGE, MARKET_PRICE_MINOR_MAX / 100);

    if (*offer->stock == '\0')
        form_flaws_add(&offer->flaws, "stock", M_FLAW_MISSING, 0);
    else if (exchange_parse_int(offer->stock, 0, MARKET_STOCK_MAX, &offer->offer.stock) < 0)
        form_flaws_add(&offer->flaws, "stock", M_FLAW_WHOLE, MARKET_STOCK_MAX);
}

int offer_form_read(struct offer_form *offer, const struct form *form) {
    *offer = (struct offer_form){.title = form_get(form, "title"),
                                 .price = form_get(form, "price"),
                                 .stock = form_get(form, "stock")};

    int rc = take_lines(offer, form_get(form, "description"));
    if (rc < 0)
        return rc;
    offer->offer.title = offer->title;
    offer->offer.description = offer->description;
    check_texts(offer);
    check_numbers(offer);
    if (form->picture_error == -MARKET_EPICTURE_SIZE)
        form_flaws_add(&offer->flaws, "picture", M_FLAW_PICTURE_SIZE, 0);
    else if (form->picture_error < 0)
        form_flaws_add(&offer->flaws, "picture", M_FLAW_PICTURE_TYPE, 0);
    return 0;
}

void offer_form_done(struct offer_form *offer) { text_done(&offer->lines); }

void offer_form_put(struct exchange *x, const struct offer_form *offer, const char *action, enum message button) {
    struct field fields[] = {
        {"title", M_TITLE, M_NONE, "text", offer->title, "required maxlength=\"200\" autocomplete=\"off\""},
        {"description", M_DESCRIPTION, M_DESCRIPTION_HINT, "textarea", offer->description,
         "rows=\"6\" maxlength=\"10000\""},
        {"price", M_PRICE, M_PRICE_HINT, "text", offer->price, "required inputmode=\"decimal\" autocomplete=\"off\""},
        {"stock", M_STOCK, M_NONE, "number", offer->stock, "required min=\"0\" max=\"1000000\" inputmode=\"numeric\""},
        {"picture", M_PICTURE, M_PICTURE_HINT, "file", NULL, "accept=\"image/png,image/jpeg\""},
    };

    form_flaws_put(x, &offer->flaws);
    html_printf(&x->out, "<form class=\"sheet\" method=\"post\" action=\"%s\" enctype=\"multipart/form-data\">\n",
                action);
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (i == 2)
            text_puts(&x->out, "<div class=\"pair\">\n");
        field_put(x, &fields[i], &offer->flaws);
        if (i == 3)
            text_puts(&x->out, "</div>\n");
    }
    html_printf(&x->out, "<button>%s</button>\n</form>\n", exchange_text(x, button));
}
