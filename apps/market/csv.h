/* SPDX-License-Identifier: MIT */
/* csv.h: read records of comma-separated values (RFC 4180) from pieces of any size. Pure, bounded: one record and what
 * came behind it is all that is kept. A record that is not sound costs itself only: the reader goes on at the next
 * line.
 *
 *     while (bytes left, or at the end once with none) {
 *         taken = csv_feed(csv, bytes, count, is_last);
 *         while (csv_next(csv, &record)) ...
 *     } */
#ifndef MARKET_CSV_H
#define MARKET_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CSV_FIELDS_MAX = 32,
    CSV_RECORD_BYTES_MAX = 64 * 1024, /* as it stands in the file, with its line end */
    CSV_BUFFER_BYTES = 4 * CSV_RECORD_BYTES_MAX,
};

enum csv_flaw {
    CSV_SOUND,
    CSV_TOO_LONG,        /* over CSV_RECORD_BYTES_MAX, for want of a closing quote perhaps */
    CSV_TOO_MANY_FIELDS, /* over CSV_FIELDS_MAX */
    CSV_BAD_QUOTE,       /* a quote inside a bare field, text behind a closing quote, no closing quote at the end */
};

struct csv_field {
    const char *text; /* without its quotes; a NUL stands behind */
    size_t bytes;     /* not counting that NUL; the text may hold others */
};

/** Valid until the next call with its reader. */
struct csv_record {
    uint64_t line; /* where it starts, from 1 */
    enum csv_flaw flaw;
    unsigned count; /* of fields; 0 when it is not sound */
    struct csv_field fields[CSV_FIELDS_MAX];
};

/** Storage of the caller's, zeroed to start with: it is large, so take it from the heap. */
struct csv {
    uint64_t lines; /* line ends that lie behind */
    size_t at, end; /* what has not been told yet: buffer[at .. end) */
    bool is_last;   /* nothing comes after that */
    bool skipping;  /* until the next line end: the rest of a record that was too long */
    bool begun;     /* the byte order mark has been looked for */
    char buffer[CSV_BUFFER_BYTES + 1];
};

/**
 * Take as many bytes as there is room for.
 * @param is_last  they are the last ones, if all of them are taken; count may be 0 then
 * @return how many were taken; > 0 for count > 0 after csv_next has said false
 */
size_t csv_feed(struct csv *csv, const char *bytes, size_t count, bool is_last);

/** The next record; empty lines are passed over. @return true; false: feed more, or, after the last: the end */
bool csv_next(struct csv *csv, struct csv_record *ret_record);

#endif
