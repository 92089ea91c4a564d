/* SPDX-License-Identifier: MIT */
/* timestamp.h: wall times in words. Always UTC: the server does not know where its visitors are. */
#ifndef MARKET_WEB_TIMESTAMP_H
#define MARKET_WEB_TIMESTAMP_H

#include "weir/base.h"
#include "market/web/language.h"

#define TIMESTAMP_BYTES 64

/** "2026-11-20T06:49:00Z". @return `buf` */
const char *timestamp_format(char buf[TIMESTAMP_BYTES], weir_wall wall);

/** For people: "20 November 2026, 06:49 UTC"; "2026年11月20日 06:49 UTC". @return `buf` */
const char *timestamp_format_words(char buf[TIMESTAMP_BYTES], weir_wall wall, enum language language);

#endif
