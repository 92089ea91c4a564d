/* SPDX-License-Identifier: MIT */
/* words.c: cut text into the words that a search looks for.
 * Invariant: `at` stands on the first byte of a character, and grows with every character that is looked at. */
#include "market/words.h"

#include "market/fold_table.h"
#include "market/utf8.h"

#include <string.h>

enum kind { SEPARATOR, LETTER, SINGLE, ACCENT };

struct range {
    int32_t first, last;
};

/** Characters that are words by themselves: Han, kana, bopomofo, hangul. */
static const struct range singles[] = {
    {0x1100, 0x11FF},   {0x2E80, 0x2FDF},   {0x3005, 0x3007},   {0x3021, 0x302F},   {0x3031, 0x3035}, {0x3038, 0x303C},
    {0x3041, 0x3098},   {0x309B, 0x309F},   {0x30A1, 0x30FA},   {0x30FC, 0x318E},   {0x31A0, 0x31BF}, {0x31F0, 0x31FF},
    {0x3400, 0x4DBF},   {0x4E00, 0x9FFF},   {0xA960, 0xA97C},   {0xAC00, 0xD7FB},   {0xF900, 0xFAFF}, {0xFF66, 0xFFDC},
    {0x16FE0, 0x18CFF}, {0x1AFF0, 0x1B2FF}, {0x20000, 0x2FA1F}, {0x30000, 0x323AF},
};

/** Beyond ASCII and the fold tables: what is neither letter nor digit. All else there is taken for one. */
static const struct range separators[] = {
    {0x0080, 0x00A9}, {0x00AB, 0x00B1}, {0x00B4, 0x00B4}, {0x00B6, 0x00B8},   {0x00BB, 0x00BB},   {0x00BF, 0x00BF},
    {0x02C2, 0x02C5}, {0x02D2, 0x02DF}, {0x0589, 0x058F}, {0x05BE, 0x05C6},   {0x05F3, 0x060F},   {0x061B, 0x061F},
    {0x066A, 0x066D}, {0x06D4, 0x06D4}, {0x0964, 0x0965}, {0x0E3F, 0x0E3F},   {0x0E4F, 0x0E4F},   {0x0E5A, 0x0E5B},
    {0x2000, 0x206F}, {0x207A, 0x207E}, {0x208A, 0x208E}, {0x20A0, 0x20CF},   {0x2100, 0x2BFF},   {0x2E00, 0x2E7F},
    {0x2FF0, 0x3004}, {0x3008, 0x3020}, {0x3030, 0x3030}, {0x3036, 0x3037},   {0x303D, 0x3040},   {0x30A0, 0x30A0},
    {0x30FB, 0x30FB}, {0x3190, 0x319F}, {0x31C0, 0x31EF}, {0x3200, 0x33FF},   {0x4DC0, 0x4DFF},   {0xA490, 0xA4CF},
    {0xD800, 0xF8FF}, {0xFD3E, 0xFD3F}, {0xFE10, 0xFE1F}, {0xFE30, 0xFE6F},   {0xFEFF, 0xFF0F},   {0xFF1A, 0xFF20},
    {0xFF3B, 0xFF40}, {0xFF5B, 0xFF65}, {0xFFE0, 0xFFFF}, {0x1D000, 0x1D3FF}, {0x1F000, 0x1FBEF}, {0xE0000, 0x10FFFF},
};

/** Marks that belong to the letter before them, and do not count. */
static const struct range accents[] = {
    {0x00AD, 0x00AD}, {0x0300, 0x036F}, {0x0483, 0x0489}, {0x1AB0, 0x1AFF}, {0x1DC0, 0x1DFF},
    {0x200C, 0x200D}, {0x20D0, 0x20FF}, {0x3099, 0x309A}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F},
};

static bool is_in(int32_t character, const struct range *ranges, size_t count) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (character > ranges[middle].last)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && character >= ranges[low].first;
}

#define IS_IN(character, ranges) is_in(character, ranges, sizeof(ranges) / sizeof(ranges)[0])

static const struct {
    int32_t first, last;
    const uint16_t *folded;
} tables[] = {
    {FOLD_LATIN_FIRST, FOLD_LATIN_LAST, fold_latin},
    {FOLD_GREEK_CYRILLIC_FIRST, FOLD_GREEK_CYRILLIC_LAST, fold_greek_cyrillic},
    {FOLD_EXTENDED_FIRST, FOLD_EXTENDED_LAST, fold_extended},
};

/** Of a letter that a table knows: it, folded; 0: no letter. -1: no table knows it. */
static int32_t fold_by_table(int32_t character) {
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (character >= tables[i].first && character <= tables[i].last)
            return tables[i].folded[character - tables[i].first];
    return -1;
}

/** What kind of character it is; of a letter, `*folded` becomes what it is folded to. */
static enum kind kind_of(int32_t character, int32_t *folded) {
    *folded = character;
    if (character < 0x80) {
        if (character >= 'A' && character <= 'Z')
            *folded = character - 'A' + 'a';
        return (*folded >= 'a' && *folded <= 'z') || (character >= '0' && character <= '9') ? LETTER : SEPARATOR;
    }
    if (character >= 0xFF10 && character <= 0xFF5A && !IS_IN(character, separators)) /* full width ASCII */
        return kind_of(character - 0xFF00 + 0x20, folded);
    if (IS_IN(character, accents))
        return ACCENT;

    int32_t by_table = fold_by_table(character);
    if (by_table >= 0) {
        *folded = by_table;
        return by_table > 0 ? LETTER : SEPARATOR;
    }
    if (IS_IN(character, singles))
        return SINGLE;
    return IS_IN(character, separators) ? SEPARATOR : LETTER;
}

/** Letters that are spelled with two of ASCII; NULL for all others. */
static const char *spelled(int32_t folded) {
    switch (folded) {
    case 0xDF: /* ß */
        return "ss";
    case 0xE6: /* æ */
        return "ae";
    case 0xFE: /* þ */
        return "th";
    case 0x133: /* ĳ */
        return "ij";
    case 0x153: /* œ */
        return "oe";
    default:
        return NULL;
    }
}

static void append(struct word *word, int32_t folded) {
    char one[4];
    const char *piece = spelled(folded);
    size_t bytes = piece == NULL ? utf8_put(one, folded) : 2;

    if (piece == NULL)
        piece = one;
    if (word->folded_bytes + bytes > WORDS_FOLDED_MAX)
        return;
    memcpy(word->folded + word->folded_bytes, piece, bytes);
    word->folded_bytes += bytes;
}

bool words_next(struct words *words, struct word *ret_word) {
    struct word word = {0};
    bool inside = false;

    while (words->at < words->bytes) {
        size_t start = words->at, next = words->at;
        int32_t folded;
        int32_t character = utf8_next(words->text, words->bytes, &next);
        enum kind kind = character < 0 ? SEPARATOR : kind_of(character, &folded);

        if (inside && kind != LETTER && kind != ACCENT)
            break; /* looked at again by the next call */
        words->at = next;
        if (kind == SEPARATOR || (kind == ACCENT && !inside))
            continue;
        if (!inside)
            word.start = start;
        inside = true;
        word.end = next;
        if (kind != ACCENT)
            append(&word, folded);
        if (kind == SINGLE) {
            word.single = true;
            break;
        }
    }
    if (inside)
        *ret_word = word;
    return inside;
}
