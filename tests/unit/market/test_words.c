/* SPDX-License-Identifier: MIT */
#include "market/words.h"

#include "support/test.h"

#include <string.h>

/** The folded words of a text with a blank between each. */
static const char *cut(const char *text) {
    static char joined[1024];
    struct words words = {.text = text, .bytes = strlen(text)};
    struct word word;
    size_t used = 0;

    while (words_next(&words, &word)) {
        CHECK(word.start < word.end && word.end <= words.bytes && word.end == words.at);
        CHECK_INT(word.folded_bytes, strlen(word.folded));
        if (used > 0)
            joined[used++] = ' ';
        memcpy(joined + used, word.folded, word.folded_bytes);
        used += word.folded_bytes;
    }
    joined[used] = '\0';
    return joined;
}

TEST(test_words_split_at_what_is_no_letter_or_digit) {
    CHECK_STR(cut("WHITE HANGING T-LIGHT HOLDER"), "white hanging t light holder");
    CHECK_STR(cut("a,b;c.d(e)f!g\"h'i\t1\n22"), "a b c d e f g h i 1 22");
    CHECK_STR(cut("gift £40.00 — “new”…"), "gift 40 00 new");
    CHECK_STR(cut(""), "");
    CHECK_STR(cut(" \t—… "), "");
}

TEST(test_words_fold_latin_letters) {
    CHECK_STR(cut("Crème BRÛLÉE Ångström façade"), "creme brulee angstrom facade");
    CHECK_STR(cut("Žluťoučký kůň Łódź İstanbul ılık"), "zlutoucky kun lodz istanbul ilik");
    CHECK_STR(cut("Straße STRASSE Ægir œuvre þorn øre"), "strasse strasse aegir oeuvre thorn ore");
    CHECK_STR(cut("Tiếng Việt"), "tieng viet");
    CHECK_STR(cut("3×4 ÷ ½"), "3 4 ½");
}

TEST(test_words_fold_combining_accents_away) {
    CHECK_STR(cut("Cre\xCC\x80me"), "creme");
    CHECK_STR(cut("\xCC\x80 a"), "a");
    CHECK_STR(cut("co\xC2\xADoperate"), "cooperate"); /* a soft hyphen */
}

TEST(test_words_fold_greek_and_cyrillic) {
    CHECK_STR(cut("ΟΔΥΣΣΕΎΣ Ὀδυσσεύς"), "οδυσσευσ οδυσσευσ");
    CHECK_STR(cut("ЁЛКА Ёлка ЙОД Київ"), "елка елка йод киів");
}

TEST(test_words_make_each_chinese_character_one) {
    CHECK_STR(cut("蓝色茶壶"), "蓝 色 茶 壶");
    CHECK_STR(cut("iPhone15手机壳，透明"), "iphone15 手 机 壳 透 明");
    CHECK_STR(cut("T恤"), "t 恤");
    CHECK_STR(cut("カメラ・한국어"), "カ メ ラ 한 국 어");
    CHECK_STR(cut("𠀀x"), "𠀀 x");
    CHECK_STR(cut("ＡＢＣ１２３　ｄ"), "abc123 d"); /* full width */
}

TEST(test_words_tell_singles_apart) {
    struct words words = {.text = "a壶", .bytes = strlen("a壶")};
    struct word word;
    CHECK(words_next(&words, &word) && !word.single);
    CHECK(words_next(&words, &word) && word.single);
    CHECK_INT(word.start, 1);
    CHECK_INT(word.end, 4);
    CHECK(!words_next(&words, &word));
    CHECK(!words_next(&words, &word));
}

TEST(test_words_cut_a_long_one_at_a_character) {
    char text[400];
    for (size_t i = 0; i < 200; i++)
        memcpy(text + 2 * i, "δ", 2);
    struct words words = {.text = text, .bytes = sizeof text};
    struct word word;
    CHECK(words_next(&words, &word));
    CHECK_INT(word.folded_bytes, 62);
    CHECK_INT(word.end, 400);
    CHECK(!words_next(&words, &word));
}

TEST(test_words_take_broken_utf8_for_separators) {
    CHECK_STR(cut("a\xFFz"), "a z");
    CHECK_STR(cut("a\xE8\x8C"), "a"); /* cut in the middle */
    CHECK_STR(cut("a\xC0\x80z"), "a z");
    CHECK_STR(cut("a\xED\xA0\x80z"), "a z");     /* a surrogate */
    CHECK_STR(cut("a\xF4\x90\x80\x80z"), "a z"); /* beyond U+10FFFF */
}

/* What is stored and what is asked for meet only if folding what is folded changes nothing. */
TEST(test_words_folding_is_stable) {
    for (int32_t character = 1; character < 0x30000; character++) {
        char text[5] = {0}, once[1024];
        if (character >= 0xD800 && character < 0xE000)
            continue;
        size_t bytes = 1;
        if (character < 0x80)
            text[0] = (char)character;
        else if (character < 0x800)
            text[0] = (char)(0xC0 | character >> 6), text[1] = (char)(0x80 | (character & 0x3F)), bytes = 2;
        else if (character < 0x10000)
            text[0] = (char)(0xE0 | character >> 12), text[1] = (char)(0x80 | (character >> 6 & 0x3F)),
            text[2] = (char)(0x80 | (character & 0x3F)), bytes = 3;
        else
            text[0] = (char)(0xF0 | character >> 18), text[1] = (char)(0x80 | (character >> 12 & 0x3F)),
            text[2] = (char)(0x80 | (character >> 6 & 0x3F)), text[3] = (char)(0x80 | (character & 0x3F)), bytes = 4;
        text[bytes] = '\0';
        strcpy(once, cut(text));
        CHECK_STR(cut(once), once);
    }
}
