/* SPDX-License-Identifier: MIT */
/* model.c: what makes a name, an offer, an order acceptable, and what market's failures are called. Pure. */
#include "market/model.h"

#include "market/utf8.h"

#include <string.h>

/* ---- Failures ---------------------------------------------------------------------------------------------------- */

static const char *const failures[] = {
    [MARKET_EINVALID - MARKET_EINVALID] = "a field is not acceptable",
    [MARKET_ENOT_FOUND - MARKET_EINVALID] = "there is no such thing",
    [MARKET_ENOT_YOURS - MARKET_EINVALID] = "it belongs to somebody else",
    [MARKET_ENAME_TAKEN - MARKET_EINVALID] = "somebody has this name already",
    [MARKET_EOUT_OF_STOCK - MARKET_EINVALID] = "there are not so many left",
    [MARKET_EKEY_REUSED - MARKET_EINVALID] = "the idempotency key belongs to another request",
    [MARKET_EBAD_LOGIN - MARKET_EINVALID] = "the name, the password or the token is wrong",
    [MARKET_ETOO_MANY_LOGINS - MARKET_EINVALID] = "too many failed logins; try again later",
    [MARKET_EBUSY - MARKET_EINVALID] = "too much to do at the moment; try again later",
    [MARKET_EPICTURE_TYPE - MARKET_EINVALID] = "a picture must be a PNG or a JPEG file",
    [MARKET_EPICTURE_SIZE - MARKET_EINVALID] = "the picture is too large",
    [MARKET_EDISK_FULL - MARKET_EINVALID] = "the disk is full; nothing was changed",
    [MARKET_EDISK - MARKET_EINVALID] = "the disk failed; nothing was changed",
    [MARKET_ECORRUPT - MARKET_EINVALID] = "the database is damaged",
    [MARKET_ENEWER - MARKET_EINVALID] = "the database was written by a newer market",
    [MARKET_EFOREIGN - MARKET_EINVALID] = "the file is not a database of market's",
    [MARKET_EIN_USE - MARKET_EINVALID] = "another process uses the database",
};

const char *market_error_text(int code) {
    const char *text = weir_error_text(code);
    int last = MARKET_EINVALID + (int)(sizeof failures / sizeof failures[0]) - 1;

    /* Weir knows our codes only where a detail was recorded for one; else it has its own word for "unknown". */
    if (code <= -MARKET_EINVALID && code >= -last && strcmp(text, weir_strerror(code)) == 0)
        return failures[-code - MARKET_EINVALID];
    return text;
}

/* ---- Checks ------------------------------------------------------------------------------------------------------ */

static int flawed(struct market_flaw *ret_flaw, const char *field, enum market_reason reason, int64_t limit) {
    if (ret_flaw != NULL)
        *ret_flaw = (struct market_flaw){.field = field, .reason = reason, .limit = limit};
    return -MARKET_EINVALID;
}

enum { ONE_LINE = 0, MANY_LINES = 1 };

static int text_check(const char *field, const char *text, int lines, int64_t chars_max, struct market_flaw *ret_flaw) {
    size_t bytes = strlen(text);
    int64_t chars = 0;

    for (size_t at = 0; at < bytes; chars++) {
        int32_t character = utf8_next(text, bytes, &at);
        if (character < 0)
            return flawed(ret_flaw, field, MARKET_FLAW_BAD_UTF8, 0);
        bool breaks = character == '\n' || character == '\r' || character == '\t';
        if (utf8_is_control(character) && !(lines == MANY_LINES && breaks))
            return flawed(ret_flaw, field, MARKET_FLAW_BAD_CHARACTER, 0);
    }
    return chars > chars_max ? flawed(ret_flaw, field, MARKET_FLAW_TOO_LONG, chars_max) : 0;
}

/** One line with something on it. White space around it is forgiven, as it is dropped when stored. */
static int line_check(const char *field, const char *text, int64_t chars_max, struct market_flaw *ret_flaw) {
    if (text == NULL)
        return flawed(ret_flaw, field, MARKET_FLAW_MISSING, 0);
    size_t bytes = strlen(text);
    utf8_trim(text, &bytes);
    if (bytes == 0)
        return flawed(ret_flaw, field, MARKET_FLAW_MISSING, 0);
    return text_check(field, text, ONE_LINE, chars_max, ret_flaw);
}

static int number_check(const char *field, int64_t number, int64_t min, int64_t max, struct market_flaw *ret_flaw) {
    if (number < min)
        return flawed(ret_flaw, field, MARKET_FLAW_TOO_SMALL, min);
    return number > max ? flawed(ret_flaw, field, MARKET_FLAW_TOO_LARGE, max) : 0;
}

int market_change_check(const struct market_change *change, struct market_flaw *ret_flaw) {
    const struct market_offer *to = &change->to;
    int rc = 0;

    if (change->set & MARKET_SET_TITLE)
        rc = line_check("title", to->title, MARKET_TITLE_CHARS_MAX, ret_flaw);
    if (rc == 0 && (change->set & MARKET_SET_DESCRIPTION) && to->description != NULL)
        rc = text_check("description", to->description, MANY_LINES, MARKET_DESCRIPTION_CHARS_MAX, ret_flaw);
    if (rc == 0 && (change->set & MARKET_SET_PRICE))
        rc = number_check("price_minor", to->price_minor, 0, MARKET_PRICE_MINOR_MAX, ret_flaw);
    if (rc == 0 && (change->set & MARKET_SET_STOCK))
        rc = number_check("stock", to->stock, 0, MARKET_STOCK_MAX, ret_flaw);
    return rc;
}

int market_offer_check(const struct market_offer *offer, struct market_flaw *ret_flaw) {
    struct market_change all = {
        .set = MARKET_SET_TITLE | MARKET_SET_DESCRIPTION | MARKET_SET_PRICE | MARKET_SET_STOCK,
        .to = *offer,
    };
    return market_change_check(&all, ret_flaw);
}

/** Whether two names that differ could look the same on a page for what is in this one: characters that nobody sees,
 * and any white space but one blank between words. */
static bool hides_something(const char *name) {
    size_t bytes = strlen(name);
    bool blank = false;

    name = utf8_trim(name, &bytes);
    for (size_t at = 0; at < bytes;) {
        int32_t character = utf8_next(name, bytes, &at);
        if (utf8_is_invisible(character) || (utf8_is_space(character) && (character != ' ' || blank)))
            return true;
        blank = character == ' ';
    }
    return false;
}

int market_name_check(const char *name, struct market_flaw *ret_flaw) {
    int rc = line_check("name", name, MARKET_NAME_CHARS_MAX, ret_flaw);
    if (rc == 0 && hides_something(name))
        rc = flawed(ret_flaw, "name", MARKET_FLAW_BAD_CHARACTER, 0);
    return rc;
}

int market_password_check(const char *password, struct market_flaw *ret_flaw) {
    if (password == NULL)
        return flawed(ret_flaw, "password", MARKET_FLAW_MISSING, 0);
    size_t bytes = strlen(password);
    int64_t chars = utf8_length(password, bytes);
    if (chars < 0)
        return flawed(ret_flaw, "password", MARKET_FLAW_BAD_UTF8, 0);
    if (chars < MARKET_PASSWORD_CHARS_MIN)
        return flawed(ret_flaw, "password", MARKET_FLAW_TOO_SHORT, MARKET_PASSWORD_CHARS_MIN);
    if (bytes > MARKET_PASSWORD_BYTES_MAX)
        return flawed(ret_flaw, "password", MARKET_FLAW_TOO_LONG, MARKET_PASSWORD_BYTES_MAX);
    return 0;
}

void market_page_clamp(unsigned *page, unsigned *per_page) {
    *page = *page < 1 ? 1 : *page > MARKET_PAGE_MAX ? MARKET_PAGE_MAX : *page;
    *per_page = *per_page < 1                     ? MARKET_PER_PAGE_DEFAULT
                : *per_page > MARKET_PER_PAGE_MAX ? MARKET_PER_PAGE_MAX
                                                  : *per_page;
}

int market_quantity_check(int64_t quantity, struct market_flaw *ret_flaw) {
    return number_check("quantity", quantity, 1, MARKET_QUANTITY_MAX, ret_flaw);
}

int market_key_check(const char *key, struct market_flaw *ret_flaw) {
    size_t bytes = key == NULL ? 0 : strlen(key);

    if (bytes == 0)
        return flawed(ret_flaw, "key", MARKET_FLAW_MISSING, 0);
    if (bytes > MARKET_KEY_BYTES_MAX)
        return flawed(ret_flaw, "key", MARKET_FLAW_TOO_LONG, MARKET_KEY_BYTES_MAX);
    for (size_t i = 0; i < bytes; i++)
        if (key[i] < ' ' || key[i] > '~')
            return flawed(ret_flaw, "key", MARKET_FLAW_BAD_CHARACTER, 0);
    return 0;
}
