/* SPDX-License-Identifier: MIT */
/* etag.h: entity tags and the conditions made of them (RFC 9110, 8.8.3 and 13). */
#ifndef WEIR_SRC_HTTP_ETAG_H
#define WEIR_SRC_HTTP_ETAG_H

#include "http/chars.h"

enum weir__etag_comparison { WEIR__ETAG_WEAK, WEIR__ETAG_STRONG };

/** Whether this is an entity tag: "17" or W/"17", quotes included. */
bool weir__etag_is_valid(struct weir__span tag);

/** Whether the tag is on the list, or the list is "*". A malformed list holds what stands before its fault. */
bool weir__etag_is_listed(struct weir__span list, struct weir__span tag, enum weir__etag_comparison comparison);

/** What a request's conditions say about what it would get. */
enum weir__condition { WEIR__CONDITION_GO_ON, WEIR__CONDITION_NOT_MODIFIED, WEIR__CONDITION_FAILED };

/** The fields that conditions come in; `at` NULL: not there. */
struct weir__conditions {
    struct weir__span if_match, if_none_match, if_modified_since, if_unmodified_since;
    bool is_read; /* GET or HEAD */
};

/**
 * Weigh the conditions in the order of RFC 9110, 13.2.2.
 * @param etag      may be empty: none
 * @param modified  seconds since 1970; below 0: not known
 */
enum weir__condition weir__conditions_weigh(const struct weir__conditions *conditions, struct weir__span etag,
                                            int64_t modified);

#endif
