/* SPDX-License-Identifier: MIT */
/* etag.c: entity tags: comparing them, weighing conditions, making one of some bytes. */
#include "http/etag.h"

#include "http/date.h"
#include "weir/http_server.h"

#include <string.h>

/* etagc: visible but the quote, and bytes beyond ASCII. */
static bool is_tag_char(char c) { return c == '!' || ((uint8_t)c >= 0x23 && c != 0x7f); }

/* The tag at the front of the list, taken off; its bytes are 0 when none is there. */
static struct weir__span take_tag(struct weir__span *list) {
    size_t at = list->bytes >= 2 && memcmp(list->at, "W/", 2) == 0 ? 2 : 0;
    struct weir__span tag = {list->at, 0};

    if (at == list->bytes || list->at[at++] != '"')
        return tag;
    while (at < list->bytes && is_tag_char(list->at[at]))
        at++;
    if (at == list->bytes || list->at[at++] != '"')
        return tag;
    tag.bytes = at;
    list->at += at;
    list->bytes -= at;
    return tag;
}

bool weir__etag_is_valid(struct weir__span tag) {
    struct weir__span rest = tag;
    return take_tag(&rest).bytes > 0 && rest.bytes == 0;
}

static bool is_weak(struct weir__span tag) { return tag.at[0] == 'W'; }

static struct weir__span opaque(struct weir__span tag) {
    return is_weak(tag) ? (struct weir__span){tag.at + 2, tag.bytes - 2} : tag;
}

static bool is_same(struct weir__span a, struct weir__span b, enum weir__etag_comparison comparison) {
    if (comparison == WEIR__ETAG_STRONG && (is_weak(a) || is_weak(b)))
        return false;
    a = opaque(a);
    b = opaque(b);
    return a.bytes == b.bytes && memcmp(a.at, b.at, a.bytes) == 0;
}

bool weir__etag_is_listed(struct weir__span list, struct weir__span tag, enum weir__etag_comparison comparison) {
    list = weir__span_trim(list);
    if (list.bytes == 1 && list.at[0] == '*')
        return tag.bytes > 0;
    while (list.bytes > 0 && tag.bytes > 0) {
        struct weir__span listed = take_tag(&list);
        if (listed.bytes == 0)
            return false;
        if (is_same(listed, tag, comparison))
            return true;
        list = weir__span_trim(list);
        while (list.bytes > 0 && (list.at[0] == ',' || list.at[0] == ' ' || list.at[0] == '\t')) {
            list.at++;
            list.bytes--;
        }
    }
    return false;
}

/* Whether it was changed after the date that the client tells; a date that is none is no condition. */
static bool is_changed_since(struct weir__span date, int64_t modified, bool unknown) {
    int64_t since;

    if (date.at == NULL || modified < 0 || weir__http_date_read(date, &since) < 0)
        return unknown;
    return modified > since;
}

enum weir__condition weir__conditions_weigh(const struct weir__conditions *conditions, struct weir__span etag,
                                            int64_t modified) {
    const struct weir__conditions *c = conditions;

    if (c->if_match.at != NULL) {
        if (!weir__etag_is_listed(c->if_match, etag, WEIR__ETAG_STRONG))
            return WEIR__CONDITION_FAILED;
    } else if (is_changed_since(c->if_unmodified_since, modified, false))
        return WEIR__CONDITION_FAILED;
    if (c->if_none_match.at != NULL) {
        if (!weir__etag_is_listed(c->if_none_match, etag, WEIR__ETAG_WEAK))
            return WEIR__CONDITION_GO_ON;
        return c->is_read ? WEIR__CONDITION_NOT_MODIFIED : WEIR__CONDITION_FAILED;
    }
    if (c->is_read && !is_changed_since(c->if_modified_since, modified, true))
        return WEIR__CONDITION_NOT_MODIFIED;
    return WEIR__CONDITION_GO_ON;
}

/* Multiply and fold: every bit of eight bytes reaches every bit of the state. */
static uint64_t mix(uint64_t state, uint64_t bytes) {
    unsigned __int128 product = (unsigned __int128)(state ^ bytes) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ state << 1;
}

void weir_http_etag(char ret_etag[WEIR_HTTP_ETAG_BYTES], const void *data, size_t bytes) {
    static const char digits[] = "0123456789abcdef";
    const char *at = data;
    uint64_t state = UINT64_C(0x2545f4914f6cdd1d) ^ bytes, word;

    for (size_t left = bytes; left > 0;) {
        size_t taken = left < sizeof word ? left : sizeof word;
        word = 0;
        memcpy(&word, at, taken);
        state = mix(state, word);
        at += taken;
        left -= taken;
    }
    state = mix(state, bytes);
    ret_etag[0] = '"';
    for (int i = 0; i < 16; i++)
        ret_etag[1 + i] = digits[state >> (60 - 4 * i) & 15];
    memcpy(ret_etag + 17, "\"", 2);
}
