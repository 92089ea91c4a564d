/* SPDX-License-Identifier: MIT */
/* detail.c: recording and reading the texts behind failures. */
#include "runtime/detail.h"

#include "base/assert.h"
#include "runtime/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a thread that runs no task: the last failure, after a run or in an offloaded function. */
static __thread struct weir__detail of_thread;

void weir__detail_free(struct weir__detail *detail) { free(detail); }

void weir__details_free(struct weir__detail *first) {
    while (first != NULL) {
        struct weir__detail *next = first->next;
        free(first);
        first = next;
    }
}

void weir__detail_clear_thread(void) { of_thread.code = 0; }

static struct weir__detail **find(struct weir__task *task, int code) {
    struct weir__detail **place = &task->details;

    while (*place != NULL && (*place)->code != code)
        place = &(*place)->next;
    return *place != NULL ? place : NULL;
}

struct weir__detail *weir__detail_take(int code) {
    struct weir__task *task = weir__task_current();
    struct weir__detail *detail;

    if (task != NULL) {
        struct weir__detail **place = find(task, code);
        if (place == NULL)
            return NULL;
        detail = *place;
        *place = detail->next;
        return detail;
    }
    detail = weir__detail_copy_own(code);
    if (of_thread.code == code)
        of_thread.code = 0;
    return detail;
}

struct weir__detail *weir__detail_copy_own(int code) {
    struct weir__task *task = weir__task_current();

    if (task == NULL)
        return of_thread.code == code && code != 0 ? weir__detail_copy(&of_thread) : NULL;
    struct weir__detail **place = find(task, code);
    return place != NULL ? weir__detail_copy(*place) : NULL;
}

struct weir__detail *weir__detail_copy(const struct weir__detail *detail) {
    struct weir__detail *copy = detail == NULL ? NULL : malloc(sizeof *copy);

    if (copy != NULL) {
        *copy = *detail;
        copy->next = NULL;
    }
    return copy;
}

/* Put a detail first, and let the oldest beyond the bound go. */
static void keep(struct weir__task *task, struct weir__detail *detail) {
    struct weir__detail *last = detail;

    detail->next = task->details;
    detail->parks = task->parks;
    task->details = detail;
    for (unsigned kept = 1; kept < WEIR__DETAILS_KEPT && last->next != NULL; kept++)
        last = last->next;
    weir__details_free(last->next);
    last->next = NULL;
}

void weir__detail_give(struct weir__detail *detail) {
    struct weir__task *task = weir__task_current();

    if (detail == NULL)
        return;
    if (task != NULL) {
        keep(task, detail);
    } else {
        of_thread = *detail;
        of_thread.next = NULL;
        free(detail);
    }
}

/* Nothing has happened in between that the detail could be left over from. */
static bool is_fresh(const struct weir__detail *detail, const struct weir__task *task) {
    return detail->parks == task->parks;
}

/* The detail to write into: one of the same code is used again, else one is made. NULL: no memory. */
static struct weir__detail *place_for(int code, bool *ret_is_fresh_cause) {
    struct weir__task *task = weir__task_current();

    if (task == NULL) {
        *ret_is_fresh_cause = of_thread.code == code;
        return &of_thread;
    }
    struct weir__detail **found = find(task, code), *detail;
    if (found != NULL) {
        detail = *found;
        *found = detail->next;
    } else {
        detail = malloc(sizeof *detail);
        if (detail == NULL)
            return NULL;
    }
    *ret_is_fresh_cause = found != NULL && is_fresh(detail, task);
    keep(task, detail);
    return detail;
}

/* Inside a cancelled scope whose code this is: what the cancel was is the detail, unless a newer one is there. */
static void note_cancel(int code) {
    struct weir__task *task = weir__task_current();
    const struct weir__scope *by = task != NULL ? task->scope->cancelled_by : NULL;

    if (by == NULL || by->code != code)
        return;
    struct weir__detail **found = find(task, code);
    if (found == NULL || !is_fresh(*found, task)) {
        char text[WEIR__CANCEL_BYTES];
        weir__scope_describe(by, text);
        weir__fail_new(code, "%s", text);
    }
}

void weir__detail_tell_cancel(const struct weir__scope *scope) {
    struct weir__task *task = weir__task_current();
    struct weir__detail **found = find(task, scope->code);

    if (found != NULL && is_fresh(*found, task))
        return;
    if (found != NULL)
        weir__detail_free(weir__detail_take(scope->code));
    if (scope->cause != NULL) {
        char text[WEIR__CANCEL_BYTES];
        weir__scope_describe(scope, text);
        weir__fail_new(scope->code, "%s", text);
    }
}

/* What a peer sent may be part of a text, and must not make lines of its own in a log. */
static void show_control(char *text) {
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            *text = '?';
    }
}

static int record(int code, bool may_chain, const char *format, va_list list) {
    bool has_cause = false;
    char text[WEIR__DETAIL_BYTES];

    WEIR_ASSERT(code < 0);
    vsnprintf(text, sizeof text, format, list); /* first: what it is made of may be what it replaces */
    show_control(text);
    if (may_chain)
        note_cancel(code);
    struct weir__detail *detail = place_for(code, &has_cause);
    if (detail == NULL)
        return code;
    detail->code = code;
    size_t length = strlen(text);
    if (has_cause && may_chain && length + 2 < sizeof text)
        snprintf(text + length, sizeof text - length, ": %.*s", (int)(sizeof text - length - 3), detail->text);
    memcpy(detail->text, text, sizeof text);
    return code;
}

int weir_fail(int code, const char *format, ...) {
    va_list list;

    va_start(list, format);
    record(code, true, format, list);
    va_end(list);
    return code;
}

int weir__fail_new(int code, const char *format, ...) {
    va_list list;

    va_start(list, format);
    record(code, false, format, list);
    va_end(list);
    return code;
}

const char *weir_error_text(int code) {
    struct weir__task *task = weir__task_current();

    if (code >= 0)
        return weir_strerror(code);
    if (task == NULL)
        return of_thread.code == code ? of_thread.text : weir_strerror(code);
    note_cancel(code);
    struct weir__detail **found = find(task, code);
    return found != NULL ? (*found)->text : weir_strerror(code);
}
