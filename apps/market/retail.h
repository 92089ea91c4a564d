/* SPDX-License-Identifier: MIT */
/* retail.h: what a line of the "Online Retail" order book says, and whether it can become part of an order. Pure.
 * InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country */
#ifndef MARKET_RETAIL_H
#define MARKET_RETAIL_H

#include "market/csv.h"
#include "market/model.h"

enum { RETAIL_ID_BYTES_MAX = 48 };

/* So many lines of so much each, in pence, are what an invoice may have: its total stays inside 63 bits. */
#define RETAIL_LINES_MAX INT64_C(1000000)
#define RETAIL_LINE_MINOR_MAX INT64_C(9000000000000)

/** Why a line is passed over. Each line counts once, for the first reason that holds. */
enum retail_reason {
    RETAIL_GOOD,
    RETAIL_MALFORMED, /* no sound record of eight fields, a field that cannot be read, or RETAIL_LINES_MAX before it */
    RETAIL_CANCELLATION, /* the invoice's number begins with C */
    RETAIL_NOTHING,      /* neither description nor price: a note about the stock */
    RETAIL_NO_QUANTITY,  /* not above 0, or above MARKET_QUANTITY_MAX */
    RETAIL_NO_PRICE,     /* below the smallest coin, above MARKET_PRICE_MINOR_MAX, or too much in all */
    RETAIL_REASONS,
};

/** "cancellations", ...: for a summary. */
const char *retail_reason_name(enum retail_reason reason);

struct retail_line {
    char invoice[RETAIL_ID_BYTES_MAX + 1];
    char article[RETAIL_ID_BYTES_MAX + 1];
    char customer[RETAIL_ID_BYTES_MAX + 1]; /* "": none is named */
    const char *description;                /* in the record; without outer white space; may be empty */
    size_t description_bytes;               /* of MARKET_TITLE_CHARS_MAX characters at most */
    int64_t quantity;
    int64_t price_minor;
    weir_wall date; /* the shop's own time, taken for UTC */
};

/** Whether this is the first line of such a file. */
bool retail_is_header(const struct csv_record *record);

/** @param ret_line  filled unless RETAIL_MALFORMED; borrows from the record */
enum retail_reason retail_read(const struct csv_record *record, struct retail_line *ret_line);

/** Whether the code stands for an article, and not for postage, fees, discounts and the like. */
bool retail_is_article(const char *code);

#endif
