/* SPDX-License-Identifier: MIT */
/* date.c: civil dates from days and back, without locale and without time zone. */
#include "http/date.h"

#include "runtime/park.h"

#include <string.h>

static const char days[] = "SunMonTueWedThuFriSat", months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

/* The proleptic Gregorian calendar, counted from the first of March, so that a leap day is a year's last. */
struct civil {
    int64_t year;
    int month, day; /* from 1 */
};

static struct civil civil_of_days(int64_t since_1970) {
    int64_t shifted = since_1970 + 719468; /* since 0000-03-01 */
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t day_of_era = shifted - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t month = (5 * day_of_year + 2) / 153; /* from March */
    struct civil civil = {.day = (int)(day_of_year - (153 * month + 2) / 5 + 1)};

    civil.month = (int)(month < 10 ? month + 3 : month - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

static int64_t days_of_civil(struct civil civil) {
    int64_t year = civil.year - (civil.month <= 2);
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (civil.month + (civil.month > 2 ? -3 : 9)) + 2) / 5 + civil.day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static void put_number(char *at, int64_t number, int digits) {
    while (digits-- > 0) {
        at[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

void weir__http_date_write(char ret_text[WEIR__HTTP_DATE_BYTES], int64_t seconds) {
    int64_t day = seconds / 86400 - (seconds % 86400 < 0), second = seconds - day * 86400;
    int64_t weekday = (day % 7 + 7 + 4) % 7; /* 1970-01-01 was a Thursday */
    struct civil civil = civil_of_days(day);

    memcpy(ret_text, "Sun, 06 Nov 1994 08:49:37 GMT", WEIR__HTTP_DATE_BYTES);
    memcpy(ret_text, days + 3 * weekday, 3);
    put_number(ret_text + 5, civil.day, 2);
    memcpy(ret_text + 8, months + 3 * (civil.month - 1), 3);
    put_number(ret_text + 12, civil.year, 4);
    put_number(ret_text + 17, second / 3600, 2);
    put_number(ret_text + 20, second / 60 % 60, 2);
    put_number(ret_text + 23, second % 60, 2);
}

/* ---- Reading: a pattern says what stands where ---------------------------------------------------------------------
 * D day of month, M month's name, Y year, y year of two digits, h m s the time, w a weekday's letters, Z the zone,
 * which is GMT; others themselves. */

struct reading {
    struct civil civil;
    int hour, minute, second;
};

static bool read_number(const char **at, const char *end, int digits, int *ret_number) {
    int number = 0;

    if (end - *at < digits)
        return false;
    for (int i = 0; i < digits; i++, (*at)++) {
        if (i == 0 && digits == 2 && **at == ' ') /* asctime's " 6" */
            continue;
        if (!weir__char_is_digit(**at))
            return false;
        number = number * 10 + (**at - '0');
    }
    *ret_number = number;
    return true;
}

static bool read_month(const char **at, const char *end, int *ret_month) {
    if (end - *at < 3)
        return false;
    for (int i = 0; i < 12; i++)
        if (memcmp(*at, months + (ptrdiff_t)3 * i, 3) == 0) {
            *ret_month = i + 1;
            *at += 3;
            return true;
        }
    return false;
}

static bool read_one(char what, const char **at, const char *end, struct reading *reading) {
    int number = 0;

    switch (what) {
    case 'w':
        while (*at < end && weir__char_lower(**at) >= 'a' && weir__char_lower(**at) <= 'z')
            (*at)++;
        return true;
    case 'D':
        return read_number(at, end, 2, &reading->civil.day);
    case 'M':
        return read_month(at, end, &reading->civil.month);
    case 'Y':
    case 'y':
        if (!read_number(at, end, what == 'Y' ? 4 : 2, &number))
            return false;
        reading->civil.year = what == 'Y' ? number : number + (number < 70 ? 2000 : 1900);
        return true;
    case 'h':
        return read_number(at, end, 2, &reading->hour);
    case 'm':
        return read_number(at, end, 2, &reading->minute);
    case 's':
        return read_number(at, end, 2, &reading->second);
    case 'Z':
        if (end - *at < 3 || memcmp(*at, "GMT", 3) != 0)
            return false;
        *at += 3;
        return true;
    default:
        return *at < end && *(*at)++ == what;
    }
}

static bool read_pattern(const char *pattern, struct weir__span text, struct reading *reading) {
    const char *at = text.at, *end = text.at + text.bytes;

    for (; *pattern != '\0'; pattern++)
        if (!read_one(*pattern, &at, end, reading))
            return false;
    return at == end;
}

int weir__http_date_read(struct weir__span text, int64_t *ret_seconds) {
    static const char *const patterns[] = {"w, D M Y h:m:s Z", "w, D-M-y h:m:s Z", "w M D h:m:s Y"};

    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        struct reading reading = {.hour = 0};
        if (!read_pattern(patterns[i], text, &reading))
            continue;
        if (reading.civil.day < 1 || reading.civil.day > 31 || reading.hour > 23 || reading.minute > 59 ||
            reading.second > 60)
            return -EINVAL;
        *ret_seconds =
            days_of_civil(reading.civil) * 86400 + reading.hour * 3600 + reading.minute * 60 + reading.second;
        return 0;
    }
    return -EINVAL;
}

/* The loop's clock, which costs nothing, tells when the second is over. */
const char *weir__http_date_now(struct weir__http_date_cache *cache) {
    weir_instant now = weir__loop_now();

    if (now.ns >= cache->good_until.ns) {
        weir_wall wall = weir_wall_now();
        weir__http_date_write(cache->text, wall.ns / WEIR_SEC);
        cache->good_until = weir_instant_add(now, WEIR_SEC - wall.ns % WEIR_SEC);
    }
    return cache->text;
}
