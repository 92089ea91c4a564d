/* SPDX-License-Identifier: MIT */
#include "market/match.h"

#include "support/test.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

static const char *build(const char *typed) {
    static char expression[MATCH_BYTES_MAX];
    match_build(typed, expression);
    return expression;
}

TEST(test_match_joins_words_by_and_from_their_beginning) {
    CHECK_STR(build("lantern"), "\"lantern\"*");
    CHECK_STR(build("  Red, LANTERN! "), "\"red\"* AND \"lantern\"*");
}

TEST(test_match_keeps_together_what_a_hyphen_joins) {
    CHECK_STR(build("t-light holder"), "\"t light\"* AND \"holder\"*");
    CHECK_STR(build("don't 3.5"), "\"don t\"* AND \"3 5\"*");
    CHECK_STR(build("a--b"), "\"a\"* AND \"b\"*");
}

TEST(test_match_makes_chinese_a_phrase) {
    CHECK_STR(build("壶"), "\"壶\"");
    CHECK_STR(build("茶壶"), "\"茶 壶\"");
    CHECK_STR(build("蓝色茶壶"), "\"蓝 色 茶 壶\"");
    CHECK_STR(build("蓝色 茶壶"), "\"蓝 色\" AND \"茶 壶\"");
    CHECK_STR(build("iPhone手机壳"), "\"iphone\"* AND \"手 机 壳\"");
}

TEST(test_match_takes_quotations_as_they_stand) {
    CHECK_STR(build("\"tea pot\""), "\"tea pot\"");
    CHECK_STR(build("“tea pot”"), "\"tea pot\"");
    CHECK_STR(build("blue \"tea pot\" set"), "\"blue\"* AND \"tea pot\" AND \"set\"*");
    CHECK_STR(build("\"tea pot"), "\"tea pot\"*"); /* still being typed */
    CHECK_STR(build("\"a\"\"b\""), "\"a\" AND \"b\"");
    CHECK_STR(build("\"蓝 pot\""), "\"蓝 pot\"");
}

TEST(test_match_finds_nothing_to_look_for_in_signs) {
    char expression[MATCH_BYTES_MAX];
    CHECK_INT(match_build("", expression), 0);
    CHECK_STR(expression, "");
    CHECK_INT(match_build("\"\" * () - ?!", expression), 0);
    CHECK_STR(expression, "");
}

TEST(test_match_has_no_operators_for_sale) {
    CHECK_STR(build("a OR b"), "\"a\"* AND \"or\"* AND \"b\"*");
    CHECK_STR(build("title:x NEAR(y z) ^a*"), "\"title\"* AND \"x\"* AND \"near\"* AND \"y\"* AND \"z\"* AND \"a\"*");
}

TEST(test_match_bounds_terms_and_length) {
    char typed[4000] = "", expression[MATCH_BYTES_MAX];
    for (size_t i = 0; i + 2 < sizeof typed; i += 2)
        memcpy(typed + i, "a ", 3);
    CHECK_INT(match_build(typed, expression), MATCH_TERMS_MAX);
    memset(typed, 'x', sizeof typed - 1);
    CHECK_INT(match_build(typed, expression), 1);
    for (size_t i = 0; i + 4 < sizeof typed; i += 3)
        memcpy(typed + i, "壶", 4);
    CHECK_INT(match_build(typed, expression), 1);
    CHECK(strlen(expression) < MATCH_BYTES_MAX);
}

/* Whatever is typed, FTS5 has nothing to complain about. unicode61 stands in for market's tokenizer here. */
TEST(test_match_is_well_formed_whatever_is_typed) {
    static const char *const pieces[] = {"\"", "“",  "”",  "'",    "*",    "(",      ")",    "^",       "-",    "+",
                                         ":",  "{",  "}",  ",",    " ",    "AND",    "OR",   "NOT",     "NEAR", "NEAR(",
                                         "a",  "b1", "É",  "茶",   "壶",   "\xFF",   "\xE8", "\\",      "%",    ";",
                                         "--", "/*", "\n", "\x01", "\x02", "title:", "ß",    "\xCC\x81"};
    sqlite3 *db;
    sqlite3_stmt *statement;
    uint64_t state = test_seed() | 1;

    CHECK_INT(sqlite3_open(":memory:", &db), SQLITE_OK);
    CHECK_INT(sqlite3_exec(db, "CREATE VIRTUAL TABLE t USING fts5(title, description)", NULL, NULL, NULL), SQLITE_OK);
    CHECK_INT(sqlite3_prepare_v2(db, "SELECT rowid FROM t WHERE t MATCH ?1", -1, &statement, NULL), SQLITE_OK);
    for (unsigned round = 0; round < test_scaled(20000); round++) {
        char typed[1200] = "", expression[MATCH_BYTES_MAX];
        state = state * 6364136223846793005u + 1442695040888963407u;
        unsigned count = (unsigned)(state >> 33) % (round % 50 == 0 ? 300 : 12);
        for (unsigned i = 0; i < count; i++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(state >> 33) % (sizeof pieces / sizeof pieces[0])];
            if (strlen(typed) + strlen(piece) < sizeof typed)
                strcat(typed, piece);
        }
        unsigned terms = match_build(typed, expression);
        CHECK((terms == 0) == (expression[0] == '\0'));
        CHECK(strlen(expression) < MATCH_BYTES_MAX);
        if (terms == 0)
            continue;
        sqlite3_bind_text(statement, 1, expression, -1, SQLITE_STATIC);
        int rc = sqlite3_step(statement);
        if (rc != SQLITE_DONE)
            printf("typed: %s\nexpression: %s\n%s\n", typed, expression, sqlite3_errmsg(db));
        CHECK_INT(rc, SQLITE_DONE);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(db);
}
