/* SPDX-License-Identifier: MIT */
/* field.c: fields and their flaws, tied together with aria-describedby. */
#include "market/web/field.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct form_flaw *find(const struct form_flaws *flaws, const char *field) {
    for (size_t i = 0; flaws != NULL && i < flaws->count; i++)
        if (strcmp(flaws->items[i].field, field) == 0)
            return &flaws->items[i];
    return NULL;
}

void form_flaws_add(struct form_flaws *flaws, const char *field, enum message message, int64_t limit) {
    if (flaws->count < FIELDS_FLAWED_MAX && find(flaws, field) == NULL)
        flaws->items[flaws->count++] = (struct form_flaw){field, message, limit};
}

void form_flaws_add_model(struct form_flaws *flaws, const char *field, const struct market_flaw *flaw) {
    static const enum message words[] = {
        [MARKET_FLAW_NONE] = M_FLAW_BAD,
        [MARKET_FLAW_MISSING] = M_FLAW_MISSING,
        [MARKET_FLAW_TOO_SHORT] = M_FLAW_TOO_SHORT,
        [MARKET_FLAW_TOO_LONG] = M_FLAW_TOO_LONG,
        [MARKET_FLAW_TOO_SMALL] = M_FLAW_TOO_SMALL,
        [MARKET_FLAW_TOO_LARGE] = M_FLAW_TOO_LARGE,
        [MARKET_FLAW_BAD_UTF8] = M_FLAW_BAD_CHARACTER,
        [MARKET_FLAW_BAD_CHARACTER] = M_FLAW_BAD_CHARACTER,
    };
    form_flaws_add(flaws, field == NULL ? flaw->field : field, words[flaw->reason], flaw->limit);
}

static void put_words(struct exchange *x, const struct form_flaw *flaw) {
    char limit[24];

    snprintf(limit, sizeof limit, "%" PRId64, flaw->limit);
    page_message(x, flaw->message, limit, NULL);
}

/* What the field is called on the page: a link "At least 8 characters" alone would not say where it leads. */
static enum message label_of(const char *field) {
    static const struct {
        const char *field;
        enum message label;
    } labels[] = {{"name", M_NAME},   {"password", M_PASSWORD}, {"title", M_TITLE},     {"description", M_DESCRIPTION},
                  {"price", M_PRICE}, {"stock", M_STOCK},       {"picture", M_PICTURE}, {"quantity", M_QUANTITY}};

    for (size_t i = 0; i < sizeof labels / sizeof labels[0]; i++)
        if (strcmp(labels[i].field, field) == 0)
            return labels[i].label;
    return M_NONE;
}

void form_flaws_put(struct exchange *x, const struct form_flaws *flaws) {
    if (flaws->count == 0)
        return;
    html_printf(&x->out, "<div class=\"flaws\" role=\"alert\">\n<h2>%s</h2>\n<ul>\n", exchange_text(x, M_FLAWS));
    for (size_t i = 0; i < flaws->count; i++) {
        html_printf(&x->out, "<li><a href=\"#%s\">%s: ", flaws->items[i].field,
                    exchange_text(x, label_of(flaws->items[i].field)));
        put_words(x, &flaws->items[i]);
        text_puts(&x->out, "</a></li>\n");
    }
    text_puts(&x->out, "</ul>\n</div>\n");
}

/* The attributes that an input and a textarea share. */
static void put_attributes(struct exchange *x, const struct field *field, bool is_flawed) {
    html_printf(&x->out, " id=\"%s\" name=\"%s\"", field->name, field->name);
    if (field->hint != M_NONE || is_flawed) {
        text_puts(&x->out, " aria-describedby=\"");
        if (is_flawed)
            html_printf(&x->out, "%s-flaw ", field->name);
        if (field->hint != M_NONE)
            html_printf(&x->out, "%s-hint", field->name);
        text_puts(&x->out, is_flawed ? "\" aria-invalid=\"true\"" : "\"");
    }
    if (field->attributes != NULL)
        text_printf(&x->out, " %s", field->attributes);
}

void field_put(struct exchange *x, const struct field *field, const struct form_flaws *flaws) {
    const struct form_flaw *flaw = find(flaws, field->name);
    const char *value = field->value == NULL ? "" : field->value;

    html_printf(&x->out, "<div class=\"field\">\n<label for=\"%s\">%s</label>\n", field->name,
                exchange_text(x, field->label));
    if (field->hint != M_NONE)
        html_printf(&x->out, "<p class=\"hint\" id=\"%s-hint\">%s</p>\n", field->name, exchange_text(x, field->hint));
    if (flaw != NULL) {
        html_printf(&x->out, "<p class=\"flaw\" id=\"%s-flaw\">", field->name);
        put_words(x, flaw);
        text_puts(&x->out, "</p>\n");
    }
    if (strcmp(field->type, "textarea") == 0) {
        text_puts(&x->out, "<textarea");
        put_attributes(x, field, flaw != NULL);
        html_printf(&x->out, ">\n%s</textarea>\n</div>\n", value); /* the line break after the tag is no content */
        return;
    }
    html_printf(&x->out, "<input type=\"%s\"", field->type);
    put_attributes(x, field, flaw != NULL);
    if (strcmp(field->type, "file") != 0 && strcmp(field->type, "password") != 0)
        html_printf(&x->out, " value=\"%s\"", value);
    text_puts(&x->out, ">\n</div>\n");
}
