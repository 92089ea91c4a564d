/* SPDX-License-Identifier: MIT */
/* list.h: a circular, doubly linked list whose links live in its members.
 * Invariant: a head and every member's link point at each other; a link that is on no list has next == NULL. */
#ifndef WEIR_SRC_BASE_LIST_H
#define WEIR_SRC_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct weir__link {
    struct weir__link *next, *prev;
};

/** The struct of type `type` whose field `field` is `*pointer`. */
#define WEIR__CONTAINER(pointer, type, field) ((type *)(void *)((char *)(pointer)-offsetof(type, field)))

static inline void weir__list_init(struct weir__link *head) { head->next = head->prev = head; }

static inline bool weir__list_is_empty(const struct weir__link *head) { return head->next == head; }

static inline bool weir__link_is_on(const struct weir__link *link) { return link->next != NULL; }

/** Put `link` right before `place`: at the end, when `place` is the head. */
static inline void weir__list_insert_before(struct weir__link *place, struct weir__link *link) {
    link->next = place;
    link->prev = place->prev;
    place->prev->next = link;
    place->prev = link;
}

static inline void weir__list_append(struct weir__link *head, struct weir__link *link) {
    weir__list_insert_before(head, link);
}

static inline void weir__list_remove(struct weir__link *link) {
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->next = link->prev = NULL;
}

/** The first link, taken off; NULL when empty. */
static inline struct weir__link *weir__list_take_first(struct weir__link *head) {
    struct weir__link *first = head->next;
    if (first == head)
        return NULL;
    weir__list_remove(first);
    return first;
}

#endif
