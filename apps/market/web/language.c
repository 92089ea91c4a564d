/* SPDX-License-Identifier: MIT */
/* language.c: reads Accept-Language, quality values included. */
#include "market/web/language.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static const struct {
    const char *code, *tag;
} languages[LANGUAGE_COUNT] = {
    [LANGUAGE_ENGLISH] = {"en", "en-GB"},
    [LANGUAGE_CHINESE] = {"zh", "zh-Hans"},
};

/* "q=0.7" in thousandths; what is malformed counts as not wanted. */
static int quality(const char *range, size_t bytes) {
    const char *at = memchr(range, ';', bytes);
    const char *end = range + bytes;
    int value = 0, unit = 1000;

    if (at == NULL)
        return 1000;
    for (at++; at < end && (*at == ' ' || *at == '\t'); at++)
        ;
    if (end - at < 3 || (*at != 'q' && *at != 'Q') || at[1] != '=')
        return 0;
    for (at += 2; at < end && *at != ' ' && *at != '\t'; at++) {
        if (*at == '.')
            continue;
        if (*at < '0' || *at > '9' || unit == 0)
            return 0;
        value += (*at - '0') * unit;
        unit /= 10;
    }
    return value > 1000 ? 0 : value;
}

/* How well one range, "zh-CN;q=0.8", names the language: its quality, or -1 if it names another. */
static int match(const char *range, size_t bytes, const char *code) {
    size_t tag = strcspn(range, ",; \t-");

    if (tag > bytes)
        tag = bytes;
    if (tag != strlen(code) || strncasecmp(range, code, tag) != 0)
        return -1;
    return quality(range, bytes);
}

/* Quality first, then the earlier place in the list; <= 0 for a language that is not wanted. */
static int wish(const char *accept, const char *code) {
    int best = -1, any = -1;

    for (int place = 0; *accept != '\0'; place++) {
        accept += strspn(accept, ", \t");
        size_t bytes = strcspn(accept, ",");
        int value = match(accept, bytes, code);
        int score = value > 0 ? value * 64 - (place < 63 ? place : 63) : value;
        if (score > best)
            best = score;
        if (bytes > 0 && accept[0] == '*')
            any = quality(accept, bytes) * 64 - 63;
        accept += bytes;
    }
    return best >= 0 ? best : any;
}

enum language language_negotiate(const char *accept) {
    if (accept == NULL)
        return LANGUAGE_ENGLISH;
    int english = wish(accept, "en"), chinese = wish(accept, "zh");
    return chinese > 0 && chinese > english ? LANGUAGE_CHINESE : LANGUAGE_ENGLISH;
}

bool language_from_code(const char *code, enum language *ret_language) {
    for (int i = 0; code != NULL && i < LANGUAGE_COUNT; i++)
        if (strcmp(code, languages[i].code) == 0) {
            *ret_language = (enum language)i;
            return true;
        }
    return false;
}

const char *language_code(enum language language) { return languages[language].code; }

const char *language_tag(enum language language) { return languages[language].tag; }
