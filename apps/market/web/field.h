/* SPDX-License-Identifier: MIT */
/* field.h: a form's field as people and screen readers need it: label, hint, and what is wrong tied to the input. */
#ifndef MARKET_WEB_FIELD_H
#define MARKET_WEB_FIELD_H

#include "market/model.h"
#include "market/web/page.h"

#define FIELDS_FLAWED_MAX 8

/** What is wrong with a form that was sent; several fields at once. */
struct form_flaws {
    size_t count;
    struct form_flaw {
        const char *field; /* as the input's name */
        enum message message;
        int64_t limit; /* what its "{}" stands for */
    } items[FIELDS_FLAWED_MAX];
};

/** Note a flaw; the first of a field stays. */
void form_flaws_add(struct form_flaws *flaws, const char *field, enum message message, int64_t limit);

/** As form_flaws_add, in the words for a flaw of model.h's. @param field  the input's name, where it differs; or NULL
 */
void form_flaws_add_model(struct form_flaws *flaws, const char *field, const struct market_flaw *flaw);

/** Above the form: that something is wrong, with links to each field. Nothing without flaws. */
void form_flaws_put(struct exchange *x, const struct form_flaws *flaws);

struct field {
    const char *name;         /* and id */
    enum message label, hint; /* hint: M_NONE for none */
    const char *type;         /* of the input; "textarea" makes one */
    const char *value;        /* NULL: empty */
    const char *attributes;   /* trusted markup, "required maxlength=\"200\""; NULL: none */
};

/** Append it. @param flaws  may be NULL */
void field_put(struct exchange *x, const struct field *field, const struct form_flaws *flaws);

#endif
