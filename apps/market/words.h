/* SPDX-License-Identifier: MIT */
/* words.h: cut text into the words that a search looks for. Pure: text in, values out; the database's tokenizer and the
 * reader of searches both use it, so that what is stored and what is asked for are cut alike.
 *
 * A word is a run of letters and digits, folded: lower case, without accents (é, e + combining accent and É are all e).
 * A character of Chinese, Japanese or Korean is a word by itself. Everything else separates. */
#ifndef MARKET_WORDS_H
#define MARKET_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/** Longer words are cut; the rest of their letters is skipped. */
enum { WORDS_FOLDED_MAX = 63 };

/** Where one is in a text; zeroed at its start but for the first two. */
struct words {
    const char *text; /* borrowed; need not be valid UTF-8, what is not separates */
    size_t bytes;
    size_t at; /* behind the last word that was told */
};

struct word {
    size_t start, end; /* its bytes in the text */
    bool single;       /* a character that is a word by itself */
    size_t folded_bytes;
    char folded[WORDS_FOLDED_MAX + 1]; /* with a NUL behind */
};

/** The next word. @return true; false at the end. */
bool words_next(struct words *words, struct word *ret_word);

#endif
