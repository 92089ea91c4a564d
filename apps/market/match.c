/* SPDX-License-Identifier: MIT */
/* match.c: from the search box to FTS5's expressions.
 * Invariant: `out` holds whole terms, then at most one that is open: a quote and some words. The bound of the text,
 * times the most that a word can grow (a quote, a blank, "* AND "), stays below MATCH_BYTES_MAX; what would not fit is
 * left out all the same. */
#include "market/match.h"

#include "market/model.h"
#include "market/utf8.h"
#include "market/words.h"

#include <stdbool.h>
#include <string.h>

struct expression {
    char *out;
    size_t used;
    unsigned terms;
    bool open;   /* a term is being written */
    bool prefix; /* its last word may go on */
};

static void term_close(struct expression *e) {
    if (!e->open)
        return;
    e->out[e->used++] = '"';
    if (e->prefix)
        e->out[e->used++] = '*';
    e->open = false;
}

/** Whether one more word fits, with all that may go around it. */
static bool has_room(const struct expression *e, const struct word *word) {
    return e->used + word->folded_bytes + sizeof "\"* AND \"\"*" < MATCH_BYTES_MAX;
}

static void term_open(struct expression *e) {
    static const char join[] = " AND ";
    if (e->terms > 0) {
        memcpy(e->out + e->used, join, sizeof join - 1);
        e->used += sizeof join - 1;
    }
    e->out[e->used++] = '"';
    e->open = true;
    e->terms++;
}

static void term_add(struct expression *e, const struct word *word, bool first) {
    if (!first)
        e->out[e->used++] = ' ';
    memcpy(e->out + e->used, word->folded, word->folded_bytes);
    e->used += word->folded_bytes;
}

/** What stands between two words: how many quotes, and whether it is one character that joins. */
struct gap {
    unsigned quotes;
    bool nothing, joins;
};

static struct gap gap_read(const char *text, size_t bytes) {
    struct gap gap = {.nothing = bytes == 0};
    unsigned characters = 0;

    for (size_t at = 0; at < bytes; characters++) {
        int32_t character = utf8_next(text, bytes, &at);
        if (character == '"' || character == 0x201C || character == 0x201D || character == 0x201E)
            gap.quotes++;
        gap.joins = character == '-' || character == '\'' || character == 0x2019 || character == '.' ||
                    character == '_' || character == '/' || character == '&' || character == 0x2010 ||
                    character == 0x2011;
    }
    gap.joins = gap.joins && characters == 1;
    return gap;
}

unsigned match_build(const char *typed, char buf[MATCH_BYTES_MAX]) {
    struct words words = {.text = typed, .bytes = strnlen(typed, MARKET_QUERY_BYTES_MAX)};
    struct expression e = {.out = buf};
    struct word word, before = {0};
    bool quoted = false;

    while (words_next(&words, &word)) {
        struct gap gap = gap_read(typed + before.end, word.start - before.end);
        bool together =
            quoted ? gap.quotes == 0
                   : word.single == before.single && gap.quotes == 0 && (word.single ? gap.nothing : gap.joins);
        if (gap.quotes > 0) {
            e.prefix = e.prefix && !quoted; /* a closed quotation is meant as it stands */
            quoted = gap.quotes % 2 == 1 ? !quoted : quoted;
        }
        if (!together || !e.open) {
            term_close(&e);
            if (e.terms == MATCH_TERMS_MAX || !has_room(&e, &word))
                break;
            term_open(&e);
            term_add(&e, &word, true);
        } else if (has_room(&e, &word)) {
            term_add(&e, &word, false);
        }
        e.prefix = !word.single;
        before = word;
    }
    if (quoted && gap_read(typed + before.end, words.bytes - before.end).quotes > 0)
        e.prefix = false;
    term_close(&e);
    buf[e.used] = '\0';
    return e.terms;
}
