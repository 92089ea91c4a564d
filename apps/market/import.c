/* SPDX-License-Identifier: MIT */
/* import.c: read a shop's order book into the database.
 *
 * Three tasks: one reads and unpacks pieces of the file on a thread, one has them written by the store's, one tells how
 * far it is. A piece goes around: empty, filled, written, empty again; so the memory is that of a few pieces, and
 * reading and writing overlap.
 * Invariant: `csv` and `run` are touched by the writer's thread only, within store_write; `counts` and `progress` by
 * the loop only. */
#include "market/import.h"

#include "market/csv.h"
#include "market/source.h"
#include "market/store_run.h"

#include "weir/weir.h"

#include <stdlib.h>
#include <string.h>

enum { PIECES = 3, PIECE_BYTES = 256 * 1024 };

#define TELL_EVERY (100 * WEIR_MS)
#define SOURCE_NAME "online-retail"
#define SHOP_NAME "Online Retail"

struct piece {
    int bytes;
    bool is_last;
    uint64_t done, size; /* of the file, behind this piece */
    char text[PIECE_BYTES];
};

struct import {
    const struct import_options *options;
    struct store *store;
    struct source *source;
    weir_queue empty, filled; /* of struct piece * */
    struct piece *empty_slots[PIECES], *filled_slots[PIECES];
    weir_instant started;
    struct progress progress;
    struct import_counts counts;
    struct csv csv;
    bool begun; /* the header was there */
    struct import_run run;
    struct piece pieces[PIECES];
};

/* ---- Reading: pieces of the file, on a thread -------------------------------------------------------------------- */

struct reading {
    struct source *source;
    struct piece *piece;
};

static int read_piece(void *arg, const weir_stop *stop) {
    struct reading *reading = arg;
    struct piece *piece = reading->piece;

    int rc = source_read(reading->source, piece->text, PIECE_BYTES, stop);
    if (rc < 0)
        return rc;
    piece->bytes = rc;
    piece->is_last = rc < PIECE_BYTES;
    source_progress(reading->source, &piece->done, &piece->size);
    return 0;
}

static int read_all(void *arg) {
    struct import *import = arg;
    bool is_last = false;
    int rc = 0;

    while (rc >= 0 && !is_last) {
        struct reading reading = {.source = import->source};
        rc = weir_queue_get(&import->empty, &reading.piece);
        if (rc > 0)
            rc = weir_offload(NULL, read_piece, &reading);
        if (rc < 0)
            break;
        is_last = reading.piece->is_last;
        rc = weir_queue_put(&import->filled, &reading.piece);
    }
    weir_queue_close(&import->filled);
    return rc;
}

/* ---- Writing: records, on the writer's thread -------------------------------------------------------------------- */

static int write_record(struct db *db, struct import *import, const struct csv_record *record) {
    struct retail_line line;

    if (!import->begun) {
        if (!retail_is_header(record))
            return weir_fail(-MARKET_EINVALID,
                             "%s is no order book: its first line is not "
                             "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country",
                             import->options->path);
        import->begun = true;
        return import_db_begin(db, &import->run, SOURCE_NAME, SHOP_NAME);
    }
    enum retail_reason reason = retail_read(record, &line);
    return import_db_line(db, &import->run, &line, reason);
}

struct writing {
    struct import *import;
    struct piece *piece;
};

static int write_piece(struct db *db, void *arg) {
    struct writing *writing = arg;
    struct import *import = writing->import;
    struct piece *piece = writing->piece;
    struct csv_record record;
    size_t count = (size_t)piece->bytes, taken = 0;
    int rc = 0;

    do {
        taken += csv_feed(&import->csv, piece->text + taken, count - taken, piece->is_last);
        while (rc == 0 && csv_next(&import->csv, &record))
            rc = write_record(db, import, &record);
    } while (rc == 0 && taken < count);
    if (rc < 0)
        return rc;
    if (!import->begun && piece->is_last)
        return weir_fail(-MARKET_EINVALID, "%s is empty", import->options->path);
    return piece->is_last ? import_db_end(db, &import->run) : import_db_flush(db, &import->run);
}

static int write_all(struct import *import) {
    struct writing writing = {.import = import};
    int rc;

    while ((rc = weir_queue_get(&import->filled, &writing.piece)) > 0) {
        rc = store_write(import->store, write_piece, &writing);
        if (rc < 0)
            return rc;
        import->counts = import->run.counts;
        import->progress.done = writing.piece->done;
        import->progress.size = writing.piece->size;
        import->progress.lines = import->counts.lines;
        rc = weir_queue_put(&import->empty, &writing.piece);
        if (rc < 0)
            return rc;
    }
    return rc;
}

/* ---- Telling ----------------------------------------------------------------------------------------------------- */

struct telling {
    struct progress progress; /* a copy, for the thread */
    const struct import_options *options;
};

/* A terminal can block. */
static int tell(void *arg, const weir_stop *stop) {
    struct telling *telling = arg;
    (void)stop;
    telling->options->tell(&telling->progress, telling->options->arg);
    return 0;
}

static int tell_now(struct import *import) {
    struct telling telling = {.progress = import->progress, .options = import->options};
    telling.progress.elapsed = weir_instant_diff(weir_now(), import->started);
    return weir_offload(NULL, tell, &telling);
}

static int tell_often(void *arg) {
    int rc;
    while ((rc = weir_sleep(TELL_EVERY)) == 0 && (rc = tell_now(arg)) == 0)
        continue;
    return rc;
}

/* ---- All together ------------------------------------------------------------------------------------------------ */

static int open_source(void *arg, const weir_stop *stop) {
    struct import *import = arg;
    return source_open(&import->source, import->options->path, stop);
}

static int run(struct import *import) {
    weir_group group;

    weir_group_open(&group);
    weir_spawn(&group, read_all, import, NULL);
    if (import->options->tell != NULL)
        weir_spawn(&group, tell_often, import, NULL);
    int rc = write_all(import);
    if (rc == 0 && import->options->tell != NULL)
        rc = tell_now(import);
    if (rc == 0)
        weir_group_cancel(&group, "the file is through");
    return weir_group_close(&group, rc);
}

int import_file(struct store *store, const struct import_options *options, struct import_counts *ret_counts,
                weir_duration *ret_elapsed) {
    struct import *import = calloc(1, sizeof *import);

    *ret_counts = (struct import_counts){0};
    *ret_elapsed = 0;
    if (import == NULL)
        return -ENOMEM;
    import->options = options;
    import->store = store;
    import->started = weir_now();
    weir_queue_init(&import->empty, import->empty_slots, PIECES, sizeof(struct piece *));
    weir_queue_init(&import->filled, import->filled_slots, PIECES, sizeof(struct piece *));

    int rc = weir_offload(NULL, open_source, import);
    for (unsigned i = 0; rc == 0 && i < PIECES; i++) {
        struct piece *piece = &import->pieces[i];
        rc = weir_queue_put(&import->empty, &piece);
    }
    if (rc == 0)
        rc = run(import);
    *ret_counts = import->counts;
    *ret_elapsed = weir_instant_diff(weir_now(), import->started);
    source_close(import->source);
    weir_queue_done(&import->empty);
    weir_queue_done(&import->filled);
    free(import);
    return rc;
}
