/* SPDX-License-Identifier: MIT */
/* detail.h: the texts behind failures. A task keeps its last few, by code, so that clean-up overwrites nothing
 * (SEMANTICS 12); a plain thread keeps one. */
#ifndef WEIR_SRC_RUNTIME_DETAIL_H
#define WEIR_SRC_RUNTIME_DETAIL_H

#include <stdarg.h>
#include <stdint.h>

enum { WEIR__DETAIL_BYTES = 512, WEIR__DETAILS_KEPT = 4 };

struct weir__detail {
    struct weir__detail *next; /* of the same task, older; or the next failure of a group */
    int code;
    unsigned untold_before; /* a group's: failures that it did not keep before this one */
    uint32_t parks;         /* of the task, when it was recorded: a cause is chained only while it is fresh */
    uint64_t task_id;
    char task[32];
    char text[WEIR__DETAIL_BYTES];
};

struct weir__task;
struct weir__scope;

/** Take the calling context's newest detail of `code`, to be freed or given; NULL: there is none, or no memory. */
struct weir__detail *weir__detail_take(int code);

/** A copy of what weir__detail_take would take, which stays where it is. */
struct weir__detail *weir__detail_copy_own(int code);

/** A copy, to be freed or given. @param detail  NULL gives NULL. @return NULL also without memory. */
struct weir__detail *weir__detail_copy(const struct weir__detail *detail);

/** Hand a detail to the running task, or else to the thread; NULL is fine. */
void weir__detail_give(struct weir__detail *detail);

/** As weir_fail, but what is recorded already is another matter, no cause: for a failure that begins here. */
int weir__fail_new(int code, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** The running task's report of a scope's own cancel, which it closes: what it has recorded since, else the cause. */
void weir__detail_tell_cancel(const struct weir__scope *scope);

void weir__detail_free(struct weir__detail *detail);

/** Forget what the thread has recorded; before a function of somebody's runs on it. */
void weir__detail_clear_thread(void);

/** Free all of a list. */
void weir__details_free(struct weir__detail *first);

#endif
