/* SPDX-License-Identifier: MIT */
/* retail.c: what a line of the order book says. */
#include "market/retail.h"

#include "market/utf8.h"

#include <string.h>

enum { INVOICE, ARTICLE, DESCRIPTION, QUANTITY, DATE, PRICE, CUSTOMER, COUNTRY, COLUMNS };

static const char *const columns[COLUMNS] = {"InvoiceNo",   "StockCode", "Description", "Quantity",
                                             "InvoiceDate", "UnitPrice", "CustomerID",  "Country"};

const char *retail_reason_name(enum retail_reason reason) {
    static const char *const names[RETAIL_REASONS] = {
        [RETAIL_GOOD] = "good",
        [RETAIL_MALFORMED] = "malformed",
        [RETAIL_CANCELLATION] = "cancellations",
        [RETAIL_NOTHING] = "no description and no price",
        [RETAIL_NO_QUANTITY] = "no quantity above 0",
        [RETAIL_NO_PRICE] = "no price of a penny or more",
    };
    return names[reason];
}

bool retail_is_header(const struct csv_record *record) {
    if (record->flaw != CSV_SOUND || record->count != COLUMNS)
        return false;
    for (unsigned i = 0; i < COLUMNS; i++)
        if (strcmp(record->fields[i].text, columns[i]) != 0)
            return false;
    return true;
}

/* Codes of what the shop wrote into its books beside articles. */
bool retail_is_article(const char *code) {
    static const char *const others[] = {"AMAZONFEE", "B", "BANK CHARGES", "C2", "CRUK", "D", "DOT", "M", "POST", "S"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcasecmp(code, others[i]) == 0)
            return false;
    return true;
}

/* ---- Fields ------------------------------------------------------------------------------------------------------ */

/** A short name without controls; may be empty. */
static bool read_id(const struct csv_field *field, char id[RETAIL_ID_BYTES_MAX + 1]) {
    size_t bytes = field->bytes;
    const char *text = utf8_trim(field->text, &bytes);

    if (bytes > RETAIL_ID_BYTES_MAX)
        return false;
    for (size_t at = 0; at < bytes;) {
        int32_t character = utf8_next(text, bytes, &at);
        if (character < 0 || utf8_is_control(character))
            return false;
    }
    memcpy(id, text, bytes);
    id[bytes] = '\0';
    return true;
}

/** Digits, at most 15 of them. @return how many; 0: not a number */
static size_t read_digits(const char *text, int64_t *ret_number) {
    size_t count = strspn(text, "0123456789");
    if (count == 0 || count > 15)
        return 0;
    *ret_number = 0;
    for (size_t i = 0; i < count; i++)
        *ret_number = 10 * *ret_number + (text[i] - '0');
    return count;
}

static bool read_whole(const struct csv_field *field, int64_t *ret_number) {
    bool minus = field->text[0] == '-';
    size_t count = read_digits(field->text + minus, ret_number);
    if (minus)
        *ret_number = -*ret_number;
    return count > 0 && count + minus == field->bytes;
}

/** "2.55" to 255; further digits are rounded. */
static bool read_price(const struct csv_field *field, int64_t *ret_minor) {
    bool minus = field->text[0] == '-';
    const char *text = field->text + minus;
    size_t whole = read_digits(text, ret_minor), behind = 0;

    if (whole == 0 || whole > 12)
        return false;
    if (text[whole] == '.')
        behind = strspn(text + whole + 1, "0123456789");
    if (field->bytes != minus + whole + (behind > 0 ? 1 + behind : 0))
        return false;
    for (size_t i = 0; i < 2; i++)
        *ret_minor = 10 * *ret_minor + (i < behind ? text[whole + 1 + i] - '0' : 0);
    if (behind > 2 && text[whole + 3] >= '5')
        ++*ret_minor;
    if (minus)
        *ret_minor = -*ret_minor;
    return true;
}

/** Days since 1970-01-01 of a date of the Gregorian calendar. */
static int64_t days_of(int64_t year, int64_t month, int64_t day) {
    year -= month <= 2; /* a year that begins in March ends with its leap day */
    int64_t era = year / 400, of_era = year - 400 * era;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/** Two digits. */
static int64_t pair(const char *text) { return 10 * (text[0] - '0') + (text[1] - '0'); }

/** "2010-12-01 08:26:00" */
static bool read_date(const struct csv_field *field, weir_wall *ret_date) {
    static const char form[] = "0000-00-00 00:00:00";
    static const int64_t lengths[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *text = field->text;

    if (field->bytes != sizeof form - 1)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    int64_t year = 100 * pair(text) + pair(text + 2), month = pair(text + 5), day = pair(text + 8);
    int64_t hour = pair(text + 11), minute = pair(text + 14), second = pair(text + 17);
    if (year < 1970 || year > 2200 || month < 1 || month > 12 || day < 1 || day > lengths[month - 1])
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (month == 2 && day == 29 && !leap)
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    ret_date->ns = (((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60 + second) * WEIR_SEC;
    return true;
}

/** What stands there, cut to the longest title. False: it is not UTF-8, or has controls. */
static bool read_description(const struct csv_field *field, struct retail_line *line) {
    size_t bytes = field->bytes, at = 0;
    const char *text = utf8_trim(field->text, &bytes);

    for (unsigned chars = 0; at < bytes && chars < MARKET_TITLE_CHARS_MAX; chars++) {
        int32_t character = utf8_next(text, bytes, &at);
        if (character < 0 || utf8_is_control(character))
            return false;
    }
    line->description = text;
    line->description_bytes = at;
    return true;
}

/* ---- Lines ------------------------------------------------------------------------------------------------------- */

enum retail_reason retail_read(const struct csv_record *record, struct retail_line *ret_line) {
    const struct csv_field *fields = record->fields;
    struct retail_line line;

    if (record->flaw != CSV_SOUND || record->count != COLUMNS)
        return RETAIL_MALFORMED;
    if (!read_id(&fields[INVOICE], line.invoice) || !read_id(&fields[ARTICLE], line.article) ||
        !read_id(&fields[CUSTOMER], line.customer) || line.invoice[0] == '\0' || line.article[0] == '\0')
        return RETAIL_MALFORMED;
    if (!read_whole(&fields[QUANTITY], &line.quantity) || !read_price(&fields[PRICE], &line.price_minor) ||
        !read_date(&fields[DATE], &line.date) || !read_description(&fields[DESCRIPTION], &line))
        return RETAIL_MALFORMED;
    /* Numbers that went through a spreadsheet: 17850.0 is customer 17850. */
    size_t bytes = strlen(line.customer);
    if (bytes > 2 && strcmp(line.customer + bytes - 2, ".0") == 0)
        line.customer[bytes - 2] = '\0';
    *ret_line = line;

    if (line.invoice[0] == 'C')
        return RETAIL_CANCELLATION;
    if (line.description_bytes == 0 && line.price_minor == 0)
        return RETAIL_NOTHING;
    if (line.quantity < 1 || line.quantity > MARKET_QUANTITY_MAX)
        return RETAIL_NO_QUANTITY;
    if (line.price_minor < 1 || line.price_minor > MARKET_PRICE_MINOR_MAX ||
        line.price_minor * line.quantity > RETAIL_LINE_MINOR_MAX)
        return RETAIL_NO_PRICE;
    return RETAIL_GOOD;
}
