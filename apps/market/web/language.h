/* SPDX-License-Identifier: MIT */
/* language.h: which language a visitor reads. */
#ifndef MARKET_WEB_LANGUAGE_H
#define MARKET_WEB_LANGUAGE_H

#include <stdbool.h>

enum language { LANGUAGE_ENGLISH, LANGUAGE_CHINESE, LANGUAGE_COUNT };

/** The best of our languages for an Accept-Language header (RFC 9110, 12.5.4); English for NULL and for none. */
enum language language_negotiate(const char *accept);

/** The one of a code as cookies and forms hold it, "en" or "zh". @return false for any other, and for NULL */
bool language_from_code(const char *code, enum language *ret_language);

/** "en", "zh". */
const char *language_code(enum language language);

/** For the lang attribute and Content-Language: "en-GB", "zh-Hans". */
const char *language_tag(enum language language);

#endif
