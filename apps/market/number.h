/* SPDX-License-Identifier: MIT */
/* number.h: whole numbers as people read them. Pure. */
#ifndef MARKET_NUMBER_H
#define MARKET_NUMBER_H

#include <stdint.h>

enum { NUMBER_TEXT_BYTES = 28 };

/** The digits in groups of three, "1,234,567"; the same in all languages. @return `buf` */
const char *number_format(char buf[NUMBER_TEXT_BYTES], uint64_t value);

#endif
