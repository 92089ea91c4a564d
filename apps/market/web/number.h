/* SPDX-License-Identifier: MIT */
/* number.h: whole numbers as people read them. */
#ifndef MARKET_WEB_NUMBER_H
#define MARKET_WEB_NUMBER_H

#include <stdint.h>

#define NUMBER_TEXT_BYTES 28

/** The digits in groups of three, "1,234,567"; the same in both languages. @param value  >= 0 @return `buf` */
const char *number_format(char buf[NUMBER_TEXT_BYTES], int64_t value);

#endif
