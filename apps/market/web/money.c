/* SPDX-License-Identifier: MIT */
/* money.c: formats and reads amounts of pounds and pence. */
#include "market/web/money.h"

#include "market/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const char *money_format(char buf[MONEY_TEXT_BYTES], int64_t minor, enum language language) {
    char pounds[NUMBER_TEXT_BYTES];

    number_format(pounds, (uint64_t)minor / 100);
    snprintf(buf, MONEY_TEXT_BYTES, language == LANGUAGE_CHINESE ? "%s.%02d 英镑" : "£%s.%02d", pounds,
             (int)(minor % 100));
    return buf;
}

const char *money_format_plain(char buf[MONEY_TEXT_BYTES], int64_t minor) {
    snprintf(buf, MONEY_TEXT_BYTES, "%" PRId64 ".%02d", minor / 100, (int)(minor % 100));
    return buf;
}

static const char *digits(const char *text, size_t digits_max, int64_t *value) {
    size_t count = strspn(text, "0123456789");

    if (count == 0 || count > digits_max)
        return NULL;
    for (size_t i = 0; i < count; i++)
        *value = *value * 10 + (text[i] - '0');
    return text + count;
}

int money_parse(const char *text, int64_t *ret_minor) {
    int64_t pounds = 0, pence = 0;

    text += strspn(text, " ");
    if (strncmp(text, "£", strlen("£")) == 0)
        text += strlen("£");
    text = digits(text, 15, &pounds);
    if (text == NULL)
        return -EINVAL;
    if (*text == '.') {
        const char *after = digits(text + 1, 2, &pence);
        if (after == NULL)
            return -EINVAL;
        if (after == text + 2)
            pence *= 10;
        text = after;
    }
    if (text[strspn(text, " ")] != '\0')
        return -EINVAL;
    *ret_minor = pounds * 100 + pence;
    return 0;
}
