/* SPDX-License-Identifier: MIT */
/* import_db.h: put the lines of another shop's books into the database, each once, however often they come.
 *
 * Everything that comes from outside is registered under the id that it has there. An order's lines are told apart by
 * their number within the invoice; so a file that is imported again, or again after half of it, adds what is missing
 * and nothing else. All calls are members of a write (store_run.h). */
#ifndef MARKET_IMPORT_DB_H
#define MARKET_IMPORT_DB_H

#include "market/db.h"
#include "market/retail.h"

/** What a run has seen and done. */
struct import_counts {
    uint64_t lines; /* read, without the header */
    uint64_t skipped[RETAIL_REASONS];
    uint64_t nameless;                      /* lines that name no customer */
    uint64_t invoices, articles, customers; /* different ones, in all lines that could be read */
    uint64_t orders_added, orders_there;    /* invoices with at least one good line */
    uint64_t lines_added, lines_there;
    uint64_t articles_added, articles_there; /* in the catalogue */
    uint64_t customers_added, customers_there;
};

/** A run under way: zeroed, then import_db_begin. Between the lines it holds what its transaction has not written yet.
 */
struct import_run {
    const char *source; /* names the shop; constant */
    int64_t run, shop_id;
    struct import_counts counts;
    struct { /* the invoice that the last line was of */
        char id[RETAIL_ID_BYTES_MAX + 1];
        int64_t lines, order_id; /* 0: none yet */
        int64_t added_minor;     /* to the order's total */
        bool order_counted, changed;
    } invoice;
    struct { /* the customer of the last line */
        char id[RETAIL_ID_BYTES_MAX + 1];
        bool known;
        int64_t user_id; /* 0: none yet */
    } customer;
};

/** Register the run, and the shop as a seller. */
int import_db_begin(struct db *db, struct import_run *run, const char *source, const char *shop) WEIR_MUST_CHECK;

/** One line, whatever the reason says; of RETAIL_MALFORMED only the reason counts, and `line` may be NULL. */
int import_db_line(struct db *db, struct import_run *run, const struct retail_line *line,
                   enum retail_reason reason) WEIR_MUST_CHECK;

/** Write what is held back; at the end of each transaction. */
int import_db_flush(struct db *db, struct import_run *run) WEIR_MUST_CHECK;

/** The file is through. */
int import_db_end(struct db *db, struct import_run *run) WEIR_MUST_CHECK;

/** The article of another source, if it has been imported. @return 1; 0 not yet; < 0 */
int import_db_find_article(struct db *db, const char *source, const char *id, int64_t *ret_product_id) WEIR_MUST_CHECK;

/** Register an article as imported. */
int import_db_register_article(struct db *db, const char *source, const char *id, int64_t run,
                               int64_t product_id) WEIR_MUST_CHECK;

/** Somebody who cannot log in and stands for `id` of the source; made under a name that is free, `name` if it is. */
int import_db_person(struct db *db, const char *source, const char *id, const char *name, int64_t run,
                     int64_t *ret_user_id, bool *ret_added) WEIR_MUST_CHECK;

#endif
