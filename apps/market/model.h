/* SPDX-License-Identifier: MIT */
/* model.h: what market is about: users, articles, orders; their limits, and what can be wrong with them.
 *
 * The words of weir/base.h hold here too. All text is UTF-8 and ends with a NUL. What a call hands out as `ret_...`
 * pointers to structs of this file is one block each, given back with market_free. */
#ifndef MARKET_MODEL_H
#define MARKET_MODEL_H

#include "weir/base.h"

/* ---- Failures: beside errno and WEIR_E..., of a range of their own ----------------------------------------------- */

enum market_error {
    MARKET_EINVALID = 0x20000, /* a field is not acceptable; a market_flaw says which and why (422) */
    MARKET_ENOT_FOUND,         /* no such thing, or not for this caller's eyes (404) */
    MARKET_ENOT_YOURS,         /* it is there, and another's (403) */
    MARKET_ENAME_TAKEN,        /* (409 name_taken) */
    MARKET_EOUT_OF_STOCK,      /* (409 out_of_stock) */
    MARKET_EKEY_REUSED,        /* the idempotency key came before with another body (409 key_reused) */
    MARKET_EBAD_LOGIN,         /* unknown name, wrong password, or no such session (401) */
    MARKET_ETOO_MANY_LOGINS,   /* too many failed logins of late (429) */
    MARKET_EBUSY,              /* a bounded line is full; try again later (503) */
    MARKET_EPICTURE_TYPE,      /* neither PNG nor JPEG, or not a sound one (415) */
    MARKET_EPICTURE_SIZE,      /* over MARKET_PICTURE_BYTES_MAX (413) */
    MARKET_EDISK_FULL,         /* nothing was written; may succeed when there is room again (507) */
    MARKET_EDISK,              /* the disk failed; nothing was written (500) */
    MARKET_ECORRUPT,           /* the database is damaged */
    MARKET_ENEWER,             /* the database was written by a newer market */
    MARKET_EFOREIGN,           /* the file is no database of market's */
    MARKET_EIN_USE             /* another process has the database open */
};

/** A sentence for people, in English, for any code: weir_error_text's detail, or what the code means. Never NULL. */
const char *market_error_text(int code);

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

#define MARKET_NAME_CHARS_MAX 64
#define MARKET_PASSWORD_CHARS_MIN 8
#define MARKET_PASSWORD_BYTES_MAX 1024
#define MARKET_TITLE_CHARS_MAX 200
#define MARKET_DESCRIPTION_CHARS_MAX 10000
#define MARKET_PRICE_MINOR_MAX INT64_C(100000000000) /* times a quantity it stays well inside 63 bits */
#define MARKET_STOCK_MAX INT64_C(1000000)
#define MARKET_QUANTITY_MAX INT64_C(1000000)
#define MARKET_KEY_BYTES_MAX 255 /* of an idempotency key: 1 to 255 characters of ASCII, no controls */
#define MARKET_PICTURE_BYTES_MAX ((size_t)5 * 1000 * 1000)
#define MARKET_PICTURE_SIDE_MAX 10000 /* pixels */
#define MARKET_QUERY_BYTES_MAX 1000   /* longer searches are cut */
#define MARKET_PER_PAGE_DEFAULT 20
#define MARKET_PER_PAGE_MAX 100
#define MARKET_PAGE_MAX 1000000

/* ---- Flaws: why a field is refused; the page and the API word them ----------------------------------------------- */

enum market_reason {
    MARKET_FLAW_NONE,
    MARKET_FLAW_MISSING,       /* NULL, or only white space where something must be */
    MARKET_FLAW_TOO_SHORT,     /* below `limit` */
    MARKET_FLAW_TOO_LONG,      /* above `limit` */
    MARKET_FLAW_TOO_SMALL,     /* a number below `limit` */
    MARKET_FLAW_TOO_LARGE,     /* a number above `limit` */
    MARKET_FLAW_BAD_UTF8,      /* not valid UTF-8 */
    MARKET_FLAW_BAD_CHARACTER, /* a control character; in a name, also one that nobody sees */
};

struct market_flaw {
    const char *field; /* "name", "password", "title", "description", "price_minor", "stock", "quantity", "key" */
    enum market_reason reason;
    int64_t limit; /* of TOO_...: characters (of a long password: bytes), or the number */
};

/* ---- Users ------------------------------------------------------------------------------------------------------- */

struct market_user {
    int64_t id;
    const char *name; /* as typed, without outer white space */
};

/* ---- Articles ---------------------------------------------------------------------------------------------------- */

/** What a seller says of an article. Borrowed by every call that takes it. */
struct market_offer {
    const char *title;       /* outer white space is dropped */
    const char *description; /* NULL is "" */
    int64_t price_minor;     /* 0 to MARKET_PRICE_MINOR_MAX */
    int64_t stock;           /* 0 to MARKET_STOCK_MAX */
};

/** A change of an offer: only the fields named in `set` are looked at. */
struct market_change {
    unsigned set; /* MARKET_SET_..., together */
    struct market_offer to;
};

enum {
    MARKET_SET_TITLE = 1,
    MARKET_SET_DESCRIPTION = 2,
    MARKET_SET_PRICE = 4,
    MARKET_SET_STOCK = 8,
};

struct market_product {
    int64_t id;
    int64_t seller_id;
    const char *seller; /* name */
    const char *title;
    const char *description;
    int64_t price_minor;
    int64_t stock;
    bool withdrawn;
    weir_wall created;
    int64_t picture_id;                /* 0: none. Another picture has another id, so the id makes an ETag */
    int64_t picture_bytes;             /* 0: none */
    const char *picture_type;          /* "image/png", "image/jpeg"; NULL: none */
    int picture_width, picture_height; /* pixels */
    /* Filled in by a search for words, else NULL. Raw text, to be escaped, in which MARKET_MARK_OPEN and
     * MARKET_MARK_CLOSE stand around what matched; stored text never holds these two characters. */
    const char *title_marked;
    const char *excerpt_marked; /* the part of the description that matched best, "…" where it was cut */
};

#define MARKET_MARK_OPEN '\x01'
#define MARKET_MARK_CLOSE '\x02'

enum market_sort {
    MARKET_SORT_BEST,  /* by relevance; without words: as NEWEST */
    MARKET_SORT_CHEAP, /* price ascending */
    MARKET_SORT_DEAR,  /* price descending */
    MARKET_SORT_NEWEST,
};

/** Which articles. `{0}` is the first page of all that is on sale. */
struct market_query {
    const char *words; /* anything a person types; NULL or blank: no search */
    unsigned page;     /* from 1; 0 is 1; beyond the last: an empty page */
    unsigned per_page; /* 0 is 20; at most MARKET_PER_PAGE_MAX, larger is cut */
    enum market_sort sort;
    int64_t seller_id; /* > 0: only this seller's, withdrawn ones included; 0: everybody's, none withdrawn */
};

struct market_products {
    int64_t total;           /* of all pages */
    unsigned page, per_page; /* as used */
    size_t count;
    struct market_product *items;
};

/** One product as a list of one, so that both are freed and rendered alike: `found->items[0]`. */

/* ---- Orders ------------------------------------------------------------------------------------------------------ */

struct market_order_line {
    int64_t product_id;
    const char *title;   /* as it was when bought */
    int64_t price_minor; /* of one, as it was when bought */
    int64_t quantity;
};

struct market_order {
    int64_t id;
    int64_t buyer_id;
    const char *status; /* "confirmed"; "imported": came out of another shop's books */
    int64_t total_minor;
    weir_wall created;
    size_t line_count;
    struct market_order_line *lines;
};

struct market_orders {
    int64_t total; /* of all pages */
    unsigned page, per_page;
    size_t count;
    struct market_order *items; /* newest first */
};

/** Bring a page's number and size into their bounds: 0 becomes the default, what is too large the largest. */
void market_page_clamp(unsigned *page, unsigned *per_page);

/** Give back what a `ret_...` pointer of store.h or auth.h handed out. NULL is fine. */
void market_free(void *result);

/* ---- Checks: pure, for any thread; store and auth apply them again, so calling them first is optional ------------ */

/** @return 0; -MARKET_EINVALID, and `ret_flaw` (may be NULL) says why. */
int market_offer_check(const struct market_offer *offer, struct market_flaw *ret_flaw);
int market_change_check(const struct market_change *change, struct market_flaw *ret_flaw);
int market_name_check(const char *name, struct market_flaw *ret_flaw);
int market_password_check(const char *password, struct market_flaw *ret_flaw);
int market_quantity_check(int64_t quantity, struct market_flaw *ret_flaw);
int market_key_check(const char *key, struct market_flaw *ret_flaw);

#endif
