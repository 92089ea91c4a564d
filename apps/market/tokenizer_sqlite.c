/* SPDX-License-Identifier: MIT */
/* tokenizer_sqlite.c: words.h as a tokenizer of FTS5's, by the name of "market". */
#include "market/db_sqlite.h"

#include "market/words.h"

#include <sqlite3.h>

/* FTS5 wants an object for each table that uses the tokenizer; ours has nothing to keep. */
static char nothing;

static int create(void *context, const char **arguments, int count, Fts5Tokenizer **ret_tokenizer) {
    (void)context, (void)arguments, (void)count;
    *ret_tokenizer = (Fts5Tokenizer *)&nothing;
    return SQLITE_OK;
}

static void delete (Fts5Tokenizer *tokenizer) { (void)tokenizer; }

static int tokenize(Fts5Tokenizer *tokenizer, void *context, int why, const char *text, int bytes,
                    int (*token)(void *, int, const char *, int, int, int)) {
    struct words words = {.text = text, .bytes = bytes > 0 ? (size_t)bytes : 0};
    struct word word;
    int rc = SQLITE_OK;

    (void)tokenizer, (void)why;
    while (rc == SQLITE_OK && words_next(&words, &word))
        rc = token(context, 0, word.folded, (int)word.folded_bytes, (int)word.start, (int)word.end);
    return rc;
}

static int find_fts5(struct db *db, fts5_api **ret_api) {
    sqlite3_stmt *row;

    int rc = sqlite3_prepare_v2(db->sqlite, "SELECT fts5(?1)", -1, &row, NULL);
    if (rc != SQLITE_OK)
        return db_failed(db, rc, "this SQLite has no FTS5");
    sqlite3_bind_pointer(row, 1, ret_api, "fts5_api_ptr", NULL);
    sqlite3_step(row);
    rc = sqlite3_finalize(row);
    if (rc != SQLITE_OK || *ret_api == NULL)
        return db_failed(db, rc == SQLITE_OK ? SQLITE_ERROR : rc, "look for FTS5");
    return 0;
}

int db_add_tokenizer(struct db *db) {
    fts5_api *api = NULL;
    fts5_tokenizer market = {.xCreate = create, .xDelete = delete, .xTokenize = tokenize};

    int rc = find_fts5(db, &api);
    if (rc < 0)
        return rc;
    rc = api->xCreateTokenizer(api, "market", NULL, &market, NULL);
    return rc == SQLITE_OK ? 0 : db_failed(db, rc, "add the tokenizer");
}
