/* SPDX-License-Identifier: MIT */
/* Queries, forms and cookies, taken apart and decoded. */
#include "support/test.h"

#include "http/fields.h"
#include "http/percent.h"

#include <stdalign.h>
#include <string.h>

static alignas(max_align_t) char memory[4096];
static struct weir__arena arena;

/* "name=value|name=value" of what was read, or the error's name. */
static const char *told(int rc, const struct weir_http_fields *const *fields) {
    static char text[2048];
    const char *name, *value;
    size_t cursor = 0;
    char *at = text;

    if (rc < 0)
        return weir_error_name(rc);
    *at = '\0';
    while (weir_http_fields_next(*fields, &cursor, &name, &value) > 0) {
        if (at != text)
            *at++ = '|';
        at = stpcpy(stpcpy(stpcpy(at, name), "="), value);
    }
    weir__arena_reset(&arena);
    return text;
}

static const char *form(const char *text) {
    const struct weir_http_fields *fields = NULL;
    weir__arena_init(&arena, memory, sizeof memory);
    return told(weir__fields_of_form(&arena, (struct weir__span){text, strlen(text)}, 8, &fields), &fields);
}

static const char *cookie(const char *text) {
    const struct weir_http_fields *fields = NULL;
    weir__arena_init(&arena, memory, sizeof memory);
    return told(weir__fields_of_cookie(&arena, (struct weir__span){text, strlen(text)}, 3, &fields), &fields);
}

TEST(test_form_fields) {
    CHECK_STR(form(""), "");
    CHECK_STR(form("a=1"), "a=1");
    CHECK_STR(form("a=1&b=2&a=3"), "a=1|b=2|a=3");
    CHECK_STR(form("a"), "a=");
    CHECK_STR(form("a="), "a=");
    CHECK_STR(form("=1"), "=1");
    CHECK_STR(form("="), "=");
    CHECK_STR(form("&&a=1&&"), "a=1");
    CHECK_STR(form("a=b=c"), "a=b=c");
    CHECK_STR(form("a+b=c+d"), "a b=c d");
    CHECK_STR(form("%61=%c3%A9%26%3d"), "a=\xc3\xa9&=");
    CHECK_STR(form("a=100%&b=%4&c=%zz&d=%%41"), "a=100%|b=%4|c=%zz|d=%A");
    CHECK_STR(form(" a = b "), " a = b ");
    CHECK_STR(form("1&2&3&4&5&6&7&8"), "1=|2=|3=|4=|5=|6=|7=|8=");
    CHECK_STR(form("1&2&3&4&5&6&7&8&9"), "WEIR_ELIMIT");
}

TEST(test_cookie_fields) {
    CHECK_STR(cookie("a=1"), "a=1");
    CHECK_STR(cookie("a=1; b=2"), "a=1|b=2");
    CHECK_STR(cookie("a=1;b=2"), "a=1|b=2");
    CHECK_STR(cookie(" a = 1 ; b = x=y "), "a=1|b=x=y");
    CHECK_STR(cookie("a=\"quoted\"; b=\"; c="), "a=quoted|b=\"|c=");
    CHECK_STR(cookie("junk; a=1;; =2; b=%20"), "a=1|b=%20");
    CHECK_STR(cookie(""), "");
    CHECK_STR(cookie("a=1; b=2; c=3; d=4"), "a=1|b=2|c=3");
}

TEST(test_fields_get_takes_the_first) {
    const struct weir_http_fields *fields = NULL;
    const char text[] = "a=1&b=&a=2";

    weir__arena_init(&arena, memory, sizeof memory);
    CHECK_INT(weir__fields_of_form(&arena, (struct weir__span){text, strlen(text)}, 8, &fields), 0);
    CHECK_STR(weir_http_fields_get(fields, "a"), "1");
    CHECK_STR(weir_http_fields_get(fields, "b"), "");
    CHECK(weir_http_fields_get(fields, "A") == NULL);
    CHECK(weir_http_fields_get(&weir__fields_none, "a") == NULL);
}

/* What a request keeps in reserve is enough for the worst text. */
TEST(test_fields_fit_the_reserve) {
    char text[256];
    static alignas(max_align_t) char reserve[16384];
    const struct weir_http_fields *fields = NULL;

    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i % 2 == 0 ? 'a' : '&';
    size_t bytes = weir__fields_bytes_max(sizeof text, 128);
    CHECK(bytes <= sizeof reserve);
    weir__arena_init(&arena, reserve, bytes);
    CHECK_INT(weir__fields_of_form(&arena, (struct weir__span){text, sizeof text}, 128, &fields), 0);
    CHECK_INT(fields->count, 128);
    CHECK(arena.more == NULL);
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "a=;"[i % 3];
    weir__arena_reset(&arena);
    CHECK_INT(weir__fields_of_cookie(&arena, (struct weir__span){text, sizeof text}, 128, &fields), 0);
    CHECK(arena.more == NULL);
}

static const char *decoded(const char *text, enum weir__percent kind) {
    static char out[64];
    out[weir__percent_decode(out, (struct weir__span){text, strlen(text)}, kind)] = '\0';
    return out;
}

TEST(test_percent_decoding) {
    CHECK_STR(decoded("a%20b+c", WEIR__PERCENT_PATH), "a b+c");
    CHECK_STR(decoded("a%20b+c", WEIR__PERCENT_FORM), "a b c");
    CHECK_STR(decoded("%", WEIR__PERCENT_PATH), "%");
    CHECK_STR(decoded("%4", WEIR__PERCENT_PATH), "%4");
    CHECK_STR(decoded("%25%34%31", WEIR__PERCENT_PATH), "%41");
    CHECK(weir__percent_is((struct weir__span){"%61pi", 5}, "api", 3));
    CHECK(!weir__percent_is((struct weir__span){"%61pi", 5}, "apis", 4));
    CHECK(!weir__percent_is((struct weir__span){"api%73", 6}, "api", 3));
}

TEST(test_percent_decoding_in_place) {
    char text[] = "%41%42c%64";
    size_t bytes = weir__percent_decode(text, (struct weir__span){text, strlen(text)}, WEIR__PERCENT_FORM);
    CHECK_INT(bytes, 4);
    CHECK_MEM(text, "ABcd", 4);
}
