/* SPDX-License-Identifier: MIT */
/* timestamp.c: formats wall times. */
#include "market/web/timestamp.h"

#include <stdio.h>
#include <time.h>

static struct tm utc_of(weir_wall wall) {
    time_t seconds = (time_t)(wall.ns / WEIR_SEC);
    struct tm utc;

    gmtime_r(&seconds, &utc);
    return utc;
}

const char *timestamp_format(char buf[TIMESTAMP_BYTES], weir_wall wall) {
    struct tm utc = utc_of(wall);

    strftime(buf, TIMESTAMP_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc);
    return buf;
}

const char *timestamp_format_words(char buf[TIMESTAMP_BYTES], weir_wall wall, enum language language) {
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    struct tm utc = utc_of(wall);

    if (language == LANGUAGE_CHINESE)
        snprintf(buf, TIMESTAMP_BYTES, "%d年%d月%d日 %02d:%02d UTC", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
                 utc.tm_hour, utc.tm_min);
    else
        snprintf(buf, TIMESTAMP_BYTES, "%d %s %d, %02d:%02d UTC", utc.tm_mday, months[utc.tm_mon % 12],
                 utc.tm_year + 1900, utc.tm_hour, utc.tm_min);
    return buf;
}
