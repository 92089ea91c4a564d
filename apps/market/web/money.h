/* SPDX-License-Identifier: MIT */
/* money.h: prices. Counted in pence everywhere; shown and typed in pounds. */
#ifndef MARKET_WEB_MONEY_H
#define MARKET_WEB_MONEY_H

#include "market/web/language.h"

#include <stddef.h>
#include <stdint.h>

#define MONEY_CURRENCY "GBP"
#define MONEY_TEXT_BYTES 40

/** As a reader of the language expects it: "£1,234.50", "1,234.50 英镑". @return `buf` */
const char *money_format(char buf[MONEY_TEXT_BYTES], int64_t minor, enum language language);

/** As a form's field takes it: "1234.50". @return `buf` */
const char *money_format_plain(char buf[MONEY_TEXT_BYTES], int64_t minor);

/**
 * Read what a person typed: "12", "12.5", "£1234.50". No thousands, since "1,234" means two things.
 * @return 0; -EINVAL no such number, or too long for any price
 */
int money_parse(const char *text, int64_t *ret_minor);

#endif
